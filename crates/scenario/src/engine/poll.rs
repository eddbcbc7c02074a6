//! `poll`: the same request again, until it is answered as expected.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use styk_core::{Diagnostic, ExchangeKind, mask_url};

use super::attribution::TEST;
use super::calls;
use super::expect::{self, Finding};
use super::failure;
use super::limit::seconds;
use super::player::Player;
use super::result::{Done, Played, Trouble};
use super::strand::Strand;
use super::verb::{Answered, Unanswered, conclude};
use crate::ast::{HttpCall, Poll, Step};

/// What the attempts saw: per subject the words in order, each with how often it came in a row.
#[derive(Debug, Default)]
struct Digest(Vec<(String, Vec<(String, usize)>)>);

/// One poll under way.
#[derive(Debug)]
struct Course {
    began: Instant,
    first_seq: u64,
    attempts: usize,
    digest: Digest,
    pause: Duration,
}

impl Player<'_> {
    pub(super) async fn poll(
        &self,
        poll: &Poll,
        call: &HttpCall,
        step: &Step,
        strand: &mut Strand,
        path: &str,
        limit: Duration,
    ) -> Played {
        let mut course = Course {
            began: self.world.clock.instant(),
            first_seq: self.world.journal.last_seq(),
            attempts: 0,
            digest: Digest::default(),
            pause: poll.every,
        };
        // A limit of the step that is shorter than the poll's ends the poll.
        let patience = poll.limit.min(limit);
        let mut last: Option<Box<Trouble>> = None;
        loop {
            let remaining = patience.saturating_sub(self.world.clock.since(course.began));
            // The first attempt is never cut by the poll, so that there is something to report.
            let attempt_limit = if last.is_none() { limit } else { remaining };
            course.attempts += 1;
            match self.ask(call, step, strand, path, attempt_limit).await {
                Ok(answered) => match self.poll_judge(answered, call, step, strand, &mut course) {
                    Judged::Over(played) => return played,
                    Judged::NotYet(trouble) => last = Some(trouble),
                },
                Err(Unanswered::Nothing { trouble, reason }) => {
                    course.digest.add("status", reason);
                    last = Some(trouble);
                }
                Err(Unanswered::Ended(trouble)) => {
                    let may_report = !trouble.ends_strand && trouble.failures.len() == 1;
                    match last {
                        // The time was over while an attempt was under way: the last whole one is reported.
                        Some(last) if may_report && course.attempts > 1 => {
                            course.attempts -= 1;
                            return Err(self.give_up(last, patience, step, &course));
                        }
                        _ => return Err(trouble),
                    }
                }
            }
            let remaining = patience.saturating_sub(self.world.clock.since(course.began));
            match last.take() {
                Some(trouble) if remaining.is_zero() => {
                    return Err(self.give_up(trouble, patience, step, &course));
                }
                kept => last = kept,
            }
            let pause = self.world.clock.sleep(course.pause.min(remaining));
            let slept = self.within(strand, limit, pause).await;
            slept.map_err(|cut| super::verb::cut_trouble(cut, step))?;
            course.pause = course
                .pause
                .mul_f64(poll.backoff.max(1.0))
                .min(poll.max_every);
        }
    }

    fn poll_judge(
        &self,
        answered: Answered,
        call: &HttpCall,
        step: &Step,
        strand: &mut Strand,
        course: &mut Course,
    ) -> Judged {
        let answer = &answered.answer;
        let error = |error, done| Judged::Over(Err(Trouble::error(error, done)));
        let checks = step
            .expect
            .iter()
            .flat_map(|expectation| &expectation.checks);
        for (subject, word) in checks.filter_map(|check| expect::seen(check, answer)) {
            course.digest.add(&subject, word);
        }
        let findings = match &step.expect {
            Some(expectation) => expect::check(expectation, answer, &strand.scope),
            None => Ok(expect::check_default(answer, &step.span)),
        };
        let findings = match findings {
            Ok(findings) => findings,
            Err(failure) => return error(failure, answered.done()),
        };
        if findings.is_empty() {
            let note = (course.attempts > 1)
                .then(|| course.digest.main())
                .flatten();
            let mut played = conclude(call, step, strand, answered);
            if let Ok(done) = &mut played {
                done.note = note;
            }
            return Judged::Over(played);
        }
        if let Some(abort) = &step.abort_if {
            match expect::check(abort, answer, &strand.scope) {
                Ok(unmet) if unmet.is_empty() => {
                    return Judged::Over(Err(
                        self.aborted(findings, &answered, step, strand, course)
                    ));
                }
                Ok(_) => {}
                Err(failure) => return error(failure, answered.done()),
            }
        }
        let subjects: Vec<String> = findings.iter().map(|f| f.subject.clone()).collect();
        let still = still(&findings);
        let mut failures = failure::of_answer(findings, answer, step, strand);
        if let Some(first) = failures.first_mut() {
            let said = std::mem::replace(&mut first.message, still.clone());
            if !is_plain(&still) {
                first.notes.insert(0, said);
            }
            let digests = course.digest.of(&subjects);
            first.notes.splice(0..0, digests);
        }
        Judged::NotYet(Trouble::failed(failures, answered.done()))
    }

    /// The time is over.
    fn give_up(
        &self,
        mut last: Box<Trouble>,
        patience: Duration,
        step: &Step,
        course: &Course,
    ) -> Box<Trouble> {
        let attempts = match course.attempts {
            1 => "1 attempt".to_owned(),
            attempts => format!("{attempts} attempts"),
        };
        let meanwhile = self.meanwhile(course.first_seq);
        if let Some(first) = last.failures.first_mut() {
            first.message = format!("{} after {} ({attempts})", first.message, seconds(patience));
            // The evidence of the last answer comes after what the whole poll saw.
            let place = first
                .notes
                .iter()
                .position(|note| note.starts_with("body: ") || note.starts_with("status: "))
                .unwrap_or(first.notes.len());
            first.notes.splice(place..place, meanwhile);
            if first.location.is_none() {
                first.location = Some(step.span.location());
            }
        }
        last.done.note = course.digest.main();
        last
    }

    fn aborted(
        &self,
        findings: Vec<Finding>,
        answered: &Answered,
        step: &Step,
        strand: &Strand,
        course: &Course,
    ) -> Box<Trouble> {
        let elapsed = seconds(self.world.clock.since(course.began));
        let wanted = findings.first().map(|finding| finding.message.clone());
        let subjects: Vec<String> = findings.iter().map(|f| f.subject.clone()).collect();
        let place = step
            .abort_if
            .as_ref()
            .map_or(&step.span, |abort| &abort.span);
        let message = format!("`abort_if` holds after {elapsed}: it will not become as expected");
        let mut failure = Diagnostic::error(message).at(failure::place(place, step));
        failure.notes.extend(wanted);
        failure.notes.extend(course.digest.of(&subjects));
        failure.notes.extend(self.meanwhile(course.first_seq));
        failure.notes.push(failure::body_digest(&answered.answer));
        failure.notes.extend(failure::values_in_play(step, strand));
        let answer = &answered.answer;
        failure
            .notes
            .push(failure::exchange_note(answer.seq, answer.duration));
        let done = Done {
            note: course.digest.main(),
            ..answered.done()
        };
        Trouble::failed(vec![failure], done)
    }

    /// What the outside world saw since then; what went wrong comes first.
    fn meanwhile(&self, first_seq: u64) -> Vec<String> {
        const SHOWN_MAX: usize = 3;
        let mut seen: BTreeMap<(bool, String), usize> = BTreeMap::new();
        for exchange in self.own_after(first_seq).exchanges {
            if exchange.kind() == ExchangeKind::Span || exchange.edge().from() == TEST {
                continue;
            }
            let is_good = matches!(exchange.outcome_class(), "1xx" | "2xx" | "3xx" | "ok");
            let text = format!(
                "{} {} was answered {}",
                exchange.edge(),
                mask_url(exchange.operation()),
                calls::outcome(&exchange)
            );
            *seen.entry((is_good, text)).or_default() += 1;
        }
        seen.into_iter()
            .take(SHOWN_MAX)
            .map(|((_, text), count)| format!("meanwhile: {text} {}", times(count)))
            .collect()
    }
}

/// What an attempt means for the poll.
enum Judged {
    Over(Played),
    /// The message so far, to be reported if the time is over.
    NotYet(Box<Trouble>),
}

/// `still not confirmed`, where the expectation is one plain word.
fn still(findings: &[Finding]) -> String {
    match findings {
        [
            Finding {
                plain: Some(word), ..
            },
        ] => format!("still not {word}"),
        _ => "still not as expected".to_owned(),
    }
}

fn is_plain(still: &str) -> bool {
    still != "still not as expected"
}

/// `once`, `twice`, `three times`.
pub(super) fn times(count: usize) -> String {
    const WORDS: [&str; 4] = ["never", "once", "twice", "three times"];
    WORDS
        .get(count)
        .map_or_else(|| format!("{count} times"), |word| (*word).to_owned())
}

impl Digest {
    fn add(&mut self, subject: &str, word: String) {
        let place = self.0.iter().position(|(known, _)| known == subject);
        let series = match place {
            Some(place) => &mut self.0[place].1,
            None => {
                self.0.push((subject.to_owned(), Vec::new()));
                let last = self.0.len() - 1;
                &mut self.0[last].1
            }
        };
        match series.last_mut() {
            Some((last, count)) if *last == word => *count += 1,
            _ => series.push((word, 1)),
        }
    }

    /// `$.status was: new ×2, paid ×21`, for each of these subjects.
    fn of(&self, subjects: &[String]) -> Vec<String> {
        let wanted = self.0.iter().filter(|(name, _)| subjects.contains(name));
        wanted
            .map(|(name, series)| format!("{name} was: {}", words(series)))
            .collect()
    }

    /// `new ×2, paid ×21`: of the first subject that is no status.
    fn main(&self) -> Option<String> {
        let telling = self.0.iter().find(|(name, _)| name != "status");
        telling
            .or_else(|| self.0.first())
            .map(|(_, series)| words(series))
    }
}

fn words(series: &[(String, usize)]) -> String {
    const SHOWN_MAX: usize = 12;
    let skipped = series.len().saturating_sub(SHOWN_MAX);
    let shown = series
        .iter()
        .skip(skipped)
        .map(|(word, count)| match count {
            1 => word.clone(),
            count => format!("{word} ×{count}"),
        });
    let lead = (skipped > 0).then(|| "…".to_owned());
    let parts: Vec<String> = lead.into_iter().chain(shown).collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_counts_words_in_a_row() {
        let mut digest = Digest::default();
        for word in ["new", "new", "paid", "new"] {
            digest.add("$.status", word.to_owned());
        }
        digest.add("status", "200".to_owned());
        let lines = digest.of(&["$.status".to_owned()]);
        assert_eq!(lines, ["$.status was: new ×2, paid, new"]);
        assert_eq!(digest.main().as_deref(), Some("new ×2, paid, new"));
    }

    #[test]
    fn counts_are_words_up_to_three() {
        let texts = [1, 2, 3, 12].map(times);
        assert_eq!(texts, ["once", "twice", "three times", "12 times"]);
    }
}
