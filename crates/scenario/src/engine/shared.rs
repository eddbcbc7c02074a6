//! Fixtures that outlive a scenario: set up once, used by many, taken down at the end of the worker or run.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use styk_core::{Diagnostic, StepResult};
use tokio::sync::OnceCell;

use super::actor::Actor;
use super::fixture::SetUp;
use super::player::{Identity, PRIORITY_OF_SHARED, Player, Undo};
use super::result::{Done, Trouble};
use super::strand::Strand;
use super::{Interrupt, World};
use crate::Scope;
use crate::ast::{Fixture, FixtureScope, Fixtures};

/// The fixtures of scope `run` and `worker` on one stage. Clones share both.
#[derive(Clone, Default)]
pub struct SharedFixtures {
    run: Store,
    worker: Store,
}

type Store = Arc<Mutex<Slots>>;

#[derive(Default)]
struct Slots {
    by_key: HashMap<String, Arc<Slot>>,
    /// In the order in which they were asked for.
    order: Vec<Arc<Slot>>,
}

struct Slot {
    state: OnceCell<Result<SetUp, Vec<Diagnostic>>>,
    undo: Mutex<Option<LeftBehind>>,
}

/// What a set-up leaves to be undone.
struct LeftBehind {
    undo: Undo,
    fixtures: Arc<Fixtures>,
    name: String,
    folder: camino::Utf8PathBuf,
}

/// What one use of a shared fixture gives.
pub(super) struct SharedUse {
    pub(super) result: Result<SetUp, Box<Trouble>>,
    /// The steps, for whoever came first.
    pub(super) steps: Vec<StepResult>,
    pub(super) note: Option<String>,
}

impl SharedFixtures {
    /// No fixtures yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same fixtures of scope `run`, and none yet of scope `worker`: for each worker of a shared stage.
    #[must_use]
    pub fn for_worker(&self) -> Self {
        Self {
            run: Arc::clone(&self.run),
            worker: Store::default(),
        }
    }

    /// Takes the worker's fixtures down, the latest first, within the limit for cleaning up. Gives what did not go
    /// well.
    pub async fn tear_down_worker(&self, world: &World, interrupt: &Interrupt) -> Vec<Diagnostic> {
        tear_down(&self.worker, world, interrupt).await
    }

    /// Takes the run's fixtures down; see [`SharedFixtures::tear_down_worker`].
    pub async fn tear_down_run(&self, world: &World, interrupt: &Interrupt) -> Vec<Diagnostic> {
        tear_down(&self.run, world, interrupt).await
    }

    fn slot(&self, scope: FixtureScope, key: String) -> Arc<Slot> {
        let store = match scope {
            FixtureScope::Worker => &self.worker,
            FixtureScope::Run | FixtureScope::Scenario => &self.run,
        };
        let mut slots = lock(store);
        if let Some(slot) = slots.by_key.get(&key) {
            return Arc::clone(slot);
        }
        let slot = Arc::new(Slot {
            state: OnceCell::new(),
            undo: Mutex::new(None),
        });
        slots.by_key.insert(key, Arc::clone(&slot));
        slots.order.push(Arc::clone(&slot));
        slot
    }
}

impl fmt::Debug for SharedFixtures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SharedFixtures")
            .field("run", &lock(&self.run).order.len())
            .field("worker", &lock(&self.worker).order.len())
            .finish()
    }
}

impl Player<'_> {
    pub(super) async fn use_shared(
        &self,
        fixture: &Arc<Fixture>,
        alias: &str,
        args: Vec<(String, Value)>,
        base: Scope,
        path: &str,
    ) -> SharedUse {
        let key = key(fixture, &args);
        let slot = self.world.fixtures.slot(fixture.scope, key.clone());
        let mut steps = None;
        let state = slot
            .state
            .get_or_init(|| async {
                let (state, played) = self
                    .set_up_shared(&slot, fixture, alias, args, base, &key, path)
                    .await;
                steps = Some(played);
                state
            })
            .await;
        let is_first = steps.is_some();
        let result = match state {
            Ok(set_up) => Ok(set_up.clone()),
            Err(_) if is_first => Err(Box::new(Trouble {
                status: styk_core::Status::Error,
                failures: Vec::new(),
                done: Done::default(),
                ends_strand: false,
            })),
            Err(failures) => {
                let mut trouble = Trouble::failed(failures.clone(), Done::default());
                for failure in &mut trouble.failures {
                    failure
                        .notes
                        .push("it failed earlier, and is tried once".to_owned());
                }
                Err(trouble)
            }
        };
        SharedUse {
            result,
            steps: steps.unwrap_or_default(),
            note: (!is_first).then(|| "set up earlier".to_owned()),
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call, which hands everything of a use on"
    )]
    async fn set_up_shared(
        &self,
        slot: &Slot,
        fixture: &Arc<Fixture>,
        alias: &str,
        args: Vec<(String, Value)>,
        base: Scope,
        key: &str,
        path: &str,
    ) -> (Result<SetUp, Vec<Diagnostic>>, Vec<StepResult>) {
        let folder = fixture.span.source().folder();
        let identity = Identity {
            id: key,
            attempt: 1,
        };
        // A player of its own: what it leaves behind outlives the scenario that came first.
        let player = Player::new(
            self.world,
            self.interrupt,
            identity,
            folder,
            Arc::clone(&self.fixtures),
            PRIORITY_OF_SHARED,
        );
        let player = match player {
            Ok(player) => player,
            Err(message) => return (Err(vec![Diagnostic::error(message)]), Vec::new()),
        };
        let base = base.with_context(player.context.clone());
        let caller = Strand::new(
            base.clone(),
            Arc::new(Actor::new(alias)),
            player.fixture_deadline(),
            self.world.limits.step,
        );
        // Boxed, because a fixture may use another shared one.
        let attempted = Box::pin(player.set_up(fixture, alias, args, base, &caller, path)).await;
        let left = LeftBehind {
            undo: std::mem::take(&mut *player.undo()),
            fixtures: Arc::clone(&self.fixtures),
            name: key.to_owned(),
            folder: folder.to_owned(),
        };
        *slot.undo.lock().unwrap_or_else(PoisonError::into_inner) = Some(left);
        let state = attempted.result.map_err(|trouble| {
            let mut failures = trouble.failures;
            collect_failures(&attempted.steps, &mut failures);
            failures
        });
        (state, attempted.steps)
    }
}

async fn tear_down(store: &Store, world: &World, interrupt: &Interrupt) -> Vec<Diagnostic> {
    let slots = std::mem::take(&mut *lock(store));
    let mut failures = Vec::new();
    for slot in slots.order.into_iter().rev() {
        let left = slot
            .undo
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(left) = left else { continue };
        let identity = Identity {
            id: &left.name,
            attempt: 2,
        };
        let player = Player::new(
            world,
            interrupt,
            identity,
            &left.folder,
            left.fixtures,
            PRIORITY_OF_SHARED,
        );
        match player {
            Ok(player) => {
                *player.undo() = left.undo;
                let steps = player.undo_all(false).await;
                collect_failures(&steps, &mut failures);
            }
            Err(message) => failures.push(Diagnostic::error(message)),
        }
    }
    failures
}

/// All failures of steps and of the steps inside them, in order.
pub(super) fn collect_failures(steps: &[StepResult], failures: &mut Vec<Diagnostic>) {
    for step in steps {
        failures.extend(step.failures.iter().cloned());
        collect_failures(&step.children, failures);
    }
}

/// The same fixture with other arguments is another one.
fn key(fixture: &Fixture, args: &[(String, Value)]) -> String {
    let mut sorted: Vec<String> = args
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    sorted.sort_unstable();
    format!("fixture {}({})", fixture.name, sorted.join(", "))
}

fn lock(store: &Store) -> MutexGuard<'_, Slots> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}
