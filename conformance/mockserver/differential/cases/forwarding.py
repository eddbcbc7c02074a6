"""Forwards, overridden forwards, and proxying by the Host header, to the runner's own echo server."""

import json

from ..case import EXACT, STATUS, Case, control, expectation, register, send

GROUP = "forwarding"
HOST = {"host": "127.0.0.1", "port": "@@ECHO@@"}
ECHO_HOST = "127.0.0.1:@@ECHO@@"


def with_echo(value):
    """The JSON text of a value, in which the quoted echo port becomes a number."""
    return json.dumps(value, ensure_ascii=False).replace('"@@ECHO@@"', "@@ECHO@@")


def one(name, feature, grade, action, requests, then=()):
    steps = [control("expectation", with_echo({"id": "f1", "httpRequest": {}, **action}), STATUS), *requests, *then]
    return Case(f"forwarding/{name}", GROUP, grade, steps, feature)


def cases(random):
    yield from plain_cases()
    yield from failing_cases()
    yield from override_cases()
    yield from template_cases()
    yield from proxy_cases()
    yield from record_cases()


REQUESTS = [
    ("GET", "/p", [], None), ("GET", "/p?a=1&a=2&b=%C3%A4", [], None), ("GET", "/p?a=b+c&d", [], None),
    ("GET", "/p%20q", [], None), ("POST", "/p", [("Content-Type", "application/json")], '{"a": 1.00}'),
    ("POST", "/p", [], "bare"), ("PUT", "/p", [("Content-Type", "text/plain; charset=utf-8")], "ä"),
    ("POST", "/p", [("Content-Type", "application/octet-stream")], b"\x00\xff\xfe"), ("DELETE", "/p", [], None),
    ("HEAD", "/p", [], None), ("OPTIONS", "/p", [], None), ("PATCH", "/p", [], "x"),
    ("GET", "/p", [("X-Id", "a"), ("x-id", "b")], None), ("GET", "/p", [("Cookie", "a=1; b=2")], None),
    ("GET", "/p", [("Accept", "*/*"), ("User-Agent", "t")], None),
    ("GET", "/p", [("Accept-Encoding", "br")], None), ("GET", "/p", [("Connection", "close")], None),
    ("GET", "/p", [("Connection", "keep-alive, X-Hop"), ("X-Hop", "1")], None),
    ("GET", "/p", [("TE", "trailers"), ("Keep-Alive", "1"), ("Proxy-Connection", "x"), ("Upgrade", "x")], None),
    ("GET", "/p", [("Authorization", "Basic YTpi")], None), ("GET", "/p", [("X-Forwarded-For", "1.2.3.4")], None),
    ("POST", "/p", [("Content-Type", "application/x-www-form-urlencoded")], "a=1&b=2"),
    ("GET", "/status/404", [], None), ("GET", "/status/500", [], None), ("GET", "/status/204", [], None),
    ("GET", "/status/301", [], None), ("GET", "/status/299", [], None), ("GET", "/gzip", [], None),
    ("GET", "/gzip", [("Accept-Encoding", "gzip")], None), ("GET", "/cookies", [], None),
    ("GET", "/cased", [], None), ("GET", "/plain", [], None), ("GET", "/untyped", [], None),
    ("GET", "/binary", [], None), ("GET", "/chunked", [], None), ("HEAD", "/plain", [], None),
]


def plain_cases():
    for number, (method, target, headers, body) in enumerate(REQUESTS):
        yield one(f"plain/{number}", "httpForward", "COMMON", {"httpForward": HOST},
            [send(method, target, headers, body)])
    for number, forward in enumerate([{**HOST, "scheme": "HTTP"},
        {**HOST, "delay": {"timeUnit": "MILLISECONDS", "value": 20}}, {"host": "localhost", "port": "@@ECHO@@"},
        {**HOST, "scheme": "FTP"}, {"port": "@@ECHO@@"}, {"host": "", "port": "@@ECHO@@"}]):
        yield one(f"option/{number}", "httpForward", "COMMON", {"httpForward": forward},
            [send("GET", "/p")] if number < 3 else [])


def failing_cases():
    for number, forward in enumerate([{"host": "127.0.0.1", "port": 1}, {"host": "no-such-host.invalid", "port": 80},
        {"host": "127.0.0.1", "port": 99999}, {"host": "127.0.0.1", "port": 0}, {"host": "127.0.0.1", "port": -1}]):
        yield one(f"failing/{number}", "failing forwards", "COMMON", {"httpForward": forward},
            [send("GET", "/p")] if number != 1 else [])


OVERRIDES = [
    {"path": "/other"}, {"path": "/other", "queryStringParameters": {"x": ["1", "2"]}},
    {"queryStringParameters": {"a": ["9"]}}, {"method": "POST", "body": "new"}, {"body": {"a": [1, 2.50]}},
    {"body": {"type": "BINARY", "base64Bytes": "AP8="}}, {"headers": {"X-Id": ["new"]}},
    {"headers": {"X-Id": ["new"], "Extra": ["1", "2"]}}, {"headers": {"Accept": []}}, {"cookies": {"c": "3"}},
    {"cookies": {"a": "changed"}}, {"path": ""}, {"path": "/cased"}, {"keepAlive": False}, {"method": "DELETE"},
    {"body": ""}, {"path": "no-slash"}, {"headers": {"Content-Type": ["text/plain; charset=utf-16"]},
        "body": "ä"},
]
RESPONSES = [
    {"statusCode": 201}, {"body": "replaced"}, {"headers": {"Content-Type": ["text/x"]}},
    {"headers": {"X-Extra": ["1", "2"]}}, {"cookies": {"z": "1"}},
    {"statusCode": 299, "reasonPhrase": "Mine", "body": {"a": 1}}, {"reasonPhrase": "Mine"}, {},
    {"statusCode": 204}, {"delay": {"timeUnit": "MILLISECONDS", "value": 10}, "body": "x"},
    {"connectionOptions": {"closeSocket": True}, "body": "x"},
]


def target(override):
    return {**override, "socketAddress": {**HOST, "scheme": "HTTP"}}


def override_cases():
    sent = [("GET", "/p?a=1", [("X-Id", "old"), ("Accept", "x/y"), ("Cookie", "a=1; b=2")], None),
        ("POST", "/p", [("Content-Type", "text/plain")], "original")]
    for number, override in enumerate(OVERRIDES):
        for index, (method, path, headers, body) in enumerate(sent):
            for name in ("requestOverride", "httpRequest"):
                if name == "httpRequest" and number % 4:
                    continue
                yield one(f"override/{number}/{index}/{name}", "overridden request", "COMMON",
                    {"httpOverrideForwardedRequest": {name: target(override)}}, [send(method, path, headers, body)])
    for number, response in enumerate(RESPONSES):
        for path in ("/p", "/cased", "/cookies", "/gzip"):
            yield one(f"response{path}/{number}", "overridden response", "COMMON",
                {"httpOverrideForwardedRequest": {"requestOverride": target({}), "responseOverride": response}},
                [send("GET", path)])
    modifiers = [
        {"path": {"regex": "^/(.+)$", "substitution": "/prefix/$1"}}, {"path": {"regex": "p", "substitution": "q"}},
        {"path": {"regex": "(", "substitution": "x"}}, {"queryStringParameters": {"add": {"b": ["2"]}}},
        {"queryStringParameters": {"replace": {"a": ["9"]}}}, {"queryStringParameters": {"remove": ["a"]}},
        {"headers": {"add": {"X-Id": ["more"]}, "replace": {"Accept": ["new"]}, "remove": ["Cookie"]}},
        {"headers": {"replace": {"Absent": ["1"]}}},
        {"cookies": {"add": {"c": "3"}, "replace": {"a": "9"}, "remove": ["b"]}}, {},
    ]
    for number, modifier in enumerate(modifiers):
        yield one(f"request-modifier/{number}", "modifiers", "COMMON",
            {"httpOverrideForwardedRequest": {"requestOverride": target({}), "requestModifier": modifier}},
            [send(*sent[0][:3])])
    for number, modifier in enumerate([{"headers": {"add": {"X-Add": ["1"]}}},
        {"headers": {"replace": {"Content-Type": ["x/y"]}}}, {"headers": {"remove": ["X-MiXed-Case"]}},
        {"headers": {"remove": ["etag"]}}, {"cookies": {"add": {"n": "1"}}}, {"cookies": {"replace": {"a": "9"}}},
        {"cookies": {"remove": ["b"]}}, {"jsonPatch": [{"op": "replace", "path": "/method", "value": "X"}]},
        {"jsonMergePatch": {"method": None}}, {"condition": {"statusCode": 200},
        "headers": {"add": {"X-Add": ["1"]}}}, {"condition": {"statusCode": 500},
        "headers": {"add": {"X-Add": ["1"]}}}]):
        for path in ("/p", "/cased", "/cookies"):
            yield one(f"response-modifier{path}/{number}", "modifiers", "COMMON",
                {"httpOverrideForwardedRequest": {"requestOverride": target({}), "responseModifier": modifier}},
                [send("GET", path)])
    yield one("override-host", "overridden request", "COMMON",
        {"httpOverrideForwardedRequest": {"requestOverride": {"headers": {"Host": [ECHO_HOST]}, "path": "/plain"}}},
        [send("GET", "/p")])
    yield one("override-none", "overridden request", "COMMON",
        {"httpOverrideForwardedRequest": {"requestOverride": target({})}}, [send("GET", "/p")])
    yield one("override-refused", "overridden request", "COMMON",
        {"httpOverrideForwardedRequest": {"requestOverride": {"socketAddress": {"host": "127.0.0.1", "port": 1}}}},
        [send("GET", "/p")])


def template_cases():
    texts = [
        ("VELOCITY", "{'path':'/t','headers':{'Host':['" + ECHO_HOST + "']},'method':'$request.method'}"),
        ("VELOCITY",
            "{'path':'$!request.path','queryStringParameters':{'q':['1']},'headers':{'Host':['" + ECHO_HOST + "'],'X-T':['$!request.headers[\"X-Id\"][0]']},'body':'b'}"),
        ("MUSTACHE", "{'path':'/t{{request.path}}','headers':{'Host':['" + ECHO_HOST + "']}}"),
        ("MUSTACHE", "{'path':'/t','method':'POST','body':{'a':1},'headers':{'Host':['" + ECHO_HOST + "']}}"),
        ("MUSTACHE", "{'path':'/t','socketAddress':{'host':'127.0.0.1','port':@@ECHO@@,'scheme':'HTTP'}}"),
        ("MUSTACHE", "not a request"),
    ]
    for number, (engine, text) in enumerate(texts):
        yield one(f"template/{number}", "forward templates", "COMMON",
            {"httpForwardTemplate": {"templateType": engine, "template": text}}, [send("GET", "/p", [("X-Id", "a")])])


def proxy_cases():
    """No expectation, and a Host header that names the echo server."""
    for number, (method, path, headers, body) in enumerate(REQUESTS):
        steps = [send(method, path, [("Host", ECHO_HOST), *headers], body)]
        yield Case(f"forwarding/proxy/{number}", GROUP, "COMMON", steps, "proxying by Host")
    for number, (path, headers) in enumerate([("http://" + ECHO_HOST + "/absolute?a=1", [("Host", ECHO_HOST)]),
        ("http://" + ECHO_HOST + "/absolute", []), ("http://127.0.0.1:1/x", [("Host", "127.0.0.1:1")]),
        ("/x", [("Host", "127.0.0.1:1")])]):
        yield Case(f"forwarding/absolute/{number}", GROUP, "COMMON", [send("GET", path, headers)], "proxying by Host")
    mocked = [register(expectation({"path": "/absolute"}, "mocked")),
        send("GET", "http://" + ECHO_HOST + "/absolute", [("Host", ECHO_HOST)]),
        control("retrieve?type=requests", check=STATUS)]
    yield Case("forwarding/absolute/mocked", GROUP, "COMMON", mocked, "proxying by Host")


def record_cases():
    """What is remembered of forwarded exchanges."""
    for number, (method, path, headers, body) in enumerate(REQUESTS[:10] + REQUESTS[24:]):
        then = [control(f"retrieve?type={kind}") for kind in ("requests", "request_responses", "recorded_expectations")]
        yield one(f"recorded/{number}", "records of forwards", "COMMON", {"httpForward": HOST},
            [send(method, path, headers, body, check=STATUS)], then)
    replay = [send("GET", "/plain", check=STATUS),
        control("verify", {"httpRequest": {"path": "/plain"}, "times": {"atLeast": 1}}),
        control("verify", {"httpRequest": {"path": "/plain"}, "disposition": "FORWARDED", "times": {"atLeast": 1}}),
        control("verify", {"httpRequest": {"path": "/plain"}, "disposition": "MOCKED", "times": {"atLeast": 1}},
        STATUS), control("retrieve?type=recorded_expectations", {"path": "/none"}), control("clear?type=log"),
        control("retrieve?type=recorded_expectations")]
    yield one("recorded/verify", "records of forwards", "COMMON", {"httpForward": HOST}, replay)
