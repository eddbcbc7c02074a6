//! The outside world as the shop sees it: traits for what it needs, adapters that know a provider's words.
//!
//! Every call gives an [`Outcome`]: *done*, *refused* by the provider's explicit word, or *unknown*. Nothing outside
//! an adapter knows a provider's paths, fields, units or status words.

mod amount;
mod call;
mod caller;
mod cloudpayments;
mod generic;
mod mac;
mod mail;
mod outcome;
mod payment;
mod shipping;
mod stripe;
mod webhook;
mod yookassa;

use std::sync::Arc;

pub(crate) use self::amount::ClaimedAmount;
pub(crate) use self::caller::ClientError;
pub(crate) use self::mail::{Letter, Mailer};
pub(crate) use self::outcome::{Outcome, Refusal, Trouble, switched_off, until_known};
pub(crate) use self::payment::{
    Admission, Challenge, Charge, Decline, PaymentGateway, PaymentRef, PaymentReport, PaymentWord,
    RefundOrder, RefundReport, RefundWord,
};
pub(crate) use self::shipping::{
    Carrier, Parcel, Quote, QuoteRequest, Recipient, ShipmentOrder, ShipmentReport, ShipmentWord,
};
pub(crate) use self::webhook::{Event, Happening, Hook, Rejected};

use http::HeaderName;

use self::caller::{Caller, Manner};
use crate::config::{Config, PaymentProvider, Profile, Service};
use crate::telemetry::{Scope, Telemetry};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

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
        let named = |base: &url::Url, manner: Manner| {
            let (http, telemetry) = (http.clone(), telemetry.clone());
            Caller::new(http, base.clone(), manner, Scope::Payments, telemetry)
        };
        let generic = |service: &Service, scope| {
            let manner = Manner::new(IDEMPOTENCY_KEY);
            let (http, telemetry) = (http.clone(), telemetry.clone());
            Caller::new(http, service.url.clone(), manner, scope, telemetry)
                .with_webhook_secret(service.webhook_secret.clone())
        };
        let payments: Arc<dyn PaymentGateway> = match &config.payment_provider {
            PaymentProvider::Generic => Arc::new(generic::Payments::new(generic(
                &config.payment_service,
                Scope::Payments,
            ))),
            PaymentProvider::Stripe {
                api_base,
                secret_key,
                webhook_secret,
            } => {
                let caller = named(api_base, stripe::manner(secret_key)?);
                let caller = caller.with_webhook_secret(webhook_secret.clone());
                Arc::new(stripe::Payments::new(caller))
            }
            PaymentProvider::YooKassa {
                api_base,
                shop_id,
                secret_key,
            } => {
                let caller = named(api_base, yookassa::manner(shop_id, secret_key)?);
                let cards = config.profile == Profile::Integration;
                Arc::new(yookassa::Payments::new(caller, cards))
            }
            PaymentProvider::CloudPayments {
                api_base,
                public_id,
                api_secret,
            } => {
                let caller = named(api_base, cloudpayments::manner(public_id, api_secret)?);
                let caller = caller.with_webhook_secret(Some(api_secret.clone()));
                Arc::new(cloudpayments::Payments::new(caller))
            }
        };
        let shipping = generic(&config.shipping_service, Scope::Shipping);
        let mail = generic(&config.email_service, Scope::Notifications);
        Ok(Self {
            payments,
            shipping: Arc::new(generic::Shipping::new(shipping)),
            mail: Arc::new(generic::Mail::new(mail)),
        })
    }
}
