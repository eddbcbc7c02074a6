//! Who takes the money, and with which credentials.

use std::fmt;

use url::Url;

/// The payment provider of a shop.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum PaymentProvider {
    /// The plain JSON service at [`super::Config::payment_service`].
    #[default]
    Generic,
    /// Stripe, by PaymentIntents and Checkout.
    Stripe {
        /// Scheme, host and port, without `/v1`.
        api_base: Url,
        /// `sk_test_…` or `rk_test_…`.
        secret_key: String,
        /// `whsec_…`; without one, webhooks are refused.
        webhook_secret: Option<String>,
    },
    /// YooKassa, API v3.
    YooKassa {
        /// With the version: `http://host:port/v3`.
        api_base: Url,
        /// The shop's number at YooKassa.
        shop_id: String,
        /// `test_…` or `live_…`.
        secret_key: String,
    },
    /// CloudPayments.
    CloudPayments {
        /// Scheme, host and port.
        api_base: Url,
        /// The terminal, `pk_…` or `test_api_…`.
        public_id: String,
        /// Password of the terminal and key of its notifications.
        api_secret: String,
    },
}

impl PaymentProvider {
    /// The word in `PAYMENT_PROVIDER`, in `/api/webhooks/` and on payments.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Stripe { .. } => "stripe",
            Self::YooKassa { .. } => "yookassa",
            Self::CloudPayments { .. } => "cloudpayments",
        }
    }
}

/// Without the credentials.
impl fmt::Debug for PaymentProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
