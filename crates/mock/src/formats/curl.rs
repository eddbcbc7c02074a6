//! Requests as commands for curl.

use super::message::Message;

/// One command a request, a blank line between them.
pub(super) fn commands<'a>(requests: impl Iterator<Item = Message<'a>>) -> String {
    let commands: Vec<String> = requests
        .map(|request| format!("{}\n", command(request)))
        .collect();
    commands.join("\n")
}

/// The command that repeats a request.
pub(crate) fn command(request: Message<'_>) -> String {
    let mut out = format!("curl -v {}", quoted(&url(request)));
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

fn url(request: Message<'_>) -> String {
    let scheme = super::har::scheme(request);
    let host = request.header("host").unwrap_or_default();
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
