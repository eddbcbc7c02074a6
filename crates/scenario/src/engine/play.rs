//! One attempt at a scenario, from its variables to its verdict.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use styk_core::{Attempt, Clock, Diagnostic, Secrets, Seed, Status, StepResult};

use super::actor::Actor;
use super::failure;
use super::limit::Whose;
use super::player::{Identity, PRIORITY_OF_SCENARIOS, Player};
use super::quiet::refresh;
use super::result::{Done, Played, Trouble, worst};
use super::shared::collect_failures;
use super::strand::Strand;
use super::{Interrupt, World};
use crate::ast::{Case, Scenario};
use crate::value::shown;
use crate::{Context, Scope};

/// Plays a case once in a world. Attempts are counted from 1.
///
/// Whatever happens is in the result: failures with their places, the steps, the exchanges that belong to the
/// attempt. Everything the attempt set up is undone when this returns.
pub async fn play(case: &Case, world: &World, attempt: u32, interrupt: &Interrupt) -> Attempt {
    let scenario = &case.scenario;
    let started_at = world.clock.now();
    let began = world.clock.instant();
    let identity = Identity {
        id: &case.id,
        attempt,
    };
    let folder = scenario.span.source().folder();
    let fixtures = Arc::clone(&scenario.fixtures);
    // What mock servers elsewhere saw before is brought in first, so that it is not taken for this attempt's.
    refresh(world).await;
    let player = Player::new(
        world,
        interrupt,
        identity,
        folder,
        fixtures,
        PRIORITY_OF_SCENARIOS,
    );
    let mut result = Attempt {
        number: attempt,
        status: Status::Error,
        started_at,
        duration: std::time::Duration::ZERO,
        failures: Vec::new(),
        steps: Vec::new(),
        trace_id: None,
        exchanges: Vec::new(),
        dropped: world.journal.dropped(),
        attribution: None,
    };
    match player {
        Ok(player) => {
            result.trace_id = Some(player.trace_id);
            play_all(case, &player, &mut result).await;
            refresh(world).await;
            let own = player.own();
            result.exchanges = own.exchanges;
            result.attribution = (!world.exclusive).then(|| {
                let words = if own.by_window {
                    "time window"
                } else {
                    "trace"
                };
                words.to_owned()
            });
        }
        Err(message) => result.failures.push(Diagnostic::error(message)),
    }
    result.duration = world.clock.since(began);
    result.dropped = world.journal.dropped();
    result
}

/// Why a case is not to be played today, if so. `stage` and `env` are what its condition may ask for.
///
/// # Errors
/// A diagnostic when the condition cannot be evaluated.
pub fn skip_reason(
    case: &Case,
    clock: &Clock,
    run_id: &str,
    stage: &Value,
    env: &Value,
) -> Result<Option<String>, Diagnostic> {
    let Some(skip) = &case.scenario.skip else {
        return Ok(None);
    };
    let today = clock.now().to_zoned(TimeZone::UTC).date();
    if skip.until.is_some_and(|until| today >= until) {
        return Ok(None);
    }
    if let Some(when) = &skip.when {
        let folder = case.scenario.span.source().folder();
        let context = Context::new(clock.clone(), Seed::new(0), Secrets::default(), folder);
        let mut scope = outermost(context, run_id, stage, env);
        bind_row(case, &mut scope)?;
        match when.render(&scope)? {
            Value::Bool(true) => {}
            Value::Bool(false) => return Ok(None),
            other => {
                let text = shown(&other, false);
                let message = format!("`when` must be true or false, it is {text}");
                return Err(Diagnostic::error(message).at(when.span().location()));
            }
        }
    }
    Ok(Some(match skip.until {
        Some(until) => format!("{} (until {until})", skip.reason),
        None => skip.reason.clone(),
    }))
}

/// The variables of an embedded shop that a case asks for.
///
/// # Errors
/// A diagnostic when one of them cannot be computed.
pub fn shop_variables(
    case: &Case,
    clock: &Clock,
    run_id: &str,
    env: &Value,
) -> Result<Vec<(String, String)>, Diagnostic> {
    if case.scenario.shop.is_empty() {
        return Ok(Vec::new());
    }
    let folder = case.scenario.span.source().folder();
    let context = Context::new(clock.clone(), Seed::new(0), Secrets::default(), folder);
    let mut scope = outermost(context, run_id, &Value::Null, env);
    bind_row(case, &mut scope)?;
    let variables = case.scenario.shop.iter();
    variables
        .map(|variable| Ok((variable.name.clone(), variable.value.render_text(&scope)?)))
        .collect()
}

async fn play_all(case: &Case, player: &Player<'_>, result: &mut Attempt) {
    let scenario = &case.scenario;
    let world = player.world;
    let context = player.context.clone();
    let mut scope = outermost(context, &world.run_id, &world.stage, &world.env);
    scope.enter_variables();
    if let Err(mut failure) = bind_variables(case, &mut scope, &world.secrets) {
        failure::mask(&mut failure, &world.secrets);
        result.failures.push(failure);
        return;
    }
    let limit = scenario.timeout.unwrap_or(world.limits.scenario);
    let mut strand = Strand::new(
        scope,
        Arc::new(Actor::new("test")),
        player.deadline(limit, Whose::Scenario),
        scenario.step_timeout.unwrap_or(world.limits.step),
    );
    let mut steps = Vec::new();
    let is_ready = player.play_uses(scenario, &mut strand, &mut steps).await;
    if is_ready {
        let played = player.play_steps(&scenario.steps, &mut strand, "").await;
        steps.extend(played.steps);
    }
    let is_good = worst(&steps).is_success();
    let cleaned = player.clean_up(&scenario.finally, strand, !is_good).await;
    steps.extend(cleaned);
    result.status = match worst(&steps) {
        // A scenario whose steps were all skipped has still been played.
        Status::Skipped => Status::Passed,
        status => status,
    };
    collect_failures(&steps, &mut result.failures);
    result.steps = steps;
}

impl Player<'_> {
    /// Sets the scenario's fixtures up; `false` when one could not be.
    async fn play_uses(
        &self,
        scenario: &Scenario,
        strand: &mut Strand,
        steps: &mut Vec<StepResult>,
    ) -> bool {
        for (index, used) in scenario.uses.iter().enumerate() {
            let path = format!("use.{index}");
            let began = self.world.clock.instant();
            let seq = self.world.journal.last_seq();
            let played: Played = match self.cut(strand) {
                Some(cut) => {
                    let failure = Diagnostic::error(cut.message()).at(used.span.location());
                    Err(Trouble::cut(cut, failure, Done::default()))
                }
                None => self.use_fixture(used, strand, &path).await,
            };
            let is_ready = played.is_ok();
            let (status, mut failures, done) = match played {
                Ok(done) => (Status::Passed, Vec::new(), done),
                Err(trouble) => {
                    let trouble = *trouble;
                    (trouble.status, trouble.failures, trouble.done)
                }
            };
            for failure in &mut failures {
                failure::mask(failure, &self.world.secrets);
            }
            let exchanges = self.own_after(seq).exchanges;
            steps.push(StepResult {
                path,
                label: done
                    .label
                    .unwrap_or_else(|| format!("use {}", used.fixture)),
                status,
                duration: self.world.clock.since(began),
                location: Some(used.span.location()),
                note: done.note,
                failures,
                exchanges: exchanges.iter().map(|exchange| exchange.seq()).collect(),
                children: done.children,
            });
            if !is_ready {
                return false;
            }
        }
        true
    }
}

/// The names that everybody sees.
fn outermost(context: Context, run_id: &str, stage: &Value, env: &Value) -> Scope {
    let mut scope = Scope::new(context);
    scope.set("stage", stage.clone());
    scope.set("run", json!({"id": run_id}));
    scope.set("env", env.clone());
    scope
}

fn bind_row(case: &Case, scope: &mut Scope) -> Result<(), Diagnostic> {
    if let Some(row) = case.row() {
        let value = row.value.render(scope)?;
        scope.set("row", value);
    }
    Ok(())
}

fn bind_variables(case: &Case, scope: &mut Scope, secrets: &Secrets) -> Result<(), Diagnostic> {
    bind_row(case, scope)?;
    for var in &case.scenario.vars {
        let value = var.value.render(scope)?;
        if case.scenario.secrets.contains(&var.name) {
            declare(&value, secrets);
        }
        scope.set(&var.name, value);
    }
    Ok(())
}

/// Declares a value and everything in it secret.
fn declare(value: &Value, secrets: &Secrets) {
    match value {
        Value::String(text) => secrets.add(text),
        Value::Number(number) => secrets.add(&number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| declare(item, secrets)),
        Value::Object(members) => members.values().for_each(|member| declare(member, secrets)),
        Value::Null | Value::Bool(_) => {}
    }
}
