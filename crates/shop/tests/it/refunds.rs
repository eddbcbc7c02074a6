//! Money that goes back: all, in parts, never more than came, never twice.

use futures_util::future::join_all;
use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::{Answer, Backend, Client, Reply, Stage, look_at, words};

const REFUND: &str = "POST /api/v1/refunds";

async fn refund(buyer: &Client, order: &str, amount: Option<f64>) -> Answer {
    let mut body = json!({"order_id": order, "reason": "customer request"});
    if let Some(amount) = amount {
        body["amount"] = Value::from(amount);
    }
    buyer.post("/api/payments/refund/", body).await
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_refund_is_made_once_and_told_to_the_buyer(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.paid_order().await;
    let refunded = refund(&buyer, &order, Some(100.0)).await.expect(201);
    assert_eq!(
        (refunded.str("status"), refunded.body["amount"].as_f64()),
        ("pending", Some(100.0))
    );
    assert_eq!(
        words(&buyer, &order).await,
        ("refunded".to_owned(), "refunded".to_owned())
    );
    refund(&buyer, &order, Some(100.0))
        .await
        .expect_error(409, "not_refundable");
    let calls = stage.outside.payment.calls(REFUND);
    assert_eq!(calls.len(), 1);
    assert!(
        calls[0]
            .text
            .starts_with(r#"{"payment_id":"pay_1","amount":100.00,"currency":"RUB","#),
        "{}",
        calls[0].text
    );
    assert_eq!(calls[0].key(), format!("refund:{}", refunded.id()));
    assert_eq!(stage.outside.letters("order_refunded").len(), 1);
    // What was not sent is for sale again.
    assert_eq!(stage.shop.db.int("SELECT reserved FROM stock").await, 0);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn parts_are_refunded_until_nothing_is_left(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.paid_order().await;
    refund(&buyer, &order, Some(30.0)).await.expect(201);
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "partially_refunded".to_owned())
    );
    assert_eq!(look_at(&buyer, &order).await["refunded"], 30.0);
    refund(&buyer, &order, Some(70.01))
        .await
        .expect_error(400, "amount_mismatch");
    refund(&buyer, &order, Some(0.0))
        .await
        .expect_error(400, "invalid");
    let rest = refund(&buyer, &order, None).await.expect(201);
    assert_eq!(rest.body["amount"], 70.0);
    assert_eq!(
        words(&buyer, &order).await,
        ("refunded".to_owned(), "refunded".to_owned())
    );
    assert_eq!(look_at(&buyer, &order).await["refunded"], 100.0);
    assert_eq!(stage.outside.letters("order_refunded").len(), 2);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn many_refunds_at_once_never_give_more_than_came(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.paid_order().await;
    let answers = join_all((0..8).map(|_| refund(&buyer, &order, Some(30.0)))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 3);
    assert!(
        answers
            .iter()
            .all(|answer| [201, 400].contains(&answer.status))
    );
    assert_eq!(stage.outside.payment.keys(REFUND).len(), 3);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_order_without_payment_has_nothing_to_refund(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    refund(&buyer, &order, None)
        .await
        .expect_error(409, "not_refundable");
    assert!(stage.outside.payment.calls(REFUND).is_empty());
}

#[test_case(Reply::Json(201, json!({"id": "r", "status": "failed", "reason": "no money"})); "as an answer")]
#[test_case(Reply::Json(422, json!({"error": {"code": "too_late"}})); "as an error")]
#[tokio::test]
async fn a_refund_that_the_provider_refuses_takes_the_order_back(no: Reply) {
    let stage = Stage::start(Backend::Sqlite).await;
    let (buyer, order) = stage.paid_order().await;
    stage.outside.payment.reply_times(1, REFUND, no);
    refund(&buyer, &order, None).await.expect(201);
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    assert!(stage.outside.letters("order_refunded").is_empty());
    // The next one is a new operation.
    refund(&buyer, &order, None).await.expect(201);
    assert_eq!(
        words(&buyer, &order).await,
        ("refunded".to_owned(), "refunded".to_owned())
    );
    assert_eq!(stage.outside.payment.keys(REFUND).len(), 2);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_lost_refund_is_asked_for_again_with_its_key(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.paid_order().await;
    stage.outside.payment.reply_times(4, REFUND, Reply::Lost);
    refund(&buyer, &order, None).await.expect(201);
    // Whatever is known, the buyer sees that the money is on its way, and cannot ask for it twice.
    assert_eq!(
        words(&buyer, &order).await,
        ("refunded".to_owned(), "refunded".to_owned())
    );
    refund(&buyer, &order, None)
        .await
        .expect_error(409, "not_refundable");
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'refunded'", 1)
        .await;
    let calls = stage.outside.payment.calls(REFUND);
    assert!(calls.len() >= 5, "{}", calls.len());
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
async fn a_refund_that_takes_its_time_is_asked_about(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.paid_order().await;
    stage.outside.payment.reply(
        REFUND,
        Reply::Json(201, json!({"id": "ref_1", "status": "pending"})),
    );
    refund(&buyer, &order, None).await.expect(201);
    assert_eq!(
        words(&buyer, &order).await,
        ("refunded".to_owned(), "refunded".to_owned())
    );
    assert!(stage.outside.letters("order_refunded").is_empty());
    stage.outside.payment.reply(
        "GET /api/v1/refunds/ref_1",
        Reply::Json(200, json!({"status": "succeeded"})),
    );
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'refunded'", 1)
        .await;
    stage.until("SELECT COUNT(*) FROM notifications WHERE template = 'order_refunded' AND state = 'sent'", 1).await;
    assert_eq!(stage.outside.payment.calls(REFUND).len(), 1);
    stage.shop.check_settled().await;
}
