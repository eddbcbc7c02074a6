//! Header fields as they came: in their order, and with the case of their names.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use http::HeaderMap;

/// The header fields of a message, immutable and cheap to clone. Names are compared without regard to case and kept as
/// they were written; all text lies in one buffer.
#[derive(Clone, Default)]
pub struct Headers {
    text: Bytes,
    slots: Arc<[Slot]>,
}

/// Where a field lies in the buffer: name and value, from and to.
#[derive(Clone, Copy)]
struct Slot {
    name: (u32, u32),
    value: (u32, u32),
}

impl Headers {
    /// No fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of the first field of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let mut fields = self.iter();
        let found = fields.find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }

    /// The value of the first field of this name as text; bytes that are no UTF-8 are replaced.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(String::from_utf8_lossy)
    }

    /// The values of all fields of this name, in their order.
    pub fn get_all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.iter()
            .filter(move |(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Whether there is a field of this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All fields, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let slice = |(from, to): (u32, u32)| self.text.get(from as usize..to as usize);
        self.slots.iter().map(move |slot| {
            let name = slice(slot.name).and_then(|name| std::str::from_utf8(name).ok());
            (
                name.unwrap_or_default(),
                slice(slot.value).unwrap_or_default(),
            )
        })
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The same fields but those of this name.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let kept = self
            .iter()
            .filter(|(given, _)| !given.eq_ignore_ascii_case(name));
        kept.collect()
    }

    /// The same fields and one more at the end.
    #[must_use]
    pub fn with(&self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let added = std::iter::once((name, value.as_ref()));
        self.iter().chain(added).collect()
    }

    /// The same fields, but one alone of this name, at the end.
    #[must_use]
    pub fn set(&self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.without(name).with(name, value)
    }

    /// Bytes they keep in memory.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.text.len() + self.slots.len() * size_of::<Slot>()
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    /// Fields that would make the text larger than 4 GiB are left out; no message is that large.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut text = BytesMut::with_capacity(256);
        let mut slots = Vec::with_capacity(16);
        let mut put = |bytes: &[u8]| {
            let from = u32::try_from(text.len()).ok()?;
            let to = u32::try_from(text.len() + bytes.len()).ok()?;
            text.put_slice(bytes);
            Some((from, to))
        };
        for (name, value) in fields {
            if let (Some(name), Some(value)) = (put(name.as_ref().as_bytes()), put(value.as_ref()))
            {
                slots.push(Slot { name, value });
            }
        }
        // A copy of exact size: a record may be kept for long.
        Self {
            text: Bytes::copy_from_slice(&text),
            slots: slots.into(),
        }
    }
}

impl From<&HeaderMap> for Headers {
    fn from(map: &HeaderMap) -> Self {
        map.iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect()
    }
}

impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Headers {}

impl fmt::Debug for Headers {
    /// Names alone: values may be secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_list()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_case_and_are_found_in_any() {
        let headers: Headers = [("X-Id", "1"), ("Accept", "a"), ("x-id", "2")]
            .into_iter()
            .collect();
        assert_eq!(headers.get("X-ID"), Some(b"1".as_slice()));
        assert_eq!(headers.get_all("x-id").count(), 2);
        let names: Vec<_> = headers.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["X-Id", "Accept", "x-id"]);
        assert_eq!(headers.get("missing"), None);
    }

    #[test]
    fn setting_leaves_one_field_of_the_name() {
        let headers: Headers = [("a", "1"), ("B", "2"), ("A", "3")].into_iter().collect();
        let set = headers.set("a", "4");
        assert_eq!(set.get_all("a").collect::<Vec<_>>(), [b"4"]);
        assert_eq!((set.len(), headers.len()), (2, 3));
        assert_eq!(set.without("b").len(), 1);
    }
}
