//! A shop's test with a payment provider that is slow, fails once, and calls back: `cargo run --example payment_gateway`.
//!
//! The shop here is a few lines; in a real test it is the program under test, told the provider's URL.

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use styk_mock::{MockServer, RecordedRequest, Webhook, get, json, post, status};

#[derive(Debug, Serialize, Deserialize)]
struct Payment {
    order: String,
    /// In minor units.
    amount: u64,
    currency: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let provider = MockServer::builder("payment").start().await?;
    // Stands for the shop's own endpoint, which the provider calls back.
    let shop = MockServer::builder("shop").start().await?;
    shop.expect(post("/webhooks/payment").respond(status(204)))?;

    provider.expect([
        // The first attempt fails, and so the shop has to try again.
        post("/payments").respond(status(503)).times(1).id("outage"),
        // Then a closure answers, and the provider tells the shop what came of it.
        post("/payments")
            .json_partial(json!({"currency": "EUR"}))
            .respond_with(accept)
            .then_send(
                Webhook::post(&shop.url_of("/webhooks/payment"))
                    .json(json!({"payment": "p-7", "state": "captured"}))
                    .after(Duration::from_millis(20)),
            )
            .expected(1),
        get("/payments/{id}")
            .path_parameter("id", "p-[0-9]+")
            .respond(json(json!({"state": "captured"}))),
    ])?;

    pay(&provider.url(), "7", 1999).await?;

    // Both attempts carried the same key.
    let attempts = provider.verify(post("/payments")).times(2)?;
    let key = |attempt: &RecordedRequest| {
        attempt
            .header("idempotency-key")
            .map(|key| key.into_owned())
    };
    assert_eq!(key(&attempts[0]), key(&attempts[1]));
    provider.verify_expectation("outage").once()?;
    provider.check_expected()?;
    let webhook = shop
        .verify(post("/webhooks/payment"))
        .within(Duration::from_secs(5))
        .once()
        .await?;
    writeln!(std::io::stdout(), "the shop was told: {}", webhook.text())?;

    // What a failing verification looks like.
    if let Err(error) = provider.verify(post("/refunds")).once() {
        writeln!(std::io::stdout(), "\n{error}")?;
    }
    Ok(())
}

/// The provider's side: any amount but none.
fn accept(request: &RecordedRequest) -> styk_mock::Response {
    match request.json::<Payment>() {
        Ok(payment) if payment.amount > 0 => {
            json(json!({"id": format!("p-{}", payment.order), "state": "pending"})).status(201)
        }
        Ok(_) => status(422),
        Err(error) => status(400).text(&error.to_string()),
    }
}

/// The shop's side: pays an order, with one more attempt when the provider is not there.
async fn pay(provider: &str, order: &str, amount: u64) -> Result<(), Box<dyn Error>> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let payment = Payment {
        order: order.to_owned(),
        amount,
        currency: "EUR".to_owned(),
    };
    for _attempt in 0..2 {
        let request = client.post(format!("{provider}/payments")).json(&payment);
        let answer = request.header("Idempotency-Key", order).send().await?;
        if answer.status().is_success() {
            return Ok(());
        }
    }
    Err("the payment was not accepted".into())
}
