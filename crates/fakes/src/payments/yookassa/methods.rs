//! Saved means of payment.

use serde::Serialize;
use serde_json::{Value, json};

use super::account::Shop;
use super::error::Problem;
use super::payment::{Confirmation, ConfirmationKind, Method};
use super::{Handler, Turn, YooKassa, payments, read, show};
use crate::kit::{Call, Routes};

/// A means of payment that is kept, or about to be.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SavedMethod {
    pub(super) method: Method,
    pub(super) status: &'static str,
    pub(super) confirmation: Option<Confirmation>,
}

pub(super) fn routes(routes: Routes<Handler>) -> Routes<Handler> {
    routes
        .post("/v3/payment_methods", Handler::Api(create))
        .get("/v3/payment_methods/{id}", Handler::Api(one))
}

fn shown(saved: &SavedMethod) -> Value {
    let mut shown = show::method(&saved.method);
    shown["status"] = saved.status.into();
    shown["holder"] = json!({});
    if let Some(confirmation) = saved
        .confirmation
        .as_ref()
        .filter(|_| saved.status == "pending")
    {
        shown["confirmation"] = json!({
            "type": confirmation.kind.word(),
            "confirmation_url": confirmation.address,
            "return_url": confirmation.return_url,
        });
    }
    shown
}

impl Shop {
    /// Keeps what a payment was made with.
    pub(super) fn keep_method(&mut self, method: &Method) {
        let saved = SavedMethod {
            method: method.clone(),
            status: "active",
            confirmation: None,
        };
        self.methods.insert(method.id.clone(), saved);
    }
}

impl YooKassa {
    /// A payer confirmed that it is kept.
    pub(super) fn activate(&self, shop: &mut Shop, id: &str, call: Option<&Call>) -> bool {
        let Some(saved) = shop
            .methods
            .get_mut(id)
            .filter(|saved| saved.status == "pending")
        else {
            return false;
        };
        saved.status = "active";
        saved.method.is_saved = true;
        let object = shown(saved);
        self.tell(shop, "payment_method.active", id, None, &object, call);
        true
    }
}

fn create(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let body = std::mem::take(&mut turn.body);
    let kind = read::text(&body, "type", 32)?;
    if kind.as_deref() != Some("bank_card") && kind.as_deref() != Some("sbp") {
        return Err(Problem::parameter("type", "type must be bank_card or sbp"));
    }
    let id = turn.shop.new_id();
    let method = match body.get("card").filter(|card| !card.is_null()) {
        Some(card) => payments::read_card(&id, card, "card")?.0,
        None => Method {
            id: id.clone(),
            kind: kind.unwrap_or_default(),
            is_saved: false,
            card: None,
        },
    };
    let given = body.get("confirmation").and_then(Value::as_object);
    let return_url = match given {
        Some(given) => read::text(given, "return_url", 2048)?,
        None => None,
    };
    let page = format!("/checkout/methods?methodId={}", method.id);
    let saved = SavedMethod {
        confirmation: given.map(|_| Confirmation {
            kind: ConfirmationKind::Redirect,
            return_url,
            enforce: None,
            address: turn.yookassa.ground.address(&page),
        }),
        status: "pending",
        method,
    };
    turn.note(&id, None);
    let value = shown(&saved);
    turn.shop.methods.insert(id, saved);
    Ok(value)
}

fn one(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let id = turn.call.map_or("", |call| call.parameter(0));
    let saved = turn.shop.methods.get(id);
    saved
        .map(shown)
        .ok_or_else(|| Problem::not_found("Payment method", id))
}
