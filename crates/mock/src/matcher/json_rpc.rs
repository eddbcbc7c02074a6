//! JSON-RPC 2.0 requests: the method, and a schema for the parameters. Of a batch, one request must match.

use super::JsonSchema;
use crate::json::{Json, parse_strict};
use crate::pattern::JavaRegex;
use crate::schema::{Complaints, Fields};

const VERSION: &str = "2.0";

/// What a JSON-RPC request must look like.
#[derive(Debug)]
pub(super) struct JsonRpc {
    /// Without a method nothing matches.
    method: Option<String>,
    regex: Option<JavaRegex>,
    parameters: Option<JsonSchema>,
}

impl JsonRpc {
    pub(super) fn read(mut fields: Fields<'_>, complaints: &mut Complaints) -> Self {
        let method = fields.text("method", complaints);
        // Methods mind their case, unlike other patterns.
        let regex = method
            .as_ref()
            .and_then(|method| JavaRegex::compile(&format!("(?-is)(?:{method})")).ok());
        Self {
            method,
            regex,
            parameters: read_schema(&mut fields, "paramsSchema", complaints),
        }
    }

    pub(super) fn matches(&self, body: &Json) -> bool {
        match body {
            Json::Array(batch) => batch.iter().any(|request| self.matches_one(request)),
            one => self.matches_one(one),
        }
    }

    fn matches_one(&self, request: &Json) -> bool {
        let Json::Object(request) = request else {
            return false;
        };
        let is_version = match request.get("jsonrpc") {
            Some(Json::Text(version)) => version == VERSION,
            Some(Json::Number(version)) => &**version == VERSION,
            _ => false,
        };
        let Some(Json::Text(method)) = request.get("method") else {
            return false;
        };
        let is_method = self.method.as_ref() == Some(method)
            || self
                .regex
                .as_ref()
                .is_some_and(|regex| regex.is_match(method));
        let has_parameters = self.parameters.as_ref().is_none_or(|schema| {
            let parameters = request.get("params");
            parameters.is_some_and(|parameters| schema.accepts(parameters))
        });
        is_version && is_method && has_parameters
    }
}

/// The schema in a field, as JSON or as its text.
pub(super) fn read_schema(
    fields: &mut Fields<'_>,
    name: &str,
    complaints: &mut Complaints,
) -> Option<JsonSchema> {
    let at = fields.at(name);
    let compiled = match fields.take(name)? {
        Json::Text(text) => parse_strict(text)
            .map_err(|error| error.to_string())
            .and_then(|schema| JsonSchema::compile(&schema)),
        schema => JsonSchema::compile(schema),
    };
    compiled.map_err(|error| complaints.error(&at, error)).ok()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::json::parse_lenient;

    // Outcomes of MockServer 8.0.0.
    #[test_case("{method: 'sum'}", "{jsonrpc: '2.0', method: 'sum', id: 1}", true)]
    #[test_case("{method: 'sum'}", "{method: 'sum'}", false; "without a version")]
    #[test_case("{method: 'sum'}", "{jsonrpc: 2.0, method: 'sum'}", true; "the version as a number")]
    #[test_case("{method: 'sum'}", "{jsonrpc: '1.0', method: 'sum'}", false)]
    #[test_case("{method: 'sum'}", "{jsonrpc: '2.0', method: 'SUM'}", false; "the case matters")]
    #[test_case("{method: 's.*'}", "{jsonrpc: '2.0', method: 'sum'}", true; "a pattern")]
    #[test_case("{method: 's(um'}", "{jsonrpc: '2.0', method: 's(um'}", true; "itself")]
    #[test_case("{method: 'sum'}", "[{jsonrpc: '2.0', method: 'x'}, {jsonrpc: '2.0', method: 'sum'}]", true; "one of a batch")]
    #[test_case("{method: 'sum'}", "[]", false)]
    #[test_case("{}", "{jsonrpc: '2.0', method: 'sum'}", false; "no method matches nothing")]
    #[test_case(
        "{method: 'sum', paramsSchema: {type: 'array'}}",
        "{jsonrpc: '2.0', method: 'sum', params: [1]}",
        true
    )]
    #[test_case(
        "{method: 'sum', paramsSchema: '{\"type\":\"array\"}'}",
        "{jsonrpc: '2.0', method: 'sum', params: {}}",
        false
    )]
    #[test_case("{method: 'sum', paramsSchema: {type: 'array'}}", "{jsonrpc: '2.0', method: 'sum'}", false; "no parameters")]
    fn a_request_matches_or_not(matcher: &str, request: &str, expected: bool) {
        let json = parse_lenient(matcher).expect("JSON");
        let mut complaints = Complaints::default();
        let fields = Fields::of(&json, "$", &mut complaints).expect("an object");
        let matcher = JsonRpc::read(fields, &mut complaints);
        assert!(complaints.is_empty(), "{complaints:?}");
        assert_eq!(
            matcher.matches(&parse_lenient(request).expect("JSON")),
            expected
        );
    }
}
