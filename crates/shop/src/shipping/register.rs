//! Registering a parcel: once for an order, however often it is asked for.

use super::apply::{self, apply_shipment_state};
use super::state::ShipmentState;
use super::store::{self, Shipment};
use crate::app::{App, transact};
use crate::clients::{Outcome, Recipient, switched_off, until_known};
use crate::db::Tx;
use crate::error::{ApiError, Code};
use crate::orders::{self, Actor, State};
use crate::telemetry::Scope;

/// A parcel that is wished for.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    pub(crate) service: String,
    pub(crate) recipient: Recipient,
}

/// Registers the parcel of an order, of `user_id` when it is given. Gives whether the parcel is new, and the parcel:
/// one that the carrier has not confirmed when its answer was lost. A parcel that the carrier refuses is
/// `provider_error`.
pub(crate) async fn register(
    app: &App,
    order_id: &str,
    wish: &Registration,
    user_id: Option<&str>,
) -> Result<(bool, Shipment), ApiError> {
    app.telemetry
        .span(
            Scope::Shipping,
            "register",
            find_or_send(app, order_id, wish, user_id),
        )
        .await
}

async fn find_or_send(
    app: &App,
    order_id: &str,
    wish: &Registration,
    user_id: Option<&str>,
) -> Result<(bool, Shipment), ApiError> {
    let source = user_id.map_or(Actor::Worker, |user| Actor::Api(user.to_owned()));
    let (new, shipment) =
        transact!(app, tx => find_or_insert(app, tx, order_id, wish, user_id).await)?;
    let shipment = if new || is_lost(app, &shipment) {
        send(app, &shipment, &source).await?
    } else {
        shipment
    };
    if shipment.state == ShipmentState::Failed {
        let reason = shipment.failure_code.as_deref().unwrap_or("refused");
        let error = ApiError::new(
            Code::ProviderError,
            "The carrier does not take this parcel.",
        );
        return Err(error.with_details(serde_json::json!({"reason": reason})));
    }
    Ok((new, shipment))
}

async fn find_or_insert(
    app: &App,
    tx: &mut Tx,
    order_id: &str,
    wish: &Registration,
    user_id: Option<&str>,
) -> Result<(bool, Shipment), ApiError> {
    let order = match user_id {
        Some(user_id) => orders::lock_owned(tx, user_id, order_id).await?,
        None => orders::lock(tx, order_id).await?,
    };
    if let Some(shipment) = store::live_of_order(tx, order_id).await? {
        return Ok((false, shipment));
    }
    if matches!(
        order.state,
        State::Cancelled | State::Expired | State::Refunding | State::Refunded
    ) {
        let message = format!(
            "Order {} is {}; nothing is sent for it.",
            order.number,
            order.state.as_str()
        );
        return Err(ApiError::new(Code::StateConflict, message));
    }
    if !app.config.shipping_service.enabled {
        return Err(switched_off("shipping"));
    }
    Ok((true, store::insert(app, tx, &order, wish).await?))
}

/// Whether the answer of the carrier did not arrive, or whoever was asking died.
fn is_lost(app: &App, shipment: &Shipment) -> bool {
    let abandoned = shipment.next_check_at.is_none_or(|end| end <= app.now());
    shipment.state == ShipmentState::Unknown || (shipment.state.is_open() && abandoned)
}

/// Sends a parcel that is written down, the same way each time, and applies the answer.
pub(super) async fn send(
    app: &App,
    shipment: &Shipment,
    source: &Actor,
) -> Result<Shipment, ApiError> {
    if !app.config.shipping_service.enabled {
        return Ok(shipment.clone());
    }
    let order = shipment.order(&mut app.db.read().await?).await?;
    match until_known(app, || app.clients.shipping.create(&order)).await {
        Outcome::Done(report) => {
            transact!(app, tx => apply_shipment_state(app, tx, &shipment.id, &report, source).await)
        }
        Outcome::Refused(refusal) => {
            tracing::info!(shipment = shipment.id, %refusal, "a parcel was refused");
            transact!(app, tx => apply::refuse(app, tx, &shipment.id, &refusal.reason).await)
        }
        Outcome::Unknown(trouble) => {
            tracing::warn!(shipment = shipment.id, %trouble, "the outcome of a registration is unknown");
            transact!(app, tx => apply::mark_unknown(app, tx, &shipment.id).await)
        }
    }
}
