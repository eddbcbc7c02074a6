//! What a person or a scenario can make happen.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Stripe;
use super::account::Account;
use super::checkout::{self, Status as SessionStatus};
use super::disputes::{self, Status as DisputeStatus};
use super::error::StripeError;
use super::form::Pairs;
use super::metadata::Metadata;
use super::object::Id;
use super::params::Params;
use super::payment_intents::{self, Status};
use super::payment_methods::{Pick, Spec};
use super::refunds;
use super::setup_intents;
use super::turn::Turn;
use super::webhook_endpoints;
use crate::kit::{Action, ActionError, Parameter};

const fn told(name: &'static str, required: bool, summary: &'static str) -> Parameter {
    Parameter {
        name,
        required,
        summary,
    }
}

/// The shop's order in place of an id: its newest payment is meant.
const ORDER: Parameter = told(
    "order",
    false,
    "the shop's order, instead of an id: its newest payment",
);

/// All of them.
pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "confirm",
        summary: "The payer pays a payment intent or a checkout session.",
        parameters: &[
            ORDER,
            told("intent", false, "the payment intent"),
            told(
                "session",
                false,
                "the checkout session, instead of an intent",
            ),
            told(
                "card",
                false,
                "a test card's number or name; 4242424242424242 when missing",
            ),
        ],
    },
    Action {
        name: "authenticate",
        summary: "The payer passes or fails the authentication that an intent waits for.",
        parameters: &[
            ORDER,
            told("intent", false, "the payment intent or setup intent"),
            told("outcome", false, "passed (default) or failed"),
        ],
    },
    Action {
        name: "refund_fails",
        summary: "A refund comes back: the payer did not get the money.",
        parameters: &[told("refund", true, "the refund")],
    },
    Action {
        name: "dispute",
        summary: "The payer's bank disputes a charge.",
        parameters: &[
            ORDER,
            told("charge", false, "the charge"),
            told("intent", false, "the payment intent, instead of a charge"),
            told("amount", false, "in minor units; all of it when missing"),
        ],
    },
    Action {
        name: "decide_dispute",
        summary: "The bank decides a dispute.",
        parameters: &[
            told("dispute", true, "the dispute"),
            told("won", false, "whether the shop wins; false when missing"),
        ],
    },
    Action {
        name: "expire_session",
        summary: "A checkout session expires.",
        parameters: &[told("session", true, "the checkout session")],
    },
    Action {
        name: "send_webhook",
        summary: "An event goes to the endpoints again, whether they took it or not.",
        parameters: &[
            told("event", false, "the event's id"),
            told(
                "type",
                false,
                "the newest event of this type, instead of an id",
            ),
            told(
                "object",
                false,
                "the newest event about this object, instead of an id",
            ),
        ],
    },
];

/// What an action was told.
struct Told<'a>(&'a Map<String, Value>);

impl Told<'_> {
    fn text(&self, name: &str) -> Result<Option<&str>, ActionError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name, "must be a text")),
        }
    }

    fn needed(&self, name: &str) -> Result<&str, ActionError> {
        self.text(name)?.ok_or_else(|| wrong(name, "is missing"))
    }

    fn flag(&self, name: &str, default: bool) -> Result<bool, ActionError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(wrong(name, "must be true or false")),
        }
    }

    fn amount(&self, name: &str) -> Result<Option<i64>, ActionError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let amount = value.as_i64().filter(|amount| *amount > 0);
                amount
                    .map(Some)
                    .ok_or_else(|| wrong(name, "must be a whole number of minor units above 0"))
            }
        }
    }
}

fn wrong(parameter: &str, problem: &str) -> ActionError {
    ActionError::Parameter {
        parameter: parameter.to_owned(),
        problem: problem.to_owned(),
    }
}

fn missing(what: &'static str, id: &str) -> ActionError {
    ActionError::NotFound {
        what,
        id: id.to_owned(),
    }
}

fn refused(error: &StripeError) -> ActionError {
    ActionError::Refused(error.body.message.clone())
}

fn shown(object: &impl Serialize) -> Value {
    serde_json::to_value(object).unwrap_or_default()
}

/// Makes it happen.
pub(super) fn act(
    stripe: &Stripe,
    action: &str,
    with: &Map<String, Value>,
) -> Result<Value, ActionError> {
    let known = ACTIONS.iter().find(|known| known.name == action);
    let known = known.ok_or_else(|| ActionError::unknown(action, ACTIONS))?;
    let is_known = |name: &String| {
        known
            .parameters
            .iter()
            .any(|parameter| parameter.name == name)
    };
    if let Some(name) = with.keys().find(|name| !is_known(name)) {
        return Err(wrong(
            name,
            &format!("is nothing that `{action}` can be told"),
        ));
    }
    let named = of_order(stripe, action, with)?;
    let told = Told(named.as_ref().unwrap_or(with));
    match action {
        "confirm" => confirm(stripe, &told),
        "authenticate" => authenticate(stripe, &told),
        "refund_fails" => refund_fails(stripe, &told),
        "dispute" => dispute(stripe, &told),
        "decide_dispute" => decide(stripe, &told),
        "expire_session" => expire(stripe, &told),
        _ => send_webhook(stripe, &told),
    }
}

/// The same with the id of what an order's payment is, where an order is told.
fn of_order(
    stripe: &Stripe,
    action: &str,
    with: &Map<String, Value>,
) -> Result<Option<Map<String, Value>>, ActionError> {
    let told = Told(with);
    let Some(order) = told.text("order")? else {
        return Ok(None);
    };
    let found = stripe.turn(
        None,
        |account| newest(stripe, account, action, order).is_some(),
        |turn| newest(stripe, turn.account, action, order),
    );
    let (name, id) = found
        .flatten()
        .ok_or_else(|| missing("payment of the order", order))?;
    let mut named = with.clone();
    named.insert(name.to_owned(), Value::from(&*id));
    Ok(Some(named))
}

/// An order's open session, where a payer can pay it, else its newest payment intent.
fn newest(
    stripe: &Stripe,
    account: &Account,
    action: &str,
    order: &str,
) -> Option<(&'static str, Id)> {
    let orders = &stripe.ground.orders;
    let is_its = |metadata: &Metadata, description: Option<&str>| {
        orders
            .find(|name| metadata.get(name), description)
            .as_deref()
            == Some(order)
    };
    let mut sessions = account.objects.checkout_sessions.iter().rev();
    let open = sessions
        .find(|session| session.status == SessionStatus::Open && is_its(session.metadata(), None));
    if let Some(session) = open.filter(|_| action == "confirm") {
        return Some(("session", Arc::clone(&session.id)));
    }
    let mut intents = account.objects.payment_intents.iter().rev();
    let intent = intents.find(|intent| is_its(&intent.metadata, intent.description.as_deref()));
    intent.map(|intent| ("intent", Arc::clone(&intent.id)))
}

/// Does something in the account that has an object.
fn inside(
    stripe: &Stripe,
    what: &'static str,
    id: &str,
    has: impl Fn(&Account) -> bool,
    act: impl FnOnce(&mut Turn<'_>) -> Result<Value, ActionError>,
) -> Result<Value, ActionError> {
    stripe
        .turn(None, has, act)
        .ok_or_else(|| missing(what, id))?
}

/// A payment method for a card's number, or for the name of a test card.
fn card(turn: &mut Turn<'_>, card: &str) -> Result<Id, ActionError> {
    let is_number = card
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b' ');
    if !is_number {
        let name = if card.starts_with("pm_") {
            card.to_owned()
        } else {
            format!("pm_card_{card}")
        };
        let pick = Pick::new(turn, &name, "card").map_err(|_| wrong("card", "is no test card"))?;
        return Ok(Arc::clone(&pick.make(turn).id));
    }
    let form = format!(
        "number={}&exp_month=12&exp_year=2040&cvc=123",
        card.replace(' ', "")
    );
    let fields = Pairs::read(form.as_bytes())
        .and_then(Pairs::nest)
        .map_err(|error| refused(&error))?;
    let spec = Spec::of_card(turn, Params::new(fields)).map_err(|error| refused(&error))?;
    Ok(Arc::clone(&spec.into_method().make(turn).id))
}

fn confirm(stripe: &Stripe, told: &Told<'_>) -> Result<Value, ActionError> {
    let number = told.text("card")?.unwrap_or("4242424242424242");
    if let Some(id) = told.text("session")? {
        let has = |account: &Account| account.objects.checkout_sessions.get(id).is_some();
        return inside(stripe, "checkout session", id, has, |turn| {
            let session = checkout::pay_with(turn, id, number);
            session
                .map(|session| shown(&*session))
                .map_err(|error| refused(&error))
        });
    }
    let id = told.needed("intent")?;
    let has = |account: &Account| account.objects.payment_intents.get(id).is_some();
    inside(stripe, "payment intent", id, has, |turn| {
        let method = card(turn, number)?;
        let back = turn.stripe.ground.address("/");
        match payment_intents::confirm_on_page(turn, id, &method, &back) {
            Ok(intent) => Ok(shown(&*intent)),
            // A decline is what a payer can make happen as well: the intent says it.
            Err(error) => match &error.body.payment_intent {
                Some(intent) if error.body.charge.is_some() => Ok(shown(&**intent)),
                _ => Err(refused(&error)),
            },
        }
    })
}

fn authenticate(stripe: &Stripe, told: &Told<'_>) -> Result<Value, ActionError> {
    let id = told.needed("intent")?;
    let has_passed = match told.text("outcome")? {
        None | Some("passed") => true,
        Some("failed") => false,
        Some(_) => return Err(wrong("outcome", "must be `passed` or `failed`")),
    };
    let has = |account: &Account| account.objects.find(id).is_some();
    inside(stripe, "intent", id, has, |turn| {
        if id.starts_with("seti_") {
            let intent = setup_intents::authenticate(turn, id, has_passed);
            return intent
                .map(|intent| shown(&*intent))
                .map_err(|error| refused(&error));
        }
        let intents = &turn.account.objects.payment_intents;
        if intents
            .get(id)
            .is_none_or(|intent| intent.status != Status::RequiresAction)
        {
            return Err(ActionError::Refused(format!(
                "{id} waits for no authentication"
            )));
        }
        match payment_intents::authenticate(turn, id, has_passed) {
            Ok(intent) => Ok(shown(&*intent)),
            Err(error) => match &error.body.payment_intent {
                Some(intent) => Ok(shown(&**intent)),
                None => Err(refused(&error)),
            },
        }
    })
}

fn refund_fails(stripe: &Stripe, told: &Told<'_>) -> Result<Value, ActionError> {
    let id = told.needed("refund")?;
    let has = |account: &Account| account.objects.refunds.get(id).is_some();
    inside(stripe, "refund", id, has, |turn| {
        let refund = refunds::fail(turn, id, "unknown");
        refund
            .map(|refund| shown(&*refund))
            .map_err(|error| refused(&error))
    })
}

fn dispute(stripe: &Stripe, told: &Told<'_>) -> Result<Value, ActionError> {
    let amount = told.amount("amount")?;
    let (charge, intent) = (told.text("charge")?, told.text("intent")?);
    let id = charge
        .or(intent)
        .ok_or_else(|| wrong("charge", "is missing; or name an `intent`"))?;
    let has = |account: &Account| account.objects.find(id).is_some();
    inside(stripe, "charge or payment intent", id, has, |turn| {
        let intent = turn.account.objects.payment_intents.get(id);
        let latest = intent.and_then(|intent| intent.latest_charge.clone());
        let charge = latest.unwrap_or_else(|| id.into());
        let opened = disputes::open(
            turn,
            &charge,
            "fraudulent",
            amount,
            DisputeStatus::NeedsResponse,
        );
        let nothing = || ActionError::Refused(format!("{id} has no money to dispute"));
        opened.map(|dispute| shown(&*dispute)).ok_or_else(nothing)
    })
}

fn decide(stripe: &Stripe, told: &Told<'_>) -> Result<Value, ActionError> {
    let (id, is_won) = (told.needed("dispute")?, told.flag("won", false)?);
    let has = |account: &Account| account.objects.disputes.get(id).is_some();
    inside(stripe, "dispute", id, has, |turn| {
        let closed = || ActionError::Refused(format!("{id} is closed already"));
        disputes::decide(turn, id, is_won)
            .map(|dispute| shown(&*dispute))
            .ok_or_else(closed)
    })
}

fn expire(stripe: &Stripe, told: &Told<'_>) -> Result<Value, ActionError> {
    let id = told.needed("session")?;
    let has = |account: &Account| account.objects.checkout_sessions.get(id).is_some();
    inside(stripe, "checkout session", id, has, |turn| {
        let closed = || ActionError::Refused(format!("{id} is not open"));
        checkout::end(turn, id)
            .map(|session| shown(&*session))
            .ok_or_else(closed)
    })
}

fn send_webhook(stripe: &Stripe, told: &Told<'_>) -> Result<Value, ActionError> {
    let (event, kind, object) = (
        told.text("event")?,
        told.text("type")?,
        told.text("object")?,
    );
    if event.or(kind).or(object).is_none() {
        return Err(wrong(
            "event",
            "is missing; or name a `type` or an `object`",
        ));
    }
    let find = |account: &Account| {
        let fits = |wanted: Option<&str>, is: &str| wanted.is_none_or(|wanted| wanted == is);
        let mut events = account.objects.events.iter().rev();
        let found = events.find(|known| {
            fits(event, &known.id) && fits(kind, known.kind) && fits(object, known.object.id())
        });
        found.cloned()
    };
    let wanted = event.or(object).or(kind).unwrap_or_default();
    let has = |account: &Account| find(account).is_some();
    inside(stripe, "event", wanted, has, |turn| {
        let event = find(turn.account).ok_or_else(|| missing("event", wanted))?;
        let order = turn.order_of(&event.object);
        let sent = webhook_endpoints::deliver(turn, &event, order.as_deref());
        if sent == 0 {
            let message = format!("no endpoint of the account wants {}", event.kind);
            return Err(ActionError::Refused(message));
        }
        Ok(shown(&*event))
    })
}
