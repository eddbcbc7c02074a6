//! The category in which things go wrong: a failure, a flaky scenario, an environment that is not ready.

use std::time::Duration;

use styk_core::{Attempt, CategoryResult, Diagnostic, ScenarioResult, Status, StepResult};

use crate::parts::{attempt, category, failing, group, login, order, place, scenario, start, step};
use crate::story::{Ended, Story};

pub(crate) fn payments() -> CategoryResult {
    category(
        "payment_integration",
        vec![paid(), refund(), flaky(), not_ready()],
    )
}

fn paid() -> ScenarioResult {
    let mut story = Story::new(0x2a, start());
    login(&mut story);
    let placed = order(&mut story);
    let steps = vec![
        step("1", "use buyer", 5, &[1]),
        step("2", "POST /api/orders", 12, &[placed]),
    ];
    scenario(
        "payment_integration",
        "payment",
        "A paid order is confirmed by exactly one e-mail",
        &["payment"],
        vec![attempt(1, &story, steps, Vec::new())],
    )
}

fn refund() -> ScenarioResult {
    let mut story = Story::new(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736, start());
    login(&mut story);
    let placed = order(&mut story);
    let confirmed = story.test(
        "POST /api/payments/pay_1/confirm",
        r#"{"card":{"number":"4242 4242 4242 4242","cvc":"123"}}"#,
        Ended::Answer(200, r#"{"status":"paid"}"#),
        |story| {
            story.span("payments", "confirm", |story| {
                story.outside(
                    "payment",
                    "POST /api/v1/payments/pay_1/confirm",
                    "{}",
                    Ended::Answer(200, r#"{"status":"succeeded"}"#),
                );
                story.span("orders", "apply_payment_state", |_| {});
                story.span("notifications", "enqueue", |story| {
                    story.outside(
                        "email",
                        "POST /api/v1/messages",
                        r#"{"to":"buyer-1@shop.test","template":"order_paid"}"#,
                        Ended::Dropped,
                    );
                    story.outside(
                        "email",
                        "POST /api/v1/messages",
                        r#"{"to":"buyer-1@shop.test","template":"order_paid"}"#,
                        Ended::Answer(202, "{}"),
                    );
                });
            });
        },
    );
    let refunded = story.test("POST /api/payments/pay_1/refund?reason=damaged&token=abc123", r#"{"amount":2940.00}"#, Ended::Answer(409, r#"{"error":{"code":"state_conflict","message":"the payment is not captured yet","details":{"state":"paid"}}}"#), |story| {
        story.span("payments", "refund", |story| {
            story.outside("payment", "POST /api/v1/refunds", r#"{"payment":"pay_1","amount":2940.00}"#, Ended::Failed("no answer within 5 s"));
            story.outside("payment", "POST /api/v1/refunds", r#"{"payment":"pay_1","amount":2940.00}"#, Ended::Unmatched);
        });
    });
    let lines = [
        (41, "  - http: POST /api/payments/${payment}/refund"),
        (42, "    json: {amount: $total}"),
        (43, "    expect: {status: 201, $.status: refunded}"),
    ];
    let failure = Diagnostic::error("expected status 201, the shop answered 409 Conflict")
        .code("E0204")
        .at(place(43, 22, 3, &lines))
        .label("201 was expected here")
        .note("body: {\"error\":{\"code\":\"state_conflict\",\"message\":\"the payment is not captured yet\",\"details\":{\"state\":\"paid\"}}}")
        .note("values: total = 2940.00, payment = \"pay_1\"")
        .note(format!("exchange {refunded}, 12 ms"))
        .help("see what `payment` answered to `POST /api/v1/refunds`");
    let second = Diagnostic::error("still not refunded after 10s (23 attempts)")
        .code("E0301")
        .at(place(47, 14, 16, &[(45, "  - http: GET /api/orders/${order}"), (46, "    poll: 10s"), (47, "    expect: {$.payment_status: refunded}")]))
        .note("$.payment_status was: pending ×2, paid ×21")
        .note("meanwhile: payments → payment POST /api/v1/refunds was not answered, then met no expectation");
    let digest = StepResult {
        note: Some("pending ×2, paid ×21".to_owned()),
        duration: Duration::from_secs(10),
        ..step("6", "GET /api/orders/${order}", 45, &[])
    };
    let steps = vec![
        group(
            "1",
            "use buyer",
            5,
            vec![
                step("1.1", "POST /api/auth/register", 3, &[1]),
                step("1.2", "POST /api/auth/login", 8, &[8]),
            ],
        ),
        group(
            "2",
            "each good ×3",
            21,
            (0..3)
                .map(|i| step(&format!("2.{i}"), "POST /api/cart/items", 22, &[]))
                .collect(),
        ),
        step("3", "POST /api/orders", 26, &[placed]),
        step(
            "4",
            "POST /api/payments/${payment}/confirm",
            33,
            &[confirmed],
        ),
        failing(
            step("5", "POST /api/payments/${payment}/refund", 41, &[refunded]),
            Status::Failed,
            std::slice::from_ref(&failure),
        ),
        failing(digest, Status::Failed, std::slice::from_ref(&second)),
        StepResult {
            status: Status::Skipped,
            note: Some("not played: a step before it failed".to_owned()),
            ..step("7", "verify payment", 49, &[])
        },
    ];
    scenario(
        "payment_integration",
        "refund",
        "A refund gives the money back and tells the buyer",
        &["payment", "refund"],
        vec![attempt(1, &story, steps, vec![failure, second])],
    )
}

fn flaky() -> ScenarioResult {
    let mut story = Story::new(0x2c, start());
    login(&mut story);
    let failure = Diagnostic::error("the connection was closed before a full answer")
        .code("E0210")
        .at(place(12, 5, 4, &[(12, "  - http: POST /api/payments")]))
        .note("sent with key sk_test_51HxDeclared and password=hunter2hunter2");
    let bad = failing(
        step("2", "POST /api/payments", 12, &[8]),
        Status::Failed,
        std::slice::from_ref(&failure),
    );
    let first = attempt(
        1,
        &story,
        vec![step("1", "use buyer", 5, &[1]), bad],
        vec![failure],
    );
    let second = attempt(
        2,
        &story,
        vec![
            step("1", "use buyer", 5, &[1]),
            step("2", "POST /api/payments", 12, &[8]),
        ],
        Vec::new(),
    );
    scenario(
        "payment_integration",
        "outage",
        "A payment survives one dropped connection",
        &["payment", "outage"],
        vec![first, second],
    )
}

fn not_ready() -> ScenarioResult {
    let story = Story::new(0x2d, start());
    let failure = Diagnostic::error("the shop was not ready after 30 s")
        .code("E0501")
        .note("/health/ was asked 45 times; the last answer was 503 {\"database\":true,\"outbox\":false}")
        .help("look at why `outbox` is false, or raise `shop.ready.limit` in styk.yaml");
    let attempt = Attempt {
        status: Status::Error,
        ..attempt(1, &story, Vec::new(), vec![failure])
    };
    scenario(
        "payment_integration",
        "twice",
        "A second refund of the same payment is refused",
        &["refund"],
        vec![attempt],
    )
}
