//! Payment intents: one payment from the first thought of it to its end.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use styk_core::Currency;

use super::contact::Shipping;
use super::error::{ErrorType, StripeError};
use super::metadata::Metadata;
use super::object::{Field, Id, Object};
use super::payment_methods::PaymentMethod;
use super::routes::Endpoint;
use super::shelf::term;
use super::turn::Turn;
use crate::kit::Routes;

/// A payment intent.
#[derive(Clone, Debug)]
pub(super) struct PaymentIntent {
    pub(super) id: Id,
    /// The second half of its client secret.
    pub(super) secret: Arc<str>,
    pub(super) created: i64,
    pub(super) amount: i64,
    pub(super) amount_capturable: i64,
    pub(super) amount_received: i64,
    pub(super) currency: Currency,
    pub(super) status: Status,
    pub(super) capture: Capture,
    pub(super) is_confirmed_by_hand: bool,
    pub(super) automatic: Option<Redirects>,
    pub(super) methods: Methods,
    pub(super) customer: Option<Id>,
    pub(super) payment_method: Option<Id>,
    pub(super) latest_charge: Option<Id>,
    pub(super) description: Option<Arc<str>>,
    pub(super) metadata: Metadata,
    pub(super) receipt_email: Option<Arc<str>>,
    pub(super) setup_future_usage: Option<Usage>,
    pub(super) shipping: Option<Arc<Shipping>>,
    pub(super) canceled_at: Option<i64>,
    pub(super) cancellation_reason: Option<&'static str>,
    pub(super) last_error: Option<Arc<PaymentError>>,
    pub(super) next_action: Option<Arc<NextAction>>,
    /// What is seldom asked for.
    pub(super) extra: Option<Arc<Extra>>,
}

/// What few intents have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extra {
    pub(super) statement_descriptor: Option<String>,
    pub(super) statement_descriptor_suffix: Option<String>,
    pub(super) on_behalf_of: Option<String>,
    pub(super) transfer_group: Option<String>,
    pub(super) application_fee_amount: Option<i64>,
    pub(super) request_three_d_secure: Option<&'static str>,
    /// The checkout session that made it.
    pub(super) session: Option<Id>,
}

/// Where an intent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    RequiresCapture,
    Canceled,
    Succeeded,
}

/// When the money is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Capture {
    Automatic,
    AutomaticAsync,
    Manual,
}

/// Whether automatic methods may send the payer elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Redirects {
    Always,
    Never,
}

/// What a payment method is kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Usage {
    OffSession,
    OnSession,
}

/// The types of payment methods that an intent takes.
pub(super) type Methods = Arc<[&'static str]>;

/// What went wrong with the last try.
#[derive(Clone, Debug)]
pub(super) struct PaymentError {
    pub(super) kind: ErrorType,
    pub(super) code: &'static str,
    pub(super) decline_code: Option<&'static str>,
    pub(super) message: Box<str>,
    pub(super) charge: Option<Id>,
    pub(super) payment_method: Option<Arc<PaymentMethod>>,
}

/// What the payer has to do.
#[derive(Clone, Debug)]
pub(super) struct NextAction {
    /// The page that asks the payer.
    pub(super) page: Box<str>,
    /// Where the payer goes afterwards; none when the shop's page asks by itself.
    pub(super) return_url: Option<Box<str>>,
}

impl Status {
    /// The word for it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::RequiresCapture => "requires_capture",
            Self::Canceled => "canceled",
            Self::Succeeded => "succeeded",
        }
    }
}

impl Object for PaymentIntent {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn terms(&self, file: &mut dyn FnMut(u64)) {
        if let Some(customer) = &self.customer {
            file(term("customer", customer));
        }
        self.metadata.terms(file);
    }

    fn metadata(&self) -> Option<&Metadata> {
        Some(&self.metadata)
    }

    fn field(&self, name: &str) -> Field<'_> {
        match name {
            "amount" => Field::Number(self.amount),
            "created" => Field::Number(self.created),
            "currency" => Field::Currency(self.currency),
            "customer" => Field::text(self.customer.as_deref()),
            "status" => Field::Text(self.status.word()),
            _ => Field::Unknown,
        }
    }
}

impl Serialize for PaymentIntent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
}

/// The payer has passed or failed the authentication that an intent waits for. An error when it waits for none.
pub(super) fn authenticate(
    turn: &mut Turn<'_>,
    id: &str,
    has_passed: bool,
) -> Result<Arc<PaymentIntent>, StripeError> {
    let _ = (turn, id, has_passed);
    Err(StripeError::invalid("not yet"))
}

/// What a checkout session wants paid.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) amount: i64,
    pub(super) currency: Currency,
    pub(super) capture: Capture,
    pub(super) customer: Option<Id>,
    pub(super) description: Option<Arc<str>>,
    pub(super) metadata: Metadata,
    pub(super) receipt_email: Option<Arc<str>>,
    pub(super) setup_future_usage: Option<Usage>,
    pub(super) shipping: Option<Arc<Shipping>>,
    pub(super) methods: Methods,
    pub(super) session: Id,
}

/// Makes the intent of a checkout session (event `payment_intent.created`).
pub(super) fn create_for_session(turn: &mut Turn<'_>, order: Order) -> Arc<PaymentIntent> {
    let _ = (
        &order.session,
        order.amount,
        order.capture,
        order.customer,
        order.description,
        order.metadata,
    );
    let _ = (
        order.receipt_email,
        order.setup_future_usage,
        order.shipping,
        order.methods,
        order.currency,
    );
    let _ = turn;
    unreachable!("not yet")
}

/// Confirms an intent with a payment method, as a payer on a hosted page does. On a decline the error is the card's
/// (402), and the intent can be tried again.
pub(super) fn confirm_on_page(
    turn: &mut Turn<'_>,
    id: &str,
    payment_method: &Id,
    return_url: &str,
) -> Result<Arc<PaymentIntent>, StripeError> {
    let _ = (turn, id, payment_method, return_url);
    Err(StripeError::invalid("not yet"))
}
