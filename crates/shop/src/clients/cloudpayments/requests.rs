//! What we send to CloudPayments.

use serde::Serialize;

use super::super::{Charge, RefundOrder, Trouble};
use crate::money::{Currency, Money};

/// Marks, in `JsonData`, payments on a page: a declined card there is not the end, because the page takes another.
pub(super) const PAGE: &str = "page";

/// A cryptogram that is charged at once.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NewCharge<'a> {
    amount: Money,
    currency: Currency,
    ip_address: &'a str,
    card_cryptogram_packet: &'a str,
    invoice_id: &'a str,
    description: &'a str,
    json_data: Facts<'a>,
}

impl<'a> NewCharge<'a> {
    pub(super) fn of(charge: &'a Charge, cryptogram: &'a str) -> Self {
        /// For buyers of whom we do not know where they are.
        const NOWHERE: &str = "127.0.0.1";
        Self {
            amount: charge.amount,
            currency: charge.amount.currency,
            ip_address: charge.ip.as_deref().unwrap_or(NOWHERE),
            card_cryptogram_packet: cryptogram,
            invoice_id: &charge.payment_id,
            description: &charge.description,
            json_data: Facts::of(charge, None),
        }
    }
}

/// An order with a page on which the buyer pays.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NewOrder<'a> {
    amount: Money,
    currency: Currency,
    description: &'a str,
    require_confirmation: bool,
    send_email: bool,
    invoice_id: &'a str,
    success_redirect_url: &'a str,
    fail_redirect_url: &'a str,
    json_data: Facts<'a>,
}

impl<'a> NewOrder<'a> {
    pub(super) fn of(charge: &'a Charge) -> Self {
        Self {
            amount: charge.amount,
            currency: charge.amount.currency,
            description: &charge.description,
            require_confirmation: false,
            send_email: false,
            invoice_id: &charge.payment_id,
            success_redirect_url: &charge.return_url,
            fail_redirect_url: &charge.return_url,
            json_data: Facts::of(charge, Some(PAGE)),
        }
    }
}

/// What comes back to us with everything about a payment.
#[derive(Serialize)]
struct Facts<'a> {
    order_id: &'a str,
    payment_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow: Option<&'static str>,
}

impl<'a> Facts<'a> {
    fn of(charge: &'a Charge, flow: Option<&'static str>) -> Self {
        Self {
            order_id: &charge.order_id,
            payment_id: &charge.payment_id,
            flow,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NewRefund<'a> {
    transaction_id: i64,
    amount: Money,
    json_data: RefundFacts<'a>,
}

#[derive(Serialize)]
struct RefundFacts<'a> {
    order_id: &'a str,
    refund_id: &'a str,
}

impl<'a> NewRefund<'a> {
    pub(super) fn of(payment: TransactionOnly, order: &'a RefundOrder) -> Self {
        Self {
            transaction_id: payment.transaction_id,
            amount: order.amount,
            json_data: RefundFacts {
                order_id: &order.order_id,
                refund_id: &order.refund_id,
            },
        }
    }
}

/// The number of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TransactionOnly {
    pub(super) transaction_id: i64,
}

impl TransactionOnly {
    pub(super) fn of(provider_id: &str) -> Result<Self, Trouble> {
        let number = provider_id.parse();
        number
            .map(|transaction_id| Self { transaction_id })
            .map_err(|_| Trouble::BadAnswer(format!("{provider_id:?} is no transaction")))
    }
}

/// What the payer's bank said.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tell3ds<'a> {
    transaction_id: i64,
    pa_res: &'a str,
}

impl<'a> Tell3ds<'a> {
    pub(super) fn of(provider_id: &str, pa_res: &'a str) -> Result<Self, Trouble> {
        let TransactionOnly { transaction_id } = TransactionOnly::of(provider_id)?;
        Ok(Self {
            transaction_id,
            pa_res,
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Find<'a> {
    pub(super) invoice_id: &'a str,
}
