"""Small values that meet each other often, and the variations of them."""

from urllib.parse import quote, quote_plus

WORDS = ["a", "b", "A", "ab", "abc", "ABC", "1", "12", "a b", "a+b", "x.y", "ä", "ß", "true", "0", "-1", "1.0", "",
    "a,b", "a;b", "z-9"]
NAMES = ["a", "b", "A", "c", "name", "X-Id", "x-id", "tag"]
PLAIN_NAMES = ["a", "b", "A", "c", "name", "X-Id"]

# Patterns in Java's syntax; the comment names what is special.
PATTERNS = [
    "a.*", ".*", ".+", "[a-z]+", "[A-Z]+", "\\d+", "\\w*", "a|b", "(a|ab)(c|bcd)?", "^a$", "a?b?c?", "[^a]+",
    "a{1,2}b*",
    "(?=a).*", "(?!a).*", ".*(?<=c)", ".*(?<!c)",  # look around
    "(a)\\1?b*", "(?<n>a)\\k<n>?b?c?",  # back references
    "a++b*", "(?>a|ab)c",  # possessive, atomic
    "\\p{Lu}+", "\\p{L}+", "\\p{Alpha}*", "\\P{L}", "\\p{IsAlphabetic}+", "\\p{Punct}", "[a-c&&[^b]]+",
    "\\Qa+b\\E", "\\Qa.b", "(?i)ABC", "(?-i)ABC", "(?s).*", "(?m)^a$", "(?x) a b c",
    "a\\u0062c", "\\x61bc", "\\t", "\\h*", "\\R?", "\\v?", "\\Aa\\z", "a\\Z", "\\bab\\b", "\\Bb",
    "[", "(", "a(", "*a", "a**", "\\", "a{2,1}", "{a}", "a{", "[a", "(?<", "[z-a]", "\\k<x>",  # not compilable
    "!a", "!.*", "!a.*", "!", "!!a", "?a", "?!a", "!?a", "?",
    "a.c", "x.y", "[0-9]{2}", "\\-1", "1\\.0", "TRUE", "Ä", "SS", "İ", "ı", "K",
]


def word(random):
    return random.choice(WORDS)


def pattern(random):
    return random.choice(PATTERNS)


def string_matcher(random, value):
    """A matcher string for a value: often one that fits, sometimes a stranger."""
    kind = random.random()
    if kind < 0.35:
        return value
    if kind < 0.45:
        return value.swapcase()
    if kind < 0.52:
        return "!" + value
    if kind < 0.56:
        return "?" + value
    if kind < 0.66:
        return value[:1] + ".*"
    if kind < 0.86:
        return pattern(random)
    return word(random)


def object_string(random, value):
    """The object form of a matcher string."""
    kind = random.randrange(8)
    if kind == 0:
        return {"not": random.choice([True, False]), "value": value}
    if kind == 1:
        return {"optional": random.choice([True, False]), "value": value}
    if kind == 2:
        return {"value": value}
    if kind == 3:
        return {"not": True, "optional": True, "value": value}
    return {"schema": schema(random), **({"not": True} if kind == 4 else {})}


def schema(random):
    return random.choice([
        {"type": "integer"}, {"type": "integer", "minimum": 5}, {"type": "number", "maximum": 10}, {"type": "boolean"},
        {"type": "string"}, {"type": "string", "pattern": "^a"}, {"type": "string", "minLength": 2},
        {"enum": ["a", "b", "1"]},
        {"type": "string", "maxLength": 2}, {"type": "string", "format": "uuid"}, {"type": "string", "format": "date"},
        {"const": "abc"}, {"type": "string", "enum": ["abc", "12"]}, {"not": {"const": "a"}},
        {"anyOf": [{"const": "a"}, {"type": "integer"}]}, {"type": "null"}, {},
    ])


def query_of(pairs, random=None):
    """Pairs as a query string; sometimes written in an unusual way."""
    parts = []
    for name, value in pairs:
        escape = quote if random and random.random() < 0.3 else quote_plus
        if value == "" and random and random.random() < 0.5:
            parts.append(escape(name))
        else:
            parts.append(f"{escape(name)}={escape(value)}")
    return "&".join(parts)


def pairs(random, names=PLAIN_NAMES, most=3):
    return [(random.choice(names), word(random)) for _ in range(random.randint(0, most))]


def json_value(random, depth=0):
    kind = random.random()
    if depth < 3 and kind < 0.3:
        return {random.choice("abcd"): json_value(random, depth + 1) for _ in range(random.randint(0, 3))}
    if depth < 3 and kind < 0.45:
        return [json_value(random, depth + 1) for _ in range(random.randint(0, 3))]
    return random.choice([1, 0, -1, 2, 1.5, 1.0, 100, 1e3, "a", "b", "1", "", "ä", True, False, None])
