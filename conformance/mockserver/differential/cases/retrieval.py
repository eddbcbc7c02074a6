"""retrieve, clear, reset: what is remembered, in which form, and what removes it."""

from ..case import EXACT, FIRST_LINE, HEAD, STATUS, Case, control, expectation, register, send

GROUP = "retrieval"
TYPES = ["requests", "request_responses", "active_expectations", "recorded_expectations", "logs"]


def cases(random):
    yield from type_cases()
    yield from request_form_cases()
    yield from filter_cases(random)
    yield from value_cases()
    yield from log_cases()
    yield from clear_cases(random)
    yield from code_cases()


def one(name, feature, grade, steps):
    return Case(f"retrieval/{name}", GROUP, grade, steps, feature)


def retrieve(kind, body=None, check=EXACT, form=None):
    return control(f"retrieve?type={kind}" + (f"&format={form}" if form else ""), body, check)


def level_of(kind, form=None):
    return HEAD if kind == "logs" or form == "log_entries" else EXACT


ENTRIES = [expectation({"path": "/a"}, "one", id="e1"),
    expectation({"path": "/b", "method": "POST"}, "two", id="e2", times={"remainingTimes": 2}, priority=3),
    expectation({"path": "/c.*"}, "three", id="e3",
    httpResponse={"statusCode": 201, "headers": {"X-R": ["1", "2"]}, "body": {"r": [1, 2]}})]
SENT = [send("GET", "/a?x=1&x=2&y=%C3%A4"), send("POST", "/b",
    [("Content-Type", "application/json"), ("X-Id", "a"), ("x-id", "b")], '{"a": 1.50}'),
    send("GET", "/cc", [("Cookie", "k=v; l=\"w\"")]), send("GET", "/none"), send("POST", "/b", [], "plain")]


def type_cases():
    for kind in TYPES:
        for form in (None, "json", "log_entries", "java", "JSON", "Log_Entries"):
            level = level_of(kind, (form or "").lower())
            if form == "java":
                level = STATUS
            grade = "CORE" if form in (None, "json") else "COMMON"
            yield one(f"type/{kind}/{form}/empty", "types and formats", grade, [retrieve(kind, check=level, form=form)])
            yield one(f"type/{kind}/{form}/some", "types and formats", grade,
                [register(*ENTRIES), *SENT, retrieve(kind, check=level, form=form)])
            yield one(f"type/{kind}/{form}/filtered", "types and formats", grade,
                [register(*ENTRIES), *SENT, retrieve(kind, {"path": "/b"}, level, form)])
            yield one(f"type/{kind}/{form}/nothing", "types and formats", grade,
                [register(*ENTRIES), *SENT, retrieve(kind, {"path": "/nothing"}, level, form)])
    yield one("type/none", "types and formats", "CORE", [register(*ENTRIES), *SENT, control("retrieve")])
    yield one("type/upper", "types and formats", "COMMON",
        [register(*ENTRIES), *SENT, control("retrieve?type=REQUESTS&format=JSON")])
    yield one("type/metrics", "types and formats", "RARE", [control("retrieve?type=metrics", check=STATUS)])


def request_form_cases():
    """How one received request is shown, by its body, headers and target."""
    contents = [("text/plain", "text"), ("text/plain; charset=utf-8", "ä"),
        ("text/plain; charset=iso-8859-1", b"\xe4"), ("text/html", "<p>"), ("text/css", "a{}"),
        ("application/json", '{"a":1,"b":[1.50,null]}'), ("application/json; charset=utf-8", '{"ä":1}'),
        ("application/json", "[1,2]"), ("application/json", '"text"'), ("application/json", "5"),
        ("application/json", "null"), ("application/json", ""), ("application/hal+json", '{"a":1}'),
        ("application/vnd.api+json", '{"a":1}'), ("application/xml", "<a>1</a>"), ("text/xml", "<a/>"),
        ("application/soap+xml", "<a/>"), ("application/xml", "no xml"),
        ("application/x-www-form-urlencoded", "a=1&b=2"), ("application/octet-stream", b"\x00\x01\xff"),
        ("image/png", b"\x89PNG"), ("multipart/form-data; boundary=x",
        "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n"), ("application/javascript", "x=1"),
        ("nonsense", "text"), ("", "text"), ("text/plain; charset=nonsense", "text"),
        ("application/graphql", "{ a }"), ("application/yaml", "a: 1")]
    for number, (kind, body) in enumerate(contents):
        headers = [("Content-Type", kind)] if kind else []
        for shown in ("requests", "request_responses"):
            yield one(f"form/{number}/{shown}", "forms of bodies", "CORE" if number < 12 else "COMMON",
                [send("POST", "/f", headers, body), retrieve(shown)])
    bare = ["text", "", b"\x00\xff", '{"a":1}', "<a/>", "ä"]
    for number, body in enumerate(bare):
        yield one(f"form-bare/{number}", "forms of bodies", "CORE",
            [send("POST", "/f", [], body), retrieve("requests")])
    targets = ["/f", "/f?", "/f?a", "/f?a=", "/f?a=1&b=2&a=3", "/f?a=%20+x", "/f?%C3%A4=%C3%BC", "/f%20g", "/f/../g",
        "//f", "/f?a=1=2", "/f;x=1", "/f?a[]=1", "/f?=1", "/f#x", "/f?a=1;b=2", "/%C3%A4", "/f?a=%zz", "*",
        "/f?a=1&&b"]
    for number, target in enumerate(targets):
        yield one(f"target/{number}", "targets", "CORE", [send("GET", target), retrieve("requests")])
    lines = [[("X-Id", "a")], [("x-id", "a"), ("X-ID", "b")], [("X-Id", "")], [("X-Id", "a, b")], [("Cookie", "a=1")],
        [("Cookie", "a=1; b=\"2\"; c")], [("Cookie", "a=1"), ("Cookie", "b=2")], [("Connection", "close")],
        [("Connection", "keep-alive")], [("X-Id", "!a")], [("Accept", "*/*"), ("User-Agent", "t/1")],
        [("Authorization", "Basic YTpi")], [("Host", "example.test")], [("Content-Length", "0")],
        [("Expect", "100-continue")]]
    for number, headers in enumerate(lines):
        yield one(f"lines/{number}", "header lines", "CORE",
            [send("GET", "/f", headers) if "Host" not in dict(headers) else send("GET", "/f", headers, check=STATUS),
            retrieve("requests")])
    for number, method in enumerate(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]):
        yield one(f"method/{method}", "methods", "CORE",
            [send(method, "/f"), retrieve("requests"), retrieve("request_responses")])


def filter_cases(random):
    filters = [{"path": "/a"}, {"path": "/.*"}, {"method": "POST"}, {"method": "!POST"}, {"path": "!/a"},
        {"headers": {"X-Id": ["a"]}}, {"headers": {"!X-Id": [".*"]}}, {"queryStringParameters": {"x": ["1"]}},
        {"cookies": {"k": "v"}}, {"body": {"a": 1.50}}, {"body": {"type": "JSON", "json": {"a": 1.5}}},
        {"body": "plain"}, {"body": {"type": "REGEX", "regex": "p.*"}}, {}, {"path": ""}, {"id": "e1"},
        {"id": "none"}, {"path": "/a", "method": "GET"}, {"path": "/A"}, {"not": True, "path": "/a"},
        {"secure": True}, {"keepAlive": True}]
    for number, wanted in enumerate(filters):
        for kind in ("requests", "request_responses", "active_expectations"):
            yield one(f"filter/{kind}/{number}", "filters", "CORE" if number < 14 else "COMMON",
                [register(*ENTRIES), *SENT, retrieve(kind, wanted,
                FIRST_LINE if "not" in wanted or "id" in wanted else EXACT)])
    stored = [{"path": "/re.*"}, {"path": "!/x"}, {"headers": {"A": ["b.*"]}}, {"method": "P.*"},
        {"path": "/c/{id}", "pathParameters": {"id": ["1"]}}, {"body": {"type": "JSON", "json": {"a": 1, "b": 2}}},
        {"body": {"type": "REGEX", "regex": "a.*"}}, {"queryStringParameters": {"q": ["1", "2"]}}, {},
        {"body": "text"}]
    wanted = [{"path": "/rex"}, {"path": "/x"}, {"headers": {"A": ["bb"]}}, {"headers": {"A": ["b.*"]}},
        {"method": "PUT"}, {"path": "/c/1"}, {"path": "/c/{id}"}, {"body": {"a": 1}}, {"body": "abc"},
        {"queryStringParameters": {"q": ["1"]}}, {"path": "/re.*"}, {"body": "text"}, {"method": "GET"}]
    for number, request in enumerate(wanted):
        entries = [expectation(matcher, f"b{index}", id=f"s{index}") for index, matcher in enumerate(stored)]
        yield one(f"filter-stored/{number}", "filters of expectations", "CORE",
            [register(*entries), retrieve("active_expectations", request)])
        yield one(f"filter-clear/{number}", "filters of expectations", "CORE",
            [register(*entries), control("clear?type=expectations", request), retrieve("active_expectations")])


def value_cases():
    for number, query in enumerate(["type=foo", "type=", "format=foo", "type=requests&format=foo",
        "type=requests&format=", "type=foo&format=foo", "TYPE=requests", "type=requests&type=logs",
        "type=requests&x=1", "type=active_expectations&format=log_entries", "type=request_responses&format=java",
        "type=recorded_expectations&format=java"]):
        yield one(f"value/{number}", "wrong values", "CORE",
            [send("GET", "/a"), control("retrieve?" + query,
            check=STATUS if "java" in query and "recorded" in query else EXACT)])
    for number, text in enumerate(['""', "null", "[]", "x", "{", "1", '{"foo":1}', '{"path":1}', '{"path":null}',
        "{}", " ", '[{"path":"/a"}]', "{path:'/a',}", '{"path":"/a"} x', '{"httpRequest":{"path":"/a"}}',
        '{"specUrlOrPayload":"nothing"}']):
        check = STATUS if text in ("x", "{", "1", '""') or "spec" in text else FIRST_LINE
        yield one(f"body/{number}", "wrong bodies", "CORE",
            [send("GET", "/a"), control("retrieve?type=requests", text, check)])
        yield one(f"clear-body/{number}", "wrong bodies", "CORE",
            [send("GET", "/a"), control("clear", text, check), retrieve("requests")])
        yield one(f"reset-body/{number}", "wrong bodies", "CORE",
            [send("GET", "/a"), control("reset", text), retrieve("requests")])
        yield one(f"status-body/{number}", "wrong bodies", "COMMON", [control("status", text, STATUS)])
    for number, query in enumerate(["type=foo", "type=", "type=LOG", "type=Expectations", "type=all", "type=log&x=1",
        "TYPE=log", ""]):
        yield one(f"clear-value/{number}", "wrong values", "CORE",
            [register(*ENTRIES), send("GET", "/a"), control("clear?" + query), retrieve("requests"),
            retrieve("active_expectations")])


def log_cases():
    """The log as text and as entries: the kinds and order of entries, without their times and ids."""
    scripts = {
        "one": [send("GET", "/a")], "matched": [register(ENTRIES[0]), send("GET", "/a")],
        "unmatched": [register(ENTRIES[0]), send("GET", "/x")], "created": [register(*ENTRIES)],
        "updated": [register(ENTRIES[0]), register(ENTRIES[0])],
        "cleared": [register(ENTRIES[0]), control("clear", {"path": "/a"}, STATUS)],
        "verified": [send("GET", "/a"), control("verify", {"httpRequest": {"path": "/a"}}, STATUS)],
        "failed": [send("GET", "/a"), control("verify", {"httpRequest": {"path": "/b"}}, STATUS)],
        "retrieved": [send("GET", "/a"), retrieve("requests", check=STATUS)],
        "used-up": [register({**ENTRIES[0], "times": {"remainingTimes": 1}}), send("GET", "/a")],
        "refused": [control("expectation", "{", STATUS)],
    }
    for name, steps in scripts.items():
        yield one(f"log/{name}", "log", "COMMON", [*steps, retrieve("logs", check=EXACT)])
        yield one(f"log-entries/{name}", "log", "RARE", [*steps, retrieve("logs", check=EXACT, form="log_entries")])
        yield one(f"log-requests/{name}", "log", "RARE",
            [*steps, retrieve("requests", check=EXACT, form="log_entries")])


def clear_cases(random):
    filters = [None, {}, {"path": "/a"}, {"path": "/.*"}, {"method": "POST"}, {"path": "!/a"}, {"id": "e1"},
        {"id": "e2"}, {"id": "none"}, {"path": "/nothing"}, {"headers": {"X-Id": ["a"]}}, {"body": "plain"},
        {"path": "/b", "method": "POST"}, {"path": "/b", "method": "GET"}, {"path": "/c.*"}, {"path": "/cc"}]
    for kind in (None, "all", "log", "expectations"):
        for number, wanted in enumerate(filters):
            operation = "clear" + (f"?type={kind}" if kind else "")
            steps = [register(*ENTRIES), *SENT, control(operation, wanted), retrieve("active_expectations"),
                retrieve("requests"), send("GET", "/a"), send("POST", "/b")]
            yield one(f"clear/{kind}/{number}", "clear", "CORE", steps)
    yield one("reset", "reset", "CORE", [register(*ENTRIES), *SENT, control("reset"), retrieve("active_expectations"),
        retrieve("requests"), retrieve("request_responses"), send("GET", "/a")])


def code_cases():
    for form in ("java", "javascript", "python", "go", "csharp", "ruby", "rust", "php", "har", "openapi", "postman",
        "bruno", "curl"):
        for kind in ("requests", "active_expectations"):
            yield one(f"code/{form}/{kind}", "generated code", "RARE",
                [register(ENTRIES[0]), send("GET", "/a"), retrieve(kind, check=STATUS, form=form)])
