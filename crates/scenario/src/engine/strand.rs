//! One line of playing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::actor::Actor;
use super::limit::Deadline;
use super::start_line::Ticket;
use crate::Scope;
use crate::ast::HttpCall;

/// What changes from step to step: names, actors, deadlines. `parallel` forks it, a fixture opens a new one.
#[derive(Clone, Debug)]
pub(super) struct Strand {
    pub(super) scope: Scope,
    /// Actors that can be picked with `by`.
    actors: HashMap<String, Arc<Actor>>,
    /// Who sends when no `by` says otherwise: the latest session.
    actor: Arc<Actor>,
    /// Whether a session was opened on this strand.
    pub(super) opened_session: bool,
    pub(super) phase: Phase,
    /// The nearest deadline of what encloses the next step.
    pub(super) deadline: Deadline,
    /// The limit of a step that has none of its own.
    pub(super) step_limit: Duration,
    /// In a parallel copy: where its first request waits for the others.
    pub(super) ticket: Option<Arc<Ticket>>,
    /// Whether other strands play at the same time.
    pub(super) is_forked: bool,
}

/// What the strand is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Fixtures and steps: the first failure ends it, the first interrupt too.
    Steps,
    /// `finally` and teardown: every step is tried; only the second interrupt ends it.
    Cleanup {
        /// Something failed before, so names may be missing.
        after_failure: bool,
    },
}

impl Strand {
    pub(super) fn new(
        scope: Scope,
        actor: Arc<Actor>,
        deadline: Deadline,
        step_limit: Duration,
    ) -> Self {
        Self {
            scope,
            actors: HashMap::new(),
            actor,
            opened_session: false,
            phase: Phase::Steps,
            deadline,
            step_limit,
            ticket: None,
            is_forked: false,
        }
    }

    /// A strand that plays beside this one.
    pub(super) fn fork(&self, ticket: Option<Arc<Ticket>>) -> Self {
        let mut fork = self.clone();
        fork.ticket = ticket;
        fork.is_forked = true;
        fork.opened_session = false;
        fork.scope.enter_variables();
        fork
    }

    /// Who sends: the named actor, or the latest session.
    pub(super) fn sender(&self, by: Option<&str>) -> Arc<Actor> {
        match by {
            None => Arc::clone(&self.actor),
            Some(HttpCall::ANONYMOUS) => Arc::new(Actor::anonymous(HttpCall::ANONYMOUS)),
            // A name that nobody has yet: a session of this very step makes it an actor.
            Some(name) => self
                .actors
                .get(name)
                .map_or_else(|| Arc::new(Actor::new(name)), Arc::clone),
        }
    }

    /// The latest session.
    pub(super) fn actor(&self) -> &Arc<Actor> {
        &self.actor
    }

    /// Makes an actor the latest session, and known by its name.
    pub(super) fn open_session(&mut self, actor: Arc<Actor>) {
        self.actors.insert(actor.name.clone(), Arc::clone(&actor));
        self.actor = actor;
        self.opened_session = true;
    }

    /// Makes an actor known by another name, too.
    pub(super) fn adopt(&mut self, alias: &str, actor: &Arc<Actor>) {
        self.actors.insert(alias.to_owned(), Arc::clone(actor));
        self.actor = Arc::clone(actor);
        self.opened_session = true;
    }
}
