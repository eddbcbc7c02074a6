//! What a scenario is played in.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use styk_core::{Clock, Fault, Journal, Secrets, Seed};
use url::Url;

use super::SharedFixtures;

/// A future behind a pointer, for traits that are used as objects.
pub type BoxFuture<'a, T> = futures_util::future::BoxFuture<'a, T>;

/// The stage as the engine sees it, with everything that is handed in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct World {
    /// Where the shop is.
    pub shop: Url,
    /// The stage's journal.
    pub journal: Journal,
    /// The stage's clock.
    pub clock: Clock,
    /// The run's seed.
    pub seed: Seed,
    /// The run's id.
    pub run_id: String,
    /// The stage's mocks.
    pub mocks: Arc<dyn Mocks>,
    /// The stage's fakes.
    pub fakes: Arc<dyn Fakes>,
    /// Values to mask; the engine adds to them.
    pub secrets: Secrets,
    /// What `stage.…` names.
    pub stage: Value,
    /// What `env.…` names.
    pub env: Value,
    /// Fixtures that outlive a scenario.
    pub fixtures: SharedFixtures,
    /// Whether nobody else plays on this stage at the same time.
    pub exclusive: bool,
    /// Default limits.
    pub limits: Limits,
}

/// How long things may take where a scenario does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// One step.
    pub step: Duration,
    /// One attempt at a scenario, without `finally` and teardown.
    pub scenario: Duration,
    /// `finally` and teardown together.
    pub teardown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            step: Duration::from_secs(10),
            scenario: Duration::from_secs(60),
            teardown: Duration::from_secs(10),
        }
    }
}

/// The mocks of a stage. Errors are sentences for the person who wrote the scenario.
pub trait Mocks: Send + Sync + Debug {
    /// Their names.
    fn names(&self) -> Vec<String>;

    /// Adds an expectation (MockServer's JSON) to a mock; gives the ids by which it can be removed.
    fn expect<'a>(
        &'a self,
        mock: &'a str,
        expectation: Value,
    ) -> BoxFuture<'a, Result<Vec<String>, String>>;

    /// Removes an expectation. One that is used up already is no error.
    fn remove<'a>(&'a self, mock: &'a str, id: &'a str) -> BoxFuture<'a, Result<(), String>>;

    /// Brings the log of mock servers that run elsewhere into the journal.
    fn refresh(&self) -> BoxFuture<'_, Result<(), String>>;
}

/// The fakes of a stage. Errors are sentences for the person who wrote the scenario.
pub trait Fakes: Send + Sync + Debug {
    /// Their names.
    fn names(&self) -> Vec<String>;

    /// Makes something happen at a fake; gives what came of it.
    fn act<'a>(
        &'a self,
        fake: &'a str,
        action: &'a str,
        with: Map<String, Value>,
    ) -> BoxFuture<'a, Result<Value, String>>;

    /// Arms a fault at a fake; gives the number to take it back by.
    ///
    /// # Errors
    ///
    /// When there is no such fake, or it cannot break that way.
    fn arm(&self, fake: &str, fault: Fault) -> Result<u64, String>;

    /// Takes a fault back and tells what became of it; `None` when it is gone already.
    fn disarm(&self, fake: &str, id: u64) -> Option<Fired>;
}

/// What became of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fired {
    /// How many calls fitted its place, whatever their ordinal.
    pub seen: u32,
    /// How often it fired.
    pub fired: u32,
}
