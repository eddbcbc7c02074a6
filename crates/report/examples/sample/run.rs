//! A made-up run with everything a report has to show: failures, a flaky scenario, an environment error, a
//! foreign suite, polls, long bodies, and text that tries to be markup.

use std::time::Duration;

use jiff::Timestamp;
use styk_core::{
    Attempt, CategoryResult, Diagnostic, Dropped, Edge, EdgeCoverage, EdgeState, FlowCoverage,
    Location, MatrixCoverage, RunEvent, RunResult, ScenarioResult, ScenarioSummary, Seed,
    SourceLine, Status, StepResult,
};

use crate::story::{Ended, Story};

/// When the made-up run began.
fn start() -> Timestamp {
    "2026-11-23T01:00:00Z".parse().expect("a time")
}

/// The run.
pub(crate) fn sample_run() -> RunResult {
    let categories = vec![user_flows(), payments(), external(), foreign()];
    RunResult {
        run_id: "20261123-010000-7f3a".to_owned(),
        version: "0.1.0".to_owned(),
        seed: Seed::new(17_446_744_073_709_551_557),
        started_at: start(),
        ended_at: "2026-11-23T01:00:01.842Z".parse().expect("a time"),
        duration: Duration::from_millis(1842),
        stage: "embedded".to_owned(),
        success_threshold: 80.0,
        strict: false,
        interrupted: false,
        categories,
        matrix: Some(matrix()),
        notices: vec![
            Diagnostic::warning("the journal of one scenario dropped 12 exchanges")
                .help("raise `journal.exchanges_max` in styk.yaml"),
        ],
    }
}

/// The events that lead to it.
pub(crate) fn events(result: &RunResult) -> Vec<RunEvent> {
    let counts = result.categories.iter();
    let mut events = vec![RunEvent::RunStarted {
        run_id: result.run_id.clone(),
        seed: result.seed,
        categories: counts
            .map(|category| (category.name.clone(), category.scenarios.len()))
            .collect(),
        jobs: 2,
    }];
    for category in &result.categories {
        events.push(RunEvent::CategoryStarted {
            category: category.name.clone(),
        });
        if !category.stdout.is_empty() {
            events.extend(category.stdout.lines().map(|line| RunEvent::Output {
                category: category.name.clone(),
                line: line.to_owned(),
            }));
        }
        for scenario in &category.scenarios {
            events.push(RunEvent::ScenarioStarted {
                scenario: scenario.scenario.clone(),
                attempt: 1,
            });
            events.push(RunEvent::ScenarioFinished {
                scenario: scenario.scenario.clone(),
                status: scenario.status,
                duration: scenario.duration(),
                attempts: u32::try_from(scenario.attempts.len()).unwrap_or(u32::MAX),
                failures: scenario
                    .last()
                    .map_or(Vec::new(), |last| last.failures.clone()),
            });
        }
        events.push(RunEvent::CategoryFinished {
            category: category.name.clone(),
            success: category.success,
            duration: category.duration,
        });
    }
    events
}

fn category(name: &str, scenarios: Vec<ScenarioResult>) -> CategoryResult {
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

fn scenario(
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

fn attempt(
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

fn step(path: &str, label: &str, line: u32, exchanges: &[u64]) -> StepResult {
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

fn group(path: &str, label: &str, line: u32, children: Vec<StepResult>) -> StepResult {
    StepResult {
        children,
        ..step(path, label, line, &[])
    }
}

fn failing(step: StepResult, status: Status, failures: &[Diagnostic]) -> StepResult {
    StepResult {
        status,
        failures: failures.to_vec(),
        ..step
    }
}

fn place(line: u32, column: u32, length: u32, lines: &[(u32, &str)]) -> Location {
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

const REGISTER: &str = r#"{"email":"buyer-1@shop.test","password":"Passw0rd!","name":"Анна Ким"}"#;
const SESSION: &str = r#"{"access_token":"eyJhbGciOiJIUzI1NiJ9.e30.x1","token_type":"bearer","user":{"id":"01JD0A","email":"buyer-1@shop.test"}}"#;
const ORDER: &str = r#"{"id":"01JD0B7Q","number":"A-1001","status":"new","payment_status":"pending","currency":"RUB","total":2940.00,"items":[{"product_id":17,"name":"Mug","quantity":1,"price":990.00},{"product_id":18,"name":"Чай чёрный","quantity":1,"price":450.00},{"product_id":19,"name":"Teapot","quantity":1,"price":1500.00}]}"#;

fn login(story: &mut Story) {
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

fn order(story: &mut Story) -> u64 {
    for product in ["17", "18", "19"] {
        let body = format!(r#"{{"product_id":{product},"quantity":1}}"#);
        story.test(
            "POST /api/cart/items",
            &body,
            Ended::Answer(200, r#"{"items":1}"#),
            |story| {
                story.span("cart", "add", |story| {
                    story.span("products", "price", |_| {})
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

fn user_flows() -> CategoryResult {
    let mut story = Story::new(0x1a, start());
    login(&mut story);
    story.test(
        "GET /api/users/me",
        "",
        Ended::Answer(200, SESSION),
        |story| {
            story.span("users", "read", |_| {});
        },
    );
    let steps = vec![
        step("1", "POST /api/auth/register", 6, &[1]),
        step("2", "POST /api/auth/login", 11, &[8]),
        step("3", "GET /api/users/me", 16, &[11]),
    ];
    let registration = scenario(
        "user_flows",
        "registration",
        "A new user registers, verifies the e-mail and changes the profile",
        &["auth", "smoke"],
        vec![attempt(1, &story, steps, Vec::new())],
    );
    let mut story = Story::new(0x1b, start());
    login(&mut story);
    let placed = order(&mut story);
    for _ in 0..21 {
        story.test(
            "GET /api/orders/01JD0B7Q",
            "",
            Ended::Answer(200, ORDER),
            |story| {
                story.span("orders", "read", |_| {});
            },
        );
    }
    let added = (0..3).map(|i| step(&format!("3.{i}"), "POST /api/cart/items", 22, &[]));
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
        group("3", "each good ×3", 21, added.collect()),
        step("4", "POST /api/orders", 26, &[placed]),
        StepResult {
            note: Some("new ×20, paid ×1".to_owned()),
            duration: Duration::from_millis(1040),
            ..step("5", "GET /api/orders/${order}", 31, &[])
        },
        step("6", "verify email", 36, &[]),
    ];
    let full = scenario(
        "user_flows",
        "order",
        "Полный заказ: три товара, корзина, оплата и письмо покупателю",
        &["order", "payment", "smoke"],
        vec![attempt(1, &story, steps, Vec::new())],
    );
    let hostile = scenario(
        "user_flows",
        "hostile",
        "<script>alert('title')</script> \"quoted\" & <b>bold</b>",
        &["<i>tag</i>"],
        vec![attempt(
            1,
            &Story::new(0x1c, start()),
            Vec::new(),
            Vec::new(),
        )],
    );
    let mut scenarios = vec![registration, full, hostile];
    for number in 1..=9 {
        let mut story = Story::new(0x100 + number, start());
        login(&mut story);
        let title = format!("A buyer with bad credentials is refused, variant {number}");
        let steps = vec![
            step("1", "POST /api/auth/register", 6, &[1]),
            step("2", "POST /api/auth/login", 11, &[8]),
        ];
        scenarios.push(scenario(
            "user_flows",
            "access",
            &title,
            &["auth"],
            vec![attempt(1, &story, steps, Vec::new())],
        ));
    }
    category("user_flows", scenarios)
}

fn payments() -> CategoryResult {
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
        .at(place(47, 24, 8, &[(45, "  - http: GET /api/orders/${order}"), (46, "    poll: 10s"), (47, "    expect: {$.payment_status: refunded}")]))
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

fn external() -> CategoryResult {
    let mut story = Story::new(0x3a, start());
    login(&mut story);
    let points: Vec<String> = (0..900)
        .map(|n| {
            format!(r#"{{"id":"MSK{n}","address":"Москва, Тверская улица, дом {n}","open":true}}"#)
        })
        .collect();
    let long = format!(r#"{{"points":[{}]}}"#, points.join(","));
    story.test(
        "GET /api/shipping/points?city=Москва"
            .replace("Москва", "%D0%9C")
            .as_str(),
        "",
        Ended::Answer(200, &long),
        |story| {
            story.span("shipping", "points", |story| {
                story.outside(
                    "shipping",
                    "GET /api/v1/points",
                    "",
                    Ended::Answer(200, &long),
                )
            });
        },
    );
    let steps = vec![
        step("1", "use buyer", 5, &[1]),
        step("2", "GET /api/shipping/points", 12, &[11]),
    ];
    let quote = scenario(
        "external_services",
        "shipping",
        "Pick-up points of a city are offered to the buyer",
        &["shipping"],
        vec![attempt(1, &story, steps, Vec::new())],
    );
    let mut skipped = scenario(
        "external_services",
        "sms",
        "A buyer without e-mail gets an SMS",
        &["sms"],
        Vec::new(),
    );
    skipped.skip_reason = Some("when: `mocks` has no `sms`".to_owned());
    category("external_services", vec![quote, skipped])
}

fn foreign() -> CategoryResult {
    let case = |title: &str, status, output: Option<&str>| ScenarioResult {
        status,
        foreign_output: output.map(str::to_owned),
        ..scenario("async_processes", "test_tasks.py", title, &[], Vec::new())
    };
    let mut category = category(
        "async_processes",
        vec![
            case(
                "test_order_processing_sets_three_flags",
                Status::Passed,
                None,
            ),
            case(
                "test_inventory_sync",
                Status::Failed,
                Some(
                    "tests/test_tasks.py:31: in test_inventory_sync\n    assert task[\"status\"] == \"done\"\nE   AssertionError: assert 'pending' == 'done'\nE   headers sent: {'Authorization': 'Bearer abcdef123456'}",
                ),
            ),
        ],
    );
    category.stdout =
        "collected 2 items\n\u{1b}[32mtest_tasks.py .\u{1b}[31mF\u{1b}[0m\n".to_owned();
    category.stderr = "DEBUG login password=hunter2hunter2\n".to_owned();
    category.errors = vec![
        Diagnostic::error("the suite did not end within its limit of 600 s")
            .note("`pytest tests/test_tasks.py` was ended with TERM")
            .help("raise `timeout` of the suite `async_processes` in styk.yaml"),
    ];
    category
}

fn matrix() -> MatrixCoverage {
    let edge =
        |group: &str, from: &str, to: &str, state, crossings: u64, outcomes: &[(&str, u64)]| {
            EdgeCoverage {
                edge: Edge::new(from, to),
                group: group.to_owned(),
                state,
                crossings,
                scenarios: (0..crossings.min(5))
                    .map(|n| format!("suites/user_flows/order.styk.yaml#{n}"))
                    .collect(),
                outcomes: outcomes
                    .iter()
                    .map(|(word, n)| ((*word).to_owned(), *n))
                    .collect(),
            }
        };
    use EdgeState::{Covered, NotReached, Uncovered, Undeclared};
    let inner = "internal_modules";
    MatrixCoverage {
        edges: vec![
            edge(inner, "auth", "products", Uncovered, 0, &[]),
            edge(inner, "products", "orders", Covered, 12, &[("ok", 12)]),
            edge(
                inner,
                "orders",
                "payments",
                Covered,
                12,
                &[("ok", 11), ("error", 1)],
            ),
            edge(inner, "payments", "notifications", Covered, 3, &[("ok", 3)]),
            edge(inner, "users", "orders", Uncovered, 0, &[]),
            edge(inner, "cart", "orders", Covered, 9, &[("ok", 9)]),
            edge(
                "generic_services",
                "payments",
                "payment",
                Covered,
                14,
                &[("2xx", 11), ("error", 1), ("unmatched", 1), ("5xx", 1)],
            ),
            edge(
                "generic_services",
                "notifications",
                "email",
                Covered,
                21,
                &[("2xx", 20), ("dropped", 1)],
            ),
            edge("payment_gateways", "payments", "stripe", NotReached, 0, &[]),
            edge(
                "payment_gateways",
                "payments",
                "yookassa",
                NotReached,
                0,
                &[],
            ),
            edge("", "cart", "products", Undeclared, 9, &[("ok", 9)]),
        ],
        flows: vec![
            FlowCoverage {
                flow: "product_purchase_flow".to_owned(),
                edges: vec![
                    Edge::new("cart", "orders"),
                    Edge::new("orders", "payments"),
                    Edge::new("payments", "payment"),
                    Edge::new("notifications", "email"),
                ],
                scenarios: vec!["suites/user_flows/order.styk.yaml#1".to_owned()],
                missing: Vec::new(),
                measured: true,
            },
            FlowCoverage {
                flow: "user_registration_flow".to_owned(),
                edges: vec![Edge::new("auth", "users"), Edge::new("users", "orders")],
                scenarios: Vec::new(),
                missing: vec![Edge::new("users", "orders")],
                measured: true,
            },
            FlowCoverage {
                flow: "analytics_data_flow".to_owned(),
                edges: Vec::new(),
                scenarios: Vec::new(),
                missing: Vec::new(),
                measured: false,
            },
        ],
    }
}
