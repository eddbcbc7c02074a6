//! Stripe: payment intents and all that hangs on them, as the provider's own SDKs expect it.
//!
//! One secret key is one account (`account`); a call has its account for itself while it changes it (`turn`).
//! Each kind of object has a module with its struct, its operations and its rules; `routes` puts their tables
//! together, `serve` takes a call from its key to its answer. Source of all behaviour: docs.stripe.com, API version
//! 2026-10-28.endive.

mod account;
mod actions;
mod auth;
mod balance;
mod cards;
mod charges;
mod checkout;
mod contact;
mod customers;
mod disputes;
mod entities;
mod error;
mod events;
mod expand;
mod form;
mod fraud;
mod list;
mod metadata;
mod money;
mod object;
mod other;
mod pages;
mod params;
mod payment_intents;
mod payment_methods;
mod prices;
mod products;
mod refunds;
mod reply;
mod routes;
mod search;
mod serve;
mod setup_intents;
mod shelf;
mod tokens;
mod turn;
mod webhook_endpoints;

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Method;
use serde_json::{Map, Value};

use self::account::Account;
use self::routes::Endpoint;
use crate::kit::{
    self, Accounts, ActionError, Answer, Call, Failure, Found, Ground, Ids, Provider, ProviderKind,
    Routes, State, Subscription, Variable,
};

/// Stripe.
pub const KIND: ProviderKind = ProviderKind {
    name: "stripe",
    area: "payments",
    port: 12111,
    actions: actions::ACTIONS,
    build: |ground| Stripe::new(ground),
};

/// The API version whose shapes are given (API changelog).
const API_VERSION: &str = "2026-10-28.endive";

/// The secret key of the variables, and of everything that names no account.
const DEFAULT_KEY: &str = "sk_test_styk";

/// An account with its credential.
type Keyed = (String, Arc<kit::Account<Account>>);

/// The fake.
#[derive(Debug)]
struct Stripe {
    /// Itself, for what happens later.
    me: Weak<Self>,
    ground: Ground,
    accounts: Accounts<Account>,
    routes: Routes<Endpoint>,
    /// The ids of requests that come to no account.
    request_ids: Mutex<Ids>,
}

impl Stripe {
    fn new(ground: Ground) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            accounts: Accounts::default(),
            routes: routes::table(),
            request_ids: Mutex::new(Ids::new(ground.seed, "requests without an account")),
            ground,
        })
    }

    /// The account of a secret key, opened when it is the first time. `None` when there are too many.
    fn account(&self, credential: &str) -> Option<Arc<kit::Account<Account>>> {
        let seed = self.ground.seed;
        if let Some(account) = self.accounts.get(credential) {
            return Some(account);
        }
        let label = Ids::new(seed.derive("accounts"), credential).alphanumeric("acct_", 16);
        let make = || Account::new(seed, credential, label.clone());
        self.accounts.open(credential, &label, make)
    }
}

impl Provider for Stripe {
    fn find(&self, method: &Method, path: &str) -> Option<Found> {
        self.routes.find(method, path)
    }

    fn operations(&self) -> Vec<String> {
        self.routes.operations().map(str::to_owned).collect()
    }

    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Answer> {
        std::future::ready(self.answer(call)).boxed()
    }

    fn fail(&self, call: &Call, failure: &Failure) -> Answer {
        self.failed(call, failure)
    }

    fn key(&self, call: &Call) -> Option<String> {
        serve::key(call)
    }

    fn forget_key(&self, call: &Call) {
        if let (Some(key), Ok(caller)) = (serve::key(call), self.authenticate(call)) {
            caller.account.lock().keys.expire(&key);
        }
    }

    fn entities(&self, call: &Call) -> Vec<String> {
        self.named(call)
    }

    fn state(&self) -> &dyn State {
        &self.accounts
    }

    fn variables(&self) -> Vec<Variable> {
        webhook_endpoints::variables(self)
    }

    fn subscribe(&self, subscription: &Subscription) -> Result<Value, ActionError> {
        webhook_endpoints::subscribe(self, subscription)
    }

    fn subscriptions(&self) -> Vec<Value> {
        webhook_endpoints::subscriptions(self)
    }

    fn act<'a>(
        &'a self,
        action: &'a str,
        with: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<Value, ActionError>> {
        std::future::ready(actions::act(self, action, with)).boxed()
    }

    fn webhook_pauses(&self) -> Vec<Duration> {
        webhook_endpoints::pauses()
    }
}
