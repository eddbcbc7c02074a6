//! Believing a carrier about a parcel: the one function for answers, questions, webhooks and reconciliation.

use super::state::ShipmentState;
use super::store::{self, Shipment};
use crate::app::App;
use crate::clients::ShipmentReport;
use crate::db::Tx;
use crate::error::ApiError;
use crate::fulfilment;
use crate::orders::{self, Actor};
use crate::telemetry::{Scope, attribute};

/// Applies what the carrier says about a parcel, and what follows for its order, in the transaction under way. What
/// comes late or twice changes nothing but the list of events. Gives the parcel as it is now.
pub(crate) async fn apply_shipment_state(
    app: &App,
    tx: &mut Tx,
    shipment_id: &str,
    report: &ShipmentReport,
    source: &Actor,
) -> Result<Shipment, ApiError> {
    app.telemetry
        .span(
            Scope::Shipping,
            "apply_shipment_state",
            apply(app, tx, shipment_id, report, source),
        )
        .await
}

async fn apply(
    app: &App,
    tx: &mut Tx,
    shipment_id: &str,
    report: &ShipmentReport,
    source: &Actor,
) -> Result<Shipment, ApiError> {
    attribute("shipment.id", shipment_id.to_owned());
    let order_id = store::find(tx, shipment_id).await?.order_id;
    let mut order = orders::lock(tx, &order_id).await?;
    let mut shipment = store::lock(tx, shipment_id).await?;
    store::insert_event(app, tx, shipment_id, report).await?;
    let said = ShipmentState::of(report.word);
    if !shipment.state.allows(said) {
        return Ok(shipment);
    }
    store::set_state(app, tx, &mut shipment, said, Some(report), None).await?;
    if said != ShipmentState::Cancelled && !order.shipping_created {
        orders::set_shipping_created(app, tx, &mut order).await?;
    }
    if matches!(said, ShipmentState::Returned | ShipmentState::Lost) {
        tracing::error!(
            alert = "parcel_not_delivered",
            shipment = shipment.id,
            state = said.as_str(),
            "a person must look"
        );
    }
    let tracking_number = shipment.tracking_number.clone().unwrap_or_default();
    fulfilment::follow_parcel(app, tx, &mut order, said, &tracking_number, source).await?;
    Ok(shipment)
}

/// The carrier refused the parcel.
pub(super) async fn refuse(
    app: &App,
    tx: &mut Tx,
    shipment_id: &str,
    reason: &str,
) -> Result<Shipment, ApiError> {
    let mut shipment = store::lock(tx, shipment_id).await?;
    if shipment.state.is_open() {
        tracing::error!(
            alert = "shipment_refused",
            shipment = shipment.id,
            reason,
            "the carrier refused a parcel"
        );
        store::set_state(
            app,
            tx,
            &mut shipment,
            ShipmentState::Failed,
            None,
            Some(reason),
        )
        .await?;
    }
    Ok(shipment)
}

/// No usable answer came. The parcel waits for the carrier's word.
pub(super) async fn mark_unknown(
    app: &App,
    tx: &mut Tx,
    shipment_id: &str,
) -> Result<Shipment, ApiError> {
    let mut shipment = store::lock(tx, shipment_id).await?;
    if shipment.state == ShipmentState::Sending {
        store::set_state(app, tx, &mut shipment, ShipmentState::Unknown, None, None).await?;
    }
    Ok(shipment)
}
