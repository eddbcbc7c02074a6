"""verify and verifySequence: counts, forms, and the texts of a failed verification."""

from ..case import EXACT, FIRST_LINE, STATUS, Case, control, expectation, register, send
from . import values

GROUP = "verification"
TIMES = [
    None, {}, {"atLeast": 1}, {"atLeast": 0}, {"atLeast": 2}, {"atMost": 1}, {"atMost": 0}, {"atMost": 2},
    {"atLeast": 1, "atMost": 1}, {"atLeast": 2, "atMost": 2}, {"atLeast": 1, "atMost": 3},
    {"atLeast": 2, "atMost": 3}, {"atLeast": 0, "atMost": 0}, {"atLeast": 0, "atMost": 2}, {"atLeast": -1},
    {"atMost": -1}, {"atLeast": -1, "atMost": -1}, {"atLeast": 1, "atMost": -1}, {"atLeast": -1, "atMost": 1},
    {"atLeast": 3, "atMost": 1}, {"atLeast": 5}, {"atLeast": 3, "atMost": 3},
]


def cases(random):
    yield from times_cases()
    yield from text_cases(random)
    yield from matcher_cases(random)
    yield from identity_cases()
    yield from response_cases()
    yield from sequence_cases(random)
    yield from malformed_cases(random)
    yield from cleared_cases()


def verify(body, check=EXACT):
    return control("verify", body, check)


def one(name, feature, grade, steps):
    return Case(f"verification/{name}", GROUP, grade, steps, feature)


def times_cases():
    for count in (0, 1, 2, 3):
        for number, times in enumerate(TIMES):
            body = {"httpRequest": {"path": "/v"}}
            if times is not None:
                body["times"] = times
            sent = [send("GET", "/v") for _ in range(count)] + [send("GET", "/other")]
            yield one(f"times/{count}/{number}", "counts", "CORE", [*sent, verify(body)])


def text_cases(random):
    """What a failed verification says, by how many requests there were and how they looked."""
    for count in (0, 1, 2, 5, 9, 10, 11, 13):
        sent = [send("GET", f"/o/{index}") for index in range(count)]
        for number, extra in enumerate(({}, {"maximumNumberOfRequestToReturnInVerificationFailure": 3},
            {"maximumNumberOfRequestToReturnInVerificationFailure": 0},
            {"maximumNumberOfRequestToReturnInVerificationFailure": 20})):
            yield one(f"text/{count}/{number}", "failing texts", "CORE",
                [*sent, verify({"httpRequest": {"path": "/v"}, **extra})])
    requests = [
        send("POST", "/o", [("Content-Type", "text/plain")], "text"),
        send("POST", "/o", [("Content-Type", "application/json")], '{"a": 1.00, "b": [1]}'),
        send("POST", "/o", [], "bare"), send("GET", "/o?a=1&a=2&b=%C3%A4"),
        send("GET", "/o", [("X-Id", "a"), ("X-Id", "b")]), send("GET", "/o", [("Cookie", "a=1; b=2")]),
        send("POST", "/o", [("Content-Type", "application/x-www-form-urlencoded")], "a=1&b=2"),
        send("POST", "/o", [("Content-Type", "application/octet-stream")], b"\x00\xff"),
        send("POST", "/o", [("Content-Type", "application/xml")], "<a/>"), send("GET", "/o%20x"),
        send("DELETE", "/o"),
    ]
    for number, request in enumerate(requests):
        yield one(f"text-request/{number}", "failing texts", "CORE" if number < 6 else "COMMON",
            [request, verify({"httpRequest": {"path": "/v"}})])
    expected = [
        {"path": "/v"}, {"method": "GET", "path": "/v"}, {"path": "/v", "queryStringParameters": {"a": ["1", "2"]}},
        {"path": "/v", "headers": {"B": ["1"], "A": ["!2"]}}, {"cookies": {"a": "1"}}, {"body": "text"},
        {"body": {"a": 1}}, {"body": {"type": "JSON", "json": "{\"a\":1.0}", "matchType": "STRICT"}},
        {"body": {"type": "REGEX", "regex": "a.*"}}, {"path": "/v/{id}", "pathParameters": {"id": ["1"]}},
        {"secure": True}, {"keepAlive": False, "path": "/v"}, {"path": "!/o"},
        {"body": {"type": "BINARY", "base64Bytes": "YQ=="}},
        {"body": {"type": "STRING", "string": "t", "subString": True}}, {"method": "POST"},
        {"body": {"type": "JSON_PATH", "jsonPath": "$.a"}},
        {"path": "/v", "body": {"type": "PARAMETERS", "parameters": {"a": ["1"]}}},
    ]
    for number, request in enumerate(expected):
        check = EXACT if number < 13 else FIRST_LINE
        yield one(f"text-expected/{number}", "failing texts", "CORE" if number < 9 else "COMMON",
            [send("GET", "/o"), verify({"httpRequest": request}, check)])
        yield one(f"text-expected-two/{number}", "failing texts", "COMMON",
            [send("GET", "/o"), send("POST", "/o", body="x"), verify({"httpRequest": request}, check)])


def matcher_cases(random):
    """Verification against stored requests, with the matchers of expectations."""
    for number in range(90):
        sent = []
        for _ in range(random.randint(1, 4)):
            query = values.query_of(values.pairs(random, most=2))
            headers = [("X-Id", random.choice(["a", "b"]))] if random.random() < 0.4 else []
            sent.append(send(random.choice(["GET", "POST"]),
                random.choice(["/v", "/w", "/v/x"]) + ("?" + query if query else ""), headers,
                random.choice([None, None, "text", '{"a":1}'])))
        matcher = {}
        if random.random() < 0.7:
            matcher["path"] = random.choice(["/v", "/v.*", "!/v", "/V", "/w"])
        if random.random() < 0.4:
            matcher["method"] = random.choice(["GET", "!GET", "P.*"])
        if random.random() < 0.3:
            matcher["queryStringParameters"] = {random.choice(["a", "!a", "?b"]): [values.string_matcher(random, "a")]}
        if random.random() < 0.3:
            matcher["headers"] = {random.choice(["X-Id", "!X-Id", "?x-id"]): [random.choice(["a", "b", ".*"])]}
        if random.random() < 0.25:
            matcher["body"] = random.choice(["text", "!text", {"type": "JSON", "json": {"a": 1}},
                {"type": "REGEX", "regex": "t.*"}])
        body = {"httpRequest": matcher, "times": random.choice([{"atLeast": 1}, {"atMost": 0}, {"atLeast": 2},
            {"atLeast": 1, "atMost": 1}])}
        yield one(f"matcher/{number}", "matchers", "CORE", [*sent, verify(body, FIRST_LINE)])


def identity_cases():
    entries = [expectation({"path": "/v"}, "v", id="e1"), expectation({"path": "/w"}, "w", id="e2")]
    sent = [register(*entries), send("GET", "/v"), send("GET", "/v"), send("GET", "/w"), send("GET", "/none")]
    for number, (identity, times) in enumerate([("e1", {"atLeast": 1}), ("e1", {"atLeast": 2, "atMost": 2}),
        ("e1", None), ("e1", {"atLeast": 3}), ("e2", {"atMost": 0}), ("e2", None), ("none", {"atLeast": 1}),
        ("none", {"atMost": 0}), ("", {"atLeast": 1})]):
        body = {"expectationId": {"id": identity}, **({"times": times} if times else {})}
        yield one(f"identity/{number}", "by expectation id", "CORE", [*sent, verify(body)])
    yield one("identity/used-up", "by expectation id", "CORE",
        [register({**entries[0], "times": {"remainingTimes": 1}}), send("GET", "/v"),
        verify({"expectationId": {"id": "e1"}, "times": {"atLeast": 1}})])
    yield one("identity/cleared", "by expectation id", "COMMON",
        [register(*entries), send("GET", "/v"), control("clear?type=expectations", {"id": "e1"}),
        verify({"expectationId": {"id": "e1"}, "times": {"atLeast": 1}})])
    yield one("identity/both", "by expectation id", "COMMON",
        [*sent, verify({"expectationId": {"id": "e1"}, "httpRequest": {"path": "/v"}}, FIRST_LINE)])
    yield one("identity/string", "by expectation id", "COMMON", [*sent, verify({"expectationId": "e1"}, FIRST_LINE)])
    yield one("identity/request-id", "by expectation id", "COMMON",
        [*sent, verify({"httpRequest": {"id": "e1"}}, FIRST_LINE)])


def response_cases():
    entries = [expectation({"path": "/v"}, "v", id="e1",
        httpResponse={"statusCode": 201, "body": "v", "headers": {"X-R": ["1"]}}),
        expectation({"path": "/w"}, "w", id="e2")]
    sent = [register(*entries), send("GET", "/v"), send("GET", "/v"), send("GET", "/w"), send("GET", "/none")]
    for number, body in enumerate([
        {"httpResponse": {"statusCode": 201}}, {"httpResponse": {"statusCode": 201}, "times": {"atLeast": 2}},
        {"httpResponse": {"statusCode": 404}}, {"httpResponse": {"statusCode": 404}, "times": {"atMost": 0}},
        {"httpResponse": {"statusCode": 500}}, {"httpResponse": {"body": "w"}},
        {"httpResponse": {"body": "v"}, "times": {"atLeast": 1}},
        {"httpResponse": {"headers": {"X-R": ["1"]}}, "times": {"atLeast": 1}},
        {"httpResponse": {"headers": {"X-R": ["2"]}}, "times": {"atLeast": 1}},
        {"httpRequest": {"path": "/v"}, "httpResponse": {"statusCode": 201}, "times": {"atLeast": 1}},
        {"httpRequest": {"path": "/v"}, "httpResponse": {"statusCode": 200}, "times": {"atLeast": 1}},
        {"httpRequest": {"path": "/v"}, "httpResponse": {}}, {"httpResponse": {}, "times": {"atLeast": 1}},
        {"httpResponse": {"reasonPhrase": "Created"}, "times": {"atLeast": 1}},
        {"httpRequest": {"path": "/v"}, "disposition": "MOCKED", "times": {"atLeast": 1}},
        {"httpRequest": {"path": "/v"}, "disposition": "FORWARDED", "times": {"atLeast": 1}},
        {"httpRequest": {"path": "/none"}, "disposition": "MOCKED", "times": {"atLeast": 1}},
        {"httpRequest": {"path": "/x"}, "timeout": 100},
        {"httpRequest": {"path": "/v"}, "timeout": 100, "times": {"atLeast": 1}},
        {"expectationId": {"id": "e1"}, "httpResponse": {"statusCode": 201}, "times": {"atLeast": 1}},
        {"httpRequest": {"path": "/x"}, "timeout": -1}, {"httpRequest": {"path": "/x"}, "disposition": "OTHER"},
    ]):
        yield one(f"response/{number}", "responses, dispositions, time-outs", "COMMON",
            [*sent, verify(body, FIRST_LINE)])


def sequence_cases(random):
    paths = ["/a", "/b", "/c", "/.*", "/d"]
    for number in range(90):
        sent = [send("GET", random.choice(["/a", "/b", "/c"])) for _ in range(random.randint(0, 5))]
        wanted = [{"path": random.choice(paths)} for _ in range(random.randint(0, 4))]
        check = EXACT if number < 45 else FIRST_LINE
        yield one(f"sequence/{number}", "sequences", "CORE",
            [*sent, control("verifySequence", {"httpRequests": wanted}, check)])
    for count in (9, 10, 11, 13):
        sent = [send("GET", f"/a{index}") for index in range(count)]
        yield one(f"sequence-many/{count}", "sequences", "CORE",
            [*sent, control("verifySequence", {"httpRequests": [{"path": "/a1"}, {"path": "/a0"}]})])
        yield one(f"sequence-few/{count}", "sequences", "COMMON",
            [*sent, control("verifySequence", {"httpRequests": [{"path": "/a1"}, {"path": "/a0"}],
            "maximumNumberOfRequestToReturnInVerificationFailure": 2})])
    entries = [expectation({"path": f"/{name}"}, name, id=name) for name in "abc"]
    for number, (order, wanted) in enumerate([("ab", "ab"), ("ba", "ab"), ("acb", "ab"), ("aab", "aa"), ("ab", "abc"),
        ("", "a"), ("ab", ""), ("ab", "xy"), ("abc", "ac"), ("cba", "c")]):
        steps = [register(*entries), *(send("GET", f"/{name}") for name in order)]
        yield one(f"sequence-ids/{number}", "sequences", "COMMON",
            [*steps, control("verifySequence", {"expectationIds": [{"id": name} for name in wanted]})])
    answered = [register(expectation({"path": "/a"}, "x", httpResponse={"statusCode": 201}),
        expectation({"path": "/b"}, "y", httpResponse={"statusCode": 202})), send("GET", "/a"), send("GET", "/b"),
        send("GET", "/none")]
    for number, body in enumerate([
        {"httpResponses": [{"statusCode": 201}, {"statusCode": 202}]},
        {"httpResponses": [{"statusCode": 202}, {"statusCode": 201}]},
        {"httpResponses": [{"statusCode": 201}, {"statusCode": 404}]},
        {"httpRequests": [{"path": "/a"}, {"path": "/b"}],
            "httpResponses": [{"statusCode": 201}, {"statusCode": 202}]},
        {"httpRequests": [{"path": "/a"}, {"path": "/b"}],
            "httpResponses": [{"statusCode": 202}, {"statusCode": 202}]},
        {"httpRequests": [{"path": "/a"}], "httpResponses": [{"statusCode": 201}, {"statusCode": 202}]},
        {"httpResponses": []}, {"httpRequests": [{"path": "/a"}], "expectationIds": [{"id": "a"}]},
        {"httpRequests": [{"path": "/z"}], "timeout": 100},
    ]):
        yield one(f"sequence-responses/{number}", "sequences", "RARE",
            [*answered, control("verifySequence", body, FIRST_LINE)])


def malformed_cases(random):
    texts = ["", " ", "null", "[]", "{}", "x", "{", '"text"', "1", '{"foo":1}', '{"httpRequest":{"foo":1}}',
        '{"httpRequest":1}', '{"httpRequest":null}', '{"httpRequest":[]}', '{"times":{"atLeast":1}}',
        '{"httpRequest":{},"times":1}', '{"httpRequest":{},"times":null}',
        '{"httpRequest":{},"times":{"atLeast":"1"}}', '{"httpRequest":{},"times":{"atLeast":1.5}}',
        '{"httpRequest":{},"times":{"foo":1}}', '{"httpRequest":{},"times":{"exactly":1}}', '[{"httpRequest":{}}]',
        '{"httpRequest":{}}', "{httpRequest:{path:'/v',},}", '// c\n{"httpRequest":{}}',
        '{"httpRequest":{},"maximumNumberOfRequestToReturnInVerificationFailure":"x"}',
        '{"httpRequest":{"specUrlOrPayload":"nothing"}}', '{"expectationId":{}}', '{"expectationId":{"id":1}}',
        '{"expectationId":null}', '{"httpRequest":{"path":"/v"}} trailing', '""']
    for number, text in enumerate(texts):
        check = STATUS if text in ("x", "{", '"text"', "1") else FIRST_LINE
        yield one(f"malformed/{number}", "malformed", "CORE", [send("GET", "/v"), verify(text, check)])
    sequences = ["", " ", "null", "[]", "{}", "x", "{", '{"foo":1}', '{"httpRequests":1}', '{"httpRequests":null}',
        '{"httpRequests":{}}', '{"httpRequests":{"path":"/v"}}', '{"httpRequests":[1]}', '{"httpRequests":[null]}',
        '{"httpRequests":[{"foo":1}]}', '{"httpRequests":[{}]}', '{"httpRequests":[]}', '[{"path":"/v"}]',
        '{"httpRequests":["x"]}', '{"expectationIds":["a"]}', '{"expectationIds":[{}]}', '{"expectationIds":[]}',
        "{httpRequests:[{path:'/v'},],}"]
    for number, text in enumerate(sequences):
        yield one(f"malformed-sequence/{number}", "malformed", "CORE",
            [send("GET", "/v"), control("verifySequence", text, STATUS if text in ("x", "{") else FIRST_LINE)])


def cleared_cases():
    twice = {"httpRequest": {"path": "/v"}, "times": {"atLeast": 2, "atMost": 2}}
    sent = [register(expectation({"path": "/v"}, "v", id="e1")), send("GET", "/v"), send("GET", "/v")]
    for number, steps in enumerate([
        [control("reset")], [control("clear")], [control("clear?type=log")], [control("clear?type=expectations")],
        [control("clear?type=all")], [control("clear?type=log", {"path": "/v"})],
        [control("clear?type=log", {"path": "/w"})], [control("clear", {"path": "/v"})],
        [control("clear?type=expectations", {"path": "/v"})], [control("clear?type=log", {"id": "e1"})],
        [control("clear", {"id": "e1"})], [send("PUT", "/reset")], [control("status")],
        [control("verify", {"httpRequest": {}}, STATUS)], [control("retrieve?type=requests")],
        [control("reset", method="POST", check=STATUS)],
    ]):
        yield one(f"cleared/{number}", "after clear and reset", "CORE",
            [*sent, *steps, verify(twice), verify({"httpRequest": {}, "times": {"atLeast": 0}})])
