//! How often a request comes.

use std::ops::{Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};

use crate::json::{Json, Object};

/// How often a request should come: a number, or a range such as `1..` or `2..=3`.
///
/// ```
/// use styk_mock::Count;
///
/// assert!(Count::from(2).holds(2));
/// assert!(Count::from(1..).holds(7));
/// assert!(!Count::from(..=3).holds(4));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    at_least: u64,
    at_most: Option<u64>,
}

impl Count {
    /// Whether `count` is within the bounds.
    #[must_use]
    pub fn holds(self, count: u64) -> bool {
        count >= self.at_least && self.at_most.is_none_or(|most| count <= most)
    }

    /// Whether there are too many already.
    pub(super) fn is_exceeded_by(self, count: u64) -> bool {
        self.at_most.is_some_and(|most| count > most)
    }

    /// Whether more could come without harm, as far as the upper bound goes.
    pub(super) fn is_only_a_limit(self) -> bool {
        self.at_least == 0
    }

    /// In MockServer's JSON.
    pub(super) fn written(self) -> Json {
        let mut times = Object::new();
        let mut put = |name: &str, bound: u64| {
            times.insert(name.to_owned(), Json::number(bound));
        };
        if self.at_least > 0 || self.at_most.is_none_or(|most| most == 0) {
            put("atLeast", self.at_least);
        }
        if let Some(most) = self.at_most {
            put("atMost", most);
        }
        Json::Object(times)
    }
}

impl From<u64> for Count {
    fn from(count: u64) -> Self {
        Self::from(count..=count)
    }
}

impl From<RangeInclusive<u64>> for Count {
    fn from(range: RangeInclusive<u64>) -> Self {
        Self {
            at_least: *range.start(),
            at_most: Some(*range.end()),
        }
    }
}

impl From<Range<u64>> for Count {
    fn from(range: Range<u64>) -> Self {
        Self {
            at_least: range.start,
            at_most: Some(range.end.saturating_sub(1)),
        }
    }
}

impl From<RangeFrom<u64>> for Count {
    fn from(range: RangeFrom<u64>) -> Self {
        Self {
            at_least: range.start,
            at_most: None,
        }
    }
}

impl From<RangeTo<u64>> for Count {
    fn from(range: RangeTo<u64>) -> Self {
        Self::from(0..range.end)
    }
}

impl From<RangeToInclusive<u64>> for Count {
    fn from(range: RangeToInclusive<u64>) -> Self {
        Self::from(0..=range.end)
    }
}
