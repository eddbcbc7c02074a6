#![no_main]
//! Matchers made of words that meet often, in all the forms MockServer's JSON has for them.

use arbitrary::Arbitrary;
use serde_json::{Map, Value, json};

const WORDS: &[&str] = &[
    "", "a", "A", "b", "ab", "1", "1.0", "-1", "true", "null", "[ab]+", "a.*", ".*", "a|b", "{id}", "a;b=1",
    "(?!a).*", "\\d+", "%61", "a%20b", "é", "!", "?", "!a", "?a", "!?b", "x-a", "content-type", "cookie",
    "application/json", "application/x-www-form-urlencoded", "a=1&b=2", "{\"a\":1}", "[1,2]", "<a>1</a>",
];

#[derive(Arbitrary, Debug)]
enum Word {
    Known(u8),
    Free(String),
}

impl Word {
    fn text(&self) -> &str {
        match self {
            Self::Known(place) => WORDS[usize::from(*place) % WORDS.len()],
            Self::Free(text) => text,
        }
    }
}

#[derive(Arbitrary, Debug)]
enum Pairs {
    Map(Vec<(Word, Vec<Word>)>),
    List(Vec<(Word, Vec<Word>)>),
    Single(Vec<(Word, Word)>),
    Loose(Vec<(Word, Node)>),
}

#[derive(Arbitrary, Debug)]
enum Node {
    Null,
    Flag(bool),
    Whole(i64),
    Real(f32),
    Text(Word),
    List(Vec<Node>),
    Fields(Vec<(Word, Node)>),
}

#[derive(Arbitrary, Debug)]
enum Body {
    Text(Word, bool, bool),
    Json(Node, bool, bool),
    Typed(u8, Word, Node, bool),
    Plain(Node),
}

#[derive(Arbitrary, Debug)]
struct Case {
    method: Option<Word>,
    path: Option<Word>,
    parameters: Option<Pairs>,
    query: Option<Pairs>,
    headers: Option<Pairs>,
    cookies: Option<Pairs>,
    body: Option<Body>,
    flags: (Option<bool>, Option<bool>),
    extra: Option<(Word, Node)>,
    request: Request,
}

#[derive(Arbitrary, Debug)]
struct Request {
    segments: Vec<Word>,
    query: Vec<(Word, Word)>,
    headers: Vec<(Word, Word)>,
    body: Vec<Word>,
}

impl Pairs {
    fn json(&self) -> Value {
        let texts = |values: &[Word]| Value::from(values.iter().map(Word::text).collect::<Vec<_>>());
        let named = |(name, values): &(Word, Vec<Word>)| (name.text().to_owned(), texts(values));
        match self {
            Self::Map(pairs) => pairs.iter().map(named).collect::<Map<_, _>>().into(),
            Self::List(pairs) => pairs.iter().map(|(name, values)| json!({"name": name.text(), "values": texts(values)})).collect(),
            Self::Single(pairs) => pairs.iter().map(|(n, v)| (n.text().to_owned(), v.text().into())).collect::<Map<_, _>>().into(),
            Self::Loose(pairs) => fields(pairs),
        }
    }
}

fn fields(pairs: &[(Word, Node)]) -> Value {
    pairs.iter().map(|(n, v)| (n.text().to_owned(), v.json())).collect::<Map<_, _>>().into()
}

impl Node {
    fn json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Flag(flag) => (*flag).into(),
            Self::Whole(number) => (*number).into(),
            Self::Real(number) => (*number).into(),
            Self::Text(word) => word.text().into(),
            Self::List(items) => items.iter().map(Self::json).collect(),
            Self::Fields(pairs) => fields(pairs),
        }
    }
}

impl Body {
    fn json(&self) -> Value {
        const FORMS: &[(&str, &str)] = &[
            ("STRING", "string"), ("REGEX", "regex"), ("JSON", "json"), ("BINARY", "base64Bytes"),
            ("PARAMETERS", "parameters"), ("JSON_PATH", "jsonPath"), ("JSON_SCHEMA", "jsonSchema"),
            ("XML", "xml"), ("XPATH", "xpath"), ("XML_SCHEMA", "xmlSchema"), ("GRAPHQL", "query"),
        ];
        match self {
            Self::Text(text, sub, not) => json!({"type": "STRING", "string": text.text(), "subString": sub, "not": not}),
            Self::Json(node, strict, not) => {
                let kind = if *strict { "STRICT" } else { "ONLY_MATCHING_FIELDS" };
                json!({"type": "JSON", "json": node.json(), "matchType": kind, "not": not})
            }
            Self::Typed(form, text, node, as_text) => {
                let (kind, field) = FORMS[usize::from(*form) % FORMS.len()];
                let value = if *as_text { text.text().into() } else { node.json() };
                json!({"type": kind, field: value})
            }
            Self::Plain(node) => node.json(),
        }
    }
}

impl Case {
    fn matcher(&self) -> Value {
        let mut matcher = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                matcher.insert(name.to_owned(), value);
            }
        };
        put("method", self.method.as_ref().map(|word| word.text().into()));
        put("path", self.path.as_ref().map(|word| format!("/{}", word.text()).into()));
        put("pathParameters", self.parameters.as_ref().map(Pairs::json));
        put("queryStringParameters", self.query.as_ref().map(Pairs::json));
        put("headers", self.headers.as_ref().map(Pairs::json));
        put("cookies", self.cookies.as_ref().map(Pairs::json));
        put("body", self.body.as_ref().map(Body::json));
        put("keepAlive", self.flags.0.map(Value::from));
        put("secure", self.flags.1.map(Value::from));
        if let Some((name, node)) = &self.extra {
            put(name.text(), Some(node.json()));
        }
        matcher.into()
    }
}

libfuzzer_sys::fuzz_target!(|case: Case| {
    let request = &case.request;
    let segments: Vec<_> = request.segments.iter().map(Word::text).collect();
    let query: Vec<_> = request.query.iter().map(|(n, v)| format!("{}={}", n.text(), v.text())).collect();
    let uri = format!("/{}?{}", segments.join("/"), query.join("&"));
    let headers: Vec<_> = request.headers.iter().map(|(n, v)| (n.text(), v.text())).collect();
    let body: String = request.body.iter().map(Word::text).collect();
    styk_mock::fuzzing::matcher(&case.matcher().to_string(), "GET", &uri, &headers, body.as_bytes());
});
