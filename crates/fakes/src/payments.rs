//! Payment gateways.

pub mod cloudpayments;
pub mod stripe;
pub mod yookassa;
