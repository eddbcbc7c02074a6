//! Payment methods as they are answered.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::LazyLock;

use serde::{Serialize, Serializer};

use super::{Card, Debit, Details, PaymentMethod};
use crate::payments::stripe::cards::Does;
use crate::payments::stripe::contact::BillingDetails;
use crate::payments::stripe::object::NULL;

static NO_BILLING: LazyLock<BillingDetails> = LazyLock::new(BillingDetails::default);

#[derive(Serialize)]
struct ShownCard {
    brand: &'static str,
    checks: Checks,
    country: &'static str,
    display_brand: &'static str,
    exp_month: u8,
    exp_year: u16,
    fingerprint: String,
    funding: &'static str,
    generated_from: Option<()>,
    last4: &'static str,
    networks: Networks,
    regulated_status: &'static str,
    three_d_secure_usage: ThreeDSecure,
    wallet: Option<()>,
}

/// The checks of a card.
#[derive(Clone, Copy, Serialize)]
pub(in crate::payments::stripe) struct Checks {
    address_line1_check: Option<&'static str>,
    address_postal_code_check: Option<&'static str>,
    cvc_check: Option<&'static str>,
}

#[derive(Serialize)]
struct Networks {
    available: [&'static str; 1],
    preferred: Option<()>,
}

#[derive(Serialize)]
struct ThreeDSecure {
    supported: bool,
}

#[derive(Serialize)]
struct ShownDebit {
    bank_code: &'static str,
    branch_code: &'static str,
    country: &'static str,
    fingerprint: String,
    generated_from: Option<()>,
    last4: &'static str,
}

impl PaymentMethod {
    /// Whom it belongs to, also when nothing is known.
    pub(in crate::payments::stripe) fn billing(&self) -> &BillingDetails {
        self.billing.as_deref().unwrap_or(&NO_BILLING)
    }

    /// What the bank said about the address and the code of digits.
    pub(in crate::payments::stripe) fn checks(&self) -> Option<Checks> {
        let card = self.card()?;
        let address = &self.billing().address;
        let (cvc, line1, postal_code) = match card.test.does {
            Does::Check(checks) => (checks.cvc, checks.line1, checks.postal_code),
            _ => ("pass", "pass", "pass"),
        };
        Some(Checks {
            address_line1_check: check(address.line1.is_some(), line1),
            address_postal_code_check: check(address.postal_code.is_some(), postal_code),
            cvc_check: card.has_cvc.then_some(cvc),
        })
    }
}

/// What the bank says of a part of the address: nothing without one, but a test card that fails the check always does
/// (Testing, "Fraud prevention").
fn check(has_part: bool, result: &'static str) -> Option<&'static str> {
    (has_part || result != "pass").then_some(result)
}

impl Serialize for PaymentMethod {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("object", "payment_method")?;
        map.serialize_entry("allow_redisplay", self.allow_redisplay)?;
        map.serialize_entry("billing_details", self.billing())?;
        match &self.details {
            Details::Card(card) => map.serialize_entry("card", &shown_card(self, card))?,
            Details::Debit(_) => {}
        }
        map.serialize_entry("created", &self.created)?;
        map.serialize_entry("customer", &self.customer)?;
        map.serialize_entry("customer_account", &NULL)?;
        map.serialize_entry("livemode", &false)?;
        map.serialize_entry("metadata", &self.metadata)?;
        if let Details::Debit(debit) = self.details {
            map.serialize_entry("sepa_debit", &shown_debit(debit))?;
        }
        map.serialize_entry("type", self.kind())?;
        map.end()
    }
}

fn shown_card(method: &PaymentMethod, card: &Card) -> ShownCard {
    let test = card.test;
    let none = Checks {
        address_line1_check: None,
        address_postal_code_check: None,
        cvc_check: None,
    };
    ShownCard {
        brand: test.brand.word(),
        checks: method.checks().unwrap_or(none),
        country: test.country,
        display_brand: test.brand.word(),
        exp_month: card.exp_month,
        exp_year: card.exp_year,
        fingerprint: fingerprint(test.number),
        funding: test.funding,
        generated_from: None,
        last4: test.last4(),
        networks: Networks {
            available: [test.brand.word()],
            preferred: None,
        },
        regulated_status: "unregulated",
        three_d_secure_usage: ThreeDSecure {
            supported: test.knows_three_d_secure(),
        },
        wallet: None,
    }
}

fn shown_debit(debit: &'static Debit) -> ShownDebit {
    let last4 = debit.iban.len().saturating_sub(4);
    ShownDebit {
        bank_code: debit.iban.get(4..9).unwrap_or_default(),
        branch_code: "",
        country: debit.country,
        fingerprint: fingerprint(debit.iban),
        generated_from: None,
        last4: debit.iban.get(last4..).unwrap_or_default(),
    }
}

/// The same for the same number, and tells nothing of it.
pub(in crate::payments::stripe) fn fingerprint(number: &str) -> String {
    const SIGNS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut hasher = DefaultHasher::new();
    let mut text = String::with_capacity(16);
    for _ in 0..2 {
        number.hash(&mut hasher);
        let mut rest = hasher.finish();
        for _ in 0..8 {
            let at = usize::try_from(rest % 62).unwrap_or_default();
            text.push(char::from(SIGNS[at]));
            rest /= 62;
        }
    }
    text
}
