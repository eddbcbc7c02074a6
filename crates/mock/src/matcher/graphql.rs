//! GraphQL requests: the query, its operation and its variables.
//!
//! Queries are compared token by token, so that blanks, commas and comments say nothing; or by the fields at the top of
//! their operation, in any order, as 7.2 and later can: exactly these, or at least these.

use super::JsonSchema;
use super::json_rpc::read_schema;
use crate::json::{Json, Object};
use crate::schema::{Complaints, Fields};

/// What a GraphQL request must look like.
#[derive(Debug)]
pub(super) struct GraphQl {
    query: Query,
    operation: Option<String>,
    variables: Option<JsonSchema>,
}

#[derive(Debug)]
enum Query {
    Tokens(Vec<String>),
    /// Without an operation, since the text has none, nothing matches.
    Fields {
        operation: Option<Operation>,
        exactly: bool,
    },
}

/// An operation with what it selects at its top.
#[derive(Debug)]
struct Operation {
    kind: String,
    name: Option<String>,
    selections: Vec<String>,
}

impl GraphQl {
    pub(super) fn read(mut fields: Fields<'_>, complaints: &mut Complaints) -> Self {
        let modes = ["NORMALISED_STRING", "AST_EXACT", "AST_SUBSET"];
        let mode = fields.word("selectionSetMatchType", &modes, complaints);
        let text = fields.text("query", complaints).unwrap_or_default();
        let tokens = tokens(&text);
        let query = match mode {
            Some("AST_EXACT" | "AST_SUBSET") => Query::Fields {
                operation: operation(&tokens),
                exactly: mode == Some("AST_EXACT"),
            },
            _ => Query::Tokens(tokens),
        };
        Self {
            query,
            operation: fields.text("operationName", complaints),
            variables: read_schema(&mut fields, "variablesSchema", complaints),
        }
    }

    /// Whether a body that is no JSON is the query. The original takes that where it looks at fields.
    pub(super) fn matches_text(&self, query: &str) -> bool {
        let looks_at_fields = matches!(self.query, Query::Fields { .. });
        let request = || Object::from_iter([("query".to_owned(), Json::text(query))]);
        looks_at_fields && self.matches(&request())
    }

    pub(super) fn matches(&self, request: &Object) -> bool {
        let text = |name: &str| match request.get(name) {
            Some(Json::Text(text)) => Some(text),
            _ => None,
        };
        let Some(query) = text("query") else {
            return false;
        };
        let given = tokens(query);
        let is_query = match &self.query {
            Query::Tokens(tokens) => *tokens == given,
            Query::Fields { operation, exactly } => {
                let expected = operation.as_ref();
                expected.is_some_and(|expected| expected.is_met(&given, *exactly))
            }
        };
        let is_operation = self
            .operation
            .as_ref()
            .is_none_or(|wanted| text("operationName") == Some(wanted));
        let has_variables = self.variables.as_ref().is_none_or(|schema| {
            let variables = request.get("variables");
            variables.is_some_and(|variables| schema.accepts(variables))
        });
        is_query && is_operation && has_variables
    }
}

impl Operation {
    fn is_met(&self, given: &[String], exactly: bool) -> bool {
        let Some(given) = self::operation(given) else {
            return false;
        };
        let is_named = self.name.is_none() || self.name == given.name;
        let has_all = self
            .selections
            .iter()
            .all(|one| given.selections.contains(one));
        let has_more = given
            .selections
            .iter()
            .any(|one| !self.selections.contains(one));
        self.kind == given.kind && is_named && has_all && !(exactly && has_more)
    }
}

/// The tokens of a query: names, numbers, texts and single marks.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '#' => {
                chars.by_ref().find(|c| matches!(c, '\n' | '\r'));
            }
            c if c.is_whitespace() || matches!(c, ',' | '\u{feff}') => {}
            '"' => {
                let mut quoted = String::from('"');
                while let Some(c) = chars.next() {
                    quoted.push(c);
                    match c {
                        '"' => break,
                        '\\' => quoted.extend(chars.next()),
                        _ => {}
                    }
                }
                tokens.push(quoted);
            }
            c if is_word(c) => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| is_word(*c)) {
                    word.push(c);
                }
                tokens.push(word);
            }
            mark => tokens.push(mark.to_string()),
        }
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

/// The first operation of a query.
fn operation(tokens: &[String]) -> Option<Operation> {
    let start = selection_start(tokens)?;
    let (head, body) = tokens.split_at(start);
    let (kind, name) = match head.first().map(String::as_str) {
        None => ("query", None),
        Some(kind @ ("query" | "mutation" | "subscription")) => {
            let name = head.get(1).filter(|name| name.starts_with(is_word));
            (kind, name.cloned())
        }
        Some(_) => return None,
    };
    Some(Operation {
        kind: kind.to_owned(),
        name,
        selections: selections(body.get(1..)?)?,
    })
}

/// Where the braces of an operation open; those within its variables do not count.
fn selection_start(tokens: &[String]) -> Option<usize> {
    let mut open = 0_usize;
    tokens.iter().position(|token| {
        match token.as_str() {
            "(" => open += 1,
            ")" => open = open.saturating_sub(1),
            _ => {}
        }
        token == "{" && open == 0
    })
}

/// The names at the top of a selection: fields, aliases, spreads and directives alike, as the original collects them.
/// `None` when the selection does not end.
fn selections(tokens: &[String]) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut open = 0_usize;
    for token in tokens {
        match token.as_str() {
            "}" if open == 0 => return Some(names),
            "}" | ")" | "]" => open = open.checked_sub(1)?,
            "{" | "(" | "[" => open += 1,
            name if open == 0 && name.starts_with(is_word) => names.push(name.to_owned()),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn matches(matcher: serde_json::Value, query: &str) -> bool {
        let json = Json::from(&matcher);
        let mut complaints = Complaints::default();
        let fields = Fields::of(&json, "$", &mut complaints).expect("an object");
        let matcher = GraphQl::read(fields, &mut complaints);
        assert!(complaints.is_empty(), "{complaints:?}");
        let request = Json::from(
            &serde_json::json!({"query": query, "variables": {"x": 1}, "operationName": "Q"}),
        );
        match request {
            Json::Object(request) => matcher.matches(&request),
            _ => false,
        }
    }

    // Outcomes of MockServer 8.0.0: for tokens, for exactly these fields, for at least these.
    #[test_case("query Q { a b }", true, true, true)]
    #[test_case("query Q{a b}", true, true, true)]
    #[test_case("query Q { a, b }", true, true, true)]
    #[test_case("query Q { a # c\n b }", true, true, true; "a comment")]
    #[test_case("query Q { b a }", false, true, true)]
    #[test_case("query Q { a b c }", false, false, true)]
    #[test_case("query Q { a }", false, false, false)]
    #[test_case("query { a b }", false, false, false)]
    #[test_case("query R { a b }", false, false, false)]
    #[test_case("{ a b }", false, false, false; "without a word")]
    #[test_case("query Q { a b(x:1) }", false, true, true)]
    #[test_case("query Q { x:a b }", false, false, true; "an alias")]
    #[test_case("query Q { a { c } b }", false, true, true)]
    #[test_case("query Q { A b }", false, false, false; "the case matters")]
    #[test_case("query Q { a b", false, false, false; "without end")]
    fn queries_match_or_not(given: &str, tokens: bool, exactly: bool, at_least: bool) {
        let query = "query Q { a b }";
        for (mode, expected) in [
            ("NORMALISED_STRING", tokens),
            ("AST_EXACT", exactly),
            ("AST_SUBSET", at_least),
        ] {
            let matcher = serde_json::json!({"query": query, "selectionSetMatchType": mode});
            assert_eq!(matches(matcher, given), expected, "{mode}");
        }
    }

    #[test_case("{ a b }", "AST_SUBSET", "query Q { a b }", true; "any name")]
    #[test_case("{ a b }", "AST_SUBSET", "mutation { a b }", false)]
    #[test_case(
        "query Q($v:Int!) { a(x:$v) { b } }",
        "NORMALISED_STRING",
        "query Q( $v : Int! ) { a( x : $v ) { b } }",
        true
    )]
    #[test_case("query Q { a(x:\"p  q\") }", "NORMALISED_STRING", "query Q { a(x:\"p q\") }", false; "texts count")]
    #[test_case("query Q { a { b c } }", "AST_EXACT", "query Q { a }", true; "only the top counts")]
    #[test_case(
        "query Q { x:a ...F @d ... on T { z } }",
        "AST_EXACT",
        "query Q { a ...F ... on T { z } }",
        false
    )]
    #[test_case("not graphql {", "NORMALISED_STRING", "not graphql {", true)]
    fn modes_differ(query: &str, mode: &str, given: &str, expected: bool) {
        let matcher = serde_json::json!({"query": query, "selectionSetMatchType": mode});
        assert_eq!(matches(matcher, given), expected);
    }

    #[test]
    fn operation_and_variables_are_checked() {
        let query = "{ a }";
        let with = |name: &str, schema: serde_json::Value| {
            matches(
                serde_json::json!({"query": query, "operationName": name, "variablesSchema": schema}),
                query,
            )
        };
        assert!(with("Q", serde_json::json!({"required": ["x"]})));
        assert!(with("Q", serde_json::json!("{\"required\":[\"x\"]}")));
        assert!(!with("R", serde_json::json!({})));
        assert!(!with("Q", serde_json::json!({"required": ["y"]})));
    }
}
