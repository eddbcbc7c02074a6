//! One integration point: who passes data to whom.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An edge of the integration matrix, `orders → payments` or `payments → stripe`.
///
/// Written `a → b`; `a -> b` and `a>b` are read as the same. Cheap to clone: every exchange carries one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Edge(Arc<Ends>);

#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Ends {
    from: String,
    to: String,
}

/// Why a text is no edge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EdgeError {
    /// There is no arrow in the text.
    #[error("`{text}` is no edge: write `from → to` (or `from -> to`)")]
    NoArrow {
        /// The text as it was written.
        text: String,
    },
    /// One of the two ends is empty, or is not a plain name.
    #[error("`{text}` is no edge: `{end}` must be a name of letters, digits, `_`, `-` or `.`")]
    BadEnd {
        /// The text as it was written.
        text: String,
        /// The end that is no name.
        end: String,
    },
}

impl Edge {
    /// An edge between two names.
    #[must_use]
    pub fn new(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self(Arc::new(Ends {
            from: from.into(),
            to: to.into(),
        }))
    }

    /// Where the data comes from.
    #[must_use]
    pub fn from(&self) -> &str {
        &self.0.from
    }

    /// Where the data goes.
    #[must_use]
    pub fn to(&self) -> &str {
        &self.0.to
    }

    /// The same two ends the other way round.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self::new(self.to(), self.from())
    }

    /// Whether both edges join the same two ends, in either direction. Matrix arrows are data flow, while
    /// observed calls may run against it.
    #[must_use]
    pub fn joins_same(&self, other: &Self) -> bool {
        self == other || (self.from() == other.to() && self.to() == other.from())
    }
}

impl fmt::Display for Edge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} → {}", self.from(), self.to())
    }
}

impl FromStr for Edge {
    type Err = EdgeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, to) = ["→", "->", ">"]
            .iter()
            .find_map(|arrow| text.split_once(arrow))
            .ok_or_else(|| EdgeError::NoArrow {
                text: text.to_owned(),
            })?;
        let end = |end: &str| {
            let end = end.trim();
            let is_name = !end.is_empty()
                && end
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
            if is_name {
                Ok(end.to_owned())
            } else {
                Err(EdgeError::BadEnd {
                    text: text.to_owned(),
                    end: end.to_owned(),
                })
            }
        };
        Ok(Self::new(end(from)?, end(to)?))
    }
}

impl Serialize for Edge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Edge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_arrows_are_read_as_the_same_edge() {
        let edge = Edge::new("orders", "payments");
        for text in [
            "orders → payments",
            "orders -> payments",
            "orders>payments",
            " orders->payments ",
        ] {
            assert_eq!(text.parse(), Ok(edge.clone()), "{text}");
        }
        assert_eq!(edge.to_string(), "orders → payments");
    }

    #[test]
    fn a_text_without_arrow_or_with_an_empty_end_is_refused() {
        assert!(matches!(
            "orders".parse::<Edge>(),
            Err(EdgeError::NoArrow { .. })
        ));
        assert!(matches!(
            "orders -> ".parse::<Edge>(),
            Err(EdgeError::BadEnd { .. })
        ));
        assert!(matches!(
            "a -> b -> c".parse::<Edge>(),
            Err(EdgeError::BadEnd { .. })
        ));
    }
}
