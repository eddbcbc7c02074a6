//! The fakes of one stage.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use styk_core::{Clock, Fault, Journal, Ledger, Seed};
use styk_fakes::kit::{ArmedFault, Subscription};
use styk_fakes::{Fake, FakeOptions};
use url::Url;

use crate::outside::address_value;
use crate::{FakeSpec, StageError};

/// The stage's fakes, with the ledger that they share.
#[derive(Debug)]
pub struct Fakes {
    fakes: Vec<Fake>,
    ledger: Ledger,
}

impl Fakes {
    pub(crate) async fn start(
        specs: &[FakeSpec],
        journal: &Journal,
        clock: &Clock,
        seed: Seed,
    ) -> Result<Arc<Self>, StageError> {
        let ledger = Ledger::default();
        let mut fakes = Vec::with_capacity(specs.len());
        for spec in specs {
            let mut options = FakeOptions {
                clock: clock.clone(),
                seed,
                journal: journal.clone(),
                ledger: ledger.clone(),
                orders: spec.orders.clone(),
                pauses: spec.pauses.clone(),
                ..FakeOptions::default()
            };
            options.bind.set_port(spec.port.unwrap_or(0));
            let started = Fake::start(spec.kind, options).await;
            fakes.push(started.map_err(|error| StageError::FakeStart {
                fake: spec.kind.name.to_owned(),
                cause: error.to_string(),
            })?);
        }
        Ok(Arc::new(Self { fakes, ledger }))
    }

    /// Has their webhooks sent to the shop, now that it has an address.
    pub(crate) fn subscribe(&self, specs: &[FakeSpec], shop: &Url) -> Result<(), StageError> {
        for (spec, fake) in specs.iter().zip(&self.fakes) {
            for webhooks in &spec.webhooks {
                let subscription = Subscription {
                    url: target(shop, &webhooks.target),
                    events: webhooks.events.clone(),
                    ..Subscription::default()
                };
                fake.subscribe(&subscription)
                    .map_err(|error| StageError::Webhooks {
                        fake: fake.name().to_owned(),
                        target: subscription.url.clone(),
                        cause: error.to_string(),
                    })?;
            }
        }
        Ok(())
    }

    /// The fakes, in the configuration's order.
    pub fn iter(&self) -> impl Iterator<Item = &Fake> {
        self.fakes.iter()
    }

    /// What truly happened outside.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Makes something happen at a fake.
    ///
    /// # Errors
    ///
    /// A sentence for the person who wrote the scenario.
    pub async fn act(
        &self,
        fake: &str,
        action: &str,
        with: &Map<String, Value>,
    ) -> Result<Value, String> {
        let acted = self.find(fake)?.act(action, with).await;
        acted.map_err(|error| error.to_string())
    }

    /// Arms a fault at a fake; gives its number there.
    ///
    /// # Errors
    ///
    /// A sentence for the person who wrote the scenario.
    pub fn arm(&self, fake: &str, fault: Fault) -> Result<u64, String> {
        let armed = self.find(fake)?.arm(fault);
        armed.map_err(|error| error.to_string())
    }

    /// Takes a fault back; tells what became of it. `None` when it is gone already.
    #[must_use]
    pub fn disarm(&self, fake: &str, id: u64) -> Option<ArmedFault> {
        self.find(fake).ok()?.faults().remove(id)
    }

    /// What an embedded shop is told about them: the fakes' own variables, and the names of the configuration.
    pub(crate) fn variables(&self, specs: &[FakeSpec]) -> BTreeMap<String, String> {
        let mut variables = BTreeMap::new();
        for (spec, fake) in specs.iter().zip(&self.fakes) {
            let own = fake.variables();
            for (name, of) in &spec.variables {
                let value = own.iter().find(|variable| variable.name == of);
                variables.extend(value.map(|found| (name.clone(), found.value.clone())));
            }
            let named = own.into_iter();
            variables.extend(named.map(|variable| (variable.name.to_owned(), variable.value)));
        }
        variables
    }

    /// What `stage.<name>` is for each fake: `url`, `host`, `port`, and its variables under `env`.
    pub(crate) fn values(&self) -> Map<String, Value> {
        let value = |fake: &Fake| {
            let mut value = address_value(fake.url());
            let variables = fake.variables().into_iter();
            let env = variables.map(|variable| (variable.name.to_owned(), variable.value.into()));
            value["env"] = Value::Object(env.collect());
            value
        };
        let fakes = self.fakes.iter();
        fakes
            .map(|fake| (fake.name().to_owned(), value(fake)))
            .collect()
    }

    /// Ends them. Whoever still holds the set sees them stopped.
    pub(crate) async fn stop(&self) {
        futures_util::future::join_all(self.fakes.iter().map(Fake::end)).await;
    }

    fn find(&self, name: &str) -> Result<&Fake, String> {
        let mut fakes = self.fakes.iter();
        fakes
            .find(|fake| fake.name() == name)
            .ok_or_else(|| format!("there is no fake `{name}` on this stage"))
    }
}

/// A path on the shop, or an address as it is.
fn target(shop: &Url, target: &str) -> String {
    if target.starts_with('/') {
        format!("{}{target}", shop.as_str().trim_end_matches('/'))
    } else {
        target.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_shops_and_an_address_stays() {
        let shop: Url = "http://127.0.0.1:8000/".parse().expect("an address");
        let hook = "/api/webhooks/cloudpayments/{type}/";
        assert_eq!(target(&shop, hook), format!("http://127.0.0.1:8000{hook}"));
        assert_eq!(
            target(&shop, "http://127.0.0.1:9/x"),
            "http://127.0.0.1:9/x"
        );
    }
}
