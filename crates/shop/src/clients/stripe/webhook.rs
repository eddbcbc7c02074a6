//! Stripe's events: `Stripe-Signature: t=<Unix seconds>,v1=<hex HMAC-SHA256(secret, t + "." + body)>`, with several `v1`
//! while a secret is being changed (Stripe, Webhooks: verify signatures).

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::super::{
    Decline, Event, Happening, Hook, PaymentReport, PaymentWord, Rejected, Trouble, mac,
};
use super::objects::{Intent, Refund, Session};

const SIGNATURE: &str = "stripe-signature";
/// How far the time of the signature may be from now, in seconds.
const AGE_MAX_S: u64 = 300;

#[derive(Deserialize)]
struct Body {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Box<RawValue>,
}

/// Checks signature and time, and reads the event.
pub(super) fn read(hook: &Hook<'_>, secret: Option<&str>) -> Result<Event, Rejected> {
    verify(hook, secret.ok_or(Rejected::NoSecret)?)?;
    let body: Body = serde_json::from_slice(hook.body).map_err(malformed)?;
    Ok(Event {
        happening: happening(&body.kind, &body.data.object)?,
        id: body.id,
        kind: body.kind,
    })
}

fn verify(hook: &Hook<'_>, secret: &str) -> Result<(), Rejected> {
    let header = hook.headers.get(SIGNATURE);
    let header = header
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| Rejected::Malformed(format!("the header {SIGNATURE} is missing")))?;
    let parts = || {
        header
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
    };
    let time = parts()
        .find(|(name, _)| *name == "t")
        .map(|(_, time)| time)
        .ok_or_else(|| Rejected::Malformed(format!("{SIGNATURE} has no time")))?;
    let message = [time.as_bytes(), b".", hook.body];
    let genuine = |(name, code): (&str, &str)| {
        let code = hex::decode(code).ok().filter(|_| name == "v1");
        code.is_some_and(|code| mac::is_genuine(secret, &message, &code))
    };
    if !parts().any(genuine) {
        return Err(Rejected::BadSignature);
    }
    let sent: i64 = time
        .parse()
        .map_err(|_| Rejected::Malformed(format!("the time in {SIGNATURE} is no number")))?;
    if hook.now.as_second().abs_diff(sent) > AGE_MAX_S {
        return Err(Rejected::Stale);
    }
    Ok(())
}

/// What an event means. The events of a PaymentIntent that belongs to the page count only when it was paid: until then
/// its session tells.
fn happening(kind: &str, object: &RawValue) -> Result<Happening, Rejected> {
    match kind {
        "payment_intent.succeeded"
        | "payment_intent.payment_failed"
        | "payment_intent.canceled" => {
            let intent: Intent = object_of(object)?;
            if intent.is_of_page() && !intent.is_paid() {
                return Ok(Happening::Other);
            }
            payment(intent.ours(), intent.report())
        }
        "checkout.session.completed"
        | "checkout.session.async_payment_succeeded"
        | "checkout.session.expired" => {
            let session: Session = object_of(object)?;
            payment(session.ours(), session.report())
        }
        "checkout.session.async_payment_failed" => {
            let session: Session = object_of(object)?;
            let ours = session.ours();
            let failed = session.report().map(|report| PaymentReport {
                word: PaymentWord::Failed(Decline::Other),
                ..report
            });
            payment(ours, failed)
        }
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
            let refund: Refund = object_of(object)?;
            Ok(Happening::Refund {
                ours: refund.ours(),
                report: refund.report().map_err(unreadable)?,
            })
        }
        _ => Ok(Happening::Other),
    }
}

fn payment(
    ours: Option<String>,
    report: Result<PaymentReport, Trouble>,
) -> Result<Happening, Rejected> {
    Ok(Happening::Payment {
        ours,
        report: report.map_err(unreadable)?,
    })
}

fn object_of<T: DeserializeOwned>(object: &RawValue) -> Result<T, Rejected> {
    serde_json::from_str(object.get()).map_err(malformed)
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn malformed(error: serde_json::Error) -> Rejected {
    Rejected::Malformed(error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn unreadable(trouble: Trouble) -> Rejected {
    Rejected::Malformed(trouble.to_string())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use jiff::Timestamp;
    use serde_json::{Value, json};
    use test_case::test_case;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn code(secret: &str, at: i64, body: &str) -> String {
        hex::encode(mac::code(secret, format!("{at}.{body}").as_bytes()))
    }

    fn open(header: &str, body: &str, secret: Option<&str>) -> Result<Event, Rejected> {
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE, HeaderValue::from_str(header).unwrap());
        let hook = Hook {
            kind: None,
            headers: &headers,
            body: body.as_bytes(),
            now: Timestamp::from_second(NOW).unwrap(),
        };
        read(&hook, secret)
    }

    fn event(kind: &str, object: &Value) -> String {
        json!({"id": "evt_1", "type": kind, "data": {"object": object}}).to_string()
    }

    fn happened(kind: &str, object: &Value) -> Happening {
        let body = event(kind, object);
        let header = format!("t={NOW},v1={}", code("whsec_1", NOW, &body));
        open(&header, &body, Some("whsec_1")).unwrap().happening
    }

    #[test_case(0 => Ok(()); "now")]
    #[test_case(-300 => Ok(()); "at the limit")]
    #[test_case(-301 => Err(Rejected::Stale); "too old")]
    #[test_case(301 => Err(Rejected::Stale); "from the future")]
    fn a_genuine_event_counts_for_five_minutes(offset: i64) -> Result<(), Rejected> {
        let body = event("customer.created", &json!({}));
        let at = NOW + offset;
        let header = format!("t={at},v1={}", code("whsec_1", at, &body));
        open(&header, &body, Some("whsec_1")).map(drop)
    }

    #[test]
    fn one_of_several_signatures_is_enough_and_the_dummy_scheme_is_none() {
        let body = event("customer.created", &json!({}));
        let (old, new) = (code("old", NOW, &body), code("new", NOW, &body));
        let both = format!("t={NOW},v1={old},v1={new},v0=00");
        assert!(open(&both, &body, Some("new")).is_ok());
        let dummy = format!("t={NOW},v0={new}");
        assert_eq!(
            open(&dummy, &body, Some("new")),
            Err(Rejected::BadSignature)
        );
    }

    #[test]
    fn whatever_is_changed_spoils_the_signature() {
        let body = event("customer.created", &json!({}));
        let good = code("whsec_1", NOW, &body);
        let bad = Err(Rejected::BadSignature);
        let header = format!("t={NOW},v1={good}");
        assert_eq!(open(&header, "{}", Some("whsec_1")), bad);
        assert_eq!(open(&header, &body, Some("whsec_2")), bad);
        let later = format!("t={},v1={good}", NOW + 1);
        assert_eq!(open(&later, &body, Some("whsec_1")), bad);
        assert_eq!(open(&header, &body, None), Err(Rejected::NoSecret));
    }

    #[test]
    fn an_intent_is_known_by_our_id_and_a_page_is_only_heard_when_it_is_paid() {
        let intent = |status: &str, flow: &str| {
            json!({"id": "pi_1", "status": status, "amount": 100, "currency": "rub",
                "last_payment_error": {"code": "card_declined"},
                "metadata": {"payment_id": "p-1", "flow": flow}})
        };
        let Happening::Payment { ours, report } = happened(
            "payment_intent.payment_failed",
            &intent("requires_payment_method", "card"),
        ) else {
            panic!("no payment");
        };
        assert_eq!(ours.as_deref(), Some("p-1"));
        assert_eq!(report.word, PaymentWord::Failed(Decline::CardDeclined));
        let declined = intent("requires_payment_method", "page");
        assert_eq!(
            happened("payment_intent.payment_failed", &declined),
            Happening::Other
        );
        let paid = happened("payment_intent.succeeded", &intent("succeeded", "page"));
        assert!(
            matches!(paid, Happening::Payment { report, .. } if report.word == PaymentWord::Succeeded)
        );
    }

    #[test]
    fn what_we_do_not_act_on_is_nothing() {
        for kind in [
            "charge.succeeded",
            "charge.refunded",
            "payment_intent.created",
            "invoice.paid",
        ] {
            assert_eq!(
                happened(kind, &json!({"id": "x"})),
                Happening::Other,
                "{kind}"
            );
        }
    }
}
