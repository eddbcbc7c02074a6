//! Disputes: the payer's bank takes the money back (Disputes; Testing, Disputes).

use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};
use styk_core::{Currency, Money, Movement};

use super::balance::{self, BalanceTransaction, Transfer};
use super::cards;
use super::charges::{self, Charge};
use super::error::StripeError;
use super::events::{emit, emit_change};
use super::fraud;
use super::list::list;
use super::metadata::Metadata;
use super::money::Lower;
use super::object::{Id, Kind, Object, show};
use super::params::Params;
use super::reply::Reply;
use super::routes::{Endpoint, many, one};
use super::shelf::term;
use super::turn::{Booked, Turn};
use crate::kit::Routes;

/// How long a bank takes here, to dispute and to decide.
const SOON: Duration = Duration::from_millis(500);
/// What Stripe takes for a dispute, in minor units.
const FEE: i64 = 1500;
/// How long the shop may answer, in seconds.
const TO_ANSWER: i64 = 9 * 24 * 60 * 60;

/// What the shop can say; every key is shown.
const EVIDENCE: [&str; 27] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

/// A dispute, or the bank's question before one.
#[derive(Clone, Debug)]
pub(super) struct Dispute {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) amount: i64,
    currency: Currency,
    pub(super) charge: Id,
    pub(super) payment_intent: Option<Id>,
    reason: &'static str,
    pub(super) status: Status,
    evidence: Vec<(&'static str, String)>,
    submissions: i64,
    transactions: Vec<Arc<BalanceTransaction>>,
    metadata: Metadata,
    brand: &'static str,
}

/// Where a dispute stands; the first three are a bank's question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    WarningNeedsResponse,
    WarningUnderReview,
    WarningClosed,
    NeedsResponse,
    UnderReview,
    Won,
    Lost,
}

impl Status {
    fn is_closed(self) -> bool {
        matches!(self, Self::WarningClosed | Self::Won | Self::Lost)
    }

    fn is_question(self) -> bool {
        matches!(
            self,
            Self::WarningNeedsResponse | Self::WarningUnderReview | Self::WarningClosed
        )
    }
}

impl Object for Dispute {
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

struct Evidence<'a>(&'a [(&'static str, String)]);

impl Serialize for Evidence<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let said = |name: &str| self.0.iter().find(|(known, _)| *known == name);
        let all = EVIDENCE.iter();
        serializer.collect_map(all.map(|name| (name, said(name).map(|(_, text)| text))))
    }
}

#[derive(Serialize)]
struct EvidenceDetails {
    due_by: i64,
    has_evidence: bool,
    past_due: bool,
    submission_count: i64,
}

#[derive(Serialize)]
struct MethodDetails {
    card: CardDetails,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct CardDetails {
    brand: &'static str,
    case_type: &'static str,
    network_reason_code: &'static str,
}

impl Serialize for Dispute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_question = self.status.is_question();
        show!(serializer;
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "balance_transactions": self.transactions,
            "charge": self.charge,
            "created": self.created,
            "currency": Lower(self.currency),
            "enhanced_eligibility_types": [(); 0],
            "evidence": Evidence(&self.evidence),
            "evidence_details": EvidenceDetails {
                due_by: self.created + TO_ANSWER,
                has_evidence: !self.evidence.is_empty(),
                past_due: false,
                submission_count: self.submissions,
            },
            "is_charge_refundable": is_question,
            "livemode": false,
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "payment_method_details": MethodDetails {
                card: CardDetails {
                    brand: self.brand,
                    case_type: if is_question { "inquiry" } else { "chargeback" },
                    network_reason_code: "10",
                },
                kind: "card",
            },
            "reason": self.reason,
            "status": self.status,
        )
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    let kind = Kind::Dispute;
    routes
        .get("/v1/disputes", many(kind, list_all))
        .get("/v1/disputes/{id}", one(kind, retrieve))
        .post("/v1/disputes/{id}", one(kind, update))
        .post("/v1/disputes/{id}/close", one(kind, close))
}

/// Has the bank dispute a charge a little later, as its test card says.
pub(super) fn after_charge(turn: &mut Turn<'_>, charge: &Charge, dispute: cards::Dispute) {
    let id = Arc::clone(&charge.id);
    turn.later(SOON, move |turn| match dispute {
        cards::Dispute::Reason(reason) => {
            open(turn, &id, reason, None, Status::NeedsResponse);
        }
        cards::Dispute::Inquiry => {
            open(turn, &id, "fraudulent", None, Status::WarningNeedsResponse);
        }
        cards::Dispute::Warning => fraud::warn(turn, &id),
        cards::Dispute::Multiple => {
            let half = turn
                .account
                .objects
                .charges
                .get(&id)
                .map(|charge| charge.amount / 2);
            for _ in 0..2 {
                open(turn, &id, "fraudulent", half, Status::NeedsResponse);
            }
        }
    });
}

/// The bank disputes a charge (all of it unless an amount is given). `None` when there is nothing to dispute.
pub(super) fn open(
    turn: &mut Turn<'_>,
    charge: &str,
    reason: &'static str,
    amount: Option<i64>,
    status: Status,
) -> Option<Arc<Dispute>> {
    let charge = Arc::clone(turn.account.objects.charges.get(charge)?);
    let left = charge.refundable();
    let amount = amount.map_or(left, |amount| amount.min(left));
    if amount <= 0 {
        return None;
    }
    let mut dispute = Dispute {
        id: turn.account.new_id("dp_"),
        created: turn.now,
        amount,
        currency: charge.currency,
        charge: Arc::clone(&charge.id),
        payment_intent: charge.payment_intent.clone(),
        reason,
        status,
        evidence: Vec::new(),
        submissions: 0,
        transactions: Vec::new(),
        metadata: Metadata::default(),
        brand: charge
            .method
            .card()
            .map_or("visa", |card| card.test.brand.word()),
    };
    let is_dispute = !status.is_question();
    if is_dispute {
        dispute
            .transactions
            .extend(move_money(turn, &dispute, -amount, FEE));
        book(turn, &charge, Movement::Disputed, &dispute);
    }
    let dispute = turn.account.objects.disputes.put(dispute);
    turn.account.objects.charges.change(&charge.id, |charge| {
        charge.is_disputed |= is_dispute;
        charge.dispute = Some(Arc::clone(&dispute.id));
    });
    emit(turn, "charge.dispute.created", Arc::clone(&dispute));
    if is_dispute {
        emit(turn, "charge.dispute.funds_withdrawn", Arc::clone(&dispute));
    }
    Some(dispute)
}

fn move_money(
    turn: &mut Turn<'_>,
    dispute: &Dispute,
    amount: i64,
    fee: i64,
) -> Option<Arc<BalanceTransaction>> {
    let id = balance::transfer(
        turn,
        Transfer {
            amount: Money::new(amount, dispute.currency),
            fee,
            kind: "adjustment",
            source: &dispute.id,
            is_available: true,
        },
    );
    turn.account.objects.balance_transactions.get(&id).cloned()
}

fn book(turn: &Turn<'_>, charge: &Charge, movement: Movement, dispute: &Dispute) {
    let order = charges::order(turn, charge);
    let amount = Money::new(dispute.amount, dispute.currency);
    turn.book(
        movement,
        amount,
        &Booked {
            payment: charge.payment(),
            act: Some(&dispute.id),
            order: order.as_deref(),
        },
    );
}

/// The bank has decided, or the shop has given in.
pub(super) fn decide(turn: &mut Turn<'_>, id: &str, is_won: bool) -> Option<Arc<Dispute>> {
    let dispute = Arc::clone(turn.account.objects.disputes.get(id)?);
    if dispute.status.is_closed() {
        return None;
    }
    let is_question = dispute.status.is_question();
    let status = match (is_question, is_won) {
        (true, _) => Status::WarningClosed,
        (false, true) => Status::Won,
        (false, false) => Status::Lost,
    };
    let back = if status == Status::Won {
        let charge = turn.account.objects.charges.get(&dispute.charge).cloned();
        if let Some(charge) = charge {
            book(turn, &charge, Movement::DisputeWon, &dispute);
        }
        move_money(turn, &dispute, dispute.amount, 0)
    } else {
        None
    };
    let closed = turn.account.objects.disputes.change(id, |dispute| {
        dispute.status = status;
        dispute.transactions.extend(back);
    })?;
    emit_change(turn, "charge.dispute.closed", &dispute, &closed);
    if status == Status::Won {
        emit(turn, "charge.dispute.funds_reinstated", Arc::clone(&closed));
    }
    Some(closed)
}

fn addressed(turn: &Turn<'_>) -> Result<Arc<Dispute>, StripeError> {
    let id = turn.place(0);
    let known = turn.account.objects.disputes.get(id).cloned();
    let dispute = known.ok_or_else(|| StripeError::not_found(Kind::Dispute, id))?;
    let charge = turn.account.objects.charges.get(&dispute.charge);
    let order = charge.and_then(|charge| charges::order(turn, charge));
    turn.note(id, order.as_deref());
    Ok(dispute)
}

fn retrieve(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    Ok(addressed(turn)?.into())
}

fn update(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let before = addressed(turn)?;
    let mut after = Dispute::clone(&before);
    let mut is_said = false;
    if let Some(mut evidence) = params.hash("evidence")? {
        for name in EVIDENCE {
            if evidence.has(name) {
                is_said = true;
                after.evidence.retain(|(known, _)| *known != name);
                let text = evidence.text(name)?;
                after.evidence.extend(text.map(|text| (name, text)));
            }
        }
        turn.gaps(evidence.leave(&["enhanced_evidence"]));
        evidence.finish()?;
    }
    let submit = params.flag("submit")?;
    after.metadata = after.metadata.changed(&params.metadata()?)?;
    params.finish()?;
    let is_submitted = submit.unwrap_or(is_said);
    if before.status.is_closed() && (is_said || is_submitted) {
        let message = "This dispute is already closed.";
        return Err(StripeError::invalid(message).begun());
    }
    if is_submitted {
        after.submissions += 1;
        after.status = if after.status.is_question() {
            Status::WarningUnderReview
        } else {
            Status::UnderReview
        };
    }
    let after = turn.account.objects.disputes.put(after);
    emit_change(turn, "charge.dispute.updated", &before, &after);
    if is_submitted {
        await_decision(turn, &after);
    }
    Ok(after.into())
}

/// Test evidence decides by its words; a bank that reads anything else does not answer.
fn await_decision(turn: &Turn<'_>, dispute: &Dispute) {
    let says = |word: &str| dispute.evidence.iter().any(|(_, text)| text.contains(word));
    let is_won = says("winning_evidence");
    if is_won || says("losing_evidence") {
        let id = Arc::clone(&dispute.id);
        turn.later(SOON, move |turn| drop(decide(turn, &id, is_won)));
    }
}

fn close(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    let dispute = addressed(turn)?;
    params.finish()?;
    let closed = decide(turn, &dispute.id, false);
    let error = || StripeError::invalid("This dispute is already closed.").begun();
    closed.map(Reply::from).ok_or_else(error)
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
        &turn.account.objects.disputes,
        params,
        "/v1/disputes",
        filed,
        |dispute| {
            charge
                .as_deref()
                .is_none_or(|charge| *dispute.charge == *charge)
                && intent
                    .as_deref()
                    .is_none_or(|intent| dispute.payment_intent.as_deref() == Some(intent))
        },
    )
}
