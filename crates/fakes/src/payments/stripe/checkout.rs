//! Checkout sessions: the payer pays on a page of Stripe's (Stripe API, Checkout sessions).

mod create;
mod page;
mod show;

use std::sync::Arc;

use serde_json::{Value, json};
use styk_core::{Currency, Money};

use super::contact::Shipping;
use super::error::StripeError;
use super::events::emit;
use super::list::{limit, list};
use super::metadata::Metadata;
use super::object::{Id, Kind, Object};
use super::params::Params;
use super::payment_intents::{Capture, Methods, Usage};
use super::prices::Price;
use super::reply::Reply;
use super::routes::{Endpoint, many, one, other};
use super::shelf::term;
use super::turn::Turn;
use crate::kit::Routes;

pub(super) use self::page::pay_with;

/// A checkout session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) status: Status,
    payment_status: PaymentStatus,
    currency: Currency,
    items: Arc<[Item]>,
    amount_shipping: i64,
    pub(super) client_reference_id: Option<String>,
    pub(super) customer: Option<Id>,
    customer_email: Option<String>,
    metadata: Metadata,
    payment_intent: Option<Id>,
    /// The intent that the payer tries to pay; the session names it only when it is paid.
    tried: Option<Id>,
    methods: Methods,
    expires_at: i64,
    /// The page; gone when the session is not open any more.
    url: Option<Box<str>>,
    payer: Option<Arc<Payer>>,
    asked: Arc<Asked>,
}

impl Session {
    /// What the shop hung on it.
    pub(super) fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

/// What the shop asked for, once and for all.
#[derive(Clone, Debug)]
struct Asked {
    success_url: Option<String>,
    cancel_url: Option<String>,
    return_url: Option<String>,
    ui_mode: &'static str,
    customer_creation: &'static str,
    submit_type: Option<String>,
    locale: Option<String>,
    capture: Capture,
    description: Option<Arc<str>>,
    intent_metadata: Metadata,
    receipt_email: Option<Arc<str>>,
    setup_future_usage: Option<Usage>,
    shipping: Option<Arc<Shipping>>,
}

/// Who paid.
#[derive(Clone, Debug, Default)]
struct Payer {
    email: Option<String>,
    name: Option<String>,
}

/// A line of what is bought.
#[derive(Clone, Debug)]
struct Item {
    id: Id,
    price: Arc<Price>,
    description: String,
    quantity: i64,
    amount: i64,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Open,
    Complete,
    Expired,
}

/// Whether the money is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum PaymentStatus {
    Paid,
    Unpaid,
}

impl Session {
    fn subtotal(&self) -> i64 {
        self.items.iter().map(|item| item.amount).sum()
    }

    fn total(&self) -> Money {
        Money::new(self.subtotal() + self.amount_shipping, self.currency)
    }
}

impl Object for Session {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn terms(&self, file: &mut dyn FnMut(u64)) {
        if let Some(intent) = &self.payment_intent {
            file(term("payment_intent", intent));
        }
        if let Some(customer) = &self.customer {
            file(term("customer", customer));
        }
    }

    fn metadata(&self) -> Option<&Metadata> {
        Some(&self.metadata)
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    let kind = Kind::Session;
    routes
        .post("/v1/checkout/sessions", one(kind, create::create))
        .get("/v1/checkout/sessions", many(kind, list_all))
        .get("/v1/checkout/sessions/{id}", one(kind, retrieve))
        .post("/v1/checkout/sessions/{id}", one(kind, update))
        .post("/v1/checkout/sessions/{id}/expire", one(kind, expire))
        .get("/v1/checkout/sessions/{id}/line_items", other(line_items))
        .get("/c/pay/{id}", Endpoint::Page(page::page))
        .post("/c/pay/{id}", Endpoint::Page(page::page))
        .get("/c/pay/{id}/back", Endpoint::Page(page::back))
}

fn addressed(turn: &Turn<'_>) -> Result<Arc<Session>, StripeError> {
    let id = turn.place(0);
    let known = turn.account.objects.checkout_sessions.get(id).cloned();
    let session = known.ok_or_else(|| StripeError::not_found(Kind::Session, id))?;
    turn.note(id, order(turn, &session).as_deref());
    Ok(session)
}

/// The shop's order: the reference that it gave, or what it hung on the session.
fn order(turn: &Turn<'_>, session: &Session) -> Option<String> {
    let reference = session.client_reference_id.clone();
    reference.or_else(|| turn.order(&session.metadata, session.asked.description.as_deref()))
}

fn retrieve(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    Ok(addressed(turn)?.into())
}

fn update(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let mut session = Session::clone(&*addressed(turn)?);
    session.metadata = session.metadata.changed(&params.metadata()?)?;
    turn.gaps(params.leave(&["collected_information", "line_items", "shipping_options"]));
    params.finish()?;
    Ok(turn.account.objects.checkout_sessions.put(session).into())
}

fn expire(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    let session = addressed(turn)?;
    let message = "Only Checkout Sessions with a status in [\"open\"] can be expired.";
    let error = || StripeError::invalid(message).begun();
    end(turn, &session.id).map(Reply::from).ok_or_else(error)
}

/// An open session expires.
pub(super) fn end(turn: &mut Turn<'_>, id: &str) -> Option<Arc<Session>> {
    let sessions = &mut turn.account.objects.checkout_sessions;
    sessions
        .get(id)
        .filter(|session| session.status == Status::Open)?;
    let expired = sessions.change(id, |session| {
        session.status = Status::Expired;
        session.url = None;
    })?;
    emit(turn, "checkout.session.expired", Arc::clone(&expired));
    Some(expired)
}

fn line_items(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let session = addressed(turn)?;
    let limit = limit(&mut params)?;
    let after = params.text("starting_after")?;
    params.finish()?;
    let from = after.and_then(|after| session.items.iter().position(|item| *item.id == *after));
    let from = from.map_or(0, |at| at + 1);
    let rest = session.items.get(from..).unwrap_or_default();
    Ok(Reply::Value(json!({
        "object": "list",
        "data": rest.iter().take(limit).map(show::item).collect::<Vec<_>>(),
        "has_more": rest.len() > limit,
        "url": format!("/v1/checkout/sessions/{}/line_items", session.id),
    })))
}

/// The list of lines, for those who have it expanded.
pub(super) fn lines(session: &Session) -> Vec<Value> {
    session.items.iter().map(show::item).collect()
}

fn list_all(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    const STATES: &[(&str, Status)] = &[
        ("open", Status::Open),
        ("complete", Status::Complete),
        ("expired", Status::Expired),
    ];
    let intent = params.text("payment_intent")?;
    let customer = params.text("customer")?;
    let status = params.choice("status", STATES)?;
    let mut details = params.hash("customer_details")?.unwrap_or_default();
    let email = details.text("email")?;
    details.finish()?;
    turn.gaps(params.leave(&["payment_link", "subscription"]));
    let filed = match (&intent, &customer) {
        (Some(intent), _) => Some(term("payment_intent", intent)),
        (None, Some(customer)) => Some(term("customer", customer)),
        (None, None) => None,
    };
    let sessions = &turn.account.objects.checkout_sessions;
    list(
        sessions,
        params,
        "/v1/checkout/sessions",
        filed,
        |session| {
            let payer = session
                .payer
                .as_deref()
                .and_then(|payer| payer.email.as_deref());
            intent
                .as_deref()
                .is_none_or(|intent| session.payment_intent.as_deref() == Some(intent))
                && customer
                    .as_deref()
                    .is_none_or(|customer| session.customer.as_deref() == Some(customer))
                && status.is_none_or(|status| session.status == status)
                && email.as_deref().is_none_or(|email| payer == Some(email))
        },
    )
}
