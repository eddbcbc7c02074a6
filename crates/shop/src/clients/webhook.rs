//! What providers tell us on their own, in words that are not theirs.

use http::HeaderMap;
use jiff::Timestamp;

use super::{ClaimedAmount, PaymentReport, RefundReport, ShipmentReport, Trouble};

/// A request as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hook<'a> {
    /// What the address says about the event, for providers that say it nowhere else.
    pub(crate) kind: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    pub(crate) now: Timestamp,
}

/// A checked event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// The same event has the same id, however often it comes.
    pub(crate) id: String,
    /// The provider's word for what happened.
    pub(crate) kind: String,
    pub(crate) happening: Happening,
}

/// What happened, and our id of the object when the provider gave it back to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    Payment {
        ours: Option<String>,
        report: PaymentReport,
    },
    Refund {
        ours: Option<String>,
        report: RefundReport,
    },
    Shipment {
        ours: Option<String>,
        report: ShipmentReport,
    },
    /// A letter arrived, or came back.
    Letter {
        ours: Option<String>,
        provider_id: Option<String>,
        arrived: bool,
    },
    /// The provider asks whether a payment may go on; it is answered, not kept.
    Question {
        ours: Option<String>,
        amount: ClaimedAmount,
    },
    /// Nothing we act on.
    Other,
}

/// Why a request is not taken for an event of the provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejected {
    #[error("no secret is configured for webhooks of this provider")]
    NoSecret,
    #[error("the signature does not fit the body")]
    BadSignature,
    #[error("the time stamp is too far from now")]
    Stale,
    /// Nothing is signed and nothing is done about such events, so it is not worth asking.
    #[error("nothing is done about such events")]
    Uninteresting,
    /// Nothing is signed, and the provider says that it is not so.
    #[error("the provider does not confirm it: {0}")]
    Denied(String),
    /// Nothing is signed, and the provider could not be asked.
    #[error("the provider could not be asked: {0}")]
    Unasked(Trouble),
    #[error("{0}")]
    Malformed(String),
}
