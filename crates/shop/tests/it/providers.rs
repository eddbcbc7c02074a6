//! The same cases for every named payment provider, each in its own words.

use serde_json::json;
use test_case::test_case;

use crate::harness::{Provider, Reply, Stage, eventually, look_at, open_payment, words};

fn confirmed() -> (String, String) {
    ("confirmed".to_owned(), "paid".to_owned())
}

#[test_case(Provider::Stripe; "stripe")]
#[test_case(Provider::YooKassa; "yookassa")]
#[test_case(Provider::CloudPayments; "cloudpayments")]
#[tokio::test]
async fn a_card_is_charged_at_once_and_the_provider_learns_our_ids(provider: Provider) {
    let stage = provider.stage().await;
    stage
        .outside
        .payment
        .reply(provider.charge(), provider.paid());
    let (buyer, order) = stage.order().await;
    let payment = provider.pay(&buyer, &order).await.expect(200);
    assert_eq!(payment.str("status"), "succeeded");
    assert_eq!(words(&buyer, &order).await, confirmed());
    let calls = stage.outside.payment.calls(provider.charge());
    assert_eq!(calls.len(), 1);
    assert!(calls[0].text.contains(&order), "{}", calls[0].text);
    assert!(calls[0].text.contains(&payment.id()), "{}", calls[0].text);
    assert!(!calls[0].header("authorization").is_empty());
    assert!(!calls[0].header(provider.key_header()).is_empty());
    stage.shop.check_settled().await;
}

#[test_case(Provider::Stripe; "stripe")]
#[test_case(Provider::YooKassa; "yookassa")]
#[test_case(Provider::CloudPayments; "cloudpayments")]
#[tokio::test]
async fn after_a_declined_card_a_good_one_pays_the_same_order(provider: Provider) {
    let stage = provider.stage().await;
    let world = &stage.outside.payment;
    world.reply(provider.charge(), provider.paid());
    world.reply_times(1, provider.charge(), provider.declined());
    let (buyer, order) = stage.order().await;
    let declined = provider.pay(&buyer, &order).await;
    let declined = declined.expect_error(402, "payment_declined");
    assert_eq!(
        declined.body["error"]["details"]["reason"],
        "insufficient_funds"
    );
    assert_eq!(look_at(&buyer, &order).await["payment_status"], "failed");
    provider.pay(&buyer, &order).await.expect(200);
    assert_eq!(words(&buyer, &order).await, confirmed());
    let calls = world.calls(provider.charge());
    let key = |call: usize| calls[call].header(provider.key_header());
    assert_eq!(calls.len(), 2);
    assert_ne!(key(0), key(1));
    stage.shop.check_settled().await;
}

#[test_case(Provider::Stripe; "stripe")]
#[test_case(Provider::YooKassa; "yookassa")]
#[test_case(Provider::CloudPayments; "cloudpayments")]
#[tokio::test]
async fn a_lost_answer_is_fetched_with_the_same_key_and_body(provider: Provider) {
    let stage = provider.stage().await;
    let world = &stage.outside.payment;
    world.reply(provider.charge(), provider.paid());
    // More than one request tries, so the schedule must help.
    world.reply_times(4, provider.charge(), Reply::Lost);
    let (buyer, order) = stage.order().await;
    let pending = provider.pay(&buyer, &order).await.expect(200);
    assert_eq!(pending.str("status"), "pending");
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'paid'", 1)
        .await;
    let calls = world.calls(provider.charge());
    assert_eq!(calls.len(), 5);
    for call in &calls {
        assert_eq!(call.text, calls[0].text);
        assert_eq!(
            call.header(provider.key_header()),
            calls[0].header(provider.key_header())
        );
    }
    stage.shop.check_settled().await;
}

#[test_case(Provider::Stripe; "stripe")]
#[test_case(Provider::YooKassa; "yookassa")]
#[test_case(Provider::CloudPayments; "cloudpayments")]
#[tokio::test]
async fn trouble_and_words_we_have_never_heard_are_no_decline(provider: Provider) {
    let stage = provider.stage().await;
    let world = &stage.outside.payment;
    world.reply(provider.charge(), provider.paid());
    let troubles = [
        Reply::Text(500, "{}"),
        Reply::Text(401, "{}"),
        Reply::Text(409, "{}"),
        Reply::Text(200, "<html>"),
        provider.says("settled_somehow", 10_000),
    ];
    for trouble in troubles {
        world.reply_times(1, provider.charge(), trouble);
    }
    let (buyer, order) = stage.order().await;
    let pending = provider.pay(&buyer, &order).await.expect(200);
    assert_eq!(pending.str("status"), "pending");
    assert_eq!(look_at(&buyer, &order).await["status"], "processing");
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'paid'", 1)
        .await;
    assert_eq!(stage.shop.db.int("SELECT COUNT(*) FROM payments").await, 1);
    stage.shop.check_settled().await;
}

#[test_case(Provider::Stripe; "stripe")]
#[test_case(Provider::YooKassa; "yookassa")]
#[test_case(Provider::CloudPayments; "cloudpayments")]
#[tokio::test]
async fn another_amount_is_not_believed(provider: Provider) {
    let stage = provider.stage().await;
    let paid = match provider {
        Provider::CloudPayments => "Completed",
        _ => "succeeded",
    };
    stage
        .outside
        .payment
        .reply(provider.charge(), provider.says(paid, 9_900));
    let (buyer, order) = stage.order().await;
    let pending = provider.pay(&buyer, &order).await.expect(200);
    assert_eq!(pending.str("status"), "pending");
    let told = provider.tell_paid(&stage, &pending.id(), 9_900).await;
    told.expect_error(409, "state_conflict");
    assert_eq!(look_at(&buyer, &order).await["paid"], json!(0.0));
}

#[test_case(Provider::Stripe; "stripe")]
#[test_case(Provider::YooKassa; "yookassa")]
#[test_case(Provider::CloudPayments; "cloudpayments")]
#[tokio::test]
async fn what_was_paid_on_the_page_is_confirmed_and_given_back_once(provider: Provider) {
    let stage = provider.stage().await;
    let world = &stage.outside.payment;
    world.reply(provider.open(), provider.opened());
    let (buyer, order) = stage.order().await;
    let opened = open_payment(&buyer, &order).await.expect(201);
    assert_eq!(opened.str("confirmation_url"), "https://pay.test/1");
    world.reply(provider.ask(), provider.paid_page());
    let body = json!({"payment_id": opened.id()});
    let paid = buyer.post("/api/payments/confirm/", body).await.expect(200);
    assert_eq!(paid.str("status"), "succeeded");
    assert_eq!(words(&buyer, &order).await, confirmed());

    world.reply(provider.refund(), provider.refunded());
    world.reply_times(4, provider.refund(), Reply::Lost);
    let body = json!({"order_id": order, "reason": "does not fit"});
    buyer.post("/api/payments/refund/", body).await.expect(201);
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'refunded'", 1)
        .await;
    let calls = world.calls(provider.refund());
    assert_eq!(calls.len(), 5);
    for call in &calls {
        assert_eq!(call.text, calls[0].text);
        assert_eq!(
            call.header(provider.key_header()),
            calls[0].header(provider.key_header())
        );
    }
    let whole = match provider {
        Provider::Stripe => "payment_intent=pi_1",
        Provider::YooKassa => "\"payment_id\":\"2d-1\"",
        Provider::CloudPayments => "\"TransactionId\":17",
    };
    assert!(calls[0].text.contains(whole), "{}", calls[0].text);
    stage.shop.check_settled().await;
}

/// A charge that the provider has, and whose answer is on its way.
async fn held_charge(stage: &Stage, provider: Provider) -> (tokio::task::JoinHandle<()>, String) {
    let Reply::Json(status, body) = provider.paid() else {
        panic!("a body");
    };
    let world = &stage.outside.payment;
    world.reply(provider.charge(), Reply::Held(status, body));
    let (buyer, order) = stage.order().await;
    let paying = tokio::spawn(async move {
        provider.pay(&buyer, &order).await.expect(200);
    });
    eventually("the charge is sent", || {
        Box::pin(async move { (world.calls(provider.charge()).len() == 1).then_some(()) })
    })
    .await;
    let payment = stage.shop.db.texts("SELECT id FROM payments").await;
    (paying, payment[0].clone())
}

#[test_case(Provider::Stripe; "stripe")]
#[test_case(Provider::YooKassa; "yookassa")]
#[test_case(Provider::CloudPayments; "cloudpayments")]
#[tokio::test]
async fn news_that_come_before_the_answer_settle_the_order_once(provider: Provider) {
    let stage = provider.stage().await;
    let (paying, payment) = held_charge(&stage, provider).await;
    for _ in 0..2 {
        let told = provider
            .tell_paid(&stage, &payment, 10_000)
            .await
            .expect(200);
        if let Provider::CloudPayments = provider {
            assert_eq!(told.text, r#"{"code":0}"#);
        }
    }
    let paid = "SELECT COUNT(*) FROM orders WHERE state = 'paid'";
    assert_eq!(stage.shop.db.int(paid).await, 1);
    stage.outside.payment.let_go();
    paying.await.unwrap();
    assert_eq!(stage.outside.letters("order_confirmation").len(), 1);
    let events = "SELECT COUNT(*) FROM order_events WHERE to_state = 'paid'";
    assert_eq!(stage.shop.db.int(events).await, 1);
    stage.shop.check_settled().await;
}

#[test_case(Provider::Stripe; "stripe")]
#[test_case(Provider::YooKassa; "yookassa")]
#[test_case(Provider::CloudPayments; "cloudpayments")]
#[tokio::test]
async fn forged_news_leave_no_trace(provider: Provider) {
    let stage = provider.stage().await;
    stage
        .outside
        .payment
        .reply(provider.open(), provider.opened());
    let (buyer, order) = stage.order().await;
    let payment = open_payment(&buyer, &order).await.expect(201).id();
    let forged = provider.forge_paid(&stage, &payment).await;
    forged.expect_error(403, "forbidden");
    let kept = "SELECT COUNT(*) FROM webhook_inbox";
    assert_eq!(stage.shop.db.int(kept).await, 0);
    assert_eq!(look_at(&buyer, &order).await["status"], "pending");
}

#[test_case(Provider::Stripe; "stripe")]
#[test_case(Provider::YooKassa; "yookassa")]
#[test_case(Provider::CloudPayments; "cloudpayments")]
#[tokio::test]
async fn money_for_somebody_elses_order_is_never_waved_through(provider: Provider) {
    let stage = provider.stage().await;
    let told = provider.tell_paid(&stage, "another-shop", 10_000).await;
    told.expect_error(404, "not_found");
    let kept = "SELECT COUNT(*) FROM webhook_inbox WHERE state = 'failed'";
    assert_eq!(stage.shop.db.int(kept).await, 1);
    // The address of the generic service is closed.
    let body = json!({"id": "e", "type": "payment.succeeded", "data": {}});
    let generic = stage
        .shop
        .visitor()
        .post("/api/webhooks/payment/", body)
        .await;
    generic.expect_error(404, "not_found");
}

/// A charge whose answer was lost two days ago, so that its key is forgotten.
async fn forgotten(stage: &Stage, provider: Provider) -> String {
    let world = &stage.outside.payment;
    world.reply(provider.charge(), Reply::Lost);
    let (buyer, order) = stage.order().await;
    let payment = provider.pay(&buyer, &order).await.expect(200).id();
    stage
        .shop
        .db
        .run("UPDATE payments SET created_at = created_at - 172800000000")
        .await;
    payment
}

#[test_case(Provider::Stripe; "stripe")]
#[test_case(Provider::YooKassa; "yookassa")]
#[test_case(Provider::CloudPayments; "cloudpayments")]
#[tokio::test]
async fn a_charge_whose_key_is_forgotten_is_looked_up_and_not_repeated(provider: Provider) {
    let stage = provider.stage().await;
    let payment = forgotten(&stage, provider).await;
    let world = &stage.outside.payment;
    let before = world.calls(provider.charge()).len();
    world.reply(
        provider.charge(),
        Reply::Text(500, "this would charge again"),
    );
    world.reply(provider.search(), provider.found(&payment));
    stage
        .shop
        .db
        .run("UPDATE payments SET next_check_at = 0")
        .await;
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'paid'", 1)
        .await;
    assert_eq!(world.calls(provider.charge()).len(), before);
    stage.shop.check_settled().await;
}

#[test_case(Provider::Stripe; "stripe")]
#[test_case(Provider::YooKassa; "yookassa")]
#[test_case(Provider::CloudPayments; "cloudpayments")]
#[tokio::test]
async fn a_charge_that_never_arrived_frees_its_order_for_another(provider: Provider) {
    let stage = provider.stage().await;
    forgotten(&stage, provider).await;
    let world = &stage.outside.payment;
    world.reply(provider.search(), provider.nothing());
    stage
        .shop
        .db
        .run("UPDATE payments SET next_check_at = 0")
        .await;
    stage
        .until("SELECT COUNT(*) FROM payments WHERE state = 'failed'", 1)
        .await;
    stage.shop.check_settled().await;
}

/// A refund whose answer was lost two days ago, so that its key is forgotten.
async fn forgotten_refund(stage: &Stage, provider: Provider) -> String {
    let world = &stage.outside.payment;
    world.reply(provider.charge(), provider.paid());
    world.reply(provider.refund(), Reply::Lost);
    let (buyer, order) = stage.order().await;
    provider.pay(&buyer, &order).await.expect(200);
    let body = json!({"order_id": order});
    buyer.post("/api/payments/refund/", body).await.expect(201);
    let unknown = "SELECT COUNT(*) FROM refunds WHERE state = 'unknown'";
    stage.until(unknown, 1).await;
    let db = &stage.shop.db;
    db.run("UPDATE refunds SET created_at = created_at - 172800000000")
        .await;
    db.texts("SELECT id FROM refunds").await[0].clone()
}

#[test_case(Provider::Stripe; "stripe")]
#[test_case(Provider::YooKassa; "yookassa")]
#[test_case(Provider::CloudPayments; "cloudpayments")]
#[tokio::test]
async fn a_refund_whose_key_is_forgotten_is_looked_up_before_it_is_sent_again(provider: Provider) {
    let stage = provider.stage().await;
    let refund = forgotten_refund(&stage, provider).await;
    let world = &stage.outside.payment;
    let before = world.calls(provider.refund()).len();
    world.reply(provider.refunds(), provider.found_refund(&refund));
    world.reply(
        provider.refund(),
        Reply::Text(500, "this would refund again"),
    );
    let db = &stage.shop.db;
    db.run("UPDATE refunds SET next_check_at = 0").await;
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'refunded'", 1)
        .await;
    assert_eq!(world.calls(provider.refund()).len(), before);
    stage.shop.check_settled().await;
}

#[test_case(Provider::Stripe; "stripe")]
#[test_case(Provider::YooKassa; "yookassa")]
#[test_case(Provider::CloudPayments; "cloudpayments")]
#[tokio::test]
async fn a_refund_that_never_arrived_is_sent_after_all(provider: Provider) {
    let stage = provider.stage().await;
    forgotten_refund(&stage, provider).await;
    let world = &stage.outside.payment;
    // Somebody else's refund of the same payment is not ours.
    world.reply(provider.refunds(), provider.found_refund("another"));
    world.reply(provider.refund(), provider.refunded());
    let db = &stage.shop.db;
    db.run("UPDATE refunds SET next_check_at = 0").await;
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'refunded'", 1)
        .await;
    stage.shop.check_settled().await;
}

#[tokio::test]
async fn stripe_keeps_its_own_failures_so_a_search_finds_what_became_of_them() {
    let provider = Provider::Stripe;
    let stage = provider.stage().await;
    let world = &stage.outside.payment;
    world.reply(provider.charge(), Reply::Text(500, "{}"));
    let (buyer, order) = stage.order().await;
    let payment = provider.pay(&buyer, &order).await.expect(200).id();
    world.reply(provider.search(), provider.found(&payment));
    let db = &stage.shop.db;
    db.run("UPDATE payments SET created_at = created_at - 120000000, next_check_at = 0")
        .await;
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'paid'", 1)
        .await;
    stage.shop.check_settled().await;
}
