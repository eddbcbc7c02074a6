//! `verify` and `verifySequence`: questions to the journal.
//!
//! A refusal begins with MockServer's text, which tests read; below it stands a report for people. When the journal has
//! dropped exchanges that count and the answer could be another with them, it is a third one: incomplete.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use styk_core::{Exchange, Request};

use super::{Reply, no_such_expectation};
use crate::describe::{self, Addresses};
use crate::formats::What;
use crate::json::Json;
use crate::record::Recorded;
use crate::scope::Scope;
use crate::server::Shared;

mod read;
mod report;
mod response;
mod wanted;

use read::{Sequence, Verification, read_sequence, read_verification};
use report::{Failure, Form};
use wanted::{RequestWanted, Wanted};

/// The longest a verification may wait.
const WAIT_MAX: Duration = Duration::from_secs(600);

/// What the journal says to a verification.
enum Judged {
    Met,
    Failed(Failed),
    /// It could be another answer with the exchanges that were dropped.
    Incomplete(String),
}

struct Failed {
    found: u64,
    /// For sequences: which of the wanted ones was not found.
    place: usize,
    recorded: Recorded,
    /// No exchange to come can change it.
    is_final: bool,
}

pub(super) async fn verify(
    shared: &Arc<Shared>,
    scope: &Scope,
    request: &Request,
    text: &str,
) -> Result<Reply, Reply> {
    let (verification, json) = read_verification(shared, text)?;
    check_known(scope, [&verification.wanted])?;
    let what = What::Verifying {
        verification: with_times(json),
    };
    scope.events.add(shared, what);
    let judged = wait(scope, verification.timeout, || verification.judge(scope)).await;
    let Verification { wanted, times, .. } = &verification;
    let written = wanted.written(scope);
    match judged {
        Judged::Met => {
            let times = times.to_string();
            let request = written;
            scope.events.add(shared, What::Verified { request, times });
            Ok(Reply::empty(StatusCode::ACCEPTED))
        }
        Judged::Incomplete(what) => Err(report::incomplete(Form::of(request), &what)),
        Judged::Failed(failed) => {
            let failure = Failure {
                shared,
                scope,
                sought: std::slice::from_ref(wanted),
                times: Some(*times),
                failed: &failed,
                shown_max: verification.shown_max,
            };
            let what = What::NotVerified {
                request: written,
                times: times.to_string(),
                found: found(&failed.recorded, verification.shown_max),
            };
            scope.events.add(shared, what);
            Err(failure.reply(Form::of(request)))
        }
    }
}

pub(super) async fn verify_sequence(
    shared: &Arc<Shared>,
    scope: &Scope,
    request: &Request,
    text: &str,
) -> Result<Reply, Reply> {
    let (sequence, json) = read_sequence(shared, text)?;
    if sequence.wanted.is_empty() && shared.follows_5_15() {
        return Ok(Reply::empty(StatusCode::ACCEPTED));
    }
    if sequence.wanted.is_empty() {
        let text = "No expectations, requests or responses specified in verification sequence";
        return Err(Reply::text(StatusCode::NOT_ACCEPTABLE, text.to_owned()));
    }
    check_known(scope, &sequence.wanted)?;
    let what = What::VerifyingSequence { verification: json };
    scope.events.add(shared, what);
    let judged = wait(scope, sequence.timeout, || sequence.judge(scope)).await;
    let requests = || {
        let written = sequence.wanted.iter().map(|wanted| wanted.written(scope));
        written.collect()
    };
    match judged {
        Judged::Met => {
            let requests = requests();
            scope
                .events
                .add(shared, What::SequenceVerified { requests });
            Ok(Reply::empty(StatusCode::ACCEPTED))
        }
        Judged::Incomplete(what) => Err(report::incomplete(Form::of(request), &what)),
        Judged::Failed(failed) => {
            let failure = Failure {
                shared,
                scope,
                sought: &sequence.wanted,
                times: None,
                failed: &failed,
                shown_max: sequence.shown_max,
            };
            let what = What::SequenceNotVerified {
                requests: requests(),
                found: found(&failed.recorded, sequence.shown_max),
            };
            scope.events.add(shared, what);
            Err(failure.reply(Form::of(request)))
        }
    }
}

/// Judges until it is met, until no exchange to come can change it, or until the time is over.
async fn wait(scope: &Scope, timeout: Option<Duration>, judge: impl Fn() -> Judged) -> Judged {
    let Some(timeout) = timeout else {
        return judge();
    };
    let is_settled = |judged: &Judged| match judged {
        Judged::Met => true,
        Judged::Failed(failed) => failed.is_final,
        Judged::Incomplete(_) => false,
    };
    let settled = scope
        .recorder
        .journal()
        .wait_for(timeout.min(WAIT_MAX), |_journal| {
            Some(judge()).filter(is_settled)
        });
    match settled.await {
        Some(judged) => judged,
        None => judge(),
    }
}

impl Verification {
    fn judge(&self, scope: &Scope) -> Judged {
        let Self { wanted, times, .. } = self;
        // Counted first: a met verification builds nothing.
        let counted = match wanted.literal_path() {
            Some(path) => scope.recorder.recorded_on(path),
            None => scope.recorder.recorded(),
        };
        let is_met = |exchange: &&Arc<Exchange>| wanted.is_met_by(exchange);
        let found = counted.exchanges.iter().filter(is_met).count() as u64;
        let enough = times.at_least.is_none_or(|at_least| found >= at_least);
        let too_many = times.at_most.is_some_and(|at_most| found > at_most);
        // Dropped exchanges can only add to what was found.
        let could_change =
            counted.is_incomplete && !too_many && (!enough || times.at_most.is_some());
        if could_change {
            Judged::Incomplete(format!("{found} of those kept match, wanted was {times}"))
        } else if enough && !too_many {
            Judged::Met
        } else {
            let recorded = match wanted.literal_path() {
                Some(_) => scope.recorder.recorded(),
                None => counted,
            };
            Judged::Failed(Failed {
                found,
                place: 0,
                recorded,
                is_final: too_many,
            })
        }
    }
}

impl Sequence {
    fn judge(&self, scope: &Scope) -> Judged {
        let recorded = scope.recorder.recorded();
        let mut rest = recorded.exchanges.iter();
        let met = self
            .wanted
            .iter()
            .take_while(|wanted| rest.any(|exchange| wanted.is_met_by(exchange)))
            .count();
        if met == self.wanted.len() {
            Judged::Met
        } else if recorded.is_incomplete {
            Judged::Incomplete("the sequence is not among those kept".to_owned())
        } else {
            Judged::Failed(Failed {
                found: met as u64,
                place: met,
                recorded,
                is_final: false,
            })
        }
    }
}

/// A verification for the log, with the times that count when it names none.
fn with_times(mut verification: Json) -> Json {
    if let Json::Object(fields) = &mut verification {
        fields.entry("times".to_owned()).or_insert_with(|| {
            Json::object([("atLeast", Json::number(1)), ("atMost", Json::number(1))])
        });
    }
    verification
}

/// The requests that a refusal shows, for the log.
fn found(recorded: &Recorded, shown_max: usize) -> Vec<Json> {
    let shown = recorded.exchanges.iter().take(shown_max);
    let requests = shown.filter_map(|exchange| exchange.request());
    requests
        .map(|request| describe::request(request, Addresses::Shown))
        .collect()
}

/// An expectation is known while it is mounted, and as long as the journal holds an exchange it answered.
fn check_known<'a>(
    scope: &Scope,
    wanted: impl IntoIterator<Item = &'a Wanted>,
) -> Result<(), Reply> {
    for wanted in wanted {
        let Some(RequestWanted::AnsweredBy(id)) = &wanted.request else {
            continue;
        };
        let has_answered = |exchange: &Arc<Exchange>| exchange.attribute("expectation") == Some(id);
        if scope.store.get(id).is_none()
            && !scope.recorder.recorded().exchanges.iter().any(has_answered)
        {
            return Err(no_such_expectation(id));
        }
    }
    Ok(())
}
