//! What the shop finds out by itself: lost charges, payments nobody confirms, orders that expire, late money.

use std::time::Duration;

use serde_json::json;
use test_case::test_case;

use crate::harness::{Backend, Reply, Stage, open_payment, pay, words};

const CHARGE: &str = "POST /api/v1/payments";
const ASK: &str = "GET /api/v1/payments/*";

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_lost_charge_is_found_out_with_the_same_key_and_nobody_clicks(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    stage.outside.payment.reply_times(3, CHARGE, Reply::Lost);
    pay(&buyer, &order).await.expect(200);
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'paid'", 1)
        .await;
    let calls = stage.outside.payment.calls(CHARGE);
    assert!(calls.len() > 3);
    assert!(
        calls
            .iter()
            .all(|call| call.text == calls[0].text && call.key() == calls[0].key())
    );
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_payment_that_nobody_confirms_is_asked_about(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    open_payment(&buyer, &order).await.expect(201);
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'paid'", 1)
        .await;
    stage.until("SELECT COUNT(*) FROM notifications WHERE template = 'order_confirmation' AND state = 'sent'", 1).await;
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_charge_whose_sender_died_is_sent_again(backend: Backend) {
    let stage = Stage::with(backend, |config| {
        config.provider_timeout = Duration::from_secs(30);
    })
    .await;
    let (buyer, order) = stage.order().await;
    stage.outside.payment.reply_times(1, CHARGE, Reply::Silence);
    let request = tokio::spawn(async move { pay(&buyer, &order).await });
    stage
        .until("SELECT COUNT(*) FROM payments WHERE state = 'sending'", 1)
        .await;
    let outside = &stage.outside.payment;
    crate::harness::eventually("the charge is sent", || {
        Box::pin(async move { (outside.calls(CHARGE).len() == 1).then_some(()) })
    })
    .await;
    let (db, outside) = stage.kill();
    assert!(request.await.is_err(), "the buyer gets no answer");

    db.run("UPDATE payments SET next_check_at = 0").await;
    let stage = Stage::on(db, outside, |_| {}).await;
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'paid'", 1)
        .await;
    let calls = stage.outside.payment.calls(CHARGE);
    assert_eq!(calls.len(), 2);
    assert_eq!(
        (&calls[0].text, calls[0].key()),
        (&calls[1].text, calls[1].key())
    );
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_order_that_is_not_paid_in_time_gives_its_stock_back(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    stage
        .shop
        .db
        .run("UPDATE orders SET reservation_expires_at = 0")
        .await;
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'expired'", 1)
        .await;
    assert_eq!(stage.shop.db.int("SELECT reserved FROM stock").await, 0);
    assert_eq!(
        words(&buyer, &order).await,
        ("cancelled".to_owned(), "pending".to_owned())
    );
    pay(&buyer, &order)
        .await
        .expect_error(409, "order_not_payable");
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_order_that_was_paid_without_our_knowing_does_not_expire(backend: Backend) {
    // Nothing but the expiry asks here.
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    stage.outside.payment.reply(ASK, Reply::Text(404, ""));
    open_payment(&buyer, &order).await.expect(201);
    stage
        .shop
        .db
        .run("UPDATE payments SET next_check_at = NULL")
        .await;
    stage
        .outside
        .payment
        .reply(ASK, Reply::Json(200, json!({"status": "succeeded"})));
    stage
        .shop
        .db
        .run("UPDATE orders SET reservation_expires_at = 0")
        .await;
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state <> 'placed'", 1)
        .await;
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    stage.shop.check_settled().await;
}

/// An order that expired while its buyer was on the provider's page.
async fn expired_with_open_payment(stage: &Stage) -> (crate::harness::Client, String, String) {
    let (buyer, order) = stage.order().await;
    stage
        .outside
        .payment
        .reply(ASK, Reply::Json(200, json!({"status": "pending"})));
    let payment = open_payment(&buyer, &order).await.expect(201).id();
    stage
        .shop
        .db
        .run("UPDATE orders SET reservation_expires_at = 0")
        .await;
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'expired'", 1)
        .await;
    (buyer, order, payment)
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn late_money_buys_the_order_again_while_there_is_stock(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order, _) = expired_with_open_payment(&stage).await;
    assert_eq!(stage.shop.db.int("SELECT reserved FROM stock").await, 0);
    stage
        .outside
        .payment
        .reply(ASK, Reply::Json(200, json!({"status": "succeeded"})));
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'paid'", 1)
        .await;
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    assert_eq!(stage.shop.db.int("SELECT reserved FROM stock").await, 1);
    stage.until("SELECT COUNT(*) FROM notifications WHERE template = 'order_confirmation' AND state = 'sent'", 1).await;
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn late_money_goes_back_when_the_stock_is_gone(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order, _) = expired_with_open_payment(&stage).await;
    let product = stage
        .shop
        .db
        .texts("SELECT product_id FROM stock")
        .await
        .remove(0);
    let sale = json!({"product_id": product, "quantity": 5});
    buyer
        .put(&format!("/api/products/{product}/inventory/"), sale)
        .await
        .expect(200);
    stage
        .outside
        .payment
        .reply(ASK, Reply::Json(200, json!({"status": "succeeded"})));
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'refunded'", 1)
        .await;
    assert_eq!(
        words(&buyer, &order).await,
        ("refunded".to_owned(), "refunded".to_owned())
    );
    assert_eq!(stage.outside.payment.keys("POST /api/v1/refunds").len(), 1);
    stage.until("SELECT COUNT(*) FROM notifications WHERE template = 'order_refunded' AND state = 'sent'", 1).await;
    assert!(stage.outside.letters("order_confirmation").is_empty());
    stage.shop.check_settled().await;
}
