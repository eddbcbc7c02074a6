//! Webhooks: from a provider's notice to the shop, with the provider's tries, and every way they can go wrong.

mod deliver;
mod notice;

pub use self::deliver::{Delivery, DeliveryState, Outbox, Pauses};
pub use self::notice::{Endpoint, Message, Notice, Try, Twist, WebhookRequest};
