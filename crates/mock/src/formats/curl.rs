//! Requests as commands for curl.

use super::message::Message;

/// What stands for a request that does not say where it went.
const NO_HOST: &str = "no host header or remote address specified";

/// One command a request, a blank line between them.
pub(super) fn commands<'a>(requests: impl Iterator<Item = Message<'a>>) -> String {
    let commands: Vec<String> = requests
        .map(|request| format!("{}\n", command(request)))
        .collect();
    commands.join("\n")
}

/// The command that repeats a request.
pub(super) fn command(request: Message<'_>) -> String {
    let Some(host) = request.header("host") else {
        return NO_HOST.to_owned();
    };
    let mut out = format!("curl -v {}", quoted(&url(request, &host)));
    let method = request.text("method");
    if !method.is_empty() && !method.eq_ignore_ascii_case("GET") {
        out += &format!(" -X {method}");
    }
    for (name, value) in request.pairs("headers") {
        out += &format!(" -H {}", quoted(&format!("{name}: {value}")));
    }
    let cookies = request.first_values("cookies");
    if !cookies.is_empty() {
        let cookies = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        out += &format!(" -H {}", quoted(&format!("cookie: {cookies}")));
    }
    if let Some(body) = request.body().filter(|body| !body.text.is_empty()) {
        out += &format!(" --data {}", quoted(&body.text));
    }
    out
}

fn url(request: Message<'_>, host: &str) -> String {
    let scheme = super::har::scheme(request);
    let path = request.text("path");
    let query = request.pairs("queryStringParameters");
    let query = query
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    let query = query.collect::<Vec<_>>().join("&");
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{scheme}://{host}{path}{mark}{query}")
}

/// Percent-encoding for query strings, where a blank is `%20`.
fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, QUERY).to_string()
}

const QUERY: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A text as one word for a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::super::tests::{items, text};
    use super::super::{Format, RetrieveType};

    #[test_case(
        r#"{"method":"GET","path":"/a","queryStringParameters":{"q":["1","2"],"x":["a b"]},"headers":{"Host":["127.0.0.1:18150"],"X":["1","2"]},"cookies":{"s":"1","t":"2"}}"#,
        "curl -v 'http://127.0.0.1:18150/a?q=1&q=2&x=a%20b' -H 'Host: 127.0.0.1:18150' -H 'X: 1' -H 'X: 2' -H 'cookie: s=1; t=2'\n"; "query and cookies")]
    #[test_case(
        r#"{"method":"POST","path":"/a","secure":true,"headers":{"host":["h"]},"body":{"type":"JSON","json":{"b":"it's"},"rawBytes":"eyJiIjoiaXQncyJ9"}}"#,
        "curl -v 'https://h/a' -X POST -H 'host: h' --data '{\"b\":\"it'\\''s\"}'\n"; "body as it came")]
    #[test_case(
        r#"{"method":"PUT","path":"/a","headers":{"Host":["h"]},"body":{"type":"BINARY","base64Bytes":"AQID"}}"#,
        "curl -v 'http://h/a' -X PUT -H 'Host: h' --data 'AQID'\n"; "bytes as base64")]
    #[test_case(r#"{"method":"GET","path":"/a"}"#, "no host header or remote address specified\n"; "no host")]
    #[test_case(r#"{"method":"GET","path":"/a","headers":{"Host":["h"],"S":["?0"]}}"#, "curl -v 'http://h/a' -H 'Host: h' -H 'S: ?0'\n"; "a mark in a record")]
    fn a_request_becomes_a_command(request: &str, command: &str) {
        assert_eq!(
            text(RetrieveType::Requests, Format::Curl, &items(request)),
            command
        );
        let exchange = items(&format!("[{{\"httpRequest\":{request}}}]"));
        assert_eq!(
            text(RetrieveType::RequestResponses, Format::Curl, &exchange),
            command
        );
    }

    #[test]
    fn commands_are_parted_by_a_blank_line() {
        let items = items(
            r#"[{"method":"GET","path":"/a","headers":{"Host":["h"]}},{"method":"GET","path":"/b","headers":{"Host":["h"]}}]"#,
        );
        let commands = text(RetrieveType::Requests, Format::Curl, &items);
        assert_eq!(
            commands,
            "curl -v 'http://h/a' -H 'Host: h'\n\ncurl -v 'http://h/b' -H 'Host: h'\n"
        );
    }
}
