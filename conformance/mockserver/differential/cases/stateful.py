"""Operations and expectations with a state of their own: scenarios, crud, clock, mode, configuration, openapi."""

import json

from ..case import EXACT, FIRST_LINE, STATUS, Case, control, expectation, register, send

GROUP = "stateful"


def one(name, feature, grade, steps):
    return Case(f"stateful/{name}", GROUP, grade, steps, feature)


def cases(random):
    yield from scenario_cases(random)
    yield from crud_cases()
    yield from clock_cases()
    yield from mode_cases()
    yield from configuration_cases()
    yield from explanation_cases()
    yield from openapi_cases()
    yield from other_cases()


def state(name, before, after, body, path="/s"):
    entry = expectation({"path": path}, body, scenarioName=name)
    if before:
        entry["scenarioState"] = before
    if after:
        entry["newScenarioState"] = after
    return entry


def scenario_cases(random):
    get = send("GET", "/s")
    for number, entries in enumerate([
        [state("n", "Started", "B", "one"), state("n", "B", "C", "two"), state("n", "C", None, "three")],
        [state("n", "B", None, "b"), state("n", "Started", None, "s")],
        [state("n", None, "B", "any"), state("n", "B", None, "b")],
        [state("n", "Started", "B", "one"), state("m", "Started", "B", "two")],
        [state("n", "started", "B", "lower")], [state("n", "Started", "Started", "self")],
        [state("n", "Started", "B", "one"), state("n", "B", "Started", "two")],
        [{**expectation({"path": "/s"}, "x"), "scenarioState": "Started"}],
        [{**expectation({"path": "/s"}, "x"), "newScenarioState": "B"}], [state("", "Started", "B", "empty")],
        [state("n", "", "B", "empty state")],
    ]):
        yield one(f"scenario/{number}", "scenarios", "COMMON",
            [register(*entries), get, get, get, get, control("scenario", method="GET", check=STATUS),
            control("scenario/n", method="GET")])
    three = [state("n", "Started", "B", "one"), state("n", "B", "C", "two"), state("n", "C", None, "three")]
    for number, steps in enumerate([
        [control("scenario/n", {"state": "C"}), get], [control("scenario/n", {"state": "B"}), get, get],
        [control("scenario/n/trigger", {"newState": "C"}), get],
        [control("scenario/new", {"state": "X"}), control("scenario/new", method="GET")],
        [control("scenario/n", {}), get], [control("scenario/n", "x", STATUS)],
        [control("scenario/n", {"state": "B", "transitionAfterMs": 30, "nextState": "C"}),
            send("GET", "/s", pause=0.3)], [control("scenario/unknown", method="GET")],
        [control("scenario", method="GET")], [get, control("reset"), register(*three), get],
        [control("scenario/n/trigger", {}), get], [control("scenario/n", {"state": "C"}),
            control("scenario", method="GET")],
    ]):
        yield one(f"scenario-api/{number}", "scenarios", "COMMON", [register(*three), *steps])
    for number in range(12):
        states = ["Started", "A", "B"]
        entries = [state(random.choice("nm"), random.choice([*states, None]), random.choice([*states, None]),
            f"e{index}") for index in range(4)]
        yield one(f"scenario-random/{number}", "scenarios", "COMMON", [register(*entries), *(get for _ in range(6))])


def crud_cases():
    item, other = {"name": "x", "n": 1}, {"name": "y"}
    for number, definition in enumerate([{"basePath": "/i"}, {"basePath": "/i", "idField": "key"},
        {"basePath": "/i", "idStrategy": "UUID"}, {"basePath": "/i", "idField": "id", "idStrategy": "AUTO_INCREMENT"},
        {"basePath": "/i/"}, {"basePath": "i"}, {}, {"basePath": "/i", "idStrategy": "OTHER"},
        {"basePath": "/i", "initialData": [{"id": 7, "name": "seven"}]}, {"basePath": "/i", "foo": 1}]):
        identity = STATUS if definition.get("idStrategy") == "UUID" else EXACT
        kind = [("Content-Type", "application/json")]
        steps = [
            control("crud", definition, FIRST_LINE), send("GET", "/i"),
            send("POST", "/i", kind, json.dumps(item), check=identity),
            send("POST", "/i", kind, json.dumps(other), check=identity), send("GET", "/i", check=identity),
            send("GET", "/i/1"), send("GET", "/i/99"), send("PUT", "/i/1", kind, '{"name":"z"}'),
            send("GET", "/i/1"), send("PATCH", "/i/2", kind, '{"n":5}'), send("DELETE", "/i/1"),
            send("DELETE", "/i/1"), send("GET", "/i", check=identity),
            send("PUT", "/i/50", kind, '{"name":"new"}'), send("PATCH", "/i/51", kind, "{}"),
        ]
        yield one(f"crud/{number}", "crud", "COMMON", steps)
    begin = [control("crud", {"basePath": "/i"}, STATUS)]
    for number, request in enumerate([("POST", "/i", "not json"), ("POST", "/i", "[1]"), ("POST", "/i", ""),
        ("POST", "/i", '{"id":9}'), ("POST", "/i", '{"id":"abc"}'), ("PUT", "/i", "{}"), ("DELETE", "/i", None),
        ("PATCH", "/i/1", "x"), ("GET", "/i?name=x", None), ("GET", "/i/", None), ("HEAD", "/i", None),
        ("OPTIONS", "/i", None), ("GET", "/i/1/2", None), ("GET", "/I", None)]):
        method, path, body = request
        yield one(f"crud-odd/{number}", "crud", "COMMON",
            [*begin, send("POST", "/i", [], '{"name":"x"}', check=STATUS), send(method, path, [], body),
            send("GET", "/i")])
    yield one("crud-reset", "crud", "COMMON", [*begin, send("POST", "/i", [], '{"name":"x"}', check=STATUS),
        control("reset"), send("GET", "/i")])
    yield one("crud-twice", "crud", "COMMON", [*begin, send("POST", "/i", [], '{"name":"x"}', check=STATUS),
        control("crud", {"basePath": "/i"}, STATUS), send("GET", "/i")])
    for number, text in enumerate(["", "x", "[]", "null", '""']):
        yield one(f"crud-malformed/{number}", "crud", "COMMON", [control("crud", text, STATUS)])


def clock_cases():
    frozen = {"action": "freeze", "instant": "2030-01-02T03:04:05Z"}
    template = {"httpRequest": {"path": "/t"}, "httpResponseTemplate": {"templateType": "MUSTACHE",
        "template": "{'body':'{{now_epoch}} {{now_iso_8601}}'}"}}
    end = control("clock", {"action": "reset"}, STATUS)
    for number, steps in enumerate([
        [control("clock", frozen), control("clock", method="GET")],
        [control("clock", frozen), register(template), send("GET", "/t")],
        [control("clock", frozen), control("clock", {"action": "advance", "durationMillis": 60000}),
            register(template), send("GET", "/t"), control("clock", method="GET")],
        [control("clock", frozen), register({**expectation({"path": "/t"}, "live"),
            "timeToLive": {"timeUnit": "SECONDS", "timeToLive": 30}}), send("GET", "/t"),
            control("clock", {"action": "advance", "durationMillis": 31000}), send("GET", "/t")],
        [control("clock", {"action": "reset"})], [control("clock", {"action": "other"}, FIRST_LINE)],
        [control("clock", {}, FIRST_LINE)], [control("clock", "x", STATUS)],
        [control("clock", {"action": "advance"}, FIRST_LINE)],
        [control("clock", {"action": "freeze", "instant": "x"}, FIRST_LINE)],
        [control("clock", {"action": "advance", "durationMillis": -5}, STATUS)],
    ]):
        yield one(f"clock/{number}", "clock", "RARE", [*steps, end])


def mode_cases():
    host = [("Host", "127.0.0.1:@@ECHO@@")]
    back = control("mode?mode=SPY", check=STATUS)
    for number, steps in enumerate([
        [control("mode", method="GET")], [control("mode?mode=SPY"), control("mode", method="GET"),
            send("GET", "/plain", host)], [control("mode?mode=SIMULATE"), send("GET", "/plain", host),
            send("GET", "/none")], [control("mode?mode=CAPTURE"), send("GET", "/plain", host),
            control("retrieve?type=recorded_expectations", check=STATUS)],
        [control("mode?mode=OTHER", check=FIRST_LINE)], [control("mode", check=FIRST_LINE)],
        [control("mode?mode=spy"), control("mode", method="GET")],
    ]):
        yield one(f"mode/{number}", "mode", "COMMON", [*steps, back])


def configuration_cases():
    keys = {"maxExpectations": 1000, "matchersFailFast": False, "logLevel": "WARN", "detailedMatchFailures": False,
        "attemptToProxyIfNoMatchingExpectation": False}
    defaults = {"maxExpectations": 15000, "matchersFailFast": True, "logLevel": "INFO", "detailedMatchFailures": True,
        "attemptToProxyIfNoMatchingExpectation": True}
    for number, (key, value) in enumerate(keys.items()):
        steps = [control("configuration", {key: value}, STATUS), control("configuration", {key: defaults[key]}, STATUS)]
        yield one(f"configuration/{number}", "configuration", "COMMON", steps)
    for number, (text, method) in enumerate([(None, "GET"), ("{}", "PUT"), ("", "PUT"), ("x", "PUT"), ("[]", "PUT"),
        ('{"foo":1}', "PUT"), ('{"maxExpectations":"x"}', "PUT"), ('{"logLevel":"OTHER"}', "PUT")]):
        yield one(f"configuration-odd/{number}", "configuration", "COMMON",
            [control("configuration", text, STATUS, method=method)])
    yield one("config", "configuration", "COMMON", [control("config", method="GET", check=STATUS)])
    yield one("ready", "configuration", "COMMON", [control("ready", method="GET")])


def explanation_cases():
    entries = [expectation({"path": "/a", "method": "GET"}, "a", id="e1"),
        expectation({"path": "/b", "headers": {"X-Id": ["1"]}}, "b", id="e2")]
    for number, request in enumerate([{"path": "/a", "method": "GET"}, {"path": "/a", "method": "POST"},
        {"path": "/b"}, {}, {"path": "/none"}]):
        yield one(f"debug/{number}", "explanations", "COMMON",
            [register(*entries), control("debugMismatch", request, STATUS)])
    yield one("explain/0", "explanations", "COMMON",
        [register(*entries), send("GET", "/none"), control("explainUnmatched", {}, STATUS)])
    yield one("explain/1", "explanations", "COMMON",
        [register(*entries), send("GET", "/none"), control("explainUnmatched", {"limit": 1}, STATUS)])
    yield one("explain/2", "explanations", "COMMON", [control("explainUnmatched", "", STATUS)])


SPECIFICATION = {
    "openapi": "3.0.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "http://h/v1"}],
    "paths": {
        "/pets": {
            "get": {"operationId": "listPets", "parameters": [{"name": "limit", "in": "query", "required": True,
                "schema": {"type": "integer"}}, {"name": "X-Trace", "in": "header", "schema": {"type": "string"}}],
                "responses": {"200": {"description": "ok",
                "content": {"application/json": {"schema": {"type": "array",
                "items": {"$ref": "#/components/schemas/Pet"}}}}}, "default": {"description": "e"}}},
            "post": {"operationId": "createPet",
                "requestBody": {"required": True,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
                "responses": {"201": {"description": "made", "headers": {"X-Rate": {"schema": {"type": "integer"}}}},
                "400": {"description": "bad", "content": {"text/plain": {"example": "wrong"}}}}},
        },
        "/pets/{id}": {"get": {"operationId": "showPet",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "responses": {"200": {"description": "ok", "content": {"application/json": {"example": {"id": 1,
            "name": "Rex"}}}}}}},
    },
    "components": {"schemas": {"Pet": {"type": "object", "required": ["id", "name"],
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"},
        "tag": {"type": "string", "enum": ["dog", "cat"]}, "weight": {"type": "number"}, "ok": {"type": "boolean"},
        "born": {"type": "string", "format": "date"}}}}},
}


def openapi_cases():
    kind = [("Content-Type", "application/json")]
    requests = [send("GET", "/v1/pets?limit=5"), send("GET", "/v1/pets"), send("GET", "/v1/pets?limit=x"),
        send("GET", "/pets?limit=5"), send("POST", "/v1/pets", kind, '{"id":1,"name":"a"}'),
        send("POST", "/v1/pets", kind, '{"id":"x"}'), send("POST", "/v1/pets", kind, ""), send("GET", "/v1/pets/12"),
        send("GET", "/v1/pets/x"), send("DELETE", "/v1/pets/12")]
    for number, body in enumerate([
        {"specUrlOrPayload": SPECIFICATION}, {"specUrlOrPayload": json.dumps(SPECIFICATION)},
        {"specUrlOrPayload": SPECIFICATION, "operationsAndResponses": {"createPet": "400"}},
        {"specUrlOrPayload": SPECIFICATION, "operationsAndResponses": {"listPets": "200", "showPet": "200"}},
        {"specUrlOrPayload": SPECIFICATION, "contextPathPrefix": "/ctx"}, [{"specUrlOrPayload": SPECIFICATION}],
    ]):
        yield one(f"openapi/{number}", "openapi", "COMMON", [control("openapi", body, STATUS), *requests])
        yield one(f"openapi-echo/{number}", "openapi", "COMMON", [control("openapi", body)])
    for number, body in enumerate(["", "{}", "x", "[]", {"specUrlOrPayload": ""}, {"specUrlOrPayload": "no spec"},
        {"specUrlOrPayload": {}}, {"specUrlOrPayload": SPECIFICATION, "foo": 1},
        {"specUrlOrPayload": SPECIFICATION, "operationsAndResponses": {"unknown": "200"}},
        {"specUrlOrPayload": "file:///nowhere.yaml"}, {"specUrlOrPayload": {"openapi": "3.0.0"}},
        {"specUrlOrPayload": {"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {}}}]):
        yield one(f"openapi-odd/{number}", "openapi", "COMMON", [control("openapi", body, STATUS)])
    for number, matcher in enumerate([{"specUrlOrPayload": SPECIFICATION, "operationId": "listPets"},
        {"specUrlOrPayload": SPECIFICATION, "operationId": "createPet"},
        {"specUrlOrPayload": SPECIFICATION, "operationId": "showPet"}, {"specUrlOrPayload": SPECIFICATION},
        {"specUrlOrPayload": SPECIFICATION, "operationId": "unknown"}, {"operationId": "listPets"}]):
        plain = [send(request.method, request.target, request.headers, request.body) for request in requests]
        yield one(f"openapi-matcher/{number}", "openapi", "COMMON",
            [control("expectation", {"httpRequest": matcher, "httpResponse": {"body": "m"}}, STATUS), *plain,
            control("verify", {"httpRequest": matcher, "times": {"atLeast": 1}}, STATUS)])


def other_cases():
    files = [control("files/store", {"name": "a.txt", "content": "hello"}), control("files/list"),
        control("files/retrieve", {"name": "a.txt"}), control("files/retrieve", {"name": "none"}, FIRST_LINE),
        control("files/delete", {"name": "a.txt"}), control("files/list")]
    yield one("files", "other operations", "RARE", files)
    for number, (operation, method) in enumerate([("openapi.yaml", "GET"), ("dashboard", "GET"), ("metrics", "GET"),
        ("bind", "PUT"), ("proxyConfiguration", "GET"), ("audit", "GET"), ("cluster", "GET"), ("drift", "GET"),
        ("serviceChaos", "GET"), ("tcpChaos", "GET"), ("chaosExperiment", "GET"), ("preemption", "GET"),
        ("loadScenario", "GET"), ("cassettes", "GET"), ("http3status", "GET"), ("unknown", "GET"),
        ("unknown", "PUT")]):
        yield one(f"other/{operation}/{method}", "other operations", "RARE",
            [control(operation, {"ports": []} if operation == "bind" else None, STATUS, method=method)])
    yield one("bind", "other operations", "RARE", [control("bind", {"ports": [0]}, STATUS)])
    for number, text in enumerate(["", "x", "{}", '{"ports":"x"}', '{"ports":[-1]}', '{"foo":1}']):
        yield one(f"bind-odd/{number}", "other operations", "RARE", [control("bind", text, STATUS)])
    preflight = [("Origin", "http://a"), ("Access-Control-Request-Method", "PUT")]
    yield one("preflight", "cors", "RARE", [send("OPTIONS", "/x", preflight, check=STATUS)])
