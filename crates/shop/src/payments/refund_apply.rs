//! Believing a provider about a refund: the one function for answers, questions, webhooks and reconciliation.

use serde_json::json;

use super::apply::{Applied, cause};
use super::refund_store::{self, Refund};
use super::state::RefundState;
use super::store::{self, Payment};
use crate::app::App;
use crate::clients::{RefundReport, RefundWord};
use crate::db::Tx;
use crate::error::ApiError;
use crate::notifications::{self, Notice, Template, order_notice};
use crate::orders::{self, Actor, Order, State};
use crate::telemetry::{Scope, attribute};

/// Applies what the provider says about a refund, and everything that follows from it, in the transaction under way.
pub(crate) async fn apply_refund_state(
    app: &App,
    tx: &mut Tx,
    refund_id: &str,
    report: &RefundReport,
    source: &Actor,
) -> Result<Applied, ApiError> {
    app.telemetry
        .span(
            Scope::Payments,
            "apply_refund_state",
            apply(app, tx, refund_id, report, source),
        )
        .await
}

/// What a refund belongs to, all locked.
struct Locked {
    order: Order,
    payment: Payment,
    refund: Refund,
}

async fn apply(
    app: &App,
    tx: &mut Tx,
    refund_id: &str,
    report: &RefundReport,
    source: &Actor,
) -> Result<Applied, ApiError> {
    attribute("refund.id", refund_id.to_owned());
    let found = refund_store::find(tx, refund_id).await?;
    let order = orders::lock(tx, &found.order_id).await?;
    let payment = store::lock(tx, &found.payment_id).await?;
    let refund = refund_store::lock(tx, refund_id).await?;
    let mut locked = Locked {
        order,
        payment,
        refund,
    };
    if let Some(difference) = report.amount.difference(locked.refund.amount) {
        tracing::warn!(refund = refund_id, %source, difference, "the provider names another amount");
        if app.config.payment_strict_amount || matches!(source, Actor::Webhook(_)) {
            tracing::error!(
                alert = "amount_mismatch",
                refund = refund_id,
                difference,
                "refused for its amount"
            );
            return Ok(Applied::Mismatch(difference));
        }
    }
    let id = report.provider_id.as_deref();
    match (&report.word, locked.refund.state) {
        (RefundWord::Succeeded, RefundState::Succeeded)
        | (RefundWord::Failed(_), RefundState::Failed) => Ok(Applied::Known),
        (RefundWord::Succeeded, RefundState::Failed) => {
            tracing::error!(
                alert = "refund_conflict",
                refund = refund_id,
                "a failed refund is said to have succeeded"
            );
            Ok(Applied::Conflict(
                "the refund failed, and now it is said to have succeeded".to_owned(),
            ))
        }
        (RefundWord::Failed(reason), RefundState::Succeeded) => {
            // The bank sent it back to us. The buyer was told that it is on its way, so a person must look.
            tracing::error!(
                alert = "refund_returned",
                refund = refund_id,
                reason,
                "a refund came back after it had succeeded"
            );
            Ok(Applied::Ignored("the refund succeeded before".to_owned()))
        }
        (_, RefundState::Succeeded | RefundState::Failed) => Ok(Applied::Ignored(format!(
            "the refund is {} already",
            locked.refund.state.as_str()
        ))),
        (RefundWord::Pending, before) => {
            refund_store::set_state(app, tx, &mut locked.refund, RefundState::Pending, id, None)
                .await?;
            Ok(if before == RefundState::Pending {
                Applied::Known
            } else {
                Applied::Changed
            })
        }
        (RefundWord::Succeeded, _) => {
            refund_store::set_state(
                app,
                tx,
                &mut locked.refund,
                RefundState::Succeeded,
                id,
                None,
            )
            .await?;
            settle(app, tx, &mut locked, source).await?;
            Ok(Applied::Changed)
        }
        (RefundWord::Failed(reason), _) => {
            refund_store::set_state(
                app,
                tx,
                &mut locked.refund,
                RefundState::Failed,
                id,
                Some(reason),
            )
            .await?;
            fail(app, tx, &mut locked, reason, source).await?;
            Ok(Applied::Changed)
        }
    }
}

/// The money is back with the buyer.
async fn settle(
    app: &App,
    tx: &mut Tx,
    locked: &mut Locked,
    source: &Actor,
) -> Result<(), ApiError> {
    let Locked {
        order,
        payment,
        refund,
    } = locked;
    store::add_refunded(app, tx, payment, refund.amount.minor).await?;
    orders::add_refunded(app, tx, order, refund.amount.minor).await?;
    if order.state == State::Refunding && order.refunded == order.paid {
        orders::transition(
            app,
            tx,
            order,
            State::Refunded,
            &cause(source, payment, "refund settled"),
        )
        .await?;
        // What was not sent yet is for sale again.
        orders::release(app, tx, order, false).await?;
    }
    let facts = json!({"amount": refund.amount.to_string()});
    let dedup = format!("order_refunded:{}", refund.id);
    let notice = Notice {
        dedup,
        ..order_notice(order, Template::OrderRefunded, facts)
    };
    notifications::queue(app, tx, notice).await
}

/// The money stays with us: the order goes back to where it was, and a person must look.
async fn fail(
    app: &App,
    tx: &mut Tx,
    locked: &mut Locked,
    reason: &str,
    source: &Actor,
) -> Result<(), ApiError> {
    let Locked {
        order,
        payment,
        refund,
    } = locked;
    tracing::error!(
        alert = "refund_failed",
        refund = refund.id,
        order = order.id,
        reason,
        "a refund failed"
    );
    if order.state == State::Refunding {
        orders::undo_refunding(app, tx, order, &cause(source, payment, "refund failed")).await?;
    }
    Ok(())
}

/// No usable answer came. The refund waits for the provider's word.
pub(super) async fn mark_unknown(app: &App, tx: &mut Tx, refund_id: &str) -> Result<(), ApiError> {
    let mut refund = refund_store::lock(tx, refund_id).await?;
    if refund.state == RefundState::Sending {
        refund_store::set_state(app, tx, &mut refund, RefundState::Unknown, None, None).await?;
    }
    Ok(())
}
