//! Charges: single tries to move money.

mod legacy;
mod show;

use std::sync::Arc;

use serde::Serialize;
use styk_core::{Currency, Money};

use super::balance::{self, Transfer};
use super::cards::{Decline, Does};
use super::contact::{Shipping, check_email};
use super::disputes;
use super::error::StripeError;
use super::events::emit_change;
use super::list::list;
use super::metadata::Metadata;
use super::object::{Field, Id, Kind, Object};
use super::params::{Given, Params};
use super::payment_intents::Extra;
use super::payment_methods::{Details, PaymentMethod};
use super::reply::Reply;
use super::routes::{Endpoint, many, one};
use super::search::search;
use super::shelf::term;
use super::turn::Turn;
use crate::kit::Routes;

/// A charge.
#[derive(Clone, Debug)]
pub(super) struct Charge {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) amount: i64,
    pub(super) amount_captured: i64,
    /// Given back by refunds.
    pub(super) amount_refunded: i64,
    /// Authorised, and given back untaken.
    pub(super) amount_released: i64,
    pub(super) currency: Currency,
    pub(super) status: ChargeStatus,
    pub(super) is_captured: bool,
    pub(super) is_disputed: bool,
    pub(super) payment_intent: Option<Id>,
    pub(super) customer: Option<Id>,
    /// The payment method as it was.
    pub(super) method: Arc<PaymentMethod>,
    pub(super) balance_transaction: Option<Id>,
    pub(super) failure_balance_transaction: Option<Id>,
    pub(super) description: Option<Arc<str>>,
    pub(super) metadata: Metadata,
    pub(super) receipt_email: Option<Arc<str>>,
    pub(super) shipping: Option<Arc<Shipping>>,
    /// Why it failed.
    pub(super) failure: Option<Arc<Failure>>,
    /// Whether the payer authenticated.
    pub(super) is_authenticated: bool,
    /// When an authorisation ends, in Unix seconds.
    pub(super) capture_before: Option<i64>,
    pub(super) dispute: Option<Id>,
    pub(super) extra: Option<Arc<Extra>>,
    pub(super) fraud_report: Option<&'static str>,
}

/// Where a charge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChargeStatus {
    Succeeded,
    Pending,
    Failed,
}

/// Why a charge failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) decline: &'static Decline,
    /// Stripe blocked it, the bank was not asked.
    pub(super) is_blocked: bool,
}

impl Charge {
    /// A charge that the bank has said yes to; not taken yet.
    pub(super) fn new(id: Id, created: i64, amount: Money, method: Arc<PaymentMethod>) -> Self {
        Self {
            id,
            created,
            amount: amount.minor,
            amount_captured: 0,
            amount_refunded: 0,
            amount_released: 0,
            currency: amount.currency,
            status: ChargeStatus::Succeeded,
            is_captured: false,
            is_disputed: false,
            payment_intent: None,
            customer: None,
            balance_transaction: None,
            failure_balance_transaction: None,
            description: None,
            metadata: Metadata::default(),
            receipt_email: None,
            shipping: None,
            method,
            failure: None,
            is_authenticated: false,
            capture_before: None,
            dispute: None,
            extra: None,
            fraud_report: None,
        }
    }

    /// What can still be given back.
    pub(super) fn refundable(&self) -> i64 {
        if self.is_captured {
            self.amount_captured - self.amount_refunded
        } else {
            0
        }
    }

    /// Whether all of it was given back, by refunds or untaken.
    pub(super) fn is_refunded(&self) -> bool {
        let all_back = self.is_captured && self.amount_refunded == self.amount_captured;
        self.status == ChargeStatus::Succeeded && (all_back || self.amount_released == self.amount)
    }

    /// The payment it belongs to in the books: its intent, or itself.
    pub(super) fn payment(&self) -> &Id {
        self.payment_intent.as_ref().unwrap_or(&self.id)
    }

    /// What its test card does.
    pub(super) fn does(&self) -> Does {
        match self.method.details {
            Details::Card(card) => card.test.does,
            Details::Debit(_) => Does::Pay,
        }
    }
}

impl Object for Charge {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn terms(&self, file: &mut dyn FnMut(u64)) {
        if let Some(intent) = &self.payment_intent {
            file(term("payment_intent", intent));
        }
        if let Some(customer) = &self.customer {
            file(term("customer", customer));
        }
        self.metadata.terms(file);
    }

    fn metadata(&self) -> Option<&Metadata> {
        Some(&self.metadata)
    }

    fn field(&self, name: &str) -> Field<'_> {
        match name {
            "amount" => Field::Number(self.amount),
            "created" => Field::Number(self.created),
            "currency" => Field::Currency(self.currency),
            "customer" => Field::text(self.customer.as_deref()),
            "disputed" => Field::Text(if self.is_disputed { "true" } else { "false" }),
            "refunded" => Field::Text(if self.is_refunded() { "true" } else { "false" }),
            _ => Field::Unknown,
        }
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    let kind = Kind::Charge;
    routes
        .post("/v1/charges", one(kind, legacy::create))
        .get("/v1/charges", many(kind, list_all))
        .get("/v1/charges/search", many(kind, find))
        .get("/v1/charges/{id}", one(kind, retrieve))
        .post("/v1/charges/{id}", one(kind, update))
        .post("/v1/charges/{id}/capture", one(kind, legacy::capture))
        .get("/v1/charges/{id}/refunds", many(Kind::Refund, refunds))
}

/// The charge of the path.
fn addressed(turn: &Turn<'_>) -> Result<Arc<Charge>, StripeError> {
    let id = turn.place(0);
    let known = turn.account.objects.charges.get(id).cloned();
    let charge = known.ok_or_else(|| StripeError::not_found(Kind::Charge, id))?;
    turn.note(&charge.id, order(turn, &charge).as_deref());
    Ok(charge)
}

/// The shop's order.
pub(super) fn order(turn: &Turn<'_>, charge: &Charge) -> Option<String> {
    turn.order(&charge.metadata, charge.description.as_deref())
}

fn retrieve(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    let charge = addressed(turn)?;
    params.finish()?;
    Ok(charge.into())
}

fn update(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    const REPORTS: &[(&str, &str)] = &[("safe", "safe"), ("fraudulent", "fraudulent")];
    let before = addressed(turn)?;
    let mut after = Charge::clone(&before);
    let email = params.given_text("receipt_email")?;
    if let Given::Set(email) = &email {
        check_email(Some(email), "receipt_email")?;
    }
    email.map(Arc::from).apply(&mut after.receipt_email);
    params
        .given_text("description")?
        .map(Arc::from)
        .apply(&mut after.description);
    Shipping::given(&mut params)?.apply(&mut after.shipping);
    if let Some(mut fraud) = params.hash("fraud_details")? {
        let report = fraud.given_choice("user_report", REPORTS)?;
        report.apply(&mut after.fraud_report);
        fraud.finish()?;
    }
    let customer = params.text("customer")?;
    if let Some(customer) = customer {
        after.customer = Some(Arc::clone(&turn.customer(&customer, "customer")?.id));
    }
    let metadata = params.metadata()?;
    turn.gaps(params.leave(&["transfer_group"]));
    params.finish()?;
    after.metadata = after.metadata.changed(&metadata)?;
    let after = turn.account.objects.charges.put(after);
    emit_change(turn, "charge.updated", &before, &after);
    Ok(after.into())
}

fn list_all(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let customer = params.text("customer")?;
    let intent = params.text("payment_intent")?;
    let group = params.text("transfer_group")?;
    let filed = match (&intent, &customer) {
        (Some(intent), _) => Some(term("payment_intent", intent)),
        (None, Some(customer)) => Some(term("customer", customer)),
        (None, None) => None,
    };
    let fits =
        |wanted: &Option<String>, is: Option<&str>| wanted.is_none() || wanted.as_deref() == is;
    list(
        &turn.account.objects.charges,
        params,
        "/v1/charges",
        filed,
        |charge| {
            let of_group = charge
                .extra
                .as_deref()
                .and_then(|extra| extra.transfer_group.as_deref());
            fits(&intent, charge.payment_intent.as_deref())
                && fits(&customer, charge.customer.as_deref())
                && fits(&group, of_group)
        },
    )
}

fn find(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    search(&turn.account.objects.charges, params, "/v1/charges/search")
}

fn refunds(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    let charge = addressed(turn)?;
    let url = format!("/v1/charges/{}/refunds", charge.id);
    let filed = Some(term("charge", &charge.id));
    list(
        &turn.account.objects.refunds,
        params,
        &url,
        filed,
        |refund| refund.charge == charge.id,
    )
}

/// Writes what a captured charge brings into the balance.
pub(super) fn settle(turn: &mut Turn<'_>, id: &str) -> Option<Arc<Charge>> {
    let charge = Arc::clone(turn.account.objects.charges.get(id)?);
    let amount = charge.amount_captured;
    let transaction = balance::transfer(
        turn,
        Transfer {
            amount: Money::new(amount, charge.currency),
            // The usual European and American price: 2.9 % and 30 cents.
            fee: (amount * 29 + 500) / 1000 + 30,
            kind: "charge",
            source: &charge.id,
            is_available: charge.does() == Does::BypassPending,
        },
    );
    let charges = &mut turn.account.objects.charges;
    charges.change(id, |charge| charge.balance_transaction = Some(transaction))
}

/// What test cards have in store for after a charge.
pub(super) fn aftermath(turn: &mut Turn<'_>, id: &str) {
    let Some(charge) = turn.account.objects.charges.get(id).cloned() else {
        return;
    };
    if let Does::Dispute(dispute) = charge.does() {
        disputes::after_charge(turn, &charge, dispute);
    }
}
