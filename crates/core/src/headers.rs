//! Header fields as they came: in their order, and with the case of their names.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::HeaderMap;

/// The header fields of a message, immutable and cheap to clone. Names are compared without regard to case and kept as
/// they were written; everything lies in one buffer, for a journal keeps many.
#[derive(Clone, Default)]
pub struct Headers {
    /// Field after field: the sizes of name and value, then both.
    text: Bytes,
    len: usize,
}

/// The size of a name or a value, as it stands in front of them.
type Size = u32;
const SIZES: usize = 2 * size_of::<Size>();

impl Headers {
    /// No fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of the first field of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.get_all(name).next()
    }

    /// The value of the first field of this name as text; bytes that are no UTF-8 are replaced.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(String::from_utf8_lossy)
    }

    /// The values of all fields of this name, in their order.
    pub fn get_all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields()
            .filter(move |(given, _)| given.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value)
    }

    /// Whether there is a field of this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All fields, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.fields()
            .map(|(name, value)| (std::str::from_utf8(name).unwrap_or_default(), value))
    }

    /// All fields, their names as bytes: to compare them takes no more.
    fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = &self.text[..];
        std::iter::from_fn(move || {
            let (sizes, fields) = rest.split_first_chunk::<SIZES>()?;
            let [n0, n1, n2, n3, v0, v1, v2, v3] = *sizes;
            let size = |bytes| usize::try_from(Size::from_ne_bytes(bytes)).ok();
            let (name, fields) = fields.split_at_checked(size([n0, n1, n2, n3])?)?;
            let (value, fields) = fields.split_at_checked(size([v0, v1, v2, v3])?)?;
            rest = fields;
            Some((name, value))
        })
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
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
        self.text.len()
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    /// Fields of more than 4 GiB are left out; no message has them.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        const USUAL: usize = 512;
        let mut text = Vec::with_capacity(USUAL);
        let mut len = 0;
        for (name, value) in fields {
            let (name, value) = (name.as_ref().as_bytes(), value.as_ref());
            if let (Ok(name_size), Ok(value_size)) =
                (Size::try_from(name.len()), Size::try_from(value.len()))
            {
                text.extend_from_slice(&name_size.to_ne_bytes());
                text.extend_from_slice(&value_size.to_ne_bytes());
                text.extend_from_slice(name);
                text.extend_from_slice(value);
                len += 1;
            }
        }
        // A copy of exact size: a record may be kept for long.
        Self {
            text: Bytes::copy_from_slice(&text),
            len,
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
