//! The shop's money at Stripe, and every movement of it.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use styk_core::{Currency, Money};

use super::account::{Account, Funds};
use super::error::StripeError;
use super::list::list;
use super::money::Lower;
use super::object::{Id, Kind, NULL, Object, show};
use super::params::Params;
use super::reply::Reply;
use super::routes::{Endpoint, many, one, other};
use super::turn::Turn;
use crate::kit::Routes;

/// How long money is on its way, in seconds.
const PENDING: i64 = 7 * 24 * 60 * 60;

/// A movement of money.
#[derive(Clone, Debug)]
pub(super) struct BalanceTransaction {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) available_on: i64,
    pub(super) amount: i64,
    pub(super) fee: i64,
    pub(super) currency: Currency,
    pub(super) kind: &'static str,
    pub(super) source: Id,
    pub(super) is_available: bool,
}

#[derive(Serialize)]
struct FeeDetail {
    amount: i64,
    application: Option<()>,
    currency: Lower,
    description: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl Object for BalanceTransaction {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Serialize for BalanceTransaction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fees = (self.fee != 0).then_some(FeeDetail {
            amount: self.fee,
            application: None,
            currency: Lower(self.currency),
            description: if self.kind == "adjustment" {
                "Dispute fee"
            } else {
                "Stripe processing fees"
            },
            kind: "stripe_fee",
        });
        show!(serializer;
            "id": self.id,
            "object": "balance_transaction",
            "amount": self.amount,
            "available_on": self.available_on,
            "balance_type": "payments",
            "created": self.created,
            "currency": Lower(self.currency),
            "description": NULL,
            "exchange_rate": NULL,
            "fee": self.fee,
            "fee_details": fees.as_slice(),
            "net": self.amount - self.fee,
            "reporting_category": match self.kind {
                "adjustment" => "dispute",
                "refund_failure" => "refund_failure",
                kind => kind,
            },
            "source": self.source,
            "status": if self.is_available { "available" } else { "pending" },
            "type": self.kind,
        )
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    let kind = Kind::BalanceTransaction;
    routes
        .get("/v1/balance", other(retrieve_balance))
        .get("/v1/balance_transactions", many(kind, list_all))
        .get("/v1/balance_transactions/{id}", one(kind, retrieve))
        .get("/v1/balance/history", many(kind, list_all))
        .get("/v1/balance/history/{id}", one(kind, retrieve))
}

fn retrieve_balance(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    mature(turn.account, turn.now);
    let funds = |amount: fn(&Funds) -> i64| -> Vec<Value> {
        let usd = "USD"
            .parse()
            .ok()
            .map(|usd: Currency| (usd, Funds::default()));
        let known = turn
            .account
            .balance
            .iter()
            .map(|(currency, funds)| (*currency, *funds));
        let none = usd.filter(|_| turn.account.balance.is_empty());
        let all = known.chain(none);
        all.map(|(currency, funds)| {
            json!({
                "amount": amount(&funds),
                "currency": Lower(currency),
                "source_types": {"card": amount(&funds)},
            })
        })
        .collect()
    };
    Ok(Reply::Value(json!({
        "object": "balance",
        "available": funds(|funds| funds.available),
        "livemode": false,
        "pending": funds(|funds| funds.pending),
        "refund_and_dispute_prefunding": {"available": [], "pending": []},
    })))
}

fn retrieve(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    mature(turn.account, turn.now);
    let id = turn.place(0);
    turn.note(id, None);
    let known = turn.account.objects.balance_transactions.get(id).cloned();
    let known = known.ok_or_else(|| StripeError::not_found(Kind::BalanceTransaction, id))?;
    Ok(known.into())
}

fn list_all(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    mature(turn.account, turn.now);
    let kind = params.text("type")?;
    let source = params.text("source")?;
    let currency = params.text("currency")?;
    turn.gaps(params.leave(&["payout", "available_on"]));
    let transactions = &turn.account.objects.balance_transactions;
    let of_source: Vec<Id> = match &source {
        Some(source) => of(turn.account, source),
        None => Vec::new(),
    };
    list(
        transactions,
        params,
        "/v1/balance_transactions",
        None,
        |transaction| {
            (source.is_none() || of_source.contains(&transaction.id))
                && kind.as_deref().is_none_or(|kind| transaction.kind == kind)
                && currency
                    .as_deref()
                    .is_none_or(|code| transaction.currency.code().eq_ignore_ascii_case(code))
        },
    )
}

/// The movements that an object has made: a charge or refund names its own.
fn of(account: &Account, source: &str) -> Vec<Id> {
    let transactions = account.objects.balance_transactions.iter();
    let theirs = transactions.filter(|transaction| *transaction.source == *source);
    theirs
        .map(|transaction| Arc::clone(&transaction.id))
        .collect()
}

/// A movement to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transfer<'a> {
    /// How much; negative when it leaves the shop.
    pub(super) amount: Money,
    /// What Stripe takes for it.
    pub(super) fee: i64,
    /// `charge`, `refund`, `adjustment`, `refund_failure`, …
    pub(super) kind: &'static str,
    /// The charge, refund or dispute.
    pub(super) source: &'a Id,
    /// Whether the money is available at once.
    pub(super) is_available: bool,
}

/// Writes a movement and changes the balance; gives the movement's id.
pub(super) fn transfer(turn: &mut Turn<'_>, transfer: Transfer<'_>) -> Id {
    let Money { minor, currency } = transfer.amount;
    let id = turn.account.new_id("txn_");
    let wait = if transfer.is_available { 0 } else { PENDING };
    let funds = turn.account.balance.entry(currency).or_default();
    let net = minor - transfer.fee;
    if transfer.is_available {
        funds.available += net;
    } else {
        funds.pending += net;
    }
    turn.account
        .objects
        .balance_transactions
        .put(BalanceTransaction {
            id: Arc::clone(&id),
            created: turn.now,
            available_on: turn.now + wait,
            amount: minor,
            fee: transfer.fee,
            currency,
            kind: transfer.kind,
            source: Arc::clone(transfer.source),
            is_available: transfer.is_available,
        });
    id
}

/// Money that has been on its way long enough is there. Movements mature in the order they were made, so those that
/// have are not looked at again.
fn mature(account: &mut Account, now: i64) {
    loop {
        let place = account.matured;
        let Some(transaction) = account.objects.balance_transactions.at(place) else {
            return;
        };
        if transaction.available_on > now {
            return;
        }
        let transaction = Arc::clone(transaction);
        account.matured += 1;
        if transaction.is_available {
            continue;
        }
        let net = transaction.amount - transaction.fee;
        let funds = account.balance.entry(transaction.currency).or_default();
        funds.pending -= net;
        funds.available += net;
        let transactions = &mut account.objects.balance_transactions;
        transactions.change(&transaction.id, |transaction| {
            transaction.is_available = true;
        });
    }
}
