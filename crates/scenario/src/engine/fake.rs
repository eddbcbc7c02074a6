//! `fake` and `fault`: making things happen, and go wrong, outside.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};
use styk_core::{CallPoint, Diagnostic, Fault, FaultKind, Status, StepResult};

use super::capture::{self, Source};
use super::failure::place;
use super::player::Player;
use super::result::{Done, Played, Trouble};
use super::strand::Strand;
use crate::ast::{FakeAct, FaultSetup, Step};
use crate::tree::Span;
use crate::value::ValueTemplate;

/// A fault that this attempt has armed.
#[derive(Debug)]
pub(super) struct Armed {
    fake: String,
    id: u64,
    kind: FaultKind,
    span: Span,
}

impl Player<'_> {
    pub(super) async fn fake(
        &self,
        act: &FakeAct,
        step: &Step,
        strand: &mut Strand,
        limit: Duration,
    ) -> Played {
        let error = |error| Trouble::error(error, Done::default());
        let refused = |cause: String| {
            let failure = Diagnostic::error(cause).at(place(act.target.span(), step));
            error(failure)
        };
        let target = act.target.render_text(&strand.scope).map_err(error)?;
        let (fake, action) = split(&target).map_err(&refused)?;
        let with = members(act.with.as_ref(), strand).map_err(error)?;
        let work = self.world.fakes.act(fake, action, with);
        let result = match self.within(strand, limit, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(cause)) => return Err(refused(format!("`{target}`: {cause}"))),
            Err(cut) => return Err(super::verb::cut_trouble(cut, step)),
        };
        let failures = capture::bind(step, Source::Acted(&result), strand);
        if failures.is_empty() {
            Ok(Done::default())
        } else {
            Err(Trouble::failed(failures, Done::default()))
        }
    }

    pub(super) fn fault(&self, setup: &FaultSetup, step: &Step, strand: &Strand) -> Played {
        let error = |error| Trouble::error(error, Done::default());
        let target = setup.target.render_text(&strand.scope).map_err(error)?;
        let fake = self.fake_of(&target, setup);
        let Some(kind) = setup.kind else {
            let failures = self.clear_faults(Some(&fake), false);
            return if failures.is_empty() {
                Ok(Done::default())
            } else {
                Err(Trouble::failed(failures, Done::default()))
            };
        };
        let text = |template: &Option<ValueTemplate>| {
            let rendered = template
                .as_ref()
                .map(|text| text.render_text(&strand.scope));
            rendered.transpose().map_err(error)
        };
        let params = members(setup.params.as_ref(), strand).map_err(error)?;
        let fault = Fault {
            kind,
            on: CallPoint {
                operation: text(&setup.operation)?,
                entity: text(&setup.entity)?,
                ordinal: setup.ordinal,
                attempt: setup.attempt,
            },
            times: setup.times,
            params: params.into_iter().collect::<BTreeMap<_, _>>(),
        };
        match self.world.fakes.arm(&fake, fault) {
            Ok(id) => {
                self.undo().faults.push(Armed {
                    fake,
                    id,
                    kind,
                    span: step.span.clone(),
                });
                Ok(Done::default())
            }
            Err(cause) => {
                let failure = Diagnostic::error(format!("this fault cannot be armed: {cause}"));
                Err(error(failure.at(place(&step.span, step))))
            }
        }
    }

    /// A fake's name, or the end of an edge that is one: webhooks come from it, calls go to it.
    fn fake_of(&self, target: &str, setup: &FaultSetup) -> String {
        let Ok(edge) = target.parse::<styk_core::Edge>() else {
            return target.trim().to_owned();
        };
        let is_webhook = setup.kind.is_some_and(FaultKind::is_about_webhooks);
        let knows = |name: &str| self.world.fakes.names().iter().any(|fake| fake == name);
        let from_it = is_webhook || !knows(edge.to());
        let name = if from_it && knows(edge.from()) {
            edge.from()
        } else {
            edge.to()
        };
        name.to_owned()
    }

    /// Takes faults back (those at one fake, or all) and says which never fired.
    fn clear_faults(&self, fake: Option<&str>, after_failure: bool) -> Vec<Diagnostic> {
        let faults = {
            let mut undo = self.undo();
            let (mine, others) = std::mem::take(&mut undo.faults)
                .into_iter()
                .partition(|armed| fake.is_none_or(|fake| fake == armed.fake));
            undo.faults = others;
            mine
        };
        let mut failures = Vec::new();
        for armed in faults {
            let Some(fired) = self.world.fakes.disarm(&armed.fake, armed.id) else {
                continue;
            };
            if fired.fired == 0 && !after_failure {
                failures.push(not_injected(&armed, fired.seen));
            }
        }
        failures
    }

    /// The line of the report about faults that never fired, if any.
    pub(super) fn remove_faults(&self, after_failure: bool) -> Option<StepResult> {
        let began = self.world.clock.instant();
        let failures = self.clear_faults(None, after_failure);
        (!failures.is_empty()).then(|| StepResult {
            path: "teardown.faults".to_owned(),
            label: "faults".to_owned(),
            status: Status::Failed,
            duration: self.world.clock.since(began),
            location: None,
            note: None,
            failures,
            exchanges: Vec::new(),
            children: Vec::new(),
        })
    }
}

fn not_injected(armed: &Armed, seen: u32) -> Diagnostic {
    let message = format!(
        "not injected: `{}` at `{}` never fired",
        armed.kind, armed.fake
    );
    let told = Diagnostic::error(message).at(armed.span.location());
    if seen == 0 {
        told.note("no call fitted its place").help(
            "the report shows the calls and their operations; `operation`, `entity` and `attempt` say where it is placed",
        )
    } else {
        let calls = if seen == 1 { "call" } else { "calls" };
        told.note(format!(
            "{seen} {calls} fitted its place, fewer than `ordinal` waits for"
        ))
    }
}

/// `stripe.confirm`, with or without the area before it.
pub(crate) fn split(target: &str) -> Result<(&str, &str), String> {
    let parts: Vec<&str> = target.split('.').map(str::trim).collect();
    match parts.as_slice() {
        [fake, action] | [_, fake, action] if !fake.is_empty() && !action.is_empty() => {
            Ok((fake, action))
        }
        _ => Err(format!(
            "`{target}` is no action of a fake: write `provider.action`, such as `stripe.confirm`"
        )),
    }
}

fn members(
    template: Option<&ValueTemplate>,
    strand: &Strand,
) -> Result<Map<String, Value>, Diagnostic> {
    match template
        .map(|template| template.render(&strand.scope))
        .transpose()?
    {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members),
        Some(other) => {
            let span = template.map(ValueTemplate::span);
            let told = Diagnostic::error(format!("a mapping is wanted here, not {other}"));
            Err(match span {
                Some(span) => told.at(span.location()),
                None => told,
            })
        }
    }
}
