//! Documents and the way through them: a [`Node`] follows references by itself and is never stopped by a wrong kind.

use std::collections::HashMap;

use crate::json::Json;

/// References to references that are followed, so that a circle of them ends.
const REFERENCES_MAX: usize = 32;

/// A document with the other documents it refers to. References into those are written `location#pointer`.
#[derive(Debug)]
pub(super) struct Documents {
    root: Json,
    others: HashMap<String, Json>,
}

impl Documents {
    pub(super) fn new(root: Json, others: HashMap<String, Json>) -> Self {
        Self { root, others }
    }

    pub(super) fn root(&self) -> &Json {
        &self.root
    }

    pub(super) fn node(&self) -> Node<'_> {
        Node {
            documents: self,
            json: &self.root,
        }
    }

    fn target(&self, reference: &str) -> Option<&Json> {
        let (location, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let document = match location {
            "" => &self.root,
            location => self.others.get(location)?,
        };
        pointer
            .split('/')
            .skip(1)
            .try_fold(document, |json, step| step_into(json, step))
    }
}

/// One step of a JSON pointer, which a reference may write percent-encoded.
fn step_into<'a>(json: &'a Json, step: &str) -> Option<&'a Json> {
    let step = percent_encoding::percent_decode_str(step).decode_utf8_lossy();
    let name = step.replace("~1", "/").replace("~0", "~");
    match json {
        Json::Object(fields) => fields.get(&name),
        Json::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    }
}

/// A place in a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a> {
    documents: &'a Documents,
    json: &'a Json,
}

impl<'a> Node<'a> {
    pub(super) fn json(self) -> &'a Json {
        self.json
    }

    fn at(self, json: &'a Json) -> Self {
        Self { json, ..self }
    }

    /// The document this place belongs to.
    pub(super) fn root(self) -> Self {
        self.documents.node()
    }

    /// Whether the document is of OpenAPI 3.1.
    pub(super) fn is_3_1(self) -> bool {
        let version = match self.root().raw("openapi").map(Node::json) {
            Some(Json::Text(version)) => version.as_str(),
            Some(Json::Number(version)) => version,
            _ => "",
        };
        version.starts_with("3.1")
    }

    /// The field as it is written; null counts as absent.
    pub(super) fn raw(self, name: &str) -> Option<Self> {
        let Json::Object(fields) = self.json else {
            return None;
        };
        let value = fields.get(name)?;
        (!matches!(value, Json::Null)).then(|| self.at(value))
    }

    /// The field, with references followed.
    pub(super) fn get(self, name: &str) -> Option<Self> {
        self.raw(name)?.follow()
    }

    /// What this place refers to, when it is a reference.
    pub(super) fn reference(self) -> Option<&'a str> {
        self.raw("$ref")?.as_text()
    }

    /// Where the reference at this place leads.
    pub(super) fn target(self) -> Option<Self> {
        let json = self.documents.target(self.reference()?)?;
        (!matches!(json, Json::Null)).then(|| self.at(json))
    }

    /// This place, or the end of the references that begin here.
    pub(super) fn follow(self) -> Option<Self> {
        let mut node = self;
        for _ in 0..REFERENCES_MAX {
            if node.reference().is_none() {
                return Some(node);
            }
            node = node.target()?;
        }
        None
    }

    pub(super) fn is_object(self) -> bool {
        matches!(self.json, Json::Object(_))
    }

    pub(super) fn as_text(self) -> Option<&'a str> {
        match self.json {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.raw(name)?.as_text()
    }

    /// The text of a number.
    pub(super) fn number(self, name: &str) -> Option<&'a str> {
        match self.raw(name)?.json {
            Json::Number(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the field is there and true.
    pub(super) fn flag(self, name: &str) -> Option<bool> {
        match self.raw(name)?.json {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The fields of an object, as they are written.
    pub(super) fn fields(self) -> impl Iterator<Item = (&'a str, Self)> {
        let fields = match self.json {
            Json::Object(fields) => Some(fields),
            _ => None,
        };
        fields
            .into_iter()
            .flatten()
            .map(move |(name, value)| (name.as_str(), self.at(value)))
    }

    /// The items of an array.
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        let items: &[Json] = match self.json {
            Json::Array(items) => items,
            _ => &[],
        };
        items.iter().map(move |item| self.at(item))
    }

    /// The items of the array under `name`.
    pub(super) fn list(self, name: &str) -> Vec<Self> {
        self.get(name)
            .map(|list| list.items().collect())
            .unwrap_or_default()
    }
}
