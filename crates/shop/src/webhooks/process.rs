//! From an event to what it means for us.

use http::HeaderMap;

use super::sender::{Received, Sender};
use super::store::{self, Kept};
use crate::app::{App, transact};
use crate::clients::{Event, Happening, PaymentWord};
use crate::db::Tx;
use crate::error::ApiError;
use crate::orders::Actor;
use crate::payments::{self, Applied, Match};
use crate::{notifications, shipping};

/// Failed events tried again in one turn of the beat.
const BATCH: i64 = 50;

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Processed,
    /// Came before, and was processed or ignored then.
    Duplicate,
    /// Nothing we act on.
    Ignored(String),
    /// We do not know what it is about.
    Unplaced(String),
    /// We know what it is about, and cannot believe it.
    Refused(String),
}

/// Keeps a checked event and applies it, all in one transaction.
pub(super) async fn receive(
    app: &App,
    sender: &Sender,
    event: &Event,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Fate, ApiError> {
    let provider = sender.to_string();
    transact!(app, tx => {
        let kept = store::keep(app, tx, &provider, &event.id, headers, body).await?;
        if matches!(kept.state.as_str(), "processed" | "ignored") {
            Ok(Fate::Duplicate)
        } else {
            apply_and_settle(app, tx, sender, &kept, event).await
        }
    })
}

async fn apply_and_settle(
    app: &App,
    tx: &mut Tx,
    sender: &Sender,
    kept: &Kept,
    event: &Event,
) -> Result<Fate, ApiError> {
    let fate = apply(app, tx, sender, event).await?;
    let (state, error) = match &fate {
        Fate::Processed | Fate::Duplicate => ("processed", None),
        Fate::Ignored(reason) => ("ignored", Some(reason.as_str())),
        Fate::Unplaced(reason) | Fate::Refused(reason) => {
            tracing::error!(
                alert = "webhook_failed",
                inbox = kept.id,
                kind = event.kind,
                reason,
                "an event cannot be placed"
            );
            ("failed", Some(reason.as_str()))
        }
    };
    store::settle(app, tx, kept, state, error).await?;
    Ok(fate)
}

async fn apply(app: &App, tx: &mut Tx, sender: &Sender, event: &Event) -> Result<Fate, ApiError> {
    let source = Actor::Webhook(sender.to_string());
    match &event.happening {
        Happening::Payment { ours, report } => {
            let found =
                payments::match_payment(app, tx, ours.as_deref(), report.provider_id.as_deref())
                    .await?;
            // Other shops on the same account fail too; money alone must find its order.
            if found == Match::None && report.word != PaymentWord::Succeeded {
                return Ok(Fate::Ignored("no payment of ours".to_owned()));
            }
            match placed(found, "payment") {
                Ok(id) => {
                    let (_, applied) =
                        payments::apply_payment_state(app, tx, &id, report, &source).await?;
                    Ok(Fate::from(applied))
                }
                Err(fate) => Ok(fate),
            }
        }
        Happening::Refund { ours, report } => {
            let found =
                payments::match_refund(tx, ours.as_deref(), report.provider_id.as_deref()).await?;
            match placed(found, "refund") {
                Ok(id) => Ok(Fate::from(
                    payments::apply_refund_state(app, tx, &id, report, &source).await?,
                )),
                Err(fate) => Ok(fate),
            }
        }
        Happening::Shipment { ours, report } => {
            let found =
                shipping::match_shipment(app, tx, ours.as_deref(), report.provider_id.as_deref())
                    .await?;
            match placed(found, "parcel") {
                Ok(id) => {
                    shipping::apply_shipment_state(app, tx, &id, report, &source).await?;
                    Ok(Fate::Processed)
                }
                Err(fate) => Ok(fate),
            }
        }
        Happening::Letter {
            ours,
            provider_id,
            arrived,
        } => {
            let known = notifications::letter_event(
                app,
                tx,
                ours.as_deref(),
                provider_id.as_deref(),
                *arrived,
            )
            .await?;
            Ok(if known {
                Fate::Processed
            } else {
                Fate::Ignored("no letter of ours".to_owned())
            })
        }
        Happening::Question { .. } | Happening::Other => Ok(Fate::Ignored(format!(
            "nothing is done about {}",
            event.kind
        ))),
    }
}

fn placed(found: Match, what: &str) -> Result<String, Fate> {
    match found {
        Match::One(id) => Ok(id),
        Match::None => Err(Fate::Unplaced(format!("no {what} of ours"))),
        Match::Several => Err(Fate::Unplaced(format!(
            "more than one {what} could be meant"
        ))),
    }
}

impl From<Applied> for Fate {
    fn from(applied: Applied) -> Self {
        match applied {
            Applied::Changed | Applied::Known => Self::Processed,
            Applied::Ignored(reason) => Self::Ignored(reason),
            Applied::Mismatch(difference) => Self::Refused(format!("another amount: {difference}")),
            Applied::Conflict(reason) => Self::Refused(reason),
        }
    }
}

/// Tries failed events again: what they are about may have become known meanwhile.
pub(crate) async fn retry_inbox(app: &App) -> Result<(), ApiError> {
    let due = store::take_due(app, &mut app.db.read().await?, BATCH).await?;
    for kept in due {
        if let Err(error) = retry(app, &kept).await {
            tracing::warn!(inbox = kept.id, %error, "a failed event could not be tried again");
        }
    }
    Ok(())
}

async fn retry(app: &App, kept: &Kept) -> Result<(), ApiError> {
    // The signature was good when it came, so that is the time it is checked for.
    let received = Received {
        headers: &kept.headers,
        body: &kept.body,
        at: kept.received_at,
    };
    let Some(sender) = Sender::find(app, &kept.provider) else {
        let gone = Some("the sender is gone");
        return store::settle(app, &mut app.db.read().await?, kept, "ignored", gone).await;
    };
    match sender.read(app, received).await {
        Ok(event) => {
            let work = async {
                transact!(app, tx => apply_and_settle(app, tx, &sender, kept, &event).await)
            };
            app.telemetry
                .span(sender.scope(), "retry_webhook", work)
                .await?;
            Ok(())
        }
        Err(rejected) => {
            let why = rejected.to_string();
            store::settle(app, &mut app.db.read().await?, kept, "failed", Some(&why)).await
        }
    }
}
