//! The face for Rust tests: builders, typed verification, closures, scopes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use styk_core::{Journal, JournalLimits};
use styk_mock::{
    ExpectationError, MockServer, RecordedRequest, RequestPattern, Response, VerificationError,
    Webhook, any, any_request, drop_connection, get, json, patch, post, raw, status, text,
};
use test_case::test_case;

use crate::support::{Mock, mock, mock_from};

/// A wait that ends by itself, far earlier.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, serde::Serialize, serde::Deserialize, PartialEq)]
struct Payment {
    order: String,
    amount: u64,
}

async fn sent(
    mock: &Mock,
    build: impl FnOnce(&reqwest::Client, String) -> reqwest::RequestBuilder,
) -> reqwest::Response {
    let request = build(&mock.client, mock.server.url());
    request.send().await.expect("an answer")
}

#[test_case(get("/a"), true; "method and path")]
#[test_case(patch("/a"), false; "another method")]
#[test_case(any("/a"), true; "any method")]
#[test_case(any_request(), true; "any request")]
#[test_case(get("/."), false; "a path is no regular expression")]
#[test_case(any_request().path_regex("/[a-c]"), true; "a path that is one")]
#[test_case(get("/{name}").path_parameter("name", "[a-c]"), true; "a path parameter")]
#[test_case(get("/{name}").path_parameter("name", "[0-9]"), false; "another path parameter")]
#[test_case(any("/a").query("q", "1.5"), true; "a parameter of the query")]
#[test_case(any("/a").query("q", "1x5"), false; "another parameter of the query")]
#[test_case(any("/a").query_regex("q", "[0-9.]+"), true; "a parameter by regular expression")]
#[test_case(any("/a").no_query("p"), true; "no parameter")]
#[test_case(any("/a").no_query("q"), false; "no parameter, but there is one")]
#[test_case(any("/a").header("X-Api", "a.b"), true; "a header")]
#[test_case(any("/a").header("X-Api", ""), false; "an empty header")]
#[test_case(any("/a").header_regex("x-api", "a.+"), true; "a header by regular expression")]
#[test_case(any("/a").no_header("x-api"), false; "no header, but there is one")]
#[test_case(any("/a").cookie("session", "s+1"), true; "a cookie")]
#[test_case(any("/a").cookie("session", "s"), false; "another cookie")]
#[test_case(any("/a").cookie_regex("session", "s.*"), true; "a cookie by regular expression")]
#[test_case(any("/a").no_cookie("session"), false; "no cookie, but there is one")]
#[test_case(any("/a").field("keepAlive", true), true; "any other field")]
#[tokio::test]
async fn patterns_say_what_a_request_looks_like(pattern: RequestPattern, is_found: bool) {
    let mock = mock().await;
    let answer = sent(&mock, |client, url| {
        client
            .get(format!("{url}/a?q=1.5"))
            .header("x-api", "a.b")
            .header("cookie", "session=s+1")
    });
    assert_eq!(answer.await.status(), 404);
    let found = mock.server.received(&pattern).expect("a pattern").len();
    assert_eq!(found, usize::from(is_found));
}

#[test_case(any("/").json(json!({"b": [1, 2], "a": "x"})), true; "the same json")]
#[test_case(any("/").json(json!({"a": "x"})), false; "less json")]
#[test_case(any("/").json_partial(json!({"a": "x"})), true; "partial json")]
#[test_case(any("/").json_partial(json!({"a": "${json-unit.any-string}"})), true; "a placeholder")]
#[test_case(any("/").body(r#"{"a":"x","b":[1,2]}"#), true; "the text")]
#[test_case(any("/").body("!"), false; "a text that would negate")]
#[test_case(any("/").body_contains("b"), true; "a part of the text")]
#[test_case(any("/").body_contains("!b"), false; "a part that would negate")]
#[test_case(any("/").body_regex(r#"\{"a".*"#), true; "a regular expression")]
#[test_case(any("/").body_bytes(br#"{"a":"x","b":[1,2]}"#), true; "the bytes")]
#[test_case(any("/").form([("a", "x")]), false; "a form")]
#[test_case(any("/").json_path("$.b[?(@ > 1)]"), true; "a json path")]
#[test_case(any("/").json_path("$.b[?(@ > 2)]"), false; "a json path that finds nothing")]
#[test_case(any("/").json_schema(json!({"required": ["a"]})), true; "a json schema")]
#[test_case(any("/").json_schema(json!({"required": ["c"]})), false; "a json schema that forbids it")]
#[test_case(any("/").xml("<a/>"), false; "xml")]
#[test_case(any("/").xpath("/a"), false; "an xpath")]
#[tokio::test]
async fn patterns_say_what_a_body_looks_like(pattern: RequestPattern, is_found: bool) {
    let mock = mock().await;
    mock.send("POST", "/", r#"{"a":"x","b":[1,2]}"#).await;
    let found = mock.server.received(&pattern).expect("a pattern").len();
    assert_eq!(found, usize::from(is_found));
}

#[tokio::test]
async fn a_form_is_matched_by_its_fields() {
    let mock = mock().await;
    mock.server
        .expect(
            post("/login")
                .form([("user", "ada"), ("mail", "a+b@c.d")])
                .respond(status(204)),
        )
        .expect("mounted");
    let fields = [("mail", "a+b@c.d"), ("user", "ada"), ("x", "y")];
    let answer = sent(&mock, |client, url| {
        client.post(format!("{url}/login")).form(&fields)
    })
    .await;
    assert_eq!(answer.status(), 204);
    let login = mock.server.verify(post("/login")).once().expect("one");
    assert_eq!(login.form("mail").as_deref(), Some("a+b@c.d"));
}

#[tokio::test]
async fn responses_are_as_they_were_built() {
    let mock = mock().await;
    let body = Payment {
        order: "7".to_owned(),
        amount: 1999,
    };
    mock.server
        .expect(
            get("/payment").respond(
                json(&body)
                    .status(201)
                    .header("X-A", "1")
                    .header("X-A", "2")
                    .cookie("c", "v")
                    .reason("Made"),
            ),
        )
        .expect("mounted");
    let answer = sent(&mock, |client, url| client.get(format!("{url}/payment"))).await;
    assert_eq!(answer.status(), 201);
    let headers = answer.headers().clone();
    let values: Vec<_> = headers.get_all("x-a").iter().collect();
    assert_eq!(values, ["1", "2"]);
    assert_eq!(headers["set-cookie"], "c=v");
    assert_eq!(headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(
        answer.text().await.expect("a body"),
        r#"{"order":"7","amount":1999}"#
    );
}

#[test_case(drop_connection(), ""; "no answer")]
#[test_case(raw("HTTP/1.1 200 OK\r\n\r\nhalf"), "HTTP/1.1 200 OK\r\n\r\nhalf"; "raw bytes")]
#[test_case(status(204).close_connection(), "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"; "the end of the connection")]
#[tokio::test]
async fn connections_break_where_they_should(response: Response, expected: &str) {
    let mock = mock().await;
    mock.server
        .expect(any("/").respond(response))
        .expect("mounted");
    assert_eq!(
        mock.raw("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await,
        expected
    );
}

#[tokio::test]
async fn options_of_expectations_hold() {
    let mock = mock().await;
    let ids = mock.server.expect([
        get("/a").respond(text("first")).times(1).id("first"),
        get("/a")
            .respond_in_turn([text("second"), status(503)])
            .id("rest"),
        get("/b").respond(text("low")),
        get("/b").respond(text("high")).priority(5),
        get("/c").respond(text("c").recover_after(1)),
    ]);
    let ids = ids.expect("mounted");
    assert_eq!(
        (ids.len(), ids[0].as_str(), ids[1].as_str()),
        (5, "first", "rest")
    );
    for expected in ["first", "second", "", "second"] {
        assert_eq!(mock.get("/a").await.text, expected);
    }
    assert_eq!(mock.get("/b").await.text, "high");
    assert_eq!(mock.get("/c").await.status, 503);
    assert_eq!(mock.get("/c").await.text, "c");
    mock.server
        .verify_expectation("first")
        .once()
        .expect("once");
    assert_eq!(
        mock.server
            .verify_expectation("rest")
            .times(3)
            .expect("three")
            .len(),
        3
    );
    assert!(mock.server.remove("rest"));
    assert_eq!(mock.get("/a").await.status, 404);
}

#[tokio::test]
async fn times_hold_when_many_come_at_once() {
    let mock = Arc::new(mock().await);
    mock.server
        .expect(post("/once").respond(status(201)).times(3))
        .expect("mounted");
    let clients = (0..32).map(|_| {
        let mock = Arc::clone(&mock);
        tokio::spawn(async move { mock.send("POST", "/once", "").await.status })
    });
    let mut created = 0;
    for client in clients.collect::<Vec<_>>() {
        created += usize::from(client.await.expect("a status") == 201);
    }
    assert_eq!(created, 3);
    mock.server
        .verify(post("/once"))
        .times(32)
        .expect("all are counted");
}

#[tokio::test]
async fn a_scenario_moves_on() {
    let mock = mock().await;
    mock.server
        .expect([
            post("/pay")
                .respond(status(204))
                .scenario("order", "Started")
                .then_state("paid"),
            get("/order")
                .respond(text("open"))
                .scenario("order", "Started"),
            get("/order")
                .respond(text("paid"))
                .scenario("order", "paid"),
        ])
        .expect("mounted");
    assert_eq!(mock.server.scenario_state("order"), "Started");
    assert_eq!(mock.get("/order").await.text, "open");
    mock.send("POST", "/pay", "").await;
    assert_eq!(mock.get("/order").await.text, "paid");
    assert_eq!(mock.server.scenario_state("order"), "paid");
    mock.server
        .set_scenario_state("order", "Started")
        .expect("set");
    assert_eq!(mock.get("/order").await.text, "open");
}

#[tokio::test]
async fn closures_answer() {
    let mock = mock().await;
    let counter = AtomicU64::new(0);
    mock.server.expect([
        post("/orders/{id}").path_parameter("id", ".*").respond_with(move |request: &RecordedRequest| {
            let count = counter.fetch_add(1, Ordering::Relaxed);
            let payment: Payment = match request.json() {
                Ok(payment) => payment,
                Err(error) => return status(400).text(&error.to_string()),
            };
            json(json!({"id": request.segment(1), "amount": payment.amount, "q": request.query("q"), "count": count})).status(201)
        }),
        get("/slow").respond_with_async(|request: RecordedRequest| async move {
            tokio::task::yield_now().await;
            text(&format!("{} {}", request.method(), request.path()))
        }),
        get("/gone").respond_with(|_| drop_connection()),
        get("/panic").respond_with(|_| panic!("no rate for EUR")),
        get("/unusable").respond_with(|_| status(7)),
    ]).expect("mounted");
    let answer = mock
        .send("POST", "/orders/7?q=a%20b", r#"{"order":"7","amount":5}"#)
        .await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.text, r#"{"id":"7","amount":5,"q":"a b","count":0}"#);
    assert_eq!(mock.send("POST", "/orders/7", "{").await.status, 400);
    assert_eq!(mock.get("/slow").await.text, "GET /slow");
    assert_eq!(mock.raw("GET /gone HTTP/1.1\r\nhost: a\r\n\r\n").await, "");
    let panicked = mock.get("/panic").await;
    assert_eq!(
        (panicked.status, panicked.text.as_str()),
        (500, "the closure panicked: no rate for EUR")
    );
    let unusable = mock.get("/unusable").await;
    assert_eq!(unusable.status, 500);
    assert!(
        unusable.text.contains("7 is no status"),
        "{}",
        unusable.text
    );
    let shown = mock.retrieve("active_expectations", "").await;
    assert_eq!(
        shown[0]["httpResponseClassCallback"]["callbackClass"],
        "a closure in Rust"
    );
    assert_eq!(shown[0]["httpResponse"], Value::Null);
}

#[tokio::test]
async fn another_server_answers_and_is_told_afterwards() {
    let (mock, upstream) = (mock().await, mock().await);
    upstream.expect_get("/catalogue", "from upstream");
    mock.server
        .expect([
            get("/catalogue").forward_to(&upstream.server.url()),
            post("/payments").respond(status(202)).then_send(
                Webhook::post(&upstream.server.url_of("/hook?id=7&x=a%20b"))
                    .json(json!({"state": "captured"}))
                    .header("X-Sign", "s"),
            ),
        ])
        .expect("mounted");
    assert_eq!(mock.get("/catalogue").await.text, "from upstream");
    assert_eq!(mock.send("POST", "/payments", "").await.status, 202);
    let wanted = post("/hook")
        .query("id", "7")
        .query("x", "a b")
        .header("x-sign", "s");
    let hook = upstream
        .server
        .verify(wanted)
        .within(PATIENCE)
        .once()
        .await
        .expect("the webhook");
    assert_eq!(
        hook.json::<Value>().expect("JSON"),
        json!({"state": "captured"})
    );
}

#[tokio::test]
async fn recorded_requests_tell_everything() {
    let mock = mock().await;
    mock.server
        .expect(post("/a").respond(status(201)).id("made"))
        .expect("mounted");
    sent(&mock, |client, url| {
        client
            .post(format!("{url}/a?x=1&x=2&y=%C3%A4"))
            .header("Cookie", "c=\"v\"; d=w")
            .header("X-Api", "1")
            .body("hello")
    })
    .await;
    let requests = mock.server.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert_eq!((request.method().as_str(), request.path()), ("POST", "/a"));
    assert_eq!(request.query_string(), Some("x=1&x=2&y=%C3%A4"));
    assert_eq!(request.query("x").as_deref(), Some("1"));
    assert_eq!(request.query("y").as_deref(), Some("ä"));
    assert_eq!(request.query("z"), None);
    assert_eq!(request.header("x-api").as_deref(), Some("1"));
    assert_eq!(request.cookie("c").as_deref(), Some("v"));
    assert_eq!(request.cookie("d").as_deref(), Some("w"));
    assert_eq!(
        (request.text().as_ref(), request.body().len()),
        ("hello", 5)
    );
    assert_eq!(request.answered_by(), Some("made"));
    assert_eq!(
        request.answer_status().map(|status| status.as_u16()),
        Some(201)
    );
    assert_eq!((request.segment(0), request.segment(1)), (Some("a"), None));
    mock.server.reset();
    assert!(mock.server.requests().is_empty());
}

#[tokio::test]
async fn a_verification_counts_and_reports_the_difference() {
    let mock = mock().await;
    for amount in [1999, 1999, 2000] {
        mock.send(
            "POST",
            "/payments",
            json!({"order": "7", "amount": amount}).to_string(),
        )
        .await;
    }
    let payment = |amount: u64| post("/payments").json_partial(json!({"amount": amount}));
    let server = &mock.server;
    let one = server.verify(payment(2000)).once().expect("one");
    assert_eq!(one.json::<Payment>().expect("a payment").amount, 2000);
    assert_eq!(server.verify(payment(1999)).times(2).expect("two").len(), 2);
    assert_eq!(
        server
            .verify(post("/payments"))
            .at_least(2)
            .expect("three")
            .len(),
        3
    );
    server.verify(post("/payments")).at_most(3).expect("three");
    server
        .verify(post("/payments"))
        .between(3..=5)
        .expect("three");
    server.verify(post("/payments")).count(1..4).expect("three");
    server.verify(get("/payments")).never().expect("none");
    server.verify(get("/payments")).count(..3).expect("none");

    let unmet = server.verify(payment(7)).once().expect_err("there is none");
    let report = unmet.to_string();
    assert!(
        report.starts_with("Request not found exactly once, expected:<{"),
        "{report}"
    );
    assert!(report.contains("2000"), "{report}");
    assert_eq!(
        format!("{unmet:?}"),
        report,
        "tests that end with `?` show it as it is"
    );
    assert!(matches!(unmet, VerificationError::Unmet { .. }));
    for unmet in [
        server.verify(payment(1999)).once().map(|one| vec![one]),
        server.verify(payment(1999)).times(3),
        server.verify(payment(1999)).at_least(3),
        server.verify(payment(1999)).at_most(1),
        server.verify(payment(1999)).between(3..=4),
        server.verify(payment(1999)).never().map(|()| Vec::new()),
    ] {
        assert!(
            matches!(unmet, Err(VerificationError::Unmet { .. })),
            "{unmet:?}"
        );
    }
}

#[tokio::test]
async fn a_patient_verification_waits_for_what_is_to_come() {
    let mock = Arc::new(mock().await);
    let later = |mock: &Arc<Mock>| {
        let mock = Arc::clone(mock);
        tokio::spawn(async move {
            tokio::task::yield_now().await;
            mock.send("POST", "/mails", "").await
        })
    };
    let sending = later(&mock);
    let mail = mock
        .server
        .verify(post("/mails"))
        .within(PATIENCE)
        .once()
        .await
        .expect("it comes");
    assert_eq!(mail.path(), "/mails");
    sending.await.expect("sent");
    let sending = later(&mock);
    let never = mock.server.verify(post("/mails")).within(PATIENCE);
    assert!(
        never.at_most(1).await.is_err(),
        "a second mail is too many at once"
    );
    sending.await.expect("sent");
    let brief = Duration::from_millis(1);
    mock.server
        .verify(get("/mails"))
        .within(brief)
        .never()
        .await
        .expect("none");
    let unmet = mock
        .server
        .verify(post("/mails"))
        .within(brief)
        .times(3)
        .await;
    assert!(
        matches!(unmet, Err(VerificationError::Unmet { .. })),
        "{unmet:?}"
    );
}

#[tokio::test]
async fn a_sequence_is_verified() {
    let mock = mock().await;
    for path in ["/reserve", "/log", "/pay"] {
        mock.get(path).await;
    }
    mock.server
        .verify_sequence([get("/reserve"), get("/pay")])
        .expect("in this order");
    let unmet = mock
        .server
        .verify_sequence([get("/pay"), get("/reserve")])
        .expect_err("not in this");
    assert!(
        unmet.to_string().starts_with("Request sequence not found"),
        "{unmet}"
    );
}

#[tokio::test]
async fn a_journal_that_dropped_requests_gives_no_verdict() {
    let limits = JournalLimits {
        exchanges_max: 2,
        ..JournalLimits::default()
    };
    let mock = mock_from(MockServer::builder("payment").journal(Journal::new(limits))).await;
    for _ in 0..3 {
        mock.get("/a").await;
    }
    let unknown = mock.server.verify(get("/a")).times(2);
    assert!(
        matches!(unknown, Err(VerificationError::Incomplete { .. })),
        "{unknown:?}"
    );
    assert_eq!(
        mock.server
            .verify(get("/a"))
            .at_least(2)
            .expect("two at least")
            .len(),
        2
    );
}

#[tokio::test]
async fn expected_counts_are_checked() {
    let mock = mock().await;
    mock.server
        .expect([
            get("/rates")
                .respond(text("1.08"))
                .expected(1..)
                .id("rates"),
            post("/payments")
                .respond(status(201))
                .expected(2)
                .id("payments"),
            post("/refunds")
                .respond(status(201))
                .expected(0)
                .id("refunds"),
        ])
        .expect("mounted");
    mock.send("POST", "/payments", "").await;
    let unmet = mock
        .server
        .check_expected()
        .expect_err("two are not as expected")
        .to_string();
    assert!(
        unmet.contains("expectation `rates`: Request not found at least once"),
        "{unmet}"
    );
    assert!(
        unmet.contains("expectation `payments`: Request not found exactly 2 times"),
        "{unmet}"
    );
    assert!(!unmet.contains("refunds"), "{unmet}");
    mock.send("POST", "/payments", "").await;
    mock.get("/rates").await;
    mock.server.assert_expected();
    mock.server
        .expect(get("/rates").respond(text("1.09")).id("rates"))
        .expect("replaced");
    mock.server
        .expect(get("/never").respond(status(204)).expected(1).id("never"))
        .expect("mounted");
    assert!(mock.server.check_expected().is_err());
    assert!(mock.server.remove("never"));
    mock.server
        .check_expected()
        .expect("what was removed is not expected");
    mock.server
        .expect(get("/never").respond(status(204)).expected(1))
        .expect("mounted");
    assert_eq!(mock.put("reset", "").await.status, 200);
    mock.server.check_expected().expect("a reset forgets");
}

#[tokio::test]
#[should_panic(expected = "Request not found exactly once")]
async fn an_assertion_panics_with_the_report() {
    let mock = mock().await;
    mock.server
        .expect(get("/a").respond(status(204)).expected(1))
        .expect("mounted");
    mock.server.assert_expected();
}

#[tokio::test]
async fn scopes_have_everything_of_their_own() {
    let mock = mock().await;
    let (one, two) = (mock.server.scope("one"), mock.server.scope("two"));
    one.expect(get("/a").respond(text("one")).expected(1))
        .expect("mounted");
    two.expect(get("/a").respond_with(|_| text("two")))
        .expect("mounted");
    mock.server
        .expect(get("/b").respond(text("common")))
        .expect("mounted");
    for (scope, path, expected) in [
        (&one, "/a", "one"),
        (&two, "/a", "two"),
        (&two, "/b", "common"),
    ] {
        let (name, value) = scope.header();
        let answer = mock
            .client
            .get(scope.url_of(path))
            .header(name, value)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.text().await.expect("a body"), expected);
    }
    one.verify(get("/a")).once().expect("its own");
    two.verify_sequence([get("/a"), get("/b")])
        .expect("its own");
    assert_eq!(
        (
            one.requests().len(),
            two.received(&any_request()).expect("a pattern").len()
        ),
        (1, 2)
    );
    mock.server
        .verify(any_request())
        .never()
        .expect("scopes keep theirs");
    one.assert_expected();
    two.set_scenario_state("s", "on").expect("set");
    assert_eq!(
        (one.scenario_state("s"), two.scenario_state("s")),
        ("Started".to_owned(), "on".to_owned())
    );
    let baggage = mock.server.scope("one; and, more").baggage();
    let request = mock
        .client
        .get(one.url_of("/c"))
        .header("baggage", format!("a=b,{baggage};p=1"));
    assert_eq!(request.send().await.expect("an answer").status(), 404);
    mock.server
        .scope("one; and, more")
        .verify(get("/c"))
        .once()
        .expect("by its baggage");
    one.reset();
    assert!(one.requests().is_empty() && two.requests().len() == 2);
    let (name, value) = one.header();
    let answer = mock
        .client
        .get(one.url_of("/a"))
        .header(name, value)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 404);
}

/// Fails to be written.
struct Unwritable;

impl serde::Serialize for Unwritable {
    fn serialize<S: serde::Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("cannot be written"))
    }
}

#[tokio::test]
async fn builders_tell_what_is_wrong_when_it_is_mounted() {
    let mock = mock().await;
    let wrong = [
        (get("/").respond(status(42)), "42 is no status"),
        (
            get("/").respond(json(Unwritable)),
            "the value cannot be written as JSON: cannot be written",
        ),
        (
            get("/").json(Unwritable).respond(status(200)),
            "cannot be written",
        ),
        (
            get("/").respond(drop_connection().header("X-A", "1")),
            "no `headers`",
        ),
        (
            get("/").respond_in_turn([status(200), drop_connection()]),
            "cannot break the connection",
        ),
        (
            get("/").respond(status(200).header("X A", "1")),
            "the name of a header cannot hold",
        ),
        (
            get("/").forward_to("ftp://a"),
            "`ftp://a`: this is no http:// or https:// URL",
        ),
        (
            get("/").forward_to("http://a/path"),
            "give scheme, host and port alone",
        ),
        (
            get("/")
                .respond(status(200))
                .then_send(Webhook::post("/hook")),
            "webhook to `/hook`",
        ),
        (
            get("/").respond(status(200)).field("colour", "red"),
            "colour",
        ),
        (
            get("/")
                .field("headers", "no object")
                .header("a", "b")
                .respond(status(200)),
            "another form",
        ),
    ];
    for (expectation, reason) in wrong {
        let error = mock.server.expect(expectation).expect_err(reason);
        assert!(matches!(error, ExpectationError::Invalid(_)), "{error:?}");
        assert!(error.to_string().contains(reason), "{error}");
        assert_eq!(format!("{error:?}"), error.to_string());
    }
    let good_and_bad = [get("/a").respond(status(200)), get("/b").respond(status(1))];
    assert!(mock.server.expect(good_and_bad).is_err());
    assert_eq!(mock.get("/a").await.status, 404, "all or none");
    let invalid = mock.server.verify(get("/").field("colour", "red")).once();
    assert!(
        matches!(invalid, Err(VerificationError::Invalid(_))),
        "{invalid:?}"
    );
    assert!(mock.server.received(&get("/").json(Unwritable)).is_err());
    let unknown = mock.server.verify_expectation("nobody").once();
    assert!(
        matches!(unknown, Err(VerificationError::Invalid(_))),
        "{unknown:?}"
    );
}
