"""Request matching by body: every kind of body matcher against bodies that nearly fit."""

import base64
import json

from ..case import send
from . import documents, values
from .matching import match_case, multi_map

JSON_TYPE = [("Content-Type", "application/json")]
FORM_TYPE = [("Content-Type", "application/x-www-form-urlencoded")]
XML_TYPE = [("Content-Type", "application/xml")]
TEXT_TYPE = [("Content-Type", "text/plain")]


def cases(random):
    yield from string_cases(random)
    yield from json_cases(random)
    yield from json_table_cases()
    yield from json_schema_cases(random)
    yield from json_path_cases(random)
    yield from xml_cases(random)
    yield from xpath_cases(random)
    yield from parameter_cases(random)
    yield from binary_cases(random)
    yield from converted_cases()
    yield from newer_cases()


def case(name, feature, grade, matchers, requests):
    """A case whose expectations all sit on /b and differ in their body matcher."""
    return match_case(f"bodies/{name}", feature, grade, [{"body": matcher} for matcher in matchers], requests, "bodies")


def post(body, headers=()):
    return send("POST", "/b", headers, body)


TEXTS = ["text", "Text", "TEXT", "some text here", "", " text", "text\n", "a\nb", "ä", "!text", "12", "{}", "null",
    "a+b", "x=1", "[1]"]


def string_cases(random):
    matchers = []
    for text in ["text", "!text", "a\nb", "ä", "a+b", "12", "", "!", "t.*", "?text", "te", "x=1"]:
        matchers += [
            (text, "CORE"), ({"type": "STRING", "string": text}, "CORE"),
            ({"type": "STRING", "string": text, "subString": True}, "COMMON"),
            ({"type": "STRING", "string": text, "not": True}, "COMMON"),
            ({"not": True, "type": "STRING", "string": text, "subString": True}, "COMMON"),
            ({"type": "REGEX", "regex": text}, "COMMON"), ({"type": "REGEX", "regex": text, "not": True}, "COMMON"),
            ({"type": "STRING", "string": text, "contentType": "text/plain"}, "COMMON"),
            ({"type": "STRING", "string": text, "optional": True}, "RARE"),
            ({"type": "REGEX", "regex": text, "optional": True}, "RARE"),
        ]
    for number, (matcher, grade) in enumerate(matchers):
        requests = [post(text) for text in random.sample(TEXTS, 9)] + [post("text"), post(None),
            post("text", TEXT_TYPE)]
        yield case(f"string/{number}", "string and regex body", grade, [matcher], requests)
    for number, pattern in enumerate(values.PATTERNS):
        requests = [post(word) for word in random.sample(values.WORDS, 8)] + [post("abc"), post("a")]
        yield case(f"regex/{number}", "string and regex body", "COMMON", [{"type": "REGEX", "regex": pattern}],
            requests)


def vary(random, value):
    """A value near the given one."""
    kind = random.random()
    if isinstance(value, dict) and value and kind < 0.8:
        name = random.choice(list(value))
        copy = dict(value)
        if kind < 0.2:
            del copy[name]
        elif kind < 0.3:
            copy = dict(reversed(list(copy.items())))
        elif kind < 0.4:
            copy["extra"] = 1
        else:
            copy[name] = vary(random, copy[name])
        return copy
    if isinstance(value, list) and value and kind < 0.8:
        copy = list(value)
        if kind < 0.2:
            copy.pop(random.randrange(len(copy)))
        elif kind < 0.4:
            random.shuffle(copy)
        elif kind < 0.5:
            copy.append(values.json_value(random, 2))
        else:
            place = random.randrange(len(copy))
            copy[place] = vary(random, copy[place])
        return copy
    return random.choice([values.json_value(random, 2), value, str(value), None])


PLACEHOLDERS = ["${json-unit.any-string}", "${json-unit.any-number}", "${json-unit.any-boolean}",
    "${json-unit.ignore}", "${json-unit.ignore-element}", "${json-unit.regex}[a-z]+", "${json-unit.regex}\\d+",
    "#{json-unit.ignore}", "${json-unit.nothing}"]


def hide(random, value):
    """The value with one place replaced by a placeholder."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        name = random.choice(list(value))
        return {**value, name: hide(random, value[name])}
    if isinstance(value, list) and value and random.random() < 0.9:
        copy, place = list(value), random.randrange(len(value))
        copy[place] = hide(random, copy[place])
        return copy
    return random.choice(PLACEHOLDERS)


def json_object(random):
    value = values.json_value(random)
    return value if isinstance(value, (dict, list)) and value else {"a": value, "b": [value, 1, "x"], "c": {"d": value}}


def json_cases(random):
    for number in range(260):
        value = json_object(random)
        matcher = vary(random, value) if random.random() < 0.5 else value
        grade = "CORE"
        if random.random() < 0.25:
            matcher, grade = hide(random, matcher), "COMMON"
        if not isinstance(matcher, (dict, list)):
            matcher = {"a": matcher}
        form = random.random()
        if form < 0.2 and not (isinstance(matcher, dict) and ("type" in matcher or "not" in matcher)):
            body = matcher
        else:
            body = {"type": "JSON", "json": json.dumps(matcher, ensure_ascii=False) if form < 0.5 else matcher}
            if random.random() < 0.6:
                body["matchType"] = random.choice(["STRICT", "ONLY_MATCHING_FIELDS", "STRICT"])
            if random.random() < 0.1:
                body["not"], grade = True, "COMMON"
        sent = [value, matcher] + [vary(random, value) for _ in range(4)] + [vary(random, matcher)]
        requests = [post(one, JSON_TYPE if random.random() < 0.7 else ()) for one in sent]
        yield case(f"json/{number}", "json body", grade, [body], requests)


def json_table_cases():
    table = [
        ('{"a":1}', ['{"a":1}', '{"a":1.0}', '{"a":"1"}', '{"a":1e0}', '{"a":01}', '{"a":1,"b":2}', '{ "a" : 1 }',
            "{'a':1}", "{a:1}", '{"a":1} x', '{"a":1', "", "null", "[]", '[{"a":1}]', '{"A":1}', '{"a":1,"a":2}',
            '{"a":2,"a":1}']),
        ('{"a":1.0}', ['{"a":1}', '{"a":1.0}', '{"a":1.00}', '{"a":"1.0"}']),
        ('{"a":1e2}', ['{"a":100}', '{"a":1e2}', '{"a":1E+2}', '{"a":100.0}']),
        ('{"a":12345678901234567890}', ['{"a":12345678901234567890}', '{"a":12345678901234567891}',
            '{"a":1.2345678901234567890e19}']),
        ('{"a":0.1}', ['{"a":0.1}', '{"a":0.10}', '{"a":1e-1}']),
        ("[1,2,3]", ["[1,2,3]", "[3,2,1]", "[1,2]", "[1,2,3,4]", "[1,1,2,3]", "[]", "[[1,2,3]]", '{"a":[1,2,3]}']),
        ("[1,1]", ["[1]", "[1,1]", "[1,2,1]", "[2,1]"]),
        ("[]", ["[]", "[1]", "{}", "null"]),
        ("{}", ["{}", '{"a":1}', "[]", "null", "1", '"a"']),
        ('{"a":{}}', ['{"a":{}}', '{"a":{"b":1}}', '{"a":null}', '{"a":[]}', "{}"]),
        ('{"a":[]}', ['{"a":[]}', '{"a":[1]}', '{"a":{}}', '{"a":null}']),
        ('{"a":null}', ['{"a":null}', "{}", '{"a":0}', '{"a":"null"}']),
        ('{"a":""}', ['{"a":""}', '{"a":" "}', "{}"]),
        ('{"a":"ä"}', ['{"a":"ä"}', '{"a":"\\u00e4"}', '{"a":"Ä"}', '{"a":"a\\u0308"}']),
        ('{"a":[{"b":1},{"b":2}]}', ['{"a":[{"b":2},{"b":1}]}', '{"a":[{"b":1,"c":1},{"b":2}]}', '{"a":[{"b":1}]}',
            '{"a":[{"b":1},{"b":2},{"b":3}]}']),
        ('"a"', ['"a"', '"b"', "a", '{"a":1}']),
        ("1", ["1", "1.0", "2", '"1"']),
        ("true", ["true", "false", '"true"', "TRUE"]),
        ("null", ["null", "", "{}"]),
        ('{"a":"${json-unit.any-string}"}', ['{"a":"x"}', '{"a":1}', '{"a":null}', "{}", '{"a":""}']),
        ('{"a":"${json-unit.any-number}"}', ['{"a":1}', '{"a":1.5}', '{"a":"1"}', '{"a":null}']),
        ('{"a":"${json-unit.any-boolean}"}', ['{"a":true}', '{"a":false}', '{"a":"true"}', '{"a":0}']),
        ('{"a":"${json-unit.ignore}"}', ['{"a":1}', '{"a":{"b":1}}', "{}", '{"a":null}', '{"b":1}']),
        ('{"a":"${json-unit.ignore-element}"}', ['{"a":1}', "{}", '{"b":1}', '{"a":null}']),
        ('{"a":"${json-unit.regex}[a-z]+"}', ['{"a":"abc"}', '{"a":"ABC"}', '{"a":"abc1"}', '{"a":1}']),
        ('{"a":"${json-unit.regex}[0-9]+"}', ['{"a":"1"}', '{"a":1}']),
        ('["${json-unit.ignore}",2]', ["[1,2]", "[2,1]", "[2]", "[2,2]"]),
        ('["${json-unit.any-number}","a"]', ['[1,"a"]', '["a",1]', '["a","a"]', '["a"]']),
    ]
    number = 0
    for matcher, bodies in table:
        for options in ({}, {"matchType": "STRICT"}, {"matchNumbersAsStrings": True}):
            body = {"type": "JSON", "json": matcher, **options}
            grade = "RARE" if "matchNumbersAsStrings" in options else "CORE"
            yield case(f"json-table/{number}", "json body", grade, [body], [post(text, JSON_TYPE) for text in bodies])
            number += 1


def json_schema_cases(random):
    for number, (schema, bodies) in enumerate(documents.SCHEMAS):
        for form, wrapped in enumerate((schema, json.dumps(schema))):
            requests = [post(body, JSON_TYPE) for body in bodies] + [post(""), post("not json"), post("null")]
            yield case(f"json-schema/{number}.{form}", "json schema body", "COMMON",
                [{"type": "JSON_SCHEMA", "jsonSchema": wrapped}], requests)
    for number in range(60):
        schema, bodies = random.choice(documents.SCHEMAS)
        other, more = random.choice(documents.SCHEMAS)
        joined = random.choice([{"allOf": [schema, other]}, {"anyOf": [schema, other]}, {"oneOf": [schema, other]},
            {"not": schema}, {"type": "object", "properties": {"in": schema}}, {"type": "array", "items": schema}])
        sent = bodies + more + [{"in": body} for body in bodies[:3]] + [[body] for body in bodies[:3]]
        requests = [post(json.dumps(body)) for body in random.sample(sent, min(8, len(sent)))]
        body = {"type": "JSON_SCHEMA", "jsonSchema": joined, **({"not": True} if random.random() < 0.2 else {})}
        yield case(f"json-schema-joined/{number}", "json schema body", "COMMON", [body], requests)


def json_path_cases(random):
    texts = [json.dumps(document) for document in documents.JSON_DOCUMENTS]
    for number, path in enumerate(documents.JSON_PATHS):
        requests = [post(text, JSON_TYPE) for text in texts] + [post(""), post("text"), post("a=1&b=2", FORM_TYPE)]
        yield case(f"json-path/{number}", "json path body", "COMMON", [{"type": "JSON_PATH", "jsonPath": path}],
            requests)
        if number % 6 == 0:
            yield case(f"json-path-not/{number}", "json path body", "COMMON",
                [{"type": "JSON_PATH", "jsonPath": path, "not": True}], requests)


def xml_cases(random):
    texts = documents.XML_DOCUMENTS
    for number, matcher in enumerate(documents.XML_MATCHERS):
        requests = [post(text, XML_TYPE) for text in texts] + [post(""), post("text"), post("<a>")]
        yield case(f"xml/{number}", "xml body", "COMMON", [{"type": "XML", "xml": matcher}], requests)
    for number in range(70):
        tree = documents.random_xml(random)
        matcher = tree if random.random() < 0.6 else documents.vary_xml(random, tree)
        sent = [tree] + [documents.vary_xml(random, tree) for _ in range(6)]
        requests = [post(documents.write_xml(random, one), XML_TYPE) for one in sent]
        body = {"type": "XML", "xml": documents.write_xml(random, matcher),
            **({"not": True} if random.random() < 0.1 else {})}
        yield case(f"xml-random/{number}", "xml body", "COMMON", [body], requests)


def xpath_cases(random):
    texts = documents.XML_DOCUMENTS
    for number, path in enumerate(documents.XPATHS):
        requests = [post(text, XML_TYPE) for text in texts] + [post(""), post("text")]
        yield case(f"xpath/{number}", "xpath body", "COMMON", [{"type": "XPATH", "xpath": path}], requests)
    spaces = {"n": "urn:n"}
    for number, path in enumerate(["/n:a", "//n:b", "/n:a/n:b='1'", "/m:a", "/a"]):
        requests = [post(text, XML_TYPE) for text in texts]
        yield case(f"xpath-namespace/{number}", "xpath body", "RARE",
            [{"type": "XPATH", "xpath": path, "namespacePrefixes": spaces}], requests)


def parameter_cases(random):
    for number in range(150):
        given = values.pairs(random)
        matcher = {"type": "PARAMETERS", "parameters": multi_map(random, values.PLAIN_NAMES, given)}
        if random.random() < 0.1:
            matcher["not"] = True
        sent = [given, given[::-1], given[:-1]] + [values.pairs(random) for _ in range(3)]
        requests = [post(values.query_of(one, random), FORM_TYPE if random.random() < 0.7 else ()) for one in sent]
        yield case(f"parameters/{number}", "parameters body", "COMMON", [matcher], requests)
    bodies = ["a=1", "a=1;b=2", "a=1&b=2", "a", "a=", "=1", "a=%31", "a=+", "a=1&a=2", "", "&", "a=1\n", "{}",
        "a=%zz", "a=ä"]
    for number, matcher in enumerate([{"a": ["1"]}, {"a": ["1"], "b": ["2"]}, {"!a": [".*"]}, {"a": [""]},
        {"a": [" "]}, {"?a": ["1"]}, {"a": ["1", "2"]}, {"b": ["2"]}, {}, "a=1"]):
        yield case(f"parameters-table/{number}", "parameters body", "COMMON",
            [{"type": "PARAMETERS", "parameters": matcher}], [post(body, FORM_TYPE) for body in bodies])


def binary_cases(random):
    for number in range(24):
        data = bytes(random.randrange(256) for _ in range(random.randint(0, 6)))
        matcher = {"type": "BINARY", "base64Bytes": base64.b64encode(data).decode(),
            **({"not": True} if number % 5 == 4 else {})}
        sent = [data, data + b"x", data[:-1], b"", b"text", data[::-1]]
        requests = [post(one, [("Content-Type", "application/octet-stream")] if number % 2 else ()) for one in sent]
        yield case(f"binary/{number}", "binary body", "COMMON", [matcher], requests)
    for number, text in enumerate(["not base64!", "YQ", "YQ==", "", "Y Q = ="]):
        yield case(f"binary-text/{number}", "binary body", "RARE", [{"type": "BINARY", "base64Bytes": text}],
            [post("a"), post(""), post("b")])


def converted_cases():
    """JSON matchers see forms and XML as JSON; each kind of matcher meets each kind of body."""
    bodies = [("a=1&b=2", FORM_TYPE), ("a=1&a=2", FORM_TYPE), ("a=true&b=x", FORM_TYPE), ("a=1.5", FORM_TYPE),
        ("a=01", FORM_TYPE), ("a=&b", FORM_TYPE), ("<a><b>1</b></a>", XML_TYPE), ("<r><a>1</a></r>", XML_TYPE),
        ("<r a='1'><b>x</b><b>y</b></r>", XML_TYPE), ('{"a":1}', JSON_TYPE), ('{"a":1}', TEXT_TYPE), ('{"a":1}', ()),
        ("<a>1</a>", TEXT_TYPE), ("a=1", TEXT_TYPE)]
    matchers = [
        {"type": "JSON", "json": {"a": 1}}, {"type": "JSON", "json": {"a": "1"}},
        {"type": "JSON", "json": {"a": True}}, {"type": "JSON", "json": {"a": [1, 2]}},
        {"type": "JSON", "json": {"a": 1.5}}, {"type": "JSON", "json": {"a": ""}},
        {"type": "JSON", "json": {"b": "1"}}, {"type": "JSON", "json": {"b": ["x", "y"]}},
        {"type": "JSON_PATH", "jsonPath": "$.a"}, {"type": "JSON_PATH", "jsonPath": "$.b[1]"},
        {"type": "JSON_PATH", "jsonPath": "$..b"},
        {"type": "JSON_SCHEMA", "jsonSchema": {"type": "object", "required": ["a"]}},
        {"type": "JSON_SCHEMA", "jsonSchema": {"properties": {"a": {"type": "integer"}}, "required": ["a"]}},
        {"type": "JSON_SCHEMA", "jsonSchema": {"properties": {"a": {"type": "string"}}, "required": ["a"]}},
        {"type": "XPATH", "xpath": "/a"}, {"type": "XML", "xml": "<a>1</a>"},
        {"type": "PARAMETERS", "parameters": {"a": ["1"]}},
    ]
    for number, matcher in enumerate(matchers):
        yield case(f"converted/{number}", "body seen as another kind", "COMMON", [matcher],
            [post(body, headers) for body, headers in bodies])


def newer_cases():
    """Kinds that came after 5.15."""
    queries = ["{ user { id name } }", "query { user { id name } }", "{user{id,name}}", "{ user { name id } }",
        "query Q($a: Int) { user(id: $a) { id } }", "# c\n{ user { id name } }"]
    sent = [post(json.dumps({"query": query, "variables": {"a": 1}, "operationName": "Q"}),
        JSON_TYPE) for query in queries] + [post("{ user { id name } }"), post('{"a":1}', JSON_TYPE), post("")]
    for number, matcher in enumerate([
        {"type": "GRAPHQL", "query": queries[0]}, {"type": "GRAPHQL", "query": queries[4]},
        {"type": "GRAPHQL", "query": queries[4], "operationName": "Q"},
        {"type": "GRAPHQL", "query": queries[4], "operationName": "R"},
        {"type": "GRAPHQL", "query": queries[0], "variablesSchema": {"type": "object", "required": ["a"]}},
        {"type": "GRAPHQL", "query": queries[0], "selectionSetMatchType": "AST_SUBSET"},
        {"type": "GRAPHQL", "query": queries[0], "selectionSetMatchType": "AST_EXACT"},
        {"type": "GRAPHQL", "query": queries[3], "not": True},
    ]):
        yield case(f"graphql/{number}", "graphql body", "RARE", [matcher], sent)
    calls = ['{"jsonrpc":"2.0","method":"add","params":[1,2],"id":1}',
        '{"jsonrpc":"2.0","method":"sub","params":{"a":1},"id":"x"}',
        '[{"jsonrpc":"2.0","method":"sub","id":1},{"jsonrpc":"2.0","method":"add","id":2}]', '{"method":"add"}',
        '{"jsonrpc":"2.0","method":"add"}', "", "x"]
    for number, matcher in enumerate([{"type": "JSON_RPC", "method": "add"}, {"type": "JSON_RPC", "method": "a.*"},
        {"type": "JSON_RPC", "method": "add", "paramsSchema": {"type": "array"}},
        {"type": "JSON_RPC", "method": "sub", "paramsSchema": {"type": "object"}},
        {"type": "JSON_RPC", "method": "!add"}]):
        yield case(f"json-rpc/{number}", "json-rpc body", "RARE", [matcher], [post(text, JSON_TYPE) for text in calls])
    for number, matcher in enumerate([
        {"type": "FUZZY", "fuzzy": "hello world", "threshold": 0.8}, {"type": "FUZZY", "fuzzy": "hello world"},
        {"type": "FUZZY", "fuzzy": "HELLO", "threshold": 0.5, "ignoreCase": True},
        {"type": "ALL_OF", "bodyAllOf": [{"type": "REGEX", "regex": "h.*"},
            {"type": "STRING", "string": "world", "subString": True}]}, {"type": "ALL_OF", "bodyAllOf": []},
    ]):
        yield case(f"other/{number}", "newer body kinds", "RARE", [matcher],
            [post(text) for text in ("hello world", "hello wrld", "hello", "HELLO", "world", "")])
    xsd = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"><xs:complexType><xs:sequence><xs:element name="b" type="xs:int"/></xs:sequence></xs:complexType></xs:element></xs:schema>'
    yield case("xml-schema/0", "xml schema body", "RARE", [{"type": "XML_SCHEMA", "xmlSchema": xsd}],
        [post(text, XML_TYPE) for text in ("<a><b>1</b></a>", "<a><b>x</b></a>", "<a/>", "<b/>", "", "x")])
