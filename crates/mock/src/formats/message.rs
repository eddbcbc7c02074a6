//! Requests and responses in MockServer's JSON, as the writers of forms look at them.

use std::borrow::Cow;

use super::{RetrieveType, field};
use crate::json::{Json, Object};

mod body;
mod word;

pub(super) use body::{Body, encoded, typed, with_bodies, without_raw_json};
pub(super) use word::{Entry, Reading, Word, entries, form};

/// The order in which the original writes the fields of a request.
const REQUEST_FIELDS: &[&str] = &[
    "method",
    "path",
    "pathParameters",
    "queryStringParameters",
    "headers",
    "cookies",
    "keepAlive",
    "secure",
    "socketAddress",
    "protocol",
    "localAddress",
    "remoteAddress",
    "clientCertificateChain",
    "body",
];

/// What is to be written: a request, an exchange or an expectation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    pub(super) json: &'a Json,
    pub(super) request: Message<'a>,
    /// Absent where an action makes the answer.
    pub(super) response: Option<Message<'a>>,
}

impl<'a> Item<'a> {
    /// The item of a retrieval.
    pub(super) fn read(what: RetrieveType, json: &'a Json) -> Self {
        let reading = reading(what);
        let object = match json {
            Json::Object(object) => Some(object),
            _ => None,
        };
        let named = |name| object.and_then(|object| member(object, name));
        let request = if what == RetrieveType::Requests {
            object
        } else {
            named("httpRequest")
        };
        Self {
            json,
            request: Message {
                object: request,
                reading,
            },
            response: named("httpResponse").map(|object| Message::of(object, reading)),
        }
    }
}

/// How the items of a retrieval are to be read.
pub(super) fn reading(what: RetrieveType) -> Reading {
    if what == RetrieveType::ActiveExpectations {
        Reading::Matcher
    } else {
        Reading::Record
    }
}

pub(super) fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Object> {
    match object.get(name) {
        Some(Json::Object(member)) => Some(member),
        _ => None,
    }
}

/// A request or a response; an absent request is empty.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    object: Option<&'a Object>,
    pub(super) reading: Reading,
}

impl<'a> Message<'a> {
    pub(super) fn of(object: &'a Object, reading: Reading) -> Self {
        let object = Some(object);
        Self { object, reading }
    }

    pub(super) fn is_present(self) -> bool {
        self.object.is_some()
    }

    pub(super) fn field(self, name: &str) -> Option<&'a Json> {
        self.object.and_then(|object| field(object, name))
    }

    /// A text of the message without its marks, `""` when it is absent.
    pub(super) fn text(self, name: &str) -> Cow<'a, str> {
        let word = self
            .field(name)
            .and_then(|json| Word::of(json, self.reading));
        word.map_or(Cow::Borrowed(""), |word| word.text)
    }

    /// The path with a slash before it.
    pub(super) fn rooted_path(self) -> String {
        let path = self.text("path");
        if path.starts_with('/') {
            path.into_owned()
        } else {
            format!("/{path}")
        }
    }

    pub(super) fn entries(self, name: &str) -> Vec<Entry<'a>> {
        entries(self.field(name), self.reading)
    }

    /// The first value of each name.
    pub(super) fn first_values(self, name: &str) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
        let entries = self.entries(name).into_iter();
        let first = |values: Vec<Word<'a>>| values.into_iter().next().map(|value| value.text);
        entries
            .map(|(name, values)| (name.text, first(values).unwrap_or_default()))
            .collect()
    }

    /// Every value with its name.
    pub(super) fn pairs(self, name: &str) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
        let entries = self.entries(name).into_iter();
        entries
            .flat_map(|(name, values)| {
                let pair = move |value: Word<'a>| (name.text.clone(), value.text);
                values.into_iter().map(pair)
            })
            .collect()
    }

    /// The first value of a header, whatever the case of its name.
    pub(super) fn header(self, name: &str) -> Option<Cow<'a, str>> {
        let headers = self.first_values("headers").into_iter();
        let mut named = headers.filter(|(given, _)| given.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value)
    }

    /// The reason beside the status, where it is not empty.
    pub(super) fn reason(self) -> Option<&'a str> {
        match self.field("reasonPhrase") {
            Some(Json::Text(reason)) if !reason.is_empty() => Some(reason),
            _ => None,
        }
    }

    pub(super) fn status(self) -> Option<&'a str> {
        match self.field("statusCode") {
            Some(Json::Number(status)) => Some(status),
            _ => None,
        }
    }

    pub(super) fn body(self) -> Option<Body<'a>> {
        self.field("body").map(Body::of)
    }
}

/// A request with its fields in the order of the original.
pub(super) fn in_field_order(request: &Json) -> Json {
    let Json::Object(mut object) = without_raw_json(request) else {
        return request.clone();
    };
    let place = |name: &str| REQUEST_FIELDS.iter().position(|field| *field == name);
    object.sort_by_key(|name, _| place(name).unwrap_or(REQUEST_FIELDS.len()));
    Json::Object(object)
}
