//! Charges as they are answered.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Charge, ChargeStatus, Failure};
use crate::payments::stripe::money::Lower;
use crate::payments::stripe::object::{Empty, NULL, show};
use crate::payments::stripe::payment_methods::{Card, Details, fingerprint};
use crate::payments::stripe::tokens::legacy_card;

#[derive(Serialize)]
struct Outcome {
    advice_code: Option<&'static str>,
    network_advice_code: Option<()>,
    network_decline_code: Option<()>,
    network_status: &'static str,
    reason: Option<&'static str>,
    risk_level: &'static str,
    risk_score: u8,
    seller_message: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct FraudDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_report: Option<&'static str>,
}

#[derive(Serialize)]
struct Status {
    status: &'static str,
}

#[derive(Serialize)]
struct NetworkToken {
    used: bool,
}

#[derive(Serialize)]
struct Overcapture {
    maximum_amount_capturable: i64,
    status: &'static str,
}

#[derive(Serialize)]
struct ThreeDSecure {
    authentication_flow: &'static str,
    electronic_commerce_indicator: &'static str,
    exemption_indicator: Option<()>,
    result: &'static str,
    result_reason: Option<()>,
    version: &'static str,
}

/// `payment_method_details`.
struct MethodDetails<'a>(&'a Charge);

/// `payment_method_details.card`.
struct CardDetails<'a>(&'a Charge, &'a Card);

#[derive(Serialize)]
struct DebitDetails<'a> {
    bank_code: &'a str,
    country: &'static str,
    fingerprint: String,
    last4: &'a str,
    mandate: Option<()>,
}

impl Charge {
    fn outcome(&self) -> Option<Outcome> {
        let card = self.method.card().map(|card| card.test);
        let risk_level = card.map_or("normal", |card| card.risk());
        let (status, kind, reason, message) = match (self.status, self.failure.as_deref()) {
            (ChargeStatus::Pending, _) => return None,
            (
                _,
                Some(Failure {
                    is_blocked: true, ..
                }),
            ) => (
                "not_sent_to_network",
                "blocked",
                Some("highest_risk_level"),
                "Stripe blocked this payment as too risky.",
            ),
            (_, Some(failure)) => (
                "declined_by_network",
                "issuer_declined",
                Some(failure.decline.decline_code.unwrap_or(failure.decline.code)),
                "The bank did not return any further details with this decline.",
            ),
            (_, None) => (
                "approved_by_network",
                "authorized",
                (risk_level == "elevated").then_some("elevated_risk_level"),
                "Payment complete.",
            ),
        };
        Some(Outcome {
            advice_code: None,
            network_advice_code: None,
            network_decline_code: None,
            network_status: status,
            reason,
            risk_level,
            risk_score: match risk_level {
                "highest" => 90,
                "elevated" => 70,
                _ => 20,
            },
            seller_message: message,
            kind,
        })
    }
}

impl Charge {
    /// The card of a charge that was made without an intent (Stripe API, Charges: `source`).
    fn source(&self) -> Option<Value> {
        let is_legacy = self.payment_intent.is_none();
        let card = self.method.card().filter(|_| is_legacy)?;
        Some(legacy_card(&self.method, card))
    }
}

impl Serialize for Charge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let extra = self.extra.as_deref();
        let descriptor = extra.and_then(|extra| extra.statement_descriptor.as_deref());
        let failure = self.failure.as_deref().map(|failure| failure.decline);
        let is_paid = self.status == ChargeStatus::Succeeded;
        show!(serializer;
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": self.amount_captured,
            "amount_refunded": self.amount_refunded + self.amount_released,
            "application": NULL,
            "application_fee": NULL,
            "application_fee_amount": extra.and_then(|extra| extra.application_fee_amount),
            "balance_transaction": self.balance_transaction,
            "billing_details": self.method.billing(),
            "calculated_statement_descriptor": descriptor.unwrap_or("STYK"),
            "captured": self.is_captured,
            "created": self.created,
            "currency": Lower(self.currency),
            "customer": self.customer,
            "description": self.description,
            "destination": NULL,
            "dispute": self.dispute,
            "disputed": self.is_disputed,
            "failure_balance_transaction": self.failure_balance_transaction,
            "failure_code": failure.map(|failure| failure.code),
            "failure_message": failure.map(|failure| failure.message),
            "fraud_details": FraudDetails { user_report: self.fraud_report },
            "livemode": false,
            "metadata": self.metadata,
            "on_behalf_of": extra.and_then(|extra| extra.on_behalf_of.as_deref()),
            "order": NULL,
            "outcome": self.outcome(),
            "paid": is_paid,
            "payment_intent": self.payment_intent,
            "payment_method": self.method.id,
            "payment_method_details": MethodDetails(self),
            "radar_options": Empty {},
            "receipt_email": self.receipt_email,
            "receipt_number": NULL,
            "receipt_url": is_paid.then(|| format!("https://pay.stripe.com/receipts/payment/{}", self.id)),
            "refunded": self.is_refunded(),
            "review": NULL,
            "shipping": self.shipping,
            "source": self.source(),
            "source_transfer": NULL,
            "statement_descriptor": descriptor,
            "statement_descriptor_suffix": extra
                .and_then(|extra| extra.statement_descriptor_suffix.as_deref()),
            "status": self.status,
            "transfer_data": NULL,
            "transfer_group": extra.and_then(|extra| extra.transfer_group.as_deref()),
        )
    }
}

impl Serialize for MethodDetails<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0.method.details {
            Details::Card(card) => show!(serializer;
                "card": CardDetails(self.0, card),
                "type": "card",
            ),
            Details::Debit(debit) => show!(serializer;
                "sepa_debit": DebitDetails {
                    bank_code: debit.iban.get(4..9).unwrap_or_default(),
                    country: debit.country,
                    fingerprint: fingerprint(debit.iban),
                    last4: debit.iban.get(debit.iban.len().saturating_sub(4)..).unwrap_or_default(),
                    mandate: None,
                },
                "type": "sepa_debit",
            ),
        }
    }
}

impl Serialize for CardDetails<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let Self(charge, card) = *self;
        let test = card.test;
        let has_answer = charge.failure.is_none();
        let mut map = serializer.serialize_map(None)?;
        macro_rules! entries {
            ($($key:literal: $value:expr),* $(,)?) => {
                $(map.serialize_entry($key, &$value)?;)*
            };
        }
        entries!(
            "amount_authorized": has_answer.then_some(charge.amount),
            "authorization_code": has_answer.then(|| fingerprint(&charge.id).get(..6).map(str::to_owned)),
            "brand": test.brand.word(),
        );
        if let Some(before) = charge.capture_before {
            map.serialize_entry("capture_before", &before)?;
        }
        entries!(
            "checks": charge.method.checks(),
            "country": test.country,
            "exp_month": card.exp_month,
            "exp_year": card.exp_year,
            "extended_authorization": Status { status: "disabled" },
            "fingerprint": fingerprint(test.number),
            "funding": test.funding,
            "incremental_authorization": Status { status: "unavailable" },
            "installments": NULL,
            "last4": test.last4(),
            "mandate": NULL,
            "multicapture": Status { status: "unavailable" },
            "network": test.brand.word(),
            "network_token": NetworkToken { used: false },
            "network_transaction_id": fingerprint(&charge.id),
            "overcapture": Overcapture {
                maximum_amount_capturable: charge.amount,
                status: "unavailable",
            },
            "regulated_status": "unregulated",
            "three_d_secure": charge.is_authenticated.then_some(ThreeDSecure {
                authentication_flow: "challenge",
                electronic_commerce_indicator: "05",
                exemption_indicator: None,
                result: "authenticated",
                result_reason: None,
                version: "2.2.0",
            }),
            "wallet": NULL,
        );
        map.end()
    }
}
