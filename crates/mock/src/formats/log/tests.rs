use test_case::test_case;

use super::*;
use crate::json::parse_strict;

fn json(text: &str) -> Json {
    parse_strict(text).expect("JSON")
}

fn event(what: What) -> LogEvent {
    LogEvent {
        at: Timestamp::from_millisecond(1_795_647_459_289).expect("time"),
        correlation_id: Some("c".to_owned()),
        port: Some(1080),
        what,
    }
}

fn request() -> Json {
    json(
        r#"{"body":{"type":"STRING","string":"b","rawBytes":"Yg==","contentType":"text/plain"},"keepAlive":true,"method":"GET","path":"/a"}"#,
    )
}

fn expectation() -> Json {
    json(r#"{"httpRequest":{"path":"/a"},"httpResponse":{"body":"A"},"id":"e"}"#)
}

const REQUEST: &str = "\n\n  {\n    \"method\" : \"GET\",\n    \"path\" : \"/a\",\n    \"keepAlive\" : true,\n    \"body\" : \"b\"\n  }\n";
const EXPECTATION: &str = "\n\n  {\n    \"httpRequest\" : {\n      \"path\" : \"/a\"\n    },\n    \"httpResponse\" : {\n      \"body\" : \"A\"\n    },\n    \"id\" : \"e\"\n  }\n";
const RESPONSE: &str = "\n\n  {\n    \"statusCode\" : 200\n  }\n";

/// `<R>`, `<E>` and `<S>` in the sentence stand for the request, the expectation and the response.
#[test_case(What::Created { expectation: expectation() }, "creating expectation:<E>\n with id:\n\n  e\n"; "created")]
#[test_case(What::Removed { expectation: expectation() }, "removed expectation:<E>\n with id:\n\n  e\n"; "removed")]
#[test_case(What::Received { request: request() }, "received request:<R>"; "received")]
#[test_case(What::Matched { request: request(), expectation: expectation() }, "request:<R>\n matched expectation:<E>"; "matched")]
#[test_case(What::Responded { request: request(), response: json(r#"{"statusCode":200}"#), action: json(r#"{"statusCode":200}"#), expectation_id: "e".to_owned() },
    "returning response:<S>\n for request:<R>\n for action:<S>\n from expectation:\n\n  e\n"; "responded")]
#[test_case(What::NoMatch { request: request(), response: json(r#"{"statusCode":200}"#) }, "no expectation for:<R>\n returning response:<S>"; "no match")]
#[test_case(What::Forwarded { request: request(), sent: request(), response: json(r#"{"statusCode":200}"#), by: None },
    "returning response:<S>\n for forwarded request\n\n in json:<R>\n \n\n in curl:\n\n  no host header or remote address specified\n"; "forwarded")]
#[test_case(What::Verified { request: json("{}"), times: "at least once".to_owned() }, "request:\n\n  { }\n\n found at least once"; "verified")]
#[test_case(What::NotVerified { request: json("{}"), times: "exactly once".to_owned(), found: vec![json("{}"), json("{}")] },
    "request not found exactly once, expected:\n\n  { }\n\n but was:\n\n  [{ }, { }]\n"; "not verified")]
#[test_case(What::SequenceVerified { requests: vec![json("{}")] }, "request sequence found:\n\n  [{ }]\n"; "sequence")]
#[test_case(What::SequenceNotVerified { requests: vec![json("{}")], found: vec![request()] },
    "request sequence not found, expected:\n\n  [{ }]\n\n but was:<R>"; "no sequence")]
#[test_case(What::LogCleared { filter: None }, "cleared logs that match:\n\n  {}\n"; "cleared")]
#[test_case(What::ExpectationsCleared { by: Subject::Id("e".to_owned()) }, "cleared expectations that have id:\n\n  e\n"; "cleared by id")]
#[test_case(What::Reset, "resetting all expectations and request logs"; "reset")]
#[test_case(What::Retrieved { what: Retrieved::ActiveExpectations { format: "java", count: 4 }, filter: None },
    "retrieved 4 active expectations in java that match:\n\n  { }\n"; "retrieved")]
fn an_event_is_told_as_the_original_tells_it(what: What, text: &str) {
    let text = text
        .replace("<R>", REQUEST)
        .replace("<E>", EXPECTATION)
        .replace("<S>", RESPONSE);
    assert_eq!(
        super::text([event(what)].iter()),
        format!("2026-11-25 22:57:39.289 - {text}\n")
    );
}

#[test]
fn blocks_are_parted_by_dashes() {
    let text = super::text([event(What::Reset), event(What::Reset)].iter());
    let block = "2026-11-25 22:57:39.289 - resetting all expectations and request logs\n";
    assert_eq!(
        text,
        format!("{block}------------------------------------\n{block}")
    );
    assert_eq!(super::text([].iter()), "");
}

#[test]
fn verifications_name_what_they_ask_for() {
    let verification = json(r#"{"httpRequests":[{"path":"/a"},{"path":"/b"}]}"#);
    let Json::Object(entry) = entry(&event(What::VerifyingSequence { verification })) else {
        panic!("object");
    };
    let requests = json(r#"[{"path":"/a"},{"path":"/b"}]"#);
    assert_eq!(entry.get("httpRequests"), Some(&requests));
    let format = Json::text("verifying sequence that match:{}");
    assert_eq!(entry.get("messageFormat"), Some(&format));
}

#[test]
fn types_of_retrieval_select_events() {
    let received = event(What::Received { request: request() });
    let unmatched = event(What::NoMatch {
        request: request(),
        response: json("{}"),
    });
    let forwarded = event(What::Forwarded {
        request: request(),
        sent: request(),
        response: json("{}"),
        by: None,
    });
    for (what, selected) in [
        (RetrieveType::Logs, [true, true, true]),
        (RetrieveType::Requests, [true, false, false]),
        (RetrieveType::RequestResponses, [false, true, true]),
        (RetrieveType::RecordedExpectations, [false, false, true]),
    ] {
        assert_eq!(
            [&received, &unmatched, &forwarded].map(|event| selects(what, event)),
            selected
        );
    }
}
