"""Documents and the schemas and paths that are asked of them."""

JSON_DOCUMENTS = [
    {"a": 1, "b": 2}, {"a": {"b": {"c": "x"}}}, {"a": [1, 2, 3]}, {"a": []}, {"a": None}, {"a": False}, {}, [],
    [1, 2, 3], [{"p": 5, "n": "x"}, {"p": 15, "n": "Ab"}, {"n": "z"}],
    {"store": {"book": [{"title": "A", "price": 8.95, "isbn": "1", "tags": ["x", "y"]},
        {"title": "b", "price": 22.99}, {"title": "C", "price": 10}], "open": True}, "limit": 10},
    {"a b": 1, "a-b": 2, "a.b": 3, "ä": 4, "": 5},
]
JSON_PATHS = [
    "$", "$.a", "$.b", "$.a.b", "$.a.b.c", "$['a']", "$['a','b']", "$.a[0]", "$.a[-1]", "$.a[5]", "$.a[*]",
    "$.a[0:2]", "$.a[:1]", "$.a[-2:]", "$.a[0,2]", "$[0]", "$[*]", "$[*].p", "$[1].n", "$..p", "$..*", "$.*",
    "$..book", "$..book[*].title", "$.store.book[0]", "$.store.book[*].price", "$.store..price", "$..book[2]",
    "$..book[-1:]", "$..book[0,1]", "$..book[:2]", "$..book[?(@.isbn)]", "$.store.book[?(@.price < 10)]",
    "$.store.book[?(@.price > 100)]",
    "$..book[?(@.price <= $['limit'])]", "$..book[?(@.price <= $.limit)].title", "$..book[?(@.title == 'A')]",
    "$..book[?(@.title != 'A')]", "$..book[?(@.title =~ /b/i)]", "$..book[?(@.title =~ /B/)]",
    "$..book[?(@.title in ['A','C'])]", "$..book[?(@.title nin ['A','b','C'])]",
    "$..book[?('x' in @.tags)]", "$..book[?(@.tags size 2)]", "$..book[?(@.tags empty false)]",
    "$..book[?(@.tags contains 'x')]", "$..book[?(@.tags anyof ['x'])]", "$..book[?(@.tags noneof ['x'])]",
    "$..book[?(@.tags subsetof ['x','y','z'])]", "$..book[?(@.price < 10 && @.isbn)]",
    "$..book[?(@.price < 9 || @.price > 20)]",
    "$..book[?(!@.isbn)]", "$..book[?(!(@.price < 10))]", "$[?(@.p < 10)]", "$[?(@.p)]", "$[?(@.n == 'x')]",
    "$[?(@.n =~ /a.*/i)].p", "$[?(@.p == 5)]", "$[?(@.p == '5')]", "$[?(@ > 1)]", "$.a[?(@ > 2)]",
    "$.a[?(@ == 1)]", "$.a.length()", "$.a.size()", "$.a.sum()", "$.a.min()", "$.a.max()", "$.a.avg()",
    "$.a.stddev()",
    "$.keys()", "$.a.first()", "$.a.last()", "$.a.append(4)", "$..book.length()", "$.a.concat('x')", "$['a b']",
    "$['a-b']", "$['a.b']", "$.ä", "$.a-b", "$['']", "$.store.open", "$.store[?(@.open == true)]",
    "$[?(@.a == null)]", "$[?(@.a == false)]", "$.store.book[?(@.price == 8.95)]",
    "$.store.book[?(@.price == 10)]",
    "a", "a.b", "", "$.", "$..", "$[", "$.a[", "$.a[?]", "$.a[?(@.x ~ 1)]", "@.a", "$.a[?(@.b)]",
    "$.store.book[(@.length-1)]", "$.store.book[?(@.title.length() == 1)]", "$..['title']",
    "$..book[?(@['price'] < 10)]", "$.store.book[1:3].title", "$.store.book.title", "!$.a", "$.a[1:2:1]", "$.A",
]

SCHEMAS = [
    ({"type": "object"}, [{}, {"a": 1}, [], 1, "a", None, True]),
    ({"type": "array", "items": {"type": "integer"}}, [[], [1], [1, "a"], [1.0], [1.5], {}]),
    ({"type": "integer"}, [1, 1.0, 1.5, "1", True]),
    ({"type": "number", "minimum": 1, "exclusiveMaximum": 5}, [0, 1, 4.9, 5, "2"]),
    ({"type": "number", "multipleOf": 0.1}, [0.3, 1, 0.35, "1"]),
    ({"type": "string", "minLength": 2, "maxLength": 3}, ["a", "ab", "abc", "abcd", "ää", 12]),
    ({"type": "string", "pattern": "^a+b"}, ["ab", "aab", "xab", "abx"]),
    ({"type": "string", "pattern": "b"}, ["ab", "a"]),
    ({"type": ["string", "null"]}, ["a", None, 1]),
    ({"enum": ["a", 1, None, {"b": [1]}]}, ["a", 1, 1.0, None, {"b": [1]}, {"b": []}, "b"]),
    ({"const": {"a": 1}}, [{"a": 1}, {"a": 1.0}, {"a": 2}, {}]),
    ({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}},
        [{"a": "x"}, {"a": 1}, {"b": 1}, {"a": "x", "b": "1"}, {"a": "x", "c": 1}]),
    ({"type": "object", "additionalProperties": False, "properties": {"a": {}}}, [{}, {"a": 1}, {"b": 1}]),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, [{}, {"a": 1}, {"a": "x"}]),
    ({"type": "object", "patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": False},
        [{"x1": 1}, {"x1": "a"}, {"y": 1}]),
    ({"type": "object", "minProperties": 1, "maxProperties": 2}, [{}, {"a": 1}, {"a": 1, "b": 1, "c": 1}]),
    ({"type": "object", "dependencies": {"a": ["b"]}}, [{"a": 1}, {"a": 1, "b": 1}, {"b": 1}]),
    ({"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}}, [{"a": 1}, {"A": 1}]),
    ({"type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": True},
        [[], [1], [1, 1], [1, 2], [1, 2, 3], [1, 1.0]]),
    ({"type": "array", "items": [{"type": "integer"}, {"type": "string"}], "additionalItems": False},
        [[1, "a"], ["a", 1], [1], [1, "a", 2]]),
    ({"type": "array", "contains": {"const": 1}}, [[1], [2], [], [2, 1]]),
    ({"anyOf": [{"type": "string"}, {"minimum": 5}]}, ["a", 5, 4, None]),
    ({"oneOf": [{"type": "integer"}, {"minimum": 5}]}, [1, 5, 5.5, 4.5]),
    ({"allOf": [{"type": "integer"}, {"minimum": 5}]}, [1, 5, 5.5]),
    ({"not": {"type": "string"}}, ["a", 1]),
    ({"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"required": ["b"]},
        "else": {"required": ["c"]}}, [{"a": 1}, {"a": 1, "b": 1}, {"a": 2}, {"c": 1}]),
    ({"type": "string", "format": "date-time"}, ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00+01:00", "2020-01-01",
        "x", "2020-13-01T00:00:00Z", "2020-01-01T00:00:00"]),
    ({"type": "string", "format": "date"}, ["2020-01-01", "2020-02-30", "x"]),
    ({"type": "string", "format": "time"}, ["10:00:00Z", "10:00:00", "25:00:00Z"]),
    ({"type": "string", "format": "email"}, ["a@b.de", "a@b", "a", "@b.de"]),
    ({"type": "string", "format": "uuid"}, ["123e4567-e89b-12d3-a456-426614174000", "123e4567",
        "123E4567-E89B-12D3-A456-426614174000"]),
    ({"type": "string", "format": "ipv4"}, ["127.0.0.1", "256.0.0.1", "1.2.3"]),
    ({"type": "string", "format": "ipv6"}, ["::1", "1::g", "fe80::1"]),
    ({"type": "string", "format": "uri"}, ["http://a/b", "a", "/a", "urn:x"]),
    ({"type": "string", "format": "hostname"}, ["a.de", "-a", "a_b"]),
    ({"type": "string", "format": "regex"}, ["a+", "a("]),
    ({"type": "string", "format": "unknown"}, ["a", 1]),
    ({"$ref": "#/definitions/a", "definitions": {"a": {"type": "integer"}}}, [1, "a"]),
    ({"definitions": {"t": {"type": "object", "properties": {"c": {"$ref": "#/definitions/t"}},
        "additionalProperties": False}}, "$ref": "#/definitions/t"}, [{}, {"c": {"c": {}}}, {"c": {"d": 1}}]),
    ({"$schema": "http://json-schema.org/draft-07/schema#", "type": "integer"}, [1, "a"]),
    ({"$schema": "http://json-schema.org/draft-04/schema#", "type": "number", "minimum": 1, "exclusiveMinimum": True},
        [1, 2, 0]),
    ({"$schema": "https://json-schema.org/draft/2019-09/schema", "type": "object", "dependentRequired": {"a": ["b"]}},
        [{"a": 1}, {"a": 1, "b": 1}]),
    ({"$schema": "https://json-schema.org/draft/2020-12/schema", "prefixItems": [{"type": "integer"}]},
        [[1], ["a"], {}]),
    ({"type": "object", "properties": {"a": {"type": "string", "nullable": True}}}, [{"a": None}, {"a": "x"}]),
    ({}, [{}, 1, None, "a"]),
    ({"type": "nonsense"}, [{}, 1]),
    ({"type": "object", "required": "a"}, [{}, {"a": 1}]),
]

XML_DOCUMENTS = [
    "<a><b>1</b></a>", "<a><b>1</b><c>2</c></a>", "<a><c>2</c><b>1</b></a>", "<a x='1' y='2'/>",
    '<a y="2" x="1"></a>', "<a>\n  <b> 1 </b>\n</a>", "<a><!-- c --><b>1</b></a>", "<a><b>2</b></a>",
    "<a><b/></a>", "<a/>", "<b>1</b>",
    "<?xml version='1.0'?><a><b>1</b></a>", "<n:a xmlns:n='urn:n'><n:b>1</n:b></n:a>",
    "<m:a xmlns:m='urn:n'><m:b>1</m:b></m:a>", "<a xmlns='urn:n'><b>1</b></a>", "<a><![CDATA[x<y]]></a>",
    "<a>x&lt;y</a>", "<a><b>1</b><b>2</b></a>", "<a><b>2</b><b>1</b></a>",
    "<a>text</a>", "<a>te<!-- c -->xt</a>", "<a>Text</a>", "<a><b>x</b><b>10</b></a>",
    "<store><book id='1'><title>A</title><price>8.95</price></book><book id='2'><title>B</title><price>22.99</price></book></store>",
]
XML_MATCHERS = [
    *XML_DOCUMENTS, "<a><b>${xmlunit.ignore}</b></a>", "<a><b>${xmlunit.isNumber}</b></a>",
    "<a x='${xmlunit.ignore}' y='2'/>", "<a><b>${xmlunit.matchesRegex([0-9]+)}</b></a>",
    "<a>${xmlunit.ignore}</a>", "<a><b>${xmlunit.isDateTime}</b></a>", "not xml", "", "<a>", "<a></b>",
]
XPATHS = [
    "/a", "/a/b", "//b", "/a/b[1]", "/a/b[2]", "/a/b/text()", "/a/b='1'", "/a/b=1", "/a/b>1", "count(/a/b)",
    "count(/a/b)=2", "count(//x)", "/a/@x", "/a/@x='1'", "/a[@x]", "/a[@x='1' and @y='2']", "/a[not(@x)]", "/a/*",
    "/*", "//*", "/", "//text()", "string(/a/b)", "string(/a)", "string-length(/a)>0", "contains(/a,'ex')",
    "starts-with(/a,'te')",
    "/a/b[.='1']", "/a/b[last()]", "/a/b[position()=2]", "/a/b | /a/c", "//book[price>10]/title", "//book[@id='2']",
    "/store/book[price<10]", "sum(//price)", "sum(//price)>30", "number(/a/b)", "boolean(/a/b)", "true()",
    "false()", "not(/a)", "1", "0", "'a'", "''", "name(/*)", "local-name(/*)='a'", "/*[local-name()='a']", "/n:a",
    "normalize-space(/a/b)='1'", "translate(/a,'t','T')",
    "/a/b/..", "/a/b/parent::a", "/a/child::b", "//b/ancestor::a", "//b/following-sibling::c",
    "//c/preceding-sibling::b", "/descendant::b", "/a/comment()", "floor(1.5)", "round(2.5)=3", "concat('a','b')",
    "substring('abc',2)='bc'", "/A", "//a[b]", "//a[b][c]", "/a[b='1' or c='2']", "!/a", "/a[", "a", "a/b", "",
    "b", "$x", "unknown()", "/a/b div 2", "-1",
]

NAMES = ["a", "b", "c"]


def random_xml(random, depth=0):
    """(name, attributes, children or text)"""
    attributes = {random.choice("xyz"): random.choice(["1", "2", "v"]) for _ in range(random.choice([0, 0, 1, 2]))}
    if depth < 2 and random.random() < 0.7:
        return (random.choice(NAMES), attributes, [random_xml(random, depth + 1) for _ in range(random.randint(0, 3))])
    return (random.choice(NAMES), attributes, random.choice(["1", "2", "text", ""]))


def vary_xml(random, tree):
    name, attributes, inner = tree
    kind = random.random()
    if kind < 0.1:
        return (random.choice(NAMES), attributes, inner)
    if kind < 0.2:
        return (name, {**attributes, "x": random.choice("12")}, inner)
    if kind < 0.3:
        return (name, {}, inner)
    if isinstance(inner, list) and inner:
        inner = list(inner)
        place = random.randrange(len(inner))
        if kind < 0.45:
            random.shuffle(inner)
        elif kind < 0.55:
            inner.pop(place)
        elif kind < 0.65:
            inner.append(random_xml(random, 2))
        else:
            inner[place] = vary_xml(random, inner[place])
        return (name, attributes, inner)
    return (name, attributes, random.choice(["1", "2", "text", ""]) if isinstance(inner,
        str) else [random_xml(random, 2)])


def write_xml(random, tree):
    name, attributes, inner = tree
    listed = list(attributes.items())
    random.shuffle(listed)
    head = name + "".join(f' {key}="{value}"' for key, value in listed)
    space = random.choice(["", "", "\n  "])
    if isinstance(inner, list):
        content = space.join(["", *(write_xml(random, child) for child in inner), ""]) if inner else ""
    else:
        content = inner
    return f"<{head}>{content}</{name}>" if content or random.random() < 0.5 else f"<{head}/>"
