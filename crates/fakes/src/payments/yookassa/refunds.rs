//! Refunds (After the payment, Refunds).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use styk_core::{Money, Movement};

use super::error::Problem;
use super::payment::Status;
use super::{Handler, Turn, list, read, receipts, show};
use crate::kit::Routes;

const MEMBERS: [&str; 8] = [
    "payment_id",
    "amount",
    "description",
    "receipt",
    "metadata",
    "sources",
    "deal",
    "refund_method_data",
];

/// Money given back.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) payment: String,
    pub(super) amount: Money,
    pub(super) status: &'static str,
    pub(super) created_at: Timestamp,
    pub(super) description: Option<Box<str>>,
    pub(super) metadata: Vec<(String, String)>,
    pub(super) receipt: Option<&'static str>,
    pub(super) canceled_by: Option<(&'static str, &'static str)>,
}

pub(super) fn routes(routes: Routes<Handler>) -> Routes<Handler> {
    routes
        .post("/v3/refunds", Handler::Api(create))
        .get("/v3/refunds", Handler::Api(all))
        .get("/v3/refunds/{id}", Handler::Api(one))
}

pub(super) fn shown(refund: &Refund) -> Value {
    let mut shown = json!({
        "id": refund.id,
        "payment_id": refund.payment,
        "status": refund.status,
        "created_at": show::time(refund.created_at),
        "amount": show::money(refund.amount),
        "metadata": show::metadata(&refund.metadata),
    });
    if let Some(description) = &refund.description {
        shown["description"] = Value::from(&**description);
    }
    if let Some(receipt) = refund.receipt {
        shown["receipt_registration"] = receipt.into();
    }
    match refund.canceled_by {
        Some(by) => shown["cancellation_details"] = show::cancellation(by),
        None => {
            let rrn = show::digits(&refund.id, 12);
            shown["refund_authorization_details"] = json!({"rrn": rrn});
        }
    }
    shown
}

fn create(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let body = std::mem::take(&mut turn.body);
    turn.gaps(&body, &MEMBERS);
    let payment_id = read::text(&body, "payment_id", 64)?
        .ok_or_else(|| Problem::parameter("payment_id", "payment_id isn't specified"))?;
    let amount = read::amount(body.get("amount"), "amount")?;
    let unknown = || {
        Problem::parameter(
            "payment_id",
            format!("Payment `{payment_id}` doesn't exist"),
        )
    };
    let payment = turn
        .shop
        .payments
        .get(&payment_id)
        .cloned()
        .ok_or_else(unknown)?;
    turn.note(&payment_id, payment.order.as_deref());
    if payment.status != Status::Succeeded {
        let told = format!(
            "Payment in status {} can't be refunded",
            payment.status.word()
        );
        return Err(Problem::parameter("payment_id", told));
    }
    if amount.currency != payment.amount.currency {
        return Err(Problem::parameter(
            "amount.currency",
            "The payment has another currency",
        ));
    }
    if amount.minor > payment.refundable() {
        let left = Money::new(payment.refundable(), amount.currency).decimal();
        let told = format!("The amount is more than can be refunded: {left} is left");
        return Err(Problem::parameter("amount.value", told));
    }
    let receipt = receipts::inline(&body, amount)?;
    let refund = Refund {
        id: turn.shop.new_id(),
        payment: payment_id.clone(),
        amount,
        status: "succeeded",
        created_at: turn.yookassa.ground.clock.now(),
        description: read::text(&body, "description", 250)?.map(Into::into),
        metadata: read::metadata(&body)?,
        receipt: receipt.as_ref().map(|_| "pending"),
        canceled_by: None,
    };
    if let Some(stored) = turn.shop.payments.get_mut(&payment_id) {
        stored.refunded += amount.minor;
    }
    turn.note(&refund.id, payment.order.as_deref());
    turn.shop.refunds.insert(refund.id.clone(), refund.clone());
    let (yookassa, call) = (turn.yookassa, turn.call);
    yookassa.book(
        turn.shop,
        &payment,
        Movement::Refunded,
        amount.minor,
        Some(&refund.id),
        call,
    );
    if let Some(receipt) = receipt {
        receipts::register(turn, "refund", &refund.id, receipt);
    }
    let object = shown(&refund);
    yookassa.tell(
        turn.shop,
        "refund.succeeded",
        &refund.id,
        payment.order.as_deref(),
        &object,
        call,
    );
    Ok(object)
}

fn one(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let id = turn.call.map_or("", |call| call.parameter(0));
    let refund = turn.shop.refunds.get(id);
    let refund = refund.ok_or_else(|| Problem::not_found("Refund", id))?;
    turn.note(id, None);
    Ok(shown(refund))
}

fn all(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let query = list::Query::read(turn.call, &["created_at", "payment_id", "status"])?;
    let refunds = turn.shop.refunds.values().rev();
    list::page(
        &query,
        refunds,
        |refund| &refund.id,
        |refund| {
            query.is_within("created_at", Some(refund.created_at))
                && query.is("payment_id", Some(&refund.payment))
                && query.is("status", Some(refund.status))
        },
        shown,
    )
}
