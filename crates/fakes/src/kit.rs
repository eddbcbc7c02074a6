//! What all fakes are made of: requests in, answers out, and everything that is the same for every provider.

mod accounts;
mod answer;
mod call;
mod control;
mod fake;
mod faults;
mod ground;
mod idempotency;
mod ids;
mod order;
mod page;
mod provider;
mod record;
mod routes;
mod server;
mod socket;
mod webhooks;

pub use self::accounts::{Account, Accounts};
pub use self::answer::Answer;
pub use self::call::{Call, Notes};
pub use self::fake::{Fake, FakeError, FakeOptions};
pub use self::faults::{ArmedFault, BadFault, Faults};
pub use self::ground::{Ground, Movements, Timers};
pub use self::idempotency::{Claim, Keys, KeysOf, Stored};
pub use self::ids::Ids;
pub use self::order::{BadPattern, OrderRules};
pub use self::provider::{
    Action, ActionError, Failure, Parameter, Provider, ProviderKind, State, Subscription, Variable,
};
pub use self::routes::{Found, Routes};
pub use self::webhooks::{
    Delivery, DeliveryState, Endpoint, Message, Notice, Outbox, Pauses, Try, Twist, WebhookRequest,
};
