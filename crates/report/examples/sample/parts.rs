//! What the scenarios of the made-up run are made of.

use std::time::Duration;

use jiff::Timestamp;
use styk_core::{
    Attempt, CategoryResult, Diagnostic, Dropped, Location, ScenarioResult, ScenarioSummary,
    SourceLine, Status, StepResult,
};

use crate::story::{Ended, Story};

/// When the made-up run began.
pub(crate) fn start() -> Timestamp {
    "2026-11-23T01:00:00Z".parse().expect("a time")
}

pub(crate) fn category(name: &str, scenarios: Vec<ScenarioResult>) -> CategoryResult {
    let success = scenarios
        .iter()
        .all(|scenario| scenario.status.is_success());
    CategoryResult {
        name: name.to_owned(),
        success,
        exit_code: i32::from(!success),
        started_at: start(),
        duration: Duration::from_millis(640),
        stdout: String::new(),
        stderr: String::new(),
        errors: Vec::new(),
        scenarios,
    }
}

pub(crate) fn scenario(
    category: &str,
    file: &str,
    title: &str,
    tags: &[&str],
    attempts: Vec<Attempt>,
) -> ScenarioResult {
    let last = attempts
        .last()
        .map_or(Status::Skipped, |attempt| attempt.status);
    ScenarioResult {
        scenario: ScenarioSummary {
            id: format!(
                "suites/{category}/{file}.styk.yaml#{}",
                title.split(' ').next().unwrap_or("1")
            ),
            title: title.to_owned(),
            category: category.to_owned(),
            file: format!("suites/{category}/{file}.styk.yaml"),
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        },
        status: if attempts.len() > 1 && last == Status::Passed {
            Status::Flaky
        } else {
            last
        },
        skip_reason: None,
        attempts,
        foreign_output: None,
    }
}

pub(crate) fn attempt(
    number: u32,
    story: &Story,
    steps: Vec<StepResult>,
    failures: Vec<Diagnostic>,
) -> Attempt {
    Attempt {
        number,
        status: if failures.is_empty() {
            Status::Passed
        } else {
            Status::Failed
        },
        started_at: start(),
        duration: Duration::from_millis(184),
        failures,
        steps,
        trace_id: Some(story.trace_id()),
        exchanges: story.exchanges(),
        dropped: Dropped::default(),
        attribution: None,
    }
}

pub(crate) fn step(path: &str, label: &str, line: u32, exchanges: &[u64]) -> StepResult {
    StepResult {
        path: path.to_owned(),
        label: label.to_owned(),
        status: Status::Passed,
        duration: Duration::from_millis(12),
        location: Some(place(line, 5, 4, &[])),
        note: None,
        failures: Vec::new(),
        exchanges: exchanges.to_vec(),
        children: Vec::new(),
    }
}

pub(crate) fn group(path: &str, label: &str, line: u32, children: Vec<StepResult>) -> StepResult {
    StepResult {
        children,
        ..step(path, label, line, &[])
    }
}

pub(crate) fn failing(step: StepResult, status: Status, failures: &[Diagnostic]) -> StepResult {
    StepResult {
        status,
        failures: failures.to_vec(),
        ..step
    }
}

pub(crate) fn place(line: u32, column: u32, length: u32, lines: &[(u32, &str)]) -> Location {
    Location {
        file: "suites/payment_integration/refund.styk.yaml".to_owned(),
        line,
        column,
        length,
        lines: lines
            .iter()
            .map(|(number, text)| SourceLine {
                number: *number,
                text: (*text).to_owned(),
            })
            .collect(),
    }
}

pub(crate) const REGISTER: &str =
    r#"{"email":"buyer-1@shop.test","password":"Passw0rd!","name":"Анна Ким"}"#;
pub(crate) const SESSION: &str = r#"{"access_token":"eyJhbGciOiJIUzI1NiJ9.e30.x1","token_type":"bearer","user":{"id":"01JD0A","email":"buyer-1@shop.test"}}"#;
pub(crate) const ORDER: &str = r#"{"id":"01JD0B7Q","number":"A-1001","status":"new","payment_status":"pending","currency":"RUB","total":2940.00,"items":[{"product_id":17,"name":"Mug","quantity":1,"price":990.00},{"product_id":18,"name":"Чай чёрный","quantity":1,"price":450.00},{"product_id":19,"name":"Teapot","quantity":1,"price":1500.00}]}"#;

pub(crate) fn login(story: &mut Story) {
    story.test(
        "POST /api/auth/register",
        REGISTER,
        Ended::Answer(201, SESSION),
        |story| {
            story.span("auth", "register", |story| {
                story.span("users", "create", |_| {});
                story.span("notifications", "enqueue", |story| {
                    story.outside(
                        "email",
                        "POST /api/v1/messages",
                        r#"{"to":"buyer-1@shop.test","template":"verify_email"}"#,
                        Ended::Answer(202, r#"{"id":"msg_1"}"#),
                    );
                });
            });
        },
    );
    story.test(
        "POST /api/auth/login",
        REGISTER,
        Ended::Answer(200, SESSION),
        |story| {
            story.span("auth", "login", |_| {});
        },
    );
}

pub(crate) fn order(story: &mut Story) -> u64 {
    for product in ["17", "18", "19"] {
        let body = format!(r#"{{"product_id":{product},"quantity":1}}"#);
        story.test(
            "POST /api/cart/items",
            &body,
            Ended::Answer(200, r#"{"items":1}"#),
            |story| {
                story.span("cart", "add", |story| {
                    story.span("products", "price", |_| {});
                });
            },
        );
    }
    story.test("POST /api/orders", r#"{"pay_with":"payment"}"#, Ended::Answer(201, ORDER), |story| {
        story.span("orders", "place", |story| {
            story.span("cart", "take", |_| {});
            story.span("products", "reserve", |_| {});
            story.span("payments", "create", |story| {
                story.outside("payment", "POST /api/v1/payments", r#"{"amount":2940.00,"currency":"RUB","card":{"number":"4242 4242 4242 4242"}}"#, Ended::Answer(201, r#"{"id":"pay_1","status":"pending"}"#));
            });
        });
    })
}
