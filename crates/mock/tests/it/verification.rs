//! `verify` and `verifySequence`: verdicts and the words of their refusals.

use serde_json::{Value, json};
use styk_core::{Journal, JournalLimits};
use styk_mock::MockServer;
use test_case::test_case;

use crate::support::{Mock, mock, mock_from};

async fn after(requests: &[&str]) -> Mock {
    let mock = mock().await;
    mock.expect(json!({"id": "a", "httpRequest": {"path": "/a"}, "httpResponse": {}}));
    for path in requests {
        mock.get(path).await;
    }
    mock
}

#[test_case(json!({"httpRequest": {"path": "/a"}}), 406; "without times it is exactly once")]
#[test_case(json!({"httpRequest": {"path": "/a"}, "times": {}}), 406; "empty times are exactly once")]
#[test_case(json!({"httpRequest": {"path": "/b"}}), 202; "what did not match counts")]
#[test_case(json!({"httpRequest": {"path": "/a"}, "times": {"atLeast": 1}}), 202; "at least")]
#[test_case(json!({"httpRequest": {"path": "/a"}, "times": {"atMost": 1}}), 406; "at most")]
#[test_case(json!({"httpRequest": {"path": "/a"}, "times": {"atLeast": 1, "atMost": 2}}), 202; "between")]
#[test_case(json!({"httpRequest": {"path": "/c"}, "times": {"atLeast": 0, "atMost": 0}}), 202; "never")]
#[test_case(json!({"httpRequest": {"path": "/a"}, "times": {"atLeast": 2, "atMost": -1}}), 202; "minus one is no bound")]
#[test_case(json!({"expectationId": {"id": "a"}, "times": {"atLeast": 2, "atMost": 2}}), 202; "by expectation")]
#[test_case(json!({"expectationId": {"id": "nope"}}), 400; "an unknown expectation")]
#[test_case(json!({"httpRequest": {}, "expectationId": {"id": "a"}}), 400; "both at once")]
#[test_case(json!({"httpRequest": {"foo": 1}}), 400; "an unknown field")]
#[test_case(json!({"httpResponse": {}, "times": {"atLeast": 2, "atMost": 2}}), 202; "what was not found is no response")]
#[test_case(json!({"httpResponse": {"statusCode": 404}}), 406; "not even by its status")]
#[test_case(json!({"httpResponse": {"foo": 1}}), 400; "an unknown field of a response")]
#[test_case(json!({"httpRequest": {"path": "/a"}, "disposition": "MOCKED", "times": {"atLeast": 2}}), 202; "mocked")]
#[test_case(json!({"httpRequest": {"path": "/b"}, "disposition": "MOCKED"}), 406; "what did not match was not mocked")]
#[test_case(json!({"httpRequest": {"path": "/a"}, "disposition": "FORWARDED", "times": {"atMost": 0}}), 202; "nor forwarded")]
#[test_case(json!({"httpRequest": {"path": "/a"}, "disposition": "foo"}), 400; "an unknown disposition")]
#[test_case(json!({"httpRequest": {"path": "/a"}, "timeout": -1}), 400; "a negative time")]
#[test_case(json!({"httpRequest": {"path": "/a"}, "times": {"atMost": 1}, "timeout": 600_000}), 406; "no wait for what cannot be mended")]
#[tokio::test]
async fn verdicts(verification: Value, status: u16) {
    let mock = after(&["/a", "/a", "/b"]).await;
    let answer = mock.put("verify", verification.to_string()).await;
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.text.is_empty(), status == 202);
}

#[tokio::test]
async fn a_refusal_shows_what_was_expected_and_what_came() {
    let mock = after(&[]).await;
    mock.raw("GET /b?z=1 HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n")
        .await;
    let answer = mock
        .put("verify", r#"{"httpRequest":{"path":"/a","method":"GET"}}"#)
        .await;
    assert_eq!(answer.status, 406);
    let expected = "Request not found exactly once, expected:<{\n  \"method\" : \"GET\",\n  \"path\" : \"/a\"\n}> but was:<{\n  \"headers\" : {\n    \"content-length\" : [ \"0\" ],\n    \"host\" : [ \"shop\" ],\n    \"connection\" : [ \"close\" ]\n  },\n  \"keepAlive\" : false,\n  \"method\" : \"GET\",\n  \"path\" : \"/b\",\n  \"protocol\" : \"HTTP_1_1\",\n  \"queryStringParameters\" : {\n    \"z\" : [ \"1\" ]\n  },\n  \"secure\" : false\n}>\n\nclosest match diff:\n  path:\n      string or regex match failed expected:      /a     found:      /b \n\nwanted:  {\"method\":\"GET\",\"path\":\"/a\"}, exactly once\nmatched: 0 of 1 recorded requests\nclosest: GET /b (differs in path)\n\n  path: expected /a, received /b\n";
    assert_eq!(answer.text, expected);
}

#[test_case(json!({"atLeast": 3}), "at least 3 times")]
#[test_case(json!({"atMost": 1}), "at most once")]
#[test_case(json!({"atLeast": 1, "atMost": 1}), "exactly once")]
#[test_case(json!({"atLeast": 0, "atMost": 0}), "exactly 0 times")]
#[test_case(json!({"atLeast": 3, "atMost": 4}), "between 3 and 4 times")]
#[tokio::test]
async fn times_are_worded(times: Value, words: &'static str) {
    let mock = after(&["/a", "/a"]).await;
    let verification = json!({"httpRequest": {"path": "/a"}, "times": times});
    let answer = mock.put("verify", verification.to_string()).await;
    let start = format!(
        "Request not found {words}, expected:<{{\n  \"path\" : \"/a\"\n}}> but was:<[ {{\n"
    );
    assert!(answer.text.starts_with(&start), "{}", answer.text);
}

#[tokio::test]
async fn many_requests_are_counted_instead_of_shown() {
    let mock = after(&["/b"; 13]).await;
    let answer = mock.put("verify", r#"{"httpRequest":{"path":"/a"}}"#).await;
    let start = "Request not found exactly once, expected:<{\n  \"path\" : \"/a\"\n}> but was found 0 times among 13 total requests";
    assert!(answer.text.starts_with(start), "{}", answer.text);
    let none = mock.put("verify", r#"{"httpRequest":{"path":"/a"},"maximumNumberOfRequestToReturnInVerificationFailure":20}"#).await;
    assert!(none.text.contains("but was:<[ {"), "{}", none.text);
}

#[tokio::test]
async fn nothing_received_is_an_empty_list() {
    let mock = after(&[]).await;
    let answer = mock.put("verify", r#"{"httpRequest":{}}"#).await;
    assert_eq!(
        answer.text,
        "Request not found exactly once, expected:<{ }> but was:<[]>\n\nwanted:  {}, exactly once\nmatched: 0 of 0 recorded requests\nclosest: none, since nothing was recorded\n"
    );
}

const REFERENCES: &str = "OpenAPI Specification: https://app.swaggerhub.com/apis/jamesdbloom/mock-server-openapi/8.0.x\n  Documentation: https://mock-server.com/mock_server/creating_expectations.html";

#[test_case("", "1 error:\n - a verification is required but value was \"null\"\n\n"; "nothing")]
#[test_case("{}", "incorrect verification json format for:\n\n  {}\n\n schema validation errors:\n\n  5 errors:\n   - $.expectationId: is missing but it is required\n   - $.httpRequest: is missing, but is required, if specifying action of type Request\n   - $.httpResponse: is missing, but is required, if specifying action of type Response\n   - $: should be valid to one and only one schema, but 0 are valid\n   - oneOf of the following must be specified [httpError, httpForward, httpForwardClassCallback, httpForwardObjectCallback, httpForwardTemplate, httpForwardValidateAction, httpForwardWithFallback, httpOverrideForwardedRequest, httpResponse, httpResponseClassCallback, httpResponseObjectCallback, httpResponseTemplate]\n  \n  "; "an empty object")]
#[test_case("{\"httpRequest\":{},\"foo\":1}", "incorrect verification json format for:\n\n  {\"httpRequest\":{},\"foo\":1}\n\n schema validation errors:\n\n  1 error:\n   - $.foo: is not defined in the schema and the schema does not allow additional properties\n  \n  "; "an unknown property, shown as it was written")]
#[test_case("{\"httpRequest\":{},\"times\":{\"atLeast\":\"x\"}}", "incorrect verification json format for:\n\n  {\"httpRequest\":{},\"times\":{\"atLeast\":\"x\"}}\n\n schema validation errors:\n\n  1 error:\n   - $.times.atLeast: string found, integer expected\n  \n  "; "a bound as text")]
#[tokio::test]
async fn a_malformed_verification_is_reported(body: &'static str, expected: &'static str) {
    let mock = after(&[]).await;
    let answer = mock.put("verify", body).await;
    assert_eq!(answer.status, 400);
    let references = if body.is_empty() {
        REFERENCES.replace("\n  ", "\n")
    } else {
        REFERENCES.to_owned()
    };
    assert_eq!(answer.text, format!("{expected}{references}"));
}

#[test_case(json!({"httpRequests": [{"path": "/a"}, {"path": "/c"}]}), 202; "others may lie between")]
#[test_case(json!({"httpRequests": [{"path": "/c"}, {"path": "/a"}]}), 406; "the order counts")]
#[test_case(json!({"httpRequests": [{"path": "/a"}, {"path": "/a"}]}), 406; "each needs its own")]
#[test_case(json!({"httpRequests": {"path": "/a"}}), 400; "one in place of a list")]
#[test_case(json!({"expectationIds": [{"id": "a"}]}), 202; "by expectation")]
#[test_case(json!({"expectationIds": [{"id": "nope"}]}), 400; "an unknown expectation")]
#[test_case(json!({"httpRequests": []}), 406; "an empty sequence")]
#[test_case(json!({"foo": 1}), 400; "an unknown field")]
#[tokio::test]
async fn sequences(sequence: Value, status: u16) {
    let mock = after(&["/a", "/b", "/c"]).await;
    let answer = mock.put("verifySequence", sequence.to_string()).await;
    assert_eq!(answer.status, status, "{}", answer.text);
}

#[tokio::test]
async fn a_sequence_that_was_not_found_says_so() {
    let mock = after(&["/b"]).await;
    let answer = mock
        .put("verifySequence", r#"{"httpRequests":[{"path":"/a"}]}"#)
        .await;
    let start = "Request sequence not found, expected:<[ {\n  \"path\" : \"/a\"\n} ]> but was:<{\n";
    assert!(answer.text.starts_with(start), "{}", answer.text);
}

#[tokio::test]
async fn many_requests_are_counted_when_a_sequence_was_not_found() {
    let mock = after(&["/b"; 13]).await;
    let answer = mock
        .put("verifySequence", r#"{"httpRequests":[{"path":"/a"}]}"#)
        .await;
    let start = "Request sequence not found, expected:<[ {\n  \"path\" : \"/a\"\n} ]> but was not found, found 13 other requests\n\nclosest match diff:\n  path:\n";
    assert!(answer.text.starts_with(start), "{}", answer.text);
}

#[tokio::test]
async fn what_the_journal_dropped_makes_a_verdict_incomplete_only_where_it_matters() {
    let journal = Journal::new(JournalLimits {
        exchanges_max: 3,
        bytes_max: 1 << 20,
    });
    let mock = mock_from(MockServer::builder("payment").journal(journal)).await;
    for path in ["/a", "/b", "/b", "/b"] {
        mock.get(path).await;
    }
    let verify = async |path: &str, times: Value| {
        let verification = json!({"httpRequest": {"path": path}, "times": times});
        mock.put("verify", verification.to_string()).await
    };
    for (path, times) in [
        ("/a", json!({"atLeast": 1})),
        ("/a", json!({"atLeast": 0, "atMost": 0})),
        ("/b", json!({"atLeast": 3, "atMost": 3})),
    ] {
        let answer = verify(path, times).await;
        assert_eq!(answer.status, 406);
        assert!(
            answer.text.starts_with("Verification incomplete: "),
            "{}",
            answer.text
        );
    }
    assert_eq!(
        verify("/b", json!({"atLeast": 2})).await.status,
        202,
        "certain already"
    );
    let too_many = verify("/b", json!({"atMost": 2})).await;
    assert!(
        too_many
            .text
            .starts_with("Request not found at most 2 times"),
        "{}",
        too_many.text
    );
    let sequence = mock
        .put(
            "verifySequence",
            r#"{"httpRequests":[{"path":"/a"},{"path":"/b"}]}"#,
        )
        .await;
    assert!(
        sequence.text.starts_with("Verification incomplete: "),
        "{}",
        sequence.text
    );
    mock.server.reset();
    mock.get("/a").await;
    assert_eq!(
        verify("/a", json!({})).await.status,
        202,
        "after a reset the loss does not matter"
    );
}

#[tokio::test]
async fn exchanges_of_other_servers_do_not_count_and_do_not_disturb() {
    let journal = Journal::new(JournalLimits {
        exchanges_max: 3,
        bytes_max: 1 << 20,
    });
    let payment = mock_from(MockServer::builder("payment").journal(journal.clone())).await;
    let shipping = mock_from(MockServer::builder("shipping").journal(journal)).await;
    shipping.get("/a").await;
    shipping.get("/a").await;
    payment.get("/a").await;
    payment.get("/a").await;
    let twice = r#"{"httpRequest":{"path":"/a"},"times":{"atLeast":2,"atMost":2}}"#;
    assert_eq!(
        payment.put("verify", twice).await.status,
        202,
        "what was dropped was not its own"
    );
    assert!(
        shipping
            .put("verify", twice)
            .await
            .text
            .starts_with("Verification incomplete")
    );
}

#[tokio::test]
async fn a_malformed_json_body_disturbs_nothing() {
    let mock = after(&[]).await;
    let url = format!("{}/x", mock.server.url());
    let request = mock
        .client
        .post(&url)
        .header("content-type", "application/json")
        .body("{\"a\":");
    assert_eq!(request.send().await.expect("an answer").status(), 404);
    let requests = mock.retrieve("requests", "").await;
    assert_eq!(requests[0]["body"]["rawBytes"], "eyJhIjo=", "{requests}");
    let answer = mock
        .put("verify", r#"{"httpRequest":{"body":{"a":1}}}"#)
        .await;
    assert_eq!(answer.status, 406);
}

#[test_case(json!({"statusCode": 201}), 202; "the status")]
#[test_case(json!({"reasonPhrase": "created"}), 202; "the words for it")]
#[test_case(json!({"headers": {"x-a": ["1"]}}), 202; "headers")]
#[test_case(json!({"cookies": {"sid": "7"}}), 202; "cookies")]
#[test_case(json!({"body": {"sum": 0.5}}), 202; "a part of the body")]
#[test_case(json!({"body": {"type": "REGEX", "regex": ".*sum.*"}}), 202; "a pattern for the body")]
#[test_case(json!({"body": {"sum": 1}}), 406; "another body")]
#[test_case(json!({"statusCode": 200}), 406; "another status")]
#[tokio::test]
async fn responses_are_verified(response: Value, status: u16) {
    let mock = mock().await;
    mock.expect(
        json!({"httpResponse": {"statusCode": 201, "headers": {"X-A": ["1"]},
        "cookies": {"sid": "7"}, "body": {"sum": 0.5, "more": true}}}),
    );
    mock.get("/a").await;
    let verification = json!({"httpRequest": {"path": "/a"}, "httpResponse": response});
    let answer = mock.put("verify", verification.to_string()).await;
    assert_eq!(answer.status, status, "{}", answer.text);
}

#[tokio::test]
async fn a_refusal_about_a_response_shows_what_was_answered() {
    let mock = mock().await;
    mock.expect(json!({"httpResponse": {"statusCode": 201, "body": "one"}}));
    mock.get("/a").await;
    let answer = mock
        .put("verify", r#"{"httpResponse":{"statusCode":500}}"#)
        .await;
    let expected = "Response not found exactly once, expected:<{\n  \"statusCode\" : 500\n}> but was:<{\n  \"statusCode\" : 201,\n  \"body\" : \"one\"\n}>\n\nclosest match diff:\n  operation:\n      statusCode match failed expected:      500     found:      201 \n\nwanted:  the answer {\"statusCode\":500}, exactly once\nmatched: 0 of 1 recorded answers\nclosest: GET /a (differs in statusCode)\n\n  statusCode: expected 500, received 201\n";
    assert_eq!(answer.text, expected);
}

#[test_case(json!({"httpResponses": [{"statusCode": 201}, {"statusCode": 200}]}), 202; "responses alone")]
#[test_case(json!({"httpResponses": [{"statusCode": 200}, {"statusCode": 201}]}), 406; "in their order")]
#[test_case(json!({"httpRequests": [{"path": "/a"}, {"path": "/b"}], "httpResponses": [{"statusCode": 201}, {}]}), 202; "with their requests")]
#[test_case(json!({"httpRequests": [{"path": "/a"}, {"path": "/b"}], "httpResponses": [{"statusCode": 200}, {}]}), 406; "each with its own")]
#[test_case(json!({"httpRequests": [{"path": "/a"}], "httpResponses": [{}, {}]}), 406; "of the same number")]
#[test_case(json!({"expectationIds": [{"id": "a"}], "httpResponses": [{"statusCode": 201}]}), 202; "by expectation")]
#[tokio::test]
async fn sequences_of_responses(sequence: Value, status: u16) {
    let mock = mock().await;
    mock.expect(
        json!({"id": "a", "httpRequest": {"path": "/a"}, "httpResponse": {"statusCode": 201}}),
    );
    mock.expect(json!({"id": "b", "httpRequest": {"path": "/b"}, "httpResponse": {}}));
    mock.get("/a").await;
    mock.get("/b").await;
    let answer = mock.put("verifySequence", sequence.to_string()).await;
    assert_eq!(answer.status, status, "{}", answer.text);
}

#[tokio::test]
async fn a_verification_waits_for_what_is_on_its_way() {
    let mock = mock().await;
    let verify = mock.put(
        "verify",
        r#"{"httpRequest":{"path":"/late"},"httpResponse":{"statusCode":200},"timeout":600000}"#,
    );
    let late = async {
        // The verification is asked first, and is still waiting here.
        mock.get("/other").await;
        mock.expect_get("/late", "x");
        mock.get("/late").await;
    };
    let (answer, ()) = tokio::join!(verify, late);
    assert_eq!(answer.status, 202, "{}", answer.text);
    let never = mock
        .put(
            "verify",
            r#"{"httpRequest":{"path":"/never"},"timeout":20}"#,
        )
        .await;
    assert_eq!(never.status, 406);
}

#[tokio::test]
async fn machines_get_the_verdict_as_json() {
    let mock = after(&["/a", "/a"]).await;
    let url = format!("{}/mockserver/verify", mock.server.url());
    let request = mock.client.put(&url).header("accept", "application/json");
    let body = r#"{"httpRequest":{"path":"/b"},"times":{"atLeast":1}}"#;
    let answer = request.body(body).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 406);
    let verdict: Value = serde_json::from_str(&answer.text().await.expect("text")).expect("JSON");
    assert_eq!(verdict["matched"], 0);
    assert_eq!(verdict["recorded"], 2);
    assert_eq!(verdict["times"], json!({"atLeast": 1, "atMost": null}));
    assert_eq!(
        verdict["closest"]["differences"],
        json!([{"field": "path", "difference": "expected /b, received /a", "expected": "\"/b\"", "received": "\"/a\""}])
    );
}

#[tokio::test]
async fn a_malformed_body_disturbs_no_verification_and_no_retrieval() {
    let mock = after(&[]).await;
    let url = format!("{}/a", mock.server.url());
    let request = mock
        .client
        .post(&url)
        .header("content-type", "application/json");
    request
        .body("{\"b\": nope")
        .send()
        .await
        .expect("an answer");
    for what in ["requests", "request_responses"] {
        let found = mock.retrieve(what, "").await;
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
    }
    let logs = mock.put("retrieve?type=logs", "").await;
    assert!(logs.text.contains("received request"), "{}", logs.text);
    let answer = mock
        .put("verify", r#"{"httpRequest":{"body":{"b":1}}}"#)
        .await;
    assert_eq!(answer.status, 406, "{}", answer.text);
    let found = mock.put("verify", r#"{"httpRequest":{"path":"/a"}}"#).await;
    assert_eq!(found.status, 202, "{}", found.text);
}

#[tokio::test]
async fn the_log_tells_of_a_verification_as_the_original_does() {
    let mock = after(&["/a"]).await;
    mock.put("verify", r#"{"httpRequest":{"path":"/b"}}"#).await;
    let logs = mock.put("retrieve?type=logs&format=log_entries", "").await;
    let logs: serde_json::Value = serde_json::from_str(&logs.text).expect("JSON");
    let of_kind = |kind: &str| {
        let entries = logs.as_array().expect("a list").iter();
        let mut entries = entries.filter(|entry| entry["type"] == kind);
        entries.next().expect("an entry").clone()
    };
    let asked = of_kind("VERIFICATION");
    let times = &asked["arguments"][0]["times"];
    assert_eq!(times, &json!({"atLeast": 1, "atMost": 1}), "{asked}");
    assert!(asked["port"].is_number(), "{asked}");
    let failed = of_kind("VERIFICATION_FAILED");
    assert!(failed.get("port").is_none(), "{failed}");
    let found = failed["arguments"].to_string();
    assert!(found.contains("remoteAddress"), "{failed}");
}
