//! Orders: a payment that waits on a page of its own (CloudPayments API, Orders).

use jiff::Timestamp;
use serde::Serialize;
use styk_core::Money;

use super::currencies;
use super::params::Params;
use super::payments;
use super::reply::{Outcome, Refusal, done, model};
use super::show::{iso, ticks};
use super::terminal::Terminal;
use super::transaction::{Details, number};
use super::turn::Turn;

/// One order.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Order {
    pub(super) id: Box<str>,
    pub(super) number: u32,
    pub(super) money: Money,
    pub(super) is_two_stage: bool,
    pub(super) phone: Option<Box<str>>,
    pub(super) created: Timestamp,
    pub(super) paid: Option<Timestamp>,
    pub(super) status: Status,
    pub(super) success_url: Option<Box<str>>,
    pub(super) fail_url: Option<Box<str>>,
    pub(super) details: Details,
}

/// Its state; only the number of Created is documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) enum Status {
    Created,
    Paid,
    Cancelled,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown<'a> {
    id: &'a str,
    number: u32,
    amount: f64,
    currency: &'a str,
    currency_code: usize,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    description: Option<&'a str>,
    require_confirmation: bool,
    url: String,
    culture_name: &'a str,
    created_date: String,
    created_date_iso: String,
    payment_date: Option<String>,
    payment_date_iso: Option<String>,
    status_code: u8,
    status: &'static str,
    internal_id: u32,
}

/// `POST /orders/create`.
pub(super) fn create(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let money = params.amount(params.currency()?)?;
    params.need_text("Description")?;
    let is_two_stage = params.flag("RequireConfirmation")?.unwrap_or(false);
    for name in ["SendEmail", "SendSms", "SendViber"] {
        params.flag(name)?;
    }
    if params.flag("SendEmail")? == Some(true) && params.text("Email").is_none() {
        return Err(Refusal::missing("Email"));
    }
    let behaviour = params.text("SubscriptionBehavior");
    let known = ["CreateWeekly", "CreateMonthly"];
    if let Some(behaviour) = &behaviour
        && !known
            .iter()
            .any(|known| known.eq_ignore_ascii_case(behaviour))
    {
        return Err(Refusal::invalid("SubscriptionBehavior"));
    }
    if let (Some(_), Some(call)) = (behaviour, turn.call) {
        call.gap("SubscriptionBehavior of an order creates no subscription");
    }
    for name in ["SuccessRedirectUrl", "FailRedirectUrl"] {
        if params
            .text(name)
            .is_some_and(|text| url::Url::parse(&text).is_err())
        {
            return Err(Refusal::invalid(name));
        }
    }
    let number = u32::try_from(turn.terminal.orders.len()).unwrap_or(u32::MAX) + 1;
    let order = Order {
        id: turn.terminal.ids.alphanumeric("", 16).into(),
        number,
        money,
        is_two_stage,
        phone: params.kept("Phone"),
        created: turn.now(),
        paid: None,
        status: Status::Created,
        success_url: params.kept("SuccessRedirectUrl"),
        fail_url: params.kept("FailRedirectUrl"),
        details: payments::details(turn, params)?,
    };
    turn.note(&order.id, order.details.order.as_deref());
    let answer = model(true, &shown(turn, &order));
    turn.terminal.orders.insert(order.id.clone(), order);
    Ok(answer)
}

fn shown<'a>(turn: &Turn<'_>, order: &'a Order) -> Shown<'a> {
    Shown {
        id: &order.id,
        number: order.number,
        amount: number(order.money),
        currency: order.money.currency.code(),
        currency_code: currencies::number(order.money.currency),
        email: order.details.email.as_deref(),
        phone: order.phone.as_deref(),
        description: order.details.description.as_deref(),
        require_confirmation: order.is_two_stage,
        url: turn.fake.ground.address(&format!("/d/{}", order.id)),
        culture_name: order.details.culture.as_deref().unwrap_or("ru-RU"),
        created_date: ticks(order.created),
        created_date_iso: iso(order.created),
        payment_date: order.paid.map(ticks),
        payment_date_iso: order.paid.map(iso),
        status_code: order.status as u8,
        status: match order.status {
            Status::Created => "Created",
            Status::Paid => "Paid",
            Status::Cancelled => "Cancelled",
        },
        internal_id: order.number,
    }
}

/// `POST /orders/cancel`.
pub(super) fn cancel(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let id = params.need_text("Id")?;
    let order = turn.terminal.orders.get_mut(&*id);
    let order = order.ok_or_else(Refusal::not_found)?;
    if order.status == Status::Paid {
        return Err(Refusal::new("The order is paid already"));
    }
    order.status = Status::Cancelled;
    turn.note(&id, None);
    Ok(done(None))
}

/// Whether it can be paid.
pub(super) fn is_open(terminal: &Terminal, id: &str) -> bool {
    let order = terminal.orders.get(id);
    order.is_some_and(|order| order.status == Status::Created)
}

/// It was paid.
pub(super) fn paid(turn: &mut Turn<'_>, id: &str) {
    let now = turn.now();
    if let Some(order) = turn.terminal.orders.get_mut(id) {
        order.status = Status::Paid;
        order.paid = Some(now);
    }
}
