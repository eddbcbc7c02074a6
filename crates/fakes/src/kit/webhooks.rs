//! Webhooks: from a provider's notice to the shop, with the provider's tries, and every way they can go wrong.

mod attempt;
mod deliver;
mod delivery;
mod notice;
mod outbox;
mod twisted;

#[cfg(test)]
mod tests;

pub use self::delivery::{Delivery, DeliveryState};
pub use self::notice::{Endpoint, Message, Notice, Try, Twist, WebhookRequest};
pub use self::outbox::{Outbox, Pauses};
pub(crate) use self::twisted::{check_webhook_fault, time};
