//! CloudPayments: payments by cryptogram and by token, orders with a page, subscriptions, notifications that are
//! answered, as the provider's SDKs expect it.
//!
//! A pair of Public ID and API Secret is one terminal (`terminal`); an operation has it for itself (`turn`). Only
//! the question to the shop before a payment (Check) waits, and holds no lock (`payments`). Source of all
//! behaviour: developers.cloudpayments.ru.

mod acs;
mod actions;
mod cards;
mod codes;
mod currencies;
mod notifications;
mod orders;
mod pages;
mod params;
mod payments;
mod publickey;
mod reads;
mod reply;
mod routes;
mod serve;
mod settle;
mod show;
mod subscribe;
mod subscriptions;
mod terminal;
mod transaction;
mod turn;

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Method;
use serde_json::{Map, Value};

use self::routes::Endpoint;
use self::terminal::Terminal;
use crate::kit::{
    Account, Accounts, ActionError, Answer, Call, Failure, Found, Ground, Ids, Provider,
    ProviderKind, Routes, State, Subscription, Variable,
};

/// CloudPayments.
pub const KIND: ProviderKind = ProviderKind {
    name: "cloudpayments",
    area: "payments",
    port: 12113,
    actions: actions::ACTIONS,
    build: |ground| CloudPayments::new(ground),
};

/// A terminal with its lock.
type Keyed = Arc<Account<Terminal>>;

/// The fake.
#[derive(Debug)]
struct CloudPayments {
    /// Itself, for what happens later.
    me: Weak<Self>,
    ground: Ground,
    accounts: Accounts<Terminal>,
    routes: Routes<Endpoint>,
    /// Public ID and API Secret of the variables.
    own: (String, String),
    /// Ids that belong to no terminal.
    ids: Mutex<Ids>,
}

impl CloudPayments {
    fn new(ground: Ground) -> Arc<Self> {
        let mut ids = Ids::new(ground.seed, "no terminal");
        let own = (ids.hex("pk_", 32), ids.hex("", 32));
        Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            accounts: Accounts::default(),
            routes: routes::table(),
            own,
            ids: Mutex::new(ids),
            ground,
        })
    }
}

impl Provider for CloudPayments {
    fn find(&self, method: &Method, path: &str) -> Option<Found> {
        self.routes.find(method, path)
    }

    fn operations(&self) -> Vec<String> {
        self.routes.operations().map(str::to_owned).collect()
    }

    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Answer> {
        self.answer(call).boxed()
    }

    fn fail(&self, call: &Call, failure: &Failure) -> Answer {
        self.failed(call, failure)
    }

    fn key(&self, call: &Call) -> Option<String> {
        serve::key(call)
    }

    fn forget_key(&self, call: &Call) {
        self.forget(call);
    }

    fn entities(&self, call: &Call) -> Vec<String> {
        self.named(call)
    }

    fn state(&self) -> &dyn State {
        &self.accounts
    }

    fn variables(&self) -> Vec<Variable> {
        subscribe::variables(self)
    }

    fn subscribe(&self, subscription: &Subscription) -> Result<Value, ActionError> {
        subscribe::subscribe(self, subscription)
    }

    fn subscriptions(&self) -> Vec<Value> {
        subscribe::subscriptions(self)
    }

    fn act<'a>(
        &'a self,
        action: &'a str,
        with: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<Value, ActionError>> {
        self.happen(action, with).boxed()
    }

    fn webhook_pauses(&self) -> Vec<Duration> {
        notifications::pauses()
    }
}
