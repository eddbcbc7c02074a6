//! YooKassa.
use crate::kit::ProviderKind;
/// YooKassa.
pub const KIND: ProviderKind = ProviderKind {
    name: "yookassa",
    area: "payments",
    port: 12112,
    actions: &[],
    build: |_| todo!(),
};
