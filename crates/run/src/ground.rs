//! What scenarios are played on: a stage of their own, or the one that all share.

use std::future::Future;
use std::sync::Arc;

use serde_json::{Map, Value};
use styk_core::{Clock, Diagnostic, Fault, Secrets, Seed};
use styk_scenario::{BoxFuture, Fakes, Fired, Interrupt, Limits, Mocks, SharedFixtures, World};
use styk_stage::{OutsideWorld, ShopLauncher, ShopSpec, Stage, StageContext, StageSpec};

/// What every part of a run is given.
#[derive(Debug)]
pub(crate) struct Tools {
    pub(crate) run_id: String,
    pub(crate) clock: Clock,
    pub(crate) seed: Seed,
    pub(crate) secrets: Secrets,
    pub(crate) launcher: Option<Arc<dyn ShopLauncher>>,
    pub(crate) stage: StageSpec,
    pub(crate) env: Value,
    pub(crate) limits: Limits,
}

/// A stage with the fixtures of scope `run` on it.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) stage: Stage,
    pub(crate) fixtures: SharedFixtures,
    /// Whether one plays at a time.
    pub(crate) exclusive: bool,
}

impl Tools {
    /// Whether every scenario gets a stage of its own.
    pub(crate) fn is_embedded(&self) -> bool {
        matches!(self.stage.shop, ShopSpec::Embedded { .. })
    }

    /// Brings a stage up. `name` makes its chance its own; `variables` are for an embedded shop, beyond those of
    /// styk.yaml.
    ///
    /// # Errors
    ///
    /// When it does not come up; `None` when it was stopped before it stood.
    pub(crate) async fn stand(
        &self,
        name: &str,
        variables: &[(String, String)],
        exclusive: bool,
        interrupt: &Interrupt,
    ) -> Result<Ground, Option<Diagnostic>> {
        let spec = self.stage.with_variables(variables);
        let context = StageContext {
            clock: self.clock.clone(),
            seed: self.seed.derive(name),
            launcher: self.launcher.clone(),
        };
        tokio::select! {
            biased;
            () = interrupt.stopped() => Err(None),
            stage = Stage::start(&spec, context) => match stage {
                Ok(stage) => Ok(Ground {
                    stage,
                    fixtures: SharedFixtures::new(),
                    exclusive,
                }),
                Err(error) => Err(Some(error.to_diagnostic())),
            },
        }
    }

    /// A ground as one worker's scenarios see it.
    pub(crate) fn world(&self, ground: &Ground, fixtures: &SharedFixtures) -> World {
        let stage = &ground.stage;
        World {
            shop: stage.shop().clone(),
            journal: stage.journal().clone(),
            clock: self.clock.clone(),
            seed: self.seed,
            run_id: self.run_id.clone(),
            mocks: Arc::new(StageMocks(Arc::clone(stage.mocks()))),
            fakes: Arc::new(StageFakes(Arc::clone(stage.fakes()))),
            secrets: self.secrets.clone(),
            stage: stage.values().clone(),
            env: self.env.clone(),
            fixtures: fixtures.clone(),
            exclusive: ground.exclusive,
            limits: self.limits,
        }
    }

    /// Takes a ground down: the workers' fixtures, the run's, then the stage. Gives what did not go well.
    pub(crate) async fn leave(
        &self,
        ground: Ground,
        workers: &[SharedFixtures],
        interrupt: &Interrupt,
    ) -> Vec<Diagnostic> {
        let mut failures = Vec::new();
        for fixtures in workers {
            let world = self.world(&ground, fixtures);
            failures.extend(fixtures.tear_down_worker(&world, interrupt).await);
        }
        let world = self.world(&ground, &ground.fixtures);
        failures.extend(ground.fixtures.tear_down_run(&world, interrupt).await);
        drop(world);
        ground.stage.stop().await;
        failures
    }
}

/// The stage's mocks, as scenarios ask for them.
#[derive(Debug)]
struct StageMocks(Arc<OutsideWorld>);

impl Mocks for StageMocks {
    fn names(&self) -> Vec<String> {
        self.0.names()
    }

    fn expect<'a>(
        &'a self,
        mock: &'a str,
        expectation: Value,
    ) -> BoxFuture<'a, Result<Vec<String>, String>> {
        Box::pin(async move { self.0.expect(mock, &expectation).await })
    }

    fn remove<'a>(&'a self, mock: &'a str, id: &'a str) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(self.0.remove(mock, id))
    }

    fn refresh(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(self.0.refresh())
    }
}

/// The stage's fakes, as scenarios ask for them.
#[derive(Debug)]
struct StageFakes(Arc<styk_stage::Fakes>);

impl Fakes for StageFakes {
    fn names(&self) -> Vec<String> {
        self.0.iter().map(|fake| fake.name().to_owned()).collect()
    }

    fn act<'a>(
        &'a self,
        fake: &'a str,
        action: &'a str,
        with: Map<String, Value>,
    ) -> BoxFuture<'a, Result<Value, String>> {
        Box::pin(async move { self.0.act(fake, action, &with).await })
    }

    fn arm(&self, fake: &str, fault: Fault) -> Result<u64, String> {
        self.0.arm(fake, fault)
    }

    fn disarm(&self, fake: &str, id: u64) -> Option<Fired> {
        let armed = self.0.disarm(fake, id)?;
        Some(Fired {
            seen: armed.seen,
            fired: armed.fired,
        })
    }
}

/// The value of a future that is ready now.
pub(crate) fn if_ready<T>(future: impl Future<Output = T>) -> Option<T> {
    futures_util::FutureExt::now_or_never(future)
}
