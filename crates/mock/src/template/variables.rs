//! `request` and `response` as templates see them.
//!
//! Names with several values (`headers`, `queryStringParameters`, `pathParameters`) are maps from name to the list of values,
//! cookies a map from name to text. The body is text, also where it is JSON: `body` and `bodyAsString` are the
//! same; the base64 form stands for a body that is no text. What a request does not have is not there at all:
//! addresses, and the `jsonRpc…` fields unless the body is a JSON-RPC request.

use crate::json::{Json, Object, parse_strict};

use super::text;

/// What of a request goes into templates. Values are decoded as they are for matching, but path parameters and
/// groups of the path stay as they came.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RequestParts<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) path_parameters: &'a [(&'a str, &'a str)],
    /// What the groups of the expectation's path pattern matched, the whole path first; empty without groups.
    pub(crate) path_groups: &'a [&'a str],
    pub(crate) named_path_groups: &'a [(&'a str, &'a str)],
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) cookies: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a str,
    pub(crate) secure: bool,
    pub(crate) keep_alive: bool,
    /// `host:port`.
    pub(crate) local_address: Option<&'a str>,
    /// `host:port`.
    pub(crate) remote_address: Option<&'a str>,
}

/// The variable `request`. Its fields stand in the order in which the original prints the whole object.
pub(crate) fn request_variables(parts: &RequestParts<'_>) -> Json {
    let mut request = Object::new();
    let mut set = |name: &str, value: Json| request.insert(name.to_owned(), value);
    set("body", Json::text(parts.body));
    set("bodyAsString", Json::text(parts.body));
    set("cookies", single_values(parts.cookies));
    set("headers", many_values(parts.headers, true));
    for (name, value) in json_rpc(parts.body) {
        set(name, Json::Text(value));
    }
    set("keepAlive", Json::Bool(parts.keep_alive));
    if let Some(address) = parts.local_address {
        set("localAddress", Json::text(address));
    }
    set("method", Json::text(parts.method));
    set("namedPathGroups", single_values(parts.named_path_groups));
    set("path", Json::text(parts.path));
    let groups = parts.path_groups.iter().map(|group| Json::text(*group));
    set("pathGroups", Json::Array(groups.collect()));
    set("pathParameters", many_values(parts.path_parameters, false));
    set("queryStringParameters", many_values(parts.query, false));
    if let Some(address) = parts.remote_address {
        set("remoteAddress", Json::text(address));
    }
    set("secure", Json::Bool(parts.secure));
    Json::Object(request)
}

fn single_values(pairs: &[(&str, &str)]) -> Json {
    Json::object(
        pairs
            .iter()
            .map(|(name, value)| (*name, Json::text(*value))),
    )
}

/// Values by name; the first way of writing a name stays.
fn many_values(pairs: &[(&str, &str)], ignore_case: bool) -> Json {
    let mut map: Vec<(&str, Vec<Json>)> = Vec::new();
    for (name, value) in pairs {
        let is_same =
            |known: &str| known == *name || (ignore_case && known.eq_ignore_ascii_case(name));
        let value = Json::text(*value);
        match map.iter_mut().find(|(known, _)| is_same(known)) {
            Some((_, values)) => values.push(value),
            None => map.push((name, vec![value])),
        }
    }
    Json::object(
        map.into_iter()
            .map(|(name, values)| (name, Json::Array(values))),
    )
}

/// The fields of a JSON-RPC request: an object that says so and names a method. A batch has none.
fn json_rpc(body: &str) -> Vec<(&'static str, String)> {
    if !body.contains("jsonrpc") {
        return Vec::new();
    }
    let Ok(Json::Object(call)) = parse_strict(body) else {
        return Vec::new();
    };
    let (Some(Json::Text(version)), Some(Json::Text(method))) =
        (call.get("jsonrpc"), call.get("method"))
    else {
        return Vec::new();
    };
    if version != "2.0" {
        return Vec::new();
    }
    let mut fields = Vec::new();
    if let Some(id) = call.get("id") {
        let raw = text::compact(id);
        let plain = match id {
            Json::Text(id) => id.clone(),
            _ => raw.clone(),
        };
        fields.push(("jsonRpcId", plain));
        fields.push(("jsonRpcMethod", method.clone()));
        fields.push(("jsonRpcRawId", raw));
    } else {
        fields.push(("jsonRpcMethod", method.clone()));
    }
    fields
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test]
    fn a_request_has_the_fields_of_the_original() {
        let request = request_variables(&RequestParts {
            method: "GET",
            path: "/a/42",
            path_parameters: &[("id", "42")],
            query: &[("q", "a b"), ("q", "c"), ("Q", "d")],
            headers: &[("Host", "h"), ("X-A", "1"), ("x-a", "2")],
            cookies: &[("sid", "s1")],
            keep_alive: true,
            remote_address: Some("127.0.0.1:5000"),
            ..RequestParts::default()
        });
        let expected = concat!(
            r#"{"body":"","bodyAsString":"","cookies":{"sid":"s1"},"headers":{"Host":["h"],"X-A":["1","2"]},"#,
            r#""keepAlive":true,"method":"GET","namedPathGroups":{},"path":"/a/42","pathGroups":[],"#,
            r#""pathParameters":{"id":["42"]},"queryStringParameters":{"q":["a b","c"],"Q":["d"]},"#,
            r#""remoteAddress":"127.0.0.1:5000","secure":false}"#
        );
        assert_eq!(text::compact(&request), expected);
    }

    #[test_case(r#"{"jsonrpc":"2.0","id":7,"method":"m"}"#, &["7", "m", "7"])]
    #[test_case(r#"{"jsonrpc":"2.0","id":"a7","method":"m"}"#, &["a7", "m", "\"a7\""])]
    #[test_case(r#"{"jsonrpc":"2.0","id":null,"method":"m"}"#, &["null", "m", "null"])]
    #[test_case(r#"[{"jsonrpc":"2.0","id":7,"method":"m"}]"#, &[]; "a batch")]
    #[test_case(r#"{"id":5,"method":"m"}"#, &[]; "no version")]
    #[test_case(r#"{"jsonrpc":"2.0","id":1.5}"#, &[]; "no method")]
    fn json_rpc_fields_are_read_from_the_body(body: &str, expected: &[&str]) {
        let values: Vec<_> = json_rpc(body).into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, expected);
    }
}
