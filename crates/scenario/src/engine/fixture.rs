//! `use`: setting fixtures up, and taking them down.

use std::sync::Arc;

use serde_json::{Map, Value};
use styk_core::{Diagnostic, Status, StepResult};

use super::actor::Actor;
use super::limit::{Deadline, Whose};
use super::player::Player;
use super::result::{Done, Played, Trouble, worst};
use super::strand::{Phase, Strand};
use crate::Scope;
use crate::ast::{Fixture, FixtureScope, Step, Use, Verb};

/// A fixture that was set up, as far as it came.
#[derive(Clone, Debug)]
pub(super) struct Teardown {
    pub(super) fixture: Arc<Fixture>,
    pub(super) alias: String,
    pub(super) strand: Strand,
    /// Whether its set-up failed, so that names may be missing.
    pub(super) is_partial: bool,
}

/// What a fixture gives.
#[derive(Clone, Debug)]
pub(super) struct SetUp {
    pub(super) outputs: Value,
    /// The actor whose session it opened.
    pub(super) actor: Option<Arc<Actor>>,
}

/// A set-up with the steps it took.
pub(super) struct Attempted {
    pub(super) result: Result<SetUp, Box<Trouble>>,
    pub(super) steps: Vec<StepResult>,
}

impl Player<'_> {
    /// Sets a fixture up (or takes a shared one as it is) and binds its outputs and its actor.
    pub(super) async fn use_fixture(&self, used: &Use, strand: &mut Strand, path: &str) -> Played {
        let error = |error| Trouble::error(error, Done::default());
        let Some(fixture) = self.fixtures.get(&used.fixture).map(Arc::clone) else {
            let message = format!("there is no fixture `{}`", used.fixture);
            return Err(error(Diagnostic::error(message).at(used.span.location())));
        };
        let mut args = Vec::with_capacity(used.with.len());
        for binding in &used.with {
            let value = binding.value.render(&strand.scope).map_err(error)?;
            args.push((binding.name.clone(), value));
        }
        let mut done = Done {
            label: Some(label(used)),
            ..Done::default()
        };
        let result = match fixture.scope {
            FixtureScope::Scenario => {
                let base = strand.scope.outermost();
                let attempted = self
                    .set_up(&fixture, &used.alias, args, base, strand, path)
                    .await;
                done.children = attempted.steps;
                attempted.result
            }
            FixtureScope::Worker | FixtureScope::Run => {
                let base = strand.scope.outermost();
                let shared = self
                    .use_shared(&fixture, &used.alias, args, base, path)
                    .await;
                done.children = shared.steps;
                done.note = shared.note;
                shared.result
            }
        };
        match result {
            Ok(set_up) => {
                strand.scope.set(&used.alias, set_up.outputs);
                if let Some(actor) = &set_up.actor {
                    strand.adopt(&used.alias, actor);
                }
                Ok(done)
            }
            Err(mut trouble) => {
                let note = used_at(used);
                for failure in &mut trouble.failures {
                    failure.notes.push(note.clone());
                }
                explain(&mut done.children, &note);
                trouble.status = Status::Error;
                trouble.done = done;
                Err(trouble)
            }
        }
    }

    /// Plays the set-up of a fixture on a strand of its own, beside `caller`.
    pub(super) async fn set_up(
        &self,
        fixture: &Arc<Fixture>,
        alias: &str,
        args: Vec<(String, Value)>,
        base: Scope,
        caller: &Strand,
        path: &str,
    ) -> Attempted {
        let actor = if opens_session(&fixture.steps) {
            Arc::new(Actor::new(alias))
        } else {
            Arc::clone(caller.actor())
        };
        let mut strand = Strand::new(base, actor, caller.deadline, caller.step_limit);
        strand.phase = caller.phase;
        strand.is_forked = caller.is_forked;
        strand.scope.enter_variables();
        let (result, steps) = match bind(fixture, args, &mut strand.scope) {
            Err(failure) => (Err(Trouble::error(failure, Done::default())), Vec::new()),
            Ok(()) => {
                let results = self.play_steps(&fixture.steps, &mut strand, path).await;
                let result = if results.has_stopped {
                    Err(Box::new(Trouble {
                        status: Status::Error,
                        failures: Vec::new(),
                        done: Done::default(),
                        ends_strand: results.ends_strand,
                    }))
                } else {
                    outputs(fixture, &strand)
                };
                (result, results.steps)
            }
        };
        self.undo().teardowns.push(Teardown {
            fixture: Arc::clone(fixture),
            alias: alias.to_owned(),
            strand,
            is_partial: result.is_err(),
        });
        Attempted { result, steps }
    }

    /// Plays the teardown of a fixture; `None` when it has none.
    pub(super) async fn take_down(
        &self,
        teardown: Teardown,
        deadline: Deadline,
        after_failure: bool,
    ) -> Option<StepResult> {
        let Teardown {
            fixture,
            alias,
            mut strand,
            is_partial,
        } = teardown;
        if fixture.teardown.is_empty() {
            return None;
        }
        strand.phase = Phase::Cleanup {
            after_failure: after_failure || is_partial,
        };
        strand.deadline = deadline;
        strand.is_forked = false;
        let began = self.world.clock.instant();
        let path = format!("teardown.{alias}");
        let results = self.play_steps(&fixture.teardown, &mut strand, &path).await;
        Some(StepResult {
            label: format!("teardown {alias}"),
            status: worst(&results.steps),
            duration: self.world.clock.since(began),
            location: Some(fixture.span.location()),
            note: None,
            failures: Vec::new(),
            exchanges: results
                .steps
                .iter()
                .flat_map(|step| step.exchanges.clone())
                .collect(),
            children: results.steps,
            path,
        })
    }

    /// The deadline of a shared fixture's set-up, which is not the deadline of whoever came first.
    pub(super) fn fixture_deadline(&self) -> Deadline {
        self.deadline(self.world.limits.scenario, Whose::Fixture)
    }
}

fn bind(
    fixture: &Fixture,
    args: Vec<(String, Value)>,
    scope: &mut Scope,
) -> Result<(), Diagnostic> {
    for arg in &fixture.args {
        let given = args.iter().find(|(name, _)| *name == arg.name);
        let value = match (given, &arg.default) {
            (Some((_, value)), _) => value.clone(),
            (None, Some(default)) => default.render(scope)?,
            (None, None) => {
                let message = format!("the argument `{}` must be given", arg.name);
                return Err(Diagnostic::error(message).at(arg.span.location()));
            }
        };
        scope.set(&arg.name, value);
    }
    for var in &fixture.vars {
        let value = var.value.render(scope)?;
        scope.set(&var.name, value);
    }
    Ok(())
}

fn outputs(fixture: &Fixture, strand: &Strand) -> Result<SetUp, Box<Trouble>> {
    let mut outputs = Map::with_capacity(fixture.outputs.len());
    for output in &fixture.outputs {
        let value = output.value.render(&strand.scope);
        let value = value.map_err(|failure| Trouble::error(failure, Done::default()))?;
        outputs.insert(output.name.clone(), value);
    }
    Ok(SetUp {
        outputs: outputs.into(),
        actor: strand.opened_session.then(|| Arc::clone(strand.actor())),
    })
}

/// Whether one of the steps opens a session by itself; sessions of fixtures inside are theirs.
fn opens_session(steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.verb {
        Verb::Http(call) => call.session.is_some(),
        Verb::Group { steps, .. } | Verb::Block(steps) => opens_session(steps),
        Verb::Parallel(parallel) => opens_session(&parallel.steps),
        _ => false,
    })
}

fn label(used: &Use) -> String {
    if used.alias == used.fixture {
        format!("use {}", used.fixture)
    } else {
        format!("use {} as {}", used.fixture, used.alias)
    }
}

fn used_at(used: &Use) -> String {
    let location = used.span.location();
    format!(
        "in the fixture `{}`, used at {}:{}",
        used.fixture, location.file, location.line
    )
}

/// Says at every failure inside which use of the fixture it belongs to.
fn explain(steps: &mut [StepResult], note: &str) {
    for step in steps {
        for failure in &mut step.failures {
            failure.notes.push(note.to_owned());
        }
        explain(&mut step.children, note);
    }
}
