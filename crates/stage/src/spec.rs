//! What a stage shall be, fully resolved: the files and the environment were read by others.

use std::collections::BTreeMap;

use url::Url;

use crate::ReadySpec;

/// What shall stand.
#[derive(Clone, Debug)]
pub struct StageSpec {
    /// The system under test.
    pub shop: ShopSpec,
    /// Its outside world, in the configuration's order. Names are unique.
    pub mocks: Vec<MockSpec>,
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
    /// The word for it in reports.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.shop {
            ShopSpec::Embedded { .. } => "embedded",
            ShopSpec::Attached { .. } => "attached",
        }
    }
}
