//! What happens to a payment after it was authorised: confirm, void, refund, and the bank's chargeback.

use serde::Serialize;
use styk_core::{Money, Movement};

use super::notifications::{self, Type};
use super::params::Params;
use super::reply::{Outcome, Refusal, done, model};
use super::terminal::Chargeback;
use super::transaction::{Details, Kind, Source, Status, Transaction};
use super::turn::Turn;

/// Payments older than this are not refunded, in days (CloudPayments API, Refund).
const REFUND_DAYS: i64 = 365;

/// A payment by `TransactionId`.
fn payment<'a>(turn: &'a Turn<'_>, params: &Params) -> Result<&'a Transaction, Refusal> {
    let id = params.need_integer("TransactionId")?;
    let found = turn.terminal.get(id).ok_or_else(Refusal::not_found)?;
    turn.note_transaction(found);
    if found.kind != Kind::Payment {
        return Err(Refusal::new(format!("Transaction {id} is not a payment")));
    }
    Ok(found)
}

fn wrong_state(payment: &Transaction) -> Refusal {
    Refusal::new(format!(
        "Transaction {} is {}",
        payment.id,
        payment.status.name()
    ))
}

/// `POST /payments/confirm`.
pub(super) fn confirm(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let mut payment = payment(turn, params)?.clone();
    let money = params.amount(payment.money.currency)?;
    if payment.status != Status::Authorized {
        return Err(wrong_state(&payment));
    }
    let rest = payment.money.minor - money.minor;
    if rest < 0 {
        return Err(Refusal::new("Amount is greater than the authorized amount"));
    }
    payment.money = money;
    payment.status = Status::Completed;
    payment.confirmed = Some(turn.now());
    if let Some(data) = params.json("JsonData") {
        payment.details.data = Some(data);
    }
    turn.book_whole(Movement::Captured, &payment);
    if rest > 0 {
        let rest = Money::new(rest, money.currency);
        let order = payment.details.order.as_deref();
        turn.book(Movement::Released, rest, payment.id, None, order);
    }
    replace(turn, &payment);
    notifications::tell(turn, Type::Confirm, &payment);
    Ok(done(None))
}

/// `POST /payments/void`.
pub(super) fn void(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let payment = payment(turn, params)?;
    if payment.status != Status::Authorized {
        return Err(wrong_state(payment));
    }
    let id = payment.id;
    cancel(turn, id);
    Ok(done(None))
}

/// Gives an authorisation back, when it still stands.
pub(super) fn cancel(turn: &mut Turn<'_>, id: i64) {
    let found = turn.terminal.get(id).cloned();
    let Some(mut payment) = found.filter(|payment| payment.status == Status::Authorized) else {
        return;
    };
    payment.status = Status::Cancelled;
    turn.book_whole(Movement::Released, &payment);
    replace(turn, &payment);
    notifications::tell(turn, Type::Cancel, &payment);
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Refunded {
    transaction_id: i64,
}

/// `POST /payments/refund`.
pub(super) fn refund(turn: &mut Turn<'_>, params: &Params) -> Outcome {
    let mut payment = payment(turn, params)?.clone();
    let money = params.amount(payment.money.currency)?;
    if payment.status != Status::Completed {
        return Err(wrong_state(&payment));
    }
    let age = turn.now().duration_since(payment.created).as_hours() / 24;
    if age > REFUND_DAYS {
        return Err(Refusal::new("The payment is older than a year"));
    }
    if payment.is_disputed {
        return Err(Refusal::new("The payment was charged back"));
    }
    if money.minor > payment.refundable() {
        return Err(Refusal::new(
            "Amount is greater than the amount available for refund",
        ));
    }
    let id = make_refund(turn, &mut payment, money, params);
    Ok(model(true, &Refunded { transaction_id: id }))
}

fn make_refund(
    turn: &mut Turn<'_>,
    payment: &mut Transaction,
    money: Money,
    params: &Params,
) -> i64 {
    let now = turn.now();
    let details = Details {
        data: params
            .json("JsonData")
            .or_else(|| payment.details.data.clone()),
        ..(*payment.details).clone()
    };
    let mut refund = Transaction::new(Kind::Refund, money, Source::Out, details);
    refund.status = Status::Completed;
    refund.original = Some(payment.id);
    refund.card.clone_from(&payment.card);
    refund.authorized = Some(now);
    refund.confirmed = Some(now);
    payment.refunded += money.minor;
    let id = turn.terminal.register(refund.clone(), now);
    refund.id = id;
    refund.created = now;
    let order = payment.details.order.as_deref();
    turn.book(Movement::Refunded, money, payment.id, Some(id), order);
    replace(turn, payment);
    notifications::tell(turn, Type::Refund, &refund);
    id
}

fn replace(turn: &mut Turn<'_>, payment: &Transaction) {
    if let Some(place) = turn.terminal.get_mut(payment.id) {
        *place = payment.clone();
    }
}

/// The payer's bank takes back what is left of a payment.
pub(super) fn charge_back(turn: &mut Turn<'_>, id: i64) -> Result<Chargeback, String> {
    let found = turn.terminal.get(id).cloned();
    let mut payment = found.ok_or_else(|| format!("there is no transaction `{id}`"))?;
    let is_taken = payment.kind == Kind::Payment && payment.status == Status::Completed;
    if !is_taken || payment.is_disputed || payment.refundable() == 0 {
        return Err(format!(
            "transaction {id} has nothing to be charged back: it must be a completed payment that was not given back"
        ));
    }
    payment.is_disputed = true;
    let money = Money::new(payment.refundable(), payment.money.currency);
    let chargeback = Chargeback {
        id: i64::try_from(turn.terminal.chargebacks.len()).unwrap_or(0) + 1,
        transaction: id,
        money,
        at: turn.now(),
    };
    let order = payment.details.order.as_deref();
    turn.book(Movement::Disputed, money, id, Some(chargeback.id), order);
    turn.terminal.chargebacks.push(chargeback.clone());
    replace(turn, &payment);
    Ok(chargeback)
}
