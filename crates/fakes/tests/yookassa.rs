//! YooKassa over real sockets: what the SDKs do not show, the control API, and faults on calls.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use styk_core::{Clock, Movement};
use styk_fakes::{Fake, FakeOptions, payments};

/// A fake and a shop of it.
struct Bench {
    fake: Fake,
    client: Client,
    clock: Clock,
}

const GOOD: &str = "5555555555554444";

impl Bench {
    async fn new() -> Self {
        let clock = Clock::manual("2026-11-26T10:00:00Z".parse().expect("a time"));
        let options = FakeOptions {
            clock: clock.clone(),
            ..FakeOptions::default()
        };
        let fake = Fake::start(payments::yookassa::KIND, options).await;
        Self {
            fake: fake.expect("a fake"),
            client: Client::builder().no_proxy().build().expect("a client"),
            clock,
        }
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.fake.url().as_str().trim_end_matches('/'))
    }

    async fn try_post(&self, path: &str, key: &str, body: &Value) -> reqwest::Result<Response> {
        let request = self
            .client
            .post(self.address(path))
            .basic_auth("7", Some("test_7"));
        request
            .header("Idempotence-Key", key)
            .json(body)
            .send()
            .await
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> (StatusCode, Value) {
        let answer = self.try_post(path, key, body).await.expect("an answer");
        (answer.status(), answer.json().await.expect("JSON"))
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        let request = self
            .client
            .get(self.address(path))
            .basic_auth("7", Some("test_7"));
        let answer = request.send().await.expect("an answer");
        (answer.status(), answer.json().await.expect("JSON"))
    }

    async fn control(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &Value,
    ) -> (StatusCode, Value) {
        let request = self.client.request(method, self.address(path)).json(body);
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("text");
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    async fn arm(&self, fault: Value) {
        let (status, told) = self
            .control(reqwest::Method::POST, "/_styk/faults", &fault)
            .await;
        assert_eq!(status, StatusCode::CREATED, "{told}");
    }

    fn movements(&self) -> Vec<Movement> {
        let entries = self.fake.ledger().entries();
        let moved = entries.iter().map(|entry| match &entry.effect {
            styk_core::Effect::Money { movement, .. } => *movement,
            other => panic!("no money: {other:?}"),
        });
        moved.collect()
    }
}

fn payment(value: &str, number: &str, capture: bool) -> Value {
    json!({
        "amount": {"value": value, "currency": "RUB"},
        "capture": capture,
        "metadata": {"order_id": "A-1"},
        "payment_method_data": {"type": "bank_card", "card": {"number": number, "expiry_year": "2034", "expiry_month": "12", "csc": "123"}},
    })
}

#[tokio::test]
async fn an_uncaptured_hold_is_given_back_after_a_week() {
    let bench = Bench::new().await;
    let (_, held) = bench
        .post("/v3/payments", "k1", &payment("10.00", GOOD, false))
        .await;
    assert_eq!(held["status"], "waiting_for_capture");
    assert_eq!(held["expires_at"], "2026-12-03T10:00:00.000Z");
    bench.clock.advance(Duration::from_secs(7 * 86_400));
    let path = format!("/v3/payments/{}", held["id"].as_str().expect("an id"));
    let expired = async {
        loop {
            let (_, payment) = bench.get(&path).await;
            if payment["status"] == "canceled" {
                return payment;
            }
        }
    };
    let expired = tokio::time::timeout(Duration::from_secs(10), expired)
        .await
        .expect("it expires");
    assert_eq!(
        expired["cancellation_details"]["reason"],
        "expired_on_capture"
    );
    assert_eq!(
        bench.movements(),
        [Movement::Authorized, Movement::Released]
    );
}

#[tokio::test]
async fn bad_input_gets_the_providers_own_error_and_changes_nothing() {
    let bench = Bench::new().await;
    let request = |body: Vec<u8>, media_type: &'static str| {
        let request = bench
            .client
            .post(bench.address("/v3/payments"))
            .basic_auth("7", Some("test_7"));
        request
            .header("Idempotence-Key", "k")
            .header("Content-Type", media_type)
            .body(body)
            .send()
    };
    for (body, media_type, wanted) in [
        (b"{".to_vec(), "application/json", StatusCode::BAD_REQUEST),
        (b"[]".to_vec(), "application/json", StatusCode::BAD_REQUEST),
        (
            vec![0xff, 0xfe],
            "application/json",
            StatusCode::BAD_REQUEST,
        ),
        (
            b"a=1".to_vec(),
            "application/x-www-form-urlencoded",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            vec![b' '; 1 << 20],
            "application/json",
            StatusCode::BAD_REQUEST,
        ),
        (
            format!("{{\"a\":{}1{}}}", "[".repeat(500), "]".repeat(500)).into_bytes(),
            "application/json",
            StatusCode::BAD_REQUEST,
        ),
        (
            vec![b'x'; 5 << 20],
            "application/json",
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
    ] {
        let answer = request(body, media_type).await.expect("an answer");
        assert_eq!(answer.status(), wanted);
    }
    for (value, currency) in [
        ("99999999999999999999", "RUB"),
        ("-1.00", "RUB"),
        ("1e3", "RUB"),
        ("1.00", "RUBL"),
        ("1.00", ""),
    ] {
        let mut body = payment("1.00", GOOD, true);
        body["amount"] = json!({"value": value, "currency": currency});
        let (status, error) = bench.post("/v3/payments", "k2", &body).await;
        assert_eq!(
            (status, &error["code"]),
            (StatusCode::BAD_REQUEST, &json!("invalid_request")),
            "{value}"
        );
    }
    assert!(bench.fake.ledger().entries().is_empty());
    assert_eq!(bench.get("/v3/payments").await.1["items"], json!([]));
}

#[tokio::test]
async fn cards_receipts_and_filters_are_checked_as_the_tables_say() {
    let bench = Bench::new().await;
    let with = |pointer: &str, value: Value| {
        let mut body = payment("1.00", GOOD, true);
        body["payment_method_data"]["card"]["cardholder"] = "ANNA O'NEIL".into();
        body["receipt"] = json!({
            "customer": {"phone": "79000000000"},
            "tax_system_code": 1,
            "items": [{
                "description": "Mug",
                "quantity": 1,
                "amount": {"value": "1.00", "currency": "RUB"},
                "vat_code": 1,
                "payment_mode": "full_payment",
            }],
        });
        *body.pointer_mut(pointer).expect("a member") = value;
        body
    };
    for (pointer, value, parameter) in [
        (
            "/payment_method_data/card/cardholder",
            json!("Иван"),
            "payment_method_data.card.cardholder",
        ),
        (
            "/receipt/items/0/payment_mode",
            json!("sometimes"),
            "receipt.items.payment_mode",
        ),
        (
            "/receipt/tax_system_code",
            json!(7),
            "receipt.tax_system_code",
        ),
    ] {
        let body = with(pointer, value);
        let (status, error) = bench.post("/v3/payments", pointer, &body).await;
        assert_eq!(
            (status, &error["parameter"]),
            (StatusCode::BAD_REQUEST, &json!(parameter))
        );
    }
    let body = payment("1.00", GOOD, true);
    let (status, error) = bench.post("/v3/payments", "order 7", &body).await;
    assert_eq!(
        (status, &error["parameter"]),
        (StatusCode::BAD_REQUEST, &json!("Idempotence-Key"))
    );
    let (status, error) = bench.get("/v3/payments?status=paid").await;
    assert_eq!(
        (status, &error["parameter"]),
        (StatusCode::BAD_REQUEST, &json!("status"))
    );
    let body = with("/payment_method_data/card/expiry_year", json!("2025"));
    let (_, canceled) = bench.post("/v3/payments", "old", &body).await;
    assert_eq!(
        canceled["cancellation_details"],
        json!({"party": "payment_network", "reason": "card_expired"})
    );
}

#[tokio::test]
async fn a_means_of_payment_has_the_id_of_the_payment_that_saved_it() {
    let bench = Bench::new().await;
    let mut body = payment("1.00", GOOD, true);
    body["save_payment_method"] = true.into();
    let (_, first) = bench.post("/v3/payments", "first", &body).await;
    assert_eq!(first["payment_method"]["saved"], true);
    assert_eq!(first["payment_method"]["id"], first["id"]);
    let body = json!({
        "amount": {"value": "2.00", "currency": "RUB"},
        "capture": true,
        "payment_method_id": first["id"],
    });
    let (_, second) = bench.post("/v3/payments", "second", &body).await;
    assert_eq!(second["status"], "succeeded");
    assert_eq!(second["payment_method"]["id"], first["id"]);
}

#[tokio::test]
async fn a_lost_answer_and_its_repetition_are_one_payment() {
    let bench = Bench::new().await;
    for variant in ["reset", "truncated"] {
        bench.arm(json!({"kind": "response_lost", "on": {"operation": "POST /v3/payments"}, "params": {"variant": variant}})).await;
        let key = format!("key-{variant}");
        let body = payment("10.00", GOOD, true);
        let lost = match bench.try_post("/v3/payments", &key, &body).await {
            Ok(answer) => answer.bytes().await.is_err(),
            Err(_) => true,
        };
        assert!(lost, "{variant}");
        let (status, again) = bench.post("/v3/payments", &key, &body).await;
        assert_eq!(
            (status, &again["status"]),
            (StatusCode::OK, &json!("succeeded"))
        );
    }
    assert_eq!(bench.movements(), [Movement::Captured, Movement::Captured]);
    let faults = bench.fake.faults().list();
    assert!(faults.iter().all(|fault| fault.fired == 1), "{faults:?}");
}

#[tokio::test]
async fn faults_before_the_effect_leave_no_trace_in_the_ledger() {
    let bench = Bench::new().await;
    for (kind, params, status) in [
        ("error_before_effect", json!({"status": 500}), 500),
        ("error_before_effect", json!({"status": 502}), 502),
        ("error_before_effect", json!({"retry_after": 7}), 503),
        ("throttled", json!({"retry_after": "date"}), 429),
        ("rejected", json!({"status": 401}), 401),
        ("key_conflict", json!({}), 400),
    ] {
        bench.arm(json!({"kind": kind, "params": params})).await;
        let answer = bench
            .try_post("/v3/payments", "k", &payment("10.00", GOOD, true))
            .await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{kind}");
        if status == 503 {
            assert_eq!(answer.headers()["retry-after"], "7");
        }
        if status == 429 {
            let date = answer.headers()["retry-after"]
                .to_str()
                .expect("text")
                .to_owned();
            assert_eq!(date, "Thu, 26 Nov 2026 10:00:01 GMT");
        }
    }
    for kind in ["not_sent", "request_lost"] {
        bench.arm(json!({"kind": kind})).await;
        assert!(
            bench
                .try_post("/v3/payments", "k", &payment("10.00", GOOD, true))
                .await
                .is_err()
        );
    }
    assert!(bench.fake.ledger().entries().is_empty());
}

#[tokio::test]
async fn an_effect_can_come_after_the_next_try() {
    let bench = Bench::new().await;
    bench
        .arm(json!({"kind": "effect_late", "on": {"operation": "POST /v3/payments"}}))
        .await;
    let first = bench
        .try_post("/v3/payments", "first", &payment("10.00", GOOD, true))
        .await;
    assert!(first.is_err());
    assert!(bench.fake.ledger().entries().is_empty());
    let (_, second) = bench
        .post("/v3/payments", "second", &payment("10.00", GOOD, true))
        .await;
    assert_eq!(second["status"], "succeeded");
    let both = async {
        while bench.fake.ledger().entries().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), both)
        .await
        .expect("the first effect comes");
}

#[tokio::test]
async fn answers_can_be_stale_stuck_strange_or_no_json() {
    let bench = Bench::new().await;
    let (_, held) = bench
        .post("/v3/payments", "k1", &payment("10.00", GOOD, false))
        .await;
    let path = format!("/v3/payments/{}", held["id"].as_str().expect("an id"));
    bench.arm(json!({"kind": "stale_read"})).await;
    assert_eq!(bench.get(&path).await.1["status"], "waiting_for_capture");
    bench
        .post(&format!("{path}/capture"), "k2", &json!({}))
        .await;
    assert_eq!(bench.get(&path).await.1["status"], "waiting_for_capture");
    assert_eq!(bench.get(&path).await.1["status"], "succeeded");
    bench
        .arm(json!({"kind": "schema_drift", "params": {"variant": "unknown_enum"}}))
        .await;
    assert_eq!(bench.get(&path).await.1["status"], "styk_unknown");
    bench.arm(json!({"kind": "malformed"})).await;
    let request = bench
        .client
        .get(bench.address(&path))
        .basic_auth("7", Some("test_7"));
    let page = request
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    assert!(page.starts_with("<!doctype html>"));
}

#[tokio::test]
async fn a_fault_fires_exactly_as_often_as_said_under_many_calls() {
    let bench = Bench::new().await;
    bench.arm(json!({"kind": "rejected", "on": {"operation": "GET /v3/payments", "ordinal": 10}, "times": 5, "params": {"status": 403}})).await;
    let calls = (0..64).map(|_| bench.get("/v3/payments"));
    let answers = futures_util::future::join_all(calls).await;
    let refused = answers
        .iter()
        .filter(|(status, _)| *status == StatusCode::FORBIDDEN)
        .count();
    assert_eq!(refused, 5);
    let (_, told) = bench
        .control(reqwest::Method::DELETE, "/_styk/faults/1", &json!({}))
        .await;
    assert_eq!(
        (&told["seen"], &told["fired"], &told["result"]),
        (&json!(64), &json!(5), &json!("injected"))
    );
}

#[tokio::test]
async fn a_snapshot_brings_money_and_keys_back() {
    let bench = Bench::new().await;
    let (_, first) = bench
        .post("/v3/payments", "k1", &payment("10.00", GOOD, true))
        .await;
    let (_, made) = bench
        .control(reqwest::Method::POST, "/_styk/snapshots", &json!({}))
        .await;
    bench
        .control(reqwest::Method::DELETE, "/_styk/state", &json!({}))
        .await;
    assert_eq!(bench.get("/v3/payments").await.1["items"], json!([]));
    let path = format!("/_styk/snapshots/{}/restore", made["id"]);
    let (status, _) = bench
        .control(reqwest::Method::POST, &path, &json!({}))
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (_, again) = bench
        .post("/v3/payments", "k1", &payment("10.00", GOOD, true))
        .await;
    assert_eq!(again["id"], first["id"]);
    let (status, _) = bench
        .control(
            reqwest::Method::POST,
            "/_styk/snapshots/99/restore",
            &json!({}),
        )
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_the_fake_does_not_know_is_listed_and_card_data_is_not_shown() {
    let bench = Bench::new().await;
    let mut body = payment("10.00", GOOD, true);
    body["airline"] = json!({"ticket_number": "1"});
    body["something_new"] = json!(1);
    body["transfers"] = json!([]);
    bench.post("/v3/payments", "k1", &body).await;
    bench.get("/v3/unknown").await;
    let (_, gaps) = bench
        .control(reqwest::Method::GET, "/_styk/gaps", &json!({}))
        .await;
    assert_eq!(
        gaps["gaps"],
        json!({"POST /v3/payments: something_new": 1, "GET /v3/unknown": 1})
    );
    let (_, shown) = bench
        .control(reqwest::Method::GET, "/_styk/exchanges", &json!({}))
        .await;
    let text = shown.to_string();
    assert!(
        !text.contains(GOOD) && !text.contains("\"123\"") && !text.contains("test_7"),
        "{text}"
    );
}

#[tokio::test]
async fn equal_seeds_give_equal_ids() {
    let id = async || {
        let bench = Bench::new().await;
        let (_, made) = bench
            .post("/v3/payments", "k1", &payment("10.00", GOOD, true))
            .await;
        made["id"].as_str().expect("an id").to_owned()
    };
    assert_eq!(id().await, id().await);
}

#[tokio::test]
async fn control_explains_what_is_wrong() {
    let bench = Bench::new().await;
    for (method, path, body, status, told) in [
        (
            reqwest::Method::POST,
            "/_styk/faults",
            json!({"kind": "response_lots"}),
            400,
            "response_lots",
        ),
        (
            reqwest::Method::POST,
            "/_styk/actions/confrim",
            json!({}),
            404,
            "there are: confirm",
        ),
        (
            reqwest::Method::POST,
            "/_styk/actions/confirm",
            json!({}),
            400,
            "`payment` is needed, or `order`",
        ),
        (
            reqwest::Method::POST,
            "/_styk/actions/confirm",
            json!({"payment": "x"}),
            404,
            "no payment `x`",
        ),
        (
            reqwest::Method::GET,
            "/_styk/ledger?after=x",
            json!({}),
            400,
            "`after` is a number",
        ),
        (
            reqwest::Method::GET,
            "/_styk/nothing",
            json!({}),
            404,
            "nothing at /_styk/nothing",
        ),
        (
            reqwest::Method::PUT,
            "/_styk/ledger",
            json!({}),
            405,
            "has no PUT",
        ),
        (
            reqwest::Method::POST,
            "/_styk/endpoints",
            json!({"url": "nowhere"}),
            400,
            "is no address",
        ),
    ] {
        let (got, answer) = bench.control(method, path, &body).await;
        let what = answer["error"]["what"].as_str().unwrap_or_default();
        assert_eq!(got.as_u16(), status, "{path}: {answer}");
        assert!(what.contains(told), "{path}: {what}");
    }
}
