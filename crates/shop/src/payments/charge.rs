//! Talking to the payment provider about one payment: sending it, asking about it, waiting a little for its end.

use std::time::Duration;

use super::apply::{self, Applied, apply_payment_state};
use super::open::{self, Opened, Wish};
use super::state::State;
use super::store::{self, Payment};
use crate::app::{App, transact};
use crate::clients::{Outcome, PaymentReport, PaymentWord, until_known};
use crate::error::{ApiError, Code};
use crate::orders::{self, Actor};
use crate::telemetry::Scope;

/// Test services report `pending` first and the end when they are asked: ask a few times before the buyer has to.
const QUICK_LOOKS: u32 = 3;
const QUICK_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause while order processing waits for the end of a payment.
const WAIT_PAUSE_MAX: Duration = Duration::from_secs(1);

/// Sends a payment that is written down, the same way each time, and applies the answer.
pub(super) async fn send(
    app: &App,
    payment: &Payment,
    source: &Actor,
) -> Result<Payment, ApiError> {
    let charge = payment.charge(app.now())?;
    let outcome = until_known(app, || app.clients.payments.create(&charge)).await;
    match outcome {
        Outcome::Done(report) => believe(app, &payment.id, &report, source).await,
        Outcome::Refused(refusal) => {
            tracing::info!(payment = payment.id, %refusal, "a payment was refused");
            let decline = refusal
                .reason
                .parse()
                .unwrap_or(crate::clients::Decline::Other);
            let report = PaymentReport::bare(PaymentWord::Failed(decline));
            believe(app, &payment.id, &report, source).await
        }
        Outcome::Unknown(trouble) => {
            tracing::warn!(payment = payment.id, %trouble, "the outcome of a payment is unknown");
            transact!(app, tx => apply::mark_unknown(app, tx, &payment.id).await)
        }
    }
}

/// Applies a report in a transaction of its own. A report that cannot be believed leaves the payment unknown.
pub(super) async fn believe(
    app: &App,
    id: &str,
    report: &PaymentReport,
    source: &Actor,
) -> Result<Payment, ApiError> {
    transact!(app, tx => {
        let (payment, applied) = apply_payment_state(app, tx, id, report, source).await?;
        match applied {
            Applied::Mismatch(_) => apply::mark_unknown(app, tx, id).await,
            _ => Ok(payment),
        }
    })
}

/// Asks the provider once, or (`persistent`) until it answers, and applies what it says. Without an answer, and when
/// the provider does not know the payment, the payment stays as it is.
async fn look(
    app: &App,
    payment: &Payment,
    source: &Actor,
    persistent: bool,
) -> Result<Payment, ApiError> {
    let Some(asked) = payment.at_provider() else {
        return send(app, payment, source).await;
    };
    let outcome = if persistent {
        until_known(app, || app.clients.payments.get(asked)).await
    } else {
        app.clients.payments.get(asked).await
    };
    match outcome {
        Outcome::Done(Some(report)) => believe(app, &payment.id, &report, source).await,
        Outcome::Done(None) => {
            tracing::info!(
                payment = payment.id,
                "the provider does not know the payment (yet)"
            );
            Ok(payment.clone())
        }
        Outcome::Refused(refusal) => {
            tracing::warn!(payment = payment.id, %refusal, "the provider does not tell");
            Ok(payment.clone())
        }
        Outcome::Unknown(trouble) => {
            tracing::warn!(payment = payment.id, %trouble, "the provider could not be asked");
            Ok(payment.clone())
        }
    }
}

/// Brings an open payment forward: what may be lost is sent again, what the provider has is asked about. A payment
/// that somebody else is sending right now is left alone.
pub(super) async fn advance(
    app: &App,
    payment: &Payment,
    source: &Actor,
) -> Result<Payment, ApiError> {
    if !app.config.payment_service.enabled {
        return Ok(payment.clone());
    }
    match payment.state {
        State::Unknown => send(app, payment, source).await,
        State::Sending | State::Created if is_abandoned(app, payment) => {
            send(app, payment, source).await
        }
        State::Pending => look(app, payment, source, true).await,
        State::Sending
        | State::Created
        | State::Succeeded
        | State::Failed
        | State::Cancelled
        | State::PartiallyRefunded
        | State::Refunded => Ok(payment.clone()),
    }
}

/// Whether whoever was sending the payment has had its time.
fn is_abandoned(app: &App, payment: &Payment) -> bool {
    payment.next_check_at.is_none_or(|end| end <= app.now())
}

/// Asks a few times in quick succession.
pub(super) async fn quick_looks(
    app: &App,
    mut payment: Payment,
    source: &Actor,
) -> Result<Payment, ApiError> {
    for round in 0..QUICK_LOOKS {
        if payment.state != State::Pending {
            break;
        }
        if round > 0 {
            app.config.clock.sleep(app.config.scaled(QUICK_PAUSE)).await;
        }
        payment = look(app, &payment, source, false).await?;
    }
    Ok(payment)
}

/// What came of charging an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Charged {
    Paid,
    /// The provider has not decided, or we could not learn it.
    Open,
}

/// For order processing: charges an order unless it is paid, and waits up to `PAYMENT_WAIT_MS` for the end. A charge
/// that is declined is the error `payment_declined`.
pub(crate) async fn charge_order(app: &App, order_id: &str) -> Result<Charged, ApiError> {
    app.telemetry
        .span(Scope::Payments, "charge_order", charge(app, order_id))
        .await
}

async fn charge(app: &App, order_id: &str) -> Result<Charged, ApiError> {
    let source = Actor::Worker;
    let wish = Wish {
        order_id: order_id.to_owned(),
        amount: None,
        method: None,
        token: None,
        return_url: None,
        ip: None,
        direct: true,
    };
    let opened = transact!(app, tx => {
        let mut order = orders::lock(tx, order_id).await?;
        open::open(app, tx, &mut order, &wish, &source).await
    })?;
    let payment = match opened {
        Opened::Paid(_) => return Ok(Charged::Paid),
        Opened::New(payment) => send(app, &payment, &source).await?,
        Opened::Open(payment) => advance(app, &payment, &source).await?,
    };
    let payment = wait_for_end(app, quick_looks(app, payment, &source).await?, &source).await?;
    match payment.state {
        State::Failed | State::Cancelled => Err(declined(&payment)),
        state if state.is_captured() => Ok(Charged::Paid),
        _ => Ok(Charged::Open),
    }
}

/// Asks with growing pauses until the provider has decided, the time is over, or the shop stops.
async fn wait_for_end(
    app: &App,
    mut payment: Payment,
    source: &Actor,
) -> Result<Payment, ApiError> {
    let end = crate::clock::after(app.now(), app.config.scaled(app.config.payment_wait));
    let mut pause = QUICK_PAUSE;
    while payment.state.is_open() && app.now() < end {
        tokio::select! {
            () = app.config.clock.sleep(app.config.scaled(pause)) => {}
            () = app.group.stopping() => break,
        }
        pause = (pause * 2).min(WAIT_PAUSE_MAX);
        // A webhook or the buyer may have been faster.
        payment = store::find(&mut app.db.read().await?, &payment.id).await?;
        payment = advance(app, &payment, source).await?;
    }
    Ok(payment)
}

/// The error for a payment that the provider did not make.
pub(super) fn declined(payment: &Payment) -> ApiError {
    let reason = payment.failure_code.as_deref().unwrap_or("other");
    ApiError::new(
        Code::PaymentDeclined,
        "The payment was declined. Please try another card.",
    )
    .with_details(serde_json::json!({"reason": reason, "payment_id": payment.id}))
}
