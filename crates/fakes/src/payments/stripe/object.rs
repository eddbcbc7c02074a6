//! What an account is made of: one list of all kinds of objects, and what every object can do.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use styk_core::Currency;

use super::balance::BalanceTransaction;
use super::charges::Charge;
use super::checkout::Session;
use super::customers::Customer;
use super::disputes::Dispute;
use super::events::Event;
use super::fraud::EarlyFraudWarning;
use super::metadata::Metadata;
use super::payment_intents::PaymentIntent;
use super::payment_methods::PaymentMethod;
use super::prices::Price;
use super::products::Product;
use super::refunds::Refund;
use super::setup_intents::SetupIntent;
use super::shelf::Shelf;
use super::tokens::Token;
use super::webhook_endpoints::WebhookEndpoint;

/// The id of an object. Whoever refers to the object shares the text.
pub(super) type Id = Arc<str>;

/// Writes an object's keys in their order, straight from a struct.
macro_rules! show {
    ($to:expr; $($key:literal: $value:expr),* $(,)?) => {{
        use serde::ser::SerializeMap as _;
        let mut map = $to.serialize_map(None)?;
        $(map.serialize_entry($key, &$value)?;)*
        map.end()
    }};
}
pub(super) use show;

/// Nothing, shown as `null`.
pub(super) const NULL: Option<()> = None;

/// An object without keys, shown as `{}`.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Empty {}

/// What all objects of an account have in common. `Serialize` gives the object as it is answered, without expansion.
pub(super) trait Object: Serialize + Clone + Send + Sync + 'static {
    /// Its id.
    fn id(&self) -> &Id;

    /// When it was made, in Unix seconds.
    fn created(&self) -> i64;

    /// The terms it is found by ([`super::shelf::term`]): the customer it belongs to, an order number in its
    /// metadata. Terms only make finding fast: whoever asks by them looks at the object again.
    fn terms(&self, file: &mut dyn FnMut(u64)) {
        let _ = file;
    }

    /// Whether it was deleted: then no search finds it.
    fn is_gone(&self) -> bool {
        false
    }

    /// Its metadata, for kinds that have some.
    fn metadata(&self) -> Option<&Metadata> {
        None
    }

    /// The value of a field that it can be searched by.
    fn field(&self, name: &str) -> Field<'_> {
        let _ = name;
        Field::Unknown
    }
}

/// A field, as a search sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    /// A text.
    Text(&'a str),
    /// A number: an amount, a time.
    Number(i64),
    /// A currency; compared in any case of letters.
    Currency(Currency),
    /// Nothing is there.
    Null,
    /// It cannot be searched by.
    Unknown,
}

impl<'a> Field<'a> {
    /// A text that may be missing.
    pub(super) fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

macro_rules! objects {
    ($($kind:ident $shelf:ident $name:literal [$($prefix:literal),*];)*) => {
        /// The kinds of objects.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum Kind {
            $(#[doc = $name] $kind,)*
        }

        impl Kind {
            /// All of them.
            pub(super) const ALL: &[Self] = &[$(Self::$kind),*];

            /// The value of `object`, and its name in messages.
            pub(super) const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// The kind that an id is of, by its prefix.
            pub(super) fn of_id(id: &str) -> Option<Self> {
                $($(
                    if id.starts_with($prefix) {
                        return Some(Self::$kind);
                    }
                )*)*
                None
            }
        }

        /// An object as it was at one moment; cheap to keep.
        #[derive(Clone, Debug)]
        pub(super) enum Snapshot {
            $(#[doc = $name] $kind(Arc<$kind>),)*
        }

        impl Snapshot {
            /// The object's id.
            pub(super) fn id(&self) -> &Id {
                match self {
                    $(Self::$kind(object) => Object::id(&**object),)*
                }
            }

            /// The object's metadata.
            pub(super) fn metadata(&self) -> Option<&Metadata> {
                match self {
                    $(Self::$kind(object) => Object::metadata(&**object),)*
                }
            }
        }

        impl Serialize for Snapshot {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$kind(object) => object.serialize(serializer),)*
                }
            }
        }

        $(impl From<Arc<$kind>> for Snapshot {
            fn from(object: Arc<$kind>) -> Self {
                Self::$kind(object)
            }
        })*

        /// All objects of one account.
        #[derive(Clone, Debug, Default, Serialize)]
        pub(super) struct Objects {
            $(#[doc = $name] pub(super) $shelf: Shelf<$kind>,)*
        }

        impl Objects {
            /// An object of a known kind.
            pub(super) fn get(&self, kind: Kind, id: &str) -> Option<Snapshot> {
                match kind {
                    $(Kind::$kind => self.$shelf.get(id).cloned().map(Snapshot::from),)*
                }
            }
        }
    };
}

objects! {
    Customer customers "customer" ["cus_"];
    PaymentMethod payment_methods "payment_method" ["pm_", "card_"];
    PaymentIntent payment_intents "payment_intent" ["pi_"];
    SetupIntent setup_intents "setup_intent" ["seti_"];
    Charge charges "charge" ["ch_", "py_"];
    Refund refunds "refund" ["re_", "pyr_"];
    BalanceTransaction balance_transactions "balance_transaction" ["txn_"];
    Session checkout_sessions "checkout.session" ["cs_"];
    Product products "product" ["prod_"];
    Price prices "price" ["price_"];
    Event events "event" ["evt_"];
    WebhookEndpoint webhook_endpoints "webhook_endpoint" ["we_"];
    Dispute disputes "dispute" ["dp_", "du_"];
    EarlyFraudWarning early_fraud_warnings "radar.early_fraud_warning" ["issfr_"];
    Token tokens "token" ["tok_"];
}

impl Objects {
    /// An object by its id alone; ids that a shop chose itself (products) are not found this way.
    pub(super) fn find(&self, id: &str) -> Option<Snapshot> {
        self.get(Kind::of_id(id)?, id)
    }
}
