//! Invoices: a bill with a page.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::account::Shop;
use super::error::Problem;
use super::payment::{Confirmation, ConfirmationKind, Payment, Status};
use super::{Handler, Turn, YooKassa, read, show};
use crate::kit::Routes;

/// One invoice.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Invoice {
    pub(super) id: String,
    pub(super) status: &'static str,
    cart: Value,
    payment_data: Map<String, Value>,
    delivery: String,
    pub(super) address: String,
    created_at: Timestamp,
    pub(super) expires_at: Timestamp,
    description: Option<String>,
    metadata: Vec<(String, String)>,
    pub(super) payment: Option<String>,
}

pub(super) fn routes(routes: Routes<Handler>) -> Routes<Handler> {
    routes
        .post("/v3/invoices", Handler::Api(create))
        .get("/v3/invoices/{id}", Handler::Api(one))
}

fn shown(invoice: &Invoice, shop: &Shop) -> Value {
    let mut shown = json!({
        "id": invoice.id,
        "status": invoice.status,
        "cart": invoice.cart,
        "delivery_method": {"type": invoice.delivery, "url": invoice.address},
        "created_at": show::time(invoice.created_at),
        "expires_at": show::time(invoice.expires_at),
        "metadata": show::metadata(&invoice.metadata),
    });
    if let Some(description) = &invoice.description {
        shown["description"] = description.as_str().into();
    }
    let payment = invoice
        .payment
        .as_ref()
        .and_then(|id| shop.payments.get(id));
    if let Some(payment) = payment {
        shown["payment_details"] = json!({"id": payment.id, "status": payment.status.word()});
    }
    if invoice.status == "canceled" {
        shown["cancellation_details"] = json!({"party": "yoo_money", "reason": "invoice_expired"});
    }
    shown
}

fn create(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let body = std::mem::take(&mut turn.body);
    let data = body.get("payment_data").and_then(Value::as_object);
    let data =
        data.ok_or_else(|| Problem::parameter("payment_data", "payment_data isn't specified"))?;
    read::amount(data.get("amount"), "payment_data.amount")?;
    let cart = body
        .get("cart")
        .filter(|cart| cart.as_array().is_some_and(|items| !items.is_empty()));
    let cart = cart.ok_or_else(|| Problem::parameter("cart", "cart isn't specified"))?;
    let now = turn.yookassa.ground.clock.now();
    let expires_at = body
        .get("expires_at")
        .and_then(Value::as_str)
        .and_then(|text| text.parse::<Timestamp>().ok());
    let expires_at = expires_at.filter(|at| *at > now);
    let expires_at = expires_at
        .ok_or_else(|| Problem::parameter("expires_at", "expires_at must be a time to come"))?;
    let delivery = body
        .get("delivery_method_data")
        .and_then(|data| data.get("type")?.as_str());
    let id = format!("in-{}", turn.shop.new_id());
    let page = format!("/checkout/invoices?invoiceId={id}");
    let invoice = Invoice {
        id: id.clone(),
        status: "pending",
        cart: cart.clone(),
        payment_data: data.clone(),
        delivery: delivery.unwrap_or("self").to_owned(),
        address: turn.yookassa.ground.address(&page),
        created_at: now,
        expires_at,
        description: read::text(&body, "description", 128)?,
        metadata: read::metadata(&body)?,
        payment: None,
    };
    turn.note(&id, None);
    let value = shown(&invoice, turn.shop);
    turn.shop.invoices.insert(id, invoice);
    Ok(value)
}

fn one(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let id = turn.call.map_or("", |call| call.parameter(0));
    let now = turn.yookassa.ground.clock.now();
    if let Some(invoice) = turn.shop.invoices.get_mut(id)
        && invoice.status == "pending"
        && invoice.expires_at <= now
    {
        invoice.status = "canceled";
    }
    let invoice = turn.shop.invoices.get(id);
    let invoice = invoice.ok_or_else(|| Problem::not_found("Invoice", id))?;
    Ok(shown(invoice, turn.shop))
}

impl YooKassa {
    /// The payment behind an invoice's page; made when the payer first opens it.
    pub(super) fn payment_of_invoice(&self, shop: &mut Shop, id: &str) -> Option<String> {
        let invoice = shop
            .invoices
            .get(id)
            .filter(|invoice| invoice.status == "pending")?;
        if let Some(payment) = &invoice.payment {
            let is_open = shop
                .payments
                .get(payment)
                .is_some_and(|p| p.status == Status::Pending);
            if is_open {
                return Some(payment.clone());
            }
        }
        let invoice = invoice.clone();
        let amount = read::amount(invoice.payment_data.get("amount"), "amount").ok()?;
        let payment_id = shop.new_id();
        let page = format!("/checkout/payments/v2/contract?orderId={payment_id}");
        let payment = Payment {
            id: payment_id.clone(),
            status: Status::Pending,
            amount,
            refunded: 0,
            is_captured_at_once: read::truth(&invoice.payment_data, "capture")
                .ok()
                .flatten()
                .unwrap_or(true),
            description: invoice.description.clone().map(Into::into),
            metadata: read::metadata(&invoice.payment_data).unwrap_or_default(),
            confirmation: Some(Box::new(Confirmation {
                kind: ConfirmationKind::Redirect,
                return_url: Some(invoice.address.clone()),
                enforce: None,
                address: self.ground.address(&page),
            })),
            method: None,
            saves_method: false,
            created_at: self.ground.clock.now(),
            captured_at: None,
            expires_at: None,
            canceled_by: None,
            is_authenticated: false,
            receipt: None,
            customer: None,
            invoice: Some(id.into()),
            order: read::order(&self.ground, &invoice.payment_data).map(Into::into),
        };
        shop.payments.insert(payment_id.clone(), payment);
        if let Some(invoice) = shop.invoices.get_mut(id) {
            invoice.payment = Some(payment_id.clone());
        }
        self.expire_later(shop, &payment_id);
        Some(payment_id)
    }
}

impl Shop {
    /// A payment settled the invoice it was made for, if any.
    pub(super) fn settle_invoice(&mut self, payment: &Payment) {
        let invoice = payment
            .invoice
            .as_deref()
            .and_then(|id| self.invoices.get_mut(id));
        if let Some(invoice) = invoice {
            invoice.status = "succeeded";
        }
    }
}
