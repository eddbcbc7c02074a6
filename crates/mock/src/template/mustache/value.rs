//! What a name can stand for, and what is within it.

use std::borrow::Cow;

use crate::json::Json;

/// A value in the context of a template.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    Json(Cow<'a, Json>, Kind),
    /// The entries, keys or values of a map: they can be gone through, but have no numbers.
    Set(Vec<Value<'a>>),
    Entry(String, Box<Value<'a>>),
    /// A helper object, or a provider of `faker`.
    Helper(String),
    Lambda(Lambda),
}

/// Where JSON comes from, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Plain,
    /// All variables.
    Root,
    /// The whole request or response, which prints as JSON.
    Message,
    /// Headers, whose names are found in any case.
    Headers,
    /// The result of a JSONPath, which prints its lists as JSON.
    Found,
}

/// A section that does something with its text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lambda {
    JsonPath,
    XPath,
    ScenarioState,
}

impl<'a> Value<'a> {
    pub(super) fn plain(json: Json) -> Self {
        Self::Json(Cow::Owned(json), Kind::Plain)
    }

    pub(super) fn is_false(&self) -> bool {
        match self {
            Self::Json(json, _) => match json.as_ref() {
                Json::Null | Json::Bool(false) => true,
                Json::Text(text) => text.is_empty(),
                Json::Number(text) => text.parse::<f64>().is_ok_and(|number| number == 0.0),
                Json::Array(items) => items.is_empty(),
                Json::Bool(true) | Json::Object(_) => false,
            },
            Self::Set(values) => values.is_empty(),
            Self::Entry(..) | Self::Helper(_) => false,
            // A lambda is neither true nor false: its inverted section writes nothing.
            Self::Lambda(_) => false,
        }
    }

    /// What a section goes through.
    pub(super) fn items(&self) -> Option<Vec<Value<'a>>> {
        match self {
            Self::Json(Cow::Borrowed(Json::Array(items)), kind) => Some(
                items
                    .iter()
                    .map(|item| Self::Json(Cow::Borrowed(item), *kind))
                    .collect(),
            ),
            Self::Json(Cow::Owned(Json::Array(items)), kind) => Some(
                items
                    .iter()
                    .map(|item| Self::Json(Cow::Owned(item.clone()), *kind))
                    .collect(),
            ),
            Self::Set(values) => Some(values.clone()),
            _ => None,
        }
    }

    /// What the name stands for within this value, without the methods of helper objects.
    pub(super) fn get(&self, name: &str) -> Option<Value<'a>> {
        match self {
            Self::Json(json, kind) => match json.as_ref() {
                Json::Object(_) => field(json, *kind, name).or_else(|| view(json, *kind, name)),
                Json::Array(items) => match name {
                    "size" => Some(Self::plain(Json::number(items.len()))),
                    "isEmpty" | "empty" => Some(Self::plain(Json::Bool(items.is_empty()))),
                    _ => {
                        let place: usize = name.parse().ok()?;
                        within(json, |json| match json {
                            Json::Array(items) => items.get(place),
                            _ => None,
                        })
                        .map(|item| Self::Json(item, *kind))
                    }
                },
                Json::Text(text) => text_method(text, name).map(Self::plain),
                _ => None,
            },
            Self::Entry(key, value) => match name {
                "key" => Some(Self::plain(Json::text(key))),
                "value" => Some(value.as_ref().clone()),
                _ => None,
            },
            Self::Set(values) => match name {
                "size" => Some(Self::plain(Json::number(values.len()))),
                "isEmpty" | "empty" => Some(Self::plain(Json::Bool(values.is_empty()))),
                _ => None,
            },
            Self::Helper(_) | Self::Lambda(_) => None,
        }
    }
}

/// The part of a value that `pick` finds, borrowed where the value is.
fn within<'a>(
    json: &Cow<'a, Json>,
    pick: impl for<'b> Fn(&'b Json) -> Option<&'b Json>,
) -> Option<Cow<'a, Json>> {
    match json {
        Cow::Borrowed(json) => pick(json).map(Cow::Borrowed),
        Cow::Owned(json) => pick(json).cloned().map(Cow::Owned),
    }
}

fn field<'a>(json: &Cow<'a, Json>, kind: Kind, name: &str) -> Option<Value<'a>> {
    let found = within(json, |json| match json {
        Json::Object(fields) => fields.get(name).or_else(|| {
            let mut fields = fields.iter().filter(|_| kind == Kind::Headers);
            fields
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        }),
        _ => None,
    })?;
    let kind = match kind {
        Kind::Message if name == "headers" => Kind::Headers,
        Kind::Found => Kind::Found,
        Kind::Root => Kind::Message,
        Kind::Plain | Kind::Message | Kind::Headers => Kind::Plain,
    };
    Some(Value::Json(found, kind))
}

/// A map as the list of its entries, keys or values.
fn view<'a>(json: &Cow<'a, Json>, kind: Kind, name: &str) -> Option<Value<'a>> {
    let Json::Object(fields) = json.as_ref() else {
        return None;
    };
    let value = |name: &str| field(json, kind, name);
    let values = match name {
        "keySet" => fields
            .keys()
            .map(|key| Value::plain(Json::text(key)))
            .collect(),
        "values" => fields.keys().filter_map(|key| value(key)).collect(),
        "entrySet" => fields
            .keys()
            .filter_map(|key| Some(Value::Entry(key.clone(), Box::new(value(key)?))))
            .collect(),
        _ => return None,
    };
    Some(Value::Set(values))
}

/// The methods of a Java text that need no argument.
fn text_method(text: &str, name: &str) -> Option<Json> {
    Some(match name {
        "length" => Json::number(text.encode_utf16().count()),
        "isEmpty" | "empty" => Json::Bool(text.is_empty()),
        "isBlank" => Json::Bool(text.trim().is_empty()),
        "trim" => Json::text(text.trim_matches(|c| c <= ' ')),
        "strip" => Json::text(text.trim()),
        "toLowerCase" => Json::Text(text.to_lowercase()),
        "toUpperCase" => Json::Text(text.to_uppercase()),
        "toString" => Json::text(text),
        _ => return None,
    })
}
