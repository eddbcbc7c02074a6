//! `parallel`: steps side by side.

use futures_util::future::join_all;
use serde_json::Value;
use styk_core::{Status, StepResult};

use super::names;
use super::player::Player;
use super::result::{Done, Played, Results, Trouble, worst};
use super::start_line::Ticket;
use super::strand::Strand;
use crate::Scope;
use crate::ast::{Parallel, Step};

impl Player<'_> {
    pub(super) async fn parallel(
        &self,
        parallel: &Parallel,
        strand: &mut Strand,
        path: &str,
    ) -> Played {
        match parallel.times {
            Some(times) => self.copies(times, &parallel.steps, strand, path).await,
            None => self.side_by_side(&parallel.steps, strand, path).await,
        }
    }

    /// So many copies of all steps; what they set becomes lists in copy order.
    async fn copies(&self, times: u32, steps: &[Step], strand: &mut Strand, path: &str) -> Played {
        let count = usize::try_from(times).unwrap_or(usize::MAX);
        let began = self.world.clock.instant();
        let tickets = Ticket::several(count).into_iter().enumerate();
        let copies = tickets.map(|(index, ticket)| {
            let mut copy = strand.fork(Some(ticket));
            let name = format!("copy {index}");
            copy.scope = copy
                .scope
                .clone()
                .with_context(strand.scope.context().derive(&format!("{path} {name}")));
            async move {
                copy.scope
                    .enter_loop([("index".to_owned(), Value::from(index))]);
                let prefix = format!("{path}.{index}");
                let results = self.play_steps(steps, &mut copy, &prefix).await;
                // Whoever never sent a request must not be waited for.
                copy.ticket = None;
                copy.scope.leave();
                (copy, results, self.world.clock.since(began))
            }
        });
        let copies = join_all(copies).await;
        merge_copies(strand, copies.iter().map(|(copy, _, _)| &copy.scope), steps);
        let mut all = Results::default();
        for (index, (_, results, duration)) in copies.into_iter().enumerate() {
            all.has_stopped |= results.has_stopped;
            all.ends_strand |= results.ends_strand;
            all.steps.push(StepResult {
                path: format!("{path}.{index}"),
                label: format!("copy {}", index + 1),
                status: worst(&results.steps),
                duration,
                location: None,
                note: None,
                failures: Vec::new(),
                exchanges: results
                    .steps
                    .iter()
                    .flat_map(|step| step.exchanges.clone())
                    .collect(),
                children: results.steps,
            });
        }
        conclude(all)
    }

    /// The steps themselves; what they set stays as it is.
    async fn side_by_side(&self, steps: &[Step], strand: &mut Strand, path: &str) -> Played {
        let tickets = Ticket::several(steps.len()).into_iter().enumerate();
        let strands = tickets.map(|(index, ticket)| {
            let mut own = strand.fork(Some(ticket));
            async move {
                let results = match steps.get(index) {
                    Some(step) => {
                        self.play_one(step, &mut own, &format!("{path}.{index}"))
                            .await
                    }
                    None => Results::default(),
                };
                own.ticket = None;
                (own, results)
            }
        });
        let mut all = Results::default();
        let branches = join_all(strands).await;
        append_collected(strand, branches.iter().map(|(own, _)| &own.scope), steps);
        for (own, results) in branches {
            all.has_stopped |= results.has_stopped;
            all.ends_strand |= results.ends_strand;
            all.steps.extend(results.steps);
            merge_branch(strand, &own.scope, steps);
            if own.opened_session {
                let actor = std::sync::Arc::clone(own.actor());
                strand.open_session(actor);
            }
        }
        conclude(all)
    }
}

/// What the copies set becomes lists in copy order; what they collected is appended in copy order.
fn merge_copies<'a>(
    strand: &mut Strand,
    copies: impl Iterator<Item = &'a Scope> + Clone,
    steps: &[Step],
) {
    let collected = names::collected(steps);
    let mut names: Vec<&str> = copies
        .clone()
        .flat_map(Scope::captured)
        .map(|(name, _)| name)
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names.into_iter().filter(|name| !collected.contains(name)) {
        let values = copies.clone().map(|copy| {
            let mut captured = copy.captured();
            let found = captured.find(|(known, _)| *known == name);
            found.map_or(Value::Null, |(_, value)| value.clone())
        });
        let values: Vec<Value> = values.collect();
        strand.scope.set(name, values.into());
    }
    append_collected(strand, copies, steps);
}

/// Each strand went on with the list as it was before; what it added is appended, one strand after another.
fn append_collected<'a>(
    strand: &mut Strand,
    scopes: impl Iterator<Item = &'a Scope> + Clone,
    steps: &[Step],
) {
    for name in names::collected(steps) {
        let mut all = list(strand.scope.get(name));
        let before = all.len();
        for scope in scopes.clone() {
            let mut captured = scope.captured();
            let own = captured.find(|(known, _)| *known == name);
            all.extend(list(own.map(|(_, value)| value)).into_iter().skip(before));
        }
        strand.scope.set(name, all.into());
    }
}

/// What a step beside others set stays as it is; what it collected is appended.
fn merge_branch(strand: &mut Strand, branch: &Scope, steps: &[Step]) {
    let collected = names::collected(steps);
    for (name, value) in branch.captured() {
        if !collected.contains(name) {
            strand.scope.set(name, value.clone());
        }
    }
}

fn list(value: Option<&Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items.clone(),
        _ => Vec::new(),
    }
}

fn conclude(all: Results) -> Played {
    let done = Done {
        exchanges: all
            .steps
            .iter()
            .flat_map(|step| step.exchanges.clone())
            .collect(),
        children: all.steps,
        ..Done::default()
    };
    if !all.has_stopped {
        return Ok(done);
    }
    Err(Box::new(Trouble {
        status: match worst(&done.children) {
            Status::Error => Status::Error,
            _ => Status::Failed,
        },
        failures: Vec::new(),
        done,
        ends_strand: all.ends_strand,
    }))
}
