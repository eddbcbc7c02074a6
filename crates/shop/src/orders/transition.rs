//! Changing the state of an order: checked against the table of states, recorded as an event.

use std::fmt;

use serde_json::{Value, json};

use super::order::Order;
use super::state::State;
use crate::app::App;
use crate::db::{Tx, args};
use crate::error::{ApiError, Code};
use crate::telemetry::{Scope, attribute};

/// Who made a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// A request of this user.
    Api(String),
    Worker,
    Beat,
    /// A provider, by its webhook.
    Webhook(String),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(user) => write!(f, "api:{user}"),
            Self::Worker => f.write_str("worker"),
            Self::Beat => f.write_str("beat"),
            Self::Webhook(provider) => write!(f, "webhook:{provider}"),
        }
    }
}

/// Why an order changes its state.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    pub(crate) actor: Actor,
    pub(crate) reason: Option<String>,
    /// Ids and facts for whoever reads the history.
    pub(crate) data: Option<Value>,
}

impl Cause {
    pub(crate) fn new(actor: Actor, reason: &str) -> Self {
        Self {
            actor,
            reason: Some(reason.to_owned()),
            data: None,
        }
    }

    pub(crate) fn with_data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }
}

/// Takes a locked order to the state `to` and writes the event. What the table does not list is `state_conflict`.
pub(crate) async fn transition(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    to: State,
    cause: &Cause,
) -> Result<(), ApiError> {
    let work = change(app, tx, order, to, cause);
    app.telemetry.span(Scope::Orders, "transition", work).await
}

async fn change(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    to: State,
    cause: &Cause,
) -> Result<(), ApiError> {
    if !order.state.allows(to) {
        let (from, to) = (order.state.as_str(), to.as_str());
        let message = format!("Order {} is {from}; it cannot become {to}.", order.number);
        return Err(
            ApiError::new(Code::StateConflict, message).with_details(json!({"state": from}))
        );
    }
    let from = order.state;
    // The version guards against an order that was not locked.
    let row = tx
        .optional(
            "UPDATE orders SET state = $3, version = version + 1, updated_at = $4
             WHERE id = $1 AND version = $2 RETURNING *",
            args![&order.id, order.version, to.as_str(), app.now()],
        )
        .await?;
    let Some(row) = row else {
        return Err(ApiError::new(
            Code::StateConflict,
            "The order was changed by somebody else just now.",
        ));
    };
    *order = Order::from_row(&row)?;
    attribute("order.state", to.as_str());
    record(app, tx, order, Some(from), cause).await
}

/// The refund of the whole order failed: the order goes back to the state it had before.
pub(crate) async fn undo_refunding(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    cause: &Cause,
) -> Result<(), ApiError> {
    let row = tx
        .one(
            "SELECT from_state FROM order_events WHERE order_id = $1 AND to_state = 'refunding'
             ORDER BY version DESC LIMIT 1",
            args![&order.id],
        )
        .await?;
    let before: State = row.parsed("from_state", "a state of an order")?;
    transition(app, tx, order, before, cause).await
}

/// Writes the event of the transition that gave the order its present version.
pub(super) async fn record(
    app: &App,
    tx: &mut Tx,
    order: &Order,
    from: Option<State>,
    cause: &Cause,
) -> Result<(), ApiError> {
    let data = cause.data.as_ref().map(Value::to_string);
    tx.execute(
        "INSERT INTO order_events (id, order_id, version, at, actor, from_state, to_state, reason, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![
            app.id(),
            &order.id,
            order.version,
            app.now(),
            cause.actor.to_string(),
            from.map(State::as_str),
            order.state.as_str(),
            &cause.reason,
            data
        ],
    )
    .await?;
    Ok(())
}
