//! Believing a provider about a payment: the one function for answers, questions, webhooks and reconciliation.

use serde_json::json;

use super::refunds;
use super::state::State;
use super::store::{self, News, Payment};
use super::three_ds;
use crate::app::App;
use crate::clients::{PaymentReport, PaymentWord};
use crate::db::Tx;
use crate::error::ApiError;
use crate::notifications::{self, Template, order_notice};
use crate::orders::{self, Actor, Cause, Order, State as OrderState};
use crate::telemetry::{Scope, attribute};

/// What came of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// It told something new.
    Changed,
    /// We knew.
    Known,
    /// It comes after the final word, and money is not concerned.
    Ignored(String),
    /// It names another amount or currency than ours; nothing was changed.
    Mismatch(String),
    /// It contradicts what the provider said before about money; a person must look.
    Conflict(String),
}

/// Applies what the provider says about a payment, and everything that follows from it, in the transaction under way.
/// `source` is who learned it. Gives the payment as it is now.
pub(crate) async fn apply_payment_state(
    app: &App,
    tx: &mut Tx,
    payment_id: &str,
    report: &PaymentReport,
    source: &Actor,
) -> Result<(Payment, Applied), ApiError> {
    app.telemetry
        .span(
            Scope::Payments,
            "apply_payment_state",
            apply(app, tx, payment_id, report, source),
        )
        .await
}

async fn apply(
    app: &App,
    tx: &mut Tx,
    payment_id: &str,
    report: &PaymentReport,
    source: &Actor,
) -> Result<(Payment, Applied), ApiError> {
    attribute("payment.id", payment_id.to_owned());
    let order_id = store::find(tx, payment_id).await?.order_id;
    let mut order = orders::lock(tx, &order_id).await?;
    let mut payment = store::lock(tx, payment_id).await?;
    if let Some(difference) = report.amount.difference(payment.amount) {
        tracing::warn!(payment = payment.id, %source, difference, "the provider names another amount");
        if app.config.payment_strict_amount || matches!(source, Actor::Webhook(_)) {
            tracing::error!(
                alert = "amount_mismatch",
                payment = payment.id,
                difference,
                "refused for its amount"
            );
            return Ok((payment, Applied::Mismatch(difference)));
        }
    }
    let our_page = report
        .challenge
        .as_ref()
        .map(|_| three_ds::page(app, payment_id));
    let news = News {
        provider_id: report.provider_id.as_deref(),
        confirmation_url: our_page.as_deref().or(report.confirmation_url.as_deref()),
        challenge: report.challenge.as_ref(),
        ..News::default()
    };
    let applied = match report.word {
        PaymentWord::Succeeded if payment.state.is_open() => {
            capture(app, tx, &mut order, &mut payment, news, source).await?;
            Applied::Changed
        }
        PaymentWord::Succeeded if payment.state.is_captured() => Applied::Known,
        PaymentWord::Succeeded => conflict(&payment, "succeeded"),
        PaymentWord::Pending => pending(app, tx, &mut payment, news).await?,
        PaymentWord::Failed(decline) => {
            let news = News {
                failure_code: Some(decline.as_str()),
                ..news
            };
            close(
                app,
                tx,
                &mut order,
                &mut payment,
                State::Failed,
                news,
                source,
            )
            .await?
        }
        PaymentWord::Cancelled => {
            close(
                app,
                tx,
                &mut order,
                &mut payment,
                State::Cancelled,
                news,
                source,
            )
            .await?
        }
    };
    attribute("payment.state", payment.state.as_str());
    Ok((payment, applied))
}

async fn pending(
    app: &App,
    tx: &mut Tx,
    payment: &mut Payment,
    news: News<'_>,
) -> Result<Applied, ApiError> {
    if !payment.state.is_open() {
        return Ok(Applied::Ignored(format!(
            "the payment is {} already",
            payment.state.as_str()
        )));
    }
    let known = payment.state == State::Pending;
    store::set_state(app, tx, payment, State::Pending, news).await?;
    Ok(if known {
        Applied::Known
    } else {
        Applied::Changed
    })
}

/// The provider did not get the money: the order waits for a better attempt.
async fn close(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    payment: &mut Payment,
    state: State,
    news: News<'_>,
    source: &Actor,
) -> Result<Applied, ApiError> {
    if payment.state == state {
        return Ok(Applied::Known);
    }
    if !payment.state.is_open() {
        // What was paid stays paid: a late "failed" is written down and changes nothing.
        tracing::warn!(
            payment = payment.id,
            from = payment.state.as_str(),
            to = state.as_str(),
            "ignored"
        );
        return Ok(Applied::Ignored(format!(
            "the payment is {} already",
            payment.state.as_str()
        )));
    }
    store::set_state(app, tx, payment, state, news).await?;
    if order.state == OrderState::Paying {
        let cause = cause(source, payment, state.as_str());
        orders::transition(app, tx, order, OrderState::Placed, &cause).await?;
    }
    Ok(Applied::Changed)
}

/// The money is there.
async fn capture(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    payment: &mut Payment,
    news: News<'_>,
    source: &Actor,
) -> Result<(), ApiError> {
    let news = News {
        captured_minor: payment.amount.minor,
        ..news
    };
    store::set_state(app, tx, payment, State::Succeeded, news).await?;
    orders::add_paid(app, tx, order, payment.amount.minor).await?;
    match order.state {
        OrderState::Placed | OrderState::Paying => confirm(app, tx, order, payment, source).await,
        _ => late_money(app, tx, order, payment, source).await,
    }
}

async fn confirm(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    payment: &Payment,
    source: &Actor,
) -> Result<(), ApiError> {
    orders::transition(
        app,
        tx,
        order,
        OrderState::Paid,
        &cause(source, payment, "payment succeeded"),
    )
    .await?;
    notifications::queue(
        app,
        tx,
        order_notice(order, Template::OrderConfirmation, json!({})),
    )
    .await
}

/// Money for an order that was given up. It buys the order again if the stock is still there, else it goes back.
async fn late_money(
    app: &App,
    tx: &mut Tx,
    order: &mut Order,
    payment: &Payment,
    source: &Actor,
) -> Result<(), ApiError> {
    tracing::error!(
        alert = "late_money",
        order = order.id,
        payment = payment.id,
        state = order.state.as_str(),
        "late money"
    );
    let given_up = matches!(order.state, OrderState::Cancelled | OrderState::Expired);
    if given_up && orders::can_reserve_again(app, tx, order).await? {
        orders::ensure_reserved(app, tx, order).await?;
        return confirm(app, tx, order, payment, source).await;
    }
    refunds::insert_full(app, tx, order, payment, "late money", source).await
}

fn conflict(payment: &Payment, word: &str) -> Applied {
    let from = payment.state.as_str();
    tracing::error!(
        alert = "payment_conflict",
        payment = payment.id,
        from,
        to = word,
        "the provider contradicts itself"
    );
    Applied::Conflict(format!(
        "the payment is {from}, and now it is said to be {word}"
    ))
}

pub(super) fn cause(source: &Actor, payment: &Payment, reason: &str) -> Cause {
    Cause::new(source.clone(), reason).with_data(json!({"payment_id": payment.id}))
}

/// No usable answer came. The payment waits for the provider's word.
pub(super) async fn mark_unknown(
    app: &App,
    tx: &mut Tx,
    payment_id: &str,
) -> Result<Payment, ApiError> {
    let mut payment = store::lock(tx, payment_id).await?;
    if payment.state == State::Sending {
        store::set_state(app, tx, &mut payment, State::Unknown, News::default()).await?;
    }
    Ok(payment)
}
