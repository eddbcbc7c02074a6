//! Events: what happened in an account, with the object as it was.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::object::{Id, Object, Snapshot};
use super::routes::Endpoint;
use super::turn::{Cause, Turn};
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
    /// What the changed keys were before.
    pub(super) previous: Option<Box<Map<String, Value>>>,
    pub(super) cause: Option<Arc<Cause>>,
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
        serializer.serialize_none()
    }
}

/// Writes an event and tells the endpoints that want it.
pub(super) fn emit(turn: &mut Turn<'_>, kind: &'static str, object: impl Into<Snapshot>) {
    emit_with(turn, kind, object.into(), None);
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
    emit_with(turn, kind, Arc::clone(after).into(), previous);
}

fn emit_with(
    turn: &mut Turn<'_>,
    kind: &'static str,
    object: Snapshot,
    previous: Option<Box<Map<String, Value>>>,
) {
    let id = turn.account.new_id("evt_");
    turn.account.objects.events.put(Event {
        id,
        created: turn.now,
        kind,
        object,
        previous,
        cause: turn.cause.clone(),
    });
}

fn previous_attributes(
    before: &impl Serialize,
    after: &impl Serialize,
) -> Option<Box<Map<String, Value>>> {
    let _ = (before, after);
    None
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}
