//! Confirming: the payer's bank is asked, and says yes, no, not yet, or that it wants to see the payer first.

use std::sync::Arc;

use styk_core::Movement;

use super::{
    Capture, NextAction, PaymentError, PaymentIntent, Redirects, Status, addressed, check_secret,
    create, finish, order,
};
use crate::payments::stripe::cards::{self, Decline, Does, When};
use crate::payments::stripe::charges::{Charge, ChargeStatus, Failure};
use crate::payments::stripe::error::{ErrorType, StripeError};
use crate::payments::stripe::events::emit;
use crate::payments::stripe::object::{Id, Kind};
use crate::payments::stripe::pages;
use crate::payments::stripe::params::Params;
use crate::payments::stripe::payment_methods::{self, Details, PaymentMethod, Pick};
use crate::payments::stripe::reply::Reply;
use crate::payments::stripe::turn::{Booked, Turn};

/// Where an intent may be confirmed.
const CONFIRMABLE: &[Status] = &[
    Status::RequiresPaymentMethod,
    Status::RequiresConfirmation,
    Status::RequiresAction,
];

/// How a confirmation is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::payments::stripe) struct Asked {
    /// The payer is not there.
    pub(in crate::payments::stripe) is_off_session: bool,
    /// It is an error when the payer would have to do something.
    pub(in crate::payments::stripe) refuses_action: bool,
    /// Where the payer's browser goes afterwards.
    pub(in crate::payments::stripe) return_url: Option<String>,
}

/// What a bank says to a payment method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::payments::stripe) enum Verdict {
    /// Yes.
    Yes,
    /// It will say later whether.
    Later {
        /// What it will say.
        yes: bool,
    },
    /// It wants the payer to authenticate first.
    Ask,
    /// No.
    No(&'static Decline),
    /// Stripe does not even ask it.
    Blocked,
}

impl Asked {
    /// Takes the parameters that only a confirmation can have.
    pub(in crate::payments::stripe) fn read(
        turn: &Turn<'_>,
        params: &mut Params,
        is_confirmed: bool,
    ) -> Result<Self, StripeError> {
        const ONLY: [&str; 5] = [
            "return_url",
            "off_session",
            "error_on_requires_action",
            "mandate_data",
            "mandate",
        ];
        if !is_confirmed && let Some(name) = ONLY.iter().find(|name| params.has(name)) {
            let message =
                format!("You cannot provide `{name}` without setting `confirm` to `true`.");
            return Err(StripeError::invalid(message).param(*name));
        }
        let return_url = params.text("return_url")?;
        check_url(return_url.as_deref(), "return_url")?;
        let is_off_session = off_session(params)?;
        let refuses_action = params.flag("error_on_requires_action")?.unwrap_or(false);
        drop(params.leave(&["mandate_data", "use_stripe_sdk"]));
        turn.gaps(params.leave(&["mandate", "amount_to_confirm", "radar_options", "hooks"]));
        Ok(Self {
            is_off_session,
            refuses_action,
            return_url,
        })
    }
}

/// `off_session` is yes, no, or says how.
fn off_session(params: &mut Params) -> Result<bool, StripeError> {
    match params
        .text("off_session")?
        .map(|text| text.to_ascii_lowercase())
        .as_deref()
    {
        None | Some("false") => Ok(false),
        Some("true" | "one_off" | "recurring") => Ok(true),
        Some(other) => {
            let message = format!(
                "Invalid off_session: must be true, false, one_off, or recurring, not {other}"
            );
            Err(StripeError::invalid(message).param("off_session"))
        }
    }
}

/// An address must be whole: `url_invalid` otherwise.
pub(in crate::payments::stripe) fn check_url(
    url: Option<&str>,
    param: &str,
) -> Result<(), StripeError> {
    let is_fine = |url: &str| url::Url::parse(url).is_ok() && url.len() <= 5000;
    if url.is_none_or(is_fine) {
        return Ok(());
    }
    Err(StripeError::invalid("Not a valid URL")
        .code("url_invalid")
        .param(param))
}

pub(super) fn confirm(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let intent = addressed(turn)?;
    check_secret(turn, &mut params, || intent.client_secret())?;
    let pick = create::pick(turn, &mut params)?.set();
    let asked = Asked::read(turn, &mut params, true)?;
    let mut after = PaymentIntent::clone(&intent);
    create::change_on_confirm(turn, &mut params, &mut after)?;
    params.finish()?;
    if !CONFIRMABLE.contains(&intent.status) {
        return Err(intent.unexpected("confirmed", CONFIRMABLE));
    }
    if turn.is_browser && intent.is_confirmed_by_hand {
        let message =
            "This PaymentIntent's confirmation_method is manual: confirm it with your secret key.";
        return Err(StripeError::invalid(message).intent(intent));
    }
    if let Some(pick) = &pick {
        check_pick(&after, pick)?;
    }
    check_ready(&after, pick.as_ref(), &asked)?;
    if let Some(pick) = pick {
        let method = pick.make(turn);
        after.is_authenticated &= after.payment_method.as_ref() == Some(&method.id);
        after.payment_method = Some(Arc::clone(&method.id));
    }
    let id = Arc::clone(&turn.account.objects.payment_intents.put(after).id);
    perform(turn, &id, &asked).map(Reply::from)
}

/// Whether an intent can take a payment method: of the right type, of nobody else, not used up.
pub(super) fn check_pick(intent: &PaymentIntent, pick: &Pick) -> Result<(), StripeError> {
    let names = intent.methods.names();
    if intent.automatic.is_none() && !names.contains(&pick.kind()) {
        let message = format!(
            "The PaymentMethod provided ({}) is not allowed for this PaymentIntent, which takes: {}.",
            pick.kind(),
            names.join(", ")
        );
        return Err(StripeError::invalid(message)
            .code("payment_intent_incompatible_payment_method")
            .param("payment_method"));
    }
    pick.check_unspent()?;
    check_owner(intent.customer.as_ref(), pick, "PaymentIntent")
}

/// A payment method of a customer can only be used together with that customer.
pub(in crate::payments::stripe) fn check_owner(
    customer: Option<&Id>,
    pick: &Pick,
    what: &str,
) -> Result<(), StripeError> {
    let message = match (pick.owner(), customer) {
        (Some(owner), Some(customer)) if owner != customer => {
            "The payment method belongs to another Customer: attach it to this one, or use one that this Customer has."
                .to_owned()
        }
        (Some(owner), None) => format!(
            "The payment method supplied belongs to the Customer {owner}. Please include the Customer in the `customer` parameter on the {what}."
        ),
        _ => return Ok(()),
    };
    Err(StripeError::invalid(message).param("payment_method"))
}

/// Whether everything is there that a confirmation needs.
pub(super) fn check_ready(
    intent: &PaymentIntent,
    pick: Option<&Pick>,
    asked: &Asked,
) -> Result<(), StripeError> {
    if pick.is_none() && intent.payment_method.is_none() {
        let message = "You cannot confirm this PaymentIntent because it's missing a payment method. Update it with a payment method first, or give one when you confirm.";
        return Err(StripeError::invalid(message)
            .code("payment_intent_unexpected_state")
            .intent(Arc::new(intent.clone())));
    }
    let may_redirect = intent.automatic == Some(Redirects::Always);
    if may_redirect && asked.return_url.is_none() && !asked.is_off_session {
        let message = "This PaymentIntent takes automatic payment methods, some of which may send the payer to another page, so you must provide a `return_url`. To refuse those, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when you create it.";
        return Err(StripeError::invalid(message).param("return_url"));
    }
    Ok(())
}

/// What the bank will say.
pub(in crate::payments::stripe) fn verdict(
    method: &PaymentMethod,
    is_off_session: bool,
    wants_three_d_secure: bool,
) -> Verdict {
    let card = match method.details {
        Details::Card(card) => card.test,
        Details::Debit(debit) => return Verdict::Later { yes: debit.pays },
    };
    match card.does {
        Does::Decline(decline) | Does::DeclineCharge(decline) => Verdict::No(decline),
        Does::Block => Verdict::Blocked,
        Does::Authenticate(way) => match way.when {
            When::LookupFails => Verdict::No(cards::generic_decline()),
            When::Never if wants_three_d_secure && !is_off_session => Verdict::Ask,
            When::Never => Verdict::Yes,
            When::OnSession if is_off_session => Verdict::Yes,
            When::UntilSetUp if is_off_session && method.is_set_up => Verdict::Yes,
            When::Always | When::OnSession | When::UntilSetUp => Verdict::Ask,
        },
        _ => Verdict::Yes,
    }
}

/// Asks the bank, and does what it says. Nothing is wrong with the request any more.
pub(super) fn perform(
    turn: &mut Turn<'_>,
    id: &Id,
    asked: &Asked,
) -> Result<Arc<PaymentIntent>, StripeError> {
    let (intent, method) = both(turn, id)?;
    let wants = intent
        .extra
        .as_deref()
        .and_then(|extra| extra.request_three_d_secure);
    let wants = matches!(wants, Some("any" | "challenge"));
    match verdict(&method, asked.is_off_session, wants) {
        Verdict::Ask if intent.is_authenticated => after_passing(turn, &intent, &method),
        Verdict::Ask if asked.is_off_session => decline(
            turn,
            &intent,
            &method,
            cards::authentication_required(),
            false,
        ),
        Verdict::Ask if asked.refuses_action => {
            let decline = cards::authentication_required();
            let error = decline.error();
            fail(turn, &intent, &method, error, None)
        }
        Verdict::Ask => Ok(ask(turn, &intent, asked)),
        Verdict::No(no) => decline(turn, &intent, &method, no, false),
        Verdict::Blocked => decline(turn, &intent, &method, cards::blocked(), true),
        Verdict::Yes => Ok(succeed(turn, &intent, &method, false)),
        Verdict::Later { yes } => Ok(finish::process(turn, &intent, &method, yes)),
    }
}

/// The intent with the payment method it has.
pub(super) fn both(
    turn: &Turn<'_>,
    id: &str,
) -> Result<(Arc<PaymentIntent>, Arc<PaymentMethod>), StripeError> {
    let objects = &turn.account.objects;
    let intent = objects.payment_intents.get(id);
    let method =
        intent.and_then(|intent| objects.payment_methods.get(intent.payment_method.as_ref()?));
    match (intent, method) {
        (Some(intent), Some(method)) => Ok((Arc::clone(intent), Arc::clone(method))),
        _ => Err(
            StripeError::invalid("This PaymentIntent has no payment method.")
                .code("payment_intent_unexpected_state"),
        ),
    }
}

/// The payer has to act.
fn ask(turn: &mut Turn<'_>, intent: &PaymentIntent, asked: &Asked) -> Arc<PaymentIntent> {
    let action = next_action(turn, &intent.id, asked.return_url.as_deref());
    let waiting = change(turn, intent, |intent| {
        intent.status = Status::RequiresAction;
        intent.next_action = Some(action);
    });
    emit(turn, "payment_intent.requires_action", Arc::clone(&waiting));
    waiting
}

/// What the payer of an intent (payment or setup) has to do.
pub(in crate::payments::stripe) fn next_action(
    turn: &Turn<'_>,
    id: &Id,
    return_url: Option<&str>,
) -> Arc<NextAction> {
    Arc::new(NextAction {
        page: pages::authentication_page(turn.stripe, &turn.account.label, id).into(),
        return_url: return_url.map(Into::into),
    })
}

/// Changes an intent that is there.
pub(super) fn change(
    turn: &mut Turn<'_>,
    intent: &PaymentIntent,
    change: impl FnOnce(&mut PaymentIntent),
) -> Arc<PaymentIntent> {
    let intents = &mut turn.account.objects.payment_intents;
    match intents.get(&intent.id) {
        Some(_) => {}
        None => drop(intents.put(intent.clone())),
    }
    let changed = intents.change(&intent.id, change);
    changed.unwrap_or_else(|| Arc::new(intent.clone()))
}

/// A charge for an intent, as the bank is asked for it.
pub(super) fn new_charge(
    turn: &mut Turn<'_>,
    intent: &PaymentIntent,
    method: &Arc<PaymentMethod>,
) -> Charge {
    let id = turn.account.new_id("ch_");
    let mut charge = Charge::new(id, turn.now, intent.money(), Arc::clone(method));
    charge.payment_intent = Some(Arc::clone(&intent.id));
    charge.customer.clone_from(&intent.customer);
    charge.description.clone_from(&intent.description);
    charge.metadata = intent.metadata.clone();
    charge.receipt_email.clone_from(&intent.receipt_email);
    charge.shipping.clone_from(&intent.shipping);
    charge.extra.clone_from(&intent.extra);
    charge
}

/// The bank says no: a failed charge stays, and the payer can try again.
pub(super) fn decline(
    turn: &mut Turn<'_>,
    intent: &PaymentIntent,
    method: &Arc<PaymentMethod>,
    decline: &'static Decline,
    is_blocked: bool,
) -> Result<Arc<PaymentIntent>, StripeError> {
    let mut charge = new_charge(turn, intent, method);
    charge.status = ChargeStatus::Failed;
    charge.failure = Some(Arc::new(Failure {
        decline,
        is_blocked,
    }));
    let charge = turn.account.objects.charges.put(charge);
    let order = order(turn, intent);
    turn.book(
        Movement::Declined,
        intent.money(),
        &Booked {
            payment: &intent.id,
            act: Some(&charge.id),
            order: order.as_deref(),
        },
    );
    emit(turn, "charge.failed", Arc::clone(&charge));
    fail(turn, intent, method, decline.error(), Some(&charge.id))
}

/// The try has failed, with or without a charge.
fn fail(
    turn: &mut Turn<'_>,
    intent: &PaymentIntent,
    method: &Arc<PaymentMethod>,
    mut error: StripeError,
    charge: Option<&Id>,
) -> Result<Arc<PaymentIntent>, StripeError> {
    let body = &mut *error.body;
    body.charge = charge.cloned();
    body.payment_method = Some(Arc::clone(method));
    let last_error = Arc::new(PaymentError {
        kind: body.kind,
        code: body.code.unwrap_or("card_declined"),
        decline_code: body.decline_code,
        message: body.message.as_str().into(),
        charge: charge.cloned(),
        payment_method: Some(Arc::clone(method)),
    });
    let failed = change(turn, intent, |intent| {
        intent.status = Status::RequiresPaymentMethod;
        intent.payment_method = None;
        intent.next_action = None;
        intent.is_authenticated = false;
        intent.last_error = Some(last_error);
        if let Some(charge) = charge {
            intent.latest_charge = Some(Arc::clone(charge));
        }
    });
    emit(turn, "payment_intent.payment_failed", Arc::clone(&failed));
    Err(error.intent(failed))
}

/// A payment that was waited for did not come; its charge has failed already.
pub(super) fn fail_processing(
    turn: &mut Turn<'_>,
    intent: &PaymentIntent,
    method: &Arc<PaymentMethod>,
    charge: &Id,
) {
    let error = cards::generic_decline().error();
    if let Err(error) = fail(turn, intent, method, error, Some(charge)) {
        tracing::debug!(%error, intent = %intent.id, "a payment failed after a while");
    }
}

/// The bank says yes: the money is taken, or set aside when the shop takes it later.
pub(super) fn succeed(
    turn: &mut Turn<'_>,
    intent: &PaymentIntent,
    method: &Arc<PaymentMethod>,
    is_authenticated: bool,
) -> Arc<PaymentIntent> {
    let method = keep_method(turn, intent, method);
    let mut charge = new_charge(turn, intent, &method);
    charge.is_authenticated = is_authenticated;
    let id = Arc::clone(&charge.id);
    if intent.capture == Capture::Manual {
        finish::hold(turn, intent, charge)
    } else {
        turn.account.objects.charges.put(charge);
        finish::take(turn, intent, &id)
    }
}

/// The payment method after a success: it belongs to the customer, or is used up.
fn keep_method(
    turn: &mut Turn<'_>,
    intent: &PaymentIntent,
    method: &Arc<PaymentMethod>,
) -> Arc<PaymentMethod> {
    let attached = match &intent.customer {
        Some(customer) => payment_methods::attach_to(turn, &method.id, customer),
        None => None,
    };
    let is_set_up = intent.setup_future_usage.is_some();
    let methods = &mut turn.account.objects.payment_methods;
    let kept = match &attached {
        Some(attached) if attached.is_set_up || !is_set_up => None,
        _ => methods.change(&method.id, |method| {
            method.is_spent = method.customer.is_none();
            method.is_set_up |= is_set_up;
        }),
    };
    kept.or(attached).unwrap_or_else(|| Arc::clone(method))
}

/// The payer has passed: the bank says its last word.
fn after_passing(
    turn: &mut Turn<'_>,
    intent: &PaymentIntent,
    method: &Arc<PaymentMethod>,
) -> Result<Arc<PaymentIntent>, StripeError> {
    let then = method.card().and_then(|card| match card.test.does {
        Does::Authenticate(way) => way.then,
        _ => None,
    });
    match then {
        Some(no) => decline(turn, intent, method, no, false),
        None => Ok(succeed(turn, intent, method, true)),
    }
}

/// The payer has passed or failed the authentication that an intent waits for. An error when it waits for none; a
/// card that is declined after it has passed is an error too (402).
pub(in crate::payments::stripe) fn authenticate(
    turn: &mut Turn<'_>,
    id: &str,
    has_passed: bool,
) -> Result<Arc<PaymentIntent>, StripeError> {
    let (intent, method) = both(turn, id)?;
    if intent.status != Status::RequiresAction {
        return Err(intent.unexpected("authenticated", &[Status::RequiresAction]));
    }
    if !has_passed {
        let error = StripeError::new(
            http::StatusCode::PAYMENT_REQUIRED,
            ErrorType::InvalidRequest,
            "The provided PaymentMethod has failed authentication. Give another payment method, or let the payer try again.",
        )
        .code("payment_intent_authentication_failure");
        return match fail(turn, &intent, &method, error, None) {
            Ok(failed) => Ok(failed),
            Err(error) => error.body.payment_intent.clone().ok_or(error),
        };
    }
    if intent.is_confirmed_by_hand {
        return Ok(change(turn, &intent, |intent| {
            intent.status = Status::RequiresConfirmation;
            intent.is_authenticated = true;
            intent.next_action = None;
        }));
    }
    after_passing(turn, &intent, &method)
}

/// Confirms an intent with a payment method, as a payer on a hosted page does. A decline is the card's error (402);
/// the payer can try again.
pub(in crate::payments::stripe) fn confirm_on_page(
    turn: &mut Turn<'_>,
    id: &str,
    method: &Id,
    return_url: &str,
) -> Result<Arc<PaymentIntent>, StripeError> {
    let pick = Pick::new(turn, method, "payment_method")?;
    let known = turn.account.objects.payment_intents.get(id).cloned();
    let intent = known.ok_or_else(|| StripeError::not_found(Kind::PaymentIntent, id))?;
    if !CONFIRMABLE.contains(&intent.status) {
        return Err(intent.unexpected("confirmed", CONFIRMABLE));
    }
    check_pick(&intent, &pick)?;
    let method = pick.make(turn);
    change(turn, &intent, |intent| {
        intent.payment_method = Some(Arc::clone(&method.id));
    });
    let asked = Asked {
        return_url: Some(return_url.to_owned()),
        ..Asked::default()
    };
    perform(turn, &intent.id, &asked)
}
