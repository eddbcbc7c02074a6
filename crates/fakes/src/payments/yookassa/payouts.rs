//! Payouts, and what belongs to them: banks, personal data, safe deals.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use styk_core::{Money, Movement};

use super::error::Problem;
use super::{Handler, Turn, cards, list, read, show};
use crate::kit::{Movements, Routes};

/// A payout needs this long.
const PAYOUT_TIME: Duration = Duration::from_secs(1);

/// Money paid out.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Payout {
    id: String,
    amount: Money,
    status: &'static str,
    destination: Value,
    created_at: Timestamp,
    succeeded_at: Option<Timestamp>,
    description: Option<String>,
    metadata: Vec<(String, String)>,
    canceled_by: Option<(&'static str, &'static str)>,
}

/// A safe deal.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Deal {
    id: String,
    fee_moment: String,
    created_at: Timestamp,
    description: Option<String>,
    metadata: Vec<(String, String)>,
}

pub(super) fn routes(routes: Routes<Handler>) -> Routes<Handler> {
    routes
        .post("/v3/payouts", Handler::Api(create))
        .get("/v3/payouts", Handler::Api(all))
        .get("/v3/payouts/search", Handler::Api(all))
        .get("/v3/payouts/{id}", Handler::Api(one))
        .get("/v3/sbp_banks", Handler::Api(banks))
        .post("/v3/personal_data", Handler::Api(keep_person))
        .get("/v3/personal_data/{id}", Handler::Api(person))
        .post("/v3/deals", Handler::Api(open_deal))
        .get("/v3/deals", Handler::Api(deals))
        .get("/v3/deals/{id}", Handler::Api(deal))
}

fn shown(payout: &Payout) -> Value {
    let mut shown = json!({
        "id": payout.id,
        "amount": show::money(payout.amount),
        "status": payout.status,
        "payout_destination": payout.destination,
        "created_at": show::time(payout.created_at),
        "metadata": show::metadata(&payout.metadata),
        "test": true,
    });
    if let Some(description) = &payout.description {
        shown["description"] = description.as_str().into();
    }
    if let Some(at) = payout.succeeded_at {
        shown["succeeded_at"] = show::time(at).into();
    }
    if let Some(by) = payout.canceled_by {
        shown["cancellation_details"] = show::cancellation(by);
    }
    shown
}

fn create(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let body = std::mem::take(&mut turn.body);
    let amount = read::amount(body.get("amount"), "amount")?;
    let (destination, declined) = destination(&body)?;
    let id = format!("po-{}", turn.shop.new_id());
    let payout = Payout {
        id: id.clone(),
        amount,
        status: "pending",
        destination,
        created_at: turn.yookassa.ground.clock.now(),
        succeeded_at: None,
        description: read::text(&body, "description", 128)?,
        metadata: read::metadata(&body)?,
        canceled_by: None,
    };
    turn.note(&id, None);
    let value = shown(&payout);
    turn.shop.payouts.insert(id.clone(), payout);
    let credential = turn.shop.credential.clone();
    turn.yookassa
        .later(PAYOUT_TIME, credential, id, move |yookassa, shop, id| {
            let now = yookassa.ground.clock.now();
            let account = format!("shop {}", shop.id);
            let Some(payout) = shop
                .payouts
                .get_mut(id)
                .filter(|payout| payout.status == "pending")
            else {
                return;
            };
            let event = match declined {
                Some(by) => {
                    payout.status = "canceled";
                    payout.canceled_by = Some(by);
                    "payout.canceled"
                }
                None => {
                    payout.status = "succeeded";
                    payout.succeeded_at = Some(now);
                    "payout.succeeded"
                }
            };
            let payout = payout.clone();
            if payout.status == "succeeded" {
                yookassa.ground.book_money(&Movements {
                    account: &account,
                    movement: Movement::PaidOut,
                    amount: payout.amount,
                    payment: &payout.id,
                    act: None,
                    order: None,
                    call: None,
                });
            }
            yookassa.tell(shop, event, id, None, &shown(&payout), None);
        });
    Ok(value)
}

type Decline = Option<(&'static str, &'static str)>;

/// Where a payout goes, as it is shown, and whether it will be declined.
fn destination(body: &serde_json::Map<String, Value>) -> Result<(Value, Decline), Problem> {
    let place = "payout_destination_data";
    if body.get("payout_token").is_some() || body.get("payment_method_id").is_some() {
        return Ok((
            json!({"type": "bank_card", "card": {"last4": "4444"}}),
            None,
        ));
    }
    let data = body.get(place).and_then(Value::as_object);
    let data = data.ok_or_else(|| Problem::parameter(place, format!("{place} isn't specified")))?;
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "bank_card" => {
            let number = data
                .get("card")
                .and_then(|card| card.get("number")?.as_str())
                .unwrap_or_default();
            if !(14..=19).contains(&number.len())
                || !number.bytes().all(|byte| byte.is_ascii_digit())
            {
                return Err(Problem::parameter(
                    format!("{place}.card.number"),
                    "Invalid number",
                ));
            }
            let declined = match cards::outcome(number) {
                cards::Outcome::Declined(_, reason) => Some(("payout_network", reason)),
                cards::Outcome::Pays | cards::Outcome::Asks => None,
            };
            let shown = json!({
                "first6": number.get(..6),
                "last4": number.get(number.len() - 4..),
                "card_type": cards::scheme(number),
                "issuer_country": "RU",
                "issuer_name": "Test Bank",
            });
            Ok((json!({"type": "bank_card", "card": shown}), declined))
        }
        "yoo_money" if !text("account_number").is_empty() => Ok((
            json!({"type": "yoo_money", "account_number": text("account_number")}),
            None,
        )),
        "sbp" if !text("phone").is_empty() && !text("bank_id").is_empty() => {
            let shown = json!({"type": "sbp", "phone": text("phone"), "bank_id": text("bank_id"), "recipient_checked": false});
            Ok((shown, None))
        }
        _ => Err(Problem::parameter(
            format!("{place}.type"),
            "The payout destination isn't complete",
        )),
    }
}

fn one(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let id = turn.call.map_or("", |call| call.parameter(0));
    let payout = turn.shop.payouts.get(id);
    payout
        .map(shown)
        .ok_or_else(|| Problem::not_found("Payout", id))
}

fn all(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let query = list::Query::read(turn.call, &["created_at", "succeeded_at", "status"])?;
    let payouts = turn.shop.payouts.values().rev();
    list::page(
        &query,
        payouts,
        |payout| &payout.id,
        |payout| {
            query.is_within("created_at", Some(payout.created_at))
                && query.is_within("succeeded_at", payout.succeeded_at)
                && query.is("status", Some(payout.status))
        },
        shown,
    )
}

fn banks(_: &mut Turn<'_>) -> Result<Value, Problem> {
    let bank = |id: &str, name: &str, bic: &str| json!({"bank_id": id, "name": name, "bic": bic});
    let banks = [
        bank("100000000111", "Сбербанк", "044525225"),
        bank("100000000004", "Т-Банк", "044525974"),
        bank("100000000008", "Альфа-Банк", "044525593"),
    ];
    Ok(json!({"type": "list", "items": banks}))
}

fn keep_person(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let kind = read::text(&turn.body, "type", 64)?;
    let kind = kind.ok_or_else(|| Problem::parameter("type", "type isn't specified"))?;
    let id = format!("pd-{}", turn.shop.new_id());
    let now = turn.yookassa.ground.clock.now();
    // Names and documents are taken in and not given back.
    let person = json!({
        "id": id,
        "type": kind,
        "status": "active",
        "created_at": show::time(now),
        "metadata": show::metadata(&read::metadata(&turn.body)?),
    });
    turn.shop.personal_data.insert(id, person.clone());
    Ok(person)
}

fn person(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let id = turn.call.map_or("", |call| call.parameter(0));
    let person = turn.shop.personal_data.get(id).cloned();
    person.ok_or_else(|| Problem::not_found("Personal data", id))
}

fn shown_deal(deal: &Deal) -> Value {
    json!({
        "type": "safe_deal",
        "id": deal.id,
        "fee_moment": deal.fee_moment,
        "description": deal.description,
        "balance": {"value": "0.00", "currency": "RUB"},
        "payout_balance": {"value": "0.00", "currency": "RUB"},
        "status": "opened",
        "created_at": show::time(deal.created_at),
        "metadata": show::metadata(&deal.metadata),
        "test": true,
    })
}

fn open_deal(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    if read::text(&turn.body, "type", 32)?.as_deref() != Some("safe_deal") {
        return Err(Problem::parameter("type", "type must be safe_deal"));
    }
    let fee_moment = read::text(&turn.body, "fee_moment", 32)?;
    let fee_moment =
        fee_moment.filter(|moment| ["payment_succeeded", "deal_closed"].contains(&moment.as_str()));
    let deal = Deal {
        id: format!("dl-{}", turn.shop.new_id()),
        fee_moment: fee_moment
            .ok_or_else(|| Problem::parameter("fee_moment", "fee_moment isn't known"))?,
        created_at: turn.yookassa.ground.clock.now(),
        description: read::text(&turn.body, "description", 128)?,
        metadata: read::metadata(&turn.body)?,
    };
    let value = shown_deal(&deal);
    turn.shop.deals.insert(deal.id.clone(), deal);
    Ok(value)
}

fn deal(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let id = turn.call.map_or("", |call| call.parameter(0));
    let deal = turn.shop.deals.get(id);
    deal.map(shown_deal)
        .ok_or_else(|| Problem::not_found("Deal", id))
}

fn deals(turn: &mut Turn<'_>) -> Result<Value, Problem> {
    let query = list::Query::read(turn.call, &["created_at", "status"])?;
    let deals = turn.shop.deals.values().rev();
    list::page(
        &query,
        deals,
        |deal| &deal.id,
        |deal| {
            query.is_within("created_at", Some(deal.created_at))
                && query.is("status", Some("opened"))
        },
        shown_deal,
    )
}
