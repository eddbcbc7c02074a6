//! Stripe.
use crate::kit::ProviderKind;
/// Stripe.
pub const KIND: ProviderKind = ProviderKind {
    name: "stripe",
    area: "payments",
    port: 12111,
    actions: &[],
    build: |_| todo!(),
};
