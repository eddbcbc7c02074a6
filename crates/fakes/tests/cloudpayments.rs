//! The CloudPayments fake over a real socket.

use futures_util::future::join_all;
use serde_json::{Value, json};
use styk_core::{Effect, Movement};
use styk_fakes::payments::cloudpayments::KIND;
use styk_fakes::{Fake, FakeOptions};

const PLAIN: &str = "014000003055341204QUJD";
const SECURE: &str = "014242424242341204QUJD";
const POOR: &str = "014000055556341204QUJD";

struct Shop {
    fake: Fake,
    http: reqwest::Client,
}

impl Shop {
    async fn open() -> Self {
        let fake = Fake::start(KIND, FakeOptions::default()).await;
        let http = reqwest::Client::builder().no_proxy();
        let http = http.redirect(reqwest::redirect::Policy::none()).build();
        Self {
            fake: fake.expect("a fake"),
            http: http.expect("a client"),
        }
    }

    fn request(&self, path: &str) -> reqwest::RequestBuilder {
        let url = self.fake.url().join(path).expect("an address");
        self.http.post(url).basic_auth("pk_1", Some("secret"))
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        answer(self.request(path).json(&body)).await
    }

    async fn charge(&self, packet: &str) -> Value {
        self.post("payments/cards/charge", card(packet)).await
    }

    fn moved(&self) -> Vec<(Movement, i64)> {
        let entries = self.fake.ledger().entries();
        let moved = entries.iter().filter_map(|entry| match entry.effect {
            Effect::Money { movement, amount } => Some((movement, amount.minor)),
            _ => None,
        });
        moved.collect()
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Value {
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    response.json().await.expect("JSON")
}

fn card(packet: &str) -> Value {
    json!({"Amount": 100.5, "IpAddress": "127.0.0.1", "CardCryptogramPacket": packet,
           "InvoiceId": "A-1", "AccountId": "anna"})
}

#[tokio::test]
async fn a_charge_is_found_and_refunded_up_to_its_amount() {
    let shop = Shop::open().await;
    let paid = shop.charge(PLAIN).await;
    assert_eq!(paid["Success"], true, "{paid}");
    assert_eq!(paid["Model"]["Status"], "Completed");
    let id = &paid["Model"]["TransactionId"];
    let found = shop
        .post("payments/find", json!({"invoiceid": "A-1"}))
        .await;
    assert_eq!(&found["Model"]["TransactionId"], id);
    let refund = shop
        .post(
            "payments/refund",
            json!({"TransactionId": id, "Amount": 100}),
        )
        .await;
    assert_eq!(refund["Success"], true);
    let more = shop
        .post(
            "payments/refund",
            json!({"TransactionId": id, "Amount": "0.51"}),
        )
        .await;
    assert_eq!(more["Success"], false);
    assert_eq!(
        shop.moved(),
        [(Movement::Captured, 10_050), (Movement::Refunded, 10_000)]
    );
}

#[tokio::test]
async fn an_authorisation_is_confirmed_once() {
    let shop = Shop::open().await;
    let held = shop.post("payments/cards/auth", card(PLAIN)).await;
    assert_eq!(held["Model"]["Status"], "Authorized");
    let id = &held["Model"]["TransactionId"];
    let confirm = json!({"TransactionId": id, "Amount": 60});
    assert_eq!(
        shop.post("payments/confirm", confirm.clone()).await["Success"],
        true
    );
    assert_eq!(
        shop.post("payments/confirm", confirm).await["Success"],
        false
    );
    let void = shop
        .post("payments/void", json!({"TransactionId": id}))
        .await;
    assert_eq!(void["Success"], false);
    let moved = [
        (Movement::Authorized, 10_050),
        (Movement::Captured, 6_000),
        (Movement::Released, 4_050),
    ];
    assert_eq!(shop.moved(), moved);
}

#[tokio::test]
async fn the_payer_passes_or_fails_on_the_banks_page() {
    for (outcome, status, reason) in [("pass", "Completed", 0), ("fail", "Declined", 5206)] {
        let shop = Shop::open().await;
        let challenge = shop.charge(SECURE).await;
        assert_eq!(challenge["Success"], false);
        let model = &challenge["Model"];
        assert!(model.get("ReasonCode").is_none());
        assert!(shop.moved().is_empty());
        let md = model["TransactionId"].to_string();
        let acs = model["AcsUrl"].as_str().expect("an address");
        let pa_req = model["PaReq"].as_str().expect("a request");
        let form = [
            ("MD", &*md),
            ("PaReq", pa_req),
            ("TermUrl", "http://shop/3ds"),
        ];
        let page = shop
            .http
            .post(acs)
            .form(&form)
            .send()
            .await
            .expect("a page");
        assert_eq!(page.status(), 200);
        let form = [
            ("MD", &*md),
            ("TermUrl", "http://shop/3ds"),
            ("outcome", outcome),
        ];
        let page = shop
            .http
            .post(format!("{acs}/answer"))
            .form(&form)
            .send()
            .await;
        let page = page.expect("a page").text().await.expect("text");
        assert!(page.contains(r#"action="http://shop/3ds""#));
        let rest = page
            .split(r#"name="PaRes" value=""#)
            .nth(1)
            .expect("an answer");
        let pa_res = rest.split('"').next().expect("a value");
        let told = json!({"TransactionId": model["TransactionId"], "PaRes": pa_res});
        let ended = shop.post("payments/cards/post3ds", told).await;
        assert_eq!(ended["Model"]["Status"], status, "{ended}");
        assert_eq!(ended["Model"]["ReasonCode"], reason);
    }
}

#[tokio::test]
async fn a_poor_card_is_declined_with_a_model() {
    let shop = Shop::open().await;
    let declined = shop.charge(POOR).await;
    assert_eq!(declined["Success"], false);
    assert_eq!(declined["Message"], Value::Null);
    assert_eq!(declined["Model"]["ReasonCode"], 5051);
    assert_eq!(declined["Model"]["Reason"], "InsufficientFunds");
    assert_eq!(shop.moved(), [(Movement::Declined, 10_050)]);
}

#[tokio::test]
async fn twelve_calls_with_one_key_are_one_payment() {
    let shop = Shop::open().await;
    let calls = (0..12).map(|_| {
        let request = shop.request("payments/cards/charge");
        answer(request.header("X-Request-ID", "k").json(&card(PLAIN)))
    });
    let answers = join_all(calls).await;
    assert!(answers.iter().all(|one| *one == answers[0]));
    assert_eq!(shop.moved(), [(Movement::Captured, 10_050)]);
}

#[tokio::test]
async fn a_known_terminal_refuses_another_secret_and_test_needs_none() {
    let shop = Shop::open().await;
    shop.charge(PLAIN).await;
    let url = shop.fake.url().join("payments/get").expect("an address");
    let wrong = shop.http.post(url).basic_auth("pk_1", Some("other")).send();
    assert_eq!(wrong.await.expect("an answer").status(), 401);
    let url = shop.fake.url().join("test").expect("an address");
    assert_eq!(answer(shop.http.post(url)).await["Success"], true);
}
