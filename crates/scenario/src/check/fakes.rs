//! Checks of `fake` and `fault`: names of fakes, actions and what they are told.

use serde_json::Value;
use styk_core::Edge;

use super::Surroundings;
use crate::Diagnostics;
use crate::ast::{FakeAct, FaultSetup};
use crate::codes::code;
use crate::engine::split;
use crate::load::{KnownAction, KnownFake};
use crate::suggest::suggestion;
use crate::tree::Span;

pub(super) fn check_act(act: &FakeAct, around: Surroundings<'_>, diagnostics: &mut Diagnostics) {
    let span = act.target.span();
    let Some(Value::String(target)) = act.target.as_constant() else {
        return;
    };
    let (name, action) = match split(target) {
        Ok(parts) => parts,
        Err(cause) => {
            diagnostics.push(span.error(code::BAD_NAME, cause));
            return;
        }
    };
    let Some(fake) = find(name, span, around, diagnostics) else {
        return;
    };
    let area = target.split('.').next().unwrap_or_default();
    if target.matches('.').count() == 2 && area != fake.area {
        let message = format!("`{name}` belongs to `{}`, not to `{area}`", fake.area);
        let diagnostic = span.error(code::BAD_NAME, message);
        let help = format!("write `{}.{name}.{action}`", fake.area);
        diagnostics.push(diagnostic.help(help));
    }
    let mut actions = fake.actions.iter();
    match actions.find(|known| known.name == action) {
        Some(known) => check_told(act, known, diagnostics),
        None => {
            let message = format!("the fake `{name}` has no action `{action}`");
            let mut diagnostic = span.error(code::BAD_NAME, message);
            diagnostic.help = suggestion(action, fake.actions.iter().map(|a| a.name.as_str()));
            diagnostics.push(diagnostic);
        }
    }
}

/// That nothing is told that the action does not know, and nothing is missing.
fn check_told(act: &FakeAct, action: &KnownAction, diagnostics: &mut Diagnostics) {
    let Some(told) = act
        .with
        .as_ref()
        .map_or(Some(Vec::new()), |with| with.keys())
    else {
        return;
    };
    let span = act
        .with
        .as_ref()
        .map_or(act.target.span(), |with| with.span());
    for name in &told {
        if action.parameters.iter().all(|(known, _)| known != name) {
            let message = format!("the action `{}` takes no `{name}`", action.name);
            let mut diagnostic = span.error(code::UNKNOWN_KEY, message);
            let known = action.parameters.iter().map(|(name, _)| name.as_str());
            diagnostic.help = suggestion(name, known);
            diagnostics.push(diagnostic);
        }
    }
    for (name, is_required) in &action.parameters {
        if *is_required && !told.contains(name) {
            let message = format!("the action `{}` needs `{name}`", action.name);
            let diagnostic = span.error(code::MISSING_KEY, message);
            diagnostics.push(diagnostic.help(format!("write it under `with`: `{name}: …`")));
        }
    }
}

pub(super) fn check_fault(
    setup: &FaultSetup,
    around: Surroundings<'_>,
    diagnostics: &mut Diagnostics,
) {
    let Some(Value::String(target)) = setup.target.as_constant() else {
        return;
    };
    let span = setup.target.span();
    let known = |name: &str| {
        around
            .options
            .fakes
            .iter()
            .flatten()
            .any(|fake| fake.name == name)
    };
    match target.parse::<Edge>() {
        Ok(edge) if known(edge.from()) || known(edge.to()) => {}
        Ok(edge) => {
            find(edge.to(), span, around, diagnostics);
        }
        Err(_) => {
            find(target, span, around, diagnostics);
        }
    }
}

fn find<'a>(
    name: &str,
    span: &Span,
    around: Surroundings<'a>,
    diagnostics: &mut Diagnostics,
) -> Option<&'a KnownFake> {
    let fakes = around.options.fakes.as_ref()?;
    let found = fakes.iter().find(|fake| fake.name == name);
    if found.is_none() {
        let mut diagnostic = span.error(code::UNKNOWN_MOCK, format!("there is no fake `{name}`"));
        diagnostic.help = suggestion(name, fakes.iter().map(|fake| fake.name.as_str()));
        diagnostics.push(diagnostic.note("the fakes stand under `fakes:` in styk.yaml"));
    }
    found
}
