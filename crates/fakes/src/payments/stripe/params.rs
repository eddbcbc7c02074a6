//! The parameters of a call, taken one by one with their types; what nobody takes is unknown to Stripe.

use super::error::StripeError;
use super::form::{Fields, Node};
use super::metadata::MetadataChange;

/// Parameters under one name (or at the top).
#[derive(Debug, Default)]
pub(super) struct Params {
    /// The bracketed name they stand under; empty at the top.
    under: String,
    fields: Fields,
}

/// What a call does to something that may be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Given<T> {
    /// It is not named.
    #[default]
    Keep,
    /// It is named with nothing: it goes.
    Unset,
    /// It is set.
    Set(T),
}

impl<T> Given<T> {
    /// Does it.
    pub(super) fn apply(self, to: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Unset => *to = None,
            Self::Set(value) => *to = Some(value),
        }
    }

    /// Whether it is not named.
    pub(super) fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// What is set, if anything.
    pub(super) fn set(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Unset => None,
        }
    }

    /// With the value made into something else.
    pub(super) fn map<U>(self, make: impl FnOnce(T) -> U) -> Given<U> {
        match self {
            Self::Keep => Given::Keep,
            Self::Unset => Given::Unset,
            Self::Set(value) => Given::Set(make(value)),
        }
    }
}

type Taken<T> = Result<T, StripeError>;

impl Params {
    /// The parameters of a whole call.
    pub(super) fn new(fields: Fields) -> Self {
        Self {
            under: String::new(),
            fields,
        }
    }

    /// The full name of a parameter, `card[number]`.
    pub(super) fn name(&self, name: &str) -> String {
        if self.under.is_empty() {
            name.to_owned()
        } else {
            format!("{}[{name}]", self.under)
        }
    }

    /// Whether a parameter is named and not taken yet.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Whether a parameter is a hash.
    pub(super) fn has_hash(&self, name: &str) -> bool {
        matches!(self.fields.get(name), Some(Node::Hash(_)))
    }

    /// A text; nothing when it is empty.
    pub(super) fn text(&mut self, name: &str) -> Taken<Option<String>> {
        Ok(self.given_text(name)?.set())
    }

    /// A text that may be unset.
    pub(super) fn given_text(&mut self, name: &str) -> Taken<Given<String>> {
        match self.fields.shift_remove(name) {
            None => Ok(Given::Keep),
            Some(Node::Text(text)) if text.is_empty() => Ok(Given::Unset),
            Some(Node::Text(text)) => Ok(Given::Set(text)),
            Some(Node::Hash(_)) => {
                Err(StripeError::invalid("Invalid string: an object was given")
                    .param(self.name(name)))
            }
        }
    }

    /// A text that must be there, and be more than spaces.
    pub(super) fn required_text(&mut self, name: &str) -> Taken<String> {
        match self.given_text(name)? {
            Given::Set(text) if text.trim().is_empty() => {
                let name = self.name(name);
                let message = format!(
                    "Invalid string: '{name}' must have at least one character that is no space."
                );
                Err(StripeError::invalid(message)
                    .code("parameter_invalid_string_blank")
                    .param(name))
            }
            Given::Set(text) => Ok(text),
            Given::Unset => Err(self.empty(name)),
            Given::Keep => Err(StripeError::missing(&self.name(name))),
        }
    }

    /// A whole number.
    pub(super) fn int(&mut self, name: &str) -> Taken<Option<i64>> {
        match self.given_text(name)? {
            Given::Keep => Ok(None),
            Given::Unset => Err(self.empty(name)),
            Given::Set(text) => self.number(name, &text).map(Some),
        }
    }

    /// A whole number that must be there.
    pub(super) fn required_int(&mut self, name: &str) -> Taken<i64> {
        self.int(name)?
            .ok_or_else(|| StripeError::missing(&self.name(name)))
    }

    fn number(&self, name: &str, text: &str) -> Taken<i64> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_number);
        number.ok_or_else(|| {
            StripeError::invalid(format!("Invalid integer: {text}"))
                .code("parameter_invalid_integer")
                .param(self.name(name))
        })
    }

    /// Yes or no, in any case of letters.
    pub(super) fn flag(&mut self, name: &str) -> Taken<Option<bool>> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.to_ascii_lowercase().as_str() {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => {
                Err(StripeError::invalid(format!("Invalid boolean: {text}")).param(self.name(name)))
            }
        }
    }

    /// One of a few words, each with what it stands for.
    pub(super) fn choice<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Taken<Option<T>> {
        Ok(self.given_choice(name, words)?.set())
    }

    /// One of a few words, that may be unset.
    pub(super) fn given_choice<T: Copy>(
        &mut self,
        name: &str,
        words: &[(&str, T)],
    ) -> Taken<Given<T>> {
        let text = match self.given_text(name)? {
            Given::Keep => return Ok(Given::Keep),
            Given::Unset => return Ok(Given::Unset),
            Given::Set(text) => text,
        };
        let chosen = words.iter().find(|(word, _)| *word == text);
        chosen.map(|(_, value)| Given::Set(*value)).ok_or_else(|| {
            let name = self.name(name);
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("Invalid {name}: must be one of {}", one_of(&known));
            StripeError::invalid(message).param(name)
        })
    }

    /// Parameters under a name; nothing when it is empty. Whoever takes them must [`Params::finish`] them.
    pub(super) fn hash(&mut self, name: &str) -> Taken<Option<Self>> {
        Ok(self.given_hash(name)?.set())
    }

    /// Parameters under a name that may be unset.
    pub(super) fn given_hash(&mut self, name: &str) -> Taken<Given<Self>> {
        match self.fields.shift_remove(name) {
            None => Ok(Given::Keep),
            Some(Node::Hash(fields)) => Ok(Given::Set(Self {
                under: self.name(name),
                fields,
            })),
            Some(Node::Text(text)) if text.is_empty() => Ok(Given::Unset),
            Some(Node::Text(_)) => {
                Err(StripeError::invalid("Invalid object").param(self.name(name)))
            }
        }
    }

    /// An array of texts.
    pub(super) fn texts(&mut self, name: &str) -> Taken<Option<Vec<String>>> {
        let Some(mut items) = self.hash(name)? else {
            return Ok(None);
        };
        let indices = items.indices()?;
        let texts = indices.iter().map(|index| items.required_text(index));
        texts.collect::<Taken<Vec<_>>>().map(Some)
    }

    /// An array of objects.
    pub(super) fn hashes(&mut self, name: &str) -> Taken<Option<Vec<Self>>> {
        let Some(mut items) = self.hash(name)? else {
            return Ok(None);
        };
        let indices = items.indices()?;
        let mut hashes = Vec::with_capacity(indices.len());
        for index in &indices {
            let item = items.hash(index)?;
            let invalid = || StripeError::invalid("Invalid object").param(items.name(index));
            hashes.push(item.ok_or_else(invalid)?);
        }
        Ok(Some(hashes))
    }

    /// The names of an array's items, in the order of their numbers.
    fn indices(&self) -> Taken<Vec<Box<str>>> {
        let mut indices = Vec::with_capacity(self.fields.len());
        for name in self.fields.keys() {
            let number: u32 = name
                .parse()
                .map_err(|_| StripeError::invalid("Invalid array").param(&self.under))?;
            indices.push((number, name.clone()));
        }
        indices.sort();
        Ok(indices.into_iter().map(|(_, name)| name).collect())
    }

    /// What happens to the metadata (Stripe API, Metadata: at most 50 names of 40 characters, values of 500).
    pub(super) fn metadata(&mut self) -> Taken<MetadataChange> {
        self.metadata_of("metadata")
    }

    /// Metadata under another name.
    pub(super) fn metadata_of(&mut self, name: &str) -> Taken<MetadataChange> {
        let given = match self.given_hash(name)? {
            Given::Keep => return Ok(MetadataChange::default()),
            Given::Unset => {
                return Ok(MetadataChange {
                    clear: true,
                    set: Vec::new(),
                });
            }
            Given::Set(given) => given,
        };
        let mut change = MetadataChange::default();
        let under = given.under.clone();
        let refuse = |message: String, name: &str| {
            Err(StripeError::invalid(message).param(format!("{under}[{name}]")))
        };
        for (name, value) in given.fields {
            let Node::Text(value) = value else {
                return refuse(
                    "Metadata values must be strings, but a hash was given.".to_owned(),
                    &name,
                );
            };
            let (names, values) = (name.chars().count(), value.chars().count());
            if names > 40 {
                return refuse(
                    format!(
                        "Metadata keys can have up to 40 characters, but this one has {names}."
                    ),
                    &name,
                );
            }
            if values > 500 {
                return refuse(
                    format!(
                        "Metadata values can have up to 500 characters, but this one has {values}."
                    ),
                    &name,
                );
            }
            change.set.push((name, value.into()));
        }
        if change.set.len() > 50 {
            return Err(StripeError::invalid("Metadata can have up to 50 keys.").param(&under));
        }
        Ok(change)
    }

    /// The paths to expand.
    pub(super) fn expand(&mut self) -> Taken<Vec<String>> {
        Ok(self.texts("expand")?.unwrap_or_default())
    }

    /// Takes parameters that Stripe knows and the fake does nothing with; gives the names of those that were there.
    pub(super) fn leave(&mut self, names: &[&str]) -> Vec<String> {
        let there = names
            .iter()
            .filter(|name| self.fields.shift_remove(**name).is_some());
        there.map(|name| (*name).to_owned()).collect::<Vec<_>>()
    }

    /// All is taken: what is left is unknown.
    pub(super) fn finish(self) -> Taken<()> {
        match self.fields.first() {
            None => Ok(()),
            Some((name, _)) => {
                let name = self.name(name);
                Err(
                    StripeError::invalid(format!("Received unknown parameter: {name}"))
                        .code("parameter_unknown")
                        .param(name),
                )
            }
        }
    }

    fn empty(&self, name: &str) -> StripeError {
        let name = self.name(name);
        StripeError::invalid(format!(
            "You passed an empty string for '{name}'. Empty values unset a parameter; however, '{name}' cannot be unset. Leave it out or give it a value."
        ))
        .code("parameter_invalid_empty")
        .param(name)
    }
}

fn one_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first, second] => format!("{first} or {second}"),
        [many @ .., last] => format!("{}, or {last}", many.join(", ")),
    }
}
