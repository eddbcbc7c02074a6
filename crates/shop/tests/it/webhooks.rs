//! What providers tell by themselves: genuine and forged, once and twice, early and late, about us and about others.

use futures_util::future::join_all;
use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::{Backend, Client, Reply, SECRET, Stage, now_s, open_payment, pay, words};

fn event(kind: &str, data: Value) -> Value {
    json!({"id": "evt", "type": kind, "created_at": "2026-11-23T10:00:00Z", "data": data})
}

fn succeeded(payment: &str) -> Value {
    event(
        "payment.succeeded",
        json!({"id": "pay_1", "status": "succeeded", "amount": 100.00, "currency": "RUB", "metadata": {"payment_id": payment}}),
    )
}

/// An order whose buyer is on the provider's page, which does not answer questions.
async fn waiting(stage: &Stage) -> (Client, String, String) {
    stage
        .outside
        .payment
        .reply("GET /api/v1/payments/*", Reply::Text(404, ""));
    let (buyer, order) = stage.order().await;
    let payment = open_payment(&buyer, &order).await.expect(201).id();
    (buyer, order, payment)
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_event_settles_a_payment_once_however_often_it_comes(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order, payment) = waiting(&stage).await;
    let first = stage
        .webhook("payment", "e-1", &succeeded(&payment))
        .await
        .expect(200);
    assert_eq!(first.str("result"), "processed");
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    assert_eq!(stage.outside.letters("order_confirmation").len(), 1);

    let again = stage
        .webhook("payment", "e-1", &succeeded(&payment))
        .await
        .expect(200);
    assert_eq!(again.str("result"), "duplicate");
    // The same news in another event is no news.
    stage
        .webhook("payment", "e-2", &succeeded(&payment))
        .await
        .expect(200);
    assert_eq!(stage.outside.letters("order_confirmation").len(), 1);
    let actor = stage
        .shop
        .db
        .texts("SELECT actor FROM order_events WHERE to_state = 'paid'")
        .await;
    assert_eq!(actor, ["webhook:payment"]);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn the_same_event_many_times_at_once_beside_the_buyer_pays_once(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let payment = open_payment(&buyer, &order).await.expect(201).id();
    let news = succeeded(&payment);
    let events = join_all((0..6).map(|_| stage.webhook("payment", "e-1", &news)));
    let clicks = join_all(
        (0..6).map(|_| buyer.post("/api/payments/confirm/", json!({"payment_id": payment}))),
    );
    let (events, clicks) = tokio::join!(events, clicks);
    for answer in events.into_iter().chain(clicks) {
        answer.expect(200);
    }
    assert_eq!(
        stage
            .shop
            .db
            .int("SELECT COUNT(*) FROM webhook_inbox")
            .await,
        1
    );
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
async fn a_forged_event_leaves_no_trace(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order, payment) = waiting(&stage).await;
    let (now, news) = (now_s(), succeeded(&payment));
    let forged = stage
        .signed_webhook("payment", "e-1", &now.to_string(), &news, "guessed")
        .await;
    forged.expect_error(403, "forbidden");
    let stale = stage
        .signed_webhook("payment", "e-1", &(now - 400).to_string(), &news, SECRET)
        .await;
    stale.expect_error(403, "forbidden");
    let unsigned = stage
        .shop
        .visitor()
        .post("/api/webhooks/payment/", news.clone())
        .await;
    unsigned.expect_error(400, "invalid");
    stage
        .webhook("paypal", "e-1", &news)
        .await
        .expect_error(404, "not_found");
    assert_eq!(
        stage
            .shop
            .db
            .int("SELECT COUNT(*) FROM webhook_inbox")
            .await,
        0
    );
    assert_eq!(
        words(&buyer, &order).await,
        ("pending".to_owned(), "pending".to_owned())
    );
}

#[tokio::test]
async fn without_a_secret_no_event_is_taken() {
    let stage = Stage::with(Backend::Sqlite, |config| {
        config.payment_service.webhook_secret = None;
    })
    .await;
    let (_, _, payment) = waiting(&stage).await;
    stage
        .webhook("payment", "e-1", &succeeded(&payment))
        .await
        .expect_error(403, "forbidden");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn money_we_cannot_place_is_never_waved_through(backend: Backend) {
    let stage = Stage::start(backend).await;
    let unknown = event(
        "payment.succeeded",
        json!({"id": "pay_1", "status": "succeeded", "amount": 100.00}),
    );
    stage
        .webhook("payment", "e-1", &unknown)
        .await
        .expect_error(404, "not_found");
    assert_eq!(
        stage.shop.db.texts("SELECT state FROM webhook_inbox").await,
        ["failed"]
    );
    // It came before we had stored the provider's id: the next try finds the payment.
    let (buyer, order, _) = waiting(&stage).await;
    stage
        .until(
            "SELECT COUNT(*) FROM webhook_inbox WHERE state = 'processed'",
            1,
        )
        .await;
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    stage.webhook("payment", "e-1", &unknown).await.expect(200);
    stage.shop.check_settled().await;
}

#[test_case(json!({"amount": 99.00, "currency": "RUB"}); "too little")]
#[test_case(json!({"amount": 100.00, "currency": "USD"}); "other money")]
#[tokio::test]
async fn an_event_about_another_amount_is_kept_and_not_believed(claim: Value) {
    let stage = Stage::start(Backend::Sqlite).await;
    let (buyer, order, payment) = waiting(&stage).await;
    let mut news = succeeded(&payment);
    news["data"]["amount"] = claim["amount"].clone();
    news["data"]["currency"] = claim["currency"].clone();
    stage
        .webhook("payment", "e-1", &news)
        .await
        .expect_error(409, "state_conflict");
    assert_eq!(
        stage.shop.db.texts("SELECT state FROM webhook_inbox").await,
        ["failed"]
    );
    assert_eq!(
        words(&buyer, &order).await,
        ("pending".to_owned(), "pending".to_owned())
    );
    stage.shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn what_is_paid_stays_paid_whatever_comes_late(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order, payment) = waiting(&stage).await;
    stage
        .webhook("payment", "e-1", &succeeded(&payment))
        .await
        .expect(200);
    let failed = event(
        "payment.failed",
        json!({"id": "pay_1", "status": "failed", "reason": "fraud", "metadata": {"payment_id": payment}}),
    );
    let late = stage.webhook("payment", "e-2", &failed).await.expect(200);
    assert_eq!(late.str("result"), "ignored");
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn money_that_comes_after_its_payment_was_called_failed_needs_a_person(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order, payment) = waiting(&stage).await;
    let failed = event(
        "payment.failed",
        json!({"id": "pay_1", "status": "failed", "metadata": {"payment_id": payment}}),
    );
    stage.webhook("payment", "e-1", &failed).await.expect(200);
    assert_eq!(
        words(&buyer, &order).await,
        ("pending".to_owned(), "failed".to_owned())
    );
    stage
        .webhook("payment", "e-2", &succeeded(&payment))
        .await
        .expect_error(409, "state_conflict");
    assert_eq!(
        stage
            .shop
            .db
            .int("SELECT COUNT(*) FROM webhook_inbox WHERE state = 'failed'")
            .await,
        1
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_event_settles_a_refund(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.paid_order().await;
    stage.outside.payment.reply(
        "POST /api/v1/refunds",
        Reply::Json(201, json!({"id": "ref_9", "status": "pending"})),
    );
    let refund = buyer
        .post("/api/payments/refund/", json!({"order_id": order}))
        .await
        .expect(201)
        .id();
    let failed = event(
        "refund.failed",
        json!({"id": "ref_9", "status": "failed", "metadata": {"refund_id": refund}}),
    );
    stage.webhook("payment", "e-1", &failed).await.expect(200);
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );

    let second = buyer
        .post("/api/payments/refund/", json!({"order_id": order}))
        .await
        .expect(201)
        .id();
    let done = event(
        "refund.succeeded",
        json!({"id": "ref_9", "status": "succeeded", "metadata": {"refund_id": second}}),
    );
    stage.webhook("payment", "e-2", &done).await.expect(200);
    assert_eq!(
        words(&buyer, &order).await,
        ("refunded".to_owned(), "refunded".to_owned())
    );
    assert_eq!(stage.outside.letters("order_refunded").len(), 1);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_letter_that_arrives_or_comes_back_is_seen(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let letter = stage.outside.letters("order_created").remove(0);
    let ours = json!({"metadata": {"notification_id": letter["metadata"]["notification_id"]}});
    stage
        .webhook("email", "e-1", &event("email.delivered", ours))
        .await
        .expect(200);
    let told = buyer
        .get(&format!("/api/notifications/order/{order}/"))
        .await
        .expect(200);
    assert_eq!(told.body[0]["status"], "delivered");
    let stranger = event(
        "email.bounced",
        json!({"metadata": {"notification_id": "nobody"}}),
    );
    assert_eq!(
        stage
            .webhook("email", "e-2", &stranger)
            .await
            .expect(200)
            .str("result"),
        "ignored"
    );
}

#[tokio::test]
async fn an_event_that_is_too_large_is_refused() {
    let stage = Stage::start(Backend::Sqlite).await;
    let large = event("payment.succeeded", json!({"text": "x".repeat(300_000)}));
    stage
        .webhook("payment", "e-1", &large)
        .await
        .expect_error(413, "payload_too_large");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn money_for_a_cancelled_order_buys_it_again(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order, payment) = waiting(&stage).await;
    buyer
        .post(&format!("/api/orders/{order}/cancel/"), json!({}))
        .await
        .expect(200);
    assert_eq!(words(&buyer, &order).await.0, "cancelled");
    stage
        .webhook("payment", "e-1", &succeeded(&payment))
        .await
        .expect(200);
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    assert_eq!(stage.shop.db.int("SELECT reserved FROM stock").await, 1);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_event_that_is_faster_than_the_answer_is_not_undone_by_it(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    // The answer to the charge says `pending` when the money is there already.
    stage
        .outside
        .payment
        .reply("GET /api/v1/payments/*", Reply::Text(404, ""));
    let pending = json!({"id": "pay_1", "status": "pending"});
    stage
        .outside
        .payment
        .reply("POST /api/v1/payments", Reply::Held(201, pending));
    let paying = tokio::spawn({
        let (buyer, order) = (buyer.clone(), order.clone());
        async move { pay(&buyer, &order).await }
    });
    stage
        .until("SELECT COUNT(*) FROM payments WHERE state = 'sending'", 1)
        .await;
    let payment = stage
        .shop
        .db
        .texts("SELECT id FROM payments")
        .await
        .remove(0);
    stage
        .webhook("payment", "e-1", &succeeded(&payment))
        .await
        .expect(200);
    stage.outside.payment.let_go();
    assert_eq!(paying.await.unwrap().expect(200).str("status"), "succeeded");
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    assert_eq!(stage.outside.letters("order_confirmation").len(), 1);
    stage.shop.check_settled().await;
}
