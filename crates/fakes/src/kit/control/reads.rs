//! What control shows.

use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use styk_core::{Effect, Ledger, LedgerEntry};

use super::Asked;
use super::answers::Refused;
use crate::kit::{Answer, DeliveryState, ProviderKind};

/// The most entries of one answer.
const LIMIT: u64 = 1000;

fn ok(value: &impl Serialize) -> Answer {
    Answer::json(StatusCode::OK, value)
}

pub(super) fn health(kind: ProviderKind) -> Answer {
    ok(&json!({"provider": kind.name, "ready": true}))
}

pub(super) fn state(asked: &Asked<'_>) -> Answer {
    ok(&json!({"accounts": asked.server.provider.state().view()}))
}

/// `?after=&limit=&order=&movement=&object=`
pub(super) fn ledger(asked: &Asked<'_>, ledger: &Ledger) -> Result<Answer, Refused> {
    let after = asked.query_number("after", 0)?;
    let limit = asked.query_number("limit", LIMIT)?.min(LIMIT);
    let (order, object) = (asked.query("order"), asked.query("object"));
    let movement = asked.query("movement");
    let provider = asked.server.provider_name();
    let fits = |entry: &LedgerEntry| {
        let moved = match &entry.effect {
            Effect::Money { movement, .. } => serde_json::to_value(movement).ok(),
            Effect::Parcel { .. } | Effect::Message { .. } => None,
        };
        let moved = moved.as_ref().and_then(Value::as_str);
        entry.provider == provider
            && (order.is_none() || entry.order == order)
            && (object.is_none() || Some(&entry.object) == object.as_ref())
            && (movement.is_none() || moved == movement.as_deref())
    };
    let entries = ledger.after(after).into_iter().filter(|entry| fits(entry));
    let mut shown: Vec<Value> = Vec::new();
    let mut has_more = false;
    for entry in entries {
        if shown.len() as u64 >= limit {
            has_more = true;
            break;
        }
        shown.push(entry_json(&entry));
    }
    Ok(ok(
        &json!({"entries": shown, "has_more": has_more, "refused": ledger.refused()}),
    ))
}

/// An entry, with a sentence for people.
pub(super) fn entry_json(entry: &LedgerEntry) -> Value {
    let mut value = serde_json::to_value(entry).unwrap_or_default();
    if let Effect::Money { movement, amount } = &entry.effect {
        let word = serde_json::to_value(movement).unwrap_or_default();
        let word = word.as_str().unwrap_or_default().replace('_', " ");
        let order = entry
            .order
            .as_ref()
            .map(|order| format!(" for order {order}"));
        let order = order.unwrap_or_default();
        let text = format!("{word} {amount} on {}{order}", entry.object);
        value["text"] = Value::from(text);
    }
    value
}

pub(super) fn faults(asked: &Asked<'_>) -> Answer {
    let faults = asked.server.faults.list();
    let faults: Vec<Value> = faults.iter().map(fault_json).collect();
    ok(&json!({"faults": faults}))
}

pub(super) fn fault(asked: &Asked<'_>) -> Result<Answer, Refused> {
    let wanted = asked.number(0)?;
    let faults = asked.server.faults.list();
    let found = faults.iter().find(|fault| fault.id == wanted);
    found
        .map(|fault| ok(&fault_json(fault)))
        .ok_or_else(|| no_fault(wanted))
}

pub(super) fn no_fault(id: u64) -> Refused {
    Refused::new(StatusCode::NOT_FOUND, format!("there is no fault {id}"))
        .hint("GET /_styk/faults lists them")
}

/// A fault with the word for what became of it.
pub(super) fn fault_json(fault: &crate::kit::ArmedFault) -> Value {
    let mut value = serde_json::to_value(fault).unwrap_or_default();
    let result = if fault.fired == 0 {
        "not_injected"
    } else {
        "injected"
    };
    value["result"] = Value::from(result);
    value
}

/// `?event=&object=&state=`
pub(super) fn webhooks(asked: &Asked<'_>) -> Result<Answer, Refused> {
    let limit = asked.query_number("limit", LIMIT)?.min(LIMIT);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (event, object) = (asked.query("event"), asked.query("object"));
    let state = match asked.query("state") {
        None => None,
        Some(word) => Some(delivery_state(&word)?),
    };
    let outbox = &asked.server.webhooks;
    let mut shown = outbox.deliveries();
    shown.retain(|delivery| {
        event.as_ref().is_none_or(|event| *event == delivery.event)
            && object
                .as_ref()
                .is_none_or(|object| *object == delivery.object)
            && state.is_none_or(|state| state == delivery.state)
    });
    let newest = shown.split_off(shown.len().saturating_sub(limit));
    let more =
        json!({"deliveries": newest, "has_more": !shown.is_empty(), "dropped": outbox.dropped()});
    Ok(ok(&more))
}

fn delivery_state(word: &str) -> Result<DeliveryState, Refused> {
    Ok(match word {
        "pending" => DeliveryState::Pending,
        "delivered" => DeliveryState::Delivered,
        "failed" => DeliveryState::Failed,
        "cancelled" => DeliveryState::Cancelled,
        "lost" => DeliveryState::Lost,
        _ => {
            let told = format!("`{word}` is no state of a delivery");
            return Err(Refused::new(StatusCode::BAD_REQUEST, told)
                .at("state")
                .hint("there are pending, delivered, failed, cancelled, lost"));
        }
    })
}

pub(super) fn endpoints(asked: &Asked<'_>) -> Answer {
    ok(&json!({"endpoints": asked.server.provider.subscriptions()}))
}

pub(super) fn actions(kind: ProviderKind) -> Answer {
    ok(&json!({"actions": kind.actions}))
}

pub(super) fn variables(asked: &Asked<'_>) -> Answer {
    ok(&asked.server.provider.variables())
}

pub(super) fn settings(asked: &Asked<'_>) -> Answer {
    let pauses = asked.server.webhooks.pauses();
    let pauses: Vec<u128> = pauses.iter().map(std::time::Duration::as_millis).collect();
    ok(&json!({"webhook_pauses_ms": pauses}))
}
