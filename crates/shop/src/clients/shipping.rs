//! What the shop needs of a carrier.

use std::fmt;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Event, Hook, Outcome, Rejected};
use crate::money::{Currency, Money};

/// Prices, registers and tracks parcels.
pub(crate) trait Carrier: fmt::Debug + Send + Sync {
    /// The name that is stored with shipments.
    fn name(&self) -> &'static str;

    /// Whether [`Carrier::get`] can tell anything.
    fn can_track(&self) -> bool;

    /// What a parcel would cost; has no effect.
    fn quote<'a>(&'a self, request: &'a QuoteRequest) -> BoxFuture<'a, Outcome<Quote>>;

    /// Registers a parcel. The same order may be sent again.
    fn create<'a>(&'a self, order: &'a ShipmentOrder) -> BoxFuture<'a, Outcome<ShipmentReport>>;

    /// Where a parcel is.
    fn get<'a>(&'a self, provider_id: &'a str) -> BoxFuture<'a, Outcome<Option<ShipmentReport>>>;

    /// Checks and reads what the carrier tells us on its own.
    fn parse_webhook(&self, hook: &Hook<'_>) -> Result<Event, Rejected>;
}

/// A parcel, in grams and millimetres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parcel {
    pub(crate) weight_g: i64,
    pub(crate) length_mm: i64,
    pub(crate) width_mm: i64,
    pub(crate) height_mm: i64,
}

/// What is to be priced.
#[derive(Clone, Debug)]
pub(crate) struct QuoteRequest {
    pub(crate) city: String,
    pub(crate) postal_code: String,
    pub(crate) parcels: Vec<Parcel>,
    pub(crate) service: Option<String>,
    pub(crate) key: String,
    /// The currency of the answer when it names none.
    pub(crate) currency: Currency,
}

/// A price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quote {
    pub(crate) cost: Money,
    pub(crate) delivery_days: i64,
    pub(crate) service: Option<String>,
}

/// Who gets the parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recipient {
    pub(crate) name: String,
    pub(crate) phone: String,
    pub(crate) address: String,
}

/// A parcel to be registered. All of it is the same in every try.
#[derive(Clone, Debug)]
pub(crate) struct ShipmentOrder {
    pub(crate) shipment_id: String,
    pub(crate) order_id: String,
    pub(crate) service: String,
    pub(crate) recipient: Recipient,
    pub(crate) parcels: Vec<Parcel>,
    pub(crate) key: String,
}

/// What a carrier says about a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShipmentReport {
    pub(crate) provider_id: Option<String>,
    pub(crate) tracking_number: Option<String>,
    /// `None` when the carrier's word means nothing to us.
    pub(crate) word: Option<ShipmentWord>,
    /// The carrier's own word.
    pub(crate) status: String,
    pub(crate) at: Option<Timestamp>,
    pub(crate) text: Option<String>,
}

/// Where a parcel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShipmentWord {
    Registered,
    InTransit,
    Delivered,
    Returned,
    Lost,
    Cancelled,
}
