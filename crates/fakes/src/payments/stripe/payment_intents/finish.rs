//! After the bank's yes: money is held, taken, given back, or waited for.

use std::sync::Arc;
use std::time::Duration;

use styk_core::{Money, Movement};

use super::confirm::{both, change, fail_processing, new_charge};
use super::{Canceled, Capture, PaymentIntent, Status, addressed, order};
use crate::payments::stripe::cards;
use crate::payments::stripe::charges::{self, Charge, ChargeStatus};
use crate::payments::stripe::error::StripeError;
use crate::payments::stripe::events::{emit, emit_after};
use crate::payments::stripe::money::{check_amount, check_positive};
use crate::payments::stripe::object::Id;
use crate::payments::stripe::params::Params;
use crate::payments::stripe::payment_methods::PaymentMethod;
use crate::payments::stripe::reply::Reply;
use crate::payments::stripe::turn::{Booked, Turn};

/// How long a bank holds money (Place a hold on a payment method).
const HOLD: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long a direct debit takes here; days in real life.
const PROCESSING: Duration = Duration::from_secs(2);

/// What `charge.updated` says was before, when the movement of money becomes known.
#[derive(serde::Serialize)]
struct NotSettled {
    balance_transaction: Option<()>,
}

const CAPTURABLE: &[Status] = &[Status::RequiresCapture];
const CANCELABLE: &[Status] = &[
    Status::RequiresPaymentMethod,
    Status::RequiresCapture,
    Status::RequiresConfirmation,
    Status::RequiresAction,
    Status::Processing,
];

/// Writes into the ledger what happened to the money of an intent.
fn book(turn: &Turn<'_>, intent: &PaymentIntent, movement: Movement, amount: i64, charge: &Id) {
    let order = order(turn, intent);
    turn.book(
        movement,
        Money::new(amount, intent.currency),
        &Booked {
            payment: &intent.id,
            act: Some(charge),
            order: order.as_deref(),
        },
    );
}

/// Sets the money aside.
pub(super) fn hold(
    turn: &mut Turn<'_>,
    intent: &PaymentIntent,
    mut charge: Charge,
) -> Arc<PaymentIntent> {
    charge.is_captured = false;
    charge.capture_before = Some(turn.now + HOLD.as_secs().cast_signed());
    let charge = turn.account.objects.charges.put(charge);
    book(
        turn,
        intent,
        Movement::Authorized,
        intent.amount,
        &charge.id,
    );
    emit(turn, "charge.succeeded", Arc::clone(&charge));
    let held = change(turn, intent, |intent| {
        intent.status = Status::RequiresCapture;
        intent.amount_capturable = intent.amount;
        after_success(intent, &charge.id);
    });
    emit(
        turn,
        "payment_intent.amount_capturable_updated",
        Arc::clone(&held),
    );
    let id = Arc::clone(&intent.id);
    turn.later(HOLD, move |turn| expire(turn, &id));
    held
}

fn after_success(intent: &mut PaymentIntent, charge: &Id) {
    intent.latest_charge = Some(Arc::clone(charge));
    intent.last_error = None;
    intent.next_action = None;
    intent.is_authenticated = false;
}

/// Takes the money of a charge that the bank has said yes to.
pub(super) fn take(turn: &mut Turn<'_>, intent: &PaymentIntent, charge: &Id) -> Arc<PaymentIntent> {
    let charges = &mut turn.account.objects.charges;
    let taken = charges.change(charge, |charge| {
        charge.status = ChargeStatus::Succeeded;
        charge.is_captured = true;
        charge.amount_captured = charge.amount;
    });
    book(turn, intent, Movement::Captured, intent.amount, charge);
    // With asynchronous capture the movement of money becomes known after the success.
    let is_later = intent.capture == Capture::AutomaticAsync;
    let taken = if is_later {
        taken
    } else {
        charges::settle(turn, charge)
    };
    if let Some(taken) = taken {
        emit(turn, "charge.succeeded", taken);
    }
    let done = change(turn, intent, |intent| {
        intent.status = Status::Succeeded;
        intent.amount_received = intent.amount;
        after_success(intent, charge);
    });
    emit(turn, "payment_intent.succeeded", Arc::clone(&done));
    if is_later && let Some(settled) = charges::settle(turn, charge) {
        emit_after(
            turn,
            "charge.updated",
            settled,
            &NotSettled {
                balance_transaction: None,
            },
        );
    }
    charges::aftermath(turn, charge);
    done
}

/// The bank will say later whether.
pub(super) fn process(
    turn: &mut Turn<'_>,
    intent: &PaymentIntent,
    method: &Arc<PaymentMethod>,
    pays: bool,
) -> Arc<PaymentIntent> {
    let mut charge = new_charge(turn, intent, method);
    charge.status = ChargeStatus::Pending;
    charge.is_captured = false;
    let charge = turn.account.objects.charges.put(charge);
    emit(turn, "charge.pending", Arc::clone(&charge));
    let processing = change(turn, intent, |intent| {
        intent.status = Status::Processing;
        after_success(intent, &charge.id);
    });
    emit(turn, "payment_intent.processing", Arc::clone(&processing));
    let id = Arc::clone(&intent.id);
    turn.later(PROCESSING, move |turn| processed(turn, &id, pays));
    processing
}

fn processed(turn: &mut Turn<'_>, id: &str, pays: bool) {
    let Ok((intent, method)) = both(turn, id) else {
        return;
    };
    let Some(charge) = intent.latest_charge.clone() else {
        return;
    };
    if intent.status != Status::Processing {
        return;
    }
    if pays {
        take(turn, &intent, &charge);
    } else {
        let failed = turn.account.objects.charges.change(&charge, |charge| {
            charge.status = ChargeStatus::Failed;
            charge.failure = Some(Arc::new(charges::Failure {
                decline: cards::generic_decline(),
                is_blocked: false,
            }));
        });
        if let Some(failed) = failed {
            emit(turn, "charge.failed", failed);
        }
        fail_processing(turn, &intent, &method, &charge);
    }
}

pub(super) fn capture(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let intent = addressed(turn)?;
    let amount = params.int("amount_to_capture")?;
    let metadata = params.metadata()?;
    turn.gaps(params.leave(&[
        "final_capture",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "application_fee_amount",
        "transfer_data",
        "amount_details",
        "payment_details",
        "hooks",
    ]));
    params.finish()?;
    let metadata = intent.metadata.changed(&metadata)?;
    if intent.status != Status::RequiresCapture {
        return Err(intent.unexpected("captured", CAPTURABLE));
    }
    let amount = amount.unwrap_or(intent.amount_capturable);
    check_positive(amount, "amount_to_capture")?;
    if amount > intent.amount_capturable {
        let message = format!(
            "The amount to capture ({amount}) is larger than the amount that can be captured ({}).",
            intent.amount_capturable
        );
        return Err(StripeError::invalid(message)
            .code("amount_too_large")
            .param("amount_to_capture")
            .intent(intent));
    }
    let intent = change(turn, &intent, |intent| intent.metadata = metadata);
    Ok(capture_held(turn, &intent, amount).into())
}

/// Takes a part of what is held, or all; the rest is given back.
pub(in crate::payments::stripe) fn capture_held(
    turn: &mut Turn<'_>,
    intent: &PaymentIntent,
    amount: i64,
) -> Arc<PaymentIntent> {
    if let Some(id) = &intent.latest_charge {
        let rest = intent.amount_capturable - amount;
        turn.account.objects.charges.change(id, |charge| {
            charge.is_captured = true;
            charge.amount_captured = amount;
            charge.amount_released = rest;
            charge.capture_before = None;
        });
        book(turn, intent, Movement::Captured, amount, id);
        if rest > 0 {
            book(turn, intent, Movement::Released, rest, id);
        }
        if let Some(captured) = charges::settle(turn, id) {
            emit(turn, "charge.captured", captured);
        }
    }
    let done = change(turn, intent, |intent| {
        intent.status = Status::Succeeded;
        intent.amount_capturable = 0;
        intent.amount_received = amount;
    });
    emit(turn, "payment_intent.succeeded", Arc::clone(&done));
    if let Some(id) = &intent.latest_charge {
        charges::aftermath(turn, id);
    }
    done
}

pub(super) fn cancel(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    const REASONS: &[(&str, &str)] = &[
        ("duplicate", "duplicate"),
        ("fraudulent", "fraudulent"),
        ("requested_by_customer", "requested_by_customer"),
        ("abandoned", "abandoned"),
    ];
    let intent = addressed(turn)?;
    let reason = params.choice("cancellation_reason", REASONS)?;
    params.finish()?;
    if !CANCELABLE.contains(&intent.status) {
        return Err(intent.unexpected("canceled", CANCELABLE));
    }
    if let Some(session) = intent
        .extra
        .as_deref()
        .and_then(|extra| extra.session.as_ref())
    {
        tracing::debug!(%session, "the intent of a checkout session is canceled");
    }
    if let Some(released) = release(turn, &intent) {
        emit(turn, "charge.refunded", released);
    }
    Ok(ended(turn, &intent, reason).into())
}

/// Gives back what is held, when something is.
fn release(turn: &mut Turn<'_>, intent: &PaymentIntent) -> Option<Arc<Charge>> {
    let id = intent.latest_charge.as_ref()?;
    if intent.status != Status::RequiresCapture {
        return None;
    }
    book(
        turn,
        intent,
        Movement::Released,
        intent.amount_capturable,
        id,
    );
    turn.account.objects.charges.change(id, |charge| {
        charge.amount_released = charge.amount;
        charge.capture_before = None;
    })
}

fn ended(
    turn: &mut Turn<'_>,
    intent: &PaymentIntent,
    reason: Option<&'static str>,
) -> Arc<PaymentIntent> {
    let now = turn.now;
    let canceled = change(turn, intent, |intent| {
        intent.status = Status::Canceled;
        intent.amount_capturable = 0;
        intent.canceled = Some(Arc::new(Canceled { at: now, reason }));
        intent.next_action = None;
    });
    emit(turn, "payment_intent.canceled", Arc::clone(&canceled));
    canceled
}

/// Nobody took what was held: it goes back.
fn expire(turn: &mut Turn<'_>, id: &str) {
    let intent = turn.account.objects.payment_intents.get(id).cloned();
    let Some(intent) = intent.filter(|intent| intent.status == Status::RequiresCapture) else {
        return;
    };
    if let Some(released) = release(turn, &intent) {
        emit(turn, "charge.expired", released);
    }
    ended(turn, &intent, Some("automatic"));
}

pub(super) fn increment(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let intent = addressed(turn)?;
    let amount = params.required_int("amount")?;
    check_amount(amount, intent.currency, "amount")?;
    let metadata = params.metadata()?;
    let description = params.given_text("description")?.map(Arc::<str>::from);
    turn.gaps(params.leave(&[
        "application_fee_amount",
        "transfer_data",
        "statement_descriptor",
        "amount_details",
        "payment_details",
        "hooks",
    ]));
    params.finish()?;
    let metadata = intent.metadata.changed(&metadata)?;
    if intent.status != Status::RequiresCapture {
        return Err(intent.unexpected("incremented", CAPTURABLE));
    }
    let more = amount - intent.amount;
    if more <= 0 {
        let message = format!(
            "The amount must be larger than the authorized amount ({}).",
            intent.amount
        );
        return Err(StripeError::invalid(message).param("amount").intent(intent));
    }
    let changed = change(turn, &intent, |intent| {
        intent.amount = amount;
        intent.amount_capturable = amount;
        intent.metadata = metadata;
        description.apply(&mut intent.description);
    });
    if let Some(id) = &changed.latest_charge {
        turn.account
            .objects
            .charges
            .change(id, |charge| charge.amount = amount);
        book(turn, &changed, Movement::Authorized, more, id);
    }
    emit(
        turn,
        "payment_intent.amount_capturable_updated",
        Arc::clone(&changed),
    );
    Ok(changed.into())
}
