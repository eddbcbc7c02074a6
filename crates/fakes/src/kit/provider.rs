//! What one provider's module gives the kit.

use std::any::Any;
use std::fmt;

use futures_util::future::BoxFuture;
use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Answer, Call, Found, Ground};

/// A kind of fake, by name. [`crate::providers`] lists them.
#[derive(Clone, Copy)]
pub struct ProviderKind {
    /// The name in commands, files and edges: `stripe`.
    pub name: &'static str,
    /// The area it belongs to: `payments`.
    pub area: &'static str,
    /// The port it takes when nobody says otherwise and it is free.
    pub port: u16,
    /// What a person or a scenario can make happen: a payer pays, a bank disputes.
    pub actions: &'static [Action],
    /// Sets it up on its ground.
    pub build: fn(Ground) -> std::sync::Arc<dyn Provider>,
}

impl fmt::Debug for ProviderKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.area, self.name)
    }
}

/// One provider: its operations, its words for failures, its state and what a person can make happen there.
///
/// The kit brings requests, faults, records and webhook delivery; nothing of it knows a provider's paths or words.
pub trait Provider: fmt::Debug + Send + Sync + 'static {
    /// The operation of a request.
    fn find(&self, method: &Method, path: &str) -> Option<Found>;

    /// The names of all operations, `POST /v1/refunds`.
    fn operations(&self) -> Vec<String>;

    /// Answers a call. When `call.found` is `None`, as the provider answers unknown paths; such a call is a gap.
    ///
    /// It runs to its end even when the caller hangs up. What it does to its state is whole or not at all.
    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Answer>;

    /// A failure on command, in the provider's own format. Nothing happens to the state.
    fn fail(&self, call: &Call, failure: &Failure) -> Answer;

    /// The idempotency key of a call, where the provider has such keys and the call carries one.
    fn key(&self, call: &Call) -> Option<String>;

    /// Forgets the idempotency key of a call, as if its lifetime had ended. Nothing by default.
    fn forget_key(&self, call: &Call) {
        let _ = call;
    }

    /// The names by which a fault can be placed on this call: ids in its path and body, the shop's order.
    fn entities(&self, call: &Call) -> Vec<String>;

    /// The state of all accounts.
    fn state(&self) -> &dyn State;

    /// The variables that bring a shop here: addresses and test credentials, by the provider's usual names.
    fn variables(&self) -> Vec<Variable>;

    /// Has webhooks of an account (by default the one of [`Provider::variables`]) sent to an address.
    ///
    /// # Errors
    ///
    /// A sentence for the person who configured it.
    fn subscribe(&self, subscription: &Subscription) -> Result<Value, ActionError>;

    /// The endpoints that webhooks go to, for people: one object each, with secrets.
    fn subscriptions(&self) -> Vec<Value>;

    /// Makes one of the kind's actions happen.
    fn act<'a>(
        &'a self,
        action: &'a str,
        with: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<Value, ActionError>>;

    /// Pauses between the tries of a webhook, as the provider makes them in real life.
    fn webhook_pauses(&self) -> Vec<std::time::Duration>;
}

/// A failure that a fault asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The status that the provider uses, or the nearest it has.
    pub status: StatusCode,
    /// The provider's own code for it, when the fault names one: `card_declined`, `insufficient_funds`.
    pub code: Option<String>,
}

/// All accounts of one fake, whatever they are made of.
pub trait State: Send + Sync {
    /// For people and tests: an object, accounts by name. Secrets are masked.
    fn view(&self) -> Value;

    /// Forgets everything, as after a start.
    fn clear(&self);

    /// A copy of everything.
    fn snapshot(&self) -> Box<dyn Any + Send + Sync>;

    /// Brings everything back to a copy that [`State::snapshot`] made.
    fn restore(&self, snapshot: &(dyn Any + Send + Sync));
}

/// A variable for the shop under test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// Its name, `STRIPE_SECRET_KEY`.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// Webhooks wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// Where they go.
    pub url: String,
    /// Which; all when empty.
    #[serde(default)]
    pub events: Vec<String>,
    /// The account's credential (secret key, shop id, public id); the one of the fake's variables when missing.
    #[serde(default)]
    pub account: Option<String>,
    /// The secret to sign with, where the provider lets one choose; otherwise made up.
    #[serde(default)]
    pub secret: Option<String>,
}

/// Something that can be made to happen.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Action {
    /// Its name: `confirm`.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// What it can be told.
    pub parameters: &'static [Parameter],
}

/// What an action can be told.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// What it means, in a few words.
    pub summary: &'static str,
}

/// Why an action did not happen. The text is for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// There is no such action.
    #[error("there is no action `{name}`; there are: {known}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A parameter is missing, or is not what it must be.
    #[error("`{parameter}` {problem}")]
    Parameter {
        /// Its name.
        parameter: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The object is not there.
    #[error("there is no {what} `{id}`")]
    NotFound {
        /// What was looked for: `payment intent`.
        what: &'static str,
        /// By which id.
        id: String,
    },
    /// The object is there, but cannot do this now.
    #[error("{0}")]
    Refused(String),
}

impl ActionError {
    /// For a provider that does not know the action.
    #[must_use]
    pub fn unknown(name: &str, actions: &[Action]) -> Self {
        let known: Vec<_> = actions.iter().map(|action| action.name).collect();
        Self::Unknown {
            name: name.to_owned(),
            known: known.join(", "),
        }
    }
}
