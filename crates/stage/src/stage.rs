//! One stage: a system under test together with its own outside world.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::trace::SdkTracerProvider;
use serde_json::Value;
use styk_core::{Clock, Journal, Seed};
use url::Url;

use crate::attach::{Ground, place};
use crate::error::variable_stem;
use crate::outside::{OutsideWorld, address_value};
use crate::ready::wait_until_ready;
use crate::telemetry::journal_provider;
use crate::{
    Fakes, LaunchRequest, MockAddress, RunningShop, ShopLauncher, ShopSpec, StageError, StageSpec,
};

/// What a stage is given by whoever starts it.
#[derive(Clone, Debug)]
pub struct StageContext {
    /// Its time.
    pub clock: Clock,
    /// Its chance.
    pub seed: Seed,
    /// Who starts an embedded shop.
    pub launcher: Option<Arc<dyn ShopLauncher>>,
}

/// A system under test with its outside world, ready to be played on.
///
/// [`Stage::stop`] ends it in order. Dropping it ends it as well: its parts stop when they are dropped.
#[derive(Debug)]
pub struct Stage {
    // In this order they are dropped: the shop before the services it calls.
    shop: Option<Box<dyn RunningShop>>,
    mocks: Arc<OutsideWorld>,
    fakes: Arc<Fakes>,
    telemetry: Option<SdkTracerProvider>,
    url: Url,
    journal: Journal,
    values: Value,
}

impl Stage {
    /// Brings a stage up: the mocks and fakes, then the shop, then waits until the shop is ready.
    ///
    /// Cancelling it, like an error, ends what was already started.
    ///
    /// # Errors
    ///
    /// When a mock or the shop cannot be started or reached, or the shop does not become ready in time.
    pub async fn start(spec: &StageSpec, context: StageContext) -> Result<Self, StageError> {
        let client = http_client()?;
        let journal = Journal::default();
        let ground = Ground {
            client: &client,
            journal: &journal,
            clock: &context.clock,
            seed: context.seed,
        };
        let mut placed = Vec::with_capacity(spec.mocks.len());
        for mock in &spec.mocks {
            let has_address = mock.address != MockAddress::Free;
            if !has_address && matches!(spec.shop, ShopSpec::Attached { .. }) {
                return Err(StageError::NoMockAddress {
                    mock: mock.name.clone(),
                });
            }
            placed.push(place(mock, &ground).await?);
        }
        let mocks = OutsideWorld::new(placed);
        let fakes = Fakes::start(&spec.fakes, &journal, &context.clock, context.seed).await?;
        let (url, shop, telemetry) = match &spec.shop {
            ShopSpec::Attached { base } => (base.clone(), None, None),
            ShopSpec::Embedded { variables } => {
                let variables = shop_variables(spec, &mocks, &fakes, variables);
                let (shop, telemetry) = launch(variables, &journal, &context).await?;
                (shop.base_url(), Some(shop), Some(telemetry))
            }
        };
        fakes.subscribe(&spec.fakes, &url)?;
        let mut values = mocks.values();
        values.extend(fakes.values());
        values.insert("shop".to_owned(), address_value(&url));
        let stage = Self {
            shop,
            mocks,
            fakes,
            telemetry,
            url,
            journal,
            values: Value::Object(values),
        };
        let clock = &context.clock;
        wait_until_ready(&client, &stage.url, &spec.ready, clock, stage.died()).await?;
        Ok(stage)
    }

    /// The shop's address.
    #[must_use]
    pub fn shop(&self) -> &Url {
        &self.url
    }

    /// The one witness of everything that happens here.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The fakes of its outside world, with their ledger.
    #[must_use]
    pub fn fakes(&self) -> &Arc<Fakes> {
        &self.fakes
    }

    /// The mocks of its outside world.
    #[must_use]
    pub fn mocks(&self) -> &Arc<OutsideWorld> {
        &self.mocks
    }

    /// What `stage.*` names in scenarios: `shop`, every mock and every fake, each with `url`, `host` and `port`.
    #[must_use]
    pub fn values(&self) -> &Value {
        &self.values
    }

    /// Resolves with the cause when an embedded shop ends by itself; never for an attached one.
    pub async fn died(&self) -> String {
        match &self.shop {
            Some(shop) => shop.died().await,
            None => pending().await,
        }
    }

    /// Ends everything the stage started: the shop first, then the services it calls.
    pub async fn stop(mut self) {
        if let Some(shop) = self.shop.take() {
            shop.stop().await;
        }
        self.mocks.stop().await;
        self.fakes.stop().await;
        if let Some(telemetry) = self.telemetry.take()
            && let Err(error) = telemetry.shutdown()
        {
            tracing::warn!(%error, "the tracer provider did not shut down cleanly");
        }
    }
}

async fn launch(
    variables: BTreeMap<String, String>,
    journal: &Journal,
    context: &StageContext,
) -> Result<(Box<dyn RunningShop>, SdkTracerProvider), StageError> {
    let launcher = context.launcher.as_ref().ok_or(StageError::NoLauncher)?;
    let clock = context.clock.clone();
    let telemetry = journal_provider(journal.clone(), clock, context.seed);
    let request = LaunchRequest {
        variables,
        telemetry: telemetry.clone(),
        seed: context.seed.derive("shop"),
    };
    Ok((launcher.launch(request).await?, telemetry))
}

/// What an embedded shop is told: a database of its own, a free port, and where its services are.
fn shop_variables(
    spec: &StageSpec,
    mocks: &OutsideWorld,
    fakes: &Fakes,
    own: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut variables: BTreeMap<String, String> = [
        ("BIND", "127.0.0.1:0"),
        ("DATABASE_URL", "sqlite::memory:"),
        ("SHOP_PROFILE", "integration"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for (mock, (_, url)) in spec.mocks.iter().zip(mocks.addresses()) {
        let stem = variable_stem(&mock.name);
        let names = if mock.variables.is_empty() {
            vec![format!("{stem}_SERVICE_URL"), format!("{stem}_MOCK_URL")]
        } else {
            mock.variables.clone()
        };
        let address = url.as_str().trim_end_matches('/');
        variables.extend(names.into_iter().map(|name| (name, address.to_owned())));
    }
    variables.extend(fakes.variables(&spec.fakes));
    variables.extend(own.clone());
    variables
}

fn http_client() -> Result<reqwest::Client, StageError> {
    const CONNECT_LIMIT: Duration = Duration::from_secs(5);
    reqwest::Client::builder()
        // A proxy of this machine has nothing to say between a stage's parts.
        .no_proxy()
        .connect_timeout(CONNECT_LIMIT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| StageError::Client {
            cause: error.to_string(),
        })
}
