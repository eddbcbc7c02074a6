"""Registering expectations: what is accepted, how it is echoed, what is refused."""

import json

from ..case import EXACT, FIRST_LINE, STATUS, Case, control, expectation, register, send
from . import bodies, values

GROUP = "registration"


def cases(random):
    return (with_own_ids(case) for case in all_cases(random))


def with_own_ids(case):
    """Gives the case ids of its own: a long-used 8.0.0 may list an earlier expectation again when its id comes back."""
    own = ("x1-" + case.name).encode()
    for step in case.steps:
        step.body = step.body.replace(b'"x1"', b'"%s"' % own).replace(b"'x1'", b"'%s'" % own)
    return case


def all_cases(random):
    yield from syntax_cases(random)
    yield from lenient_cases()
    yield from wrong_type_cases(random)
    yield from unknown_field_cases()
    yield from echo_cases(random)
    yield from random_echo_cases(random)
    yield from identity_cases(random)
    yield from address_cases()


def one(name, feature, grade, body, check=EXACT, then=(), headers=()):
    return Case(f"registration/{name}", GROUP, grade, [control("expectation", body, check, headers=headers), *then],
        feature)


GOOD = '{"id":"x1","httpRequest":{"path":"/r"},"httpResponse":{"body":"b"}}'


def syntax_cases(random):
    texts = [
        "", " ", "\n", "null", "true", "1", '"text"', "[]", "[[]]", "[null]", "{}", "[{}]", "[{},{}]", "{", "}", "[",
        "]", "{]", '{"', '{"a', '{"httpRequest"', '{"httpRequest":', '{"httpRequest":{', "not json", "<xml/>",
        "a=b", "\x00", "\ufeff" + GOOD,
        GOOD + "x", GOOD + " {}", GOOD + "]", GOOD[:-1], GOOD[1:], GOOD.replace(":", "", 1), GOOD.replace(",", "", 1),
        GOOD.replace('"', "", 1), "[" + GOOD, "[" + GOOD + ",", "[" + GOOD + ",]", "[," + GOOD + "]",
        "[" + GOOD + " " + GOOD + "]", "[" + GOOD + ",1]", "[" + GOOD + ',"x"]', "[" + GOOD + ",null]",
        "[" + GOOD + ",{}]", "[" + GOOD + ",[" + GOOD + "]]",
        "[" * 300 + "]" * 300, '{"a":' * 300 + "1" + "}" * 300, '""', "''", "undefined", "NaN", "-", "+1", "01", "1.",
        ".5", "1e", "//c", "/* c */", "/* c", "#c\n",
    ]
    for number, text in enumerate(texts):
        yield one(f"syntax/{number}", "malformed text", "CORE", text, STATUS,
            [send("GET", "/r"), control("retrieve?type=active_expectations")])
    exact = ["", "[]", " ", "null", '""']
    for number, text in enumerate(exact):
        yield one(f"empty/{number}", "nothing to register", "CORE", text, EXACT)
    for number in range(60):
        text = GOOD if random.random() < 0.5 else json.dumps([expectation({"path": "/r", "headers": {"a": ["b"]}},
            "x")])
        place = random.randrange(len(text))
        kind = random.randrange(4)
        broken = text[:place] + ["", random.choice('{}[],:"'), "\\", "\n"][kind] + text[place + (kind < 2) :]
        yield one(f"broken/{number}", "malformed text", "COMMON", broken, STATUS, [send("GET", "/r")])
    for number, data in enumerate([b"\xff\xfe", GOOD.encode("utf-16"),
        GOOD.replace("b\"}", "\xe4\"}").encode("latin-1"), b'{"id":"\xed\xa0\x80"}',
        GOOD.replace('"b"', '"\\ud800"').encode(), GOOD.replace('"b"', '"\\u00e4\\n\\t\\u0001"').encode()]):
        yield one(f"encoding/{number}", "encoding", "RARE", data, STATUS, [send("GET", "/r")])


def lenient_cases():
    texts = [
        "// c\n" + GOOD, "/* c */" + GOOD, "# c\n" + GOOD, GOOD[:-1] + ",}", "[" + GOOD + ",]",
        GOOD.replace('"', "'"), "{httpRequest:{path:'/r'},httpResponse:{body:'b'}}",
        '{"httpRequest":{"path":"/r",},"httpResponse":{"body":"b",},}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"body":"a\nb"}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"body":"a\tb"}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"statusCode":0200}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"body":"a\\qb"}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"statusCode":+201}}',
        '{"HTTPREQUEST":{"PATH":"/r"},"HttpResponse":{"Body":"b"}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"body":"b"},"timeToLive":{"timeUnit":"seconds","timeToLive":5}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"delay":{"timeUnit":"Milliseconds","value":1}}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"statusCode":"201"}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"statusCode":201.0}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"statusCode":2e2}}',
        '{"httpRequest":{"path":"/r","secure":"true"},"httpResponse":{"body":"b"}}',
        '{"httpRequest":{"path":"/r"},"priority":"3","httpResponse":{"body":"b"}}',
        '{"httpRequest":{"path":"/r"},"priority":1.5,"httpResponse":{"body":"b"}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"body":"a"},"httpResponse":{"body":"b"}}',
        '{"httpRequest":{"path":"/x","path":"/r"},"httpResponse":{"body":"b"}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"body":NaN}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"body":1}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"body":true}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"body":[1,,2]}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"body":{"a":1.0,"b":1e3,"c":12345678901234567890,"d":0.10,"e":-0,"f":"\\u00e4\\/"}}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":"b"}', '{"httpRequest":"/r","httpResponse":{"body":"b"}}',
        '{"httpRequest":[],"httpResponse":{"body":"b"}}', '{"httpRequest":null,"httpResponse":{"body":"b"}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":null}', '{"httpRequest":{"path":"/r"},"httpResponse":{}}',
        '{"httpResponse":{}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"body":null}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"statusCode":null}}',
        '{"httpRequest":{"path":"/r"},"httpResponse":{"headers":null}}',
        '{"httpRequest":{"path":"/r"},"id":null,"httpResponse":{"body":"b"}}',
        '{"httpRequest":{"path":"/r"},"times":null,"httpResponse":{"body":"b"}}',
        '{"httpRequest":{"path":"/r"},"timestamp":"x","httpResponse":{"body":"b"}}',
        '{"httpRequest":{"path":"/r"},"id":"","httpResponse":{"body":"b"}}',
        '{"httpRequest":{"path":"/r"},"id":5,"httpResponse":{"body":"b"}}',
    ]
    for number, text in enumerate(texts):
        yield one(f"lenient/{number}", "lenient reading", "CORE" if number < 8 else "COMMON", text, FIRST_LINE,
            [send("GET", "/r"), control("retrieve?type=active_expectations")])


STRANGERS = [1, -1, 1.5, "text", "", True, None, [], {}, ["a"], {"a": 1}, [[]], 10**20]


def place(path, value):
    """An otherwise good expectation with the value at the dotted path."""
    entry = expectation({"path": "/r"}, "b", id="x1")
    inner, parts = entry, path.split(".")
    for part in parts[:-1]:
        if not isinstance(inner.setdefault(part, {}), dict):
            inner[part] = {}
        inner = inner[part]
    inner[parts[-1]] = value
    return entry


FIELDS = {
    "id": "CORE", "priority": "CORE", "httpRequest": "CORE", "httpResponse": "CORE", "times": "CORE",
    "timeToLive": "COMMON", "times.remainingTimes": "CORE", "times.unlimited": "CORE",
    "timeToLive.timeUnit": "COMMON", "timeToLive.timeToLive": "COMMON", "timeToLive.unlimited": "COMMON",
    "percentage": "RARE", "scenarioName": "RARE", "httpResponses": "RARE", "responseMode": "RARE",
    "httpRequest.method": "CORE", "httpRequest.path": "CORE", "httpRequest.queryStringParameters": "CORE",
    "httpRequest.headers": "CORE", "httpRequest.cookies": "CORE", "httpRequest.pathParameters": "COMMON",
    "httpRequest.body": "CORE", "httpRequest.secure": "COMMON", "httpRequest.keepAlive": "COMMON",
    "httpRequest.protocol": "RARE", "httpRequest.headers.a": "COMMON", "httpRequest.cookies.a": "COMMON",
    "httpRequest.queryStringParameters.a": "COMMON",
    "httpResponse.statusCode": "CORE", "httpResponse.reasonPhrase": "CORE", "httpResponse.headers": "CORE",
    "httpResponse.cookies": "CORE", "httpResponse.body": "CORE", "httpResponse.delay": "COMMON",
    "httpResponse.delay.timeUnit": "COMMON", "httpResponse.delay.value": "COMMON",
    "httpResponse.connectionOptions": "RARE", "httpResponse.connectionOptions.closeSocket": "RARE",
    "httpResponse.connectionOptions.chunkSize": "RARE", "httpResponse.headers.a": "COMMON",
    "httpResponse.body.type": "COMMON",
    "httpRequest.body.type": "COMMON", "httpRequest.socketAddress": "RARE",
}


def wrong_type_cases(random):
    for path, grade in FIELDS.items():
        for number, value in enumerate(random.sample(STRANGERS, 6)):
            if path.endswith("delay.value") and value == 10**20:
                value = -5
            yield one(f"wrong-type/{path}/{number}", "wrong types", grade, place(path, value), FIRST_LINE)


def unknown_field_cases():
    for number, path in enumerate(["foo", "httpRequest.foo", "httpResponse.foo", "times.foo", "timeToLive.foo",
        "httpResponse.delay.foo", "httpResponse.connectionOptions.foo", "httpRequest.body.foo",
        "httpResponse.body.foo", "httpRequest.uri", "httpResponse.status", "httprequest2",
        "httpRequest.socketAddress.foo"]):
        check = EXACT if path in ("times.foo", "httpResponse.foo", "httpResponse.delay.foo") else FIRST_LINE
        yield one(f"unknown/{number}", "unknown fields", "CORE", place(path, 1), check)
    actions = {
        "httpResponse": {"body": "b"}, "httpForward": {"host": "127.0.0.1"}, "httpError": {"dropConnection": True},
        "httpResponseTemplate": {"templateType": "VELOCITY", "template": "{}"},
        "httpForwardTemplate": {"templateType": "MUSTACHE", "template": "{}"},
        "httpOverrideForwardedRequest": {"httpRequest": {}},
        "httpResponseClassCallback": {"callbackClass": "a.B"}, "httpForwardClassCallback": {"callbackClass": "a.B"},
        "httpResponseObjectCallback": {"clientId": "c"},
        "httpForwardObjectCallback": {"clientId": "c", "responseCallback": True},
    }
    for name, action in actions.items():
        yield one(f"action/{name}", "each action's echo", "COMMON",
            {"id": "x1", "httpRequest": {"path": "/r"}, name: action}, EXACT)
        yield one(f"action-empty/{name}", "each action's echo", "COMMON",
            {"id": "x1", "httpRequest": {"path": "/r"}, name: {}}, FIRST_LINE)
        yield one(f"action-unknown/{name}", "unknown fields", "COMMON",
            {"id": "x1", "httpRequest": {"path": "/r"}, name: {**action, "foo": 1}}, FIRST_LINE)
        yield one(f"action-two/{name}", "two actions", "COMMON",
            {"id": "x1", "httpRequest": {"path": "/r"}, name: action,
            "httpError" if name != "httpError" else "httpForward": {}}, FIRST_LINE)
    yield one("action-none", "no action", "CORE", {"httpRequest": {"path": "/r"}}, FIRST_LINE)
    yield one("action-primary", "two actions", "RARE",
        {"httpRequest": {"path": "/r"}, "httpResponse": {"body": "b", "primary": True},
        "httpError": {"dropConnection": True}}, FIRST_LINE)


ECHOED = [
    {}, {"httpRequest": {}}, {"httpRequest": {"path": "/r"}}, {"httpRequest": {"path": ""}},
    {"httpRequest": {"method": "GET", "path": "/r", "secure": False, "keepAlive": True}},
    {"httpRequest": {"path": "!/r"}}, {"httpRequest": {"path": {"value": "/r", "not": True}}},
    {"httpRequest": {"path": {"schema": {"type": "string"}}}},
    {"httpRequest": {"headers": {"A": ["b", "c"]}}}, {"httpRequest": {"headers": {"A": "b"}}},
    {"httpRequest": {"headers": [{"name": "A", "values": ["b"]}]}}, {"httpRequest": {"headers": {"A": []}}},
    {"httpRequest": {"headers": {"keyMatchStyle": "MATCHING_KEY", "A": ["b"]}}},
    {"httpRequest": {"headers": {"keyMatchStyle": "SUB_SET", "A": ["b"]}}},
    {"httpRequest": {"headers": {"!A": ["!b"], "?c": ["?d"]}}},
    {"httpRequest": {"headers": {"A": [{"schema": {"type": "integer"}}]}}},
    {"httpRequest": {"cookies": {"a": "b"}}}, {"httpRequest": {"cookies": [{"name": "a", "value": "b"}]}},
    {"httpRequest": {"queryStringParameters": {"q": ["1"], "a": ["2"]}}},
    {"httpRequest": {"queryStringParameters": "a=1&b=2"}},
    {"httpRequest": {"path": "/r/{id}", "pathParameters": {"id": ["1"]}}},
    {"httpRequest": {"protocol": "HTTP_1_1"}}, {"httpRequest": {"socketAddress": {"host": "h", "port": 1,
        "scheme": "HTTPS"}}}, {"httpRequest": {"socketAddress": {"host": "h"}}},
    {"httpResponse": {}}, {"httpResponse": {"statusCode": 200}},
    {"httpResponse": {"statusCode": 299, "reasonPhrase": "R"}},
    {"httpResponse": {"headers": {"A": ["b", "c"]}, "cookies": {"x": "y"}}},
    {"httpResponse": {"headers": [{"name": "A", "values": ["b"]}], "cookies": [{"name": "x", "value": "y"}]}},
    {"httpResponse": {"headers": {"keyMatchStyle": "MATCHING_KEY", "a": ["1"]}}},
    {"httpResponse": {"delay": {"timeUnit": "SECONDS", "value": 1}}}, {"httpResponse": {"delay": {"value": 1}}},
    {"httpResponse": {"connectionOptions": {"closeSocket": True, "chunkSize": 5,
        "suppressContentLengthHeader": False}}}, {"httpResponse": {"connectionOptions": {}}},
    {"times": {"remainingTimes": 2}}, {"times": {"remainingTimes": 2, "unlimited": False}},
    {"times": {"unlimited": True}}, {"times": {"remainingTimes": 2, "unlimited": True}}, {"times": {}},
    {"times": {"remainingTimes": 0}}, {"times": {"remainingTimes": -1}}, {"timeToLive": {"unlimited": True}},
    {"timeToLive": {"timeUnit": "HOURS", "timeToLive": 2}},
    {"timeToLive": {"timeUnit": "HOURS", "timeToLive": 2, "unlimited": False}},
    {"timeToLive": {"timeUnit": "DAYS", "timeToLive": 1, "unlimited": True}}, {"timeToLive": {}},
    {"timeToLive": {"timeUnit": "HOURS"}}, {"timeToLive": {"timeToLive": 5}},
    {"timeToLive": {"timeUnit": "SECONDS", "timeToLive": 0}},
    {"priority": 5}, {"priority": -5}, {"priority": 0}, {"percentage": 50},
    {"scenarioName": "s", "scenarioState": "Started", "newScenarioState": "B"}, {"namespace": "n"},
    {"rateLimit": {"limit": 1, "windowMillis": 1000}}, {"chaos": {"errorStatus": 503, "errorProbability": 1.0}},
    {"httpResponses": [{"body": "a"}, {"body": "b"}]},
    {"httpResponses": [{"body": "a"}, {"body": "b"}], "responseMode": "WEIGHTED", "responseWeights": [1, 2]},
    {"httpResponses": [{"body": "a"}], "responseMode": "SWITCH", "switchAfter": 2},
    {"httpResponse": {"recoverAfter": {"failTimes": 2}}}, {"httpResponse": {"trailers": {"a": ["b"]}}},
    {"httpResponse": {"statusCodeRange": "2XX"}}, {"httpResponse": {"primary": True}},
    {"afterActions": [{"httpRequest": {"path": "/after"}}]},
    {"capture": {"source": "jsonPath", "expression": "$.a", "into": "x"}},
    {"httpRequest": {"not": True, "path": "/r"}}, {"httpRequest": {"specUrlOrPayload": "x", "operationId": "y"}},
    {"httpRequest": {"jwt": {"issuer": "i"}}}, {"httpRequest": {"clientCertificate": {"subject": "s"}}},
    {"httpRequest": {"if": {"path": "/a"}, "then": {"method": "GET"}}},
]
BODIES = [
    "text", "", "!text", "{\"a\":1}", {"a": 1}, {"a": [1, 2.50, "x", None, True]}, [1, 2], [], {},
    {"type": "STRING", "string": "x"}, {"type": "STRING", "string": "x", "contentType": "text/plain"},
    {"type": "STRING", "string": "x", "contentType": "text/plain; charset=utf-16"},
    {"type": "STRING", "string": "x", "subString": True}, {"type": "STRING", "string": "x", "not": True},
    {"string": "x"}, {"not": True, "string": "x"},
    {"type": "JSON", "json": {"a": 1}}, {"type": "JSON", "json": "{\"a\": 1.00}"},
    {"type": "JSON", "json": {"a": 1}, "matchType": "STRICT"},
    {"type": "JSON", "json": {"a": 1}, "matchType": "ONLY_MATCHING_FIELDS"}, {"type": "JSON", "json": [1]},
    {"type": "JSON", "json": "not json"}, {"type": "JSON", "json": {"a": 1},
        "contentType": "application/json; charset=utf-16"}, {"json": {"a": 1}}, {"type": "JSON"},
    {"type": "JSON", "json": None}, {"type": "JSON", "json": 5}, {"type": "JSON", "json": "5"},
    {"type": "JSON", "json": True},
    {"type": "XML", "xml": "<a/>"}, {"type": "XML", "xml": "<a/>", "contentType": "text/xml"}, {"xml": "<a/>"},
    {"type": "XML", "xml": "no xml"}, {"type": "BINARY", "base64Bytes": "YWJj"}, {"base64Bytes": "YWJj"},
    {"type": "BINARY", "base64Bytes": "YWJj", "contentType": "image/png"},
    {"type": "BINARY", "base64Bytes": "!!"}, {"type": "REGEX", "regex": "a.*"}, {"regex": "a.*"},
    {"type": "REGEX", "regex": "("}, {"type": "JSON_PATH", "jsonPath": "$.a"}, {"jsonPath": "$.a"},
    {"type": "JSON_PATH", "jsonPath": "$["},
    {"type": "JSON_SCHEMA", "jsonSchema": {"type": "object"}},
    {"type": "JSON_SCHEMA", "jsonSchema": "{\"type\":\"object\"}"}, {"jsonSchema": {"type": "object"}},
    {"type": "JSON_SCHEMA", "jsonSchema": "no"}, {"type": "XPATH", "xpath": "/a"}, {"xpath": "/a"},
    {"type": "XPATH", "xpath": "/a["}, {"type": "XML_SCHEMA",
        "xmlSchema": "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"/>"},
    {"type": "PARAMETERS", "parameters": {"a": ["1"]}}, {"parameters": {"a": ["1"]}},
    {"type": "PARAMETERS", "parameters": [{"name": "a", "values": ["1"]}]},
    {"type": "PARAMETERS", "parameters": {"a": "1"}}, {"type": "FOO"}, {"type": "json", "json": {"a": 1}},
    {"type": "GRAPHQL", "query": "{ a }"}, {"type": "JSON_RPC", "method": "m"},
    {"type": "FILE", "filePath": "none.txt"}, {"a": 1, "type": "x"}, {"a": {"type": "JSON"}}, {"type": "STRING"},
    {"type": "JSON_SCHEMA", "jsonSchema": {"type": "object"}, "parameterStyles": {"a": "FORM"}},
    {"type": "REGEX", "regex": "a", "contentType": "text/plain"},
    {"type": "STRING", "string": "x", "optional": True}, {"optional": True, "json": {"a": 1}},
]


def echo_cases(random):
    for number, fields in enumerate(ECHOED):
        entry = {"id": "x1", "httpRequest": {"path": "/r"}, **fields}
        if not any(name.startswith("httpResponse") for name in entry):
            entry["httpResponse"] = {"body": "b"}
        grade = "RARE" if number > 52 else "CORE"
        yield one(f"echo/{number}", "echo", grade, entry, EXACT, [control("retrieve?type=active_expectations")])
    for number, body in enumerate(BODIES):
        grade = "CORE" if number < 30 else "COMMON"
        yield one(f"echo-request-body/{number}", "echo of bodies", grade,
            {"id": "x1", "httpRequest": {"body": body}, "httpResponse": {"body": "b"}}, EXACT)
        yield one(f"echo-response-body/{number}", "echo of bodies", grade,
            {"id": "x1", "httpResponse": {"body": body}}, EXACT)


def random_echo_cases(random):
    for number in range(60):
        request = {"path": random.choice(["/r", "/r.*"])}
        if random.random() < 0.5:
            request["headers"] = bodies.multi_map(random, values.NAMES, [("X-Id", "a")])
        if random.random() < 0.5:
            request["queryStringParameters"] = bodies.multi_map(random, values.PLAIN_NAMES, [("a", "1")])
        if random.random() < 0.4:
            request["body"] = {"type": "JSON", "json": values.json_value(random)}
        response = {"statusCode": random.choice([200, 201, 404]), "body": values.json_value(random)}
        if not isinstance(response["body"], (str, dict, list)):
            response["body"] = {"v": response["body"]}
        entries = [{"id": f"x{index}", "priority": index % 2, "httpRequest": request,
            "httpResponse": response} for index in range(random.randint(1, 3))]
        yield one(f"echo-random/{number}", "echo", "COMMON", entries if len(entries) > 1 else entries[0], EXACT)


def identity_cases(random):
    """Ids, replacing, several registrations, an array with a bad member."""
    first, second = expectation({"path": "/r"}, "one", id="x1"), expectation({"path": "/r"}, "two", id="x1")
    other = expectation({"path": "/r"}, "other", id="x2")
    active = control("retrieve?type=active_expectations")
    rows = [
        [register(first, check=EXACT), register(second, check=EXACT), send("GET", "/r"), active],
        [register(first), register(other), register(second), send("GET", "/r"), active],
        [register(first, second), send("GET", "/r"), active],
        [register({**first, "id": "p1"}), register({**other, "id": "p2", "priority": 1}), send("GET", "/r"),
            register({**second, "id": "p1", "priority": 2}), send("GET", "/r"), active],
        [register({**first, "times": {"remainingTimes": 1}}), send("GET", "/r"), active, register(second),
            send("GET", "/r"), active],
        [register(expectation({"path": "/r"}, "a")), register(expectation({"path": "/r"}, "b")), send("GET", "/r"),
            active],
        [control("expectation", [first, {"foo": 1}], FIRST_LINE), active, send("GET", "/r")],
        [control("expectation", [first, {**other, "priority": "x"}], FIRST_LINE), active],
        [register({**first, "timeToLive": {"timeUnit": "MILLISECONDS", "timeToLive": 150}}), send("GET", "/r"),
            send("GET", "/r", pause=0.4), active],
        [register({**first, "timeToLive": {"timeUnit": "SECONDS", "timeToLive": 0}}), send("GET", "/r"), active],
        [register({**first, "timeToLive": {"timeUnit": "NANOSECONDS", "timeToLive": 1}}),
            send("GET", "/r", pause=0.1), active],
        [register({**first, "times": {"remainingTimes": 2}}), send("GET", "/r"), active, send("GET", "/r"), active,
            send("GET", "/r")],
    ]
    for number, steps in enumerate(rows):
        yield Case(f"registration/identity/{number}", GROUP, "CORE", steps, "ids and lifetimes")
    for number in range(40):
        entries = [expectation({"path": "/r"}, f"e{index}", id=f"replace-{number}-{random.randint(1, 3)}",
            priority=random.choice([0, 0, 1]) if number > 9 else 0) for index in range(5)]
        steps = [register(entry) for entry in entries] + [send("GET", "/r"), active]
        kind = "reprioritise" if number > 9 else "replace"
        yield Case(f"registration/{kind}/{number}", GROUP, "CORE", steps, "ids and lifetimes")


def address_cases():
    """Where the control plane listens, and which methods it takes."""
    for number, path in enumerate(["expectation", "clear", "reset", "retrieve", "verify", "verifySequence", "status",
        "bind", "openapi"]):
        for method in ("GET", "POST", "DELETE"):
            yield Case(f"registration/method/{path}/{method}", GROUP, "CORE",
                [control(path, None, method=method), control("retrieve?type=requests")],
                "methods of the control plane")
    for path in ("expectation", "clear", "reset", "retrieve", "verify", "verifySequence", "status", "openapi"):
        body = {"expectation": GOOD, "verify": '{"httpRequest":{}}', "verifySequence": '{"httpRequests":[]}'}.get(path)
        check = STATUS if path == "openapi" else EXACT
        yield Case(f"registration/unprefixed/{path}", GROUP, "COMMON",
            [send("PUT", "/" + path, body=body, check=check)], "paths without the prefix")
    for number, path in enumerate(["/mockserver", "/mockserver/", "/mockserver/foo", "/mockserver/expectation/",
        "/MockServer/expectation", "/mockserver/expectation?x=1", "/mockserver//expectation", "/mockserver/status/",
        "/mockserver/expectations"]):
        yield Case(f"registration/path/{number}", GROUP, "COMMON",
            [send("PUT", path, body=GOOD), control("retrieve?type=active_expectations")],
            "paths of the control plane")
    for number, kind in enumerate(["application/json", "text/plain", "application/json; charset=utf-16",
        "application/x-www-form-urlencoded", "application/xml", "nonsense"]):
        data = GOOD.encode("utf-16") if "utf-16" in kind else GOOD.encode()
        yield one(f"content-type/{number}", "content types", "COMMON", data, STATUS, [send("GET", "/r")],
            [("Content-Type", kind)])
    yield Case("registration/status", GROUP, "CORE", [control("status")], "status")
