//! What an operation gives back, and how it is written.

use std::cell::RefCell;
use std::sync::Arc;

use bytes::{BufMut as _, BytesMut};
use http::StatusCode;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::account::Account;
use super::error::StripeError;
use super::expand;
use super::object::{Snapshot, show};
use super::turn::Cause;
use crate::kit::{Answer, Stored};

/// The result of an operation.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// An object.
    Object(Snapshot),
    /// A page of a list.
    List(List),
    /// A page of search results.
    Search(Search),
    /// Anything else.
    Value(Value),
}

/// A page of a list (Stripe API, Pagination).
#[derive(Clone, Debug)]
pub(super) struct List {
    /// The path that it is a page of.
    pub(super) url: String,
    /// Whether there is more.
    pub(super) has_more: bool,
    /// The objects, newest first.
    pub(super) data: Vec<Snapshot>,
}

/// A page of search results (Stripe API, Search).
#[derive(Clone, Debug)]
pub(super) struct Search {
    /// The path that was searched.
    pub(super) url: String,
    /// Whether there is more.
    pub(super) has_more: bool,
    /// Where it goes on.
    pub(super) next_page: Option<String>,
    /// How many there are in all, when it was asked for.
    pub(super) total_count: Option<usize>,
    /// The objects, newest first.
    pub(super) data: Vec<Snapshot>,
}

impl<T: Into<Snapshot>> From<T> for Reply {
    fn from(object: T) -> Self {
        Self::Object(object.into())
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Object(object) => object.serialize(serializer),
            Self::List(list) => show!(serializer;
                "object": "list",
                "data": list.data,
                "has_more": list.has_more,
                "url": list.url,
            ),
            Self::Search(search) => search.serialize(serializer),
            Self::Value(value) => value.serialize(serializer),
        }
    }
}

impl Serialize for Search {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("object", "search_result")?;
        map.serialize_entry("data", &self.data)?;
        map.serialize_entry("has_more", &self.has_more)?;
        map.serialize_entry("next_page", &self.next_page)?;
        if let Some(count) = self.total_count {
            map.serialize_entry("total_count", &count)?;
        }
        map.serialize_entry("url", &self.url)?;
        map.end()
    }
}

impl Reply {
    /// The answer.
    pub(super) fn answer(&self) -> Answer {
        written(StatusCode::OK, self)
    }

    /// The answer, with the paths expanded that were asked for.
    pub(super) fn expanded(&self, account: &Account, paths: &[String]) -> Answer {
        if paths.is_empty() {
            return self.answer();
        }
        match serde_json::to_value(self) {
            Ok(value) => written(StatusCode::OK, &expand::expand(account, value, paths)),
            Err(_) => self.answer(),
        }
    }
}

/// A result as it is kept for its idempotency key. An object as it was makes the same answer again, to the byte.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    /// An object, nothing expanded.
    Object(Snapshot, Arc<Cause>),
    /// An error.
    Error(Box<StripeError>, Arc<Cause>),
    /// Anything else, as it was written.
    Answer(Box<Stored>, Arc<Cause>),
}

impl Kept {
    /// The answer again, and the request that it was the answer to.
    pub(super) fn answer(&self) -> (Answer, &Cause) {
        match self {
            Self::Object(object, cause) => (written(StatusCode::OK, object), cause),
            Self::Error(error, cause) => (error.answer(), cause),
            Self::Answer(stored, cause) => (stored.answer(), cause),
        }
    }
}

impl StripeError {
    /// The answer.
    pub(super) fn answer(&self) -> Answer {
        written(self.status, self)
    }
}

fn written(status: StatusCode, value: &impl Serialize) -> Answer {
    /// Answers written one after the other into one piece of memory. The journal keeps them about as long as each other,
    /// and small pieces cost more to get and to give back than to write.
    const PIECE: usize = 16 << 10;
    const USUAL: usize = 3 << 10;
    thread_local! {
        static DRAFT: RefCell<BytesMut> = RefCell::default();
    }
    DRAFT.with_borrow_mut(|draft| {
        if draft.capacity() < USUAL {
            *draft = BytesMut::with_capacity(PIECE);
        }
        let written = serde_json::to_writer((&mut *draft).writer(), value);
        let body = draft.split().freeze();
        match written {
            Ok(()) => Answer::bytes(status, "application/json", body),
            Err(_) => Answer::json(status, value),
        }
    })
}
