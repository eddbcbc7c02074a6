//! Who sends an event, told by the address it comes to.

use std::fmt;

use axum::Json;
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::app::App;
use crate::clients::{Event, Hook, Rejected};
use crate::telemetry::Scope;

/// The word of the generic payment service; named providers have their own.
const PAYMENT: &str = "payment";

/// Who sends an event; what follows `/api/webhooks/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sender {
    role: Role,
    /// `payment`, `stripe`, `cloudpayments/pay`.
    word: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Payment,
    Shipping,
    Email,
}

/// A request as it came, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Received<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    pub(super) at: Timestamp,
}

impl Sender {
    /// The sender with this word, if the shop is configured to hear it.
    pub(super) fn find(app: &App, word: &str) -> Option<Self> {
        let payment = match app.clients.payments.name() {
            "generic" => PAYMENT,
            named => named,
        };
        let name = word.split('/').next().unwrap_or_default();
        let role = match name {
            _ if name == payment => Role::Payment,
            "shipping" if name == word => Role::Shipping,
            "email" if name == word => Role::Email,
            _ => return None,
        };
        // The generic service says in the body what happened.
        let fits = name == word || (role == Role::Payment && name != PAYMENT);
        fits.then(|| Self {
            role,
            word: word.to_owned(),
        })
    }

    /// The module that hears it first.
    pub(super) fn scope(&self) -> Scope {
        match self.role {
            Role::Payment => Scope::Payments,
            Role::Shipping => Scope::Shipping,
            Role::Email => Scope::Notifications,
        }
    }

    /// Checks and reads an event. What is not signed is asked back, so this is no work for a transaction.
    pub(super) async fn read(&self, app: &App, received: Received<'_>) -> Result<Event, Rejected> {
        let hook = Hook {
            kind: self.word.split_once('/').map(|(_, kind)| kind),
            headers: received.headers,
            body: received.body,
            now: received.at,
        };
        match self.role {
            Role::Payment => app.clients.payments.read_webhook(hook).await,
            Role::Shipping => app.clients.shipping.parse_webhook(&hook),
            Role::Email => app.clients.mail.parse_webhook(&hook),
        }
    }

    /// What an event that was taken is answered.
    pub(super) fn answer(&self, app: &App, result: &'static str) -> Json<Value> {
        let own = match self.role {
            Role::Payment => app.clients.payments.acknowledgement(),
            Role::Shipping | Role::Email => None,
        };
        Json(own.unwrap_or_else(|| json!({"result": result})))
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word)
    }
}
