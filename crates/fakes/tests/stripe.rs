//! The Stripe fake over a real socket.

#[path = "stripe/client.rs"]
mod client;

use client::{Ear, Shop, paid};
use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;
use styk_core::{Clock, Effect, Movement};
use styk_fakes::FakeOptions;

const INVALID: &str = "invalid_request_error";

/// What the ledger says moved, and how much.
fn movements(shop: &Shop) -> Vec<(Movement, i64)> {
    let entries = shop.fake.ledger().entries();
    let moved = entries.iter().filter_map(|entry| match entry.effect {
        Effect::Money { movement, amount } => Some((movement, amount.minor)),
        _ => None,
    });
    moved.collect()
}

#[tokio::test]
async fn a_payment_goes_from_the_customer_to_the_last_refund() {
    let shop = Shop::open().await;
    let customer = shop
        .make("/v1/customers", "email=jenny@example.com&name=Jenny")
        .await;
    let customer = customer["id"].as_str().expect("an id");
    let form = format!("amount=1999&currency=usd&customer={customer}&metadata[order_id]=A-1");
    let intent = shop.make("/v1/payment_intents", &form).await;
    assert_eq!(intent["status"], "requires_payment_method");
    let id = intent["id"].as_str().expect("an id");
    let secret = intent["client_secret"].as_str().expect("a secret");
    assert!(secret.starts_with(&format!("{id}_secret_")));
    let form = "payment_method=pm_card_visa&return_url=https://shop.example/done";
    let intent = shop
        .make(&format!("/v1/payment_intents/{id}/confirm"), form)
        .await;
    assert_eq!(intent["status"], "succeeded");
    assert_eq!(intent["amount_received"], 1999);
    let charge = intent["latest_charge"].as_str().expect("a charge");
    let refund = shop
        .make("/v1/refunds", &format!("payment_intent={id}&amount=500"))
        .await;
    assert_eq!(
        (&refund["status"], &refund["amount"]),
        (&json!("succeeded"), &json!(500))
    );
    let rest = shop.make("/v1/refunds", &format!("charge={charge}")).await;
    assert_eq!(rest["amount"], 1499);
    let charge = shop.read(&format!("/v1/charges/{charge}")).await;
    assert_eq!(
        (&charge["refunded"], &charge["amount_refunded"]),
        (&json!(true), &json!(1999))
    );
    let again = shop
        .post("/v1/refunds", &format!("payment_intent={id}"))
        .await;
    assert_eq!(again.error(), (400, INVALID, "charge_already_refunded", ""));
    assert_eq!(
        shop.read(&format!("/v1/payment_intents/{id}")).await["status"],
        "succeeded"
    );
    let moved = [
        (Movement::Captured, 1999),
        (Movement::Refunded, 500),
        (Movement::Refunded, 1499),
    ];
    assert_eq!(movements(&shop), moved);
    let entries = shop.fake.ledger().entries();
    assert!(
        entries
            .iter()
            .all(|entry| entry.order.as_deref() == Some("A-1") && *entry.object == *id)
    );
    let events = shop.events().await;
    let expected = [
        "customer.created",
        "payment_intent.created",
        "payment_method.attached",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
        "refund.created",
        "charge.refunded",
        "refund.created",
        "charge.refunded",
    ];
    assert_eq!(events, expected);
}

#[tokio::test]
async fn a_declined_payment_can_be_paid_with_another_card() {
    let shop = Shop::open().await;
    let declined = shop
        .post("/v1/payment_intents", &paid("pm_card_visa_chargeDeclined"))
        .await;
    assert_eq!(declined.error(), (402, "card_error", "card_declined", ""));
    let error = &declined.body["error"];
    assert_eq!(error["decline_code"], "generic_decline");
    assert_eq!(error["payment_method"]["card"]["last4"], "0002");
    let intent = &error["payment_intent"];
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(intent["payment_method"], Value::Null);
    assert_eq!(intent["last_payment_error"]["code"], "card_declined");
    assert_eq!(intent["latest_charge"], error["charge"]);
    let id = intent["id"].as_str().expect("an id");
    let confirm = format!("/v1/payment_intents/{id}/confirm");
    let intent = shop
        .make(&confirm, "payment_method=pm_card_mastercard")
        .await;
    assert_eq!(intent["status"], "succeeded");
    assert_eq!(intent["last_payment_error"], Value::Null);
    let charges = shop.read(&format!("/v1/charges?payment_intent={id}")).await;
    let states: Vec<_> = charges["data"]
        .as_array()
        .expect("charges")
        .iter()
        .map(|charge| &charge["status"])
        .collect();
    assert_eq!(states, ["succeeded", "failed"]);
    assert_eq!(charges["data"][1]["failure_code"], "card_declined");
    assert_eq!(charges["data"][1]["paid"], false);
    assert_eq!(
        movements(&shop),
        [(Movement::Declined, 2000), (Movement::Captured, 2000)]
    );
}

#[tokio::test]
async fn each_card_is_declined_in_its_own_way() {
    let shop = Shop::open().await;
    let cards = [
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
        ),
        (
            "pm_card_visa_chargeDeclinedLostCard",
            "card_declined",
            "lost_card",
        ),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", ""),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", ""),
        (
            "pm_card_chargeDeclinedProcessingError",
            "processing_error",
            "",
        ),
        (
            "pm_card_chargeDeclinedFraudulent",
            "card_declined",
            "fraudulent",
        ),
        ("pm_card_radarBlock", "card_declined", "fraudulent"),
        (
            "pm_card_chargeCustomerFail",
            "card_declined",
            "generic_decline",
        ),
    ];
    for (card, code, decline_code) in cards {
        let heard = shop.post("/v1/payment_intents", &paid(card)).await;
        assert_eq!((heard.error().0, heard.error().2), (402, code), "{card}");
        let told = heard.body["error"]["decline_code"]
            .as_str()
            .unwrap_or_default();
        assert_eq!(told, decline_code, "{card}");
    }
    let intents = shop.read("/v1/payment_intents?limit=100").await;
    assert_eq!(
        intents["data"].as_array().expect("intents").len(),
        cards.len()
    );
}

#[tokio::test]
async fn a_key_brings_the_first_answer_back_byte_by_byte() {
    let shop = Shop::open().await;
    let form = "amount=2000&currency=usd&metadata[a]=1&metadata[b]=2";
    let first = shop.once("k-1", "/v1/payment_intents", form).await;
    let again = "metadata%5Bb%5D=2&metadata[a]=1&currency=usd&amount=2000";
    let second = shop.once("k-1", "/v1/payment_intents", again).await;
    assert_eq!(first.text, second.text);
    assert_eq!(
        (
            first.header("idempotent-replayed"),
            second.header("idempotent-replayed")
        ),
        ("", "true")
    );
    assert_eq!(
        second.header("original-request"),
        first.header("request-id")
    );
    assert_eq!(second.header("idempotency-key"), "k-1");
    assert_ne!(second.header("request-id"), first.header("request-id"));
    let other = shop
        .once("k-1", "/v1/payment_intents", "amount=2001&currency=usd")
        .await;
    assert_eq!(
        (other.error().0, other.error().1),
        (400, "idempotency_error")
    );
    assert!(
        other.body["error"]["message"]
            .as_str()
            .expect("a message")
            .contains("k-1")
    );
    let elsewhere = shop.once("k-1", "/v1/customers", form).await;
    assert_eq!(elsewhere.error().1, "idempotency_error");
    let elsewhere = shop
        .with_key("sk_test_other")
        .once("k-1", "/v1/customers", "name=A")
        .await;
    assert_eq!(elsewhere.status, 200, "another account has keys of its own");
}

#[tokio::test]
async fn a_decline_is_kept_for_its_key_and_a_bad_request_is_not() {
    let shop = Shop::open().await;
    let declined = paid("pm_card_chargeDeclined");
    let first = shop.once("k-1", "/v1/payment_intents", &declined).await;
    let second = shop.once("k-1", "/v1/payment_intents", &declined).await;
    assert_eq!((first.status.as_u16(), &first.text), (402, &second.text));
    assert_eq!(second.header("idempotent-replayed"), "true");
    let bad = shop
        .once("k-2", "/v1/payment_intents", "amount=x&currency=usd")
        .await;
    assert_eq!(
        bad.error(),
        (400, INVALID, "parameter_invalid_integer", "amount")
    );
    let good = shop
        .once("k-2", "/v1/payment_intents", "amount=500&currency=usd")
        .await;
    assert_eq!(good.status, 200);
    let long = "k".repeat(256);
    assert_eq!(shop.once(&long, "/v1/customers", "").await.error().0, 400);
    let nobody = shop
        .with_key("nonsense")
        .once("k-3", "/v1/customers", "name=A")
        .await;
    assert_eq!(nobody.status, 401);
    assert_eq!(
        shop.once("k-3", "/v1/customers", "name=B").await.status,
        200
    );
}

#[tokio::test]
async fn twelve_parallel_requests_with_one_key_make_one_object() {
    let shop = Shop::open().await;
    let form = paid("pm_card_visa");
    let calls = (0..12).map(|_| shop.once("one", "/v1/payment_intents", &form));
    let heard = join_all(calls).await;
    assert!(
        heard
            .iter()
            .all(|heard| heard.status == 200 || heard.status == 409)
    );
    let bodies: Vec<_> = heard
        .iter()
        .filter(|heard| heard.status == 200)
        .map(|heard| &heard.text)
        .collect();
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    let intents = shop.read("/v1/payment_intents").await;
    assert_eq!(intents["data"].as_array().expect("intents").len(), 1);
    assert_eq!(movements(&shop), [(Movement::Captured, 2000)]);
}

#[tokio::test]
async fn parallel_refunds_never_give_back_more_than_was_taken() {
    let shop = Shop::open().await;
    let form = paid("pm_card_visa").replace("amount=2000", "amount=4000");
    let intent = shop.make("/v1/payment_intents", &form).await;
    let form = format!(
        "payment_intent={}&amount=1000",
        intent["id"].as_str().expect("an id")
    );
    let heard = join_all((0..8).map(|_| shop.post("/v1/refunds", &form))).await;
    let (done, refused): (Vec<_>, Vec<_>) = heard.iter().partition(|heard| heard.status == 200);
    assert_eq!((done.len(), refused.len()), (4, 4));
    for heard in refused {
        assert_eq!(heard.error(), (400, INVALID, "charge_already_refunded", ""));
    }
    let charge = shop
        .read(&format!(
            "/v1/charges/{}",
            intent["latest_charge"].as_str().expect("a charge")
        ))
        .await;
    assert_eq!(
        (&charge["amount_refunded"], &charge["refunded"]),
        (&json!(4000), &json!(true))
    );
    let over = shop
        .make("/v1/payment_intents", &paid("pm_card_visa"))
        .await;
    let form = format!(
        "payment_intent={}&amount=2001",
        over["id"].as_str().expect("an id")
    );
    let over = shop.post("/v1/refunds", &form).await;
    assert_eq!(over.error(), (400, INVALID, "", "amount"));
}

#[tokio::test]
async fn money_that_is_held_is_taken_in_part_and_the_rest_goes_back() {
    let shop = Shop::open().await;
    let form = format!("{}&capture_method=manual", paid("pm_card_visa"));
    let intent = shop.make("/v1/payment_intents", &form).await;
    assert_eq!(
        (&intent["status"], &intent["amount_capturable"]),
        (&json!("requires_capture"), &json!(2000))
    );
    let id = intent["id"].as_str().expect("an id");
    let held = format!(
        "/v1/charges/{}",
        intent["latest_charge"].as_str().expect("a charge")
    );
    let charge = shop.read(&held).await;
    assert_eq!(
        (
            &charge["captured"],
            &charge["paid"],
            &charge["balance_transaction"]
        ),
        (&json!(false), &json!(true), &Value::Null)
    );
    let capture = format!("/v1/payment_intents/{id}/capture");
    let refund = shop
        .post("/v1/refunds", &format!("payment_intent={id}"))
        .await;
    assert_eq!(refund.error().0, 400);
    let much = shop.post(&capture, "amount_to_capture=2001").await;
    assert_eq!(
        much.error(),
        (400, INVALID, "amount_too_large", "amount_to_capture")
    );
    assert_eq!(
        much.body["error"]["payment_intent"]["status"],
        "requires_capture"
    );
    let done = shop.make(&capture, "amount_to_capture=1500").await;
    assert_eq!(done["status"], "succeeded");
    assert_eq!(
        (&done["amount_received"], &done["amount_capturable"]),
        (&json!(1500), &json!(0))
    );
    let charge = shop.read(&held).await;
    assert_eq!(
        (&charge["amount_captured"], &charge["amount_refunded"]),
        (&json!(1500), &json!(500))
    );
    assert_eq!(charge["refunded"], false);
    let again = shop.post(&capture, "").await;
    assert_eq!(
        again.error(),
        (400, INVALID, "payment_intent_unexpected_state", "")
    );
    let moved = [
        (Movement::Authorized, 2000),
        (Movement::Captured, 1500),
        (Movement::Released, 500),
    ];
    assert_eq!(movements(&shop), moved);
    let much = shop
        .post("/v1/refunds", &format!("payment_intent={id}&amount=1501"))
        .await;
    assert_eq!(much.error().3, "amount");
    shop.make("/v1/refunds", &format!("payment_intent={id}"))
        .await;
    assert_eq!(shop.read(&held).await["refunded"], true);
}

#[tokio::test]
async fn money_that_is_held_goes_back_when_it_is_canceled_or_nobody_takes_it() {
    let clock = Clock::manual(Timestamp::from_second(1_800_000_000).expect("a time"));
    let options = FakeOptions {
        clock: clock.clone(),
        ..FakeOptions::default()
    };
    let shop = Shop::open_with(options).await;
    let form = format!("{}&capture_method=manual", paid("pm_card_visa"));
    let one = shop.make("/v1/payment_intents", &form).await;
    let two = shop.make("/v1/payment_intents", &form).await;
    let cancel = format!(
        "/v1/payment_intents/{}/cancel",
        one["id"].as_str().expect("an id")
    );
    let canceled = shop.make(&cancel, "cancellation_reason=abandoned").await;
    assert_eq!(
        (&canceled["status"], &canceled["cancellation_reason"]),
        (&json!("canceled"), &json!("abandoned"))
    );
    assert_eq!(
        shop.post(&cancel, "").await.error().2,
        "payment_intent_unexpected_state"
    );
    let charge = format!(
        "/v1/charges/{}",
        two["latest_charge"].as_str().expect("a charge")
    );
    let before =
        shop.read(&charge).await["payment_method_details"]["card"]["capture_before"].as_i64();
    assert_eq!(before, Some(1_800_000_000 + 7 * 86_400));
    clock.advance(Duration::from_secs(7 * 86_400));
    let two = format!("/v1/payment_intents/{}", two["id"].as_str().expect("an id"));
    let expired = loop {
        let intent = shop.read(&two).await;
        if intent["status"] == "canceled" {
            break intent;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(expired["cancellation_reason"], "automatic");
    let moved = movements(&shop);
    assert_eq!(
        moved
            .iter()
            .filter(|moved| **moved == (Movement::Released, 2000))
            .count(),
        2
    );
    let events = shop.events().await;
    assert_eq!(
        events[events.len() - 2..],
        ["charge.expired", "payment_intent.canceled"]
    );
}

#[tokio::test]
async fn bad_input_gets_stripes_own_errors_and_changes_nothing() {
    let shop = Shop::open().await;
    let path = "/v1/payment_intents";
    let cases = [
        ("currency=usd", "parameter_missing", "amount"),
        ("amount=2000", "parameter_missing", "currency"),
        ("amount=&currency=usd", "parameter_invalid_empty", "amount"),
        (
            "amount=19.99&currency=usd",
            "parameter_invalid_integer",
            "amount",
        ),
        (
            "amount=-5&currency=usd",
            "parameter_invalid_integer",
            "amount",
        ),
        (
            "amount=99999999999999999999&currency=usd",
            "parameter_invalid_integer",
            "amount",
        ),
        (
            "amount=100000000&currency=usd",
            "amount_too_large",
            "amount",
        ),
        ("amount=49&currency=usd", "amount_too_small", "amount"),
        ("amount=2000&currency=xyz", "", "currency"),
        (
            "amount=2000&currency=usd&colour=red",
            "parameter_unknown",
            "colour",
        ),
        (
            "amount=2000&currency=usd&shipping[adress]=x",
            "parameter_missing",
            "shipping[address]",
        ),
        (
            "amount=2000&currency=usd&shipping[name]=A&shipping[address][street]=x",
            "parameter_unknown",
            "shipping[address][street]",
        ),
        (
            "amount=2000&currency=usd&customer=cus_none",
            "resource_missing",
            "customer",
        ),
        (
            "amount=2000&currency=usd&payment_method=pm_none",
            "resource_missing",
            "payment_method",
        ),
        (
            "amount=2000&currency=usd&return_url=https://a.example",
            "",
            "return_url",
        ),
        ("amount=2000&currency=usd&confirm=maybe", "", "confirm"),
        (
            "amount=2000&currency=usd&capture_method=later",
            "",
            "capture_method",
        ),
        ("amount=2000&currency=usd&metadata=x", "", "metadata"),
        ("amount[a]=1&currency=usd", "", "amount"),
        ("amount=1&amount[a]=2", "", "amount[a]"),
        ("amount=2000&currency=usd&metadata[a=1", "", "metadata[a"),
        ("amount=2000&currency=usd&description=%ff%fe", "", ""),
    ];
    for (form, code, param) in cases {
        assert_eq!(
            shop.post(path, form).await.error(),
            (400, INVALID, code, param),
            "{form}"
        );
    }
    let raw = shop.raw(path, vec![0xff_u8, b'=', 0xfe]).await;
    assert_eq!(raw.error().0, 400);
    let long = format!(
        "amount=2000&currency=usd&metadata[a]={}",
        "x".repeat(1_000_000)
    );
    assert_eq!(shop.post(path, &long).await.error().3, "metadata[a]");
    let many: String = (0..60).map(|at| format!("&metadata[k{at}]=v")).collect();
    assert_eq!(
        shop.post(path, &format!("amount=2000&currency=usd{many}"))
            .await
            .error()
            .0,
        400
    );
    let needed = "amount=2000&currency=usd&confirm=true&payment_method=pm_card_visa";
    assert_eq!(shop.post(path, needed).await.error().3, "return_url");
    let none = shop.get("/v1/payment_intents/pi_none").await;
    assert_eq!(none.error(), (404, INVALID, "resource_missing", "intent"));
    assert_eq!(
        none.body["error"]["message"],
        "No such payment_intent: 'pi_none'"
    );
    assert_eq!(shop.get("/v1/customers/cus_none").await.error().3, "id");
    assert_eq!(shop.get("/v1/nothing").await.error().0, 404);
    assert_eq!(shop.read(path).await["data"], json!([]));
    assert_eq!(movements(&shop), []);
}

#[tokio::test]
async fn only_test_keys_are_let_in_and_each_has_its_own_account() {
    let shop = Shop::open().await;
    for key in ["sk_live_123", "nonsense", "sk_test_", "whsec_1"] {
        let heard = shop.with_key(key).get("/v1/customers").await;
        assert_eq!((heard.error().0, heard.error().1), (401, INVALID), "{key}");
    }
    let customer = shop.make("/v1/customers", "name=Jenny").await;
    let path = format!("/v1/customers/{}", customer["id"].as_str().expect("an id"));
    assert_eq!(
        shop.with_key("sk_test_other").get(&path).await.error().0,
        404
    );
    let intent = shop
        .make("/v1/payment_intents", "amount=2000&currency=usd")
        .await;
    let browser = shop.with_key("pk_test_shop");
    assert_eq!(browser.get("/v1/customers").await.error().0, 403);
    let path = format!(
        "/v1/payment_intents/{}",
        intent["id"].as_str().expect("an id")
    );
    assert_eq!(browser.get(&path).await.error().3, "client_secret");
    let secret = intent["client_secret"].as_str().expect("a secret");
    assert_eq!(
        browser
            .get(&format!("{path}?client_secret=wrong"))
            .await
            .error()
            .0,
        400
    );
    assert_eq!(
        browser
            .get(&format!("{path}?client_secret={secret}"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_card_that_wants_the_payer_is_asked_for_and_off_session_is_declined() {
    let shop = Shop::open().await;
    let form = format!(
        "{}&return_url=https://shop.example/done?a=1",
        paid("pm_card_threeDSecure2Required")
    );
    let intent = shop.make("/v1/payment_intents", &form).await;
    assert_eq!(intent["status"], "requires_action");
    assert_eq!(intent["next_action"]["type"], "redirect_to_url");
    assert_eq!(
        intent["next_action"]["redirect_to_url"]["return_url"],
        "https://shop.example/done?a=1"
    );
    let without = shop
        .make(
            "/v1/payment_intents",
            &paid("pm_card_threeDSecure2Required"),
        )
        .await;
    assert_eq!(without["next_action"]["type"], "use_stripe_sdk");
    for option in ["off_session=true", "error_on_requires_action=true"] {
        let form = format!("{}&{option}", paid("pm_card_authenticationRequired"));
        let heard = shop.post("/v1/payment_intents", &form).await;
        assert_eq!(
            (heard.error().0, heard.error().2),
            (402, "authentication_required"),
            "{option}"
        );
        let intent = &heard.body["error"]["payment_intent"];
        assert_eq!(intent["status"], "requires_payment_method");
    }
    let form = format!(
        "{}&off_session=True",
        paid("pm_card_authenticationRequiredSetupForOffSession")
    );
    assert_eq!(
        shop.make("/v1/payment_intents", &form).await["status"],
        "succeeded"
    );
}

#[tokio::test]
async fn payment_methods_belong_to_one_customer_and_are_used_up_without_one() {
    let shop = Shop::open().await;
    let one = shop.make("/v1/customers", "name=One").await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let two = shop.make("/v1/customers", "name=Two").await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let card = "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=34&card[cvc]=123";
    let method = shop.make("/v1/payment_methods", card).await;
    assert_eq!(
        (&method["card"]["exp_year"], &method["card"]["last4"]),
        (&json!(2034), &json!("4242"))
    );
    let id = method["id"].as_str().expect("an id");
    shop.make("/v1/payment_intents", &paid(id)).await;
    assert_eq!(
        shop.post("/v1/payment_intents", &paid(id)).await.error().0,
        400,
        "used up"
    );
    let method = shop.make("/v1/payment_methods", card).await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let attach = format!("/v1/payment_methods/{method}/attach");
    assert_eq!(
        shop.make(&attach, &format!("customer={one}")).await["customer"],
        one.as_str()
    );
    assert_eq!(
        shop.post(&attach, &format!("customer={two}"))
            .await
            .error()
            .0,
        400
    );
    for form in [paid(&method), format!("{}&customer={two}", paid(&method))] {
        assert_eq!(
            shop.post("/v1/payment_intents", &form).await.error().0,
            400,
            "{form}"
        );
    }
    for _ in 0..2 {
        let form = format!("{}&customer={one}", paid(&method));
        assert_eq!(
            shop.make("/v1/payment_intents", &form).await["status"],
            "succeeded"
        );
    }
    let heard = shop
        .post(
            "/v1/payment_methods/pm_card_chargeDeclined/attach",
            &format!("customer={one}"),
        )
        .await;
    assert_eq!(heard.error().0, 402);
    let luhn = card.replace("4242424242424242", "4242424242424241");
    assert_eq!(
        shop.post("/v1/payment_methods", &luhn).await.error(),
        (402, "card_error", "incorrect_number", "number")
    );
    let list = shop
        .read(&format!("/v1/customers/{one}/payment_methods?type=card"))
        .await;
    assert_eq!(list["data"].as_array().expect("methods").len(), 1);
}

#[tokio::test]
async fn a_refund_that_fails_brings_the_money_back() {
    let clock = Clock::manual(Timestamp::from_second(1_800_000_000).expect("a time"));
    let options = FakeOptions {
        clock: clock.clone(),
        ..FakeOptions::default()
    };
    let shop = Shop::open_with(options).await;
    let failing = shop
        .make("/v1/payment_intents", &paid("pm_card_refundFail"))
        .await;
    let pending = shop
        .make("/v1/payment_intents", &paid("pm_card_pendingRefund"))
        .await;
    let refund =
        |intent: &Value| format!("payment_intent={}", intent["id"].as_str().expect("an id"));
    let fails = shop.make("/v1/refunds", &refund(&failing)).await;
    let waits = shop.make("/v1/refunds", &refund(&pending)).await;
    assert_eq!(
        (&fails["status"], &waits["status"]),
        (&json!("succeeded"), &json!("pending"))
    );
    clock.advance(Duration::from_secs(2));
    let path = |refund: &Value| format!("/v1/refunds/{}", refund["id"].as_str().expect("an id"));
    loop {
        let (fails, waits) = (
            shop.read(&path(&fails)).await,
            shop.read(&path(&waits)).await,
        );
        if fails["status"] == "failed" && waits["status"] == "succeeded" {
            assert!(fails["failure_balance_transaction"].is_string());
            break;
        }
        tokio::task::yield_now().await;
    }
    let charge = format!(
        "/v1/charges/{}",
        failing["latest_charge"].as_str().expect("a charge")
    );
    let charge = shop.read(&charge).await;
    assert_eq!(
        (&charge["amount_refunded"], &charge["refunded"]),
        (&json!(0), &json!(false))
    );
    assert!(movements(&shop).contains(&(Movement::RefundReturned, 2000)));
    let again = shop.post("/v1/refunds", &refund(&failing)).await;
    assert_eq!(again.status, 200, "what came back can be refunded again");
}

#[tokio::test]
async fn the_balance_knows_every_movement() {
    let shop = Shop::open().await;
    let intent = shop
        .make("/v1/payment_intents", &paid("pm_card_visa"))
        .await;
    shop.make("/v1/payment_intents", &paid("pm_card_bypassPending"))
        .await;
    shop.make(
        "/v1/refunds",
        &format!(
            "amount=500&charge={}",
            intent["latest_charge"].as_str().expect("a charge")
        ),
    )
    .await;
    let balance = shop.read("/v1/balance").await;
    let net = 2000 - (58 + 30);
    assert_eq!(balance["pending"][0]["amount"], net - 500);
    assert_eq!(balance["available"][0]["amount"], net);
    let list = shop.read("/v1/balance_transactions").await;
    let shown: Vec<_> = list["data"]
        .as_array()
        .expect("transactions")
        .iter()
        .map(|one| (one["type"].as_str(), one["net"].as_i64()))
        .collect();
    assert_eq!(
        shown,
        [
            (Some("refund"), Some(-500)),
            (Some("charge"), Some(net)),
            (Some("charge"), Some(net))
        ]
    );
}

#[tokio::test]
async fn old_shops_pay_with_tokens_and_charges() {
    let shop = Shop::open().await;
    let charge = shop
        .make(
            "/v1/charges",
            "amount=2000&currency=usd&source=tok_visa&description=Order 7",
        )
        .await;
    assert_eq!(
        (&charge["paid"], &charge["captured"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        (&charge["source"]["object"], &charge["source"]["last4"]),
        (&json!("card"), &json!("4242"))
    );
    let token = shop
        .make(
            "/v1/tokens",
            "card[number]=4000000000000002&card[exp_month]=12&card[exp_year]=2034&card[cvc]=123",
        )
        .await;
    let form = format!(
        "amount=2000&currency=usd&source={}",
        token["id"].as_str().expect("an id")
    );
    let declined = shop.post("/v1/charges", &form).await;
    assert_eq!(declined.error().2, "card_declined");
    assert!(declined.body["error"]["charge"].is_string());
    assert_eq!(
        shop.post("/v1/charges", &form).await.error().2,
        "token_already_used"
    );
    let held = shop
        .make(
            "/v1/charges",
            "amount=2000&currency=usd&source=tok_visa&capture=false",
        )
        .await;
    let capture = format!(
        "/v1/charges/{}/capture",
        held["id"].as_str().expect("an id")
    );
    assert_eq!(
        shop.make(&capture, "amount=700").await["amount_captured"],
        700
    );
    assert_eq!(
        shop.post(&capture, "").await.error().2,
        "charge_already_captured"
    );
}

#[tokio::test]
async fn a_card_that_fails_the_address_check_says_so_without_an_address() {
    let shop = Shop::open().await;
    for (token, line1, postal_code) in [
        ("tok_visa", Value::Null, Value::Null),
        ("tok_avsFail", json!("fail"), json!("fail")),
        ("tok_avsZipFail", Value::Null, json!("fail")),
        ("tok_avsLine1Fail", json!("fail"), Value::Null),
    ] {
        let form = format!("amount=2000&currency=usd&source={token}");
        let charge = shop.make("/v1/charges", &form).await;
        let checks = &charge["payment_method_details"]["card"]["checks"];
        assert_eq!(
            (
                &checks["address_line1_check"],
                &checks["address_postal_code_check"]
            ),
            (&line1, &postal_code),
            "{token}"
        );
    }
}

#[tokio::test]
async fn a_setup_intent_keeps_a_card_for_later() {
    let shop = Shop::open().await;
    let customer = shop.make("/v1/customers", "name=Jenny").await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let form = |card: &str| {
        format!(
            "customer={customer}&payment_method={card}&confirm=true&payment_method_types[]=card"
        )
    };
    let done = shop.make("/v1/setup_intents", &form("pm_card_visa")).await;
    assert_eq!(done["status"], "succeeded");
    let method = done["payment_method"].as_str().expect("a method");
    assert_eq!(
        shop.read(&format!("/v1/payment_methods/{method}")).await["customer"],
        customer.as_str()
    );
    let declined = shop
        .post("/v1/setup_intents", &form("pm_card_chargeDeclined"))
        .await;
    assert_eq!(declined.error().0, 402);
    assert_eq!(
        declined.body["error"]["setup_intent"]["status"],
        "requires_payment_method"
    );
    let asked = shop
        .make(
            "/v1/setup_intents",
            &form("pm_card_authenticationRequiredOnSetup"),
        )
        .await;
    assert_eq!(asked["status"], "requires_action");
}

#[tokio::test]
async fn a_direct_debit_takes_its_time() {
    let clock = Clock::manual(Timestamp::from_second(1_800_000_000).expect("a time"));
    let options = FakeOptions {
        clock: clock.clone(),
        ..FakeOptions::default()
    };
    let shop = Shop::open_with(options).await;
    let form = |iban: &str| {
        format!(
            "amount=2000&currency=eur&confirm=true&payment_method_types[]=sepa_debit&payment_method_data[type]=sepa_debit&payment_method_data[sepa_debit][iban]={iban}"
        )
    };
    let good = shop
        .make("/v1/payment_intents", &form("AT611904300234573201"))
        .await;
    let bad = shop
        .make("/v1/payment_intents", &form("AT861904300235473202"))
        .await;
    assert_eq!(
        (&good["status"], &bad["status"]),
        (&json!("processing"), &json!("processing"))
    );
    assert_eq!(movements(&shop), []);
    clock.advance(Duration::from_secs(2));
    let path = |intent: &Value| {
        format!(
            "/v1/payment_intents/{}",
            intent["id"].as_str().expect("an id")
        )
    };
    loop {
        let (good, bad) = (shop.read(&path(&good)).await, shop.read(&path(&bad)).await);
        if good["status"] == "succeeded" && bad["status"] == "requires_payment_method" {
            assert_eq!(bad["last_payment_error"]["code"], "card_declined");
            break;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_smallest_amount_is_the_currencys_own() {
    let shop = Shop::open().await;
    let heard = |form: &'static str| shop.post("/v1/payment_intents", form);
    assert_eq!(heard("amount=30&currency=gbp").await.status, 200);
    assert_eq!(
        heard("amount=29&currency=gbp").await.error().2,
        "amount_too_small"
    );
    assert_eq!(
        heard("amount=1000&currency=JPY").await.body["currency"],
        "jpy"
    );
    assert_eq!(heard("amount=1005&currency=kwd").await.error().3, "amount");
    assert_eq!(heard("amount=99999999&currency=usd").await.status, 200);
}

#[tokio::test]
async fn a_payer_authenticates_on_the_page_and_is_sent_back() {
    let shop = Shop::open().await;
    let pay = |card: &str, more: &str| {
        format!(
            "{}&return_url=https://shop.example/done?a=1{more}",
            paid(card)
        )
    };
    let press = async |intent: &Value, result: &str| {
        let page = intent["next_action"]["redirect_to_url"]["url"]
            .as_str()
            .expect("a page");
        let shown = shop.get(page).await;
        assert_eq!(shown.text.matches("<button").count(), 2, "{}", shown.text);
        let back = shop.post(page, &format!("result={result}")).await;
        assert_eq!(back.status, 303, "{}", back.text);
        let id = intent["id"].as_str().expect("an id");
        let back = back.header("location").to_owned();
        assert!(
            back.starts_with(&format!(
                "https://shop.example/done?a=1&payment_intent={id}&"
            )),
            "{back}"
        );
        (back, shop.read(&format!("/v1/payment_intents/{id}")).await)
    };
    let asked = shop
        .make(
            "/v1/payment_intents",
            &pay("pm_card_threeDSecure2Required", ""),
        )
        .await;
    let (back, intent) = press(&asked, "passed").await;
    assert!(back.ends_with("redirect_status=succeeded"), "{back}");
    assert_eq!(
        (&intent["status"], &intent["next_action"]),
        (&json!("succeeded"), &Value::Null)
    );
    let page = asked["next_action"]["redirect_to_url"]["url"]
        .as_str()
        .expect("a page");
    assert_eq!(
        shop.post(page, "result=passed").await.status,
        404,
        "only once"
    );
    let asked = shop
        .make(
            "/v1/payment_intents",
            &pay("pm_card_threeDSecure2Required", ""),
        )
        .await;
    let (back, intent) = press(&asked, "failed").await;
    assert!(back.ends_with("redirect_status=failed"), "{back}");
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(
        intent["last_payment_error"]["code"],
        "payment_intent_authentication_failure"
    );
    assert_eq!(intent["latest_charge"], Value::Null);
    let card = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds";
    let asked = shop.make("/v1/payment_intents", &pay(card, "")).await;
    let (_, intent) = press(&asked, "passed").await;
    assert_eq!(
        intent["last_payment_error"]["decline_code"],
        "insufficient_funds"
    );
    let by_hand = pay(
        "pm_card_threeDSecure2Required",
        "&confirmation_method=manual",
    );
    let asked = shop.make("/v1/payment_intents", &by_hand).await;
    let (_, intent) = press(&asked, "passed").await;
    assert_eq!(intent["status"], "requires_confirmation");
    let confirm = format!(
        "/v1/payment_intents/{}/confirm",
        intent["id"].as_str().expect("an id")
    );
    assert_eq!(shop.make(&confirm, "").await["status"], "succeeded");
}

#[tokio::test]
async fn references_are_expanded_where_they_can_be() {
    let shop = Shop::open().await;
    let form = format!(
        "{}&expand[]=latest_charge.balance_transaction&expand[]=payment_method",
        paid("pm_card_visa")
    );
    let intent = shop.make("/v1/payment_intents", &form).await;
    assert_eq!(
        intent["latest_charge"]["balance_transaction"]["net"],
        2000 - 88
    );
    assert_eq!(intent["payment_method"]["card"]["brand"], "visa");
    let charge = format!(
        "/v1/charges/{}",
        intent["latest_charge"]["id"].as_str().expect("an id")
    );
    shop.make(
        "/v1/refunds",
        &format!(
            "amount=500&payment_intent={}",
            intent["id"].as_str().expect("an id")
        ),
    )
    .await;
    let charge = shop.read(&format!("{charge}?expand[]=dispute,&expand[]=refunds.data.balance_transaction&expand[]=payment_intent.latest_charge").replace("dispute,", "dispute")).await;
    assert_eq!(charge["refunds"]["total_count"], 1);
    assert_eq!(
        charge["refunds"]["data"][0]["balance_transaction"]["amount"],
        -500
    );
    assert_eq!(
        charge["payment_intent"]["latest_charge"]["id"],
        charge["id"]
    );
    assert_eq!(charge["dispute"], Value::Null);
    let list = shop
        .read("/v1/payment_intents?expand[]=data.latest_charge")
        .await;
    assert_eq!(list["data"][0]["latest_charge"]["object"], "charge");
    for path in [
        "amount",
        "latest_charge.amount",
        "data.latest_charge",
        "latest_charge.payment_intent.latest_charge.payment_intent.customer",
    ] {
        let form = format!("amount=2000&currency=usd&expand[]={path}");
        assert_eq!(
            shop.post("/v1/payment_intents", &form).await.error(),
            (400, INVALID, "", "expand"),
            "{path}"
        );
    }
    assert_eq!(
        shop.read("/v1/payment_intents").await["data"]
            .as_array()
            .expect("a list")
            .len(),
        1
    );
}

#[tokio::test]
async fn objects_are_found_by_what_the_shop_hung_on_them() {
    let shop = Shop::open().await;
    for order in ["A-1", "A-2", "A-2", "A-3"] {
        shop.make(
            "/v1/payment_intents",
            &format!("amount=2000&currency=usd&metadata[order_id]={order}"),
        )
        .await;
    }
    let search = async |query: &str| {
        let request = shop.request(reqwest::Method::GET, "/v1/payment_intents/search");
        shop.send(request.query(&[("query", query), ("limit", "2")]))
            .await
    };
    let found = search("metadata['order_id']:'A-2' AND status:'requires_payment_method'")
        .await
        .body;
    assert_eq!(
        (
            found["data"].as_array().expect("data").len(),
            &found["has_more"]
        ),
        (2, &json!(false))
    );
    let found = search("amount>1999 AND -metadata['order_id']:'A-3'")
        .await
        .body;
    let page = found["next_page"].as_str().expect("a next page");
    let rest = shop.read(&format!("/v1/payment_intents/search?query=amount%3E1999 AND -metadata['order_id']:'A-3'&limit=2&page={page}")).await;
    assert_eq!(rest["data"][0]["metadata"]["order_id"], "A-1");
    assert_eq!(
        search("colour:'red'").await.error(),
        (400, INVALID, "", "query")
    );
}

#[tokio::test]
async fn lists_are_cut_into_pages_from_any_object() {
    let shop = Shop::open().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(
            shop.make("/v1/customers", "email=a@example.com").await["id"]
                .as_str()
                .expect("an id")
                .to_owned(),
        );
    }
    ids.reverse();
    let page = async |query: &str| {
        let list = shop.read(&format!("/v1/customers?{query}")).await;
        let data = list["data"].as_array().expect("data").iter();
        let ids: Vec<_> = data
            .map(|one| one["id"].as_str().expect("an id").to_owned())
            .collect();
        (ids, list["has_more"].as_bool().expect("a flag"))
    };
    assert_eq!(page("limit=2").await, (ids[..2].to_vec(), true));
    assert_eq!(
        page(&format!("limit=3&starting_after={}", ids[1])).await,
        (ids[2..].to_vec(), false)
    );
    assert_eq!(
        page(&format!("limit=2&ending_before={}", ids[4])).await,
        (ids[2..4].to_vec(), true)
    );
    assert_eq!(
        page("email=a@example.com&limit=1").await,
        (ids[..1].to_vec(), true)
    );
    assert_eq!(page("created[lt]=1000").await, (Vec::new(), false));
    for (query, param) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("starting_after=cus_none", "starting_after"),
    ] {
        assert_eq!(
            shop.get(&format!("/v1/customers?{query}")).await.error().3,
            param,
            "{query}"
        );
    }
}

#[tokio::test]
async fn endpoints_get_the_events_they_want_signed_with_their_secret() {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let shop = Shop::open().await;
    let mut ear = Ear::open().await;
    let form = format!(
        "url={}&enabled_events[]=payment_intent.succeeded&enabled_events[]=refund.created",
        ear.url
    );
    let endpoint = shop.make("/v1/webhook_endpoints", &form).await;
    let secret = endpoint["secret"].as_str().expect("a secret");
    let path = format!(
        "/v1/webhook_endpoints/{}",
        endpoint["id"].as_str().expect("an id")
    );
    assert_eq!(shop.read(&path).await.get("secret"), None);
    let intent = shop
        .make("/v1/payment_intents", &paid("pm_card_visa"))
        .await;
    let (signature, body) = ear.next().await;
    let event: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(event["type"], "payment_intent.succeeded");
    assert_eq!(event["data"]["object"], intent);
    let (time, hash) = signature.split_once(",v1=").expect("time and hash");
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(format!("{}.{body}", &time[2..]).as_bytes());
    assert_eq!(hash, hex::encode(mac.finalize().into_bytes()));
    let stored = shop
        .read(&format!(
            "/v1/events/{}",
            event["id"].as_str().expect("an id")
        ))
        .await;
    assert_eq!(stored["data"], event["data"]);
    assert_eq!(
        shop.send(shop.request(reqwest::Method::DELETE, &path))
            .await
            .body["deleted"],
        true
    );
    assert_eq!(shop.get(&path).await.error().0, 404);
    let bad = shop
        .post("/v1/webhook_endpoints", "url=nowhere&enabled_events[]=*")
        .await;
    assert_eq!(bad.error(), (400, INVALID, "url_invalid", "url"));
    let bad = shop
        .post(
            "/v1/webhook_endpoints",
            "url=ftp://shop/&enabled_events[]=*",
        )
        .await;
    assert_eq!(bad.error(), (400, INVALID, "url_invalid", "url"));
}

#[tokio::test]
async fn events_say_how_many_endpoints_have_not_got_them() {
    let shop = Shop::open().await;
    let dead = "url=http://127.0.0.1:1/hook&enabled_events[]=customer.created";
    shop.make("/v1/webhook_endpoints", dead).await;
    shop.make("/v1/customers", "").await;
    shop.make("/v1/products", "name=Mug").await;
    let pending = |list: &Value| -> Vec<(String, i64)> {
        let events = list["data"].as_array().expect("events").iter();
        let shown = |event: &Value| {
            let kind = event["type"].as_str().expect("a type");
            (
                kind.to_owned(),
                event["pending_webhooks"].as_i64().expect("a number"),
            )
        };
        events.map(shown).collect()
    };
    let customer = ("customer.created".to_owned(), 1);
    let product = ("product.created".to_owned(), 0);
    let all = shop.read("/v1/events").await;
    assert_eq!(pending(&all), [product.clone(), customer.clone()]);
    let arrived = shop.read("/v1/events?delivery_success=true").await;
    assert_eq!(pending(&arrived), [product]);
    let missing = shop.read("/v1/events?delivery_success=false").await;
    assert_eq!(pending(&missing), [customer]);
}

#[tokio::test]
async fn a_checkout_session_is_paid_on_its_page_after_a_decline() {
    let shop = Shop::open().await;
    let product = shop.make("/v1/products", "name=Mug").await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let price = shop
        .make(
            "/v1/prices",
            &format!("product={product}&currency=usd&unit_amount=990"),
        )
        .await;
    let form = format!(
        "mode=payment&line_items[0][price]={}&line_items[0][quantity]=2&line_items[1][price_data][currency]=usd&line_items[1][price_data][unit_amount]=20&line_items[1][price_data][product_data][name]=Tea&success_url=https://shop.example/ok?s={{CHECKOUT_SESSION_ID}}&cancel_url=https://shop.example/no&client_reference_id=A-7",
        price["id"].as_str().expect("an id")
    );
    let session = shop.make("/v1/checkout/sessions", &form).await;
    let (id, url) = (
        session["id"].as_str().expect("an id"),
        session["url"].as_str().expect("a page"),
    );
    assert_eq!(
        (&session["status"], &session["payment_intent"]),
        (&json!("open"), &Value::Null)
    );
    assert_eq!(session["amount_total"], 2000);
    let shown = shop.get(url).await;
    assert!(
        shown.text.contains("name=\"number\"") && shown.text.contains(">Pay "),
        "{}",
        shown.text
    );
    let path = format!("/v1/checkout/sessions/{id}");
    let cancel = shop.post(url, "do=cancel").await;
    assert_eq!(cancel.header("location"), "https://shop.example/no");
    let fields = "exp=12/34&cvc=123&email=a@shop.example&do=pay";
    let declined = shop
        .post(url, &format!("number=4000000000000002&{fields}"))
        .await;
    assert_eq!(declined.status, 200);
    assert!(
        declined.text.contains("role=\"alert\""),
        "{}",
        declined.text
    );
    assert_eq!(shop.read(&path).await["status"], "open");
    let done = shop
        .post(url, &format!("number=4242424242424242&{fields}"))
        .await;
    assert_eq!(
        (done.status.as_u16(), done.header("location")),
        (303, &*format!("https://shop.example/ok?s={id}"))
    );
    let session = shop
        .read(&format!(
            "{path}?expand[]=line_items&expand[]=payment_intent"
        ))
        .await;
    assert_eq!(
        (&session["status"], &session["payment_status"]),
        (&json!("complete"), &json!("paid"))
    );
    assert_eq!(
        (&session["url"], &session["customer_details"]["email"]),
        (&Value::Null, &json!("a@shop.example"))
    );
    assert_eq!(session["payment_intent"]["amount_received"], 2000);
    assert_eq!(session["line_items"]["data"][1]["description"], "Tea");
    assert_eq!(
        shop.read(&format!("{path}/line_items?limit=1")).await["has_more"],
        true
    );
    assert_eq!(
        shop.events().await.last().expect("an event"),
        "checkout.session.completed"
    );
    assert_eq!(
        shop.post(&format!("{path}/expire"), "").await.error().0,
        400
    );
    let twice = shop.request(reqwest::Method::DELETE, &format!("/v1/products/{product}"));
    assert_eq!(
        shop.send(twice).await.error().0,
        400,
        "a product with prices stays"
    );
}

#[tokio::test]
async fn a_dispute_takes_the_money_and_evidence_brings_it_back() {
    let clock = Clock::manual(Timestamp::from_second(1_800_000_000).expect("a time"));
    let options = FakeOptions {
        clock: clock.clone(),
        ..FakeOptions::default()
    };
    let shop = Shop::open_with(options).await;
    let intent = shop
        .make("/v1/payment_intents", &paid("pm_card_createDispute"))
        .await;
    let id = intent["id"].as_str().expect("an id");
    clock.advance(Duration::from_millis(500));
    let dispute = loop {
        let list = shop
            .read(&format!("/v1/disputes?payment_intent={id}"))
            .await;
        if let Some(dispute) = list["data"].get(0) {
            break dispute.clone();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(
        (&dispute["status"], &dispute["reason"]),
        (&json!("needs_response"), &json!("fraudulent"))
    );
    assert_eq!(dispute["balance_transactions"][0]["net"], -3500);
    let refund = shop
        .post("/v1/refunds", &format!("payment_intent={id}"))
        .await;
    assert_eq!(refund.error().2, "charge_disputed");
    let path = format!("/v1/disputes/{}", dispute["id"].as_str().expect("an id"));
    let reviewed = shop
        .make(&path, "evidence[uncategorized_text]=winning_evidence")
        .await;
    assert_eq!(reviewed["status"], "under_review");
    clock.advance(Duration::from_millis(500));
    while shop.read(&path).await["status"] != "won" {
        tokio::task::yield_now().await;
    }
    let moved = [
        (Movement::Captured, 2000),
        (Movement::Disputed, 2000),
        (Movement::DisputeWon, 2000),
    ];
    assert_eq!(movements(&shop), moved);
    let events = shop.events().await;
    assert_eq!(
        events[events.len() - 2..],
        ["charge.dispute.closed", "charge.dispute.funds_reinstated"]
    );
}

#[tokio::test]
async fn a_person_can_make_things_happen() {
    let shop = Shop::open().await;
    let intent = shop
        .make("/v1/payment_intents", "amount=2000&currency=usd")
        .await;
    let id = intent["id"].as_str().expect("an id");
    let act = async |action: &str, with: Value| {
        let with = with.as_object().expect("an object").clone();
        shop.fake
            .act(action, &with)
            .await
            .map_err(|error| error.to_string())
    };
    let done = act("confirm", json!({"intent": id, "card": "4000000000000002"}))
        .await
        .expect("done");
    assert_eq!(done["last_payment_error"]["code"], "card_declined");
    let done = act(
        "confirm",
        json!({"intent": id, "card": "threeDSecure2Required"}),
    )
    .await
    .expect("done");
    assert_eq!(done["status"], "requires_action");
    let done = act("authenticate", json!({"intent": id}))
        .await
        .expect("done");
    assert_eq!(done["status"], "succeeded");
    let refund = shop
        .make("/v1/refunds", &format!("payment_intent={id}&amount=500"))
        .await;
    let done = act("refund_fails", json!({"refund": refund["id"]}))
        .await
        .expect("done");
    assert_eq!(done["status"], "failed");
    let done = act("dispute", json!({"intent": id})).await.expect("done");
    assert_eq!(done["amount"], 2000);
    assert_eq!(
        act("confirm", json!({"intent": "pi_none"})).await,
        Err("there is no payment intent `pi_none`".to_owned())
    );
    assert!(
        act("fly", json!({}))
            .await
            .expect_err("unknown")
            .contains("confirm")
    );
    assert!(
        act("send_webhook", json!({"object": id}))
            .await
            .expect_err("refused")
            .contains("no endpoint")
    );
}

#[tokio::test]
async fn versions_are_echoed_and_old_ones_have_refunds_in_their_charges() {
    let shop = Shop::open().await;
    let charge = shop
        .make("/v1/charges", "amount=2000&currency=usd&source=tok_visa")
        .await;
    assert_eq!(charge.get("refunds"), None);
    let path = format!("/v1/charges/{}", charge["id"].as_str().expect("an id"));
    let with = async |version: &str| {
        let request = shop
            .request(reqwest::Method::GET, &path)
            .header("stripe-version", version);
        shop.send(request).await
    };
    let old = with("2020-08-27").await;
    assert_eq!(
        (
            old.header("stripe-version"),
            &old.body["refunds"]["total_count"]
        ),
        ("2020-08-27", &json!(0))
    );
    assert_eq!(with("2024-04-10").await.body.get("refunds"), None);
    assert_eq!(with("yesterday").await.error().0, 400);
    assert_eq!(
        shop.get(&path).await.header("stripe-version"),
        "2026-10-28.endive"
    );
}

#[tokio::test]
async fn faults_speak_stripes_language() {
    let shop = Shop::open().await;
    let arm = |json: Value| {
        let fault = serde_json::from_value(json).expect("a fault");
        shop.fake.arm(fault).expect("armed");
    };
    arm(
        json!({"kind": "rejected", "on": {"operation": "POST /v1/payment_intents"}, "params": {"status": 402, "code": "insufficient_funds"}}),
    );
    let heard = shop
        .post("/v1/payment_intents", &paid("pm_card_visa"))
        .await;
    assert_eq!((heard.error().0, heard.error().1), (402, "card_error"));
    assert_eq!(heard.body["error"]["decline_code"], "insufficient_funds");
    arm(json!({"kind": "throttled", "on": {"operation": "POST /v1/refunds"}}));
    assert_eq!(
        shop.post("/v1/refunds", "charge=ch_1").await.error(),
        (429, INVALID, "rate_limit", "")
    );
    arm(json!({"kind": "key_conflict", "on": {"operation": "POST /v1/customers"}}));
    let heard = shop.once("k-9", "/v1/customers", "name=A").await;
    assert!(matches!(heard.status.as_u16(), 400 | 409), "{}", heard.text);
    assert_eq!(shop.read("/v1/payment_intents").await["data"], json!([]));
    let made = shop
        .make(
            "/v1/payment_intents",
            "amount=2000&currency=usd&metadata[order_id]=A-1",
        )
        .await;
    let id = made["id"].as_str().expect("an id");
    arm(
        json!({"kind": "error_before_effect", "on": {"operation": "POST /v1/payment_intents/{id}/confirm", "entity": "A-1"}}),
    );
    let confirm = format!("/v1/payment_intents/{id}/confirm");
    let heard = shop
        .post(
            &confirm,
            "payment_method=pm_card_visa&return_url=https://a.example",
        )
        .await;
    assert!(
        heard.status.is_server_error(),
        "placed by the order of the intent: {}",
        heard.text
    );
    assert_eq!(
        shop.read(&format!("/v1/payment_intents/{id}")).await["status"],
        "requires_payment_method"
    );
}

#[tokio::test]
async fn a_deleted_customer_is_only_found_by_its_id() {
    let shop = Shop::open().await;
    let customer = shop.make("/v1/customers", "email=a@shop.example").await;
    let path = format!("/v1/customers/{}", customer["id"].as_str().expect("an id"));
    let search = "/v1/customers/search?query=email:'a@shop.example'";
    assert_eq!(shop.read(search).await["data"][0]["id"], customer["id"]);
    let deleted = shop
        .send(shop.request(reqwest::Method::DELETE, &path))
        .await
        .body;
    assert_eq!(
        deleted,
        json!({"id": customer["id"], "object": "customer", "deleted": true})
    );
    assert_eq!(shop.read(&path).await, deleted);
    assert_eq!(
        shop.post(&path, "name=B").await.error(),
        (404, INVALID, "resource_missing", "id")
    );
    assert_eq!(shop.read(search).await["data"], json!([]));
    assert_eq!(shop.read("/v1/customers").await["data"], json!([]));
}
