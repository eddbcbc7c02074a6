//! The job that asks the carrier about parcels it has not confirmed.

use futures_util::stream::{StreamExt as _, iter};

use super::register::send;
use super::store::{self, Shipment};
use crate::app::App;
use crate::error::ApiError;
use crate::orders::Actor;
use crate::reconcile::{AT_ONCE, BATCH, next_check};
use crate::telemetry::Scope;

/// Registers parcels again whose answer was lost, with the same key.
pub(crate) async fn reconcile_shipments(app: &App) -> Result<(), ApiError> {
    if !app.config.shipping_service.enabled {
        return Ok(());
    }
    let due = store::take_due(app, &mut app.db.read().await?, BATCH).await?;
    iter(due)
        .for_each_concurrent(AT_ONCE, |shipment| async move {
            let work = reconcile_shipment(app, &shipment);
            if let Err(error) = app
                .telemetry
                .span(Scope::Shipping, "reconcile_shipment", work)
                .await
            {
                tracing::warn!(shipment = shipment.id, %error, "a parcel could not be reconciled");
            }
        })
        .await;
    Ok(())
}

async fn reconcile_shipment(app: &App, shipment: &Shipment) -> Result<(), ApiError> {
    let after = send(app, shipment, &Actor::Beat).await?;
    if after.state.is_open() {
        let next = next_check(app, after.created_at, after.checks);
        if next.is_none() {
            tracing::error!(
                alert = "shipment_unsettled",
                shipment = after.id,
                "the carrier never confirmed"
            );
        }
        store::schedule(&mut app.db.read().await?, &after.id, next).await?;
    }
    Ok(())
}
