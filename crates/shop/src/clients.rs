//! The outside world as the shop sees it: traits for what it needs, adapters that know a provider's words.
//!
//! Every call gives an [`Outcome`]: *done*, *refused* by the provider's explicit word, or *unknown*. Nothing outside
//! an adapter knows a provider's paths, fields, units or status words.

mod amount;
mod caller;
mod generic;
mod mail;
mod outcome;
mod payment;
mod shipping;
mod webhook;

use std::sync::Arc;

pub(crate) use self::amount::ClaimedAmount;
pub(crate) use self::caller::ClientError;
pub(crate) use self::mail::{Letter, Mailer};
pub(crate) use self::outcome::{Outcome, Refusal, Trouble, switched_off, until_known};
pub(crate) use self::payment::{
    Charge, Decline, PaymentGateway, PaymentReport, PaymentWord, RefundOrder, RefundReport,
    RefundWord,
};
pub(crate) use self::shipping::{
    Carrier, Parcel, Quote, QuoteRequest, Recipient, ShipmentOrder, ShipmentReport, ShipmentWord,
};
pub(crate) use self::webhook::{Event, Happening, Hook, Rejected};

use self::caller::Caller;
use crate::config::Config;
use crate::telemetry::{Scope, Telemetry};

/// The chosen adapters.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    pub(crate) payments: Arc<dyn PaymentGateway>,
    pub(crate) shipping: Arc<dyn Carrier>,
    pub(crate) mail: Arc<dyn Mailer>,
}

impl Clients {
    /// The adapters that `config` asks for; they share one pool of connections.
    pub(crate) fn new(config: &Config, telemetry: &Telemetry) -> Result<Self, ClientError> {
        let http = caller::http_client(config)?;
        let caller = |service: &crate::config::Service, scope| {
            Caller::new(http.clone(), service, scope, telemetry.clone())
        };
        Ok(Self {
            payments: Arc::new(generic::Payments::new(caller(
                &config.payment_service,
                Scope::Payments,
            ))),
            shipping: Arc::new(generic::Shipping::new(caller(
                &config.shipping_service,
                Scope::Shipping,
            ))),
            mail: Arc::new(generic::Mail::new(caller(
                &config.email_service,
                Scope::Notifications,
            ))),
        })
    }
}
