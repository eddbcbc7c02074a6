//! Tokens and sources: the older way to hand over a card (Charges API).

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::error::StripeError;
use super::object::{Id, Kind, NULL, Object, show};
use super::params::Params;
use super::payment_methods::{Card, PaymentMethod, Pick, Spec, attach_to, fingerprint};
use super::reply::Reply;
use super::routes::{Endpoint, one, other, public};
use super::shelf::term;
use super::turn::Turn;
use crate::kit::Routes;

/// A token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) is_used: bool,
    pub(super) card: Arc<PaymentMethod>,
}

impl Object for Token {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        show!(serializer;
            "id": self.id,
            "object": "token",
            "card": self.card.card().map(|card| legacy_card(&self.card, card)),
            "client_ip": NULL,
            "created": self.created,
            "livemode": false,
            "type": "card",
            "used": self.is_used,
        )
    }
}

/// A card as it looked before there were payment methods.
pub(super) fn legacy_card(method: &PaymentMethod, card: &Card) -> Value {
    let test = card.test;
    let billing = method.billing();
    let brand = match test.brand.word() {
        "amex" => "American Express",
        "diners" => "Diners Club",
        "discover" => "Discover",
        "jcb" => "JCB",
        "mastercard" => "MasterCard",
        "unionpay" => "UnionPay",
        _ => "Visa",
    };
    let checks = serde_json::to_value(method.checks()).unwrap_or_default();
    json!({
        "id": method.id,
        "object": "card",
        "address_city": billing.address.city,
        "address_country": billing.address.country,
        "address_line1": billing.address.line1,
        "address_line1_check": checks["address_line1_check"],
        "address_line2": billing.address.line2,
        "address_state": billing.address.state,
        "address_zip": billing.address.postal_code,
        "address_zip_check": checks["address_postal_code_check"],
        "brand": brand,
        "country": test.country,
        "customer": method.customer,
        "cvc_check": checks["cvc_check"],
        "dynamic_last4": null,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "fingerprint": fingerprint(test.number),
        "funding": test.funding,
        "last4": test.last4(),
        "metadata": method.metadata,
        "name": billing.name,
        "tokenization_method": null,
        "wallet": null,
    })
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
        .post("/v1/tokens", public(Kind::Token, create))
        .get("/v1/tokens/{id}", one(Kind::Token, retrieve))
        .post("/v1/customers/{id}/sources", other(add_source))
        .get("/v1/customers/{id}/sources", other(sources))
}

fn create(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let card = params
        .hash("card")?
        .ok_or_else(|| StripeError::missing("card"))?;
    let spec = Spec::of_card(turn, card)?;
    params.finish()?;
    let card = spec.make(turn);
    let id = turn.account.new_id("tok_");
    turn.note(&id, None);
    let token = turn.account.objects.tokens.put(Token {
        id,
        created: turn.now,
        is_used: false,
        card,
    });
    Ok(token.into())
}

fn retrieve(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    let id = turn.place(0);
    turn.note(id, None);
    let token = turn.account.objects.tokens.get(id).cloned();
    Ok(token
        .ok_or_else(|| StripeError::not_found(Kind::Token, id))?
        .into())
}

fn add_source(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let customer = turn.customer(turn.place(0), "customer")?;
    let token = params.required_text("source")?;
    turn.gaps(params.leave(&["metadata", "validate"]));
    params.finish()?;
    let pick = Pick::of_token(turn, &token, "source")?;
    pick.check_attaching()?;
    turn.account
        .objects
        .tokens
        .change(&token, |token| token.is_used = true);
    let id = Arc::clone(&pick.make(turn).id);
    let method = attach_to(turn, &id, &customer.id);
    if customer.details.default_source.is_none() {
        let customers = &mut turn.account.objects.customers;
        customers.change(&customer.id, |customer| {
            customer.details.default_source = Some(Arc::clone(&id));
        });
    }
    turn.note(&id, None);
    let shown = method
        .as_deref()
        .and_then(|method| Some(legacy_card(method, method.card()?)));
    Ok(Reply::Value(shown.unwrap_or_default()))
}

fn sources(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let customer = turn.customer(turn.place(0), "customer")?;
    drop(params.leave(&["object", "limit"]));
    params.finish()?;
    let methods = turn
        .account
        .objects
        .payment_methods
        .under(term("customer", &customer.id));
    let theirs = methods.filter(|method| method.customer.as_ref() == Some(&customer.id));
    let cards: Vec<Value> = theirs
        .filter(|method| method.id.starts_with("card_"))
        .filter_map(|method| Some(legacy_card(method, method.card()?)))
        .collect();
    Ok(Reply::Value(json!({
        "object": "list",
        "data": cards,
        "has_more": false,
        "url": format!("/v1/customers/{}/sources", customer.id),
    })))
}
