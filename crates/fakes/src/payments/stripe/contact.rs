//! People and places, as parameters and in objects.

use std::sync::Arc;

use serde::Serialize;

use super::error::StripeError;
use super::params::{Given, Params};

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Address {
    pub(super) city: Option<String>,
    pub(super) country: Option<String>,
    pub(super) line1: Option<String>,
    pub(super) line2: Option<String>,
    pub(super) postal_code: Option<String>,
    pub(super) state: Option<String>,
}

/// Whom a payment method belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct BillingDetails {
    pub(super) address: Address,
    pub(super) email: Option<String>,
    pub(super) name: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) tax_id: Option<String>,
}

/// Where goods go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Shipping {
    pub(super) address: Address,
    pub(super) carrier: Option<String>,
    pub(super) name: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) tracking_number: Option<String>,
}

impl Address {
    /// Reads what stands under `address`, on top of what was there.
    pub(super) fn change(&mut self, mut given: Params) -> Result<(), StripeError> {
        given.given_text("city")?.apply(&mut self.city);
        given.given_text("country")?.apply(&mut self.country);
        given.given_text("line1")?.apply(&mut self.line1);
        given.given_text("line2")?.apply(&mut self.line2);
        given
            .given_text("postal_code")?
            .apply(&mut self.postal_code);
        given.given_text("state")?.apply(&mut self.state);
        given.finish()
    }

    /// An address that may be unset.
    pub(super) fn given(params: &mut Params) -> Result<Given<Self>, StripeError> {
        Ok(match params.given_hash("address")? {
            Given::Keep => Given::Keep,
            Given::Unset => Given::Unset,
            Given::Set(given) => {
                let mut address = Self::default();
                address.change(given)?;
                Given::Set(address)
            }
        })
    }
}

impl BillingDetails {
    /// Reads `billing_details`, on top of what was there.
    pub(super) fn change(&mut self, mut given: Params) -> Result<(), StripeError> {
        match given.given_hash("address")? {
            Given::Keep => {}
            Given::Unset => self.address = Address::default(),
            Given::Set(address) => self.address.change(address)?,
        }
        given.given_text("email")?.apply(&mut self.email);
        given.given_text("name")?.apply(&mut self.name);
        given.given_text("phone")?.apply(&mut self.phone);
        given.given_text("tax_id")?.apply(&mut self.tax_id);
        check_email(self.email.as_deref(), &given.name("email"))?;
        given.finish()
    }
}

impl Shipping {
    /// Reads `shipping`, which may be unset.
    pub(super) fn given(params: &mut Params) -> Result<Given<Arc<Self>>, StripeError> {
        let mut given = match params.given_hash("shipping")? {
            Given::Keep => return Ok(Given::Keep),
            Given::Unset => return Ok(Given::Unset),
            Given::Set(given) => given,
        };
        let mut shipping = Self::default();
        match given.hash("address")? {
            Some(address) => shipping.address.change(address)?,
            None => return Err(StripeError::missing(&given.name("address"))),
        }
        shipping.name = Some(given.required_text("name")?);
        shipping.carrier = given.text("carrier")?;
        shipping.phone = given.text("phone")?;
        shipping.tracking_number = given.text("tracking_number")?;
        given.finish()?;
        Ok(Given::Set(Arc::new(shipping)))
    }
}

/// An address of mail has something, an `@`, and something (`email_invalid`).
pub(super) fn check_email(email: Option<&str>, param: &str) -> Result<(), StripeError> {
    let Some(email) = email else {
        return Ok(());
    };
    let parts = email.rsplit_once('@');
    let is_fine = parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
        && !email.contains(char::is_whitespace)
        && email.len() <= 512;
    if is_fine {
        return Ok(());
    }
    Err(
        StripeError::invalid(format!("Invalid email address: {email}"))
            .code("email_invalid")
            .param(param),
    )
}
