//! Subscriptions: a saved card charged again and again (CloudPayments API, Recurrent payments).

use std::time::Duration;

use jiff::{Span, Timestamp, ToSpan as _};
use serde::Serialize;
use styk_core::Money;

use super::currencies;
use super::notifications::{self, Fields};
use super::params::Params;
use super::payments::{self, with_token};
use super::reply::{Outcome, Refusal, done, model};
use super::show::{iso, ticks};
use super::transaction::{Details, Kind, Source, Status as Ended, Transaction, number};
use super::turn::Turn;

/// After so many failures in a row nothing is tried any more.
const FAILURES_MAX: u32 = 3;

/// One subscription.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Subscription {
    pub(super) id: Box<str>,
    pub(super) account: Box<str>,
    #[serde(skip)]
    pub(super) token: Box<str>,
    pub(super) description: Box<str>,
    pub(super) email: Option<Box<str>>,
    pub(super) money: Money,
    pub(super) is_two_stage: bool,
    pub(super) start: Timestamp,
    pub(super) interval: Interval,
    pub(super) period: i64,
    pub(super) max_periods: Option<i64>,
    pub(super) culture: Option<Box<str>>,
    pub(super) receipt: Option<Box<str>>,
    pub(super) status: Status,
    pub(super) successes: u32,
    pub(super) failures: u32,
    /// Failures since the last success.
    pub(super) in_a_row: u32,
    pub(super) last: Option<Timestamp>,
    pub(super) next: Option<Timestamp>,
    /// Grows with every change of plan; what was planned before is void.
    pub(super) plan: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) enum Interval {
    Day,
    Week,
    Month,
}

/// Its state; the numbers of Cancelled and Active are documented, the others fill the gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) enum Status {
    Active,
    PastDue,
    Cancelled,
    Rejected,
    Expired,
}

impl Interval {
    fn read(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "day" => Some(Self::Day),
            "week" => Some(Self::Week),
            "month" => Some(Self::Month),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Day => "Day",
            Self::Week => "Week",
            Self::Month => "Month",
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Week => 0,
            Self::Month => 1,
            Self::Day => 2,
        }
    }

    /// The time so many intervals after another.
    fn after(self, time: Timestamp, count: i64) -> Option<Timestamp> {
        let count = i32::try_from(count).ok()?;
        let span: Option<Span> = match self {
            Self::Day => Span::new().try_days(count).ok(),
            Self::Week => Span::new().try_weeks(count).ok(),
            Self::Month => Span::new().try_months(count).ok(),
        };
        let utc = time.to_zoned(jiff::tz::TimeZone::UTC);
        Some(utc.checked_add(span?).ok()?.timestamp())
    }
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::PastDue => "PastDue",
            Self::Cancelled => "Cancelled",
            Self::Rejected => "Rejected",
            Self::Expired => "Expired",
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Active => 0,
            Self::PastDue => 1,
            Self::Cancelled => 3,
            Self::Rejected => 4,
            Self::Expired => 5,
        }
    }

    fn is_running(self) -> bool {
        matches!(self, Self::Active | Self::PastDue)
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown<'a> {
    id: &'a str,
    account_id: &'a str,
    description: &'a str,
    email: Option<&'a str>,
    amount: f64,
    currency_code: usize,
    currency: &'a str,
    require_confirmation: bool,
    start_date: String,
    start_date_iso: String,
    interval_code: u8,
    interval: &'static str,
    period: i64,
    max_periods: Option<i64>,
    culture_name: &'a str,
    status_code: u8,
    status: &'static str,
    successful_transactions_number: u32,
    failed_transactions_number: u32,
    last_transaction_date: Option<String>,
    last_transaction_date_iso: Option<String>,
    next_transaction_date: Option<String>,
    next_transaction_date_iso: Option<String>,
    receipt: Option<&'a str>,
    failover_scheme_id: Option<()>,
}

impl Subscription {
    fn shown(&self) -> Shown<'_> {
        Shown {
            id: &self.id,
            account_id: &self.account,
            description: &self.description,
            email: self.email.as_deref(),
            amount: number(self.money),
            currency_code: currencies::number(self.money.currency),
            currency: self.money.currency.code(),
            require_confirmation: self.is_two_stage,
            start_date: ticks(self.start),
            start_date_iso: iso(self.start),
            interval_code: self.interval.number(),
            interval: self.interval.name(),
            period: self.period,
            max_periods: self.max_periods,
            culture_name: self.culture.as_deref().unwrap_or("ru"),
            status_code: self.status.number(),
            status: self.status.name(),
            successful_transactions_number: self.successes,
            failed_transactions_number: self.failures,
            last_transaction_date: self.last.map(ticks),
            last_transaction_date_iso: self.last.map(iso),
            next_transaction_date: self.next.map(ticks),
            next_transaction_date_iso: self.next.map(iso),
            receipt: self.receipt.as_deref(),
            failover_scheme_id: None,
        }
    }

    /// What the Recurrent notification says.
    pub(super) fn tell(&self, fields: &mut Fields) {
        fields.put("Id", &*self.id);
        fields.put("AccountId", &*self.account);
        fields.put("Description", &*self.description);
        fields.may("Email", self.email.as_deref());
        fields.put("Amount", notifications::amount(self.money));
        fields.put("Currency", self.money.currency.code());
        fields.put(
            "RequireConfirmation",
            if self.is_two_stage { "1" } else { "0" },
        );
        fields.put("StartDate", notifications::time(self.start));
        fields.put("Interval", self.interval.name());
        fields.put("Period", self.period.to_string());
        fields.put("Status", self.status.name());
        fields.put("SuccessfulTransactionsNumber", self.successes.to_string());
        fields.put("FailedTransactionsNumber", self.failures.to_string());
        if let Some(max) = self.max_periods {
            fields.put("MaxPeriods", max.to_string());
        }
        if let Some(last) = self.last {
            fields.put("LastTransactionDate", notifications::time(last));
        }
        if let Some(next) = self.next {
            fields.put("NextTransactionDate", notifications::time(next));
        }
    }
}

fn positive(params: &Params, name: &str) -> Result<Option<i64>, Refusal> {
    match params.integer(name)? {
        Some(number) if !(1..=10_000).contains(&number) => Err(Refusal::invalid(name)),
        number => Ok(number),
    }
}

fn interval(params: &Params) -> Result<Option<Interval>, Refusal> {
    let Some(text) = params.text("Interval") else {
        return Ok(None);
    };
    let interval = Interval::read(&text);
    interval
        .map(Some)
        .ok_or_else(|| Refusal::invalid("Interval"))
}

/// `POST /subscriptions/create`.
pub(super) fn create(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let token = params.need_text("Token")?;
    let account = params.need_text("AccountId")?;
    let description = params.need_text("Description")?;
    params.need_text("Amount")?;
    params.need_text("Currency")?;
    let money = params.amount(params.currency()?)?;
    // An old SDK misspells it.
    let confirmation = params.flag("RequireConfirmation")?;
    let Some(is_two_stage) = confirmation.or(params.flag("RequireConfiramtion")?) else {
        return Err(Refusal::missing("RequireConfirmation"));
    };
    let start = params.need_time("StartDate")?;
    let interval = interval(params)?.ok_or_else(|| Refusal::missing("Interval"))?;
    let period = positive(params, "Period")?.ok_or_else(|| Refusal::missing("Period"))?;
    let max_periods = positive(params, "MaxPeriods")?;
    if start < turn.now() {
        return Err(Refusal::new("StartDate must be in the future"));
    }
    let saved = turn.terminal.tokens.get(&*token);
    if saved.is_none_or(|saved| *saved.account != *account) {
        return Err(Refusal::new("Token not found"));
    }
    let subscription = Subscription {
        id: "".into(),
        account: account.into(),
        token: token.into(),
        description: description.into(),
        email: params.kept("Email"),
        money,
        is_two_stage,
        start,
        interval,
        period,
        max_periods,
        culture: params.kept("CultureName"),
        receipt: params.json("CustomerReceipt"),
        status: Status::Active,
        successes: 0,
        failures: 0,
        in_a_row: 0,
        last: None,
        next: Some(start),
        plan: 0,
    };
    let id = open(turn, subscription);
    show(turn, &id)
}

/// Writes a subscription down and plans its first charge.
fn open(turn: &mut Turn<'_>, mut subscription: Subscription) -> Box<str> {
    let id: Box<str> = turn.terminal.ids.hex("sc_", 29).into();
    subscription.id.clone_from(&id);
    turn.terminal.subscriptions.insert(id.clone(), subscription);
    plan(turn, &id);
    id
}

/// The subscription that a payment asks for in its `JsonData`.
pub(super) fn from_payment(turn: &mut Turn<'_>, payment: &Transaction) {
    let Some(wish) = payments::recurrent(payment.details.data.as_deref()) else {
        return;
    };
    let text = |name: &str| {
        let found = wish.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    };
    let (Some(token), Some(account)) = (&payment.token, payment.account()) else {
        return;
    };
    let interval = text("interval").and_then(|text| Interval::read(&text));
    let Some(interval) = interval else { return };
    let period = text("period").and_then(|text| text.parse().ok());
    let period = period
        .filter(|period| (1..=10_000).contains(period))
        .unwrap_or(1);
    let Some(next) = interval.after(turn.now(), period) else {
        return;
    };
    let money = text("amount").and_then(|text| Money::parse(&text, payment.money.currency));
    let description = payment.details.description.clone().unwrap_or_default();
    let subscription = Subscription {
        id: "".into(),
        account: account.into(),
        token: token.clone(),
        description,
        email: payment.details.email.clone(),
        money: money
            .filter(|money| money.minor > 0)
            .unwrap_or(payment.money),
        is_two_stage: payment.is_two_stage,
        start: next,
        interval,
        period,
        max_periods: text("maxPeriods").and_then(|text| text.parse().ok()),
        culture: payment.details.culture.clone(),
        receipt: text("customerReceipt").map(Into::into),
        status: Status::Active,
        successes: 0,
        failures: 0,
        in_a_row: 0,
        last: None,
        next: Some(next),
        plan: 0,
    };
    let id = open(turn, subscription);
    if let Some(payment) = turn.terminal.get_mut(payment.id) {
        payment.subscription = Some(id);
    }
}

/// Has the next charge happen by itself when its time has come.
fn plan(turn: &mut Turn<'_>, id: &str) {
    let now = turn.now();
    let Some(subscription) = turn.terminal.subscriptions.get_mut(id) else {
        return;
    };
    subscription.plan += 1;
    let plan = subscription.plan;
    let Some(next) = subscription.next else {
        return;
    };
    let delay = Duration::try_from(next.duration_since(now)).unwrap_or_default();
    let id: Box<str> = id.into();
    turn.fake
        .later(&turn.terminal.public_id, delay, move |turn| {
            let planned = turn.terminal.subscriptions.get(&id);
            if planned.is_some_and(|planned| planned.plan == plan && planned.status.is_running()) {
                run(turn, &id);
            }
        });
}

/// Charges a subscription once; gives the transaction's number.
pub(super) fn run(turn: &mut Turn<'_>, id: &str) -> Option<i64> {
    let subscription = turn.terminal.subscriptions.get(id)?.clone();
    if !subscription.status.is_running() {
        return None;
    }
    let mut details = Details {
        account: Some(subscription.account.clone()),
        email: subscription.email.clone(),
        description: Some(subscription.description.clone()),
        culture: subscription.culture.clone(),
        ..Details::default()
    };
    details.order = turn.order_of(&details);
    let mut payment = Transaction::new(Kind::Payment, subscription.money, Source::Token, details);
    payment.subscription = Some(id.into());
    payment.is_two_stage = subscription.is_two_stage;
    let payment = with_token(turn, payment, &subscription.token, &subscription.account).ok()?;
    let transaction = payments::register(turn, payment);
    payments::decide(turn, transaction, None);
    let ended = turn.terminal.get(transaction)?;
    let is_paid = ended.status != Ended::Declined;
    charged(turn, id, is_paid);
    Some(transaction)
}

/// Counts a charge, and plans the next one.
fn charged(turn: &mut Turn<'_>, id: &str, is_paid: bool) {
    let now = turn.now();
    let Some(subscription) = turn.terminal.subscriptions.get_mut(id) else {
        return;
    };
    let before = subscription.status;
    subscription.last = Some(now);
    let base = subscription.next.unwrap_or(now).max(subscription.start);
    if is_paid {
        subscription.successes += 1;
        subscription.in_a_row = 0;
        let is_over = subscription
            .max_periods
            .is_some_and(|max| i64::from(subscription.successes) >= max);
        subscription.status = if is_over {
            Status::Expired
        } else {
            Status::Active
        };
        subscription.next = subscription.interval.after(base, subscription.period);
    } else {
        subscription.failures += 1;
        subscription.in_a_row += 1;
        let is_lost = subscription.in_a_row >= FAILURES_MAX;
        subscription.status = if is_lost {
            Status::Rejected
        } else {
            Status::PastDue
        };
        // It is tried again the next day (not documented).
        subscription.next = now.checked_add(24.hours()).ok();
    }
    if !subscription.status.is_running() {
        subscription.next = None;
    }
    let told = subscription.clone();
    if told.status != before {
        notifications::tell_of_subscription(turn, &told);
    }
    plan(turn, id);
}

fn show(turn: &Turn<'_>, id: &str) -> Outcome {
    let found = turn.terminal.subscriptions.get(id);
    let found = found.ok_or_else(Refusal::not_found)?;
    turn.note(id, None);
    Ok(model(true, &found.shown()))
}

/// `POST /subscriptions/get`.
pub(super) fn get(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    show(turn, &params.need_text("Id")?)
}

/// `POST /subscriptions/find`.
pub(super) fn find(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let account = params.need_text("AccountId")?;
    let all = turn.terminal.subscriptions.values();
    let found = all.filter(|one| *one.account == *account);
    let shown: Vec<_> = found.map(Subscription::shown).collect();
    Ok(model(true, &shown))
}

/// `POST /subscriptions/cancel`.
pub(super) fn cancel(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let id = params.need_text("Id")?;
    let found = turn.terminal.subscriptions.get_mut(&*id);
    let subscription = found.ok_or_else(Refusal::not_found)?;
    if subscription.status == Status::Cancelled {
        return Ok(done(None));
    }
    subscription.status = Status::Cancelled;
    subscription.next = None;
    let told = subscription.clone();
    turn.note(&id, None);
    notifications::tell_of_subscription(turn, &told);
    Ok(done(None))
}

/// `POST /subscriptions/update`. One that was over is active again; no notification tells of it.
pub(super) fn update(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let id = params.need_text("Id")?;
    let now = turn.now();
    let found = turn.terminal.subscriptions.get(&*id);
    let mut changed = found.ok_or_else(Refusal::not_found)?.clone();
    if params.text("Currency").is_some() {
        changed.money.currency = params.currency()?;
    }
    if params.text("Amount").is_some() {
        changed.money = params.amount(changed.money.currency)?;
    }
    if let Some(description) = params.kept("Description") {
        changed.description = description;
    }
    changed.is_two_stage = params
        .flag("RequireConfirmation")?
        .unwrap_or(changed.is_two_stage);
    changed.interval = interval(params)?.unwrap_or(changed.interval);
    changed.period = positive(params, "Period")?.unwrap_or(changed.period);
    changed.max_periods = positive(params, "MaxPeriods")?.or(changed.max_periods);
    changed.receipt = params.json("CustomerReceipt").or(changed.receipt);
    changed.culture = params.kept("CultureName").or(changed.culture);
    if let Some(start) = params.time("StartDate")? {
        if start < now {
            return Err(Refusal::new("StartDate must be in the future"));
        }
        changed.start = start;
        changed.next = Some(start);
    }
    if !changed.status.is_running() {
        changed.status = Status::Active;
        changed.in_a_row = 0;
        let next = changed.interval.after(now, changed.period);
        changed.next = changed.next.or(next);
    }
    turn.terminal
        .subscriptions
        .insert(changed.id.clone(), changed);
    plan(turn, &id);
    show(turn, &id)
}
