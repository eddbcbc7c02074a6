//! A made-up run with everything a report has to show: failures, a flaky scenario, an environment error, a
//! foreign suite, polls, long bodies, and text that tries to be markup.

use std::time::Duration;

use styk_core::{
    CategoryResult, Diagnostic, RunEvent, RunResult, ScenarioResult, Seed, Status, StepResult,
};

use crate::matrix::matrix;
use crate::parts::{ORDER, SESSION, attempt, category, group, login, order, scenario, start, step};
use crate::payments::payments;
use crate::story::{Ended, Story};

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
                );
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
