//! What a shop hangs on objects (Stripe API, Metadata).

use std::sync::Arc;

use serde::ser::{Serialize, Serializer};

use super::error::StripeError;
use super::shelf::term;

/// Names and values of the shop's own. Clones share them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata(Option<Arc<[Pair]>>);

/// A name and its value.
type Pair = (Box<str>, Box<str>);

/// What a call does to metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MetadataChange {
    /// Everything that was there goes first.
    pub(super) clear: bool,
    /// Names with their new values; an empty one takes the name away.
    pub(super) set: Vec<Pair>,
}

impl Metadata {
    /// The value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut pairs = self.iter();
        pairs.find_map(|(known, value)| (known == name).then_some(value))
    }

    /// All names with their values, in the order they were first set.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.as_deref().unwrap_or_default();
        pairs.iter().map(|(name, value)| (&**name, &**value))
    }

    /// With a change made, when it then has no more names than Stripe keeps (50).
    pub(super) fn changed(&self, change: &MetadataChange) -> Result<Self, StripeError> {
        if !change.clear && change.set.is_empty() {
            return Ok(self.clone());
        }
        let changed = self.with(change);
        if changed.len() > 50 {
            return Err(StripeError::invalid("Metadata can have up to 50 keys.").param("metadata"));
        }
        Ok(changed)
    }

    fn with(&self, change: &MetadataChange) -> Self {
        let mut pairs = match (&self.0, change.clear) {
            (Some(pairs), false) => pairs.to_vec(),
            _ => Vec::new(),
        };
        for (name, value) in &change.set {
            let known = pairs.iter().position(|(known, _)| known == name);
            match (known, value.is_empty()) {
                (Some(at), true) => drop(pairs.remove(at)),
                (Some(at), false) => pairs[at].1.clone_from(value),
                (None, true) => {}
                (None, false) => pairs.push((name.clone(), value.clone())),
            }
        }
        Self((!pairs.is_empty()).then(|| pairs.into()))
    }

    /// Files an object under each of its names and values, for searches like `metadata['order_id']:'7'`.
    pub(super) fn terms(&self, file: &mut dyn FnMut(u64)) {
        self.iter()
            .for_each(|(name, value)| file(Self::term(name, value)));
    }

    /// The term of a name with a value.
    pub(super) fn term(name: &str, value: &str) -> u64 {
        term(&format!("metadata.{name}"), value)
    }

    fn len(&self) -> usize {
        self.0.as_deref().map_or(0, <[_]>::len)
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
