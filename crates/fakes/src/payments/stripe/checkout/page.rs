//! The page where a payer pays a checkout session.

use std::sync::Arc;

use http::{Method, StatusCode};
use maud::html;

use super::{Payer, PaymentStatus, Session, Status, order};
use crate::kit::{Answer, Call};
use crate::payments::stripe::Stripe;
use crate::payments::stripe::error::StripeError;
use crate::payments::stripe::events::emit;
use crate::payments::stripe::form::Pairs;
use crate::payments::stripe::object::{Id, Kind};
use crate::payments::stripe::pages::{document, fields};
use crate::payments::stripe::params::Params;
use crate::payments::stripe::payment_intents::{
    self, Order, PaymentIntent, Status as IntentStatus, confirm_on_page, create_for_session,
};
use crate::payments::stripe::payment_methods::Spec;
use crate::payments::stripe::turn::Turn;

/// What the payer typed in.
#[derive(Debug, Default)]
struct Typed {
    number: String,
    expiry: String,
    cvc: String,
    email: Option<String>,
    name: Option<String>,
    cancels: bool,
}

impl Typed {
    fn read(fields: &Pairs<'_>) -> Self {
        let mut typed = Self::default();
        for (name, value) in fields.iter() {
            let value = value.trim().to_owned();
            match name {
                "number" => typed.number = value,
                "exp" => typed.expiry = value,
                "cvc" => typed.cvc = value,
                "email" => typed.email = Some(value).filter(|email| !email.is_empty()),
                "name" => typed.name = Some(value).filter(|name| !name.is_empty()),
                "do" => typed.cancels = value == "cancel",
                _ => {}
            }
        }
        typed
    }

    /// The card, as the API takes it.
    fn card(&self) -> Result<Params, StripeError> {
        let (month, year) = self.expiry.split_once('/').unwrap_or((&self.expiry, ""));
        let pairs = [
            ("number", self.number.as_str()),
            ("exp_month", month.trim()),
            ("exp_year", year.trim()),
            ("cvc", self.cvc.as_str()),
            ("name", self.name.as_deref().unwrap_or_default()),
        ];
        let form: String = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        Ok(Params::new(Pairs::read(form.as_bytes())?.nest()?))
    }
}

fn with_session(
    stripe: &Stripe,
    call: &Call,
    act: impl FnOnce(&mut Turn<'_>, &Arc<Session>) -> Answer,
) -> Answer {
    let id = call.parameter(0);
    let answer = stripe.turn(
        Some(call),
        |account| account.objects.checkout_sessions.get(id).is_some(),
        |turn| {
            let session = turn.account.objects.checkout_sessions.get(id).cloned()?;
            turn.note(id, order(turn, &session).as_deref());
            Some(act(turn, &session))
        },
    );
    answer
        .flatten()
        .unwrap_or_else(|| closed("There is no such session."))
}

fn closed(why: &str) -> Answer {
    document(StatusCode::NOT_FOUND, "Checkout", &html! { p { (why) } })
}

/// Shows the page, or takes what the payer did on it.
pub(super) fn page(stripe: &Stripe, call: &Call) -> Answer {
    with_session(stripe, call, |turn, session| {
        if session.status == Status::Complete {
            return leave(session);
        }
        if session.status == Status::Expired {
            return closed("This session has expired.");
        }
        if call.method() != Method::POST {
            return question(session, None);
        }
        let typed = Typed::read(&fields(call));
        if typed.cancels {
            return match &session.asked.cancel_url {
                Some(url) => Answer::see_other(&filled(url, session)),
                None => question(session, None),
            };
        }
        match pay(turn, session, &typed) {
            Ok(intent) => after(turn, session, &intent, &typed),
            Err(error) => question(session, Some(&error.body.message)),
        }
    })
}

fn question(session: &Session, error: Option<&str>) -> Answer {
    let body = html! {
        ul {
            @for item in session.items.iter() {
                li { (item.quantity) " × " (item.description) }
            }
        }
        p { strong { (session.total()) } }
        @if let Some(error) = error {
            p.error role="alert" { (error) }
        }
        form method="post" {
            label { "E-mail"
                input type="text" name="email" autocomplete="email" value=[session.customer_email.as_deref()];
            }
            label { "Card number" input type="text" name="number" autocomplete="cc-number" inputmode="numeric"; }
            label { "Expiry (MM/YY)" input type="text" name="exp" autocomplete="cc-exp"; }
            label { "Security code" input type="text" name="cvc" autocomplete="cc-csc" inputmode="numeric"; }
            label { "Name on the card" input type="text" name="name" autocomplete="cc-name"; }
            button type="submit" name="do" value="pay" { "Pay " (session.total()) }
            @if session.asked.cancel_url.is_some() {
                button type="submit" name="do" value="cancel" { "Cancel" }
            }
        }
    };
    document(StatusCode::OK, "Checkout", &body)
}

/// Tries to pay with a typed card.
fn pay(
    turn: &mut Turn<'_>,
    session: &Arc<Session>,
    typed: &Typed,
) -> Result<Arc<PaymentIntent>, StripeError> {
    let spec = Spec::of_card(turn, typed.card()?)?.into_method();
    let method = Arc::clone(&spec.make(turn).id);
    let intent = tried(turn, session, typed);
    let back = turn
        .stripe
        .ground
        .address(&format!("/c/pay/{}/back", session.id));
    confirm_on_page(turn, &intent, &method, &back)
}

/// The intent of a session, made with the first try.
fn tried(turn: &mut Turn<'_>, session: &Arc<Session>, typed: &Typed) -> Id {
    if let Some(intent) = &session.tried {
        return Arc::clone(intent);
    }
    let asked = &session.asked;
    let metadata = match asked.intent_metadata.iter().next() {
        Some(_) => asked.intent_metadata.clone(),
        None => session.metadata.clone(),
    };
    let receipt_email = asked.receipt_email.clone();
    let total = session.total();
    let intent = create_for_session(
        turn,
        Order {
            amount: total.minor,
            currency: total.currency,
            capture: asked.capture,
            customer: session.customer.clone(),
            description: asked.description.clone(),
            metadata,
            receipt_email,
            setup_future_usage: asked.setup_future_usage,
            shipping: asked.shipping.clone(),
            methods: session.methods.clone(),
            session: Arc::clone(&session.id),
        },
    );
    let payer = Arc::new(Payer {
        email: typed
            .email
            .clone()
            .or_else(|| session.customer_email.clone()),
        name: typed.name.clone(),
    });
    turn.account
        .objects
        .checkout_sessions
        .change(&session.id, |session| {
            session.tried = Some(Arc::clone(&intent.id));
            session.payer = Some(payer);
        });
    Arc::clone(&intent.id)
}

/// The payer's try has come to something.
fn after(turn: &mut Turn<'_>, session: &Session, intent: &PaymentIntent, typed: &Typed) -> Answer {
    if intent.status == IntentStatus::RequiresAction {
        return match &intent.next_action {
            Some(action) => Answer::see_other(&action.page),
            None => question(
                session,
                Some("The bank asks for an authentication that this page cannot show."),
            ),
        };
    }
    let payer = Arc::new(Payer {
        email: typed
            .email
            .clone()
            .or_else(|| session.customer_email.clone()),
        name: typed.name.clone(),
    });
    match complete(turn, &session.id, intent, Some(payer)) {
        Some(session) => leave(&session),
        None => closed("This session is not open any more."),
    }
}

/// The session is paid, or will be.
fn complete(
    turn: &mut Turn<'_>,
    id: &str,
    intent: &PaymentIntent,
    payer: Option<Arc<Payer>>,
) -> Option<Arc<Session>> {
    let is_paid = matches!(
        intent.status,
        IntentStatus::Succeeded | IntentStatus::RequiresCapture
    );
    let done = turn
        .account
        .objects
        .checkout_sessions
        .change(id, |session| {
            session.status = Status::Complete;
            session.url = None;
            session.payment_intent = Some(Arc::clone(&intent.id));
            session.payment_status = if is_paid {
                PaymentStatus::Paid
            } else {
                PaymentStatus::Unpaid
            };
            if payer.is_some() {
                session.payer = payer;
            }
        })?;
    emit(turn, "checkout.session.completed", Arc::clone(&done));
    Some(done)
}

/// Sends the payer back to the shop.
fn leave(session: &Session) -> Answer {
    let url = session
        .asked
        .success_url
        .as_ref()
        .or(session.asked.return_url.as_ref());
    match url {
        Some(url) => Answer::see_other(&filled(url, session)),
        None => document(
            StatusCode::OK,
            "Checkout",
            &html! { p { "Thank you. It is paid." } },
        ),
    }
}

/// `{CHECKOUT_SESSION_ID}` stands for the session's id.
fn filled(url: &str, session: &Session) -> String {
    url.replace("{CHECKOUT_SESSION_ID}", &session.id)
}

/// The payer comes back from the bank.
pub(super) fn back(stripe: &Stripe, call: &Call) -> Answer {
    with_session(stripe, call, |turn, session| {
        if session.status == Status::Complete {
            return leave(session);
        }
        let intents = &turn.account.objects.payment_intents;
        let intent = session
            .tried
            .as_ref()
            .and_then(|id| intents.get(id))
            .cloned();
        match intent {
            Some(intent) if is_done(intent.status) => {
                match complete(turn, &session.id, &intent, None) {
                    Some(session) => leave(&session),
                    None => closed("This session is not open any more."),
                }
            }
            Some(intent) => {
                let error = intent.last_error.as_deref().map(|error| &*error.message);
                question(session, error)
            }
            None => question(session, None),
        }
    })
}

fn is_done(status: IntentStatus) -> bool {
    use payment_intents::Status::{Processing, RequiresCapture, Succeeded};
    matches!(status, Processing | RequiresCapture | Succeeded)
}

/// Pays a session as its payer would, for whoever does it by command.
pub(in crate::payments::stripe) fn pay_with(
    turn: &mut Turn<'_>,
    id: &str,
    card: &str,
) -> Result<Arc<Session>, StripeError> {
    let session = turn.account.objects.checkout_sessions.get(id).cloned();
    let session = session.ok_or_else(|| StripeError::not_found(Kind::Session, id))?;
    if session.status != Status::Open {
        return Err(StripeError::invalid("The session is not open."));
    }
    let typed = Typed {
        number: card.to_owned(),
        expiry: "12/40".to_owned(),
        cvc: "123".to_owned(),
        email: session
            .customer_email
            .clone()
            .or_else(|| Some("payer@example.com".to_owned())),
        ..Typed::default()
    };
    let intent = pay(turn, &session, &typed)?;
    if intent.status == IntentStatus::RequiresAction {
        return Ok(session);
    }
    let payer = Arc::new(Payer {
        email: typed.email,
        name: None,
    });
    complete(turn, id, &intent, Some(payer))
        .ok_or_else(|| StripeError::invalid("The session is not open."))
}
