//! What a stage shall be, fully resolved: the files and the environment were read by others.

use std::collections::BTreeMap;

use styk_fakes::ProviderKind;
use styk_fakes::kit::{OrderRules, Pauses};
use url::Url;

use crate::ReadySpec;

/// What shall stand.
#[derive(Clone, Debug)]
pub struct StageSpec {
    /// The system under test.
    pub shop: ShopSpec,
    /// Its outside world, in the configuration's order. Names are unique.
    pub mocks: Vec<MockSpec>,
    /// The fakes of providers in it, likewise. No mock has the name of one.
    pub fakes: Vec<FakeSpec>,
    /// When the shop counts as ready.
    pub ready: ReadySpec,
}

/// Where the shop comes from.
#[derive(Clone, Debug)]
pub enum ShopSpec {
    /// Started in this process, by the launcher.
    Embedded {
        /// Variables for the shop, beyond those the stage sets itself. They win.
        variables: BTreeMap<String, String>,
    },
    /// Running already; nobody here starts or stops it.
    Attached {
        /// Its address.
        base: Url,
    },
}

/// One mock of the outside world.
#[derive(Clone, Debug)]
pub struct MockSpec {
    /// Its name, as scenarios and the matrix use it.
    pub name: String,
    /// Where it listens.
    pub address: MockAddress,
    /// Variables of an embedded shop that get this mock's address.
    pub variables: Vec<String>,
    /// Expectations (MockServer's JSON) that stand before the first request.
    pub expectations: Vec<serde_json::Value>,
}

/// One fake of the outside world.
#[derive(Clone, Debug)]
pub struct FakeSpec {
    /// Which provider.
    pub kind: ProviderKind,
    /// Where it listens; `None` takes a free port.
    pub port: Option<u16>,
    /// Where its webhooks go, once the shop stands.
    pub webhooks: Vec<WebhookSpec>,
    /// The pauses between the tries of a webhook.
    pub pauses: Pauses,
    /// How the shop's order is found in what it sends.
    pub orders: OrderRules,
    /// Further variables of an embedded shop: a name of its own for one of the fake's variables.
    pub variables: BTreeMap<String, String>,
}

/// Webhooks for the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSpec {
    /// Where they go: a path on the shop, or an address.
    pub target: String,
    /// Which; all when empty.
    pub events: Vec<String>,
}

/// Where a mock listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MockAddress {
    /// On a free port; the shop is told which.
    Free,
    /// On this port of this machine.
    Port(u16),
    /// At this address; it may be a MockServer that runs already.
    At(Url),
}

impl StageSpec {
    /// The same stage whose embedded shop gets further variables; they win. A shop that runs already gets none.
    #[must_use]
    pub fn with_variables(&self, further: &[(String, String)]) -> Self {
        let mut spec = self.clone();
        if let ShopSpec::Embedded { variables } = &mut spec.shop {
            variables.extend(further.iter().cloned());
        }
        spec
    }

    /// The names of everything the shop may call: mocks and fakes.
    #[must_use]
    pub fn services(&self) -> Vec<String> {
        let mocks = self.mocks.iter().map(|mock| mock.name.clone());
        let fakes = self.fakes.iter().map(|fake| fake.kind.name.to_owned());
        mocks.chain(fakes).collect()
    }

    /// The word for it in reports.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.shop {
            ShopSpec::Embedded { .. } => "embedded",
            ShopSpec::Attached { .. } => "attached",
        }
    }
}
