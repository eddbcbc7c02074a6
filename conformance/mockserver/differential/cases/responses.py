"""What a matched request gets: status line, header lines, body bytes, connection."""

import base64

from ..case import EXACT, STATUS, Case, control, expectation, register, send
from . import values

GROUP = "responses"


def answer(name, feature, grade, response, requests=None, register_check=STATUS, **fields):
    entry = {"httpRequest": {"path": "/s"}, "httpResponse": response, **fields}
    steps = [control("expectation", entry, register_check), *(requests or [send("GET", "/s")])]
    return Case(f"responses/{name}", GROUP, grade, steps, feature)


def cases(random):
    yield from status_cases()
    yield from header_cases(random)
    yield from cookie_cases()
    yield from body_cases(random)
    yield from connection_cases()
    yield from list_cases(random)
    yield from error_cases()
    yield from delay_cases()
    yield from request_cases()
    yield from newer_cases()


def status_cases():
    for status in (100, 101, 199, 200, 201, 202, 203, 204, 205, 206, 226, 299, 300, 301, 302, 303, 304, 307, 308, 399,
        400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423,
        424, 425, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 506, 507, 510, 511, 599, 600, 999, 1000,
        99, 1, 0, -1):
        plain = 200 <= status < 600
        requests = [send("GET", "/s", raw=not plain)] if not plain else [send("GET", "/s"), send("HEAD", "/s"),
            send("POST", "/s", body="x")]
        yield answer(f"status/{status}", "status", "CORE" if plain else "RARE", {"statusCode": status, "body": "b"},
            requests)
        if status in (200, 204, 304, 404, 500):
            yield answer(f"status-bare/{status}", "status", "CORE", {"statusCode": status}, requests)
    for number, phrase in enumerate(["OK", "Custom", "Two Words", "", " ", "ä", "a\r\nX: y", "1"]):
        yield answer(f"reason/{number}", "reason", "CORE" if number < 3 else "RARE",
            {"statusCode": 299, "reasonPhrase": phrase}, [send("GET", "/s", raw=number > 4)])
        yield answer(f"reason-known/{number}", "reason", "COMMON" if number < 3 else "RARE",
            {"statusCode": 404, "reasonPhrase": phrase}, [send("GET", "/s", raw=number > 4)])


def header_cases(random):
    sets = [
        {"X-One": ["a"]}, {"x-one": ["a"]}, {"X-ONE": ["a", "b"]}, {"X-One": "a"},
        [{"name": "X-One", "values": ["a", "b"]}], {"X-One": []}, {"X-One": [""]},
        {"X-One": ["a"], "x-one": ["b"]}, {"A": ["1"], "B": ["2"], "C": ["3"]}, {"B": ["2"], "A": ["1"]},
        {"Content-Type": ["text/html"]}, {"content-type": ["text/html; charset=utf-16"]},
        {"CONTENT-TYPE": ["application/json"]}, {"Content-Type": ["text/plain", "text/html"]},
        {"Content-Length": ["3"]}, {"content-length": ["1"]}, {"Content-Length": ["100"]}, {"Connection": ["close"]},
        {"connection": ["keep-alive"]}, {"Connection": ["Upgrade"]}, {"Transfer-Encoding": ["chunked"]},
        {"Content-Encoding": ["gzip"]}, {"Content-Encoding": ["identity"]},
        {"Date": ["Thu, 01 Jan 1970 00:00:00 GMT"]}, {"Server": ["x"]}, {"Set-Cookie": ["a=1; Path=/", "b=2"]},
        {"Location": ["/x?a=b"]}, {"WWW-Authenticate": ["Basic realm=\"x\""]}, {"ETag": ["\"a\""]},
        {"Vary": ["a, b"]},
        {"X-Ä": ["a"]}, {"X-One": ["ä"]}, {"X-One": [" a "]}, {"X-One": ["a\tb"]}, {"X One": ["a"]},
        {"X-One": ["a\nb"]}, {"X-One": ["a\r\nX-Two: b"]}, {"": ["a"]}, {"X:One": ["a"]}, {"!X-One": ["a"]},
        {"?X-One": ["a"]}, {"X-One": ["!a"]}, {"X-One": ["?a"]}, {"X-One": [{"value": "a"}]}, {"X-One": [1]},
        {"X-One": [".*"]}, {"X-One": [{"schema": {"type": "integer"}}]},
        {"keyMatchStyle": "MATCHING_KEY", "X-One": ["a"]}, {"Keep-Alive": ["timeout=5"]}, {"Trailer": ["x"]},
        {"Upgrade": ["h2c"]},
        {"X-Long": ["a" * 5000]}, {"version": ["1"]}, {"Access-Control-Allow-Origin": ["*"]},
    ]
    for number, headers in enumerate(sets):
        raw = number in (14, 15, 16, 18, 19, 20, 33, 35, 36, 37, 38)
        yield answer(f"headers/{number}", "headers", "CORE" if number < 14 else "COMMON" if number < 30 else "RARE",
            {"headers": headers, "body": "abc"}, [send("GET", "/s", raw=raw)])
    for number in range(30):
        headers = {}
        for _ in range(random.randint(1, 4)):
            name = random.choice(["X-One", "x-two", "X-THREE", "Content-Type", "ETag", "Cache-Control", "Link",
                "Set-Cookie"])
            headers[name] = [random.choice(["a", "b, c", "text/plain", "x=1",
                "\"q\""]) for _ in range(random.randint(1, 3))]
        yield answer(f"headers-random/{number}", "headers", "CORE",
            {"headers": headers, "body": random.choice(["b", {"a": 1}])})


def cookie_cases():
    sets = [{"a": "1"}, {"a": "1", "b": "2"}, {"b": "2", "a": "1"}, [{"name": "a", "value": "1"}], {"a": ""},
        {"a": "1 2"}, {"a": "1;2"}, {"a": "1,2"}, {"a": "\"1\""}, {"a": "ä"}, {"a": "1=2"}, {"a b": "1"}, {"": "1"},
        {"!a": "1"}, {"?a": "1"}, {"a": "!1"}, {"a": "x; Path=/"}, {"A": "1", "a": "2"}, {"a": "%20"}, {"a": "a\\b"},
        {"a": "1\n2"}]
    for number, cookies in enumerate(sets):
        yield answer(f"cookies/{number}", "cookies", "CORE" if number < 6 else "COMMON", {"cookies": cookies})
        yield answer(f"cookies-and-header/{number}", "cookies", "COMMON",
            {"cookies": cookies, "headers": {"Set-Cookie": ["z=9; Path=/", "a=header"]}, "body": "b"})
    yield answer("cookies-request", "cookies", "COMMON", {"cookies": {"a": "1"}},
        [send("GET", "/s", [("Cookie", "a=1; c=2")])])


def body_cases(random):
    texts = ["", "text", "ä€😀", "a\nb\r\n", "{\"a\": 1.00}", "<a/>", "!text", "?text", "\u0000", "x" * 20000, "[1]",
        "null"]
    bodies = list(texts)
    bodies += [{"type": "STRING", "string": text} for text in texts[:6]]
    bodies += [{"type": "STRING", "string": "ä€", "contentType": kind} for kind in ("text/plain",
        "text/plain; charset=utf-8", "text/plain; charset=iso-8859-1", "text/plain; charset=UTF-16",
        "text/plain; charset=utf-16le", "text/plain;charset=\"utf-8\"", "text/plain; charset=nonsense",
        "text/plain; charset=us-ascii", "text/plain; charset=windows-1252", "application/json", "nonsense", "",
        "text/html; charset=utf-32", "text/plain; charset=koi8-r", "text/plain; charset=gbk",
        "text/plain; charset=shift_jis")]
    bodies += [{"a": 1}, {"a": [1, 2, {"b": None}], "c": {}, "d": []}, [], {}, [1, "a", True], [[1], [2, [3]]],
        {"ä": "€/\"\\\n\u0001\u2028"}, {"n": 1.50, "m": 1e10, "k": 12345678901234567890, "z": -0.0},
        [{"a": 1}, {"b": 2}], {"a": ""}, {"type2": "x"}]
    bodies += [{"type": "JSON", "json": value} for value in ({"a": 1}, "{\"a\":  0.00}", "[1 , 2]", "not json", "",
        [1], 5, True, None, "\"x\"", "5")]
    bodies += [{"type": "JSON", "json": {"a": "ä"}, "contentType": kind} for kind in ("application/json",
        "application/hal+json", "application/json; charset=utf-16", "application/json; charset=iso-8859-1",
        "text/plain")]
    bodies += [{"type": "XML", "xml": "<a>ä</a>"}, {"type": "XML", "xml": "<a>ä</a>", "contentType": "text/xml"},
        {"type": "XML", "xml": "<a>ä</a>", "contentType": "application/xml; charset=iso-8859-1"},
        {"type": "XML", "xml": "no xml"}]
    bodies += [{"type": "BINARY", "base64Bytes": base64.b64encode(data).decode()} for data in (b"", b"abc",
        bytes(range(256)))] + [{"type": "BINARY", "base64Bytes": "YWJj", "contentType": "image/png"},
        {"type": "BINARY", "base64Bytes": "###"}, {"base64Bytes": "YWJj"}]
    bodies += [{"type": "PARAMETERS", "parameters": {"a": ["1", "ä b"], "c": ["&="]}},
        {"type": "REGEX", "regex": "a.*"}, {"type": "JSON_SCHEMA", "jsonSchema": {"type": "object"}},
        {"type": "JSON_PATH", "jsonPath": "$.a"}, {"type": "XPATH", "xpath": "/a"},
        {"type": "FILE", "filePath": "/nowhere/none.txt"}, {"string": "x"}, {"json": {"a": 1}}, {"xml": "<a/>"},
        {"not": True, "string": "x"}]
    for number, body in enumerate(bodies):
        grade = "CORE" if number < 12 or isinstance(body,
            (str, list)) or (isinstance(body, dict) and "type" not in body) else "COMMON"
        yield answer(f"body/{number}", "bodies", grade, {"body": body}, [send("GET", "/s"), send("HEAD", "/s")])
        yield answer(f"body-typed/{number}", "bodies", "COMMON",
            {"body": body,
            "headers": {"Content-Type": ["text/plain; charset=iso-8859-1" if number % 2 else "application/json"]}})
    for number in range(60):
        body = values.json_value(random)
        if not isinstance(body, (dict, list)):
            body = {"a": body}
        yield answer(f"body-json/{number}", "bodies", "CORE",
            {"body": body if number % 3 else {"type": "JSON", "json": body}})


def connection_cases():
    options = [
        {"suppressContentLengthHeader": True}, {"contentLengthHeaderOverride": 2},
        {"contentLengthHeaderOverride": 10}, {"contentLengthHeaderOverride": 0},
        {"suppressConnectionHeader": True}, {"keepAliveOverride": True}, {"keepAliveOverride": False},
        {"closeSocket": True}, {"closeSocket": False},
        {"closeSocket": True, "closeSocketDelay": {"timeUnit": "MILLISECONDS", "value": 50}}, {"chunkSize": 2},
        {"chunkSize": 100}, {"chunkSize": 0}, {"chunkSize": 1}, {"chunkSize": -1},
        {"suppressContentLengthHeader": True, "suppressConnectionHeader": True},
        {"suppressContentLengthHeader": True, "closeSocket": True},
        {"chunkSize": 3, "suppressContentLengthHeader": True},
        {"chunkSize": 2, "chunkDelay": {"timeUnit": "MILLISECONDS", "value": 20}},
        {"keepAliveOverride": False, "closeSocket": False}, {},
    ]
    for number, option in enumerate(options):
        for name, headers in (("plain", []), ("close", [("Connection", "close")]),
            ("keep-alive", [("Connection", "keep-alive")])):
            yield answer(f"connection/{number}/{name}", "connection options", "RARE",
                {"body": "abcde", "connectionOptions": option}, [send("GET", "/s", headers, raw=True)])


def list_cases(random):
    texts = [{"body": f"r{index}", "statusCode": 200 + index} for index in range(4)]
    get = [send("GET", "/s") for _ in range(9)]

    def lists(name, fields, requests=get, grade="COMMON"):
        entry = {"httpRequest": {"path": "/s"}, **fields}
        return Case(f"responses/lists/{name}", GROUP, grade, [control("expectation", entry, STATUS), *requests],
            "response lists")

    for count in (1, 2, 3, 4):
        yield lists(f"default/{count}", {"httpResponses": texts[:count]})
        yield lists(f"sequential/{count}", {"httpResponses": texts[:count], "responseMode": "SEQUENTIAL"})
        yield lists(f"sequential-times/{count}", {"httpResponses": texts[:count], "times": {"remainingTimes": 5}})
        for after in (1, 2, 3):
            yield lists(f"switch/{count}/{after}",
                {"httpResponses": texts[:count], "responseMode": "SWITCH", "switchAfter": after}, grade="RARE")
    yield lists("empty", {"httpResponses": []})
    yield lists("switch-without", {"httpResponses": texts[:2], "responseMode": "SWITCH"}, grade="RARE")
    yield lists("random-one", {"httpResponses": texts[:1], "responseMode": "RANDOM"})
    yield lists("weighted-one", {"httpResponses": texts[:1], "responseMode": "WEIGHTED", "responseWeights": [3]},
        grade="RARE")
    yield lists("weighted-mismatch", {"httpResponses": texts[:1], "responseMode": "WEIGHTED",
        "responseWeights": [1, 2]}, grade="RARE")
    yield lists("bad-mode", {"httpResponses": texts[:2], "responseMode": "OTHER"}, [])
    yield lists("with-response", {"httpResponses": texts[:2], "httpResponse": {"body": "single"}})
    for share in (0, 100, 101, -1):
        yield lists(f"percentage/{share}", {"httpResponse": {"body": "b"}, "percentage": share}, get[:4], "RARE")
    for times in (0, 1, 2):
        yield lists(f"recover/{times}", {"httpResponse": {"body": "b", "recoverAfter": {"failTimes": times}}},
            get[:5], "RARE")
    yield lists("recover-own", {"httpResponse": {"body": "b",
        "recoverAfter": {"failTimes": 1, "failResponse": {"statusCode": 429, "body": "slow"}}}}, get[:3], "RARE")
    keyed = [send("GET", "/s", [("Idempotency-Key", key)]) for key in "aabab"]
    yield lists("recover-keyed", {"httpResponse": {"body": "b",
        "recoverAfter": {"failTimes": 1, "idempotencyHeader": "Idempotency-Key"}}}, keyed, "RARE")


def error_cases():
    raw = base64.b64encode(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").decode()
    for number, error in enumerate([
        {"dropConnection": True}, {"dropConnection": False}, {"responseBytes": raw},
        {"responseBytes": raw, "dropConnection": True},
        {"responseBytes": base64.b64encode(b"garbage").decode(), "dropConnection": True},
        {"responseBytes": "", "dropConnection": True}, {},
        {"dropConnection": True, "delay": {"timeUnit": "MILLISECONDS", "value": 50}},
        {"responseBytes": "###", "dropConnection": True}, {"streamError": 1},
    ]):
        steps = [control("expectation", {"httpRequest": {"path": "/s"}, "httpError": error}, STATUS),
            send("GET", "/s", raw=True)]
        yield Case(f"responses/error/{number}", GROUP, "COMMON", steps, "error actions")


def delay_cases():
    delays = [{"timeUnit": "MILLISECONDS", "value": 5}, {"timeUnit": "MICROSECONDS", "value": 5},
        {"timeUnit": "NANOSECONDS", "value": 5}, {"timeUnit": "SECONDS", "value": 0}, {"value": 0},
        {"timeUnit": "MILLISECONDS"}, {}, {"timeUnit": "MILLISECONDS", "value": -5},
        {"distribution": {"type": "UNIFORM", "min": 1, "max": 5}},
        {"distribution": {"type": "GAUSSIAN", "mean": 3, "stdDev": 1}},
        {"distribution": {"type": "LOG_NORMAL", "median": 2, "p99": 5}},
        {"distribution": {"type": "UNIFORM", "min": 5, "max": 1}}, {"distribution": {"type": "UNIFORM"}},
        {"distribution": {}}, {"template": "5", "templateType": "MUSTACHE"}]
    for number, delay in enumerate(delays):
        yield answer(f"delay/{number}", "delays", "COMMON", {"body": "b", "delay": delay},
            register_check=EXACT if number < 0 else STATUS)


def request_cases():
    """Odd requests to a plain expectation, and to none."""
    requests = [
        ("get", [], None), ("GET", [("Connection", "close")], None),
        ("GET", [("Expect", "100-continue"), ("Content-Length", "2")], "hi"),
        ("POST", [("Transfer-Encoding", "chunked")], b"2\r\nhi\r\n0\r\n\r\n"),
        ("POST", [("Content-Encoding", "identity")], "hi"), ("GET", [("Accept-Encoding", "gzip")], None),
        ("GET", [("Accept-Encoding", "gzip, deflate, br")], None), ("OPTIONS", [], None), ("TRACE", [], None),
        ("PURGE", [], None), ("PROPFIND", [], None), ("HEAD", [], None), ("DELETE", [], "body"),
        ("GET", [("If-None-Match", "\"a\"")], None), ("GET", [("Range", "bytes=0-0")], None),
        ("GET", [("Upgrade", "h2c"), ("Connection", "Upgrade")], None), ("GET", [("Origin", "http://a")], None),
    ]
    for number, (method, headers, body) in enumerate(requests):
        raw = method in ("get", "PURGE", "PROPFIND") or "Upgrade" in dict(headers)
        for path in ("/s", "/none"):
            yield answer(f"request/{number}{path}", "odd requests", "COMMON", {"body": "abc"},
                [send(method, path, headers, body, raw=raw)])
    yield Case("responses/unmatched", GROUP, "CORE",
        [send(method, "/none", body=body) for method,
        body in (("GET", None), ("POST", "x"), ("PUT", None), ("HEAD", None), ("DELETE", None), ("OPTIONS", None),
        ("PATCH", "{}"))], "no match")


def newer_cases():
    """Limits, chaos and scenarios, where they are deterministic."""
    get = [send("GET", "/s") for _ in range(5)]
    for number, fields in enumerate([
        {"rateLimit": {"limit": 2, "windowMillis": 60000}}, {"rateLimit": {"limit": 0, "windowMillis": 60000}},
        {"chaos": {"errorStatus": 503, "errorProbability": 1.0}},
        {"chaos": {"errorStatus": 503, "errorProbability": 0.0}},
        {"chaos": {"errorStatus": 503, "errorProbability": 1.0, "succeedFirst": 1, "failRequestCount": 2,
            "retryAfter": "7"}}, {"chaos": {"truncateBodyAtFraction": 0.5}}, {"chaos": {"malformedBody": True}},
        {"chaos": {"quotaName": "q", "quotaLimit": 2, "quotaWindowMillis": 60000}},
        {"chaos": {"quotaName": "q", "quotaLimit": 1, "quotaWindowMillis": 60000, "quotaErrorStatus": 430}},
        {"namespace": "n"},
    ]):
        checks = [send("GET", "/s", check=STATUS) for _ in range(4)] if "rateLimit" in fields else get
        yield answer(f"newer/{number}", "chaos, limits, namespaces", "RARE", {"body": "abcdef"}, checks, **fields)
    spaced = [send("GET", "/s"), send("GET", "/s", [("X-MockServer-Namespace", "n")]),
        send("GET", "/s", [("X-MockServer-Namespace", "m")])]
    yield answer("namespace", "chaos, limits, namespaces", "RARE", {"body": "b"}, spaced, namespace="n")
    yield answer("trailers", "chaos, limits, namespaces", "RARE", {"body": "b", "trailers": {"X-T": ["1"]}},
        [send("GET", "/s", raw=True)])
    yield answer("range-2xx", "chaos, limits, namespaces", "RARE", {"body": "b", "statusCodeRange": "2XX"}, get[:1])
