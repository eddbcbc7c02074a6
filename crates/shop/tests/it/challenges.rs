//! 3-D Secure, where the provider sends the buyer to the bank itself and where the shop's own pages do; and the question
//! that CloudPayments asks before it takes money.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{
    Client, Provider, Reply, Stage, cloud_form, cloud_query, cloud_webhook, look_at, open_payment,
    words,
};

const ACS: &str = "https://acs.test/?a=1&b=2";

/// A browser that does not follow redirects.
fn browser() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// A buyer whose bank wants to be asked, and the shop's page for it.
async fn challenged(stage: &Stage) -> (Client, String, String) {
    let model = json!({"TransactionId": 17, "PaReq": "eJ+/=", "AcsUrl": ACS, "GoReq": null});
    let answer = json!({"Model": model, "Success": false, "Message": null});
    let world = &stage.outside.payment;
    world.reply(Provider::CloudPayments.charge(), Reply::Json(200, answer));
    let waiting = json!({"TransactionId": 17, "Status": "AwaitingAuthentication", "ReasonCode": 0});
    let waiting = json!({"Model": waiting, "Success": true, "Message": null});
    world.reply("POST /payments/get", Reply::Json(200, waiting));
    let (buyer, order) = stage.order().await;
    let body = json!({
        "order_id": order, "payment_method": "card", "payment_token": "cryptogram",
        "return_url": "https://shop.test/thanks",
    });
    let pending = buyer.post("/api/payments/process/", body).await.expect(200);
    assert_eq!(pending.str("status"), "pending");
    let page = pending.str("confirmation_url").to_owned();
    assert!(page.starts_with(&stage.shop.base_url()), "{page}");
    (buyer, order, page)
}

async fn come_back(page: &str, md: &str) -> reqwest::Response {
    let form = [("MD", md), ("PaRes", "signed by the bank")];
    let origin = ("origin", "https://acs.test");
    let request = browser().post(page).header(origin.0, origin.1);
    // A browser on the same host may send the shop's cookie along.
    let request = request.header("cookie", "shop_session=whatever");
    request.form(&form).send().await.unwrap()
}

#[tokio::test]
async fn the_shops_page_takes_the_buyer_to_the_bank_and_back() {
    let stage = Provider::CloudPayments.stage().await;
    let (buyer, order, page) = challenged(&stage).await;
    let html = browser().get(&page).send().await.unwrap();
    assert!(
        html.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let html = html.text().await.unwrap();
    assert!(
        html.contains(r#"action="https://acs.test/?a=1&amp;b=2""#),
        "{html}"
    );
    assert!(html.contains(r#"name="PaReq" value="eJ+/=""#), "{html}");
    assert!(
        html.contains(&format!(r#"name="TermUrl" value="{page}""#)),
        "{html}"
    );

    let world = &stage.outside.payment;
    world.reply(
        "POST /payments/cards/post3ds",
        Provider::CloudPayments.paid(),
    );
    for _ in 0..2 {
        let back = come_back(&page, "17").await;
        assert_eq!(back.status(), StatusCode::SEE_OTHER);
        assert_eq!(back.headers()["location"], "https://shop.test/thanks");
    }
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    let told = world.calls("POST /payments/cards/post3ds");
    assert_eq!(told.len(), 1);
    assert_eq!(
        told[0].body,
        json!({"TransactionId": 17, "PaRes": "signed by the bank"})
    );
    // Who comes late is sent home.
    let late = browser().get(&page).send().await.unwrap();
    assert_eq!(late.status(), StatusCode::SEE_OTHER);
    stage.shop.check_settled().await;
}

#[tokio::test]
async fn a_bank_that_says_no_frees_the_order_and_a_foreign_answer_changes_nothing() {
    let stage = Provider::CloudPayments.stage().await;
    let (buyer, order, page) = challenged(&stage).await;
    let foreign = come_back(&page, "18").await;
    assert_eq!(foreign.status(), StatusCode::BAD_REQUEST);
    assert_eq!(look_at(&buyer, &order).await["status"], "processing");
    stage.outside.payment.reply(
        "POST /payments/cards/post3ds",
        Provider::CloudPayments.declined(),
    );
    let back = come_back(&page, "17").await;
    assert_eq!(back.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        words(&buyer, &order).await,
        ("pending".to_owned(), "failed".to_owned())
    );
}

#[tokio::test]
async fn a_lost_answer_about_the_bank_is_asked_for_again() {
    let stage = Provider::CloudPayments.stage().await;
    let (_, _, page) = challenged(&stage).await;
    let world = &stage.outside.payment;
    world.reply("POST /payments/cards/post3ds", Reply::Lost);
    assert_eq!(come_back(&page, "17").await.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        world.calls("POST /payments/cards/post3ds").len(),
        3,
        "tried as often as any call"
    );
    world.reply("POST /payments/get", Provider::CloudPayments.paid());
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'paid'", 1)
        .await;
    stage.shop.check_settled().await;
}

#[tokio::test]
async fn where_the_provider_asks_the_bank_its_page_is_the_way_on() {
    for provider in [Provider::Stripe, Provider::YooKassa] {
        let stage = provider.stage().await;
        let mut asked = match provider {
            Provider::Stripe => provider.payment("requires_action", 10_000, ""),
            _ => provider.payment("pending", 10_000, ""),
        };
        match provider {
            Provider::Stripe => {
                asked["next_action"] =
                    json!({"type": "redirect_to_url", "redirect_to_url": {"url": ACS}});
            }
            _ => asked["confirmation"] = json!({"type": "redirect", "confirmation_url": ACS}),
        }
        let world = &stage.outside.payment;
        world.reply(provider.charge(), Reply::Json(200, asked.clone()));
        world.reply("GET /v1/payment_intents/*", Reply::Json(200, asked.clone()));
        world.reply("GET /v3/payments/*", Reply::Json(200, asked));
        let (buyer, order) = stage.order().await;
        let pending = provider.pay(&buyer, &order).await.expect(200);
        assert_eq!(pending.str("status"), "pending");
        assert_eq!(pending.str("confirmation_url"), ACS);
        let paid = provider.tell_paid(&stage, &pending.id(), 10_000).await;
        paid.expect(200);
        assert_eq!(look_at(&buyer, &order).await["payment_status"], "paid");
        stage.shop.check_settled().await;
    }
}

#[tokio::test]
async fn cloudpayments_asks_before_it_takes_money() {
    let stage = Provider::CloudPayments.stage().await;
    let world = &stage.outside.payment;
    world.reply("POST /orders/create", Provider::CloudPayments.opened());
    let (buyer, order) = stage.order().await;
    let payment = open_payment(&buyer, &order).await.expect(201).id();
    let ask = async |payment: &str, amount: i64| {
        let answer = cloud_webhook(&stage, "check", cloud_form(payment, amount)).await;
        answer.expect(200).body
    };
    assert_eq!(ask(&payment, 10_000).await, json!({"code": 0}));
    assert_eq!(ask(&payment, 9_900).await, json!({"code": 12}));
    assert_eq!(ask("another", 10_000).await, json!({"code": 10}));
    let kept = "SELECT COUNT(*) FROM webhook_inbox";
    assert_eq!(stage.shop.db.int(kept).await, 0, "a question is no event");
    let cancel = format!("/api/orders/{order}/cancel/");
    buyer.post(&cancel, json!({})).await.expect(200);
    assert_eq!(ask(&payment, 10_000).await, json!({"code": 20}));
}

#[tokio::test]
async fn an_order_that_is_paid_wants_no_more_money() {
    let stage = Provider::CloudPayments.stage().await;
    stage.outside.payment.reply(
        Provider::CloudPayments.charge(),
        Provider::CloudPayments.paid(),
    );
    let (buyer, order) = stage.order().await;
    let payment = Provider::CloudPayments
        .pay(&buyer, &order)
        .await
        .expect(200)
        .id();
    let answer = cloud_webhook(&stage, "check", cloud_form(&payment, 10_000)).await;
    assert_eq!(answer.expect(200).body, json!({"code": 13}));
    // Set up with GET, the same fields come in the address.
    let (path, header) = cloud_query("check", &cloud_form(&payment, 10_000));
    let request = stage.shop.visitor().request(Method::GET, &path);
    let by_get = Client::send(request.header(header.0, header.1)).await;
    assert_eq!(by_get.expect(200).body, json!({"code": 13}));
    let unknown = cloud_webhook(&stage, "receipt", cloud_form(&payment, 10_000)).await;
    assert_eq!(
        unknown.expect(200).body,
        json!({"code": 0}),
        "nothing is done about it"
    );
}

#[tokio::test]
async fn a_buyer_who_never_answers_the_bank_does_not_keep_the_stock() {
    let stage = Provider::Stripe.stage().await;
    let asked = |status: &str| -> Value {
        let mut intent = Provider::Stripe.payment(status, 10_000, "");
        intent["next_action"] = json!({"type": "redirect_to_url", "redirect_to_url": {"url": ACS}});
        intent
    };
    let world = &stage.outside.payment;
    let waiting = Reply::Json(200, asked("requires_action"));
    world.reply(Provider::Stripe.charge(), waiting.clone());
    world.reply("GET /v1/payment_intents/*", waiting);
    world.reply(
        "POST /v1/payment_intents/pi_1/cancel",
        Reply::Json(200, asked("canceled")),
    );
    let (buyer, order) = stage.order().await;
    Provider::Stripe.pay(&buyer, &order).await.expect(200);
    stage
        .shop
        .db
        .run("UPDATE orders SET reservation_expires_at = 0")
        .await;
    stage
        .until("SELECT COUNT(*) FROM orders WHERE state = 'expired'", 1)
        .await;
    assert_eq!(stage.shop.db.int("SELECT reserved FROM stock").await, 0);
    stage.shop.check_settled().await;
}
