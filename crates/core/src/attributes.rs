//! Facts by name: few of them, written once and seldom read.

use std::borrow::Cow;

/// Named facts about an exchange, in the order they were written; each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(Vec<(Cow<'static, str>, String)>);

impl Attributes {
    /// No facts.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Writes a fact, in the place of an older one of the same name.
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// The fact of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut facts = self.iter();
        facts
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// All facts.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

impl<N: Into<Cow<'static, str>>, V: Into<String>> FromIterator<(N, V)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(facts: I) -> Self {
        let mut attributes = Self::new();
        attributes.extend(facts);
        attributes
    }
}

impl<N: Into<Cow<'static, str>>, V: Into<String>> Extend<(N, V)> for Attributes {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, facts: I) {
        for (name, value) in facts {
            self.insert(name, value);
        }
    }
}

impl<N: Into<Cow<'static, str>>, V: Into<String>, const COUNT: usize> From<[(N, V); COUNT]>
    for Attributes
{
    fn from(facts: [(N, V); COUNT]) -> Self {
        facts.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_last_value() {
        let mut attributes = Attributes::from([("order", "A-1"), ("fault", "reset")]);
        attributes.insert("order".to_owned(), "A-2");
        assert_eq!(attributes.get("order"), Some("A-2"));
        assert_eq!(attributes.get("replayed"), None);
        let facts: Vec<_> = attributes.iter().collect();
        assert_eq!(facts, [("order", "A-2"), ("fault", "reset")]);
    }
}
