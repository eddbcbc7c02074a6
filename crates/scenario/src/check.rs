//! Checks over whole scenarios and over all files: names, fixtures, actors, mocks, identities.

mod bound;
mod fakes;
mod fixtures;
mod names;
mod walk;

use std::collections::{HashMap, HashSet};

use crate::Diagnostics;
use crate::ast::{Fixture, Fixtures, Scenario, Step, Use, Verb, VerifySubject, WaitSubject};
use crate::codes::code;
use crate::load::LoadOptions;
use crate::suggest::suggestion;
use crate::tree::{Node, NodeValue, Span};

pub(crate) use fixtures::check_fixture_graph;
use names::NameCheck;
use walk::each_step;

/// What the checks of one document need to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) options: &'a LoadOptions,
    /// The fixtures that were understood.
    pub(crate) fixtures: &'a Fixtures,
    /// The names of all fixtures, also of those with errors.
    pub(crate) fixture_names: &'a HashSet<String>,
    /// Names that steps with errors may bind: not unknown, as far as can be told.
    pub(crate) maybe_bound: &'a HashSet<String>,
}

pub(crate) fn check_scenario(
    scenario: &Scenario,
    around: Surroundings<'_>,
    diagnostics: &mut Diagnostics,
) {
    let steps = [&scenario.steps, &scenario.finally];
    check_steps(&steps, around, diagnostics);
    for used in &scenario.uses {
        fixtures::check_use(used, around, diagnostics);
    }
    NameCheck::new(around, diagnostics).scenario(scenario);
}

pub(crate) fn check_fixture(
    fixture: &Fixture,
    around: Surroundings<'_>,
    diagnostics: &mut Diagnostics,
) {
    let steps = [&fixture.steps, &fixture.teardown];
    check_steps(&steps, around, diagnostics);
    NameCheck::new(around, diagnostics).fixture(fixture);
}

/// What can be said of a step without its neighbours, and that ids are unique.
fn check_steps(lists: &[&Vec<Step>], around: Surroundings<'_>, diagnostics: &mut Diagnostics) {
    let mut ids: HashMap<&str, &Span> = HashMap::new();
    let steps = lists.iter().flat_map(|steps| steps.iter());
    for step in steps {
        each_step(step, &mut |step| {
            if let Some(id) = &step.id
                && let Some(first) = ids.insert(id, &step.span)
            {
                let message = format!("two steps have the id `{id}`");
                let note = format!("the first one stands in line {}", first.line());
                diagnostics.push(step.span.error(code::DUPLICATE_ID, message).note(note));
            }
            match &step.verb {
                Verb::Use(used) => fixtures::check_use(used, around, diagnostics),
                Verb::Mock(mock) => check_mock(&mock.mock, &mock.span, around, diagnostics),
                Verb::Fake(act) => fakes::check_act(act, around, diagnostics),
                Verb::Fault(setup) => fakes::check_fault(setup, around, diagnostics),
                Verb::Verify(verify) => {
                    check_subject(&verify.subject, &verify.span, around, diagnostics);
                }
                Verb::Wait(wait) => {
                    if let WaitSubject::Call(subject) = &wait.subject {
                        check_subject(subject, &wait.from_span, around, diagnostics);
                    }
                }
                _ => {}
            }
        });
    }
}

fn check_subject(
    subject: &VerifySubject,
    span: &Span,
    around: Surroundings<'_>,
    diagnostics: &mut Diagnostics,
) {
    if let VerifySubject::Mock(mock) = subject {
        check_mock(mock, span, around, diagnostics);
    }
}

fn check_mock(mock: &str, span: &Span, around: Surroundings<'_>, diagnostics: &mut Diagnostics) {
    let mocks = &around.options.mocks;
    let is_fake = || {
        let fakes = around.options.fakes.iter().flatten();
        fakes.map(|fake| &fake.name).any(|known| known == mock)
    };
    if mocks.is_empty() || mocks.iter().any(|known| known == mock) || is_fake() {
        return;
    }
    let mut diagnostic = span.error(code::UNKNOWN_MOCK, format!("there is no mock `{mock}`"));
    diagnostic.help = suggestion(mock, mocks.iter().map(String::as_str));
    diagnostics.push(diagnostic.note("the mocks stand under `mocks:` in styk.yaml"));
}

/// Every name that a document with errors may bind, whatever came of its steps.
pub(crate) fn names_in(node: &Node) -> HashSet<String> {
    fn collect(node: &Node, names: &mut HashSet<String>) {
        match &node.value {
            NodeValue::List(items) => items.iter().for_each(|item| collect(item, names)),
            NodeValue::Map(entries) => {
                for (key, value) in entries {
                    match (key.text.as_str(), &value.value) {
                        (
                            "capture" | "collect" | "set" | "vars" | "each" | "args",
                            NodeValue::Map(bound),
                        ) => {
                            names.extend(bound.iter().map(|(key, _)| key.text.clone()));
                        }
                        ("use" | "as" | "by", NodeValue::Text(name)) => {
                            names.insert(name.clone());
                        }
                        _ => {}
                    }
                    collect(value, names);
                }
            }
            NodeValue::Null | NodeValue::Bool(_) | NodeValue::Number(_) | NodeValue::Text(_) => {}
        }
    }
    let mut names = HashSet::from(["item".to_owned(), "row".to_owned(), "index".to_owned()]);
    collect(node, &mut names);
    names
}

/// The uses of other fixtures in a fixture.
fn uses_of(fixture: &Fixture) -> Vec<&Use> {
    let mut uses = Vec::new();
    for step in fixture.steps.iter().chain(&fixture.teardown) {
        each_step(step, &mut |step| {
            if let Verb::Use(used) = &step.verb {
                uses.push(used);
            }
        });
    }
    uses
}
