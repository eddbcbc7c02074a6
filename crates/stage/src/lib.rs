//! Brings a system under test and its outside world up and down.
//!
//! A [`StageSpec`] says what shall stand: a shop started in this process or one that runs already, and
//! the mocks and fakes around it. A [`Stage`] stands: it has addresses, one journal, and ends everything it started, also
//! when it is dropped without being asked to stop. Many stages live side by side in one process.
//!
//! The stage knows neither the scenarios nor the shop: the binary hands in a [`ShopLauncher`].

mod attach;
mod error;
mod fakes;
mod foreign;
mod ids;
mod launch;
mod outside;
mod ready;
mod spec;
mod stage;
mod telemetry;

pub use error::StageError;
pub use fakes::Fakes;
pub use launch::{LaunchError, LaunchRequest, RunningShop, ShopLauncher};
pub use outside::OutsideWorld;
pub use ready::{LastAnswer, NotReady, ReadySpec};
pub use spec::{FakeSpec, MockAddress, MockSpec, ShopSpec, StageSpec, WebhookSpec};
pub use stage::{Stage, StageContext};
/// Which providers there are fakes of, and what can be set about one.
pub use styk_fakes::{
    Fake, ProviderKind,
    kit::{Action, BadPattern, OrderRules, Pauses},
    providers,
};
