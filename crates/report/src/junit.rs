//! JUnit XML: one file a category, in the dialect that CI servers agree on.
//!
//! One `<testsuite>`, never nested; one `<failure>` or `<error>` a case at most; retries as surefire writes
//! them. Case names are unique within a class, since servers merge cases of one name.

use std::collections::BTreeSet;

use quick_junit::{
    FlakyOrRerun, NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestRerun,
    TestSuite,
};
use styk_core::{Diagnostic, Status};

use crate::document::{Attempt, Category, Document, Scenario, Step};
use crate::format;

/// The file of one category.
pub(crate) fn category(document: &Document, category: &Category) -> Result<String, SerializeError> {
    let mut suite = TestSuite::new(&category.name);
    suite.set_time(category.duration_seconds.0);
    suite
        .extra
        .insert("timestamp".into(), category.started_at.to_string().into());
    suite.add_property(("styk.run", document.run.id.as_str()));
    suite.add_property(("styk.seed", document.run.seed.as_str()));
    let mut names = BTreeSet::new();
    for scenario in &category.scenarios {
        suite.add_test_case(case(scenario, document.run.strict, &mut names));
    }
    if let Some(case) = outside_case(category) {
        suite.add_test_case(case);
    }
    let printed = document
        .test_results
        .iter()
        .find(|(name, _)| *name == category.name);
    if let Some((_, outcome)) = printed {
        if !outcome.stdout.is_empty() {
            suite.set_system_out(&outcome.stdout);
        }
        if !outcome.stderr.is_empty() {
            suite.set_system_err(&outcome.stderr);
        }
    }
    let mut report = Report::new("styk");
    report.set_time(category.duration_seconds.0);
    report.add_test_suite(suite);
    // The library takes control characters out; these two are no characters of XML either.
    Ok(report.to_string()?.replace(['\u{fffe}', '\u{ffff}'], ""))
}

/// What went wrong outside of scenarios, as one case.
fn outside_case(category: &Category) -> Option<TestCase> {
    let explained = category.success
        || category
            .scenarios
            .iter()
            .any(|one| !one.result.is_success());
    let (message, text) = match category.errors.first() {
        Some(first) => (first.message.clone(), rendered(&category.errors)),
        None if explained => return None,
        None => {
            let message = format!("the category failed with exit code {}", category.exit_code);
            (message.clone(), message)
        }
    };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status
        .set_message(message)
        .set_type("category")
        .set_description(text);
    let mut case = TestCase::new(format!("category {}", category.name), status);
    case.set_classname(&category.name);
    case.set_time(category.duration_seconds.0);
    Some(case)
}

fn case(scenario: &Scenario, strict: bool, names: &mut BTreeSet<String>) -> TestCase {
    let class = class_name(scenario);
    let mut name = scenario.title.clone();
    if !names.insert(format!("{class}\n{name}")) {
        name = format!("{name} [{}]", scenario.id);
        names.insert(format!("{class}\n{name}"));
    }
    let mut case = TestCase::new(name, status(scenario, strict));
    case.set_classname(class);
    case.set_time(scenario.duration_seconds.0);
    case.extra
        .insert("file".into(), scenario.file.as_str().into());
    case.add_property(("styk.id", scenario.id.as_str()));
    if let Some(attempt) = scenario.last() {
        if let Some(trace_id) = &attempt.trace_id {
            case.add_property(("styk.trace_id", trace_id.as_str()));
        }
        if !attempt.steps.is_empty() {
            case.set_system_out(outline(&attempt.steps));
        }
    }
    case
}

/// `user_flows.registration` for a scenario of `suites/user_flows/registration.styk.yaml`.
fn class_name(scenario: &Scenario) -> String {
    let file = scenario.file.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    if stem.is_empty() {
        scenario.category.clone()
    } else {
        format!("{}.{stem}", scenario.category)
    }
}

fn status(scenario: &Scenario, strict: bool) -> TestCaseStatus {
    match scenario.result {
        Status::Passed => TestCaseStatus::success(),
        Status::Skipped => {
            let mut status = TestCaseStatus::skipped();
            if let Some(reason) = &scenario.skip_reason {
                status.set_message(reason);
            }
            status
        }
        Status::Flaky if !strict => {
            let mut status = TestCaseStatus::success();
            status.add_reruns(bad_attempts(scenario).map(rerun));
            status
        }
        Status::Flaky | Status::Failed | Status::Error => bad(scenario),
    }
}

/// A case that did not pass. As surefire has it, the first attempt is the failure, later ones are reruns.
fn bad(scenario: &Scenario) -> TestCaseStatus {
    let mut attempts = bad_attempts(scenario);
    let Some(first) = attempts.next() else {
        return bad_without_attempt(scenario);
    };
    let mut status = TestCaseStatus::non_success(kind(first.result));
    status.set_message(headline(&first.errors));
    status.set_type(type_of(first));
    status.set_description(description(first, scenario));
    if scenario.result == Status::Flaky {
        status.set_rerun_kind(FlakyOrRerun::Flaky);
    }
    status.add_reruns(attempts.map(rerun));
    status
}

/// A case of a foreign suite, or one that was never begun.
fn bad_without_attempt(scenario: &Scenario) -> TestCaseStatus {
    let text = scenario
        .output
        .as_deref()
        .or(scenario.skip_reason.as_deref());
    let text = text.unwrap_or("no more is known");
    let mut status = TestCaseStatus::non_success(kind(scenario.result));
    status.set_message(text.lines().next().unwrap_or_default());
    status.set_description(text);
    status
}

fn bad_attempts(scenario: &Scenario) -> impl Iterator<Item = &Attempt> {
    scenario
        .attempts
        .iter()
        .filter(|attempt| !attempt.result.is_success())
}

fn rerun(attempt: &Attempt) -> TestRerun {
    let mut rerun = TestRerun::new(kind(attempt.result));
    rerun.set_time(attempt.duration_seconds.0);
    rerun.set_message(headline(&attempt.errors));
    rerun.set_type(type_of(attempt));
    rerun.set_stack_trace(rendered(&attempt.errors));
    rerun.set_system_out(outline(&attempt.steps));
    rerun
}

fn kind(status: Status) -> NonSuccessKind {
    match status {
        Status::Error => NonSuccessKind::Error,
        Status::Passed | Status::Flaky | Status::Failed | Status::Skipped => {
            NonSuccessKind::Failure
        }
    }
}

fn type_of(attempt: &Attempt) -> &str {
    let code = attempt.errors.first().map(|error| error.code.as_str());
    code.filter(|code| !code.is_empty())
        .unwrap_or(attempt.result.word())
}

fn headline(errors: &[Diagnostic]) -> String {
    let first = errors
        .first()
        .map_or("no message", |error| error.message.as_str());
    match errors.len() {
        0 | 1 => first.to_owned(),
        all => format!("{first} (and {} more)", all - 1),
    }
}

fn description(attempt: &Attempt, scenario: &Scenario) -> String {
    let mut text = rendered(&attempt.errors);
    if let Some(output) = &scenario.output {
        text.push_str("\n\n");
        text.push_str(output);
    }
    text
}

fn rendered(errors: &[Diagnostic]) -> String {
    let texts: Vec<String> = errors.iter().map(Diagnostic::render).collect();
    texts.join("\n\n")
}

/// The steps, one a line.
fn outline(steps: &[Step]) -> String {
    fn add(steps: &[Step], depth: usize, lines: &mut Vec<String>) {
        for step in steps {
            let note = step
                .note
                .as_ref()
                .map_or(String::new(), |note| format!(" ({note})"));
            lines.push(format!(
                "{:<8}{}{} {}{note} {}",
                step.result.word(),
                "  ".repeat(depth.min(10)),
                step.path,
                step.label,
                format::duration(step.duration_seconds.0),
            ));
            add(&step.children, depth + 1, lines);
        }
    }
    let mut lines = Vec::new();
    add(steps, 0, &mut lines);
    lines.join("\n")
}
