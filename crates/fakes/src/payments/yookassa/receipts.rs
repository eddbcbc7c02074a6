//! Receipts by 54-FZ: inline in payments and refunds, and on their own.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use styk_core::{Currency, Money};

use super::error::Problem;
use super::{Handler, Turn, list, read, show};
use crate::kit::Routes;

/// A cash register needs this long.
const REGISTRATION: Duration = Duration::from_secs(1);
const ITEMS_MAX: usize = 100;
/// `payment_mode` of an item (Receipts, Parameters).
const MODES: [&str; 7] = [
    "full_prepayment",
    "partial_prepayment",
    "advance",
    "full_payment",
    "partial_payment",
    "credit",
    "credit_payment",
];

/// One receipt.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Receipt {
    id: String,
    kind: String,
    payment: Option<String>,
    refund: Option<String>,
    status: &'static str,
    created_at: Timestamp,
    registered_at: Option<Timestamp>,
    items: Value,
    settlements: Value,
    tax_system: Option<u64>,
}

pub(super) fn routes(routes: Routes<Handler>) -> Routes<Handler> {
    routes
        .post("/v3/receipts", Handler::Api(create))
        .get("/v3/receipts", Handler::Api(all))
        .get("/v3/receipts/{id}", Handler::Api(one))
}

fn shown(receipt: &Receipt) -> Value {
    let mut shown = json!({
        "id": receipt.id,
        "type": receipt.kind,
        "status": receipt.status,
        "items": receipt.items,
        "settlements": receipt.settlements,
    });
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            shown[name] = value;
        }
    };
    put("payment_id", receipt.payment.clone().map(Value::from));
    put("refund_id", receipt.refund.clone().map(Value::from));
    put("tax_system_code", receipt.tax_system.map(Value::from));
    if let Some(at) = receipt.registered_at {
        put("registered_at", Some(show::time(at).into()));
        put(
            "fiscal_document_number",
            Some(show::digits(&receipt.id, 4).into()),
        );
        put(
            "fiscal_storage_number",
            Some(show::digits(&receipt.id, 16).into()),
        );
        put(
            "fiscal_attribute",
            Some(show::digits(&receipt.id, 10).into()),
        );
        put(
            "fiscal_provider_id",
            Some(receipt.id.trim_start_matches("rt-").into()),
        );
    }
    shown
}

/// The receipt inside of a payment, capture or refund, checked against the amount.
pub(super) fn inline(body: &Map<String, Value>, amount: Money) -> Result<Option<Value>, Problem> {
    let Some(receipt) = body.get("receipt").filter(|receipt| !receipt.is_null()) else {
        return Ok(None);
    };
    let members = receipt.as_object();
    let members =
        members.ok_or_else(|| Problem::parameter("receipt", "receipt must be an object"))?;
    check_customer(members, "receipt.customer")?;
    check_codes(members, "receipt.")?;
    let total = check_items(members, "receipt.items", amount.currency)?;
    if total != amount.minor {
        let told = "The sum of the receipt's items isn't the amount";
        return Err(Problem::parameter("receipt", told));
    }
    Ok(Some(receipt.clone()))
}

/// Somebody must get the receipt: by e-mail or phone, also in the old place.
fn check_customer(receipt: &Map<String, Value>, place: &str) -> Result<(), Problem> {
    let has = |members: &Map<String, Value>| {
        ["email", "phone"]
            .iter()
            .any(|name| members.get(*name).is_some_and(Value::is_string))
    };
    let customer = receipt.get("customer").and_then(Value::as_object);
    if customer.is_some_and(has) || has(receipt) {
        return Ok(());
    }
    Err(Problem::parameter(
        place,
        "The customer's email or phone isn't specified",
    ))
}

/// The numbers of a receipt that have a table.
fn check_codes(receipt: &Map<String, Value>, prefix: &str) -> Result<(), Problem> {
    for (name, most) in [("tax_system_code", 6), ("timezone", 11)] {
        let Some(code) = receipt.get(name).filter(|code| !code.is_null()) else {
            continue;
        };
        if !code.as_u64().is_some_and(|code| (1..=most).contains(&code)) {
            return Err(Problem::parameter(
                format!("{prefix}{name}"),
                format!("{name} must lie between 1 and {most}"),
            ));
        }
    }
    Ok(())
}

/// Checks the items; gives their sum in minor units.
fn check_items(
    receipt: &Map<String, Value>,
    place: &str,
    currency: Currency,
) -> Result<i64, Problem> {
    let items = receipt.get("items").and_then(Value::as_array);
    let items = items.filter(|items| (1..=ITEMS_MAX).contains(&items.len()));
    let items = items.ok_or_else(|| {
        Problem::parameter(place, format!("A receipt has 1 to {ITEMS_MAX} items"))
    })?;
    let mut total = 0_i64;
    for item in items {
        let item = item.as_object();
        let item = item.ok_or_else(|| Problem::parameter(place, "An item must be an object"))?;
        let description = read::text(item, "description", 128).ok().flatten();
        if description.is_none_or(|text| text.is_empty()) {
            return Err(Problem::parameter(
                format!("{place}.description"),
                "description isn't specified, or longer than 128 characters",
            ));
        }
        let vat = item
            .get("vat_code")
            .and_then(Value::as_u64)
            .or_else(|| item.get("vat_code")?.as_str()?.parse().ok());
        if !vat.is_some_and(|vat| (1..=12).contains(&vat)) {
            return Err(Problem::parameter(
                format!("{place}.vat_code"),
                "vat_code must lie between 1 and 12",
            ));
        }
        if let Some(mode) = item.get("payment_mode").filter(|mode| !mode.is_null())
            && !mode.as_str().is_some_and(|mode| MODES.contains(&mode))
        {
            return Err(Problem::parameter(
                format!("{place}.payment_mode"),
                format!("payment_mode must be one of {}", MODES.join(", ")),
            ));
        }
        let price = read::amount(item.get("amount"), "amount").map_err(|_| {
            Problem::parameter(format!("{place}.amount"), "The price isn't an amount")
        })?;
        if price.currency != currency {
            return Err(Problem::parameter(
                format!("{place}.amount.currency"),
                "The payment has another currency",
            ));
        }
        let thousandths = quantity(item.get("quantity"));
        let thousandths = thousandths.ok_or_else(|| {
            Problem::parameter(
                format!("{place}.quantity"),
                "quantity must be more than zero",
            )
        })?;
        let sum = i128::from(price.minor) * i128::from(thousandths) / 1000;
        total = total.saturating_add(i64::try_from(sum).unwrap_or(i64::MAX));
    }
    Ok(total)
}

/// A quantity in thousandths; it comes as a number or as text.
fn quantity(value: Option<&Value>) -> Option<i64> {
    let text = match value? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 3 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let thousandths: i64 = format!("{whole}{fraction:0<3}").parse().ok()?;
    (thousandths > 0).then_some(thousandths)
}

/// Takes a receipt in; the register answers a little later.
pub(super) fn register(turn: &mut Turn<'_>, kind: &str, of: &str, receipt: Value) -> String {
    let id = format!("rt-{}", turn.shop.new_id());
    let (yookassa, now) = (turn.yookassa, turn.yookassa.ground.clock.now());
    let taken = Receipt {
        id: id.clone(),
        kind: kind.to_owned(),
        payment: (kind == "payment").then(|| of.to_owned()),
        refund: (kind == "refund").then(|| of.to_owned()),
        status: "pending",
        created_at: now,
        registered_at: None,
        items: receipt.get("items").cloned().unwrap_or_default(),
        settlements: receipt
            .get("settlements")
            .cloned()
            .unwrap_or_else(|| json!([])),
        tax_system: receipt.get("tax_system_code").and_then(Value::as_u64),
    };
    turn.shop.receipts.insert(id.clone(), taken);
    let credential = turn.shop.credential.clone();
    yookassa.later(
        REGISTRATION,
        credential,
        id.clone(),
        |yookassa, shop, id| {
            let now = yookassa.ground.clock.now();
            let Some(receipt) = shop.receipts.get_mut(id) else {
                return;
            };
            receipt.status = "succeeded";
            receipt.registered_at = Some(now);
            if let Some(payment) = receipt
                .payment
                .as_ref()
                .and_then(|id| shop.payments.get_mut(id))
            {
                payment.receipt = payment
                    .receipt
                    .filter(|state| *state != "pending")
                    .or(Some("succeeded"));
            }
            if let Some(refund) = receipt
                .refund
                .as_ref()
                .and_then(|id| shop.refunds.get_mut(id))
            {
                refund.receipt = Some("succeeded");
            }
        },
    );
    id
}

fn create(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let body = std::mem::take(&mut turn.body);
    let kind = read::text(&body, "type", 16)?.unwrap_or_default();
    let place = match kind.as_str() {
        "payment" => "payment_id",
        "refund" => "refund_id",
        _ => return Err(Problem::parameter("type", "type must be payment or refund")),
    };
    let of = read::text(&body, place, 64)?;
    // A receipt of a refund may name the payment instead.
    let of = of.or(read::text(&body, "payment_id", 64)?);
    let of = of.ok_or_else(|| Problem::parameter(place, format!("{place} isn't specified")))?;
    let is_known = turn.shop.payments.contains_key(&of) || turn.shop.refunds.contains_key(&of);
    if !is_known {
        return Err(Problem::parameter(place, format!("`{of}` doesn't exist")));
    }
    check_customer(&body, "customer")?;
    check_codes(&body, "")?;
    let currency = body.get("items").and_then(|items| {
        items
            .get(0)?
            .get("amount")?
            .get("currency")?
            .as_str()?
            .parse()
            .ok()
    });
    let currency = currency.ok_or_else(|| Problem::parameter("items", "items aren't specified"))?;
    check_items(&body, "items", currency)?;
    if body
        .get("settlements")
        .and_then(Value::as_array)
        .is_none_or(Vec::is_empty)
    {
        return Err(Problem::parameter(
            "settlements",
            "settlements aren't specified",
        ));
    }
    if read::truth(&body, "send")? != Some(true) {
        return Err(Problem::parameter("send", "send must be true"));
    }
    let id = register(turn, &kind, &of, Value::Object(body));
    turn.note(&id, None);
    let receipt = turn.shop.receipts.get(&id);
    receipt
        .map(shown)
        .ok_or_else(|| Problem::not_found("Receipt", &id))
}

fn one(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let id = turn.call.map_or("", |call| call.parameter(0));
    let receipt = turn.shop.receipts.get(id);
    receipt
        .map(shown)
        .ok_or_else(|| Problem::not_found("Receipt", id))
}

fn all(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let query = list::Query::read(
        turn.call,
        &["created_at", "status", "payment_id", "refund_id"],
    )?;
    let receipts = turn.shop.receipts.values().rev();
    list::page(
        &query,
        receipts,
        |receipt| &receipt.id,
        |receipt| {
            query.is_within("created_at", Some(receipt.created_at))
                && query.is("status", Some(receipt.status))
                && query.is("payment_id", receipt.payment.as_deref())
                && query.is("refund_id", receipt.refund.as_deref())
        },
        shown,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_numbers_or_texts() {
        for (value, wanted) in [
            (json!("1.00"), Some(1000)),
            (json!("1.0"), Some(1000)),
            (json!(2), Some(2000)),
            (json!(0.25), Some(250)),
            (json!("0"), None),
            (json!("-1"), None),
            (json!("1.2345"), None),
        ] {
            assert_eq!(quantity(Some(&value)), wanted, "{value}");
        }
    }

    #[test]
    fn the_items_must_sum_up_to_the_amount() {
        let item = json!({"description": "Mug", "quantity": "2.0", "vat_code": 1, "amount": {"value": "9.90", "currency": "RUB"}});
        let body = json!({"receipt": {"email": "a@shop.test", "items": [item]}});
        let body = body.as_object().expect("an object");
        let rub = |minor| Money::new(minor, "RUB".parse().expect("a currency"));
        assert!(inline(body, rub(1980)).expect("fits").is_some());
        assert!(inline(body, rub(1990)).is_err());
    }
}
