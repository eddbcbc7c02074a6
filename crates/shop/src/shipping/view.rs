//! A parcel as the API shows it.

use jiff::Timestamp;
use serde::Serialize;

use super::store::Shipment;
use crate::money::{Currency, Money};

/// One parcel of an order.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ShipmentView {
    pub(crate) id: String,
    pub(crate) order_id: String,
    pub(crate) tracking_number: Option<String>,
    pub(crate) status: &'static str,
    pub(crate) service: String,
    pub(crate) provider: String,
    pub(crate) cost: Money,
    pub(crate) currency: Currency,
    pub(crate) created_at: Timestamp,
}

impl From<&Shipment> for ShipmentView {
    fn from(shipment: &Shipment) -> Self {
        Self {
            id: shipment.id.clone(),
            order_id: shipment.order_id.clone(),
            tracking_number: shipment.tracking_number.clone(),
            status: shipment.state.word(),
            service: shipment.service.clone(),
            provider: shipment.provider.clone(),
            cost: shipment.cost,
            currency: shipment.cost.currency,
            created_at: shipment.created_at,
        }
    }
}
