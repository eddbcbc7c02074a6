//! YooKassa, API v3 (yookassa.ru/developers).
//!
//! Any pair of shop id and secret key opens a shop; the pair is remembered. Bodies are JSON, money is a decimal string,
//! every POST wants an `Idempotence-Key`, notifications are not signed, and 3-D Secure is always a redirect.

mod account;
mod actions;
mod auth;
mod cards;
mod confirm;
mod error;
mod invoices;
mod list;
mod methods;
mod notify;
mod pages;
mod payment;
mod payments;
mod payouts;
mod read;
mod receipts;
mod refunds;
mod show;

use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use self::account::{Books, Shop};
use self::auth::Who;
use self::error::Problem;
use crate::kit::{
    ActionError, Answer, Call, Claim, Failure, Found, Ground, Provider, ProviderKind, Routes,
    State, Subscription, Variable,
};

/// YooKassa.
pub const KIND: ProviderKind = ProviderKind {
    name: "yookassa",
    area: "payments",
    port: 12112,
    actions: actions::ACTIONS,
    build: YooKassa::start,
};

/// The shop of the variables.
const SHOP_ID: &str = "100500";

#[derive(Debug)]
struct YooKassa {
    /// Itself, for what happens later.
    me: Weak<Self>,
    ground: Ground,
    routes: Routes<Handler>,
    books: Books,
    secret: String,
}

/// What is served at a path.
#[derive(Clone, Copy)]
enum Handler {
    /// An operation of the API.
    Api(fn(&mut Turn<'_>) -> Result<Value, Problem>),
    /// An operation on webhooks, which belong to a token.
    Hooks(fn(&YooKassa, &Call, &Who) -> Result<Value, Problem>),
    /// A page for payers.
    Page(fn(&YooKassa, &Call) -> Answer),
}

/// One operation on one shop, whose lock is held.
struct Turn<'a> {
    yookassa: &'a YooKassa,
    shop: &'a mut Shop,
    call: Option<&'a Call>,
    body: Map<String, Value>,
}

impl YooKassa {
    fn start(ground: Ground) -> Arc<dyn Provider> {
        let mut ids = crate::kit::Ids::new(ground.seed, SHOP_ID);
        let secret = ids.alphanumeric("test_", 43);
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            routes: routes(),
            books: Books::default(),
            secret,
            ground,
        })
    }

    fn serve_now(&self, call: &Call) -> Answer {
        let handler = call
            .found
            .as_ref()
            .and_then(|found| self.routes.handler(found));
        let served = match handler.copied() {
            Some(Handler::Page(page)) => return page(self, call),
            Some(Handler::Api(operation)) => self.api(call, operation),
            Some(Handler::Hooks(operation)) => Who::of(call)
                .and_then(|who| operation(self, call, &who))
                .map(|value| Answer::json(StatusCode::OK, &value)),
            None if self.routes.has_path(call.path()) => Err(Problem::method(call.method())),
            None => Err(Problem::no_path(call.path())),
        };
        served.unwrap_or_else(|problem| problem.answer(&self.error_id(call)))
    }

    /// One operation of the API: who calls, with which key, on which shop.
    fn api(
        &self,
        call: &Call,
        operation: fn(&mut Turn<'_>) -> Result<Value, Problem>,
    ) -> Result<Answer, Problem> {
        let who = Who::of(call)?;
        let account = self.open(&who)?;
        call.note(|notes| notes.account = Some(account.label.clone()));
        let body = read::body(call)?;
        let key = read::key(call)?;
        let mut shop = account.lock();
        let now = self.ground.clock.now();
        if let Some(key) = &key {
            let fingerprint = read::fingerprint(call, &body);
            match shop.keys.claim(key, fingerprint, now) {
                Claim::First => {}
                Claim::Replay(answer) => {
                    call.note(|notes| notes.is_replay = true);
                    return Ok(answer);
                }
                Claim::Mismatch | Claim::Running(_) => return Err(Problem::key_reused()),
            }
        }
        let mut turn = Turn {
            yookassa: self,
            shop: &mut shop,
            call: Some(call),
            body,
        };
        let result = operation(&mut turn);
        let answer = result.map(|value| Answer::json(StatusCode::OK, &value));
        if let Some(key) = &key {
            shop.keys.finish(key, answer.as_ref().ok(), now);
        }
        answer
    }

    fn error_id(&self, call: &Call) -> String {
        let seed = self.ground.seed.derive("errors");
        let mut ids = crate::kit::Ids::new(seed, &call.exchange.seq().to_string());
        ids.uuid().to_string()
    }
}

fn routes() -> Routes<Handler> {
    let routes = payments::routes(Routes::default());
    let routes = refunds::routes(routes);
    let routes = receipts::routes(routes);
    let routes = methods::routes(routes);
    let routes = invoices::routes(routes);
    let routes = payouts::routes(routes);
    let routes = notify::routes(routes);
    let routes = pages::routes(routes);
    routes.get("/v3/me", Handler::Api(me))
}

/// `GET /me`: the settings of a test shop.
fn me(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    Ok(json!({
        "account_id": turn.shop.id,
        "test": true,
        "fiscalization": {"enabled": true, "provider": "avanpost"},
        "fiscalization_enabled": true,
        "payment_methods": ["bank_card", "yoo_money"],
        "status": "enabled",
    }))
}

impl Provider for YooKassa {
    fn find(&self, method: &Method, path: &str) -> Option<Found> {
        self.routes.find(method, path)
    }

    fn operations(&self) -> Vec<String> {
        self.routes.operations().map(str::to_owned).collect()
    }

    fn serve<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Answer> {
        Box::pin(async move { self.serve_now(call) })
    }

    fn fail(&self, call: &Call, failure: &Failure) -> Answer {
        Problem::on_command(failure).answer(&self.error_id(call))
    }

    fn key(&self, call: &Call) -> Option<String> {
        call.header("idempotence-key").filter(|key| !key.is_empty())
    }

    fn forget_key(&self, call: &Call) {
        let account = Who::of(call).and_then(|who| self.open(&who));
        if let (Ok(account), Some(key)) = (account, self.key(call)) {
            account.lock().keys.expire(&key);
        }
    }

    fn entities(&self, call: &Call) -> Vec<String> {
        let mut names: Vec<String> = call
            .found
            .iter()
            .flat_map(|found| found.parameters.clone())
            .collect();
        if let Ok(body) = read::body(call) {
            let payment = body.get("payment_id").and_then(Value::as_str);
            names.extend(payment.map(str::to_owned));
            names.extend(read::order(&self.ground, &body));
        }
        names
    }

    fn state(&self) -> &dyn State {
        &self.books
    }

    fn variables(&self) -> Vec<Variable> {
        let variable = |name, value| Variable { name, value };
        vec![
            variable("YOOKASSA_API_BASE", self.ground.address("/v3")),
            variable("YOOKASSA_SHOP_ID", SHOP_ID.to_owned()),
            variable("YOOKASSA_SECRET_KEY", self.secret.clone()),
        ]
    }

    fn subscribe(&self, subscription: &Subscription) -> Result<Value, ActionError> {
        self.subscribe_shop(subscription)
    }

    fn subscriptions(&self) -> Vec<Value> {
        self.all_hooks()
    }

    fn act<'a>(
        &'a self,
        action: &'a str,
        with: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<Value, ActionError>> {
        Box::pin(async move { actions::act(self, action, with) })
    }

    fn webhook_pauses(&self) -> Vec<Duration> {
        // Growing, for 24 hours; the real ones are not published (Notifications).
        const MINUTES: [u64; 9] = [1, 5, 10, 30, 60, 120, 240, 480, 480];
        MINUTES
            .map(|minutes| Duration::from_secs(minutes * 60))
            .to_vec()
    }
}
