//! Strangers: whatever comes over the wire gets an answer with words, and never a panic, a hang, or somebody else's loss.

use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use styk_mock::Limits;
use test_case::test_case;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Mock, mock, mock_with, read_to_end};

/// Panics of the product: a server survives one, so an answer alone does not show it.
static PANICS: AtomicUsize = AtomicUsize::new(0);

fn watch_for_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let is_ours = panic
                .location()
                .is_none_or(|place| !place.file().contains("tests"));
            PANICS.fetch_add(usize::from(is_ours), Ordering::Relaxed);
            before(panic);
        }));
    });
}

async fn watched() -> Mock {
    watch_for_panics();
    mock().await
}

/// The server is well, and nothing has panicked.
async fn assert_well(mock: &Mock) {
    assert_eq!(mock.put("retrieve?type=logs", "").await.status, 200);
    mock.retrieve("requests", "").await;
    // Numbers come back as they were written, also those that no test can read.
    let active = mock.put("retrieve?type=active_expectations", "").await;
    assert_eq!(active.status, 200, "{}", active.text);
    mock.server.reset();
    mock.expect_get("/well", "still here");
    assert_eq!(mock.get("/well").await.text, "still here");
    assert_eq!(PANICS.load(Ordering::Relaxed), 0, "something panicked");
}

/// Sends bytes on a connection of their own; the status of the answer.
async fn status_of(mock: &Mock, request: &[u8]) -> u16 {
    let mut stream = mock.connect().await;
    // The server may refuse before it has read everything.
    let _sent_or_refused = stream.write_all(request).await;
    let _half_closed = stream.shutdown().await;
    let answer = read_to_end(&mut stream).await;
    if answer.starts_with("unknown message format") {
        return 400;
    }
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    status.unwrap_or_else(|| panic!("no answer but {answer:?}"))
}

/// How many connections this process can hold both ends of.
fn connections_possible(wanted: usize) -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let files = files.and_then(|rest| rest.split_whitespace().next()?.parse::<usize>().ok());
    wanted.min((files.unwrap_or(1024) - 400) / 2)
}

#[tokio::test]
async fn thousands_of_half_sent_heads_do_not_keep_others_from_their_answers() {
    let limits = Limits {
        head_timeout: Duration::from_secs(600),
        ..Limits::default()
    };
    watch_for_panics();
    let mock = mock_with(limits).await;
    mock.expect_get("/x", "one");
    let mut half_open = Vec::new();
    // 5,000, or as many as the limit on open files allows.
    for _ in 0..connections_possible(5_000) {
        let mut stream = mock.connect().await;
        stream
            .write_all(b"GET /x HTTP/1.1\r\nhost: ")
            .await
            .expect("sent");
        half_open.push(stream);
    }
    for _ in 0..20 {
        let request = "GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        assert!(mock.raw(request).await.ends_with("one"));
    }
    let mut late = half_open.pop().expect("a connection");
    late.write_all(b"a\r\nconnection: close\r\n\r\n")
        .await
        .expect("sent");
    assert!(read_to_end(&mut late).await.ends_with("one"));
}

#[test_case("expectation", 400)]
#[test_case("verify", 400)]
#[test_case("verifySequence", 400)]
#[test_case("clear", 400)]
#[test_case("retrieve", 400)]
#[tokio::test]
async fn deep_nesting_in_control_requests_is_refused(operation: &str, status: u16) {
    let mock = watched().await;
    for (open, inner) in [("[", ""), ("{\"a\":", "1"), ("{\"httpRequest\":", "{}")] {
        let deep = open.repeat(100_000) + inner;
        let answer = mock.put(operation, deep).await;
        assert_eq!(answer.status, status, "{open}");
        assert!(answer.text.contains("levels of nesting"), "{}", answer.text);
    }
    assert_well(&mock).await;
}

#[test_case(&|depth| "[".repeat(depth) + &"]".repeat(depth), "application/json"; "lists")]
#[test_case(&|depth| "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth), "application/json"; "objects")]
#[test_case(&|depth| "<a>".repeat(depth) + &"</a>".repeat(depth), "application/xml"; "elements")]
#[test_case(&|depth| "<!DOCTYPE a [".to_owned() + &"<!ENTITY a \"&a;&a;\">".repeat(depth / 100) + "]><a>&a;</a>", "text/xml"; "entities")]
#[tokio::test]
async fn deep_bodies_are_ordinary_requests(body: &dyn Fn(usize) -> String, content_type: &str) {
    let mock = watched().await;
    for body in [
        json!({"type": "JSON", "json": {"a": [1]}}),
        json!({"type": "XML", "xml": "<a><b/></a>"}),
        json!({"type": "XPATH", "xpath": "/a/a[1]"}),
        json!({"type": "JSON_PATH", "jsonPath": "$..a"}),
        json!({"type": "JSON_SCHEMA", "jsonSchema": {"type": "object", "required": ["id"]}}),
    ] {
        let expectation =
            json!({"httpRequest": {"path": "/never", "body": body}, "httpResponse": {}});
        let answer = mock.put("expectation", expectation.to_string()).await;
        assert!(matches!(answer.status, 201 | 501), "{}", answer.text);
    }
    let url = format!("{}/never", mock.server.url());
    let request = mock.client.post(url).header("content-type", content_type);
    let answer = request.body(body(100_000)).send().await.expect("an answer");
    assert!(matches!(answer.status().as_u16(), 200 | 404));
    let failed = mock.put(
        "verify",
        json!({"httpRequest": {"path": "/other"}}).to_string(),
    );
    assert_eq!(failed.await.status, 406);
    assert_well(&mock).await;
}

#[test_case(&format!("GET / HTTP/1.1\r\na: {}\r\n\r\n", "x".repeat(1 << 20)); "a header of a megabyte")]
#[test_case(&format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(10_000)); "ten thousand headers")]
#[test_case(&format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20)); "a path of a megabyte")]
#[test_case(&format!("{} / HTTP/1.1\r\n\r\n", "X".repeat(1 << 20)); "a method of a megabyte")]
#[test_case("GET / HTTP/1.1\r\ncontent-length: 99999999999999999999\r\n\r\n"; "a length beyond all numbers")]
#[test_case("GET / HTTP/1.1\r\ncontent-length: 18446744073709551615\r\n\r\n"; "the largest length")]
#[test_case("GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffe\r\n"; "the largest chunk")]
#[test_case("GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n"; "a negative chunk")]
#[test_case("GET / HTTP/9.9\r\n\r\n"; "a version to come")]
#[tokio::test]
async fn heads_beyond_measure_are_refused(request: &str) {
    let mock = watched().await;
    mock.expect(json!({"httpResponse": {}}));
    let status = status_of(&mock, request.as_bytes()).await;
    assert!((400..=431).contains(&status), "{status}");
    assert_well(&mock).await;
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    const COUNT: usize = 1_000;
    let mock = watched().await;
    for n in 0..COUNT {
        mock.expect_get(&format!("/n/{n}"), &format!("<{n}>"));
    }
    let requests: String = (0..COUNT)
        .map(|n| {
            let end = if n + 1 == COUNT {
                "connection: close\r\n"
            } else {
                ""
            };
            format!("GET /n/{n} HTTP/1.1\r\nhost: a\r\n{end}\r\n")
        })
        .collect();
    let (mut reading, mut writing) = mock.connect().await.into_split();
    let sending = tokio::spawn(async move {
        writing.write_all(requests.as_bytes()).await.expect("sent");
        writing
    });
    let mut text = String::new();
    reading.read_to_string(&mut text).await.expect("answers");
    sending.await.expect("sent");
    let mut rest = text.as_str();
    for n in 0..COUNT {
        let expected = format!("<{n}>");
        let (_, after) = rest
            .split_once(&expected)
            .unwrap_or_else(|| panic!("no {expected}"));
        rest = after;
    }
}

#[tokio::test]
async fn a_request_may_come_byte_by_byte() {
    let mock = watched().await;
    mock.expect(json!({"httpRequest": {"body": "slow"}, "httpResponse": {"body": "taken"}}));
    for framing in [
        "content-length: 4\r\n\r\nslow",
        "transfer-encoding: chunked\r\n\r\n1\r\ns\r\n3;a=b\r\nlow\r\n0\r\nt: 1\r\n\r\n",
    ] {
        let request = format!("POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{framing}");
        let mut stream = mock.connect().await;
        stream.set_nodelay(true).expect("an option");
        for byte in request.bytes() {
            stream.write_all(&[byte]).await.expect("sent");
            tokio::task::yield_now().await;
        }
        let answer = read_to_end(&mut stream).await;
        assert!(answer.ends_with("taken"), "{answer}");
    }
}

#[test_case(b"GET /\xff\xfe HTTP/1.1\r\nhost: a\r\n\r\n"; "in a path")]
#[test_case(b"GET /?\xff=\xc3 HTTP/1.1\r\nhost: a\r\n\r\n"; "in a query")]
#[test_case(b"GET /%ff%c3?%ff=%c3%28 HTTP/1.1\r\nhost: a\r\n\r\n"; "in escapes")]
#[test_case(b"GET / HTTP/1.1\r\nhost: \xff\r\nx: \xc3\x28\r\ncookie: a=\xff; \xfe=b\r\n\r\n"; "in headers")]
#[test_case(b"GET / HTTP/1.1\r\nx-styk-scope: \xff\r\nbaggage: styk.scope=%ff\r\n\r\n"; "in a scope")]
#[test_case(b"G\xffT / HTTP/1.1\r\nhost: a\r\n\r\n"; "in a method")]
#[test_case(b"GET / HTTP/1.1\r\n\xff: a\r\n\r\n"; "in a header name")]
#[test_case(b"POST / HTTP/1.1\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: 5\r\n\r\n{\"\xff\":"; "in a body")]
#[test_case(b"POST / HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 5\r\n\r\n\xff=%f\xc3"; "in a form")]
#[test_case(b"POST / HTTP/1.1\r\ncontent-type: \xff; charset=\xfe\r\ncontent-length: 2\r\n\r\n\xff\xfe"; "in a content type")]
#[test_case(b"POST / HTTP/1.1\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\xff\xff"; "in a coding")]
#[test_case(b"PUT /mockserver/expectation HTTP/1.1\r\ncontent-length: 5\r\n\r\n{\"\xff\":"; "in a control request")]
#[test_case(b"PUT /mockserver/retrieve?type=%ff HTTP/1.1\r\nhost: a\r\n\r\n"; "in a parameter")]
#[tokio::test]
async fn what_is_no_text_gets_an_answer(request: &[u8]) {
    let mock = watched().await;
    mock.expect(json!({"httpRequest": {
        "path": "/none", "queryStringParameters": {"a": ["b"]}, "headers": {"x": [".*"]}, "cookies": {"a": "b"},
        "body": {"type": "JSON", "json": {}}
    }, "httpResponse": {}}));
    let status = status_of(&mock, request).await;
    assert!((400..500).contains(&status), "{status}");
    assert_well(&mock).await;
}

/// An expectation with `value` in the place that `path` names.
fn with(path: &[&str], value: &str) -> String {
    let inner = path.iter().rev().fold(value.to_owned(), |inner, name| {
        format!("{{\"{name}\":{inner}}}")
    });
    if path[0] == "httpResponse" {
        inner
    } else {
        format!("{},\"httpResponse\":{{}}}}", &inner[..inner.len() - 1])
    }
}

#[test_case(&["times", "remainingTimes"])]
#[test_case(&["timeToLive", "timeToLive"])]
#[test_case(&["priority"])]
#[test_case(&["percentage"])]
#[test_case(&["httpResponse", "statusCode"])]
#[test_case(&["httpResponse", "delay", "value"])]
#[test_case(&["httpResponse", "connectionOptions", "chunkSize"])]
#[test_case(&["httpResponse", "connectionOptions", "contentLengthHeaderOverride"])]
#[test_case(&["httpResponse", "body"])]
#[test_case(&["httpRequest", "body"])]
#[tokio::test]
async fn numbers_beyond_measure_are_taken_or_refused_with_words(path: &[&str]) {
    let mock = watched().await;
    let digits = "9".repeat(400);
    let numbers = [
        digits.as_str(),
        "1e400",
        "-1e400",
        "1e-400",
        "1e9999999999999999999",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "18446744073709551616",
        "4294967296",
        "2147483648",
        "-1",
        "-0",
        "0.5",
        "NaN",
        "-Infinity",
    ];
    for number in numbers {
        let answer = mock.put("expectation", with(path, number)).await;
        match answer.status {
            201 => assert!(answer.text.starts_with("[ {"), "{number}: {}", answer.text),
            400 | 501 => assert!(!answer.text.is_empty(), "{number}"),
            other => panic!("{other} for {number}: {}", answer.text),
        }
    }
    assert_well(&mock).await;
}

#[tokio::test]
async fn counts_beyond_measure_in_verifications_are_answered() {
    let mock = watched().await;
    for (name, number) in [
        ("atLeast", "99999999999999999999"),
        ("atMost", "1e400"),
        ("atLeast", "-9223372036854775808"),
        ("atMost", "9223372036854775807"),
    ] {
        let body = format!("{{\"httpRequest\":{{}},\"times\":{{\"{name}\":{number}}}}}");
        let answer = mock.put("verify", body).await;
        assert!(
            matches!(answer.status, 202 | 400 | 406),
            "{number}: {answer:?}"
        );
    }
    assert_well(&mock).await;
}

#[test_case(json!({"timeToLive": {"timeUnit": "FORTNIGHTS", "timeToLive": 1}}))]
#[test_case(json!({"httpResponse": {"delay": {"timeUnit": "FORTNIGHTS", "value": 1}}}))]
#[test_case(json!({"httpRequest": {"protocol": "HTTP_0_9"}}))]
#[test_case(json!({"httpRequest": {"body": {"type": "TOML", "toml": "a = 1"}}}))]
#[test_case(json!({"httpRequest": {"body": {"type": "JSON", "json": "{}", "matchType": "NEARLY"}}}))]
#[test_case(json!({"httpForward": {"host": "127.0.0.1", "scheme": "GOPHER"}}))]
#[test_case(json!({"httpResponseTemplate": {"templateType": "PUG", "template": "p"}}))]
#[tokio::test]
async fn words_that_nobody_knows_are_refused_with_words(part: Value) {
    let mock = watched().await;
    let answer = mock.put("expectation", part.to_string()).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.text.contains("error"), "{}", answer.text);
    assert_eq!(mock.retrieve("active_expectations", "").await, json!([]));
    assert_well(&mock).await;
}
