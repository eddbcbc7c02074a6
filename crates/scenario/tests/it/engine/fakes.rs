//! `fake`, `fault` and `wait: webhook` against a real fake.

use styk_core::Status;

use super::bench::Bench;

/// Opens a payment of an order at the gateway, as a shop would; binds it to `payment`.
const OPEN: &str = r#"
  - http: {method: POST, url: "${stage.yookassa.url}/v3/payments"}
    headers: {Authorization: "Basic ${('100500:' ~ stage.yookassa.secret) | base64}", Idempotence-Key: "${uuid()}"}
    json:
      amount: {value: "10.00", currency: RUB}
      capture: true
      metadata: {order_id: A-1}
      confirmation: {type: redirect, return_url: "https://shop.test/"}
    expect: {status: 200, $.status: pending}
    capture: {payment: $.id}
"#;

#[tokio::test]
async fn a_payer_pays_and_the_shop_is_told() {
    let bench = Bench::new().await.with_yookassa().await;
    let steps = format!(
        "{OPEN}
  - fake: payments.yookassa.confirm
    with: {{payment: $payment}}
    capture: {{status: $.status}}
  - check: $status
    is: succeeded
  - wait: webhook
    from: yookassa
    event: {{starts_with: payment.}}
    where: {{$.object.id: $payment}}
    delivered: [200, 404]
"
    );
    bench.passes(&steps).await;
}

#[tokio::test]
async fn a_webhook_that_does_not_come_says_what_came_instead() {
    let bench = Bench::new().await.with_yookassa().await;
    let steps = format!(
        "{OPEN}
  - fake: yookassa.confirm
    with: {{order: A-1}}
  - wait: webhook
    from: yookassa
    event: refund.succeeded
    for: 500ms
"
    );
    let attempt = bench.play_steps(&steps).await;
    assert_eq!(attempt.status, Status::Failed);
    let told = attempt.failures[0].render();
    assert!(
        told.contains("no webhook of `yookassa` as described came within"),
        "{told}"
    );
}

#[tokio::test]
async fn a_fault_fires_and_is_gone_with_the_scenario() {
    let bench = Bench::new().await.with_yookassa().await;
    let broken = OPEN.replace(
        "expect: {status: 200, $.status: pending}\n    capture: {payment: $.id}",
        "expect: 503",
    );
    let steps = format!(
        "
  - fault: shop>yookassa
    kind: error_before_effect
    operation: POST /v3/payments
    times: 2
{broken}"
    );
    bench.passes(&steps).await;
    bench.passes(OPEN).await;
}

#[tokio::test]
async fn a_fault_that_never_fires_fails_the_scenario() {
    let bench = Bench::new().await.with_yookassa().await;
    let steps = format!(
        "
  - fault: yookassa
    kind: response_lost
    operation: POST /v3/refunds
{OPEN}"
    );
    let attempt = bench.play_steps(&steps).await;
    assert_eq!(attempt.status, Status::Failed);
    let told = attempt.failures[0].render();
    assert!(
        told.contains("not injected: `response_lost` at `yookassa` never fired"),
        "{told}"
    );
    assert!(told.contains("no call fitted its place"), "{told}");
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let bench = Bench::new().await.with_yookassa().await;
    for (step, wanted) in [
        (
            "fake: yookassa.confrim",
            "there is no action `confrim`; there are: confirm",
        ),
        ("fake: stripe.confirm", "there is no fake `stripe`"),
        (
            "fault: yookassa\n    kind: slow\n    params: {dealy: 1s}",
            "it takes `delay`, `dribble`",
        ),
        (
            "fault: yookassa\n    kind: slow\n    operation: POST /v3/refund",
            "did you mean `POST /v3/refunds`?",
        ),
    ] {
        let attempt = bench.play_steps(&format!("  - {step}\n")).await;
        assert_eq!(attempt.status, Status::Error, "{step}");
        let told = attempt.failures[0].render();
        assert!(told.contains(wanted), "{step}: {told}");
    }
}
