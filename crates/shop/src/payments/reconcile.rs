//! Jobs that ask the provider about what is not settled.

use futures_util::stream::{StreamExt as _, iter};

use super::charge::advance;
use super::refund_store::{self, Refund};
use super::refunds;
use super::state::RefundState;
use super::store::{self, Payment};
use crate::app::App;
use crate::clients::{Outcome, until_known};
use crate::error::ApiError;
use crate::orders::Actor;
use crate::reconcile::{AT_ONCE, BATCH, next_check};
use crate::telemetry::Scope;

/// Asks about payments that are due: what may be lost is sent again with the same key, what the provider has is asked
/// about.
pub(crate) async fn reconcile_payments(app: &App) -> Result<(), ApiError> {
    if !app.config.payment_service.enabled {
        return Ok(());
    }
    let due = store::take_due(app, &mut app.db.read().await?, BATCH).await?;
    iter(due)
        .for_each_concurrent(AT_ONCE, |payment| async move {
            let work = reconcile_payment(app, &payment);
            if let Err(error) = app
                .telemetry
                .span(Scope::Payments, "reconcile_payment", work)
                .await
            {
                tracing::warn!(payment = payment.id, %error, "a payment could not be reconciled");
            }
        })
        .await;
    Ok(())
}

async fn reconcile_payment(app: &App, payment: &Payment) -> Result<(), ApiError> {
    // Whoever was sending it has had its time, else it would not be due.
    let abandoned = Payment {
        next_check_at: None,
        ..payment.clone()
    };
    let after = advance(app, &abandoned, &Actor::Beat).await?;
    if after.state.is_open() {
        let next = next_check(app, after.created_at, after.checks);
        if next.is_none() {
            tracing::error!(
                alert = "payment_unsettled",
                payment = after.id,
                "the provider never decided"
            );
        }
        store::schedule(&mut app.db.read().await?, &after.id, next).await?;
    }
    Ok(())
}

/// Asks about the open payments of orders whose time is over, so that no order expires that is paid. A provider that
/// can is told to call them off.
pub(crate) async fn ask_about_expiring(app: &App) -> Result<(), ApiError> {
    if !app.config.payment_service.enabled {
        return Ok(());
    }
    let open = store::of_expiring(app, &mut app.db.read().await?, BATCH).await?;
    iter(open)
        .for_each_concurrent(AT_ONCE, |payment| async move {
            let work = call_off(app, &payment);
            if let Err(error) = app.telemetry.span(Scope::Payments, "call_off", work).await {
                tracing::warn!(payment = payment.id, %error, "a payment of an expiring order could not be asked about");
            }
        })
        .await;
    Ok(())
}

async fn call_off(app: &App, payment: &Payment) -> Result<(), ApiError> {
    let gateway = &app.clients.payments;
    if let Some(asked) = payment.at_provider().filter(|_| gateway.can_cancel()) {
        let key = format!("cancel:{}", payment.id);
        match until_known(app, || gateway.cancel(asked, &key)).await {
            Outcome::Done(report) => {
                super::charge::believe(app, &payment.id, &report, &Actor::Beat).await?;
                return Ok(());
            }
            // It may just have been paid.
            Outcome::Refused(refusal) => {
                tracing::info!(payment = payment.id, %refusal, "cannot be called off");
            }
            Outcome::Unknown(trouble) => {
                tracing::info!(payment = payment.id, %trouble, "may be called off or not");
            }
        }
    }
    advance(app, payment, &Actor::Beat).await?;
    Ok(())
}

/// Asks about refunds that are due.
pub(crate) async fn reconcile_refunds(app: &App) -> Result<(), ApiError> {
    if !app.config.payment_service.enabled {
        return Ok(());
    }
    let due = refund_store::take_due(app, &mut app.db.read().await?, BATCH).await?;
    iter(due)
        .for_each_concurrent(AT_ONCE, |refund| async move {
            let work = reconcile_refund(app, &refund);
            if let Err(error) = app
                .telemetry
                .span(Scope::Payments, "reconcile_refund", work)
                .await
            {
                tracing::warn!(refund = refund.id, %error, "a refund could not be reconciled");
            }
        })
        .await;
    Ok(())
}

async fn reconcile_refund(app: &App, refund: &Refund) -> Result<(), ApiError> {
    match (refund.state, refund.provider_id.as_deref()) {
        (RefundState::Pending, Some(provider_id)) => {
            match until_known(app, || app.clients.payments.get_refund(provider_id)).await {
                Outcome::Done(Some(report)) => {
                    refunds::believe(app, &refund.id, &report, &Actor::Beat).await?;
                }
                Outcome::Done(None) => {
                    tracing::info!(refund = refund.id, "the provider cannot tell");
                }
                Outcome::Refused(refusal) => {
                    tracing::warn!(refund = refund.id, %refusal, "the provider does not tell");
                }
                Outcome::Unknown(trouble) => {
                    tracing::warn!(refund = refund.id, %trouble, "cannot be asked about");
                }
            }
        }
        _ => refunds::send(app, &refund.id, &Actor::Beat).await?,
    }
    let mut conn = app.db.read().await?;
    let after = refund_store::find(&mut conn, &refund.id).await?;
    if !matches!(after.state, RefundState::Succeeded | RefundState::Failed) {
        let next = next_check(app, after.created_at, after.checks);
        if next.is_none() {
            tracing::error!(
                alert = "refund_unsettled",
                refund = after.id,
                "the provider never decided"
            );
        }
        refund_store::schedule(&mut conn, &after.id, next).await?;
    }
    Ok(())
}
