//! Charges without an intent: how shops paid before there were intents (Charges API).

use std::sync::Arc;
use std::time::Duration;

use styk_core::{Money, Movement};

use super::{Charge, ChargeStatus, Failure, addressed, aftermath, order, settle};
use crate::payments::stripe::cards::{self, Decline};
use crate::payments::stripe::contact::{Shipping, check_email};
use crate::payments::stripe::error::StripeError;
use crate::payments::stripe::events::emit;
use crate::payments::stripe::metadata::Metadata;
use crate::payments::stripe::money::{check_amount, check_positive, required_currency};
use crate::payments::stripe::object::Id;
use crate::payments::stripe::params::Params;
use crate::payments::stripe::payment_intents::{Extra, Status, Verdict, capture_held, verdict};
use crate::payments::stripe::payment_methods::{PaymentMethod, Pick};
use crate::payments::stripe::reply::Reply;
use crate::payments::stripe::turn::{Booked, Turn};

const HOLD: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A charge as it is asked for.
struct Wanted {
    amount: Money,
    customer: Option<Id>,
    source: Pick,
    /// The token that is used up with it.
    token: Option<String>,
    is_captured: bool,
    description: Option<Arc<str>>,
    metadata: Metadata,
    receipt_email: Option<Arc<str>>,
    shipping: Option<Arc<Shipping>>,
    extra: Option<Arc<Extra>>,
}

impl Wanted {
    fn read(turn: &Turn<'_>, mut params: Params) -> Result<Self, StripeError> {
        let amount = params.required_int("amount")?;
        let currency = required_currency(&mut params)?;
        let amount = check_amount(amount, currency, "amount")?;
        let customer = match params.text("customer")? {
            Some(id) => Some(turn.customer(&id, "customer")?),
            None => None,
        };
        let token = params.text("source")?;
        let source = match (&token, &customer) {
            (Some(token), _) => Pick::of_token(turn, token, "source")?,
            (None, Some(customer)) => {
                let default = customer.details.default_source.as_ref();
                let default = default.or(customer.default_payment_method.as_ref());
                let id = default.ok_or_else(|| {
                    StripeError::card(
                        "missing",
                        "Cannot charge a customer that has no active card",
                    )
                    .param("card")
                })?;
                Pick::new(turn, id, "source")?
            }
            (None, None) => return Err(StripeError::missing("source")),
        };
        let email = params.text("receipt_email")?;
        check_email(email.as_deref(), "receipt_email")?;
        let extra = Extra {
            statement_descriptor: params.text("statement_descriptor")?,
            statement_descriptor_suffix: params.text("statement_descriptor_suffix")?,
            transfer_group: params.text("transfer_group")?,
            ..Extra::default()
        };
        let wanted = Self {
            amount,
            customer: customer.map(|customer| Arc::clone(&customer.id)),
            source,
            token,
            is_captured: params.flag("capture")?.unwrap_or(true),
            description: params.text("description")?.map(Arc::from),
            metadata: Metadata::default().changed(&params.metadata()?)?,
            receipt_email: email.map(Arc::from),
            shipping: Shipping::given(&mut params)?.set(),
            extra: (extra != Extra::default()).then(|| Arc::new(extra)),
        };
        turn.gaps(params.leave(&[
            "application_fee_amount",
            "destination",
            "on_behalf_of",
            "radar_options",
            "transfer_data",
        ]));
        params.finish()?;
        Ok(wanted)
    }
}

pub(super) fn create(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    let wanted = Wanted::read(turn, params)?;
    let is_captured = wanted.is_captured;
    if let Some(token) = &wanted.token {
        turn.account
            .objects
            .tokens
            .change(token, |token| token.is_used = true);
    }
    let method = wanted.source.clone().make(turn);
    let mut charge = Charge::new(
        turn.account.new_id("ch_"),
        turn.now,
        wanted.amount,
        Arc::clone(&method),
    );
    charge.customer = wanted.customer;
    charge.description = wanted.description;
    charge.metadata = wanted.metadata;
    charge.receipt_email = wanted.receipt_email;
    charge.shipping = wanted.shipping;
    charge.extra = wanted.extra;
    turn.note(&charge.id, order(turn, &charge).as_deref());
    match verdict(&method, true, false) {
        Verdict::Yes | Verdict::Later { .. } => Ok(succeed(turn, charge, is_captured).into()),
        Verdict::No(decline) => Err(fail(turn, charge, decline, false)),
        Verdict::Blocked => Err(fail(turn, charge, cards::blocked(), true)),
        Verdict::Ask => Err(fail(turn, charge, cards::authentication_required(), false)),
    }
}

fn book(turn: &Turn<'_>, charge: &Charge, movement: Movement, amount: i64) {
    let order = order(turn, charge);
    turn.book(
        movement,
        Money::new(amount, charge.currency),
        &Booked {
            payment: charge.payment(),
            act: Some(&charge.id),
            order: order.as_deref(),
        },
    );
}

fn fail(
    turn: &mut Turn<'_>,
    mut charge: Charge,
    decline: &'static Decline,
    is_blocked: bool,
) -> StripeError {
    charge.status = ChargeStatus::Failed;
    charge.failure = Some(Arc::new(Failure {
        decline,
        is_blocked,
    }));
    let charge = turn.account.objects.charges.put(charge);
    book(turn, &charge, Movement::Declined, charge.amount);
    emit(turn, "charge.failed", Arc::clone(&charge));
    let mut error = decline.error();
    error.body.charge = Some(Arc::clone(&charge.id));
    error
}

fn succeed(turn: &mut Turn<'_>, mut charge: Charge, is_captured: bool) -> Arc<Charge> {
    spend(turn, &charge.method);
    if !is_captured {
        charge.capture_before = Some(turn.now + HOLD.as_secs().cast_signed());
        let charge = turn.account.objects.charges.put(charge);
        book(turn, &charge, Movement::Authorized, charge.amount);
        emit(turn, "charge.succeeded", Arc::clone(&charge));
        let id = Arc::clone(&charge.id);
        turn.later(HOLD, move |turn| expire(turn, &id));
        return charge;
    }
    charge.is_captured = true;
    charge.amount_captured = charge.amount;
    let charge = turn.account.objects.charges.put(charge);
    book(turn, &charge, Movement::Captured, charge.amount);
    let settled = settle(turn, &charge.id).unwrap_or(charge);
    emit(turn, "charge.succeeded", Arc::clone(&settled));
    aftermath(turn, &settled.id);
    settled
}

/// A card that no customer has is used up.
fn spend(turn: &mut Turn<'_>, method: &PaymentMethod) {
    if method.customer.is_none() {
        let methods = &mut turn.account.objects.payment_methods;
        methods.change(&method.id, |method| method.is_spent = true);
    }
}

/// Nobody took what was held: it goes back.
fn expire(turn: &mut Turn<'_>, id: &str) {
    let Some(charge) = turn.account.objects.charges.get(id).cloned() else {
        return;
    };
    if charge.is_captured || charge.amount_released > 0 {
        return;
    }
    book(turn, &charge, Movement::Released, charge.amount);
    let released = turn.account.objects.charges.change(id, |charge| {
        charge.amount_released = charge.amount;
        charge.capture_before = None;
    });
    if let Some(released) = released {
        emit(turn, "charge.expired", released);
    }
}

pub(super) fn capture(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let charge = addressed(turn)?;
    let amount = params.int("amount")?;
    turn.gaps(params.leave(&[
        "application_fee_amount",
        "receipt_email",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
    ]));
    params.finish()?;
    let refuse = |code, message: String| Err(StripeError::invalid(message).code(code).begun());
    if charge.is_captured {
        let message = format!("Charge {} has already been captured.", charge.id);
        return refuse("charge_already_captured", message);
    }
    if charge.status != ChargeStatus::Succeeded {
        let message = format!(
            "Charge {} did not succeed and cannot be captured.",
            charge.id
        );
        return Err(StripeError::invalid(message).begun());
    }
    if charge.amount_released > 0 {
        let message = format!(
            "Charge {} has expired and can no longer be captured.",
            charge.id
        );
        return refuse("charge_expired_for_capture", message);
    }
    let amount = amount.unwrap_or(charge.amount);
    check_positive(amount, "amount")?;
    if amount > charge.amount {
        let message = format!(
            "The amount to capture ({amount}) is larger than the authorized amount ({}).",
            charge.amount
        );
        return Err(StripeError::invalid(message)
            .code("amount_too_large")
            .param("amount")
            .begun());
    }
    Ok(take(turn, &charge, amount).into())
}

fn take(turn: &mut Turn<'_>, charge: &Arc<Charge>, amount: i64) -> Arc<Charge> {
    let intents = &turn.account.objects.payment_intents;
    let intent = charge
        .payment_intent
        .as_ref()
        .and_then(|id| intents.get(id))
        .cloned();
    if let Some(intent) = intent.filter(|intent| intent.status == Status::RequiresCapture) {
        capture_held(turn, &intent, amount);
    } else {
        let rest = charge.amount - amount;
        turn.account.objects.charges.change(&charge.id, |charge| {
            charge.is_captured = true;
            charge.amount_captured = amount;
            charge.amount_released = rest;
            charge.capture_before = None;
        });
        book(turn, charge, Movement::Captured, amount);
        if rest > 0 {
            book(turn, charge, Movement::Released, rest);
        }
        if let Some(captured) = settle(turn, &charge.id) {
            emit(turn, "charge.captured", captured);
        }
        aftermath(turn, &charge.id);
    }
    let now = turn.account.objects.charges.get(&charge.id).cloned();
    now.unwrap_or_else(|| Arc::clone(charge))
}
