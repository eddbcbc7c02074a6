//! Uses of fixtures: they exist, get the arguments they need, and do not use themselves.

use std::collections::HashSet;

use super::{Surroundings, uses_of};
use crate::Diagnostics;
use crate::ast::{Fixture, FixtureScope, Fixtures, Use};
use crate::codes::code;
use crate::suggest::suggestion;

/// The fixture exists, and its arguments fit.
pub(super) fn check_use(used: &Use, around: Surroundings<'_>, diagnostics: &mut Diagnostics) {
    let Some(fixture) = around.fixtures.get(&used.fixture) else {
        if !around.fixture_names.contains(&used.fixture) {
            let message = format!("there is no fixture `{}`", used.fixture);
            let mut diagnostic = used.span.error(code::UNKNOWN_FIXTURE, message);
            let mut names: Vec<&str> = around.fixture_names.iter().map(String::as_str).collect();
            names.sort_unstable();
            diagnostic.help = suggestion(&used.fixture, names)
                .or_else(|| Some("a fixture stands in a document with `fixtures:`".to_owned()));
            diagnostics.push(diagnostic);
        }
        return;
    };
    for given in &used.with {
        if fixture
            .args
            .iter()
            .any(|argument| argument.name == given.name)
        {
            continue;
        }
        let message = format!(
            "the fixture `{}` has no argument `{}`",
            fixture.name, given.name
        );
        let mut diagnostic = given.span.error(code::FIXTURE_ARGUMENT, message);
        let names: Vec<&str> = fixture
            .args
            .iter()
            .map(|argument| argument.name.as_str())
            .collect();
        diagnostic.help = suggestion(&given.name, names);
        diagnostics.push(diagnostic);
    }
    for argument in fixture
        .args
        .iter()
        .filter(|argument| argument.default.is_none())
    {
        if used.with.iter().any(|given| given.name == argument.name) {
            continue;
        }
        let name = &argument.name;
        let message = format!("the fixture `{}` needs the argument `{name}`", fixture.name);
        let diagnostic = used
            .span
            .error(code::FIXTURE_ARGUMENT, message)
            .help(format!("give it: `with: {{{name}: …}}`"));
        diagnostics.push(diagnostic);
    }
}

/// No fixture uses itself, not even through others, and none uses one that lives shorter.
pub(crate) fn check_fixture_graph(fixtures: &Fixtures, diagnostics: &mut Diagnostics) {
    let mut finished = HashSet::new();
    for fixture in fixtures.values() {
        visit(
            fixture,
            fixtures,
            &mut Vec::new(),
            &mut finished,
            diagnostics,
        );
        for used in uses_of(fixture) {
            let Some(inner) = fixtures.get(&used.fixture) else {
                continue;
            };
            if lifetime(inner.scope) < lifetime(fixture.scope) {
                let message = format!(
                    "`{}` lives as long as the {}, and `{}` only as long as the {}",
                    fixture.name,
                    scope_word(fixture.scope),
                    inner.name,
                    scope_word(inner.scope)
                );
                diagnostics.push(used.span.error(code::CONFLICT, message));
            }
        }
    }
}

fn visit<'a>(
    fixture: &'a Fixture,
    fixtures: &'a Fixtures,
    path: &mut Vec<&'a str>,
    finished: &mut HashSet<&'a str>,
    diagnostics: &mut Diagnostics,
) {
    if finished.contains(fixture.name.as_str()) {
        return;
    }
    path.push(&fixture.name);
    for used in uses_of(fixture) {
        if let Some(start) = path.iter().position(|name| *name == used.fixture) {
            let mut circle: Vec<&str> = path[start..].to_vec();
            circle.push(&used.fixture);
            let message = format!("a fixture cannot need itself: {}", circle.join(" → "));
            diagnostics.push(used.span.error(code::FIXTURE_CYCLE, message));
        } else if let Some(inner) = fixtures.get(&used.fixture) {
            visit(inner, fixtures, path, finished, diagnostics);
        }
    }
    path.pop();
    finished.insert(&fixture.name);
}

fn lifetime(scope: FixtureScope) -> u8 {
    match scope {
        FixtureScope::Scenario => 0,
        FixtureScope::Worker => 1,
        FixtureScope::Run => 2,
    }
}

fn scope_word(scope: FixtureScope) -> &'static str {
    match scope {
        FixtureScope::Scenario => "scenario",
        FixtureScope::Worker => "worker",
        FixtureScope::Run => "run",
    }
}
