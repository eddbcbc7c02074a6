//! Payments: on the provider's page and at once, declined, repeated, and with answers that are lost or odd.

use futures_util::future::join_all;
use serde_json::json;
use test_case::test_case;

use crate::harness::{Backend, Reply, Stage, look_at, open_payment, pay, words};

const CHARGE: &str = "POST /api/v1/payments";
const ASK: &str = "GET /api/v1/payments/*";

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_payment_is_opened_confirmed_and_told_to_the_buyer(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let opened = open_payment(&buyer, &order).await.expect(201);
    assert_eq!(
        (opened.str("status"), opened.str("confirmation_url")),
        ("pending", "https://pay.test/1")
    );
    assert!(opened.text.contains("\"amount\":100.00"), "{}", opened.text);
    assert_eq!(
        words(&buyer, &order).await,
        ("pending".to_owned(), "pending".to_owned())
    );

    let again = open_payment(&buyer, &order).await.expect(200);
    assert_eq!(again.id(), opened.id());

    let confirm = json!({"payment_id": opened.id(), "confirmation_token": "confirmed"});
    let confirmed = buyer
        .post("/api/payments/confirm/", confirm.clone())
        .await
        .expect(200);
    assert_eq!(confirmed.str("status"), "succeeded");
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    // The letter is there when the request returns.
    assert_eq!(stage.outside.letters("order_confirmation").len(), 1);

    buyer
        .post("/api/payments/confirm/", confirm)
        .await
        .expect(200);
    buyer
        .get(&format!("/api/payments/{}/", opened.id()))
        .await
        .expect(200);
    assert_eq!(stage.outside.letters("order_confirmation").len(), 1);
    assert_eq!(stage.outside.payment.calls(CHARGE).len(), 1);
    assert_eq!(stage.outside.payment.calls(ASK).len(), 1);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_charge_tells_the_provider_everything_it_needs(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let body = json!({"order_id": order, "payment_method": "card", "payment_token": "tok_visa"});
    let request = buyer
        .request(http::Method::POST, "/api/payments/process/")
        .json(&body);
    let request = request
        .header("X-Request-Id", "r-1")
        .header("baggage", "run=7")
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        );
    let paid = crate::harness::Client::send(request).await.expect(200);
    let call = stage.outside.payment.calls(CHARGE).remove(0);
    assert!(
        call.text
            .starts_with(r#"{"amount":100.00,"currency":"RUB","#),
        "{}",
        call.text
    );
    assert_eq!(call.body["payment_token"], "tok_visa");
    assert_eq!(
        call.body["metadata"],
        json!({"order_id": order, "payment_id": paid.id()})
    );
    assert!(
        call.body["return_url"]
            .as_str()
            .unwrap()
            .starts_with(&stage.shop.base_url())
    );
    assert_eq!(call.key(), format!("pay:{}", paid.id()));
    assert_eq!(
        (call.header("x-request-id"), call.header("baggage")),
        ("r-1", "run=7")
    );
    assert!(
        call.header("traceparent")
            .starts_with("00-0af7651916cd43dd8448eb211c80319c-"),
        "{:?}",
        call.headers
    );
    // The token is not kept once the provider has decided.
    assert_eq!(
        stage
            .shop
            .db
            .int("SELECT COUNT(*) FROM payments WHERE request IS NOT NULL")
            .await,
        0
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_paid_order_names_the_payment_that_paid_it(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let paid = pay(&buyer, &order).await.expect(200);
    assert_eq!(paid.str("status"), "succeeded");
    open_payment(&buyer, &order)
        .await
        .expect_error(409, "order_already_paid");
    assert_eq!(pay(&buyer, &order).await.expect(200).id(), paid.id());
    assert_eq!(stage.outside.payment.calls(CHARGE).len(), 1);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn nobody_pays_or_reads_for_somebody_else(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let payment = open_payment(&buyer, &order).await.expect(201).id();
    let stranger = stage.shop.user().await;
    open_payment(&stranger, &order)
        .await
        .expect_error(404, "not_found");
    pay(&stranger, &order).await.expect_error(404, "not_found");
    stranger
        .get(&format!("/api/payments/{payment}/"))
        .await
        .expect_error(404, "not_found");
    stranger
        .post("/api/payments/confirm/", json!({"payment_id": payment}))
        .await
        .expect_error(404, "not_found");
    stranger
        .post("/api/payments/refund/", json!({"order_id": order}))
        .await
        .expect_error(404, "not_found");
}

#[test_case(99.99; "too little")]
#[test_case(100.01; "too much")]
#[tokio::test]
async fn a_wrong_amount_never_reaches_the_provider(amount: f64) {
    let stage = Stage::start(Backend::Sqlite).await;
    let (buyer, order) = stage.order().await;
    let body =
        json!({"order_id": order, "amount": amount, "currency": "RUB", "payment_method": "card"});
    buyer
        .post("/api/payments/create/", body)
        .await
        .expect_error(400, "amount_mismatch");
    let body =
        json!({"order_id": order, "amount": 100, "currency": "USD", "payment_method": "card"});
    buyer
        .post("/api/payments/create/", body)
        .await
        .expect_error(400, "amount_mismatch");
    assert!(stage.outside.payment.calls(CHARGE).is_empty());
}

#[test_case(Reply::Json(201, json!({"id": "p", "status": "failed", "failure_code": "insufficient_funds"})), "insufficient_funds"; "by failure code")]
#[test_case(Reply::Json(201, json!({"id": "p", "status": "failed", "reason": "expired_card"})), "expired_card"; "by reason")]
#[test_case(Reply::Json(402, json!({"error": {"code": "fraud"}})), "fraud"; "by 402 with an error")]
#[test_case(Reply::Json(402, json!({"error": {"code": "the moon"}})), "other"; "by a word we do not know")]
#[tokio::test]
async fn a_declined_card_leaves_the_order_open_for_a_better_one(no: Reply, reason: &str) {
    let stage = Stage::start(Backend::Sqlite).await;
    let (buyer, order) = stage.order().await;
    stage.outside.payment.reply_times(1, CHARGE, no);
    let declined = pay(&buyer, &order)
        .await
        .expect_error(402, "payment_declined");
    assert_eq!(declined.body["error"]["details"]["reason"], reason);
    assert_eq!(
        words(&buyer, &order).await,
        ("pending".to_owned(), "failed".to_owned())
    );

    assert_eq!(
        pay(&buyer, &order).await.expect(200).str("status"),
        "succeeded"
    );
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    // A new attempt is a new operation.
    assert_eq!(stage.outside.payment.keys(CHARGE).len(), 2);
    let states = "SELECT to_state FROM order_events ORDER BY version";
    assert_eq!(
        stage.shop.db.texts(states).await,
        ["placed", "paying", "placed", "paying", "paid"]
    );
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_charge_that_is_declined_when_asked_about_is_declined(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    stage.outside.payment.reply(
        ASK,
        Reply::Json(200, json!({"status": "failed", "reason": "card_declined"})),
    );
    let declined = pay(&buyer, &order)
        .await
        .expect_error(402, "payment_declined");
    assert_eq!(declined.body["error"]["details"]["reason"], "card_declined");
    assert_eq!(
        words(&buyer, &order).await,
        ("pending".to_owned(), "failed".to_owned())
    );
}

#[test_case(Reply::Lost; "no answer")]
#[test_case(Reply::Text(500, "oops"); "a crash")]
#[test_case(Reply::Json(201, json!({"status": "pending"})); "an answer without id")]
#[test_case(Reply::Text(201, "<html>"); "an answer that is no JSON")]
#[test_case(Reply::Json(201, json!({"id": "p", "status": "weird"})); "a status nobody knows")]
#[tokio::test]
async fn a_bad_answer_is_followed_by_the_same_request(odd: Reply) {
    let stage = Stage::start(Backend::Sqlite).await;
    let (buyer, order) = stage.order().await;
    stage.outside.payment.reply_times(2, CHARGE, odd);
    assert_eq!(
        pay(&buyer, &order).await.expect(200).str("status"),
        "succeeded"
    );
    let calls = stage.outside.payment.calls(CHARGE);
    assert_eq!(calls.len(), 3);
    assert!(
        calls
            .iter()
            .all(|call| call.text == calls[0].text && call.key() == calls[0].key())
    );
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_lost_charge_is_unknown_and_the_buyers_next_click_finds_out(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    stage.outside.payment.reply_times(3, CHARGE, Reply::Lost);
    let lost = pay(&buyer, &order).await.expect(200);
    assert_eq!(lost.str("status"), "pending");
    assert_eq!(
        words(&buyer, &order).await,
        ("processing".to_owned(), "pending".to_owned())
    );
    assert_eq!(
        stage.shop.db.texts("SELECT state FROM payments").await,
        ["unknown"]
    );

    // Another card and another method do not make another payment.
    let body = json!({"order_id": order, "payment_method": "sbp", "payment_token": "tok_other"});
    let found = buyer.post("/api/payments/process/", body).await.expect(200);
    assert_eq!((found.str("status"), found.id()), ("succeeded", lost.id()));
    let calls = stage.outside.payment.calls(CHARGE);
    assert_eq!(calls.len(), 4);
    assert!(
        calls
            .iter()
            .all(|call| call.text == calls[0].text && call.key() == calls[0].key())
    );
    assert_eq!(stage.outside.letters("order_confirmation").len(), 1);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn many_clicks_at_once_are_one_charge(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let answers = join_all((0..10).map(|_| pay(&buyer, &order))).await;
    let first = answers[0].id();
    for answer in answers {
        let answer = answer.expect(200);
        assert_eq!(answer.id(), first);
        assert!(
            ["pending", "succeeded"].contains(&answer.str("status")),
            "{}",
            answer.text
        );
    }
    assert_eq!(stage.outside.payment.keys(CHARGE).len(), 1);
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'paid'", 1)
        .await;
    assert_eq!(stage.outside.letters("order_confirmation").len(), 1);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn confirming_many_times_at_once_pays_once(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let payment = open_payment(&buyer, &order).await.expect(201).id();
    let answers = join_all(
        (0..10).map(|_| buyer.post("/api/payments/confirm/", json!({"payment_id": payment}))),
    )
    .await;
    for answer in answers {
        assert_eq!(answer.expect(200).str("status"), "succeeded");
    }
    assert_eq!(look_at(&buyer, &order).await["paid"], 100.0);
    assert_eq!(
        stage
            .shop
            .db
            .int("SELECT COUNT(*) FROM order_events WHERE to_state = 'paid'")
            .await,
        1
    );
    assert_eq!(stage.outside.letters("order_confirmation").len(), 1);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_provider_that_does_not_know_the_payment_leaves_it_pending(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let payment = open_payment(&buyer, &order).await.expect(201).id();
    stage.outside.payment.reply(ASK, Reply::Text(404, ""));
    let body = json!({"payment_id": payment});
    let asked = buyer
        .post("/api/payments/confirm/", body.clone())
        .await
        .expect(200);
    assert_eq!(asked.str("status"), "pending");
    stage.outside.payment.reply(ASK, Reply::Text(503, ""));
    assert_eq!(
        buyer
            .post("/api/payments/confirm/", body)
            .await
            .expect(200)
            .str("status"),
        "pending"
    );
    assert_eq!(
        words(&buyer, &order).await,
        ("pending".to_owned(), "pending".to_owned())
    );
}

#[test_case(false, "succeeded", "paid"; "lenient")]
#[test_case(true, "pending", "pending"; "strict")]
#[tokio::test]
async fn an_answer_with_another_amount_is_believed_only_when_that_is_allowed(
    strict: bool,
    status: &str,
    money: &str,
) {
    let stage = Stage::with(Backend::Sqlite, |config| {
        config.payment_strict_amount = strict;
    })
    .await;
    let (buyer, order) = stage.order().await;
    stage.outside.payment.reply(
        ASK,
        Reply::Json(
            200,
            json!({"status": "succeeded", "amount": 1000.00, "currency": "RUB"}),
        ),
    );
    assert_eq!(pay(&buyer, &order).await.expect(200).str("status"), status);
    assert_eq!(words(&buyer, &order).await.1, money);
    stage.shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_provider_that_is_switched_off_takes_no_money(backend: Backend) {
    let stage = Stage::with(backend, |config| config.payment_service.enabled = false).await;
    let (buyer, order) = stage.order().await;
    let refused = pay(&buyer, &order)
        .await
        .expect_error(503, "provider_unavailable");
    assert!(refused.header("retry-after").is_some());
    open_payment(&buyer, &order)
        .await
        .expect_error(503, "provider_unavailable");
    assert_eq!(stage.shop.db.int("SELECT COUNT(*) FROM payments").await, 0);
    assert_eq!(
        words(&buyer, &order).await,
        ("pending".to_owned(), "pending".to_owned())
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn two_orders_whose_payments_have_the_same_id_at_the_provider_are_two(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, first) = stage.order().await;
    let second = stage.order_by(&buyer, "CUP").await;
    pay(&buyer, &first).await.expect(200);
    assert_eq!(
        words(&buyer, &second).await,
        ("pending".to_owned(), "pending".to_owned())
    );
    pay(&buyer, &second).await.expect(200);
    assert_eq!(
        words(&buyer, &second).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_order_that_is_given_up_cannot_be_paid(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    buyer
        .post(&format!("/api/orders/{order}/cancel/"), json!({}))
        .await
        .expect(200);
    open_payment(&buyer, &order)
        .await
        .expect_error(409, "order_not_payable");
    pay(&buyer, &order)
        .await
        .expect_error(409, "order_not_payable");
    assert!(stage.outside.payment.calls(CHARGE).is_empty());
}
