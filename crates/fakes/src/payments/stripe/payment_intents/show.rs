//! Payment intents as they are answered.

use serde::{Serialize, Serializer};

use super::{Capture, NextAction, PaymentError, PaymentIntent, Redirects};
use crate::payments::stripe::error::doc_url;
use crate::payments::stripe::money::Lower;
use crate::payments::stripe::object::{Empty, NULL, show};

#[derive(Serialize)]
struct AmountDetails {
    tip: Empty,
}

/// `automatic_payment_methods`.
#[derive(Serialize)]
pub(in crate::payments::stripe) struct Automatic {
    pub(in crate::payments::stripe) allow_redirects: Redirects,
    pub(in crate::payments::stripe) enabled: bool,
}

#[derive(Serialize)]
struct Options {
    card: CardOptions,
}

#[derive(Serialize)]
struct CardOptions {
    installments: Option<()>,
    mandate_options: Option<()>,
    network: Option<()>,
    request_three_d_secure: &'static str,
}

impl Serialize for PaymentIntent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let extra = self.extra.as_deref();
        let secret = Secret {
            id: &self.id,
            secret: &self.secret,
        };
        show!(serializer;
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": self.amount_capturable,
            "amount_details": AmountDetails { tip: Empty {} },
            "amount_received": self.amount_received,
            "application": NULL,
            "application_fee_amount": extra.and_then(|extra| extra.application_fee_amount),
            "automatic_payment_methods": self.automatic.map(|allow_redirects| Automatic {
                allow_redirects,
                enabled: true,
            }),
            "canceled_at": self.canceled.as_deref().map(|canceled| canceled.at),
            "cancellation_reason": self.canceled.as_deref().and_then(|canceled| canceled.reason),
            "capture_method": self.capture,
            "client_secret": secret,
            "confirmation_method": if self.is_confirmed_by_hand { "manual" } else { "automatic" },
            "created": self.created,
            "currency": Lower(self.currency),
            "customer": self.customer,
            "customer_account": NULL,
            "description": self.description,
            "excluded_payment_method_types": NULL,
            "last_payment_error": self.last_error,
            "latest_charge": self.latest_charge,
            "livemode": false,
            "metadata": self.metadata,
            "next_action": self.next_action,
            "on_behalf_of": extra.and_then(|extra| extra.on_behalf_of.as_deref()),
            "payment_method": self.payment_method,
            "payment_method_configuration_details": NULL,
            "payment_method_options": Options {
                card: CardOptions {
                    installments: None,
                    mandate_options: None,
                    network: None,
                    request_three_d_secure: extra
                        .and_then(|extra| extra.request_three_d_secure)
                        .unwrap_or("automatic"),
                },
            },
            "payment_method_types": self.methods.names(),
            "processing": NULL,
            "receipt_email": self.receipt_email,
            "review": NULL,
            "setup_future_usage": self.setup_future_usage,
            "shipping": self.shipping,
            "source": NULL,
            "statement_descriptor": extra.and_then(|extra| extra.statement_descriptor.as_deref()),
            "statement_descriptor_suffix": extra
                .and_then(|extra| extra.statement_descriptor_suffix.as_deref()),
            "status": self.status,
            "transfer_data": NULL,
            "transfer_group": extra.and_then(|extra| extra.transfer_group.as_deref()),
        )
    }
}

/// `<id>_secret_<random>`.
pub(in crate::payments::stripe) struct Secret<'a> {
    pub(in crate::payments::stripe) id: &'a str,
    pub(in crate::payments::stripe) secret: &'a str,
}

impl Serialize for Secret<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}_secret_{}", self.id, self.secret))
    }
}

impl Serialize for PaymentError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        if let Some(charge) = &self.charge {
            map.serialize_entry("charge", charge)?;
        }
        map.serialize_entry("code", self.code)?;
        if let Some(code) = self.decline_code {
            map.serialize_entry("decline_code", code)?;
        }
        map.serialize_entry("doc_url", &doc_url(self.code))?;
        map.serialize_entry("message", &self.message)?;
        if let Some(method) = &self.payment_method {
            map.serialize_entry("payment_method", method)?;
        }
        map.serialize_entry("type", &self.kind)?;
        map.end()
    }
}

#[derive(Serialize)]
struct Redirect<'a> {
    return_url: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
struct Sdk<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    stripe_js: &'a str,
}

impl Serialize for NextAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.return_url {
            Some(return_url) => show!(serializer;
                "redirect_to_url": Redirect { return_url, url: &self.page },
                "type": "redirect_to_url",
            ),
            None => show!(serializer;
                "type": "use_stripe_sdk",
                "use_stripe_sdk": Sdk { kind: "three_d_secure_redirect", stripe_js: &self.page },
            ),
        }
    }
}

impl Capture {
    /// The words for it.
    pub(in crate::payments::stripe) const WORDS: &[(&str, Self)] = &[
        ("automatic", Self::Automatic),
        ("automatic_async", Self::AutomaticAsync),
        ("manual", Self::Manual),
    ];
}
