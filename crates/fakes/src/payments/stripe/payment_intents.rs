//! Payment intents: one payment from the first thought of it to its end.

mod confirm;
mod create;
mod finish;
mod show;

use std::sync::Arc;

use serde::Serialize;
use styk_core::{Currency, Money};

use super::contact::Shipping;
use super::error::{ErrorType, StripeError};
use super::list::list;
use super::metadata::Metadata;
use super::object::{Field, Id, Kind, Object};
use super::params::Params;
use super::payment_methods::PaymentMethod;
use super::reply::{List, Reply};
use super::routes::{Endpoint, many, one, other, public};
use super::search::search;
use super::shelf::term;
use super::turn::Turn;
use crate::kit::Routes;

pub(super) use self::confirm::{
    Asked, Verdict, authenticate, check_owner, check_url, confirm_on_page, next_action, verdict,
};
pub(super) use self::create::{
    Order, automatic, create_for_session, methods, pick, read_automatic,
};
pub(super) use self::finish::capture_held;
pub(super) use self::show::{Automatic, Secret};

/// A payment intent.
#[derive(Clone, Debug)]
pub(super) struct PaymentIntent {
    pub(super) id: Id,
    /// The second half of its client secret.
    pub(super) secret: Arc<str>,
    pub(super) created: i64,
    pub(super) amount: i64,
    pub(super) amount_capturable: i64,
    pub(super) amount_received: i64,
    pub(super) currency: Currency,
    pub(super) status: Status,
    pub(super) capture: Capture,
    pub(super) is_confirmed_by_hand: bool,
    /// The payer has authenticated, and the shop has yet to confirm by hand.
    pub(super) is_authenticated: bool,
    pub(super) automatic: Option<Redirects>,
    pub(super) methods: Methods,
    pub(super) customer: Option<Id>,
    pub(super) payment_method: Option<Id>,
    pub(super) latest_charge: Option<Id>,
    pub(super) description: Option<Arc<str>>,
    pub(super) metadata: Metadata,
    pub(super) receipt_email: Option<Arc<str>>,
    pub(super) setup_future_usage: Option<Usage>,
    pub(super) shipping: Option<Arc<Shipping>>,
    pub(super) canceled: Option<Arc<Canceled>>,
    pub(super) last_error: Option<Arc<PaymentError>>,
    pub(super) next_action: Option<Arc<NextAction>>,
    /// What is seldom asked for.
    pub(super) extra: Option<Arc<Extra>>,
}

/// What few intents have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extra {
    pub(super) statement_descriptor: Option<String>,
    pub(super) statement_descriptor_suffix: Option<String>,
    pub(super) on_behalf_of: Option<String>,
    pub(super) transfer_group: Option<String>,
    pub(super) application_fee_amount: Option<i64>,
    pub(super) request_three_d_secure: Option<&'static str>,
    /// The checkout session that made it.
    pub(super) session: Option<Id>,
}

/// When an intent was canceled, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Canceled {
    pub(super) at: i64,
    pub(super) reason: Option<&'static str>,
}

/// Where an intent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    RequiresCapture,
    Canceled,
    Succeeded,
}

/// When the money is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Capture {
    Automatic,
    AutomaticAsync,
    Manual,
}

/// Whether automatic methods may send the payer elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Redirects {
    Always,
    Never,
}

/// What a payment method is kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Usage {
    OffSession,
    OnSession,
}

/// The types of payment methods that an intent takes; cards alone when none are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Methods(pub(super) Option<Arc<[&'static str]>>);

/// What went wrong with the last try.
#[derive(Clone, Debug)]
pub(super) struct PaymentError {
    pub(super) kind: ErrorType,
    pub(super) code: &'static str,
    pub(super) decline_code: Option<&'static str>,
    pub(super) message: Box<str>,
    pub(super) charge: Option<Id>,
    pub(super) payment_method: Option<Arc<PaymentMethod>>,
}

/// What the payer has to do.
#[derive(Clone, Debug)]
pub(super) struct NextAction {
    /// The page that asks the payer.
    pub(super) page: Box<str>,
    /// Where the payer goes afterwards; none when the shop's page asks by itself.
    pub(super) return_url: Option<Box<str>>,
}

impl Status {
    /// The word for it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::RequiresCapture => "requires_capture",
            Self::Canceled => "canceled",
            Self::Succeeded => "succeeded",
        }
    }
}

impl Methods {
    /// Their names.
    pub(super) fn names(&self) -> &[&'static str] {
        self.0.as_deref().unwrap_or(&["card"])
    }
}

impl PaymentIntent {
    /// The whole amount.
    pub(super) fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }

    /// The secret that a browser knows the intent by.
    pub(super) fn client_secret(&self) -> String {
        format!("{}_secret_{}", self.id, self.secret)
    }

    /// The call came in a state that does not allow it; `doing` is the verb, `allowed` where it may.
    fn unexpected(self: &Arc<Self>, doing: &str, allowed: &[Status]) -> StripeError {
        let allowed: Vec<_> = allowed.iter().map(|status| status.word()).collect();
        let message = format!(
            "This PaymentIntent could not be {doing} because it has a status of {}. Only a PaymentIntent with one of the following statuses may be {doing}: {}.",
            self.status.word(),
            allowed.join(", ")
        );
        StripeError::invalid(message)
            .code("payment_intent_unexpected_state")
            .intent(Arc::clone(self))
    }
}

impl Object for PaymentIntent {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn terms(&self, file: &mut dyn FnMut(u64)) {
        if let Some(customer) = &self.customer {
            file(term("customer", customer));
        }
        self.metadata.terms(file);
    }

    fn metadata(&self) -> Option<&Metadata> {
        Some(&self.metadata)
    }

    fn field(&self, name: &str) -> Field<'_> {
        match name {
            "amount" => Field::Number(self.amount),
            "created" => Field::Number(self.created),
            "currency" => Field::Currency(self.currency),
            "customer" => Field::text(self.customer.as_deref()),
            "status" => Field::Text(self.status.word()),
            _ => Field::Unknown,
        }
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    let kind = Kind::PaymentIntent;
    routes
        .post("/v1/payment_intents", one(kind, create::create))
        .get("/v1/payment_intents", many(kind, list_all))
        .get("/v1/payment_intents/search", many(kind, find))
        .get("/v1/payment_intents/{id}", public(kind, retrieve))
        .post("/v1/payment_intents/{id}", one(kind, create::update))
        .post(
            "/v1/payment_intents/{id}/confirm",
            public(kind, confirm::confirm),
        )
        .post(
            "/v1/payment_intents/{id}/capture",
            one(kind, finish::capture),
        )
        .post("/v1/payment_intents/{id}/cancel", one(kind, finish::cancel))
        .post(
            "/v1/payment_intents/{id}/increment_authorization",
            one(kind, finish::increment),
        )
        .post(
            "/v1/payment_intents/{id}/apply_customer_balance",
            one(kind, apply_customer_balance),
        )
        .post(
            "/v1/payment_intents/{id}/verify_microdeposits",
            public(kind, verify_microdeposits),
        )
        .get(
            "/v1/payment_intents/{id}/amount_details_line_items",
            other(line_items),
        )
}

/// The intent of the path.
fn addressed(turn: &Turn<'_>) -> Result<Arc<PaymentIntent>, StripeError> {
    let id = turn.place(0);
    let known = turn.account.objects.payment_intents.get(id).cloned();
    let intent = known.ok_or_else(|| StripeError::not_found(Kind::PaymentIntent, id))?;
    note(turn, &intent);
    Ok(intent)
}

/// A browser must know the client secret; a shop may send it, then it must be right as well.
pub(super) fn check_secret(
    turn: &Turn<'_>,
    params: &mut Params,
    secret: impl FnOnce() -> String,
) -> Result<(), StripeError> {
    match params.text("client_secret")? {
        None if turn.is_browser => Err(StripeError::missing("client_secret")),
        Some(given) if given != secret() => Err(StripeError::invalid(
            "The client_secret provided does not match any associated PaymentIntent or SetupIntent on this account.",
        )
        .param("client_secret")),
        _ => Ok(()),
    }
}

fn note(turn: &Turn<'_>, intent: &PaymentIntent) {
    let order = order(turn, intent);
    turn.note(&intent.id, order.as_deref());
}

/// The shop's order.
pub(super) fn order(turn: &Turn<'_>, intent: &PaymentIntent) -> Option<String> {
    turn.order(&intent.metadata, intent.description.as_deref())
}

fn retrieve(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let intent = addressed(turn)?;
    check_secret(turn, &mut params, || intent.client_secret())?;
    params.finish()?;
    Ok(intent.into())
}

fn list_all(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let customer = params.text("customer")?;
    let filed = customer
        .as_deref()
        .map(|customer| term("customer", customer));
    let intents = &turn.account.objects.payment_intents;
    list(intents, params, "/v1/payment_intents", filed, |intent| {
        customer.is_none() || intent.customer.as_deref() == customer.as_deref()
    })
}

fn find(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    search(
        &turn.account.objects.payment_intents,
        params,
        "/v1/payment_intents/search",
    )
}

fn apply_customer_balance(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let intent = addressed(turn)?;
    turn.gaps(params.leave(&["amount", "currency"]));
    params.finish()?;
    turn.gap("customer balances");
    Err(StripeError::invalid(
        "The customer of this PaymentIntent has no cash balance in its currency.",
    )
    .intent(intent))
}

fn verify_microdeposits(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let intent = addressed(turn)?;
    check_secret(turn, &mut params, || intent.client_secret())?;
    drop(params.leave(&["amounts", "descriptor_code"]));
    params.finish()?;
    Err(intent.unexpected("verified with microdeposits", &[Status::RequiresAction]))
}

fn line_items(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let intent = addressed(turn)?;
    drop(params.leave(&["limit", "starting_after", "ending_before"]));
    params.finish()?;
    Ok(Reply::List(List {
        url: format!(
            "/v1/payment_intents/{}/amount_details_line_items",
            intent.id
        ),
        has_more: false,
        data: Vec::new(),
    }))
}
