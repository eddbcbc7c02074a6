//! What each verb does; the longer ones have a module of their own.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use styk_core::{Diagnostic, mask_url};

use super::actor::Actor;
use super::answer::Answer;
use super::capture::{self, Source};
use super::expect;
use super::failure::{self, place, values_in_play};
use super::http::{NoAnswer, Prepared};
use super::limit::Cut;
use super::player::Player;
use super::request;
use super::result::{Done, Played, Trouble};
use super::strand::Strand;
use crate::ast::{HttpCall, Step, ValueCheck, Verb, Wait};

/// An answer with what is needed to go on from it.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) answer: Answer,
    pub(super) actor: Arc<Actor>,
    pub(super) label: String,
}

/// Why there is no [`Answered`].
#[derive(Debug)]
pub(super) enum Unanswered {
    /// The request could not be made, or was cut short for good.
    Ended(Box<Trouble>),
    /// It was sent, and nothing (or nothing readable) came back. A poll goes on.
    Nothing {
        trouble: Box<Trouble>,
        reason: String,
    },
}

impl Player<'_> {
    /// Plays the verb of a step, once.
    pub(super) async fn play_verb(&self, step: &Step, strand: &mut Strand, path: &str) -> Played {
        let limit = step.timeout.unwrap_or_else(|| default_limit(step, strand));
        let error = |error| Trouble::error(error, Done::default());
        match &step.verb {
            Verb::Http(call) => match &step.poll {
                Some(poll) => self.poll(poll, call, step, strand, path, limit).await,
                None => self.http(call, step, strand, path, limit).await,
            },
            Verb::Use(used) => self.use_fixture(used, strand, path).await,
            Verb::Mock(setup) => self.mock(setup, step, strand, limit).await,
            Verb::Fake(act) => self.fake(act, step, strand, limit).await,
            Verb::Fault(setup) => self.fault(setup, step, strand),
            Verb::Verify(verify) => self.verify(verify, step, strand, limit).await,
            Verb::Wait(wait) => self.wait(wait, step, strand, limit).await,
            Verb::Check(check) => check_value(check, step, strand),
            Verb::Set(bindings) => {
                for binding in bindings {
                    let value = binding.value.render(&strand.scope).map_err(error)?;
                    strand.scope.set(&binding.name, value);
                }
                Ok(Done::default())
            }
            Verb::Log(text) => Ok(Done {
                note: Some(text.render_text(&strand.scope).map_err(error)?),
                ..Done::default()
            }),
            Verb::Sleep(duration) => {
                let sleep = self.world.clock.sleep(*duration);
                let slept = self.within(strand, limit, sleep).await;
                slept.map_err(|cut| cut_trouble(cut, step))?;
                Ok(Done::default())
            }
            Verb::Parallel(parallel) => self.parallel(parallel, strand, path).await,
            Verb::Group { name, steps } => {
                let label = name.render_text(&strand.scope).map_err(error)?;
                let mut played = self.nested(steps, strand, path).await;
                match &mut played {
                    Ok(done) => done.label = Some(label),
                    Err(trouble) => trouble.done.label = Some(label),
                }
                played
            }
            Verb::Block(steps) => self.nested(steps, strand, path).await,
        }
    }

    async fn nested(&self, steps: &[Step], strand: &mut Strand, path: &str) -> Played {
        let results = self.play_steps(steps, strand, path).await;
        let done = Done {
            children: results.steps,
            ..Done::default()
        };
        if !results.has_stopped {
            return Ok(done);
        }
        Err(Box::new(Trouble {
            status: super::result::worst(&done.children),
            failures: Vec::new(),
            done,
            ends_strand: results.ends_strand,
        }))
    }

    async fn http(
        &self,
        call: &HttpCall,
        step: &Step,
        strand: &mut Strand,
        path: &str,
        limit: Duration,
    ) -> Played {
        let answered = match self.ask(call, step, strand, path, limit).await {
            Ok(answered) => answered,
            Err(Unanswered::Ended(trouble) | Unanswered::Nothing { trouble, .. }) => {
                return Err(trouble);
            }
        };
        let findings = match &step.expect {
            Some(expectation) => expect::check(expectation, &answered.answer, &strand.scope)
                .map_err(|error| Trouble::error(error, answered.done()))?,
            None => expect::check_default(&answered.answer, &step.span),
        };
        if findings.is_empty() {
            return conclude(call, step, strand, answered);
        }
        let failures = failure::of_answer(findings, &answered.answer, step, strand);
        Err(Trouble::failed(failures, answered.done()))
    }

    /// Sends the step's request once.
    pub(super) async fn ask(
        &self,
        call: &HttpCall,
        step: &Step,
        strand: &mut Strand,
        path: &str,
        limit: Duration,
    ) -> Result<Answered, Unanswered> {
        let actor = strand.sender(call.actor.as_deref());
        let prepared = request::prepare(call, &self.world.shop, strand, &actor)
            .map_err(|error| Unanswered::Ended(Trouble::error(error, Done::default())))?;
        let label = label(&prepared);
        let ticket = strand.ticket.take();
        let work = async {
            if let Some(ticket) = ticket {
                ticket.start().await;
            }
            self.send(prepared, &actor, path).await
        };
        let done = |seq: Option<u64>| Done {
            label: Some(label.clone()),
            exchanges: seq.into_iter().collect(),
            ..Done::default()
        };
        match self.within(strand, limit, work).await {
            Ok(Ok(answer)) => Ok(Answered {
                answer,
                actor: Arc::clone(&actor),
                label,
            }),
            Ok(Err(NoAnswer { reason, seq })) => {
                let message = format!("{label} was not answered: {reason}");
                let mut failure = Diagnostic::error(message).at(step.span.location());
                failure.notes.extend(values_in_play(step, strand));
                failure.notes.push(format!("exchange {seq}"));
                Err(Unanswered::Nothing {
                    trouble: Trouble::failed(vec![failure], done(Some(seq))),
                    reason,
                })
            }
            Err(cut) => {
                let failure = Diagnostic::error(cut.message())
                    .at(step.span.location())
                    .note(format!("{label} was under way"));
                Err(Unanswered::Ended(Trouble::cut(cut, failure, done(None))))
            }
        }
    }
}

impl Answered {
    pub(super) fn done(&self) -> Done {
        Done {
            label: Some(self.label.clone()),
            exchanges: vec![self.answer.seq],
            ..Done::default()
        }
    }
}

/// Captures and opens the session, once an answer is as expected.
pub(super) fn conclude(
    call: &HttpCall,
    step: &Step,
    strand: &mut Strand,
    answered: Answered,
) -> Played {
    let answer = &answered.answer;
    let mut failures = capture::bind(step, Source::Answer(answer), strand);
    if !failures.is_empty() {
        if let Some(first) = failures.first_mut() {
            first.notes.push(failure::body_digest(answer));
            first
                .notes
                .push(failure::exchange_note(answer.seq, answer.duration));
        }
        return Err(Trouble::failed(failures, answered.done()));
    }
    if let Some(session) = &call.session {
        let headers = request::session(session, &strand.scope)
            .map_err(|error| Trouble::error(error, answered.done()))?;
        strand.open_session(Arc::new(answered.actor.with_headers(headers)));
    }
    Ok(answered.done())
}

/// A verb with a limit of its own gets it on top of the default, so that it can speak before it is cut.
fn default_limit(step: &Step, strand: &Strand) -> Duration {
    let own = match (&step.verb, &step.poll) {
        (_, Some(poll)) => poll.limit,
        (Verb::Wait(Wait { limit, .. }), _) => limit.unwrap_or(strand.step_limit),
        (Verb::Verify(verify), _) => {
            super::verify::REACH_LIMIT + verify.settle.unwrap_or(super::verify::SETTLE)
        }
        (Verb::Sleep(duration), _) => *duration,
        _ => Duration::ZERO,
    };
    strand.step_limit.saturating_add(own)
}

/// A wait of this step was cut short.
pub(super) fn cut_trouble(cut: Cut, step: &Step) -> Box<Trouble> {
    let failure = Diagnostic::error(cut.message()).at(step.span.location());
    Trouble::cut(cut, failure, Done::default())
}

/// `POST /api/orders?page=2`, without secrets.
fn label(request: &Prepared) -> String {
    let url = &request.url;
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    format!("{} {}", request.method, mask_url(&target))
}

fn check_value(check: &ValueCheck, step: &Step, strand: &Strand) -> Played {
    let error = |error| Trouble::error(error, Done::default());
    let subject = check.value.span().text();
    let hidden = check
        .value
        .names()
        .any(|(name, _)| styk_core::is_secret_name(name));
    let value: Value = check.value.render(&strand.scope).map_err(error)?;
    let mismatches = check
        .matcher
        .check(Some(&value), &strand.scope, hidden)
        .map_err(error)?;
    let mut failures: Vec<Diagnostic> = mismatches
        .into_iter()
        .map(|mismatch| {
            Diagnostic::error(mismatch.message(subject)).at(place(&mismatch.span, step))
        })
        .collect();
    if failures.is_empty() {
        return Ok(Done::default());
    }
    if let Some(first) = failures.first_mut() {
        first.notes.extend(values_in_play(step, strand));
    }
    Err(Trouble::failed(failures, Done::default()))
}
