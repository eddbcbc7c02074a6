//! Looking at transactions, saved cards and chargebacks.

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;

use super::params::Params;
use super::reply::{Outcome, Refusal, model};
use super::show::{Shown, iso};
use super::transaction::{Kind, Transaction, number};
use super::turn::Turn;

/// How many a page has.
const PAGE: usize = 100;

/// `POST /payments/get`.
pub(super) fn get(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let id = params.need_integer("TransactionId")?;
    let found = turn.terminal.get(id).ok_or_else(Refusal::not_found)?;
    Ok(shown(turn, found))
}

/// `POST /payments/find`: the latest payment of an invoice.
pub(super) fn find(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let invoice = params.need_text("InvoiceId")?;
    let is_payment = |transaction: &&Transaction| transaction.kind == Kind::Payment;
    let found = turn.terminal.of_invoice(&invoice).find(is_payment);
    Ok(shown(turn, found.ok_or_else(Refusal::not_found)?))
}

/// `POST /v2/payments/find`: the latest operation of an invoice, refunds and payouts among them.
pub(super) fn find_any(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let invoice = params.need_text("InvoiceId")?;
    let found = turn.terminal.of_invoice(&invoice).next();
    Ok(shown(turn, found.ok_or_else(Refusal::not_found)?))
}

/// `Success` tells that it was found; what became of it is its `Status`.
fn shown(turn: &Turn<'_>, found: &Transaction) -> crate::kit::Answer {
    turn.note_transaction(found);
    let shown = Shown::of(found, &turn.terminal.public_id);
    model(true, &shown)
}

/// `POST /payments/list`: all operations of a day.
pub(super) fn list(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let day = params.need_day("Date")?;
    let zone = zone(params)?;
    let begin = |day: jiff::civil::Date| {
        let zoned = day.to_zoned(zone.clone()).ok()?;
        Some(zoned.timestamp())
    };
    let next = day.checked_add(1.day()).ok();
    let (Some(from), Some(to)) = (begin(day), next.and_then(begin)) else {
        return Err(Refusal::invalid("Date"));
    };
    let public_id = &turn.terminal.public_id;
    let found = turn.terminal.between(from, to);
    let all: Vec<_> = found.map(|one| Shown::of(one, public_id)).collect();
    Ok(model(true, &all))
}

/// `POST /v2/payments/list`: the operations of a time, in pages, oldest first.
pub(super) fn pages(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let (from, to) = span(params)?;
    let skip = page(params)?;
    zone(params)?;
    let wanted = params.texts("Statuses");
    const STATUSES: [&str; 5] = [
        "Authorized",
        "Completed",
        "Cancelled",
        "Declined",
        "AwaitingAuthentication",
    ];
    let is_known = |name: &String| {
        STATUSES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    if !wanted.iter().all(is_known) {
        return Err(Refusal::invalid("Statuses"));
    }
    let fits = |one: &&Transaction| {
        let name = one.status.name();
        wanted.is_empty()
            || wanted
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case(name))
    };
    let public_id = &turn.terminal.public_id;
    let found = turn.terminal.between(from, to).filter(fits);
    let page = found.skip(skip).take(PAGE);
    let page: Vec<_> = page.map(|one| Shown::of(one, public_id)).collect();
    Ok(model(true, &page))
}

/// `CreatedDateGte` and just behind `CreatedDateLte`.
fn span(params: &Params) -> Result<(Timestamp, Timestamp), Refusal> {
    let from = params.need_time("CreatedDateGte")?;
    let to = params.need_time("CreatedDateLte")?;
    // A day means all of it, a time its whole second.
    let is_day = params.need_text("CreatedDateLte")?.len() == 10;
    let seconds: i64 = if is_day { 86_400 } else { 1 };
    let behind = to.checked_add(seconds.seconds());
    let behind = behind.map_err(|_| Refusal::invalid("CreatedDateLte"))?;
    if to < from {
        return Err(Refusal::invalid("CreatedDateLte"));
    }
    Ok((from, behind))
}

/// How many come before the page.
fn page(params: &Params) -> Result<usize, Refusal> {
    let page = params.need_integer("PageNumber")?;
    let before = page
        .checked_sub(1)
        .and_then(|page| usize::try_from(page).ok());
    let skip = before.and_then(|before| before.checked_mul(PAGE));
    skip.ok_or_else(|| Refusal::invalid("PageNumber"))
}

/// `TimeZone`, as one of the provider's codes (CloudPayments API, Time zones).
fn zone(params: &Params) -> Result<TimeZone, Refusal> {
    const ZONES: [(&str, i8); 31] = [
        ("HST", -10),
        ("AKST", -9),
        ("PST", -8),
        ("MST", -7),
        ("CST", -6),
        ("EST", -5),
        ("AST", -4),
        ("BRT", -3),
        ("UTC", 0),
        ("GMT", 0),
        ("CET", 1),
        ("EET", 2),
        ("MSK", 3),
        ("AZT", 4),
        ("AMT", 4),
        ("SAMT", 4),
        ("GET", 4),
        ("TJT", 5),
        ("YEKT", 5),
        ("ALMT", 5),
        ("OMST", 6),
        ("NOVT", 7),
        ("KRAT", 7),
        ("HKT", 8),
        ("IRKT", 8),
        ("SGT", 8),
        ("ULAT", 8),
        ("YAKT", 9),
        ("VLAT", 10),
        ("SAKT", 11),
        ("ANAT", 12),
    ];
    let code = params.text("TimeZone").unwrap_or_else(|| "UTC".to_owned());
    let found = ZONES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(&code));
    match found {
        Some((_, hours)) => Ok(TimeZone::fixed(Offset::constant(*hours))),
        None => Err(Refusal::invalid("TimeZone")),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ShownToken<'a> {
    token: &'a str,
    account_id: &'a str,
    card_mask: String,
    expiration_date_month: u8,
    expiration_date_year: u16,
}

/// `POST /payments/tokens/list`.
pub(super) fn tokens(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let saved = turn.terminal.tokens.iter().skip(page(params)?).take(PAGE);
    let shown: Vec<_> = saved
        .map(|(token, saved)| ShownToken {
            token,
            account_id: &saved.account,
            card_mask: saved.details.mask(),
            expiration_date_month: saved.details.month,
            expiration_date_year: 2000 + u16::from(saved.details.year),
        })
        .collect();
    Ok(model(true, &shown))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ShownChargeback<'a> {
    charge_back_id: i64,
    terminal_url: &'static str,
    transaction_id: i64,
    amount: f64,
    currency: &'a str,
    #[serde(rename = "Type")]
    kind: &'static str,
    operation: &'static str,
    card: String,
    gateway: &'static str,
    date: String,
}

/// `POST /chargebacks/list`.
pub(super) fn chargebacks(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    const YEAR: i64 = 366 * 24;
    let (from, to) = span(params)?;
    if to.duration_since(from).as_hours() > YEAR {
        return Err(Refusal::new("The period must not be longer than a year"));
    }
    let all = turn.terminal.chargebacks.iter();
    let fitting = all.filter(|one| one.at >= from && one.at < to);
    let shown: Vec<_> = fitting
        .skip(page(params)?)
        .take(PAGE)
        .map(|one| {
            let payment = turn.terminal.get(one.transaction);
            let card = payment.and_then(|payment| payment.card.as_deref());
            ShownChargeback {
                charge_back_id: one.id,
                terminal_url: "http://cloudpayments.ru",
                transaction_id: one.transaction,
                amount: number(one.money),
                currency: one.money.currency.code(),
                kind: "Chargeback",
                operation: "Presentment",
                card: card.map(super::cards::Card::mask).unwrap_or_default(),
                gateway: super::show::GATEWAY,
                date: iso(one.at),
            }
        })
        .collect();
    Ok(model(true, &shown))
}
