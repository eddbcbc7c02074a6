//! Early fraud warnings: a card network fears that a payment was not the payer's (Radar, Early fraud warnings).

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::error::StripeError;
use super::events::emit;
use super::list::list;
use super::object::{Id, Kind, Object, show};
use super::params::Params;
use super::reply::Reply;
use super::routes::{Endpoint, many, one};
use super::turn::Turn;
use crate::kit::Routes;

/// An early fraud warning.
#[derive(Clone, Debug)]
pub(super) struct EarlyFraudWarning {
    pub(super) id: Id,
    pub(super) created: i64,
    charge: Id,
    payment_intent: Option<Id>,
}

impl Object for EarlyFraudWarning {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }
}

impl Serialize for EarlyFraudWarning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        show!(serializer;
            "id": self.id,
            "object": "radar.early_fraud_warning",
            "actionable": true,
            "charge": self.charge,
            "created": self.created,
            "fraud_type": "made_with_stolen_card",
            "livemode": false,
            "payment_intent": self.payment_intent,
        )
    }
}

/// Warns of a charge.
pub(super) fn warn(turn: &mut Turn<'_>, charge: &str) {
    let Some(charge) = turn.account.objects.charges.get(charge).cloned() else {
        return;
    };
    let warning = EarlyFraudWarning {
        id: turn.account.new_id("issfr_"),
        created: turn.now,
        charge: Arc::clone(&charge.id),
        payment_intent: charge.payment_intent.clone(),
    };
    let warning = turn.account.objects.early_fraud_warnings.put(warning);
    emit(turn, "radar.early_fraud_warning.created", warning);
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    let kind = Kind::EarlyFraudWarning;
    routes
        .get("/v1/radar/early_fraud_warnings", many(kind, list_all))
        .get("/v1/radar/early_fraud_warnings/{id}", one(kind, retrieve))
}

fn retrieve(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    let id = turn.place(0);
    turn.note(id, None);
    let known = turn.account.objects.early_fraud_warnings.get(id).cloned();
    Ok(known
        .ok_or_else(|| StripeError::not_found(Kind::EarlyFraudWarning, id))?
        .into())
}

fn list_all(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let charge = params.text("charge")?;
    let intent = params.text("payment_intent")?;
    let warnings = &turn.account.objects.early_fraud_warnings;
    list(
        warnings,
        params,
        "/v1/radar/early_fraud_warnings",
        None,
        |warning| {
            charge
                .as_deref()
                .is_none_or(|charge| *warning.charge == *charge)
                && intent
                    .as_deref()
                    .is_none_or(|intent| warning.payment_intent.as_deref() == Some(intent))
        },
    )
}
