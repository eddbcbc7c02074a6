//! Stripe's errors (Stripe API, Errors), with their bodies.

use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use serde::{Serialize, Serializer};

use super::object::{Id, Kind};
use super::payment_intents::PaymentIntent;
use super::payment_methods::PaymentMethod;
use super::setup_intents::SetupIntent;

/// The `type` of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) enum ErrorType {
    /// The shop's request is wrong.
    #[serde(rename = "invalid_request_error")]
    InvalidRequest,
    /// An idempotency key was used for something else.
    #[serde(rename = "idempotency_error")]
    Idempotency,
    /// The card or its bank said no.
    #[serde(rename = "card_error")]
    Card,
    /// Stripe itself failed.
    #[serde(rename = "api_error")]
    Api,
}

/// An error as a call gets it.
#[derive(Clone, Debug)]
pub(super) struct StripeError {
    pub(super) status: StatusCode,
    pub(super) body: Box<ErrorBody>,
    /// Whether the operation had begun: then the answer is kept for its idempotency key.
    pub(super) has_begun: bool,
}

/// What stands under `error`; keys without a value are left out.
#[derive(Clone, Debug)]
pub(super) struct ErrorBody {
    pub(super) kind: ErrorType,
    pub(super) code: Option<&'static str>,
    pub(super) message: String,
    pub(super) param: Option<String>,
    pub(super) decline_code: Option<&'static str>,
    pub(super) advice_code: Option<&'static str>,
    pub(super) network_decline_code: Option<&'static str>,
    pub(super) charge: Option<Id>,
    pub(super) payment_method: Option<Arc<PaymentMethod>>,
    pub(super) payment_intent: Option<Arc<PaymentIntent>>,
    pub(super) setup_intent: Option<Arc<SetupIntent>>,
}

impl StripeError {
    /// An error of a type, without a code.
    pub(super) fn new(status: StatusCode, kind: ErrorType, message: impl Into<String>) -> Self {
        Self {
            status,
            body: Box::new(ErrorBody {
                kind,
                code: None,
                message: message.into(),
                param: None,
                decline_code: None,
                advice_code: None,
                network_decline_code: None,
                charge: None,
                payment_method: None,
                payment_intent: None,
                setup_intent: None,
            }),
            has_begun: false,
        }
    }

    /// The request is wrong (400).
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ErrorType::InvalidRequest, message)
    }

    /// The credentials are wrong (401).
    pub(super) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, ErrorType::InvalidRequest, message)
    }

    /// The key may not do this (403).
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, ErrorType::InvalidRequest, message)
    }

    /// The object that the path names is not there (404).
    pub(super) fn not_found(kind: Kind, id: &str) -> Self {
        let param = match kind {
            Kind::PaymentIntent | Kind::SetupIntent => "intent",
            _ => "id",
        };
        let mut error = Self::no_such(kind, id, param);
        error.status = StatusCode::NOT_FOUND;
        error
    }

    /// The object that a parameter names is not there (400).
    pub(super) fn no_such(kind: Kind, id: &str, param: &str) -> Self {
        let name = match kind {
            Kind::PaymentMethod => "PaymentMethod",
            Kind::Session => "checkout.session",
            Kind::SetupIntent => "setupintent",
            _ => kind.name(),
        };
        Self::invalid(format!("No such {name}: '{id}'"))
            .code("resource_missing")
            .param(param)
    }

    /// A parameter is missing.
    pub(super) fn missing(param: &str) -> Self {
        Self::invalid(format!("Missing required param: {param}."))
            .code("parameter_missing")
            .param(param)
    }

    /// A card or its bank said no (402); `code` is for programs.
    pub(super) fn card(code: &'static str, message: impl Into<String>) -> Self {
        let status = StatusCode::PAYMENT_REQUIRED;
        Self::new(status, ErrorType::Card, message)
            .code(code)
            .begun()
    }

    /// With a code.
    #[must_use]
    pub(super) fn code(mut self, code: &'static str) -> Self {
        self.body.code = Some(code);
        self
    }

    /// With the parameter it is about.
    #[must_use]
    pub(super) fn param(mut self, param: impl Into<String>) -> Self {
        self.body.param = Some(param.into());
        self
    }

    /// With the bank's reason.
    #[must_use]
    pub(super) fn decline(mut self, code: &'static str) -> Self {
        self.body.decline_code = Some(code);
        self
    }

    /// With the intent it happened to: an error of the state, so the operation had begun.
    #[must_use]
    pub(super) fn intent(mut self, intent: Arc<PaymentIntent>) -> Self {
        self.body.payment_intent = Some(intent);
        self.begun()
    }

    /// With the setup intent it happened to.
    #[must_use]
    pub(super) fn setup(mut self, intent: Arc<SetupIntent>) -> Self {
        self.body.setup_intent = Some(intent);
        self.begun()
    }

    /// The operation had begun.
    #[must_use]
    pub(super) fn begun(mut self) -> Self {
        self.has_begun = true;
        self
    }
}

impl fmt::Display for StripeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.body.message)
    }
}

/// `{"error": {…}}`.
impl Serialize for StripeError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        super::object::show!(serializer; "error": *self.body)
    }
}

impl Serialize for ErrorBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        macro_rules! optional {
            ($($name:ident)*) => {
                $(if let Some(value) = &self.$name {
                    map.serialize_entry(stringify!($name), value)?;
                })*
            };
        }
        optional!(advice_code charge code decline_code);
        if let Some(code) = self.code {
            map.serialize_entry("doc_url", &doc_url(code))?;
        }
        map.serialize_entry("message", &self.message)?;
        optional!(network_decline_code param payment_intent payment_method);
        if self.payment_method.is_some() {
            map.serialize_entry("payment_method_type", "card")?;
        }
        optional!(setup_intent);
        map.serialize_entry("type", &self.kind)?;
        map.end()
    }
}

/// Where Stripe explains a code.
pub(super) fn doc_url(code: &str) -> String {
    let page = code.replace('_', "-");
    format!("https://stripe.com/docs/error-codes/{page}")
}
