"""Request matching without bodies: method, path, path parameters, query, headers, cookies and the rest."""

from urllib.parse import quote

from ..case import Case, expectation, register, send
from . import values


def match_case(name, feature, grade, matchers, requests, group="matching"):
    """Expectations e0, e1, … and requests; what is compared is which of them answered."""
    # Ids in the order of age: MockServer sorts by them what was registered within one millisecond.
    entries = [expectation(matcher, f"e{number}", id=f"{name}-{number}") for number, matcher in enumerate(matchers)]
    return Case(name, group, grade, [register(*entries), *requests], feature)


def cases(random):
    yield from method_cases(random)
    yield from path_cases(random)
    yield from path_parameter_cases(random)
    yield from query_cases(random)
    yield from header_cases(random)
    yield from cookie_cases(random)
    yield from flag_cases()
    yield from order_cases(random)
    yield from whole_cases(random)


def method_cases(random):
    matchers = ["GET", "get", "POST", "P.*", "!GET", "!P.*", "", "GET|POST", "?GET", "G", "!", "[", "PURGE",
        {"value": "GET", "not": True}, {"schema": {"type": "string", "pattern": "^P"}}]
    methods = ["GET", "POST", "PUT", "HEAD", "OPTIONS", "PATCH", "DELETE", "TRACE"]
    for number, method in enumerate(matchers):
        requests = [send(name, "/any") for name in methods]
        yield match_case(f"matching/method/{number}", "method", "CORE", [{"method": method}], requests)


RAW_PATHS = [
    "/", "/a", "/A", "/a/", "//a", "/a//b", "/a/b", "/a/b/c", "/a%20b", "/a%2Fb", "/%61", "/a+b", "/a.b", "/a.c",
    "/abc", "/a;x=1", "/a/../b",
    "/%C3%A4", "/%c3%a4", "/a?x=1", "/a?", "/a:b", "/a*b", "/$a", "/a'b", "/(a)", "/a,b", "/%zz", "/a%", "/~a",
    "/a@b", "/a=b", "/a&b", "/[a]", "/{a}",
    "/api/users/12", "/api/users/abc", "/api/users", "/API/Users/12",
]
PATH_MATCHERS = [
    "/", "/a", "/A", "/a/", "a", "/a.b", "/a.*", "/a.c", "/.*", ".*", "", "!/a", "!/a.*", "/a b", "/a%20b", "/ä",
    "/%C3%A4", "/%61", "/a+b", "/a\\+b", "/a/{id}", "/{id}",
    "/(a|b)", "/a?x=1", "/a[?]x=1", "/a\\.b", "/[a-z]+", "/[A-Z]+", "//a", "/a//b", "?/a", "/a|/abc", "/(?!a).*",
    "/a\\/b", "/\\w+", "/.{1}", "/$a", "/(a)", "/{a}", "/[a]",
    "/api/users/\\d+", "/api/users/[^/]+", "/api/.*/12", "/api/users.*", "!/api/.*", "/api/users/", "/API/USERS/12",
    "/a;x=1", "/a.*c", "^/a$", "/a$", "\\Q/a.b\\E", "/a*b", "/a**",
]


def path_cases(random):
    for number, path in enumerate(PATH_MATCHERS):
        requests = [send("GET", target) for target in random.sample(RAW_PATHS, 14)]
        yield match_case(f"matching/path/{number}", "path", "CORE", [{"path": path}], requests)
    for number, pattern in enumerate(values.PATTERNS):
        requests = [send("GET", "/" + quote(word)) for word in random.sample(values.WORDS, 8)]
        requests += [send("GET", "/abc"), send("GET", "/ab"), send("GET", "/a")]
        yield match_case(f"matching/path-pattern/{number}", "path pattern", "COMMON", [{"path": "/" + pattern}],
            requests)
    for number in range(60):
        requests = [send("GET", target) for target in random.sample(RAW_PATHS, 10)]
        chosen = [{"path": matcher} for matcher in random.sample(PATH_MATCHERS, 3)]
        yield match_case(f"matching/paths/{number}", "path", "CORE", chosen, requests)
    for number in range(20):
        matcher = {"path": values.object_string(random, random.choice(["/a", "/abc", "/.*"]))}
        requests = [send("GET", target) for target in random.sample(RAW_PATHS, 8)]
        yield match_case(f"matching/path-object/{number}", "path as object", "RARE", [matcher], requests)


def path_parameter_cases(random):
    paths = ["/c/{id}", "/c/{id}/o/{order}", "/{a}/{b}", "/c/{id}/", "/c/x{id}", "/{id}", "/c/{id}/{id}", "c/{id}",
        "/c/{ID}", "/C/{id}", "/c.*/{id}", "/c/{}", "/c/{id}.json"]
    targets = ["/c/12", "/c/12/", "/c/ab", "/c", "/c/", "/c/12/o/7", "/c/12/o/", "/C/12", "/c//12", "//c/12", "/x/y",
        "/c/a%20b", "/c/x12", "/c/12.json", "/c/12?x=1", "/12", "/c/%C3%A4"]
    for number in range(110):
        path = random.choice(paths)
        parameters = {}
        for name in random.sample(["id", "order", "a", "b", "ID", "none", "!id", "?id"],
            random.randint(0, 2)) or ["id"]:
            value = random.choice(["12", "1.*", "[0-9]+", "[a-z]+", ".*", "!12", "", "7", "?12", "ab", "AB", "a b",
                "ä"])
            parameters[name] = random.choice([[value], value, [value, "x"], []])
        if random.random() < 0.2:
            parameters["keyMatchStyle"] = random.choice(["SUB_SET", "MATCHING_KEY"])
        if random.random() < 0.15:
            parameters["id"] = [values.object_string(random, "12")]
        matchers = [{"path": path, "pathParameters": parameters}]
        if random.random() < 0.3:
            matchers.append({"path": path})
        requests = [send("GET", target) for target in random.sample(targets, 8)]
        yield match_case(f"matching/path-parameters/{number}", "path parameters", "CORE" if number < 60 else "COMMON",
            matchers, requests)


def multi_map(random, names, of):
    """A matcher of names with values, in any of its JSON forms. `of` are the request's pairs."""
    entries = []
    for _ in range(random.randint(1, 2)):
        name, value = random.choice(of) if of and random.random() < 0.75 else (random.choice(names),
            values.word(random))
        if random.random() < 0.15:
            name = random.choice(["!", "?"]) + name
        elif random.random() < 0.1:
            name = random.choice(["a.*", ".*", "[a-z]+", "X-.*", "!a|b"])
        value = value or "a"
        wanted = [values.string_matcher(random, value) for _ in range(random.choice([1, 1, 1, 2, 0]))]
        if random.random() < 0.1:
            wanted = [values.object_string(random, value)]
        entries.append((name, wanted))
    if random.random() < 0.15:
        return [{"name": name, "values": wanted} for name, wanted in entries]
    matcher = {name: wanted[0] if len(wanted) == 1 and random.random() < 0.2 else wanted for name, wanted in entries}
    if random.random() < 0.2:
        matcher["keyMatchStyle"] = random.choice(["SUB_SET", "MATCHING_KEY", "MATCHING_KEY"])
    return matcher


QUERY_TABLE = [
    ({"!a": [".*"]}, "CORE"), ({"a": ["!1"]}, "CORE"), ({"!a": ["!1"]}, "CORE"), ({"?a": ["1"]}, "CORE"),
    ({"a": []}, "CORE"), ({"a": [""]}, "CORE"),
    ({"a": ["1", "2"]}, "CORE"), ({"a": ["1", "1"]}, "CORE"), ({"a": [".*", ".*"]}, "COMMON"), ({"a": "1"}, "CORE"),
    ({"a": None}, "RARE"), ({}, "CORE"),
    ([{"name": "a", "values": ["1"]}], "CORE"), ({"keyMatchStyle": "MATCHING_KEY", "a": ["1", "2"]}, "COMMON"),
    ({"keyMatchStyle": "MATCHING_KEY", "a": ["1"]}, "COMMON"),
    ({"keyMatchStyle": "MATCHING_KEY", "?a": ["1"]}, "COMMON"),
    ({"keyMatchStyle": "MATCHING_KEY", "!a": ["1"]}, "COMMON"),
    ({"keyMatchStyle": "MATCHING_KEY", "a": ["!1"]}, "COMMON"),
    ({"a.*": ["1"]}, "COMMON"), ({"!a.*": ["1"]}, "COMMON"), ({"A": ["1"]}, "CORE"), ({"a": ["!1", "2"]}, "COMMON"),
    ({"a": ["?1"]}, "RARE"), ({"?a": ["?1"]}, "RARE"),
    ({"?!a": ["1"]}, "RARE"), ({"!?a": ["1"]}, "RARE"), ({"a": ["1"], "b": ["1"]}, "CORE"),
    ({"a": ["1"], "?b": ["1"]}, "CORE"), ({"a": ["1"], "!b": [".*"]}, "CORE"),
    ({"a": [{"schema": {"type": "integer", "minimum": 5}}]}, "COMMON"),
    ({"a": [{"not": True, "value": "1"}]}, "COMMON"), ("a=1", "COMMON"), ("a=1&b=2", "COMMON"), ("", "RARE"),
    ("a=1;b=2", "RARE"),
    ({"a": {"values": ["1"]}}, "RARE"), ({"a": {"parameterStyle": "FORM", "values": ["1,2"]}}, "RARE"),
    ({"a": {"parameterStyle": "PIPE_DELIMITED", "values": ["1", "2"]}}, "RARE"),
    ({"a": {"parameterStyle": "FORM_EXPLODED", "values": ["1", "2"]}}, "RARE"),
    ({"a": {"parameterStyle": "SPACE_DELIMITED_EXPLODED", "values": ["1", "2"]}}, "RARE"),
    ({"a": {"parameterStyle": "DEEP_OBJECT", "values": ["x,1"]}}, "RARE"), ({"a": 1}, "RARE"),
    ({"a": [1, True]}, "RARE"),
]
QUERIES = [
    "", "?", "?a", "?a=", "?a=1", "?a=2", "?a=1&a=2", "?a=1&b=2", "?b=1", "?A=1", "?a=1;b=2", "?a=1&a=1", "?ab=1",
    "?a=1,2", "?a=%31", "?%61=1", "?a=+1", "?a=7", "?a=z", "?&", "?&&a=1",
    "?=1", "?a=1=2", "?a=1#b", "?a=1?b=2", "?a[x]=1", "?a=1%7C2", "?a=%zz", "?a=%C3%A4", "?a=ä", "?a=1&b=1&c=1",
]


def query_cases(random):
    for number, (matcher, grade) in enumerate(QUERY_TABLE):
        requests = [send("GET", "/q" + query) for query in QUERIES]
        yield match_case(f"matching/query-table/{number}", "query", grade, [{"queryStringParameters": matcher}],
            requests)
    for number in range(260):
        given = values.pairs(random)
        matchers = [{"queryStringParameters": multi_map(random, values.PLAIN_NAMES,
            given)} for _ in range(random.choice([1, 1, 2]))]
        queries = [given] + [values.pairs(random) for _ in range(3)] + [given[:-1],
            given + [(random.choice(values.PLAIN_NAMES), values.word(random))], given[::-1]]
        requests = [send("GET", "/q?" + values.query_of(query, random)) for query in queries]
        yield match_case(f"matching/query/{number}", "query", "CORE" if number < 130 else "COMMON", matchers, requests)


HEADER_TABLE = [
    [("X-Id", "a")], [("x-id", "a")], [("X-ID", "A")], [("X-Id", "b")], [("X-Id", "a"), ("X-Id", "b")],
    [("X-Id", "a, b")], [("X-Id", "")], [], [("X-Ids", "a")], [("X-Id", " a ")],
    [("X-Id", "a"), ("Other", "1")], [("Other", "1")], [("X-Id", "abc")], [("X-Id", "7")],
]


def header_cases(random):
    table = [
        {"X-Id": ["a"]}, {"x-id": "a"}, {"X-Id": ["a", "b"]}, {"X-Id": ["b", "a"]}, {"X-Id": ["a, b"]},
        {"!X-Id": [".*"]}, {"!X-Id": ["a"]}, {"X-Id": ["!a"]}, {"?X-Id": ["a"]}, {"X-Id": [""]}, {"X-Id": []},
        {"X-.*": ["a"]}, {"X-Id": [".*"]}, {"X-Id": ["a.*"]}, {"keyMatchStyle": "MATCHING_KEY", "X-Id": ["a"]},
        {"keyMatchStyle": "MATCHING_KEY", "X-Id": ["a", "b"]}, {"keyMatchStyle": "MATCHING_KEY", "X-Id": [".*"]},
        [{"name": "X-Id", "values": ["a"]}], {"X-Id": ["a"], "Other": ["1"]}, {"X-Id": ["a"], "!Other": ["1"]},
        {"X-Id": [{"schema": {"type": "integer"}}]}, {"!.*": [".*"]}, {"Host": ["127.*"]},
        {"Content-Length": ["0"]}, {"Connection": [".*"]}, {"!Content-Length": [".*"]},
    ]
    for number, matcher in enumerate(table):
        requests = [send("GET", "/h", headers) for headers in HEADER_TABLE] + [send("POST", "/h", [("X-Id", "a")],
            "body")]
        yield match_case(f"matching/header-table/{number}", "headers", "CORE", [{"headers": matcher}], requests)
    safe = [word for word in values.WORDS if word.isascii()]
    for number in range(160):
        given = [(random.choice(values.NAMES), random.choice(safe)) for _ in range(random.randint(0, 3))]
        matchers = [{"headers": multi_map(random, values.NAMES, given)} for _ in range(random.choice([1, 1, 2]))]
        lines = [given] + [[(random.choice(values.NAMES),
            random.choice(safe)) for _ in range(random.randint(0, 3))] for _ in range(3)] + [given[:-1], given[::-1]]
        requests = [send("GET", "/h", headers) for headers in lines]
        yield match_case(f"matching/header/{number}", "headers", "CORE" if number < 80 else "COMMON", matchers,
            requests)


def cookie_cases(random):
    lines = ["a=1", "a=2", "A=1", "a=1; b=2", "b=2; a=1", "b=2", 'a="1"', "a=", "a", "", "a=1;b=2", "a=1; a=2",
        "a=%31", "ab=1", "a=1=2", " a = 1 ", "a=1; ; b=2", "a=7", "a=abc", "$Version=1; a=1"]
    table = [
        {"a": "1"}, {"A": "1"}, {"a": "!1"}, {"!a": "1"}, {"!a": ".*"}, {"?a": "1"}, {"a": ".*"}, {"a": ""},
        {"a.*": "1"}, {"a": "1", "b": "2"}, {"a": "1", "!b": "2"}, {"a": "1", "?b": "2"},
        [{"name": "a", "value": "1"}], {"a": "[0-9]+"}, {"a": {"schema": {"type": "integer", "minimum": 5}}},
        {"a": {"not": True, "value": "1"}}, {"a": "\"1\""}, {}, {"?!a": "1"}, {"a": "?1"}, {"!a": "!1"}, {"a": 1},
        {"a": ["1"]},
    ]
    for number, matcher in enumerate(table):
        requests = [send("GET", "/c", [("Cookie", line)] if line else []) for line in lines]
        requests.append(send("GET", "/c", [("Cookie", "a=1"), ("Cookie", "b=2")]))
        yield match_case(f"matching/cookie-table/{number}", "cookies", "CORE", [{"cookies": matcher}], requests)
    for number in range(90):
        matcher = {}
        for _ in range(random.randint(1, 2)):
            matcher[random.choice(["", "", "", "!", "?"]) + random.choice(["a", "b", "A", "a.*",
                ".*"])] = values.string_matcher(random, random.choice(["1", "2", "abc"]))
        requests = [send("GET", "/c", [("Cookie", line)] if line else []) for line in random.sample(lines, 8)]
        yield match_case(f"matching/cookie/{number}", "cookies", "CORE" if number < 45 else "COMMON",
            [{"cookies": matcher}], requests)


def flag_cases():
    requests = [send("GET", "/f"), send("GET", "/f", [("Connection", "keep-alive")]),
        send("GET", "/f", [("Connection", "close")]), send("POST", "/f", body="x")]
    matchers = [
        {"secure": True}, {"secure": False}, {"keepAlive": True}, {"keepAlive": False}, {"protocol": "HTTP_1_1"},
        {"protocol": "HTTP_2"}, {"secure": None}, {"keepAlive": None}, {"path": None},
        {"method": None, "path": "/f"},
        {"socketAddress": {"host": "other", "port": 1}}, {"not": True, "path": "/f"}, {"not": True, "path": "/g"},
        {"not": False, "path": "/f"}, {"not": True}, {}, {"respondBeforeBody": True, "path": "/f"},
        {"if": {"path": "/f"}, "then": {"method": "GET"}},
        {"if": {"path": "/g"}, "then": {"method": "GET"}, "else": {"method": "POST"}},
        {"if": {"method": "GET"}, "else": {"path": "/f"}},
        {"headers": None, "cookies": None, "queryStringParameters": None, "body": None},
        {"method": "", "path": " ", "body": ""},
    ]
    for number, matcher in enumerate(matchers):
        grade = "RARE" if "not" in matcher or "if" in matcher else "COMMON"
        yield match_case(f"matching/flags/{number}", "flags", grade, [matcher], list(requests))


def order_cases(random):
    """Priority, age, times, and replacing by id: which expectation answers a row of equal requests."""
    for number in range(130):
        entries, kind = [], "order" if number < 70 else "replace" if number < 90 else "reprioritise"
        for index in range(random.randint(2, 4)):
            entry = expectation({"path": random.choice(["/o", "/o", "/o.*", "/.*", "/other"])}, f"e{index}")
            if random.random() < 0.5 and kind != "replace":
                entry["priority"] = random.choice([-1, 0, 1, 1, 5, 10])
            if random.random() < 0.5:
                entry["times"] = random.choice([{"remainingTimes": 1}, {"remainingTimes": 2, "unlimited": False},
                    {"unlimited": True}, {}, {"remainingTimes": 0}, {"remainingTimes": 1, "unlimited": True},
                    {"unlimited": False}])
            entry["id"] = f"order-{number}-{index if kind == 'order' else random.choice([0, 1])}"
            entries.append(entry)
        steps = [register(entry) for entry in entries] if random.random() < 0.5 else [register(*entries)]
        steps += [send("GET", "/o") for _ in range(6)] + [send("GET", "/ox")]
        yield Case(f"matching/{kind}/{number}", "matching", "CORE", steps, "order and times")


def whole_cases(random):
    """Several fields at once, against requests that keep some of them."""
    for number in range(150):
        method, path = random.choice(["GET", "POST"]), random.choice(["/w", "/w/x", "/W"])
        query, headers = values.pairs(random, most=2), [("X-Id",
            random.choice(["a", "b", "1"])) for _ in range(random.randint(0, 1))]
        cookie, body = random.choice(["", "a=1", "a=2; b=1"]), random.choice(["", "text", "Text"])
        matcher = {}
        if random.random() < 0.6:
            matcher["method"] = random.choice([method, "!" + method, "GET|POST", method.lower()])
        if random.random() < 0.7:
            matcher["path"] = random.choice([path, path.upper(), "/w.*", "!/w"])
        if query and random.random() < 0.6:
            matcher["queryStringParameters"] = multi_map(random, values.PLAIN_NAMES, query)
        if random.random() < 0.4:
            matcher["headers"] = multi_map(random, ["X-Id"], headers)
        if random.random() < 0.4:
            matcher["cookies"] = {random.choice(["a", "?a", "!a", "b"]): random.choice(["1", "2", ".*"])}
        if random.random() < 0.3:
            matcher["body"] = random.choice(["text", "!text", {"type": "REGEX", "regex": "t.*"},
                {"type": "STRING", "string": "ex", "subString": True}])

        def request(method=method, path=path, query=query, headers=headers, cookie=cookie, body=body):
            lines = headers + ([("Cookie", cookie)] if cookie else [])
            target = path + ("?" + values.query_of(query) if query else "")
            return send(method, target, lines, body or None)

        requests = [request(), request(method="PUT"), request(path="/w"), request(query=[]), request(headers=[]),
            request(cookie="a=1"), request(body="text")]
        yield match_case(f"matching/whole/{number}", "several fields", "CORE", [matcher, {"path": "/w"}], requests)
