//! CloudPayments' notifications: forms, whose type is told by the address alone. `Content-HMAC` signs the body as it was
//! sent, `X-Content-HMAC` the body decoded, both in base64 (CloudPayments, Notifications: checking the signature).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use percent_encoding::percent_decode;

use super::super::{
    ClaimedAmount, Event, Happening, Hook, PaymentReport, PaymentWord, RefundReport, RefundWord,
    Rejected, mac,
};
use super::objects::{Data, decline};
use super::requests::PAGE;

const RAW_MAC: &str = "content-hmac";
const DECODED_MAC: &str = "x-content-hmac";

/// Checks the signature and reads the form.
pub(super) fn read(hook: &Hook<'_>, secret: Option<&str>) -> Result<Event, Rejected> {
    verify(hook, secret.ok_or(Rejected::NoSecret)?)?;
    let kind = hook.kind.unwrap_or_default().to_ascii_lowercase();
    if kind.is_empty() {
        let hint = "the address must end with the type of the notification, like pay/";
        return Err(Rejected::Malformed(hint.to_owned()));
    }
    let form = Form::read(hook.body);
    let happening = happening(&kind, &form)?;
    let number = form.text("TransactionId").or_else(|| form.text("Id"));
    let number = number.ok_or_else(|| missing("TransactionId"))?;
    Ok(Event {
        id: format!("{kind}:{number}"),
        kind,
        happening,
    })
}

/// Every code that is there must be genuine, and one must be there.
fn verify(hook: &Hook<'_>, secret: &str) -> Result<(), Rejected> {
    let raw = code(hook.headers, RAW_MAC)?;
    let decoded = code(hook.headers, DECODED_MAC)?;
    if raw.is_none() && decoded.is_none() {
        return Err(Rejected::Malformed(format!(
            "the header {RAW_MAC} is missing"
        )));
    }
    let raw_is_genuine = raw.is_none_or(|code| mac::is_genuine(secret, &[hook.body], &code));
    let decoded_is_genuine =
        decoded.is_none_or(|code| mac::is_genuine(secret, &[&decode(hook.body)], &code));
    if raw_is_genuine && decoded_is_genuine {
        Ok(())
    } else {
        Err(Rejected::BadSignature)
    }
}

fn code(headers: &HeaderMap, name: &str) -> Result<Option<Vec<u8>>, Rejected> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let bytes = BASE64.decode(value.as_bytes());
    bytes.map(Some).map_err(|_| Rejected::BadSignature)
}

/// As forms are decoded: `+` is a space, `%XX` a byte.
fn decode(body: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = body
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    percent_decode(&spaced).collect()
}

fn missing(field: &str) -> Rejected {
    Rejected::Malformed(format!("the field {field} is missing"))
}

struct Form(HashMap<String, String>);

impl Form {
    fn read(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().collect())
    }

    /// A field that is there and not empty.
    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|text| !text.is_empty()).cloned()
    }

    fn data(&self) -> Data {
        let text = self.text("Data");
        text.and_then(|text| Data::parse(&text)).unwrap_or_default()
    }

    fn amount(&self) -> ClaimedAmount {
        ClaimedAmount::decimal(self.text("Amount"), self.text("Currency"))
    }

    /// Our id of the payment.
    fn ours(&self) -> Option<String> {
        self.text("InvoiceId").or_else(|| self.data().payment_id)
    }

    fn payment(&self, word: PaymentWord) -> Happening {
        Happening::Payment {
            ours: self.ours(),
            report: PaymentReport {
                provider_id: self.text("TransactionId"),
                amount: self.amount(),
                ..PaymentReport::bare(word)
            },
        }
    }
}

fn happening(kind: &str, form: &Form) -> Result<Happening, Rejected> {
    match kind {
        "check" => Ok(Happening::Question {
            ours: form.ours(),
            amount: form.amount(),
        }),
        "pay"
            if form
                .text("OperationType")
                .is_some_and(|what| what != "Payment") =>
        {
            Ok(Happening::Other)
        }
        "pay" | "confirm" => match form.text("Status").as_deref() {
            Some("Completed") => Ok(form.payment(PaymentWord::Succeeded)),
            Some("Authorized") => Ok(form.payment(PaymentWord::Pending)),
            other => Err(Rejected::Malformed(format!("Status is {other:?}"))),
        },
        // The page takes another card.
        "fail" if form.data().flow.as_deref() == Some(PAGE) => Ok(Happening::Other),
        "fail" => {
            let code = form.text("ReasonCode").and_then(|code| code.parse().ok());
            let code = code.ok_or_else(|| missing("ReasonCode"))?;
            Ok(form.payment(PaymentWord::Failed(decline(code))))
        }
        "cancel" => Ok(form.payment(PaymentWord::Cancelled)),
        "refund" => Ok(Happening::Refund {
            ours: form.data().refund_id,
            report: RefundReport {
                provider_id: form.text("TransactionId"),
                word: RefundWord::Succeeded,
                amount: form.amount(),
            },
        }),
        _ => Ok(Happening::Other),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use jiff::Timestamp;
    use test_case::test_case;

    use super::super::super::Decline;
    use super::*;

    const BODY: &str = "TransactionId=17&Amount=100.00&Currency=RUB&InvoiceId=p-1&Status=Completed&OperationType=Payment&Name=Anna+%D0%9F";
    const SECRET: &str = "api-secret";

    fn signed(name: &'static str, message: &[u8]) -> (&'static str, String) {
        (name, BASE64.encode(mac::code(SECRET, message)))
    }

    fn open(kind: &str, body: &str, codes: &[(&'static str, String)]) -> Result<Event, Rejected> {
        let mut headers = HeaderMap::new();
        for (name, value) in codes {
            headers.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        let hook = Hook {
            kind: Some(kind),
            headers: &headers,
            body: body.as_bytes(),
            now: Timestamp::UNIX_EPOCH,
        };
        read(&hook, Some(SECRET))
    }

    fn happened(kind: &str, body: &str) -> Happening {
        let code = signed(RAW_MAC, body.as_bytes());
        open(kind, body, &[code]).unwrap().happening
    }

    #[test]
    fn each_of_the_two_signatures_is_enough_and_none_may_be_wrong() {
        let decoded = "TransactionId=17&Amount=100.00&Currency=RUB&InvoiceId=p-1&Status=Completed&OperationType=Payment&Name=Anna П";
        let raw = signed(RAW_MAC, BODY.as_bytes());
        let plain = signed(DECODED_MAC, decoded.as_bytes());
        for codes in [
            vec![raw.clone()],
            vec![plain.clone()],
            vec![raw.clone(), plain],
        ] {
            assert_eq!(open("pay", BODY, &codes).unwrap().id, "pay:17");
        }
        let wrong = (DECODED_MAC, raw.1.clone());
        let bad = Err(Rejected::BadSignature);
        assert_eq!(open("pay", BODY, &[raw.clone(), wrong]), bad);
        assert_eq!(open("pay", "TransactionId=18", &[raw]), bad);
        assert!(matches!(
            open("pay", BODY, &[]),
            Err(Rejected::Malformed(_))
        ));
    }

    #[test]
    fn the_type_is_told_by_the_address_in_any_case_of_letters() {
        let paid = happened("Pay", BODY);
        assert!(matches!(paid, Happening::Payment { ours: Some(ours), .. } if ours == "p-1"));
        assert_eq!(happened("receipt", BODY), Happening::Other);
        assert!(matches!(
            happened("check", BODY),
            Happening::Question { .. }
        ));
    }

    #[test_case("pay", "TransactionId=1&Status=Authorized", PaymentWord::Pending)]
    #[test_case("pay", "TransactionId=1&Status=Completed", PaymentWord::Succeeded)]
    #[test_case("confirm", "TransactionId=1&Status=Completed", PaymentWord::Succeeded)]
    #[test_case("cancel", "TransactionId=1", PaymentWord::Cancelled)]
    #[test_case(
        "fail",
        "TransactionId=1&ReasonCode=5051",
        PaymentWord::Failed(Decline::InsufficientFunds)
    )]
    fn a_notification_means(kind: &str, body: &str, word: PaymentWord) {
        let Happening::Payment { report, .. } = happened(kind, body) else {
            panic!("no payment");
        };
        assert_eq!(report.word, word);
    }

    #[test]
    fn a_card_that_the_page_refused_is_nothing_yet() {
        let data = "%7B%22flow%22%3A%22page%22%7D";
        let body = format!("TransactionId=1&ReasonCode=5051&Data={data}");
        assert_eq!(happened("fail", &body), Happening::Other);
    }

    #[test]
    fn a_refund_is_known_by_our_id() {
        let data = "%7B%22refund_id%22%3A%22r-1%22%7D";
        let body = format!("TransactionId=9&PaymentTransactionId=1&Amount=5.00&Data={data}");
        let Happening::Refund { ours, report } = happened("refund", &body) else {
            panic!("no refund");
        };
        assert_eq!(ours.as_deref(), Some("r-1"));
        assert_eq!(report.provider_id.as_deref(), Some("9"));
    }
}
