//! `wait`: listening to the journal.

use std::sync::Arc;
use std::time::Duration;

use styk_core::{Diagnostic, Exchange};

use super::calls::{self, Calls};
use super::capture::{self, Source};
use super::failure::{place, values_in_play};
use super::limit::seconds;
use super::player::Player;
use super::quiet::QUIET_WINDOW;
use super::result::{Done, Played, Trouble};
use super::strand::Strand;
use crate::Scope;
use crate::ast::{Step, Wait, WaitSubject};

/// On a stage that others use as well, or into which nobody sees, quiet has to last longer to mean something.
const QUIET_WINDOW_BLIND: Duration = Duration::from_millis(300);

impl Player<'_> {
    pub(super) async fn wait(
        &self,
        wait: &Wait,
        step: &Step,
        strand: &mut Strand,
        limit: Duration,
    ) -> Played {
        // The step's own limit is a little wider, so that this one speaks first.
        let patience = wait.limit.unwrap_or(strand.step_limit);
        let result = match &wait.subject {
            WaitSubject::QueueIdle => {
                let work = self.wait_for_idle(patience, wait, step);
                self.within(strand, limit, work).await
            }
            WaitSubject::Call(subject) => {
                let name = format!("call of `{}`", calls::name_of(subject));
                let find = |own: &[Arc<Exchange>], scope: &Scope| {
                    calls::select(own, subject, &wait.conditions, scope)
                };
                let work = self.wait_for_call(patience, wait, &name, find, step, strand);
                self.within(strand, limit, work).await
            }
            WaitSubject::Webhook(webhook) => {
                let from = webhook.from.as_ref();
                let from = from.map(|from| from.render_text(&strand.scope)).transpose();
                let from = from.map_err(|error| Trouble::error(error, Done::default()))?;
                let name = match &from {
                    Some(from) => format!("webhook of `{from}`"),
                    None => "webhook".to_owned(),
                };
                let find = |own: &[Arc<Exchange>], scope: &Scope| {
                    calls::select_webhooks(own, from.as_deref(), webhook, &wait.conditions, scope)
                };
                let work = self.wait_for_call(patience, wait, &name, find, step, strand);
                self.within(strand, limit, work).await
            }
        };
        let calls = match result {
            Ok(result) => result?,
            Err(cut) => {
                let failure = Diagnostic::error(cut.message()).at(place(&wait.span, step));
                return Err(Trouble::cut(cut, failure, Done::default()));
            }
        };
        let done = Done::default();
        if matches!(wait.subject, WaitSubject::QueueIdle) {
            return Ok(done);
        }
        let json = calls.to_json();
        let failures = capture::bind(step, Source::Calls(&json), strand);
        if failures.is_empty() {
            Ok(done)
        } else {
            Err(Trouble::failed(failures, done))
        }
    }

    async fn wait_for_call(
        &self,
        patience: Duration,
        wait: &Wait,
        name: &str,
        find: impl Fn(&[Arc<Exchange>], &Scope) -> Result<Calls, Diagnostic>,
        step: &Step,
        strand: &Strand,
    ) -> Result<Calls, Box<Trouble>> {
        let mut last = Calls::default();
        let look = || {
            let own = self.own().exchanges;
            let calls = find(&own, &strand.scope)?;
            if calls.matched.is_empty() {
                last = calls;
                return Ok(None);
            }
            Ok(Some(calls))
        };
        let found = self.await_journal(patience, look).await;
        match found.map_err(|error| Trouble::error(error, Done::default()))? {
            Some(calls) => Ok(calls),
            None => {
                let is_plain = match &wait.subject {
                    WaitSubject::Webhook(webhook) => {
                        webhook.event.is_none() && webhook.delivered.is_none()
                    }
                    WaitSubject::Call(_) | WaitSubject::QueueIdle => true,
                };
                let such = if wait.conditions.is_empty() && is_plain {
                    ""
                } else {
                    " as described"
                };
                let message = format!("no {name}{such} came within {}", seconds(patience));
                let mut failure = Diagnostic::error(message).at(place(&wait.span, step));
                failure.notes.extend(last.notes());
                failure.notes.extend(values_in_play(step, strand));
                Err(Trouble::failed(vec![failure], Done::default()))
            }
        }
    }

    async fn wait_for_idle(
        &self,
        patience: Duration,
        wait: &Wait,
        step: &Step,
    ) -> Result<Calls, Box<Trouble>> {
        let window = if self.sees_all() {
            QUIET_WINDOW
        } else {
            QUIET_WINDOW_BLIND
        };
        let began = self.world.clock.instant();
        while self.world.clock.since(began) < patience {
            if self.is_quiet(window).await {
                return Ok(Calls::default());
            }
        }
        let message = format!("the stage was not quiet within {}", seconds(patience));
        let mut failure = Diagnostic::error(message).at(place(&wait.span, step));
        let own = self.own().exchanges;
        let busy = own.iter().filter(|exchange| exchange.outcome().is_none());
        failure
            .notes
            .extend(busy.take(8).map(|exchange| calls::line(exchange)));
        Err(Trouble::failed(vec![failure], Done::default()))
    }
}
