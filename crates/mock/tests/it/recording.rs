//! What the journal holds afterwards, and what `retrieve` makes of it.

use std::time::Duration;

use serde_json::json;
use styk_core::{ExchangeKind, Journal, Outcome, TraceContext};
use styk_mock::MockServer;
use tokio::io::AsyncWriteExt;

use crate::support::{mock, mock_from};

#[tokio::test]
async fn an_exchange_is_recorded_with_everything_known() {
    let journal = Journal::default();
    let mock = mock_from(MockServer::builder("payment").journal(journal.clone())).await;
    let id = mock.expect(
        json!({"httpResponse": {"statusCode": 201, "headers": {"x-a": "1"}, "body": "done"}}),
    );
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let url = format!("{}/api/v1/payments?x=1", mock.server.url());
    mock.client
        .post(&url)
        .header("traceparent", trace)
        .body("sum")
        .send()
        .await
        .expect("an answer");
    let exchanges = journal.exchanges();
    let [exchange] = exchanges.as_slice() else {
        panic!("one exchange: {exchanges:?}");
    };
    assert_eq!(exchange.kind(), ExchangeKind::Http);
    assert_eq!(exchange.edge().to_string(), "shop → payment");
    assert_eq!(exchange.operation(), "POST /api/v1/payments");
    assert_eq!(exchange.attribute("server"), Some("payment"));
    assert_eq!(exchange.attribute("expectation"), Some(id.as_str()));
    assert_eq!(exchange.trace(), TraceContext::parse(trace));
    let request = exchange.request().expect("a request");
    assert_eq!(
        (request.uri.to_string().as_str(), &request.body[..]),
        ("/api/v1/payments?x=1", &b"sum"[..])
    );
    assert_eq!(exchange.outcome(), Some(&Outcome::Answered));
    let response = exchange.response().expect("a response");
    assert_eq!(
        (response.status.as_u16(), &response.body[..]),
        (201, &b"done"[..])
    );
    assert_eq!(response.headers.get("x-a"), Some(b"1".as_slice()));
}

#[tokio::test]
async fn unmatched_and_dropped_exchanges_say_so() {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": {"path": "/drop"}, "httpError": {"dropConnection": true}}));
    mock.get("/none").await;
    mock.raw("GET /drop HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let exchanges = mock.server.journal().exchanges();
    let outcomes: Vec<_> = exchanges
        .iter()
        .filter_map(|exchange| exchange.outcome().cloned())
        .collect();
    assert_eq!(outcomes, [Outcome::Unmatched, Outcome::Dropped]);
    assert!(exchanges[1].attribute("expectation").is_some());
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_ends_the_exchange() {
    let mock = mock().await;
    mock.expect(json!({"httpResponse": {"delay": {"timeUnit": "DAYS", "value": 1}}}));
    let mut stream = mock.connect().await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .expect("sent");
    let journal = mock.server.journal();
    let begun = journal
        .wait_for(Duration::from_secs(10), |journal| {
            journal.exchanges().first().cloned()
        })
        .await;
    let exchange = begun.expect("the request is recorded before it is answered");
    drop(stream);
    let ended = journal.wait_for(Duration::from_secs(10), |_| exchange.outcome().cloned());
    assert_eq!(ended.await, Some(Outcome::Dropped));
}

#[tokio::test]
async fn requests_and_responses_are_retrieved_in_pairs() {
    let mock = mock().await;
    mock.expect(json!({"httpResponse": {"body": {"ok": true}}}));
    let url = format!("{}/x?b=1&b=2", mock.server.url());
    let request = mock
        .client
        .post(&url)
        .header("content-type", "application/json")
        .header("cookie", "sid=\"1\"");
    request
        .body("{\"sum\":0.00}")
        .send()
        .await
        .expect("an answer");
    let text = mock.put("retrieve?type=request_responses", "").await.text;
    assert!(
        text.contains("\"sum\" : 0.00"),
        "numbers keep their text: {text}"
    );
    let pairs: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let pair = &pairs[0];
    assert_eq!(
        pair["httpRequest"]["queryStringParameters"],
        json!({"b": ["1", "2"]})
    );
    assert_eq!(pair["httpRequest"]["cookies"], json!({"sid": "1"}));
    assert_eq!(pair["httpRequest"]["body"]["type"], "JSON");
    assert_eq!(pair["httpResponse"], json!({"body": {"ok": true}}));
    assert!(pair["httpRequest"]["remoteAddress"].is_string(), "{pair}");
    assert!(
        pair["timestamp"]
            .as_str()
            .is_some_and(|time| time.len() == 23),
        "{pair}"
    );
}

#[tokio::test]
async fn a_dropped_connection_is_retrieved_without_a_response() {
    let mock = mock().await;
    mock.expect(json!({"httpError": {"dropConnection": true}}));
    let url = format!("{}/drop", mock.server.url());
    mock.client.get(&url).send().await.expect_err("no answer");
    let text = mock.put("retrieve?type=request_responses", "").await.text;
    let pairs: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(pairs[0]["httpRequest"]["path"], "/drop");
    assert!(pairs[0].get("httpResponse").is_none(), "{text}");
}

#[tokio::test]
async fn bodies_are_recorded_by_their_content_type() {
    let mock = mock().await;
    let url = format!("{}/x", mock.server.url());
    for (content_type, body) in [
        ("text/plain", "a"),
        ("application/xml", "<a/>"),
        ("image/png", "\u{1}"),
    ] {
        let request = mock
            .client
            .post(&url)
            .header("content-type", content_type)
            .body(body);
        request.send().await.expect("an answer");
    }
    let requests = mock.retrieve("requests", "").await;
    assert_eq!(
        requests[0]["body"],
        json!({"type": "STRING", "string": "a", "rawBytes": "YQ==", "contentType": "text/plain"})
    );
    assert_eq!(
        requests[1]["body"],
        json!({"type": "XML", "xml": "<a/>", "rawBytes": "PGEvPg==", "contentType": "application/xml"})
    );
    assert_eq!(
        requests[2]["body"],
        json!({"type": "BINARY", "base64Bytes": "AQ==", "contentType": "image/png"})
    );
}

#[tokio::test]
async fn retrieval_filters_and_knows_its_formats() {
    let mock = mock().await;
    mock.expect_get("/re.*", "x");
    mock.get("/rex").await;
    mock.get("/other").await;
    let found = mock.retrieve("requests", r#"{"path":"/rex"}"#).await;
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    let met = mock
        .retrieve("active_expectations", r#"{"path":"/rex"}"#)
        .await;
    assert_eq!(
        met.as_array().map(Vec::len),
        Some(1),
        "a stored pattern meets the filter"
    );
    let unmet = mock
        .retrieve("active_expectations", r#"{"path":"/other"}"#)
        .await;
    assert_eq!(unmet, json!([]));
    assert_eq!(mock.retrieve("recorded_expectations", "").await, json!([]));
    let java = mock.put("retrieve?format=java", "").await;
    assert_eq!(
        java.content_type.as_deref(),
        Some("application/java; charset=utf-8")
    );
    let usual = mock.retrieve("&format=", "").await;
    assert_eq!(
        usual.as_array().map(Vec::len),
        Some(2),
        "blank is the default"
    );
    let logs = mock.put("retrieve?type=logs", "").await;
    assert_eq!(
        logs.content_type.as_deref(),
        Some("text/plain; charset=utf-8")
    );
    let blocks: Vec<_> = logs.text.split(&"-".repeat(36)).collect();
    let told = |what: &str| blocks.iter().filter(|block| block.contains(what)).count();
    for (what, times) in [
        ("received request:", 2),
        ("matched expectation:", 1),
        ("returning response:", 2),
        ("no expectation for:", 1),
        ("active expectations in json that match:", 2),
    ] {
        assert_eq!(told(what), times, "{what}: {}", logs.text);
    }
    assert!(logs.text.ends_with('\n'));
}
