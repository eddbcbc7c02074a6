//! YooKassa's notifications are not signed and have no id: each is taken as a hint what to ask about, and only the answer
//! counts (YooKassa, Incoming notifications).

use serde::Deserialize;

use super::super::{Event, Happening, Hook, Outcome, Rejected, Trouble};
use super::Payments;

/// Ids are shorter.
const ID_CHARS_MAX: usize = 64;

#[derive(Deserialize)]
struct Notification {
    event: String,
    object: Named,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

/// Asks about what a notification names.
pub(super) async fn read(gateway: &Payments, hook: &Hook<'_>) -> Result<Event, Rejected> {
    let Notification { event, object } = serde_json::from_slice(hook.body)
        .map_err(|error| Rejected::Malformed(error.to_string()))?;
    if object.id.is_empty() || object.id.len() > ID_CHARS_MAX {
        return Err(Rejected::Malformed("the id of the object".to_owned()));
    }
    let happening = match event.as_str() {
        "payment.succeeded" | "payment.canceled" | "payment.waiting_for_capture" => {
            payment(gateway, &object.id).await?
        }
        "refund.succeeded" => refund(gateway, &object.id).await?,
        _ => return Err(Rejected::Uninteresting),
    };
    Ok(Event {
        id: format!("{event}:{}", object.id),
        kind: event,
        happening,
    })
}

async fn payment(gateway: &Payments, id: &str) -> Result<Happening, Rejected> {
    let payment = confirmed(gateway.payment(id).await, "payment")?;
    if payment.status == "pending" {
        return Err(not_yet());
    }
    Ok(Happening::Payment {
        ours: payment.ours(),
        report: payment.report().map_err(Rejected::Unasked)?,
    })
}

async fn refund(gateway: &Payments, id: &str) -> Result<Happening, Rejected> {
    let refund = confirmed(gateway.refund_of(id).await, "refund")?;
    if refund.status == "pending" {
        return Err(not_yet());
    }
    Ok(Happening::Refund {
        ours: refund.ours(),
        report: refund.report().map_err(Rejected::Unasked)?,
    })
}

fn confirmed<T>(answer: Outcome<Option<T>>, what: &str) -> Result<T, Rejected> {
    match answer {
        Outcome::Done(Some(object)) => Ok(object),
        Outcome::Done(None) => Err(Rejected::Denied(format!("it has no such {what}"))),
        Outcome::Refused(refusal) => Err(Rejected::Denied(refusal.cause)),
        Outcome::Unknown(trouble) => Err(Rejected::Unasked(trouble)),
    }
}

/// The notification was faster than the news behind it, or is forged: whoever sent it may come again.
fn not_yet() -> Rejected {
    Rejected::Unasked(Trouble::BadAnswer("it is still pending there".to_owned()))
}
