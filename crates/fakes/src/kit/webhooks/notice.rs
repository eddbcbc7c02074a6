//! What a provider wants to tell a shop.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, StatusCode};
use jiff::Timestamp;
use styk_core::Headers;

/// One notification for one endpoint.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The account's name that tells no secret.
    pub account: String,
    /// The event's type, in the provider's words: `payment_intent.succeeded`.
    pub event: String,
    /// The provider's id of the event, where it has one.
    pub event_id: Option<String>,
    /// The provider's id of the object it tells of.
    pub object: String,
    /// The shop's order.
    pub order: Option<String>,
    /// Where it goes.
    pub endpoint: Endpoint,
    /// What is sent.
    pub message: Arc<dyn Message>,
}

/// Where webhooks go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The provider's id of it, or its address where it has none. Removing an endpoint ends what is on its way there.
    pub id: String,
    /// The shop's address.
    pub url: String,
}

/// What one notification is in bytes. It is asked anew for each try: some providers sign each one.
pub trait Message: fmt::Debug + Send + Sync {
    /// The request of one try.
    fn request(&self, endpoint: &Endpoint, attempt: &Try) -> WebhookRequest;

    /// Whether the shop's answer ends the tries.
    fn is_accepted(&self, status: StatusCode, body: &[u8]) -> bool {
        let _ = body;
        status.is_success()
    }
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    /// Which, from 1.
    pub number: u32,
    /// The time to sign it with.
    pub at: Timestamp,
    /// How it is falsified, on command.
    pub twist: Option<Twist>,
}

/// How a webhook is falsified on command. All of it is signed as the provider signs, unless it is about the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Twist {
    /// Signed with another secret.
    WrongSignature,
    /// Not signed at all.
    NoSignature,
    /// It tells of an object that the account does not have.
    Foreign,
    /// It names another amount.
    AmountChanged,
    /// Its type is one that nobody knows.
    UnknownType,
    /// The same meaning in unusual bytes: other spaces, other order, escaped letters.
    Reencoded,
}

/// The request of one try.
#[derive(Clone, Debug)]
pub struct WebhookRequest {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: String,
    /// The header fields, without host and length.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
}
