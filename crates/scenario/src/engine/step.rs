//! Playing steps one after another: conditions, loops, results.

use std::time::Instant;

use serde_json::Value;
use styk_core::{Diagnostic, Status, StepResult};

use super::failure;
use super::limit::{Deadline, Whose};
use super::names;
use super::player::Player;
use super::result::{Done, Played, Results, Trouble, worst};
use super::strand::{Phase, Strand};
use super::world::BoxFuture;
use crate::ast::{Loop, Step, Verb};
use crate::value::{shorten, shown};

impl Player<'_> {
    /// Plays steps in order until one does not pass; in `finally` and teardown all of them.
    pub(super) fn play_steps<'a>(
        &'a self,
        steps: &'a [Step],
        strand: &'a mut Strand,
        prefix: &'a str,
    ) -> BoxFuture<'a, Results> {
        Box::pin(async move {
            let mut all = Results::default();
            for (index, step) in steps.iter().enumerate() {
                let path = join(prefix, index);
                let one = self.play_one(step, strand, &path).await;
                all.steps.extend(one.steps);
                all.has_stopped |= one.has_stopped;
                all.ends_strand |= one.ends_strand;
                let goes_on = !one.has_stopped || matches!(strand.phase, Phase::Cleanup { .. });
                if one.ends_strand || !goes_on {
                    break;
                }
            }
            all
        })
    }

    /// Plays one step with its loop.
    pub(super) async fn play_one(&self, step: &Step, strand: &mut Strand, path: &str) -> Results {
        let path = step.id.as_deref().unwrap_or(path);
        let mark = Mark::new(self, strand);
        let (played, ends_strand) = match &step.repeat {
            None => match self.play_pass(step, strand, path).await {
                Ok(done) => (Ok(done), false),
                Err(trouble) => {
                    let ends = trouble.ends_strand;
                    (Err(trouble), ends)
                }
            },
            Some(repeat) => self.play_loop(repeat, step, strand, path).await,
        };
        // What went wrong softly inside shows in the verdict, and stops nobody.
        let is_bad = played.is_err();
        Results {
            has_stopped: is_bad && (!step.soft || ends_strand),
            ends_strand,
            steps: vec![self.result(step, path, strand, &mark, played)],
        }
    }

    async fn play_loop(
        &self,
        repeat: &Loop,
        step: &Step,
        strand: &mut Strand,
        path: &str,
    ) -> (Played, bool) {
        let (name, items) = match loop_items(repeat, strand) {
            Ok(items) => items,
            Err(failure) => return (Err(Trouble::error(failure, Done::default())), false),
        };
        let mut done = Done::default();
        let mut bad = None;
        let mut ends_strand = false;
        for (index, item) in items.into_iter().enumerate() {
            let note = shorten(&shown(&item, styk_core::is_secret_name(&name)), 60);
            let names = [(name.clone(), item), ("index".to_owned(), index.into())];
            strand.scope.enter_loop(names);
            let pass = join(path, index);
            let mark = Mark::new(self, strand);
            let played = self.play_pass(step, strand, &pass).await;
            strand.scope.leave();
            ends_strand = matches!(&played, Err(trouble) if trouble.ends_strand);
            let is_bad = played.is_err();
            let mut result = self.result(step, &pass, strand, &mark, played);
            result.note.get_or_insert(note);
            if is_bad {
                bad = Some(result.status);
            }
            done.exchanges.extend(&result.exchanges);
            done.children.push(result);
            if is_bad && (ends_strand || !step.soft) {
                break;
            }
        }
        match bad {
            Some(status) => (Err(summary(status, done, ends_strand)), ends_strand),
            None => (Ok(done), false),
        }
    }

    /// Plays the step once: its condition, then its verb, under the limit of what it encloses.
    async fn play_pass(&self, step: &Step, strand: &mut Strand, path: &str) -> Played {
        if let Some(cut) = self.cut(strand) {
            return Err(super::verb::cut_trouble(cut, step));
        }
        if let Some(note) = not_set(step, strand) {
            return Ok(skipped(note));
        }
        if let Some(when) = &step.when {
            let error = |error| Trouble::error(error, Done::default());
            match when.render(&strand.scope).map_err(error)? {
                Value::Bool(true) => {}
                Value::Bool(false) => {
                    return Ok(skipped(format!("`when` is false: {}", when.span().text())));
                }
                other => {
                    let message = format!(
                        "`when` must be true or false, it is {}",
                        shown(&other, false)
                    );
                    let failure = Diagnostic::error(message)
                        .at(failure::place(when.span(), step))
                        .help("compare the value with something: `${stock > 0}`");
                    return Err(error(failure));
                }
            }
        }
        let is_enclosing = matches!(
            step.verb,
            Verb::Group { .. } | Verb::Block(_) | Verb::Parallel(_) | Verb::Use(_)
        );
        match step.timeout {
            Some(limit) if is_enclosing => {
                let outer: Deadline = strand.deadline;
                strand.deadline = self.nearest(strand, limit, Whose::Enclosing);
                let played = self.play_verb(step, strand, path).await;
                strand.deadline = outer;
                // A limit of this step ends what is inside it, and nothing else.
                played.map_err(|mut trouble| {
                    trouble.ends_strand &= self.cut(strand).is_some();
                    trouble
                })
            }
            _ => self.play_verb(step, strand, path).await,
        }
    }

    fn result(
        &self,
        step: &Step,
        path: &str,
        strand: &Strand,
        mark: &Mark,
        played: Played,
    ) -> StepResult {
        let (status, mut failures, done) = match played {
            Ok(done) if done.is_skipped => (Status::Skipped, Vec::new(), done),
            Ok(done) => (worst_of(&done), Vec::new(), done),
            Err(trouble) => {
                let trouble = *trouble;
                (trouble.status, trouble.failures, trouble.done)
            }
        };
        for failure in &mut failures {
            failure::mask(failure, &self.world.secrets);
        }
        let secrets = &self.world.secrets;
        let exchanges = if strand.is_forked {
            let inside = done.children.iter().flat_map(|child| &child.exchanges);
            let mut seqs: Vec<u64> = done.exchanges.iter().chain(inside).copied().collect();
            seqs.sort_unstable();
            seqs.dedup();
            seqs
        } else {
            let own = self.own_after(mark.seq).exchanges;
            own.iter().map(|exchange| exchange.seq()).collect()
        };
        StepResult {
            path: path.to_owned(),
            label: secrets.mask(&label(step, strand, done.label)),
            status,
            duration: self.world.clock.since(mark.began),
            location: Some(failure::masked_location(&step.span, secrets)),
            note: done.note.map(|note| secrets.mask(&note)),
            failures,
            exchanges,
            children: done.children,
        }
    }
}

/// The moment a step began.
#[derive(Clone, Copy, Debug)]
struct Mark {
    began: Instant,
    seq: u64,
}

impl Mark {
    fn new(player: &Player<'_>, strand: &Strand) -> Self {
        Self {
            began: player.world.clock.instant(),
            // Beside others, what happens in the meantime says nothing.
            seq: if strand.is_forked {
                0
            } else {
                player.world.journal.last_seq()
            },
        }
    }
}

fn join(prefix: &str, index: usize) -> String {
    if prefix.is_empty() {
        index.to_string()
    } else {
        format!("{prefix}.{index}")
    }
}

fn skipped(note: String) -> Done {
    Done {
        note: Some(note),
        is_skipped: true,
        ..Done::default()
    }
}

/// A step that went well, with soft failures inside, did not pass.
fn worst_of(done: &Done) -> Status {
    match worst(&done.children) {
        Status::Skipped | Status::Passed | Status::Flaky => Status::Passed,
        bad @ (Status::Failed | Status::Error) => bad,
    }
}

fn summary(status: Status, done: Done, ends_strand: bool) -> Box<Trouble> {
    Box::new(Trouble {
        status,
        failures: Vec::new(),
        done,
        ends_strand,
    })
}

fn loop_items(repeat: &Loop, strand: &Strand) -> Result<(String, Vec<Value>), Diagnostic> {
    match repeat {
        Loop::Times(times) => {
            let items = (0..*times).map(Value::from).collect();
            Ok(("item".to_owned(), items))
        }
        Loop::Each { name, items, .. } => match items.render(&strand.scope)? {
            Value::Array(list) => Ok((name.clone(), list)),
            other => {
                let message = format!("`each` needs a list, this is {}", shown(&other, false));
                Err(Diagnostic::error(message).at(items.span().location()))
            }
        },
    }
}

/// After a failure, a cleaning step may need what was never set: it is left out, and says so.
fn not_set(step: &Step, strand: &Strand) -> Option<String> {
    let Phase::Cleanup {
        after_failure: true,
    } = strand.phase
    else {
        return None;
    };
    let names = names::of_step(step);
    let missing = names
        .into_iter()
        .find(|name| strand.scope.get(name).is_none())?;
    Some(format!("`{missing}` was never set"))
}

/// What the step does, in a few words; its own name first.
fn label(step: &Step, strand: &Strand, done: Option<String>) -> String {
    let what = done.unwrap_or_else(|| {
        let text = step.span.text().lines().next().unwrap_or_default();
        match &step.verb {
            Verb::Http(_) | Verb::Group { .. } => text
                .split_once(':')
                .map_or(text, |(_, rest)| rest)
                .trim()
                .to_owned(),
            Verb::Block(_) => match &step.repeat {
                Some(Loop::Each { .. }) => "each".to_owned(),
                Some(Loop::Times(times)) => format!("repeat {times}"),
                None => "when".to_owned(),
            },
            _ => text.replacen(": ", " ", 1).trim_end_matches(':').to_owned(),
        }
    });
    let name = step.name.as_ref();
    match name.and_then(|name| name.render_text(&strand.scope).ok()) {
        Some(name) => format!("{name}: {what}"),
        None => what,
    }
}
