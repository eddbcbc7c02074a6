//! Objects as YooKassa shows them (API reference).

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use styk_core::Money;

use super::payment::{Card, Confirmation, ConfirmationKind, Method, Payment, Status};

/// UTC with milliseconds: `2018-07-18T10:51:18.139Z`.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

pub(super) fn money(money: Money) -> Value {
    json!({"value": money.decimal(), "currency": money.currency.code()})
}

pub(super) fn metadata(pairs: &[(String, String)]) -> Value {
    let members: Map<String, Value> = pairs
        .iter()
        .map(|(k, v)| (k.clone(), v.as_str().into()))
        .collect();
    Value::Object(members)
}

/// A payment of the shop with this id.
pub(super) fn payment(payment: &Payment, shop: &str) -> Value {
    let status = payment.status;
    let is_paid = matches!(status, Status::WaitingForCapture | Status::Succeeded);
    let mut shown = json!({
        "id": payment.id,
        "status": status.word(),
        "amount": money(payment.amount),
        "recipient": {"account_id": shop, "gateway_id": gateway(shop)},
        "created_at": time(payment.created_at),
        "test": true,
        "paid": is_paid,
        "refundable": payment.refundable() > 0,
        "metadata": metadata(&payment.metadata),
    });
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            shown[name] = value;
        }
    };
    put(
        "description",
        payment.description.as_deref().map(Value::from),
    );
    put("payment_method", payment.method.as_deref().map(method));
    put("captured_at", payment.captured_at.map(|at| time(at).into()));
    put(
        "merchant_customer_id",
        payment.customer.as_deref().map(Value::from),
    );
    put("receipt_registration", payment.receipt.map(Value::from));
    put(
        "invoice_details",
        payment.invoice.as_deref().map(|id| json!({"id": id})),
    );
    if status == Status::Succeeded {
        put("income_amount", Some(money(payment.income())));
        let refunded = Money::new(payment.refunded, payment.amount.currency);
        put("refunded_amount", Some(money(refunded)));
    }
    if status == Status::WaitingForCapture {
        put("expires_at", payment.expires_at.map(|at| time(at).into()));
    }
    if status == Status::Pending {
        put(
            "confirmation",
            payment.confirmation.as_deref().map(confirmation),
        );
    }
    put(
        "cancellation_details",
        payment.canceled_by.map(cancellation),
    );
    if is_paid
        && payment
            .method
            .as_ref()
            .is_some_and(|method| method.card.is_some())
    {
        put(
            "authorization_details",
            Some(json!({
                "rrn": digits(&payment.id, 12),
                "auth_code": digits(&payment.id, 6),
                "three_d_secure": {"applied": payment.is_authenticated},
            })),
        );
    }
    shown
}

pub(super) fn cancellation((party, reason): (&'static str, &'static str)) -> Value {
    json!({"party": party, "reason": reason})
}

fn gateway(shop: &str) -> String {
    format!("1{shop}")
}

/// So many digits that are always the same for an id.
pub(super) fn digits(id: &str, count: usize) -> String {
    let mut digits = id
        .bytes()
        .filter(u8::is_ascii_hexdigit)
        .map(|byte| char::from(b'0' + byte % 10));
    (0..count).map(|_| digits.next().unwrap_or('7')).collect()
}

fn confirmation(confirmation: &Confirmation) -> Value {
    let mut shown = json!({"type": confirmation.kind.word()});
    match confirmation.kind {
        ConfirmationKind::Redirect => {
            shown["confirmation_url"] = confirmation.address.as_str().into();
            shown["return_url"] = confirmation.return_url.as_deref().into();
            if let Some(enforce) = confirmation.enforce {
                shown["enforce"] = enforce.into();
            }
        }
        ConfirmationKind::MobileApplication => {
            shown["confirmation_url"] = confirmation.address.as_str().into();
        }
        ConfirmationKind::Qr => shown["confirmation_data"] = confirmation.address.as_str().into(),
        ConfirmationKind::Embedded => {
            let token = format!(
                "ct-{}",
                confirmation.address.rsplit('=').next().unwrap_or_default()
            );
            shown["confirmation_token"] = token.into();
        }
        ConfirmationKind::External => {}
    }
    shown
}

pub(super) fn method(method: &Method) -> Value {
    let status = if method.is_saved {
        "active"
    } else {
        "inactive"
    };
    let mut shown = json!({
        "type": method.kind,
        "id": method.id,
        "saved": method.is_saved,
        "status": status,
    });
    if let Some(paid_with) = &method.card {
        shown["title"] = format!("Bank card *{}", paid_with.last4).into();
        shown["card"] = card(paid_with);
    }
    shown
}

pub(super) fn card(card: &Card) -> Value {
    json!({
        "first6": card.first6,
        "last4": card.last4,
        "expiry_year": card.year,
        "expiry_month": card.month,
        "card_type": card.scheme,
        "card_product": {"code": "E"},
        "issuer_country": "RU",
        "issuer_name": "Test Bank",
    })
}
