//! What can be made to happen: payers pay or give up, time passes, notifications are sent again.

use serde_json::{Map, Value, json};

use super::payment::Status;
use super::payments::card_method;
use super::{YooKassa, show};
use crate::kit::{Action, ActionError, Parameter};

const fn parameter(name: &'static str, required: bool, summary: &'static str) -> Parameter {
    Parameter {
        name,
        required,
        summary,
    }
}

const PAYMENT: Parameter = parameter("payment", false, "id of the payment");
const ORDER: Parameter = parameter(
    "order",
    false,
    "or the shop's order: its newest payment is meant",
);

pub(super) const ACTIONS: &[Action] = &[
    Action {
        name: "confirm",
        summary: "The payer pays on the page: with a card, or by confirming in an app.",
        parameters: &[
            PAYMENT,
            parameter(
                "card",
                false,
                "number of a test card; a good one by default",
            ),
        ],
    },
    Action {
        name: "authenticate",
        summary: "The payer answers 3-D Secure.",
        parameters: &[
            PAYMENT,
            parameter("outcome", false, "passed (default) or failed"),
        ],
    },
    Action {
        name: "decline",
        summary: "The payer's bank refuses an open payment.",
        parameters: &[
            PAYMENT,
            parameter("reason", false, "insufficient_funds by default"),
        ],
    },
    Action {
        name: "expire",
        summary: "Nobody confirms, or nobody captures, in time.",
        parameters: &[PAYMENT, ORDER],
    },
    Action {
        name: "revoke_method",
        summary: "The payer revokes a saved means of payment.",
        parameters: &[parameter("method", true, "id of the saved method")],
    },
    Action {
        name: "activate_method",
        summary: "The payer confirms that a means of payment is kept.",
        parameters: &[parameter("method", true, "id of the method")],
    },
    Action {
        name: "send_webhook",
        summary: "Sends a notification about a payment or refund as it is now.",
        parameters: &[
            parameter("object", true, "id of the payment or refund"),
            parameter("event", false, "by default the one of its state"),
        ],
    },
    Action {
        name: "bind_token",
        summary: "Binds an OAuth token to a shop: it sees that shop's payments and hears of them alone.",
        parameters: &[
            parameter("token", true, "the token"),
            parameter("shop", true, "the shop's id"),
        ],
    },
];

/// Makes it happen.
pub(super) fn act(
    yookassa: &YooKassa,
    action: &str,
    with: &Map<String, Value>,
) -> Result<Value, ActionError> {
    match action {
        "confirm" => confirm(yookassa, with),
        "authenticate" => on_payment(yookassa, with, |shop, id| {
            let passed = text(with, "outcome")?.is_none_or(|outcome| outcome == "passed");
            yookassa.authenticate(shop, id, passed, None);
            Ok(())
        }),
        "decline" => decline(yookassa, with),
        "expire" => on_payment(yookassa, with, |shop, id| {
            let status = shop.payments.get(id).map(|payment| payment.status);
            let reason = match status {
                Some(Status::WaitingForCapture) => "expired_on_capture",
                _ => "expired_on_confirmation",
            };
            yookassa.cancel(shop, id, ("yoo_money", reason), None);
            Ok(())
        }),
        "revoke_method" | "activate_method" => method(yookassa, action, with),
        "send_webhook" => send_webhook(yookassa, with),
        "bind_token" => {
            let (token, shop) = (needed(with, "token")?, needed(with, "shop")?);
            yookassa.books.hooks().bound.insert(token, shop);
            Ok(json!({}))
        }
        other => Err(ActionError::unknown(other, ACTIONS)),
    }
}

fn text(with: &Map<String, Value>, name: &str) -> Result<Option<String>, ActionError> {
    match with.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(wrong(name, "must be text")),
    }
}

fn needed(with: &Map<String, Value>, name: &str) -> Result<String, ActionError> {
    text(with, name)?.ok_or_else(|| wrong(name, "is needed"))
}

fn wrong(parameter: &str, problem: &str) -> ActionError {
    ActionError::Parameter {
        parameter: parameter.to_owned(),
        problem: problem.to_owned(),
    }
}

/// Does something to an open payment, and shows what became of it.
fn on_payment(
    yookassa: &YooKassa,
    with: &Map<String, Value>,
    change: impl FnOnce(&mut super::account::Shop, &str) -> Result<(), ActionError>,
) -> Result<Value, ActionError> {
    let (asked, order) = (text(with, "payment")?, text(with, "order")?);
    let find = |shop: &super::account::Shop| match (&asked, &order) {
        (Some(id), _) => shop.payments.get(id).map(|payment| payment.id.clone()),
        (None, Some(order)) => {
            let mut newest_first = shop.payments.values().rev();
            let found =
                newest_first.find(|payment| payment.order.as_deref() == Some(order.as_str()));
            found.map(|payment| payment.id.clone())
        }
        (None, None) => None,
    };
    let name = asked.clone().or_else(|| order.clone());
    let name = name.ok_or_else(|| wrong("payment", "is needed, or `order`"))?;
    let not_found = || ActionError::NotFound {
        what: "payment",
        id: name.clone(),
    };
    let account = yookassa
        .holder(|shop| find(shop).is_some())
        .ok_or_else(not_found)?;
    let mut shop = account.lock();
    let id = find(&shop).ok_or_else(not_found)?;
    let status = shop.payments.get(&id).map(|payment| payment.status);
    if !matches!(status, Some(Status::Pending | Status::WaitingForCapture)) {
        let word = status.map_or("gone", Status::word);
        return Err(ActionError::Refused(format!(
            "the payment `{id}` is {word}"
        )));
    }
    change(&mut shop, &id)?;
    let shown = shop
        .payments
        .get(&id)
        .map(|payment| show::payment(payment, &shop.id));
    Ok(shown.unwrap_or_default())
}

fn confirm(yookassa: &YooKassa, with: &Map<String, Value>) -> Result<Value, ActionError> {
    let card = text(with, "card")?;
    on_payment(yookassa, with, |shop, id| {
        let payment = shop.payments.get(id);
        let is_wallet = payment
            .and_then(|p| p.method.as_ref())
            .is_some_and(|m| m.kind != "bank_card");
        let asks = payment
            .and_then(|p| p.method.as_ref())
            .is_some_and(|m| m.card.is_some());
        if card.is_none() && (is_wallet || asks) {
            yookassa.approve(shop, id, None);
            return Ok(());
        }
        let number = card.as_deref().unwrap_or("5555555555554444");
        let method = card_method(id, number, "12", "2034");
        yookassa.pay_by_card(shop, id, method, number, None);
        Ok(())
    })
}

fn decline(yookassa: &YooKassa, with: &Map<String, Value>) -> Result<Value, ActionError> {
    const REASONS: [&str; 14] = [
        "3d_secure_failed",
        "call_issuer",
        "card_expired",
        "payment_method_limit_exceeded",
        "payment_method_restricted",
        "country_forbidden",
        "general_decline",
        "fraud_suspected",
        "identification_required",
        "insufficient_funds",
        "invalid_card_number",
        "invalid_csc",
        "issuer_unavailable",
        "internal_timeout",
    ];
    let asked = text(with, "reason")?.unwrap_or_else(|| "insufficient_funds".to_owned());
    let reason = REASONS.into_iter().find(|reason| *reason == asked);
    let reason =
        reason.ok_or_else(|| wrong("reason", &format!("is one of {}", REASONS.join(", "))))?;
    on_payment(yookassa, with, |shop, id| {
        yookassa.cancel(shop, id, ("payment_network", reason), None);
        Ok(())
    })
}

fn method(
    yookassa: &YooKassa,
    action: &str,
    with: &Map<String, Value>,
) -> Result<Value, ActionError> {
    let id = needed(with, "method")?;
    let not_found = || ActionError::NotFound {
        what: "payment method",
        id: id.clone(),
    };
    let account = yookassa
        .holder(|shop| shop.methods.contains_key(&id))
        .ok_or_else(not_found)?;
    let mut shop = account.lock();
    if action == "activate_method" {
        if !yookassa.activate(&mut shop, &id, None) {
            return Err(ActionError::Refused(format!(
                "`{id}` is not waiting for it"
            )));
        }
        return Ok(json!({"id": id, "status": "active"}));
    }
    let saved = shop.methods.get_mut(&id).ok_or_else(not_found)?;
    saved.method.is_saved = false;
    saved.status = "inactive";
    Ok(json!({"id": id, "status": "inactive"}))
}

fn send_webhook(yookassa: &YooKassa, with: &Map<String, Value>) -> Result<Value, ActionError> {
    let id = needed(with, "object")?;
    let asked = text(with, "event")?;
    let has = |shop: &super::account::Shop| {
        shop.payments.contains_key(&id) || shop.refunds.contains_key(&id)
    };
    let account = yookassa.holder(has).ok_or_else(|| ActionError::NotFound {
        what: "payment or refund",
        id: id.clone(),
    })?;
    let shop = account.lock();
    let (event, order, object) = match (shop.payments.get(&id), shop.refunds.get(&id)) {
        (Some(payment), _) => {
            let event = format!("payment.{}", payment.status.word());
            (
                event,
                payment.order.as_deref(),
                show::payment(payment, &shop.id),
            )
        }
        (None, Some(refund)) => (
            "refund.succeeded".to_owned(),
            None,
            super::refunds::shown(refund),
        ),
        (None, None) => return Ok(Value::Null),
    };
    let event = asked.unwrap_or(event);
    yookassa.tell(&shop, &event, &id, order, &object, None);
    Ok(json!({"event": event, "object": object}))
}
