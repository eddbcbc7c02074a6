//! Order processing: from the charge to the parcel, through every interruption.

use http::Method;
use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::{Answer, Backend, Client, Reply, Stage, eventually, look_at, pay, words};

const CHARGE: &str = "POST /api/v1/payments";
const PARCEL: &str = "POST /api/v1/shipping/orders";

async fn process(buyer: &Client, order: &str) -> Answer {
    Client::send(buyer.request(Method::POST, &format!("/api/orders/{order}/process/"))).await
}

fn assert_finished(order: &Value) {
    let flag = |name: &str| order[name].as_bool();
    assert_eq!(
        [
            flag("inventory_reserved"),
            flag("payment_processed"),
            flag("shipping_created")
        ],
        [Some(true); 3],
        "{order}"
    );
    assert_eq!(
        (&order["status"], &order["payment_status"]),
        (&json!("processing"), &json!("paid"))
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_unpaid_order_is_charged_packed_and_told(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let ticket = process(&buyer, &order).await.expect(202);
    let task = ticket.str("task_id").to_owned();
    let ended = stage.task(&buyer, &task).await;
    assert_eq!(ended.str("status"), "SUCCESS", "{}", ended.text);
    assert_finished(&look_at(&buyer, &order).await);
    assert_eq!(
        stage
            .shop
            .db
            .int("SELECT on_hand * 10 + reserved FROM stock")
            .await,
        40
    );
    let letter = stage.outside.letters("order_shipped").remove(0);
    assert!(
        letter["text"].as_str().unwrap().contains("TRACK1"),
        "{letter}"
    );
    assert_eq!(stage.outside.letters("order_confirmation").len(), 1);
    let parcel = stage.outside.shipping.calls(PARCEL).remove(0);
    assert_eq!(parcel.key(), format!("ship:{order}:1"));
    assert_eq!(parcel.body["recipient"]["name"], "Anna Petrova");

    let again = process(&buyer, &order).await.expect(202);
    assert_eq!(
        (again.str("task_id"), again.str("status")),
        (task.as_str(), "SUCCESS")
    );
    let stranger = stage.shop.user().await;
    process(&stranger, &order)
        .await
        .expect_error(404, "not_found");
    stranger
        .get(&format!("/api/tasks/{task}/status/"))
        .await
        .expect_error(404, "not_found");
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_paid_order_is_not_charged_again(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.paid_order().await;
    let task = process(&buyer, &order).await.expect(202);
    assert_eq!(
        stage.task(&buyer, task.str("task_id")).await.str("status"),
        "SUCCESS"
    );
    assert_finished(&look_at(&buyer, &order).await);
    assert_eq!(stage.outside.payment.calls(CHARGE).len(), 1);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_declined_charge_ends_the_task_and_gives_the_order_back(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let no = json!({"id": "p", "status": "failed", "failure_code": "insufficient_funds"});
    stage.outside.payment.reply(CHARGE, Reply::Json(201, no));
    let task = process(&buyer, &order).await.expect(202);
    let ended = stage.task(&buyer, task.str("task_id")).await;
    assert_eq!(ended.str("status"), "FAILURE");
    assert_eq!(ended.body["error"]["code"], "payment_declined");
    assert_eq!(
        ended.body["error"]["details"]["reason"],
        "insufficient_funds"
    );
    assert_eq!(
        words(&buyer, &order).await,
        ("pending".to_owned(), "failed".to_owned())
    );
    let seen = look_at(&buyer, &order).await;
    assert_eq!(
        (&seen["payment_processed"], &seen["shipping_created"]),
        (&json!(false), &json!(false))
    );
    assert!(stage.outside.shipping.calls(PARCEL).is_empty());

    // After a failure it may be done again, and is another task.
    stage.outside.payment.reply(
        CHARGE,
        Reply::Json(201, json!({"id": "p", "status": "succeeded"})),
    );
    let second = process(&buyer, &order).await.expect(202);
    assert_ne!(second.str("task_id"), task.str("task_id"));
    assert_eq!(
        stage
            .task(&buyer, second.str("task_id"))
            .await
            .str("status"),
        "SUCCESS"
    );
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_parcel_that_is_refused_leaves_the_money_and_can_be_tried_again(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    stage.outside.shipping.reply(
        PARCEL,
        Reply::Json(422, json!({"error": {"code": "no_such_city"}})),
    );
    let task = process(&buyer, &order).await.expect(202);
    let ended = stage.task(&buyer, task.str("task_id")).await;
    assert_eq!(
        (ended.str("status"), &ended.body["error"]["code"]),
        ("FAILURE", &json!("provider_error"))
    );
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    stage.shop.check_settled().await;

    let yes = json!({"id": "ship_2", "tracking_number": "TRACK2", "status": "created"});
    stage.outside.shipping.reply(PARCEL, Reply::Json(201, yes));
    let task = process(&buyer, &order).await.expect(202);
    assert_eq!(
        stage.task(&buyer, task.str("task_id")).await.str("status"),
        "SUCCESS"
    );
    assert_finished(&look_at(&buyer, &order).await);
    assert_eq!(stage.outside.payment.calls(CHARGE).len(), 1);
    assert_eq!(
        stage.outside.shipping.keys(PARCEL),
        [format!("ship:{order}:1"), format!("ship:{order}:2")]
    );
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_carrier_that_loses_its_answers_gets_the_same_parcel_again(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    stage.outside.shipping.reply_times(4, PARCEL, Reply::Lost);
    let task = process(&buyer, &order).await.expect(202);
    assert_eq!(
        stage.task(&buyer, task.str("task_id")).await.str("status"),
        "SUCCESS"
    );
    let calls = stage.outside.shipping.calls(PARCEL);
    assert!(calls.len() >= 5);
    assert!(
        calls
            .iter()
            .all(|call| call.text == calls[0].text && call.key() == calls[0].key())
    );
    assert_finished(&look_at(&buyer, &order).await);
    stage.shop.check_settled().await;
}

/// The shop dies while the call of `step` is on its way; another one takes over.
#[test_case(Backend::Sqlite, "charge"; "sqlite while charging")]
#[test_case(Backend::Postgres, "charge"; "postgres while charging")]
#[test_case(Backend::Sqlite, "ask"; "sqlite while asking")]
#[test_case(Backend::Postgres, "ask"; "postgres while asking")]
#[test_case(Backend::Sqlite, "parcel"; "sqlite while registering")]
#[test_case(Backend::Postgres, "parcel"; "postgres while registering")]
#[tokio::test]
async fn processing_goes_on_after_the_shop_died_in_any_step(backend: Backend, step: &str) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let (service, call) = match step {
        "charge" => (&stage.outside.payment, CHARGE),
        "ask" => (&stage.outside.payment, "GET /api/v1/payments/*"),
        _ => (&stage.outside.shipping, PARCEL),
    };
    service.reply_times(1, call, Reply::Silence);
    let task = process(&buyer, &order)
        .await
        .expect(202)
        .str("task_id")
        .to_owned();
    eventually("the call is on its way", || {
        Box::pin(async move { (!service.calls(call).is_empty()).then_some(()) })
    })
    .await;
    let token = buyer.token().to_owned();
    let (db, outside) = stage.kill();
    db.run("UPDATE tasks SET locked_until = 0; UPDATE payments SET next_check_at = 0 WHERE next_check_at IS NOT NULL")
        .await;
    db.run("UPDATE shipments SET next_check_at = 0 WHERE next_check_at IS NOT NULL")
        .await;

    let stage = Stage::on(db, outside, |_| {}).await;
    let buyer = stage.shop.visitor().with_token(&token);
    assert_eq!(stage.task(&buyer, &task).await.str("status"), "SUCCESS");
    assert_finished(&look_at(&buyer, &order).await);
    assert_eq!(stage.outside.payment.keys(CHARGE).len(), 1);
    assert_eq!(stage.outside.shipping.keys(PARCEL).len(), 1);
    stage.until("SELECT COUNT(*) FROM notifications WHERE template = 'order_shipped' AND state = 'sent'", 1).await;
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_provider_that_never_decides_ends_the_task(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    stage.outside.payment.reply(
        "GET /api/v1/payments/*",
        Reply::Json(200, json!({"status": "pending"})),
    );
    stage.shop.db.run("UPDATE tasks SET max_attempts = 2").await;
    let task = process(&buyer, &order)
        .await
        .expect(202)
        .str("task_id")
        .to_owned();
    stage.shop.db.run("UPDATE tasks SET max_attempts = 2").await;
    let ended = stage.task(&buyer, &task).await;
    assert_eq!(
        (ended.str("status"), &ended.body["error"]["code"]),
        ("FAILURE", &json!("in_progress"))
    );
    assert_eq!(
        words(&buyer, &order).await,
        ("processing".to_owned(), "pending".to_owned())
    );
    assert!(stage.outside.shipping.calls(PARCEL).is_empty());
    // The money may still come, and is not lost then.
    stage.outside.payment.reply(
        "GET /api/v1/payments/*",
        Reply::Json(200, json!({"status": "succeeded"})),
    );
    assert_eq!(
        pay(&buyer, &order).await.expect(200).str("status"),
        "succeeded"
    );
    assert_eq!(stage.outside.payment.keys(CHARGE).len(), 1);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_order_that_is_given_up_is_not_processed(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    buyer
        .post(&format!("/api/orders/{order}/cancel/"), json!({}))
        .await
        .expect(200);
    process(&buyer, &order)
        .await
        .expect_error(409, "state_conflict");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_order_whose_refund_failed_is_sent_after_all(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.paid_order().await;
    let no = json!({"id": "r", "status": "failed", "reason": "closed"});
    stage
        .outside
        .payment
        .reply("POST /api/v1/refunds", Reply::Json(201, no));
    buyer
        .post(&format!("/api/orders/{order}/cancel/"), json!({}))
        .await
        .expect(200);
    assert_eq!(words(&buyer, &order).await.0, "confirmed");
    // The cancellation had given the stock back.
    assert_eq!(stage.shop.db.int("SELECT reserved FROM stock").await, 0);
    let task = process(&buyer, &order).await.expect(202);
    assert_eq!(
        stage.task(&buyer, task.str("task_id")).await.str("status"),
        "SUCCESS"
    );
    assert_finished(&look_at(&buyer, &order).await);
    assert_eq!(stage.shop.db.int("SELECT on_hand FROM stock").await, 4);
    stage.shop.check_settled().await;
}
