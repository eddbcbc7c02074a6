//! `verify`: what was called, and how often.

use std::time::Duration;

use serde_json::Value;
use styk_core::Diagnostic;

use super::calls::{self, Calls};
use super::capture::{self, Source};
use super::duplicates;
use super::failure::{place, values_in_play};
use super::limit::{Cut, seconds};
use super::player::Player;
use super::result::{Done, Played, Trouble};
use super::strand::Strand;
use crate::ast::{Step, Verify, VerifySubject};

/// How long the count may take to be reached.
pub(super) const REACH_LIMIT: Duration = Duration::from_secs(5);

/// How long late calls are looked for.
pub(super) const SETTLE: Duration = Duration::from_millis(300);

impl Player<'_> {
    pub(super) async fn verify(
        &self,
        verify: &Verify,
        step: &Step,
        strand: &mut Strand,
        limit: Duration,
    ) -> Played {
        let in_vain = match self.within(strand, limit, self.look(verify, strand)).await {
            Ok(in_vain) => in_vain.map_err(|error| Trouble::error(error, Done::default()))?,
            Err(cut) => return Err(self.verify_cut(cut, verify, step, strand)),
        };
        if verify.subject == VerifySubject::NoDuplicateCalls {
            return self.no_duplicates(verify, step);
        }
        let error = |error| Trouble::error(error, Done::default());
        let calls = self.calls(verify, strand).map_err(error)?;
        let done = done(&calls);
        match holds(verify, &calls, strand).map_err(error)? {
            Some(mut failure) => {
                let span = verify.count_span.as_ref().unwrap_or(&verify.span);
                failure.location = Some(place(span, step));
                if in_vain {
                    let patience = seconds(REACH_LIMIT);
                    failure.notes.push(format!("looked for it for {patience}"));
                }
                failure.notes.extend(calls.notes());
                failure.notes.extend(values_in_play(step, strand));
                Err(Trouble::failed(vec![failure], done))
            }
            None => {
                let json = calls.to_json();
                let failures = capture::bind(step, Source::Calls(&json), strand);
                if failures.is_empty() {
                    Ok(done)
                } else {
                    Err(Trouble::failed(failures, done))
                }
            }
        }
    }

    /// Waits until the count is decided, then for late calls. `true` when the time was over first.
    async fn look(&self, verify: &Verify, strand: &Strand) -> Result<bool, Diagnostic> {
        if verify.subject != VerifySubject::NoDuplicateCalls {
            let decided = || {
                let calls = self.calls(verify, strand)?;
                let is_decided = holds(verify, &calls, strand)?.is_none()
                    || is_hopeless(verify, &calls, strand)?;
                Ok::<_, Diagnostic>(is_decided.then_some(()))
            };
            if self.await_journal(REACH_LIMIT, decided).await?.is_none() {
                return Ok(true);
            }
        }
        self.settle(verify.settle.unwrap_or(SETTLE)).await;
        Ok(false)
    }

    fn calls(&self, verify: &Verify, strand: &Strand) -> Result<Calls, Diagnostic> {
        let own = self.own().exchanges;
        calls::select(&own, &verify.subject, &verify.conditions, &strand.scope)
    }

    fn no_duplicates(&self, verify: &Verify, step: &Step) -> Played {
        let own = self.own().exchanges;
        let failures: Vec<Diagnostic> = duplicates::find(&own)
            .into_iter()
            .map(|found| {
                let diagnostic = Diagnostic::error(found.message);
                let diagnostic = diagnostic.at(place(&verify.span, step));
                found.notes.into_iter().fold(diagnostic, Diagnostic::note)
            })
            .collect();
        if failures.is_empty() {
            Ok(Done::default())
        } else {
            Err(Trouble::failed(failures, Done::default()))
        }
    }

    fn verify_cut(&self, cut: Cut, verify: &Verify, step: &Step, strand: &Strand) -> Box<Trouble> {
        let mut failure = Diagnostic::error(cut.message()).at(place(&verify.span, step));
        if let Ok(calls) = self.calls(verify, strand) {
            failure.notes.extend(calls.notes());
        }
        Trouble::cut(cut, failure, Done::default())
    }
}

/// The failure, when the count is not what it must be.
fn holds(
    verify: &Verify,
    calls: &Calls,
    strand: &Strand,
) -> Result<Option<Diagnostic>, Diagnostic> {
    let count = calls.matched.len();
    let expected = match &verify.count {
        None if count > 0 => return Ok(None),
        None => "at least one call".to_owned(),
        Some(matcher) => {
            let mismatches = matcher.check(Some(&Value::from(count)), &strand.scope, false)?;
            match mismatches.into_iter().next() {
                None => return Ok(None),
                Some(mismatch) => count_words(&mismatch.expected),
            }
        }
    };
    let such = if verify.conditions.is_empty() {
        ""
    } else {
        " as described"
    };
    let subject = calls::name_of(&verify.subject);
    let saw = match count {
        0 => "saw none".to_owned(),
        count => format!("saw {count}"),
    };
    let subject = match &verify.subject {
        VerifySubject::Mock(_) => format!("of `{subject}`{such}, it {saw}"),
        _ => format!("over `{subject}`{such}, the journal {saw}"),
    };
    Ok(Some(Diagnostic::error(format!(
        "expected {expected} {subject}"
    ))))
}

/// Whether no further call can make the count hold.
fn is_hopeless(verify: &Verify, calls: &Calls, strand: &Strand) -> Result<bool, Diagnostic> {
    const AHEAD: usize = 64;
    let Some(matcher) = &verify.count else {
        return Ok(false);
    };
    let count = calls.matched.len();
    for more in count + 1..=count + AHEAD {
        if matcher
            .check(Some(&Value::from(more)), &strand.scope, false)?
            .is_empty()
        {
            return Ok(false);
        }
    }
    Ok(true)
}

fn done(calls: &Calls) -> Done {
    Done {
        note: Some(match calls.matched.len() {
            1 => "1 call".to_owned(),
            count => format!("{count} calls"),
        }),
        ..Done::default()
    }
}

/// `to be 1` as `1 call`, `to be at least 2` as `at least 2 calls`.
fn count_words(expected: &str) -> String {
    let words = expected.trim_start_matches("to be ");
    match words {
        "0" => "no call".to_owned(),
        "1" => "1 call".to_owned(),
        other if other.ends_with(|c: char| c.is_ascii_digit()) => format!("{other} calls"),
        _ => format!("the number of calls {expected}"),
    }
}
