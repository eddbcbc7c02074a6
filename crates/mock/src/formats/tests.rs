use test_case::test_case;

use super::*;
use crate::json::parse_strict;

/// The items of a text that holds an array.
pub(super) fn items(text: &str) -> Vec<Json> {
    match parse_strict(text).expect("JSON") {
        Json::Array(items) => items,
        other => vec![other],
    }
}

pub(super) fn text(what: RetrieveType, format: Format, items: &[Json]) -> String {
    String::from_utf8(render(what, format, items).body).expect("UTF-8")
}

#[test]
fn names_are_read_in_any_case() {
    assert_eq!(
        RetrieveType::named("Request_Responses"),
        Some(RetrieveType::RequestResponses)
    );
    assert_eq!(RetrieveType::named("foo"), None);
    assert_eq!(Format::named("LOG_entries"), Some(Format::LogEntries));
    assert_eq!(Format::named("foo"), None);
    for name in Format::NAMES_5_15 {
        assert!(Format::named(name).is_some(), "{name}");
    }
    for (place, name) in Format::NAMES.iter().enumerate() {
        assert_eq!(
            Format::named(name).map(|format| format as usize),
            Some(place)
        );
    }
    for (place, name) in RetrieveType::NAMES.iter().enumerate() {
        assert_eq!(
            RetrieveType::named(name).map(|what| what as usize),
            Some(place)
        );
    }
}

#[test_case("requests", "java", "application/java; charset=utf-8", "[]")]
#[test_case("requests", "json", "application/json; charset=utf-8", "[]")]
#[test_case("requests", "log_entries", "application/json; charset=utf-8", "[]")]
#[test_case("requests", "curl", "text/plain; charset=utf-8", "")]
#[test_case(
    "requests",
    "go",
    "text/plain; charset=utf-8",
    "GO not supported for REQUESTS (use RECORDED_EXPECTATIONS)"
)]
#[test_case(
    "request_responses",
    "java",
    "text/plain; charset=utf-8",
    "JAVA not supported for REQUEST_RESPONSES"
)]
#[test_case(
    "request_responses",
    "csharp",
    "text/plain; charset=utf-8",
    "CSHARP not supported for REQUEST_RESPONSES"
)]
#[test_case("request_responses", "json", "application/json; charset=utf-8", "[]")]
#[test_case("request_responses", "curl", "text/plain; charset=utf-8", "")]
#[test_case("recorded_expectations", "java", "application/java; charset=utf-8", "")]
#[test_case(
    "recorded_expectations",
    "curl",
    "text/plain; charset=utf-8",
    "CURL not supported for RECORDED_EXPECTATIONS"
)]
#[test_case(
    "recorded_expectations",
    "log_entries",
    "application/json; charset=utf-8",
    "[]"
)]
#[test_case("active_expectations", "java", "application/java; charset=utf-8", "")]
#[test_case(
    "active_expectations",
    "log_entries",
    "text/plain; charset=utf-8",
    "LOG_ENTRIES not supported for ACTIVE_EXPECTATIONS"
)]
#[test_case(
    "active_expectations",
    "curl",
    "text/plain; charset=utf-8",
    "CURL not supported for ACTIVE_EXPECTATIONS"
)]
#[test_case(
    "active_expectations",
    "javascript",
    "application/javascript; charset=utf-8",
    "const { mockServerClient } = require('mockserver-client');\n"
)]
#[test_case(
    "active_expectations",
    "rust",
    "text/x-rust; charset=utf-8",
    "use mockserver_client::{ClientBuilder, Expectation};\n\nfn main() -> Result<(), Box<dyn std::error::Error>> {\n    let client = ClientBuilder::new(\"localhost\", 1080).build()?;\n\n    Ok(())\n}\n"
)]
#[test_case(
    "active_expectations",
    "php",
    "application/x-httpd-php; charset=utf-8",
    "<?php\n\nuse MockServer\\MockServerClient;\nuse MockServer\\Expectation;\n\n$client = new MockServerClient('localhost', 1080);\n"
)]
fn nothing_is_written_as_the_original_writes_it(
    what: &str,
    format: &str,
    content_type: &str,
    body: &str,
) {
    let (Some(what), Some(format)) = (RetrieveType::named(what), Format::named(format)) else {
        panic!("names");
    };
    let rendered = render(what, format, &[]);
    assert_eq!(rendered.content_type, content_type);
    assert_eq!(String::from_utf8(rendered.body).expect("UTF-8"), body);
    assert_eq!(rendered.disposition, None);
}

#[test]
fn plain_requests_are_sorted_and_without_addresses() {
    let items = items(
        r#"[{"method":"GET","path":"/a","body":{"contentType":"application/json","type":"JSON","json":{"a":1.50},"rawBytes":"eyJhIjoxLjUwfQ=="},"localAddress":"l","remoteAddress":"r","keepAlive":true}]"#,
    );
    assert_eq!(
        text(RetrieveType::Requests, Format::Json, &items),
        "[ {\n  \"body\" : {\n    \"contentType\" : \"application/json\",\n    \"type\" : \"JSON\",\n    \"json\" : {\n      \"a\" : 1.50\n    }\n  },\n  \"keepAlive\" : true,\n  \"method\" : \"GET\",\n  \"path\" : \"/a\"\n} ]"
    );
    assert_eq!(
        text(RetrieveType::Requests, Format::Java, &items),
        "[ {\n  \"method\" : \"GET\",\n  \"path\" : \"/a\",\n  \"keepAlive\" : true,\n  \"localAddress\" : \"l\",\n  \"remoteAddress\" : \"r\",\n  \"body\" : {\n    \"contentType\" : \"application/json\",\n    \"type\" : \"JSON\",\n    \"json\" : {\n      \"a\" : 1.50\n    }\n  }\n} ]"
    );
}

#[test]
fn bruno_comes_as_a_file() {
    let rendered = render(RetrieveType::RequestResponses, Format::Bruno, &[]);
    assert_eq!(rendered.content_type, "application/zip");
    let disposition = "attachment; filename=\"mockserver-traffic.bruno.zip\"";
    assert_eq!(rendered.disposition.as_deref(), Some(disposition));
    assert!(rendered.body.starts_with(b"PK\x03\x04"));
}

#[test]
fn the_log_is_text_or_entries() {
    let reset = LogEvent {
        at: jiff::Timestamp::UNIX_EPOCH,
        correlation_id: None,
        port: None,
        what: What::Reset,
    };
    let events = [reset];
    let text = "1970-01-01 00:00:00.000 - resetting all expectations and request logs\n";
    let rendered = render_log(RetrieveType::Logs, Format::Har, &events);
    assert_eq!(rendered.content_type, "text/plain; charset=utf-8");
    assert_eq!(rendered.body, text.as_bytes());
    let rendered = render_log(RetrieveType::Logs, Format::LogEntries, &events);
    assert_eq!(rendered.content_type, "application/json; charset=utf-8");
    let entry = "[\n  {\n    \"logLevel\" : \"INFO\",\n    \"epochTime\" : 0,\n    \"timestamp\" : \"1970-01-01 00:00:00.000\",\n    \"type\" : \"CLEARED\",\n    \"httpRequest\" : { },\n    \"messageFormat\" : \"resetting all expectations and request logs\",\n    \"message\" : [\n      \"resetting all expectations and request logs\"\n    ]\n  }\n]";
    assert_eq!(String::from_utf8(rendered.body).expect("UTF-8"), entry);
    let rendered = render_log(RetrieveType::Requests, Format::LogEntries, &events);
    assert_eq!(rendered.body, b"[]");
}
