//! A payment as the API shows it.

use jiff::Timestamp;
use serde::Serialize;

use super::store::Payment;
use crate::money::{Currency, Money};

/// One attempt to pay an order.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PaymentView {
    pub(crate) id: String,
    pub(crate) order_id: String,
    /// The word for clients: `pending`, `succeeded`, `failed`, `cancelled`, `refunded`.
    pub(crate) status: &'static str,
    pub(crate) amount: Money,
    pub(crate) currency: Currency,
    pub(crate) refunded: Money,
    pub(crate) confirmation_url: Option<String>,
    pub(crate) provider: String,
    pub(crate) failure_code: Option<String>,
    pub(crate) created_at: Timestamp,
}

impl From<&Payment> for PaymentView {
    fn from(payment: &Payment) -> Self {
        Self {
            id: payment.id.clone(),
            order_id: payment.order_id.clone(),
            status: payment.state.word(),
            amount: payment.amount,
            currency: payment.amount.currency,
            refunded: payment.refunded,
            confirmation_url: payment.confirmation_url.clone(),
            provider: payment.provider.clone(),
            failure_code: payment.failure_code.clone(),
            created_at: payment.created_at,
        }
    }
}
