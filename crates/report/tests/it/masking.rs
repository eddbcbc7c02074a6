//! Secrets planted in every field of a result are in none of the outputs.

use std::sync::Arc;

use styk_core::{
    Diagnostic, EventSink as _, Location, RunEvent, RunResult, ScenarioSummary, Secrets, Seed,
    SourceLine, Status, StepResult,
};
use styk_report::{TerminalOptions, TerminalReporter};

use crate::Reports;
use crate::run::{events, sample_run};
use crate::story::{Ended, Story};
use crate::terminal::Shared;

/// Declared by the user, and found by value wherever it stands.
const DECLARED: &str = "p1anted/+s3cret é";

/// Secret by their place: header, member, parameter, user information, shape.
const BY_PLACE: [&str; 9] = [
    "eyJhbGciOiJIUzI1NiJ9",
    "9f86d081884c7d65",
    "hunter2hunter2",
    "memberpass",
    "paramtoken1",
    "nestedtoken1",
    "4242 4242 4242 4242",
    "4242424242424242",
    "abcdef123456",
];

fn secrets() -> Secrets {
    let secrets = Secrets::default();
    secrets.add(DECLARED);
    secrets
}

fn diagnostic() -> Diagnostic {
    Diagnostic::error(format!("message {DECLARED}"))
        .code("E0001")
        .at(Location {
            file: format!("file-{DECLARED}"),
            line: 1,
            column: 1,
            length: 1,
            lines: vec![SourceLine {
                number: 1,
                text: format!("source {DECLARED}"),
            }],
        })
        .label(format!("label {DECLARED}"))
        .note(format!("body: {{\"password\":\"memberpass\",\"n\":\"{DECLARED}\"}}"))
        .note("body: \"{\\\"access_token\\\":\\\"nestedtoken1\\\"}\", Authorization: Bearer abcdef123456")
        .note("card 4242424242424242 at /pay?token=paramtoken1")
        .help(format!("help {DECLARED}"))
}

fn planted() -> RunResult {
    let mut result = sample_run();
    result.stage = format!("stage {DECLARED}");
    result.notices = vec![diagnostic()];
    let encoded = "p1anted%2F%2Bs3cret%20%C3%A9";
    let body = format!(
        "{{\"password\":\"memberpass\",\"note\":\"{DECLARED}\",\"raw\":\"{{\\\"token\\\":\\\"nestedtoken1\\\"}}\"}}"
    );
    let mut story = Story::new(7, result.started_at);
    story.test(
        &format!("POST /pay/{encoded}?token=paramtoken1&q={encoded}"),
        &body,
        Ended::Answer(200, &body),
        |story| {
            story.span("orders", &format!("span {DECLARED}"), |story| {
                let reason = format!("reason {DECLARED} password=hunter2hunter2");
                story.outside(
                    "payment",
                    "POST /v1",
                    "a=1&password=memberpass&{",
                    Ended::Failed(&reason),
                );
            });
        },
    );
    let step = StepResult {
        path: format!("path {DECLARED}"),
        label: format!("label {DECLARED}"),
        status: Status::Failed,
        duration: std::time::Duration::from_millis(1),
        location: diagnostic().location,
        note: Some(format!("note {DECLARED}")),
        failures: vec![diagnostic()],
        exchanges: vec![1],
        children: Vec::new(),
    };
    let category = &mut result.categories[1];
    category.stdout = format!("out {DECLARED} password=hunter2hunter2");
    category.stderr = format!("err {DECLARED} {{'token': 'nestedtoken1'}}");
    category.errors = vec![diagnostic()];
    let scenario = &mut category.scenarios[1];
    scenario.scenario = ScenarioSummary {
        id: format!("id {DECLARED}"),
        title: format!("title {DECLARED}"),
        category: "payment_integration".to_owned(),
        file: format!("file {DECLARED}"),
        tags: vec![format!("tag {DECLARED}")],
    };
    scenario.skip_reason = Some(format!("skipped {DECLARED}"));
    scenario.foreign_output = Some(format!("foreign {DECLARED}"));
    let attempt = &mut scenario.attempts[0];
    attempt.failures = vec![diagnostic()];
    attempt.steps = vec![StepResult {
        children: vec![step.clone()],
        ..step
    }];
    attempt.attribution = Some(format!("by {DECLARED}"));
    attempt.exchanges = story.exchanges();
    if let Some(matrix) = &mut result.matrix {
        matrix.edges[1].scenarios = vec![format!("id {DECLARED}")];
        matrix.flows[0].flow = format!("flow {DECLARED}");
        matrix.flows[0].scenarios = vec![format!("id {DECLARED}")];
    }
    result
}

/// Fails when a planted value is in the text, as it was written or as the format spells it.
fn assert_clean(name: &str, text: &str) {
    let declared = [
        DECLARED.to_owned(),
        "p1anted".to_owned(),
        "s3cret".to_owned(),
        "cDFhbnRlZC8rczNjcmV0".to_owned(),
    ];
    for secret in declared.iter().map(String::as_str).chain(BY_PLACE) {
        if let Some(at) = text.find(secret) {
            let from = text[..at]
                .char_indices()
                .rev()
                .nth(80)
                .map_or(0, |(at, _)| at);
            panic!(
                "{name} shows {secret:?} in: …{}",
                &text[from..at + secret.len()]
            );
        }
    }
}

#[test]
fn no_file_shows_a_planted_secret() {
    let reports = Reports::of(&planted(), &secrets());
    let files = reports.all();
    assert_eq!(files.len(), 7);
    for (name, text) in files {
        assert_clean(&name, &text);
        assert!(
            text.contains("***")
                || name.ends_with("user_flows.xml")
                || name.ends_with("external_services.xml"),
            "{name} masks nothing"
        );
    }
}

#[test]
fn no_line_on_the_terminal_shows_a_planted_secret() {
    let result = planted();
    for options in [
        TerminalOptions::default(),
        TerminalOptions {
            colour: true,
            live: false,
        },
    ] {
        let out = Shared::default();
        let mut terminal = TerminalReporter::new(Box::new(out.clone()), options, &secrets());
        for event in events(&result) {
            terminal.event(&event);
        }
        terminal.event(&RunEvent::Notice {
            message: diagnostic(),
        });
        terminal.event(&RunEvent::Output {
            category: format!("category {DECLARED}"),
            line: format!("line {DECLARED} password=hunter2hunter2"),
        });
        terminal.event(&RunEvent::RunStarted {
            run_id: DECLARED.to_owned(),
            seed: Seed::new(1),
            categories: vec![(DECLARED.to_owned(), 1)],
            jobs: 1,
        });
        terminal.event(&RunEvent::RunFinished {
            result: Arc::new(result.clone()),
        });
        let text = out.text();
        assert!(text.contains("***"));
        assert_clean("the terminal", &text);
    }
}
