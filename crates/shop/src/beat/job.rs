//! What is done on schedule.

use std::str::FromStr;
use std::time::Duration;

use serde_json::json;

use crate::app::{App, transact};
use crate::error::ApiError;
use crate::tasks::{self, Kind, NewTask};
use crate::{orders, outbox, payments, prune, shipping, webhooks};

/// Orders expired in one turn.
const EXPIRE_BATCH: i64 = 50;

/// A job of the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    DispatchOutbox,
    ReconcilePayments,
    ReconcileRefunds,
    ReconcileShipments,
    ExpireReservations,
    RequeueLostTasks,
    RetryInbox,
    InventorySync,
    Prune,
}

impl Job {
    pub(super) const ALL: [Self; 9] = [
        Self::DispatchOutbox,
        Self::ReconcilePayments,
        Self::ReconcileRefunds,
        Self::ReconcileShipments,
        Self::ExpireReservations,
        Self::RequeueLostTasks,
        Self::RetryInbox,
        Self::InventorySync,
        Self::Prune,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::DispatchOutbox => "dispatch_outbox",
            Self::ReconcilePayments => "reconcile_payments",
            Self::ReconcileRefunds => "reconcile_refunds",
            Self::ReconcileShipments => "reconcile_shipments",
            Self::ExpireReservations => "expire_reservations",
            Self::RequeueLostTasks => "requeue_lost_tasks",
            Self::RetryInbox => "retry_inbox",
            Self::InventorySync => "inventory_sync",
            Self::Prune => "prune",
        }
    }

    /// How often, before the time scale.
    pub(super) fn every(self) -> Duration {
        Duration::from_secs(match self {
            Self::DispatchOutbox => 1,
            Self::ReconcilePayments
            | Self::ReconcileRefunds
            | Self::ReconcileShipments
            | Self::RequeueLostTasks
            | Self::RetryInbox => 10,
            Self::ExpireReservations => 15,
            Self::InventorySync => 15 * 60,
            Self::Prune => 3_600,
        })
    }

    pub(super) async fn run(self, app: &App) -> Result<(), ApiError> {
        match self {
            Self::DispatchOutbox => outbox::dispatch_due(app).await,
            Self::ReconcilePayments => payments::reconcile_payments(app).await,
            Self::ReconcileRefunds => payments::reconcile_refunds(app).await,
            Self::ReconcileShipments => shipping::reconcile_shipments(app).await,
            Self::ExpireReservations => expire_reservations(app).await,
            Self::RequeueLostTasks => requeue_lost_tasks(app).await,
            Self::RetryInbox => webhooks::retry_inbox(app).await,
            Self::InventorySync => queue_inventory_sync(app).await,
            Self::Prune => prune::prune(app).await,
        }
    }
}

impl FromStr for Job {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|job| job.as_str() == word)
            .ok_or(())
    }
}

async fn expire_reservations(app: &App) -> Result<(), ApiError> {
    // An order whose money is on its way must not lose its stock.
    payments::ask_about_expiring(app).await?;
    let expired = orders::expire_due(app, EXPIRE_BATCH).await?;
    if expired > 0 {
        tracing::info!(expired, "orders expired");
    }
    Ok(())
}

async fn requeue_lost_tasks(app: &App) -> Result<(), ApiError> {
    let lost = tasks::requeue_lost(app).await?;
    if lost > 0 {
        tracing::warn!(lost, "tasks lost their worker and are queued again");
        app.wake.notify_one();
    }
    Ok(())
}

async fn queue_inventory_sync(app: &App) -> Result<(), ApiError> {
    let dedup = Some("inventory_sync:beat".to_owned());
    transact!(app, tx => {
        let new = NewTask { kind: Kind::InventorySync, args: json!({}), created_by: None, dedup: dedup.clone() };
        tasks::enqueue(app, tx, new).await
    })?;
    app.wake.notify_one();
    Ok(())
}
