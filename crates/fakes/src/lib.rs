//! Stateful imitations of the providers a shop works with.
//!
//! A [`Fake`] is one provider on a port of its own, faithful enough for the provider's own SDK, with a ledger of what
//! truly happened. The [`kit`] has what all of them share; a module under [`payments`] knows one provider's paths,
//! words, states and signatures. Control lies apart, under `/_styk/`.

pub mod kit;
pub mod payments;

pub use kit::{Fake, FakeError, FakeOptions, ProviderKind};

/// All providers there are fakes of, in the order they are listed.
#[must_use]
pub fn providers() -> &'static [ProviderKind] {
    &[
        payments::stripe::KIND,
        payments::yookassa::KIND,
        payments::cloudpayments::KIND,
    ]
}
