//! Refunds (Refund and cancel payments).

use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};
use styk_core::{Currency, Money, Movement};

use super::balance::{self, Transfer};
use super::cards::Does;
use super::charges::{self, Charge, ChargeStatus};
use super::error::StripeError;
use super::events::{emit, emit_change};
use super::list::list;
use super::metadata::Metadata;
use super::money::{Lower, check_positive};
use super::object::{Id, Kind, NULL, Object};
use super::params::Params;
use super::reply::Reply;
use super::routes::{Endpoint, many, one};
use super::shelf::term;
use super::turn::{Booked, Turn};
use crate::kit::Routes;

/// How long a refund takes that does not succeed or fail at once.
const PENDING: Duration = Duration::from_secs(2);

/// A refund.
#[derive(Clone, Debug)]
pub(super) struct Refund {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) amount: i64,
    pub(super) currency: Currency,
    pub(super) charge: Id,
    pub(super) payment_intent: Option<Id>,
    pub(super) status: RefundStatus,
    pub(super) reason: Option<&'static str>,
    pub(super) metadata: Metadata,
    pub(super) balance_transaction: Option<Id>,
    pub(super) failure_balance_transaction: Option<Id>,
    pub(super) failure_reason: Option<&'static str>,
}

/// Where a refund stands. Refunds of cards know no more states than these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
}

impl Object for Refund {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn terms(&self, file: &mut dyn FnMut(u64)) {
        file(term("charge", &self.charge));
        if let Some(intent) = &self.payment_intent {
            file(term("payment_intent", intent));
        }
    }

    fn metadata(&self) -> Option<&Metadata> {
        Some(&self.metadata)
    }
}

#[derive(Serialize)]
struct Destination {
    card: DestinationCard,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct DestinationCard {
    reference_status: &'static str,
    reference_type: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl Serialize for Refund {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        macro_rules! entries {
            ($($key:literal: $value:expr),* $(,)?) => {
                $(map.serialize_entry($key, &$value)?;)*
            };
        }
        entries!(
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": self.balance_transaction,
            "charge": self.charge,
            "created": self.created,
            "currency": Lower(self.currency),
            "destination_details": Destination {
                card: DestinationCard {
                    reference_status: "pending",
                    reference_type: "acquirer_reference_number",
                    kind: if self.status == RefundStatus::Pending { "pending" } else { "refund" },
                },
                kind: "card",
            },
        );
        if let Some(transaction) = &self.failure_balance_transaction {
            map.serialize_entry("failure_balance_transaction", transaction)?;
        }
        if let Some(reason) = self.failure_reason {
            map.serialize_entry("failure_reason", reason)?;
        }
        entries!(
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
        );
        if self.status == RefundStatus::Pending {
            map.serialize_entry("pending_reason", "processing")?;
        }
        entries!(
            "reason": self.reason,
            "receipt_number": NULL,
            "source_transfer_reversal": NULL,
            "status": self.status,
            "transfer_reversal": NULL,
        );
        map.end()
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    let kind = Kind::Refund;
    routes
        .post("/v1/refunds", one(kind, create))
        .get("/v1/refunds", many(kind, list_all))
        .get("/v1/refunds/{id}", one(kind, retrieve))
        .post("/v1/refunds/{id}", one(kind, update))
        .post("/v1/refunds/{id}/cancel", one(kind, cancel))
        .post("/v1/test_helpers/refunds/{id}/expire", one(kind, expire))
}

/// The refund of the path.
fn addressed(turn: &Turn<'_>) -> Result<Arc<Refund>, StripeError> {
    let id = turn.place(0);
    let known = turn.account.objects.refunds.get(id).cloned();
    let refund = known.ok_or_else(|| StripeError::not_found(Kind::Refund, id))?;
    turn.note(&refund.id, order(turn, &refund).as_deref());
    Ok(refund)
}

/// The order of the payment that is given back.
fn order(turn: &Turn<'_>, refund: &Refund) -> Option<String> {
    let charge = turn.account.objects.charges.get(&refund.charge)?;
    charges::order(turn, charge)
}

/// The charge that a call wants refunded.
fn wanted(turn: &Turn<'_>, params: &mut Params) -> Result<Arc<Charge>, StripeError> {
    let objects = &turn.account.objects;
    let (charge, intent) = (params.text("charge")?, params.text("payment_intent")?);
    let missing = |id: &str| StripeError::no_such(Kind::Charge, id, "charge");
    let by_intent = match &intent {
        Some(id) => {
            let known = objects.payment_intents.get(id);
            let known = known
                .ok_or_else(|| StripeError::no_such(Kind::PaymentIntent, id, "payment_intent"))?;
            Some(known)
        }
        None => None,
    };
    let id = match (&charge, by_intent) {
        (Some(id), _) => id.as_str(),
        (None, Some(intent)) => intent.latest_charge.as_deref().ok_or_else(|| {
            StripeError::invalid(format!(
                "This PaymentIntent ({}) does not have a successful charge to refund.",
                intent.id
            ))
            .begun()
        })?,
        (None, None) => {
            let message = "One of the following params should be provided for this request: payment_intent or charge.";
            return Err(StripeError::invalid(message)
                .code("parameter_missing")
                .param("payment_intent"));
        }
    };
    let charge = objects
        .charges
        .get(id)
        .cloned()
        .ok_or_else(|| missing(id))?;
    let is_other =
        by_intent.is_some_and(|intent| charge.payment_intent.as_ref() != Some(&intent.id));
    if is_other {
        let message = "The charge does not belong to the payment_intent that you provided.";
        return Err(StripeError::invalid(message).param("charge"));
    }
    Ok(charge)
}

/// How much is given back, when that is possible.
fn amount_of(charge: &Charge, amount: Option<i64>) -> Result<i64, StripeError> {
    if let Some(amount) = amount {
        check_positive(amount, "amount")?;
    }
    let id = &charge.id;
    if charge.status != ChargeStatus::Succeeded {
        let message = match &charge.payment_intent {
            Some(intent) => format!(
                "This PaymentIntent ({intent}) does not have a successful charge to refund."
            ),
            None => format!("Charge {id} has no successful payment to refund."),
        };
        return Err(StripeError::invalid(message).begun());
    }
    if charge.is_disputed {
        let message = format!("Charge {id} has been charged back; cannot issue a refund.");
        return Err(StripeError::invalid(message)
            .code("charge_disputed")
            .begun());
    }
    if charge.is_refunded() {
        let message = format!("Charge {id} has already been refunded.");
        return Err(StripeError::invalid(message)
            .code("charge_already_refunded")
            .begun());
    }
    if !charge.is_captured {
        let message =
            format!("Charge {id} has not been captured; cancel its PaymentIntent instead.");
        return Err(StripeError::invalid(message).param("charge").begun());
    }
    let left = charge.refundable();
    let amount = amount.unwrap_or(left);
    if amount > left {
        let shown = |minor| Money::new(minor, charge.currency).decimal();
        let code = charge.currency.code().to_ascii_lowercase();
        let message = format!(
            "Refund amount ({} {code}) is greater than unrefunded amount on charge ({} {code})",
            shown(amount),
            shown(left)
        );
        return Err(StripeError::invalid(message).param("amount").begun());
    }
    Ok(amount)
}

fn create(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    const REASONS: &[(&str, &str)] = &[
        ("duplicate", "duplicate"),
        ("fraudulent", "fraudulent"),
        ("requested_by_customer", "requested_by_customer"),
    ];
    let amount = params.int("amount")?;
    let reason = params.choice("reason", REASONS)?;
    let metadata = Metadata::default().changed(&params.metadata()?)?;
    let charge = wanted(turn, &mut params)?;
    turn.gaps(params.leave(&[
        "currency",
        "customer",
        "instructions_email",
        "origin",
        "refund_application_fee",
        "reverse_transfer",
    ]));
    params.finish()?;
    let amount = amount_of(&charge, amount)?;
    let refund = Refund {
        id: turn.account.new_id("re_"),
        created: turn.now,
        amount,
        currency: charge.currency,
        charge: Arc::clone(&charge.id),
        payment_intent: charge.payment_intent.clone(),
        status: match charge.does() {
            Does::PendingRefund => RefundStatus::Pending,
            _ => RefundStatus::Succeeded,
        },
        reason,
        metadata,
        balance_transaction: None,
        failure_balance_transaction: None,
        failure_reason: None,
    };
    Ok(give_back(turn, &charge, refund).into())
}

/// Gives the money back.
fn give_back(turn: &mut Turn<'_>, charge: &Arc<Charge>, mut refund: Refund) -> Arc<Refund> {
    let money = Money::new(refund.amount, refund.currency);
    refund.balance_transaction = Some(move_money(turn, charge, &refund, -refund.amount, "refund"));
    book(turn, charge, Movement::Refunded, money, &refund.id);
    let refund = turn.account.objects.refunds.put(refund);
    let after = turn.account.objects.charges.change(&charge.id, |charge| {
        charge.amount_refunded += refund.amount;
    });
    turn.note(&refund.id, order(turn, &refund).as_deref());
    emit(turn, "refund.created", Arc::clone(&refund));
    if let Some(after) = after {
        emit_change(turn, "charge.refunded", charge, &after);
    }
    let id = Arc::clone(&refund.id);
    match charge.does() {
        Does::PendingRefund => turn.later(PENDING, move |turn| succeed(turn, &id)),
        Does::FailingRefund => turn.later(PENDING, move |turn| {
            if let Err(error) = fail(turn, &id, "unknown") {
                tracing::debug!(%error, "a refund that was to fail did not");
            }
        }),
        _ => {}
    }
    refund
}

/// A refund moves money in the same way as its charge: what is on its way stays so.
fn move_money(
    turn: &mut Turn<'_>,
    charge: &Charge,
    refund: &Refund,
    amount: i64,
    kind: &'static str,
) -> Id {
    let transactions = &turn.account.objects.balance_transactions;
    let paid = charge
        .balance_transaction
        .as_ref()
        .and_then(|id| transactions.get(id));
    let is_available = paid.is_some_and(|paid| paid.is_available);
    balance::transfer(
        turn,
        Transfer {
            amount: Money::new(amount, refund.currency),
            fee: 0,
            kind,
            source: &refund.id,
            is_available,
        },
    )
}

fn book(turn: &Turn<'_>, charge: &Charge, movement: Movement, amount: Money, refund: &Id) {
    let order = charges::order(turn, charge);
    turn.book(
        movement,
        amount,
        &Booked {
            payment: charge.payment(),
            act: Some(refund),
            order: order.as_deref(),
        },
    );
}

/// Changes a refund, with the two events that tell of it.
fn change(turn: &mut Turn<'_>, id: &str, change: impl FnOnce(&mut Refund)) -> Option<Arc<Refund>> {
    let before = Arc::clone(turn.account.objects.refunds.get(id)?);
    let after = turn.account.objects.refunds.change(id, change)?;
    emit_change(turn, "refund.updated", &before, &after);
    emit_change(turn, "charge.refund.updated", &before, &after);
    Some(after)
}

/// A pending refund succeeds.
fn succeed(turn: &mut Turn<'_>, id: &str) {
    let refunds = &turn.account.objects.refunds;
    if refunds
        .get(id)
        .is_some_and(|refund| refund.status == RefundStatus::Pending)
    {
        change(turn, id, |refund| refund.status = RefundStatus::Succeeded);
    }
}

/// A pending or succeeded refund fails: the money comes back to the shop. For cards whose refunds fail, and for
/// whoever asks for it.
pub(super) fn fail(
    turn: &mut Turn<'_>,
    id: &str,
    reason: &'static str,
) -> Result<Arc<Refund>, StripeError> {
    let missing = || StripeError::not_found(Kind::Refund, id);
    let refund = Arc::clone(turn.account.objects.refunds.get(id).ok_or_else(missing)?);
    if !matches!(
        refund.status,
        RefundStatus::Pending | RefundStatus::Succeeded
    ) {
        let message = format!("The refund {id} has failed already.");
        return Err(StripeError::invalid(message).begun());
    }
    let charge = turn
        .account
        .objects
        .charges
        .get(&refund.charge)
        .ok_or_else(missing)?;
    let charge = Arc::clone(charge);
    let transaction = move_money(turn, &charge, &refund, refund.amount, "refund_failure");
    let money = Money::new(refund.amount, refund.currency);
    book(turn, &charge, Movement::RefundReturned, money, &refund.id);
    turn.account
        .objects
        .charges
        .change(&charge.id, |charge| charge.amount_refunded -= refund.amount);
    let failed = change(turn, id, |refund| {
        refund.status = RefundStatus::Failed;
        refund.failure_reason = Some(reason);
        refund.failure_balance_transaction = Some(transaction);
    });
    let failed = failed.ok_or_else(missing)?;
    emit(turn, "refund.failed", Arc::clone(&failed));
    Ok(failed)
}

fn retrieve(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    let refund = addressed(turn)?;
    params.finish()?;
    Ok(refund.into())
}

fn update(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let refund = addressed(turn)?;
    let metadata = params.metadata()?;
    params.finish()?;
    let metadata = refund.metadata.changed(&metadata)?;
    let changed = change(turn, &refund.id, |refund| refund.metadata = metadata);
    Ok(changed.unwrap_or(refund).into())
}

fn cancel(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    let refund = addressed(turn)?;
    params.finish()?;
    let message = format!(
        "The refund {} cannot be canceled: only refunds with a status of requires_action can be, and card refunds never have it.",
        refund.id
    );
    Err(StripeError::invalid(message).begun())
}

fn expire(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    let refund = addressed(turn)?;
    params.finish()?;
    let message = format!(
        "The refund {} cannot expire: only refunds with a status of requires_action can, and card refunds never have it.",
        refund.id
    );
    Err(StripeError::invalid(message).begun())
}

fn list_all(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let charge = params.text("charge")?;
    let intent = params.text("payment_intent")?;
    let filed = match (&charge, &intent) {
        (Some(charge), _) => Some(term("charge", charge)),
        (None, Some(intent)) => Some(term("payment_intent", intent)),
        (None, None) => None,
    };
    list(
        &turn.account.objects.refunds,
        params,
        "/v1/refunds",
        filed,
        |refund| {
            charge
                .as_deref()
                .is_none_or(|charge| *refund.charge == *charge)
                && intent
                    .as_deref()
                    .is_none_or(|intent| refund.payment_intent.as_deref() == Some(intent))
        },
    )
}
