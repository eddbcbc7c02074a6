//! Giving money back: the request of a person or of late money, and sending it to the provider.
//!
//! A refund is written with its outbox row and sent after the commit, so none is lost and none is sent twice with
//! two keys.

use jiff::Timestamp;
use serde_json::json;

use super::apply::cause;
use super::refund_apply::{self, apply_refund_state};
use super::refund_store::{self, Refund};
use super::store::{self, Payment};
use crate::app::{App, transact};
use crate::clients::{
    ClaimedAmount, Outcome, RefundOrder, RefundReport, RefundWord, switched_off, until_known,
};
use crate::clock::elapsed;
use crate::db::Tx;
use crate::error::{ApiError, Code};
use crate::money::{Decimal, Money};
use crate::orders::{self, Actor, Order, State};
use crate::outbox::{self, Handover, Message};
use crate::telemetry::Scope;

/// A wish for money back.
#[derive(Clone, Debug)]
pub(super) struct RefundWish {
    pub(super) order_id: String,
    /// `None`: all that is left.
    pub(super) amount: Option<Decimal>,
    pub(super) reason: Option<String>,
}

/// Writes the refund a person asks for. When nothing is left then, the order is `refunding`.
pub(super) async fn request(
    app: &App,
    tx: &mut Tx,
    user_id: &str,
    wish: &RefundWish,
) -> Result<Refund, ApiError> {
    let mut order = orders::lock_owned(tx, user_id, &wish.order_id).await?;
    let payment = match store::captured_of_order(tx, &order.id).await? {
        Some(payment) if order.state.is_paid() => store::lock(tx, &payment.id).await?,
        _ => return Err(not_refundable(&order)),
    };
    let left = payment.captured.minor - refund_store::promised(tx, &payment.id).await?;
    if left == 0 {
        return Err(not_refundable(&order));
    }
    if !app.config.payment_service.enabled {
        return Err(switched_off("payment"));
    }
    let amount = amount(wish.amount, Money::new(left, payment.amount.currency))?;
    let refund = refund_store::insert(
        app,
        tx,
        &payment.id,
        &order.id,
        amount,
        wish.reason.as_deref(),
    )
    .await?;
    send_after_commit(app, tx, &refund).await?;
    if amount.minor == left {
        let cause = cause(
            &Actor::Api(user_id.to_owned()),
            &payment,
            wish.reason.as_deref().unwrap_or("refund requested"),
        );
        orders::transition(app, tx, &mut order, State::Refunding, &cause).await?;
    }
    Ok(refund)
}

/// Asks for all that is left of what was paid for an order, which is `refunding` then.
pub(crate) async fn refund_all(
    app: &App,
    tx: &mut Tx,
    user_id: &str,
    order_id: &str,
    reason: &str,
) -> Result<(), ApiError> {
    let wish = RefundWish {
        order_id: order_id.to_owned(),
        amount: None,
        reason: Some(reason.to_owned()),
    };
    request(app, tx, user_id, &wish).await.map(drop)
}

fn amount(wished: Option<Decimal>, left: Money) -> Result<Money, ApiError> {
    let Some(wished) = wished else {
        return Ok(left);
    };
    let amount = wished
        .in_currency(left.currency)
        .map_err(|error| ApiError::field("amount", error.to_string()))?;
    if amount.minor == 0 {
        return Err(ApiError::field("amount", "must be above zero"));
    }
    if amount.minor > left.minor {
        let message = format!(
            "Only {left} {} are left to be refunded.",
            left.currency.code()
        );
        return Err(ApiError::new(Code::AmountMismatch, message)
            .with_details(json!({"left": left.to_string()})));
    }
    Ok(amount)
}

fn not_refundable(order: &Order) -> ApiError {
    let message = format!(
        "Order {} has no payment that could be refunded.",
        order.number
    );
    ApiError::new(Code::NotRefundable, message)
}

/// Writes the refund of all of a payment that came for an order we cannot serve any more.
pub(super) async fn insert_full(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    payment: &Payment,
    reason: &str,
    source: &Actor,
) -> Result<(), ApiError> {
    let refund = refund_store::insert(
        app,
        tx,
        &payment.id,
        &order.id,
        payment.captured,
        Some(reason),
    )
    .await?;
    send_after_commit(app, tx, &refund).await?;
    orders::transition(
        app,
        tx,
        order,
        State::Refunding,
        &cause(source, payment, reason),
    )
    .await
}

async fn send_after_commit(app: &App, tx: &mut Tx, refund: &Refund) -> Result<(), ApiError> {
    let message = Message {
        kind: outbox::SEND_REFUND,
        aggregate: refund.id.clone(),
        payload: json!({}),
        dedup: format!("send:{}", refund.idempotency_key),
    };
    outbox::insert(app, tx, message).await?;
    Ok(())
}

/// Sends a refund that is written down. Whatever comes of it, reconciliation goes on from there.
pub(crate) async fn send_refund(app: &App, id: &str) -> Result<Handover, ApiError> {
    if !app.config.payment_service.enabled {
        return Ok(Handover::NotNow);
    }
    app.telemetry
        .span(
            Scope::Payments,
            "send_refund",
            send(app, id, &Actor::Worker),
        )
        .await?;
    Ok(Handover::Done)
}

/// Sends a refund, the same way each time, unless it is settled or with the provider.
pub(super) async fn send(app: &App, id: &str, source: &Actor) -> Result<(), ApiError> {
    let mut conn = app.db.read().await?;
    let Some(refund) = refund_store::begin(app, &mut conn, id).await? else {
        return Ok(());
    };
    let payment = store::find(&mut conn, &refund.payment_id).await?;
    drop(conn);
    let order = order(&refund, &payment, app.now())?;
    match until_known(app, || app.clients.payments.refund(&order)).await {
        Outcome::Done(report) => believe(app, id, &report, source).await,
        Outcome::Refused(refusal) => {
            let word = RefundWord::Failed(refusal.to_string());
            let report = RefundReport {
                provider_id: None,
                word,
                amount: ClaimedAmount::default(),
            };
            believe(app, id, &report, source).await
        }
        Outcome::Unknown(trouble) => {
            tracing::warn!(refund = id, %trouble, "the outcome of a refund is unknown");
            transact!(app, tx => refund_apply::mark_unknown(app, tx, id).await)
        }
    }
}

fn order(refund: &Refund, payment: &Payment, now: Timestamp) -> Result<RefundOrder, ApiError> {
    let missing = || {
        ApiError::internal(format!(
            "captured payment {} has no provider id",
            payment.id
        ))
    };
    Ok(RefundOrder {
        refund_id: refund.id.clone(),
        order_id: refund.order_id.clone(),
        payment_id: payment.id.clone(),
        payment_provider_id: payment.provider_id.clone().ok_or_else(missing)?,
        amount: refund.amount,
        reason: refund.reason.clone(),
        key: refund.idempotency_key.clone(),
        first_sent: refund.created_at,
        age: elapsed(refund.created_at, now),
    })
}

/// Applies a report in a transaction of its own. One that cannot be believed leaves the refund unknown.
pub(super) async fn believe(
    app: &App,
    id: &str,
    report: &RefundReport,
    source: &Actor,
) -> Result<(), ApiError> {
    transact!(app, tx => {
        match apply_refund_state(app, tx, id, report, source).await? {
            super::Applied::Mismatch(_) => refund_apply::mark_unknown(app, tx, id).await,
            _ => Ok(()),
        }
    })
}
