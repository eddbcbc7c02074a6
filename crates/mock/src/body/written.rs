//! Bodies in MockServer's JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{BodySpec, Content};
use crate::charset::Charset;
use crate::json::{Json, Object};

impl Content {
    /// The type in MockServer's words.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Text { .. } => "STRING",
            Self::Regex(_) => "REGEX",
            Self::Json { .. } => "JSON",
            Self::JsonSchema { .. } => "JSON_SCHEMA",
            Self::JsonPath(_) => "JSON_PATH",
            Self::XPath { .. } => "XPATH",
            Self::AllOf(_) => "ALL_OF",
            Self::Rare { name, .. } => name,
            Self::Xml(_) => "XML",
            Self::Parameters(_) => "PARAMETERS",
            Self::Binary { .. } => "BINARY",
        }
    }
}

impl BodySpec {
    /// The body in MockServer's JSON: in its short form where it has one.
    pub(crate) fn written(&self) -> Json {
        let is_plain = !self.not && !self.optional && self.content_type.is_none();
        match &self.content {
            Content::Text { text, part: false } if is_plain => Json::text(text),
            Content::Json {
                value,
                strict: false,
                by_value: false,
                ..
            } if is_plain => value.clone(),
            content => self.long_form(content),
        }
    }

    fn long_form(&self, content: &Content) -> Json {
        let mut object = Object::new();
        let mut put = |name: &str, value: Json| {
            object.insert(name.to_owned(), value);
        };
        if self.not {
            put("not", Json::Bool(true));
        }
        if self.optional {
            put("optional", Json::Bool(true));
        }
        let charset = Charset::of(self.content_type.as_deref(), None);
        let raw = |text: &str| Json::Text(STANDARD.encode(charset.encode(text)));
        let mut content_type = self.content_type.as_ref().map(Json::text);
        match content {
            Content::Text { text, part } => {
                put("type", Json::text("STRING"));
                put("string", Json::text(text));
                put("rawBytes", raw(text));
                if *part {
                    put("subString", Json::Bool(true));
                }
            }
            Content::Regex(regex) => {
                put("type", Json::text("REGEX"));
                put("regex", Json::text(regex));
            }
            Content::Json {
                value,
                strict,
                by_value,
                ..
            } => {
                if let Some(content_type) = content_type.take() {
                    put("contentType", content_type);
                }
                put("type", Json::text("JSON"));
                put("json", value.clone());
                if *strict {
                    put("matchType", Json::text("STRICT"));
                }
                if *by_value {
                    put("matchNumbersAsStrings", Json::Bool(true));
                }
            }
            Content::JsonSchema { schema, styles } => {
                put("type", Json::text("JSON_SCHEMA"));
                put("jsonSchema", schema.clone());
                if !styles.is_empty() {
                    put("parameterStyles", Json::Object(styles.clone()));
                }
            }
            Content::JsonPath(path) => {
                put("type", Json::text("JSON_PATH"));
                put("jsonPath", Json::text(path));
            }
            Content::XPath { xpath, prefixes } => {
                put("type", Json::text("XPATH"));
                put("xpath", Json::text(xpath));
                if !prefixes.is_empty() {
                    put("namespacePrefixes", Json::Object(prefixes.clone()));
                }
            }
            Content::AllOf(all) => {
                put("type", Json::text("ALL_OF"));
                put(
                    "bodyAllOf",
                    Json::Array(all.iter().map(Self::written).collect()),
                );
            }
            Content::Rare { name, fields } => {
                put("type", Json::text(*name));
                for (name, value) in fields {
                    put(name, value.clone());
                }
            }
            Content::Xml(xml) => {
                put("type", Json::text("XML"));
                put("xml", Json::text(xml));
                put("rawBytes", raw(xml));
            }
            Content::Parameters(parameters) => {
                put("type", Json::text("PARAMETERS"));
                put("parameters", written_parameters(parameters));
            }
            Content::Binary { base64, .. } => {
                put("type", Json::text("BINARY"));
                put("base64Bytes", Json::text(base64));
            }
        }
        let has_type = matches!(
            content,
            Content::Text { .. } | Content::Json { .. } | Content::Xml(_) | Content::Binary { .. }
        );
        if let Some(content_type) = content_type.filter(|_| has_type) {
            put("contentType", content_type);
        }
        Json::Object(object)
    }
}

/// Names with lists of values, however they were given.
fn written_parameters(given: &Json) -> Json {
    let list = |values: &Json| match values {
        Json::Text(_) => Json::Array(vec![values.clone()]),
        other => other.clone(),
    };
    match given {
        Json::Object(object) => Json::Object(
            object
                .iter()
                .map(|(name, values)| match name.as_str() {
                    "keyMatchStyle" => (name.clone(), values.clone()),
                    _ => (name.clone(), list(values)),
                })
                .collect(),
        ),
        Json::Array(items) => {
            let pair = |item: &Json| match item {
                Json::Object(pair) => match (pair.get("name"), pair.get("values")) {
                    (Some(Json::Text(name)), Some(values)) => Some((name.clone(), list(values))),
                    _ => None,
                },
                _ => None,
            };
            let pairs: Option<Object> = items.iter().map(pair).collect();
            pairs.map_or_else(|| given.clone(), Json::Object)
        }
        other => other.clone(),
    }
}
