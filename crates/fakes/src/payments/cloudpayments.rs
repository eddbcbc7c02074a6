//! CloudPayments.
use crate::kit::ProviderKind;
/// CloudPayments.
pub const KIND: ProviderKind = ProviderKind {
    name: "cloudpayments",
    area: "payments",
    port: 12113,
    actions: &[],
    build: |_| todo!(),
};
