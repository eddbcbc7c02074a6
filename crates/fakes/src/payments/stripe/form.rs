//! Forms with brackets in their names, as Stripe takes them: `card[number]=…&expand[0]=…`.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use percent_encoding::percent_decode;

use super::error::StripeError;

/// How deep names may nest; no parameter of Stripe's comes near.
const DEPTH: usize = 12;

/// What stands under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A value.
    Text(String),
    /// Further names; those of an array are its indices.
    Hash(Fields),
}

/// Names and what stands under them, in the order they came.
pub(super) type Fields = IndexMap<Box<str>, Node, RandomState>;

/// The names and values of a form, decoded, as they came.
#[derive(Debug, Default)]
pub(super) struct Pairs<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Pairs<'a> {
    /// Reads a body or a query. Names and values must be UTF-8 when they are decoded.
    pub(super) fn read(form: &'a [u8]) -> Result<Self, StripeError> {
        let parts = form.split(|byte| *byte == b'&');
        let pairs = parts.filter(|part| !part.is_empty()).map(|part| {
            let at = part.iter().position(|byte| *byte == b'=');
            let (name, value) = match at {
                Some(at) => (&part[..at], &part[at + 1..]),
                None => (part, &[][..]),
            };
            Ok((decoded(name)?, decoded(value)?))
        });
        pairs.collect::<Result<_, _>>().map(Self)
    }

    /// A number that is the same for the same names and values, whatever their order, on the same operation.
    pub(super) fn fingerprint(&self, method: &str, path: &str) -> u64 {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort();
        let mut hasher = DefaultHasher::new();
        (method, path, sorted).hash(&mut hasher);
        hasher.finish()
    }

    /// The values of all names, for whoever looks for something in any of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Puts the names together.
    pub(super) fn nest(self) -> Result<Fields, StripeError> {
        let mut fields = Fields::default();
        for (name, value) in self.0 {
            let path = steps(&name)?;
            insert(&mut fields, &path, value.into_owned()).ok_or_else(|| malformed(&name))?;
        }
        Ok(fields)
    }
}

fn decoded(raw: &[u8]) -> Result<Cow<'_, str>, StripeError> {
    let text = if raw.contains(&b'+') {
        let space = |byte: &u8| if *byte == b'+' { b' ' } else { *byte };
        let spaced: Vec<u8> = raw.iter().map(space).collect();
        let text = percent_decode(&spaced).decode_utf8();
        text.map(|text| Cow::Owned(text.into_owned()))
    } else {
        percent_decode(raw).decode_utf8()
    };
    let text = text.map_err(|_| {
        StripeError::invalid("Invalid request: the parameters must be encoded as UTF-8.")
    })?;
    if text.contains('\0') {
        return Err(StripeError::invalid(
            "Invalid request: the parameters must not contain null bytes.",
        ));
    }
    Ok(text)
}

fn malformed(name: &str) -> StripeError {
    StripeError::invalid(format!(
        "Invalid request: the parameter name '{name}' cannot be read; nested names are written like address[city]."
    ))
    .param(name)
}

/// `card[number]` is `card`, then `number`.
fn steps(name: &str) -> Result<Vec<&str>, StripeError> {
    let (first, mut rest) = match name.find('[') {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    let mut steps = vec![first];
    while !rest.is_empty() {
        let inside = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let Some((step, after)) = inside else {
            return Err(malformed(name));
        };
        steps.push(step);
        rest = after;
    }
    let is_bad = |step: &str| step.contains(['[', ']']);
    if first.is_empty() || steps.len() > DEPTH || steps.iter().any(|step| is_bad(step)) {
        return Err(malformed(name));
    }
    Ok(steps)
}

/// Puts a value at the end of a path. `None` when a value stands where names should, or the other way round.
fn insert(fields: &mut Fields, path: &[&str], value: String) -> Option<()> {
    let (step, rest) = path.split_first()?;
    let key: Box<str> = match *step {
        "" => next_index(fields, rest.first()).into(),
        step => step.into(),
    };
    if rest.is_empty() {
        return match fields.entry(key) {
            indexmap::map::Entry::Occupied(mut known) => match known.get_mut() {
                Node::Text(text) => {
                    *text = value;
                    Some(())
                }
                Node::Hash(_) => None,
            },
            indexmap::map::Entry::Vacant(place) => {
                place.insert(Node::Text(value));
                Some(())
            }
        };
    }
    match fields
        .entry(key)
        .or_insert_with(|| Node::Hash(Fields::default()))
    {
        Node::Hash(inner) => insert(inner, rest, value),
        Node::Text(_) => None,
    }
}

/// `items[][price]=…` goes on with the last item until a name comes that it has already.
fn next_index(fields: &Fields, next: Option<&&str>) -> String {
    let last = fields.len().checked_sub(1);
    if let (Some(next), Some(last)) = (next, last)
        && let Some((key, Node::Hash(item))) = fields.get_index(last)
        && !item.contains_key(*next)
    {
        return key.to_string();
    }
    fields.len().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(form: &str) -> Result<String, String> {
        let pairs = Pairs::read(form.as_bytes()).map_err(|error| error.to_string())?;
        let fields = pairs.nest().map_err(|error| error.to_string())?;
        Ok(shown(&fields))
    }

    fn shown(fields: &Fields) -> String {
        let show = |(name, node): (_, &Node)| match node {
            Node::Text(text) => format!("{name}={text}"),
            Node::Hash(inner) => format!("{name}{}", shown(inner)),
        };
        format!(
            "({})",
            fields.iter().map(show).collect::<Vec<_>>().join(" ")
        )
    }

    #[test]
    fn brackets_nest_raw_or_encoded() {
        let form = "amount=5&card[number]=42&expand%5B0%5D=a.b&to+x=%D1%8F+z";
        let expected = "(amount=5 card(number=42) expand(0=a.b) to x=я z)";
        assert_eq!(nested(form).as_deref(), Ok(expected));
        let items = "l[][p]=1&l[][q]=2&l[][p]=3&t[]=a&t[]=b";
        assert_eq!(
            nested(items).as_deref(),
            Ok("(l(0(p=1 q=2) 1(p=3)) t(0=a 1=b))")
        );
    }

    #[test]
    fn malformed_names_and_texts_are_refused() {
        for form in [
            "a[b=1",
            "[a]=1",
            "a]b[=1",
            "a[b]c=1",
            "a=1&a[b]=2",
            "a[b]=1&a=2",
            "a=%ff",
            "a=%00",
        ] {
            assert!(nested(form).is_err(), "{form}");
        }
        let deep = format!("a{}=1", "[b]".repeat(50));
        assert!(nested(&deep).is_err());
    }

    #[test]
    fn a_fingerprint_does_not_mind_the_order() {
        let print = |form: &str| {
            Pairs::read(form.as_bytes())
                .expect("pairs")
                .fingerprint("POST", "/v1/refunds")
        };
        assert_eq!(print("a=1&b[c]=2"), print("b%5Bc%5D=2&a=1"));
        assert_ne!(print("a=1&b=2"), print("a=1&b=3"));
    }
}
