//! Payment methods: cards, and one method that takes its time.

mod pick;
mod show;

use std::sync::Arc;

use super::cards::TestCard;
use super::contact::BillingDetails;
use super::error::StripeError;
use super::events::{emit, emit_change};
use super::list::list;
use super::metadata::Metadata;
use super::object::{Id, Kind, Object};
use super::params::Params;
use super::reply::Reply;
use super::routes::{Endpoint, many, one, public};
use super::shelf::term;
use super::turn::Turn;
use crate::kit::Routes;

pub(super) use self::pick::{Pick, Spec, known_type};
pub(super) use self::show::fingerprint;

/// A payment method.
#[derive(Clone, Debug)]
pub(super) struct PaymentMethod {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) customer: Option<Id>,
    pub(super) details: Details,
    pub(super) billing: Option<Arc<BillingDetails>>,
    pub(super) metadata: Metadata,
    pub(super) allow_redisplay: &'static str,
    /// It was used without being attached, or detached, so it cannot be used again.
    pub(super) is_spent: bool,
    /// A payer has agreed to later charges of it.
    pub(super) is_set_up: bool,
}

/// What pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Details {
    /// A card.
    Card(Card),
    /// A direct debit (`sepa_debit`): charges of it are processing for a while.
    Debit(&'static Debit),
}

/// A card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) test: &'static TestCard,
    pub(super) exp_month: u8,
    pub(super) exp_year: u16,
    pub(super) has_cvc: bool,
}

/// A test account for direct debit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Debit {
    pub(super) iban: &'static str,
    pub(super) country: &'static str,
    /// Whether the money comes in the end.
    pub(super) pays: bool,
}

impl PaymentMethod {
    /// Its `type`.
    pub(super) fn kind(&self) -> &'static str {
        match self.details {
            Details::Card(_) => "card",
            Details::Debit(_) => "sepa_debit",
        }
    }

    /// The card, when it is one.
    pub(super) fn card(&self) -> Option<&Card> {
        match &self.details {
            Details::Card(card) => Some(card),
            Details::Debit(_) => None,
        }
    }
}

impl Object for PaymentMethod {
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
    }

    fn metadata(&self) -> Option<&Metadata> {
        Some(&self.metadata)
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    let kind = Kind::PaymentMethod;
    routes
        .post("/v1/payment_methods", public(kind, create))
        .get("/v1/payment_methods", many(kind, list_all))
        .get("/v1/payment_methods/{id}", one(kind, retrieve))
        .post("/v1/payment_methods/{id}", one(kind, update))
        .post("/v1/payment_methods/{id}/attach", one(kind, attach))
        .post("/v1/payment_methods/{id}/detach", one(kind, detach))
        .get(
            "/v1/customers/{id}/payment_methods",
            many(kind, list_of_customer),
        )
        .get(
            "/v1/customers/{id}/payment_methods/{method}",
            one(kind, retrieve_of_customer),
        )
}

fn create(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    let spec = Spec::read(turn, params)?;
    let method = spec.make(turn);
    turn.note(&method.id, None);
    Ok(method.into())
}

/// The payment method of the path; `pm_card_visa` makes a new one.
fn addressed(turn: &Turn<'_>, id: &str) -> Result<Pick, StripeError> {
    Pick::find(turn, id).ok_or_else(|| StripeError::not_found(Kind::PaymentMethod, id))
}

fn retrieve(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    let id = turn.place(0);
    turn.note(id, None);
    Ok(addressed(turn, id)?.make(turn).into())
}

fn update(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let id = turn.place(0);
    let known = turn.account.objects.payment_methods.get(id).cloned();
    let before = known.ok_or_else(|| StripeError::not_found(Kind::PaymentMethod, id))?;
    let mut after = PaymentMethod::clone(&before);
    if let Some(billing) = params.hash("billing_details")? {
        let mut details = before.billing.as_deref().cloned().unwrap_or_default();
        details.change(billing)?;
        after.billing = Some(Arc::new(details));
    }
    if let Some(mut card) = params.hash("card")? {
        pick::change_expiry(turn, &mut after, &mut card)?;
        turn.gaps(card.leave(&["networks"]));
        card.finish()?;
    }
    after.metadata = after.metadata.changed(&params.metadata()?)?;
    let redisplay = params.choice("allow_redisplay", pick::REDISPLAY)?;
    after.allow_redisplay = redisplay.unwrap_or(after.allow_redisplay);
    params.finish()?;
    if before.customer.is_none() {
        return Err(unexpected(
            "You must save this PaymentMethod to a customer before you can update it.",
        ));
    }
    let after = turn.account.objects.payment_methods.put(after);
    emit_change(turn, "payment_method.updated", &before, &after);
    turn.note(&after.id, None);
    Ok(after.into())
}

fn attach(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let customer = params.required_text("customer")?;
    params.finish()?;
    let pick = addressed(turn, turn.place(0))?;
    let customer = Arc::clone(&turn.customer(&customer, "customer")?.id);
    match pick.owner() {
        Some(owner) if *owner == customer => return Ok(pick.make(turn).into()),
        Some(_) => {
            return Err(unexpected(
                "The payment method you provided has already been attached to a customer.",
            ));
        }
        None => {}
    }
    pick.check_attaching()?;
    let id = Arc::clone(&pick.make(turn).id);
    let attached = attach_to(turn, &id, &customer);
    turn.note(&id, None);
    attached
        .map(Reply::from)
        .ok_or_else(|| StripeError::not_found(Kind::PaymentMethod, &id))
}

/// Attaches a payment method that exists to a customer that exists (event `payment_method.attached`). One that is
/// attached already stays where it is.
pub(super) fn attach_to(
    turn: &mut Turn<'_>,
    id: &str,
    customer: &Id,
) -> Option<Arc<PaymentMethod>> {
    let methods = &mut turn.account.objects.payment_methods;
    let known = methods.get(id)?;
    if known.customer.is_some() {
        return Some(Arc::clone(known));
    }
    let attached = methods.change(id, |method| {
        method.customer = Some(Arc::clone(customer));
        method.is_spent = false;
    })?;
    emit(turn, "payment_method.attached", Arc::clone(&attached));
    Some(attached)
}

fn detach(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    let id = turn.place(0);
    let methods = &mut turn.account.objects.payment_methods;
    let known = methods.get(id).cloned();
    let before = known.ok_or_else(|| StripeError::not_found(Kind::PaymentMethod, id))?;
    let Some(customer) = &before.customer else {
        return Err(unexpected(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
        ));
    };
    let after = methods.change(id, |method| {
        method.customer = None;
        method.is_spent = true;
    });
    let after = after.unwrap_or_else(|| Arc::clone(&before));
    let customers = &mut turn.account.objects.customers;
    if customers
        .get(customer)
        .is_some_and(|known| known.default_payment_method.as_deref() == Some(id))
    {
        customers.change(customer, |customer| customer.default_payment_method = None);
    }
    emit_change(turn, "payment_method.detached", &before, &after);
    turn.note(&after.id, None);
    Ok(after.into())
}

fn list_all(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let customer = params.text("customer")?;
    if let Some(customer) = &customer {
        turn.customer(customer, "customer")?;
    }
    page(turn, params, "/v1/payment_methods", customer.as_deref())
}

fn list_of_customer(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    let customer = turn.place(0);
    turn.customer(customer, "customer")?;
    let url = format!("/v1/customers/{customer}/payment_methods");
    page(turn, params, &url, Some(customer))
}

fn page(
    turn: &Turn<'_>,
    mut params: Params,
    url: &str,
    customer: Option<&str>,
) -> Result<Reply, StripeError> {
    let kind = params.text("type")?;
    turn.gaps(params.leave(&["allow_redisplay"]));
    let filed = customer.map(|customer| term("customer", customer));
    list(
        &turn.account.objects.payment_methods,
        params,
        url,
        filed,
        |method| {
            let is_theirs =
                customer.is_none_or(|customer| method.customer.as_deref() == Some(customer));
            is_theirs && kind.as_deref().is_none_or(|kind| method.kind() == kind)
        },
    )
}

fn retrieve_of_customer(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    let (customer, id) = (turn.place(0), turn.place(1));
    turn.customer(customer, "customer")?;
    let method = turn.account.objects.payment_methods.get(id);
    let theirs = method.filter(|method| method.customer.as_deref() == Some(customer));
    let theirs = theirs.ok_or_else(|| StripeError::not_found(Kind::PaymentMethod, id))?;
    Ok(Arc::clone(theirs).into())
}

fn unexpected(message: &str) -> StripeError {
    StripeError::invalid(message).code("payment_method_unexpected_state")
}
