//! Events: what happened in an account, with the object as it was (Stripe API, Events).

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::API_VERSION;
use super::error::StripeError;
use super::list::list;
use super::object::{Id, Kind, Object, Snapshot, show};
use super::params::Params;
use super::reply::Reply;
use super::routes::{Endpoint, many, one};
use super::turn::{Cause, Turn};
use super::webhook_endpoints;
use crate::kit::Routes;

/// An event.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) id: Id,
    pub(super) created: i64,
    /// Its type, `payment_intent.succeeded`.
    pub(super) kind: &'static str,
    /// The object as it was.
    pub(super) object: Snapshot,
    /// What the changed keys were before, as JSON.
    pub(super) previous: Option<Box<RawValue>>,
    pub(super) cause: Option<Arc<Cause>>,
}

/// An event with how many of its deliveries have not arrived yet.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) event: &'a Event,
    pub(super) pending: usize,
}

struct Data<'a>(&'a Event);

#[derive(Serialize)]
struct Request<'a> {
    id: Option<&'a str>,
    idempotency_key: Option<&'a str>,
}

impl Object for Event {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = Shown {
            event: self,
            pending: 0,
        };
        shown.serialize(serializer)
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let event = self.event;
        let cause = event.cause.as_deref();
        show!(serializer;
            "id": event.id,
            "object": "event",
            "api_version": API_VERSION,
            "created": event.created,
            "data": Data(event),
            "livemode": false,
            "pending_webhooks": self.pending,
            "request": Request {
                id: cause.map(|cause| &*cause.id),
                idempotency_key: cause.and_then(|cause| cause.idempotency_key.as_deref()),
            },
            "type": event.kind,
        )
    }
}

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0.previous {
            Some(previous) => show!(serializer;
                "object": self.0.object,
                "previous_attributes": previous,
            ),
            None => show!(serializer; "object": self.0.object),
        }
    }
}

/// Writes an event and tells the endpoints that want it.
pub(super) fn emit(turn: &mut Turn<'_>, kind: &'static str, object: impl Into<Snapshot>) {
    write(turn, kind, object.into(), None);
}

/// The same for a change: `before` is the object as it was before, from which the event says what is different.
pub(super) fn emit_change<T: Object>(
    turn: &mut Turn<'_>,
    kind: &'static str,
    before: &Arc<T>,
    after: &Arc<T>,
) where
    Arc<T>: Into<Snapshot>,
{
    let previous = previous_attributes(&**before, &**after);
    write(turn, kind, Arc::clone(after).into(), previous);
}

/// The same where it is known what was before: `previous` is written as it is.
pub(super) fn emit_after(
    turn: &mut Turn<'_>,
    kind: &'static str,
    object: impl Into<Snapshot>,
    previous: &impl Serialize,
) {
    let previous = serde_json::value::to_raw_value(previous).ok();
    write(turn, kind, object.into(), previous);
}

fn write(
    turn: &mut Turn<'_>,
    kind: &'static str,
    object: Snapshot,
    previous: Option<Box<RawValue>>,
) {
    let id = turn.account.new_id("evt_");
    let event = turn.account.objects.events.put(Event {
        id,
        created: turn.now,
        kind,
        object,
        previous,
        cause: turn.cause.clone(),
    });
    if turn.account.objects.webhook_endpoints.len() > 0 {
        let order = turn.order_of(&event.object);
        webhook_endpoints::deliver(turn, &event, order.as_deref());
    }
}

/// The keys that are different, with what they were; `None` when nothing is.
fn previous_attributes(before: &impl Serialize, after: &impl Serialize) -> Option<Box<RawValue>> {
    let (Ok(Value::Object(before)), Ok(Value::Object(after))) =
        (serde_json::to_value(before), serde_json::to_value(after))
    else {
        return None;
    };
    let different = difference(&before, &after);
    if different.is_empty() {
        return None;
    }
    serde_json::value::to_raw_value(&different).ok()
}

fn difference(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let mut different = Map::new();
    for (key, now) in after {
        match (before.get(key), now) {
            (Some(then), now) if then == now => {}
            (Some(Value::Object(then)), Value::Object(now)) => {
                different.insert(key.clone(), Value::Object(difference(then, now)));
            }
            (then, _) => {
                different.insert(key.clone(), then.cloned().unwrap_or_default());
            }
        }
    }
    for (key, then) in before {
        if !after.contains_key(key) {
            different.insert(key.clone(), then.clone());
        }
    }
    different
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
        .get("/v1/events", many(Kind::Event, list_all))
        .get("/v1/events/{id}", one(Kind::Event, retrieve))
}

fn retrieve(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    let id = turn.place(0);
    turn.note(id, None);
    let event = turn.account.objects.events.get(id).cloned();
    let event = event.ok_or_else(|| StripeError::not_found(Kind::Event, id))?;
    let pending = turn.stripe.ground.webhooks.missing(id);
    let shown = Shown {
        event: &event,
        pending,
    };
    match serde_json::to_value(shown) {
        Ok(shown) if pending > 0 => Ok(Reply::Value(shown)),
        _ => Ok(event.into()),
    }
}

fn list_all(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let kind = params.text("type")?;
    let kinds = params.texts("types")?;
    let has_arrived = params.flag("delivery_success")?;
    if kind.is_some() && kinds.is_some() {
        let message = "You may only specify one of these parameters: type, types.";
        return Err(StripeError::invalid(message)
            .code("parameters_exclusive")
            .param("types"));
    }
    if kinds.as_ref().is_some_and(|kinds| kinds.len() > 20) {
        return Err(StripeError::invalid("You can give up to 20 types.").param("types"));
    }
    let webhooks = &turn.stripe.ground.webhooks;
    let is_wanted = |event: &Event| {
        let is_of = |wanted: &String| match wanted.strip_suffix('*') {
            Some(start) => event.kind.starts_with(start),
            None => event.kind == wanted,
        };
        kind.iter().all(is_of)
            && kinds.as_ref().is_none_or(|kinds| kinds.iter().any(is_of))
            && has_arrived.is_none_or(|wanted| wanted == (webhooks.missing(&event.id) == 0))
    };
    let events = &turn.account.objects.events;
    let page = list(events, params, "/v1/events", None, is_wanted)?;
    Ok(with_pending(page, |event| webhooks.missing(event)))
}

/// A page of events, each with how many of its deliveries have not arrived.
fn with_pending(page: Reply, pending: impl Fn(&str) -> usize) -> Reply {
    let Reply::List(list) = &page else {
        return page;
    };
    let counts: Vec<usize> = list.data.iter().map(|event| pending(event.id())).collect();
    if counts.iter().all(|count| *count == 0) {
        return page;
    }
    let Ok(mut shown) = serde_json::to_value(&page) else {
        return page;
    };
    let events = shown.get_mut("data").and_then(Value::as_array_mut);
    for (event, count) in events.into_iter().flatten().zip(counts) {
        if let Some(pending) = event.get_mut("pending_webhooks") {
            *pending = count.into();
        }
    }
    Reply::Value(shown)
}
