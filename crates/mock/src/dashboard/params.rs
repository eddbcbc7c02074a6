//! The query of a request for data.

use super::Refusal;
use crate::matcher::query_pairs;

/// The largest page of a list.
const LIMIT_MAX: u64 = 200;
const LIMIT: u64 = 50;

/// Names and values of a query.
#[derive(Debug)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    pub(super) fn read(query: &str) -> Self {
        let pairs = query_pairs(query).into_iter();
        Self(
            pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// Refuses names that mean nothing here.
    pub(super) fn allow(&self, known: &[&str]) -> Result<(), Refusal> {
        let unknown = self
            .0
            .iter()
            .find(|(name, _)| !known.contains(&name.as_str()));
        match unknown {
            None => Ok(()),
            Some((name, _)) => Err(Refusal::bad_request(format!(
                "`{name}` is no parameter here; known are: {}",
                known.join(", ")
            ))),
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(given, _)| given == name);
        pair.map(|(_, value)| value.as_str())
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let read = |text: &str| {
            text.parse::<u64>().map_err(|_not_a_number| {
                Refusal::bad_request(format!("`{name}` must be a whole number, not `{text}`"))
            })
        };
        self.text(name).map(read).transpose()
    }

    /// How many items a list may have.
    pub(super) fn limit(&self) -> Result<usize, Refusal> {
        let limit = self.number("limit")?.unwrap_or(LIMIT).clamp(1, LIMIT_MAX);
        Ok(usize::try_from(limit).unwrap_or(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_names_and_words_for_numbers_are_refused() {
        let params = Params::read("limit=x&search=a+b&before=7");
        assert_eq!(params.text("search"), Some("a b"));
        assert_eq!(params.number("before"), Ok(Some(7)));
        assert_eq!(params.number("after"), Ok(None));
        assert!(params.number("limit").is_err());
        assert!(params.allow(&["limit", "search"]).is_err());
        assert_eq!(params.allow(&["limit", "search", "before"]), Ok(()));
    }

    #[test]
    fn a_page_is_never_empty_by_request_nor_larger_than_the_bound() {
        let limit = |query: &str| Params::read(query).limit();
        assert_eq!(limit(""), Ok(50));
        assert_eq!(limit("limit=0"), Ok(1));
        assert_eq!(limit("limit=1000000"), Ok(200));
    }
}
