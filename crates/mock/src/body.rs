//! Bodies as MockServer writes them: a text, JSON as it is, or an object that names its type.
//!
//! Matchers and responses share these forms. An object names its type by `type`, or by the field that holds the content
//! (`{"string": "..."}`); any other object is itself a JSON body.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use bytes::Bytes;

use crate::json::{Json, Object, parse_lenient, parse_strict};
use crate::schema::{Complaints, Fields, UNREADABLE};

mod written;

/// A body as it was written.
#[derive(Debug)]
pub(crate) struct BodySpec {
    pub(crate) content: Content,
    pub(crate) not: bool,
    pub(crate) optional: bool,
    pub(crate) content_type: Option<String>,
    pub(crate) charset: Option<String>,
}

/// What a body holds.
#[derive(Debug)]
pub(crate) enum Content {
    /// A text; `part` when it need only be contained.
    Text { text: String, part: bool },
    /// A regular expression.
    Regex(String),
    /// JSON; `source` when it was given as text. With `by_value`, `1` equals `1.0`.
    Json {
        value: Json,
        source: Option<String>,
        strict: bool,
        by_value: bool,
    },
    /// A JSON Schema, and the styles in which forms write lists.
    JsonSchema { schema: Json, styles: Object },
    /// A JSONPath.
    JsonPath(String),
    /// An XPath, and the URIs of its prefixes.
    XPath { xpath: String, prefixes: Object },
    /// Several bodies, all of which must match.
    AllOf(Vec<BodySpec>),
    /// A type that few use, with its fields as they were given.
    Rare { name: &'static str, fields: Object },
    /// XML, as text.
    Xml(String),
    /// Form parameters.
    Parameters(Json),
    /// Bytes, and their base64 as it was given.
    Binary { bytes: Bytes, base64: String },
}

/// The types of MockServer with the field that holds their content; `true` for those that are built.
const TYPES: &[(&str, &str, bool)] = &[
    ("STRING", "string", true),
    ("REGEX", "regex", true),
    ("JSON", "json", true),
    ("XML", "xml", true),
    ("PARAMETERS", "parameters", true),
    ("BINARY", "base64Bytes", true),
    ("JSON_SCHEMA", "jsonSchema", true),
    ("JSON_PATH", "jsonPath", true),
    ("XML_SCHEMA", "xmlSchema", false),
    ("XPATH", "xpath", true),
    ("GRAPHQL", "query", true),
    ("JSON_RPC", "", true),
    ("FILE", "filePath", false),
    ("FUZZY", "fuzzy", true),
    ("MULTIPART", "", true),
    ("WASM", "", false),
    ("ALL_OF", "bodyAllOf", true),
];

/// The fields of the types that few use, in the order in which they are written.
const RARE_FIELDS: &[&str] = &[
    "query",
    "operationName",
    "variablesSchema",
    "selectionSetMatchType",
    "method",
    "paramsSchema",
    "fuzzy",
    "threshold",
    "ignoreCase",
    "fields",
    "filenames",
    "partContentTypes",
];

/// Types that are recognised by their content field alone.
const RECOGNISED: &[&str] = &[
    "string",
    "regex",
    "json",
    "xml",
    "base64Bytes",
    "jsonSchema",
    "jsonPath",
    "xmlSchema",
    "xpath",
    "bodyAllOf",
    "fuzzy",
];

impl BodySpec {
    /// Reads the body that stands at `path`; `what` names its role in complaints.
    pub(crate) fn read(
        json: &Json,
        what: &str,
        path: &str,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        match json {
            Json::Text(text) => Some(Self::plain(Content::Text {
                text: text.clone(),
                part: false,
            })),
            Json::Object(object) => match type_of(object) {
                Some((name, true)) => Self::read_typed(name, object, path, complaints),
                Some((name, false)) => {
                    complaints.not_built(format!("{what} {name}"));
                    None
                }
                None => Some(Self::plain_json(json)),
            },
            Json::Array(_) => Some(Self::plain_json(json)),
            other => {
                let found = other.kind();
                complaints.error(
                    path,
                    format_args!("{found} found, string, object or array expected"),
                );
                None
            }
        }
    }

    fn plain(content: Content) -> Self {
        Self {
            content,
            not: false,
            optional: false,
            content_type: None,
            charset: None,
        }
    }

    fn plain_json(json: &Json) -> Self {
        Self::plain(Content::Json {
            value: json.clone(),
            source: None,
            strict: false,
            by_value: false,
        })
    }

    fn read_typed(
        name: &'static str,
        object: &Object,
        path: &str,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        let mut fields = Fields::of_object(object, path.to_owned());
        if name == "JSON" && object.get("json") == Some(&Json::Null) {
            complaints.other = Some(UNREADABLE.to_owned());
            return None;
        }
        let content = match name {
            "STRING" => Content::Text {
                text: fields.text("string", complaints).unwrap_or_default(),
                part: fields.boolean("subString", complaints).unwrap_or_default(),
            },
            "REGEX" => Content::Regex(fields.text("regex", complaints).unwrap_or_default()),
            "XML" => Content::Xml(fields.text("xml", complaints).unwrap_or_default()),
            "JSON" => read_json(&mut fields, complaints)?,
            "PARAMETERS" => {
                Content::Parameters(fields.take("parameters").cloned().unwrap_or(Json::Null))
            }
            "JSON_SCHEMA" => Content::JsonSchema {
                schema: read_schema(&mut fields, complaints)?,
                styles: object_of_texts(&mut fields, "parameterStyles", complaints),
            },
            "JSON_PATH" => {
                Content::JsonPath(fields.text("jsonPath", complaints).unwrap_or_default())
            }
            "XPATH" => Content::XPath {
                xpath: fields.text("xpath", complaints).unwrap_or_default(),
                prefixes: object_of_texts(&mut fields, "namespacePrefixes", complaints),
            },
            "ALL_OF" => Content::AllOf(read_all_of(&mut fields, complaints)?),
            "GRAPHQL" | "JSON_RPC" | "FUZZY" | "MULTIPART" => Content::Rare {
                name,
                fields: rare_fields(&mut fields),
            },
            _ => {
                let base64 = fields.text("base64Bytes", complaints).unwrap_or_default();
                let bytes = body_bytes(&base64, &fields.at("base64Bytes"));
                let base64 = STANDARD.encode(&bytes);
                Content::Binary { bytes, base64 }
            }
        };
        // Further fields of a typed body say nothing, and MockServer does not mind them.
        Some(Self {
            content,
            not: fields.boolean("not", complaints).unwrap_or_default(),
            optional: fields.boolean("optional", complaints).unwrap_or_default(),
            content_type: fields.text("contentType", complaints),
            charset: fields.text("charset", complaints),
        })
    }
}

fn read_json(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<Content> {
    // Within bodies MockServer does not mind the case of its words.
    let mode = fields.text("matchType", complaints);
    let strict = mode.is_some_and(|mode| mode.eq_ignore_ascii_case("STRICT"));
    let by_value = fields.boolean("matchNumbersAsStrings", complaints);
    let at = fields.at("json");
    let (value, source) = match fields.take("json") {
        Some(Json::Text(text)) => match parse_lenient(text) {
            Ok(value) => (value, Some(text.clone())),
            Err(error) => {
                complaints.error(&at, error);
                return None;
            }
        },
        Some(value) => (value.clone(), None),
        None => {
            complaints.error(&at, "is missing but it is required");
            return None;
        }
    };
    Some(Content::Json {
        value,
        source,
        strict,
        by_value: by_value.unwrap_or_default(),
    })
}

/// A schema, as JSON or as its text.
fn read_schema(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<Json> {
    let text = match fields.take("jsonSchema") {
        Some(Json::Text(text)) => text,
        Some(schema) => return Some(schema.clone()),
        None => {
            complaints.error(&fields.at("jsonSchema"), "is missing but it is required");
            return None;
        }
    };
    if text.trim_end().ends_with(".json") {
        complaints.not_built("a JSON Schema in a file");
    } else if !text.trim_start().starts_with('{') {
        let what = "Schema must either be a path reference to a *.json file or a json string";
        complaints.other = Some(what.to_owned());
    } else {
        match parse_strict(text) {
            Ok(schema) => return Some(schema),
            Err(error) => complaints.other = Some(error.to_string()),
        }
    }
    None
}

fn read_all_of(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<Vec<BodySpec>> {
    let at = fields.at("bodyAllOf");
    match fields.take("bodyAllOf") {
        None => Some(Vec::new()),
        Some(Json::Array(items)) => {
            let read = |(place, item): (usize, &Json)| {
                BodySpec::read(item, "body matcher", &format!("{at}[{place}]"), complaints)
            };
            items.iter().enumerate().map(read).collect()
        }
        Some(other) => {
            complaints.error(&at, format_args!("{} found, array expected", other.kind()));
            None
        }
    }
}

fn rare_fields(fields: &mut Fields<'_>) -> Object {
    let given = RARE_FIELDS.iter().filter_map(|name| {
        let value = fields.take(name)?;
        Some(((*name).to_owned(), value.clone()))
    });
    given.collect()
}

/// An object whose values are texts; empty when it is absent.
fn object_of_texts(fields: &mut Fields<'_>, name: &str, complaints: &mut Complaints) -> Object {
    let at = fields.at(name);
    match fields.take(name) {
        None => Object::new(),
        Some(Json::Object(object)) => {
            for (name, value) in object {
                complaints.text(&format!("{at}.{name}"), value);
            }
            object.clone()
        }
        Some(other) => {
            complaints.error(&at, format_args!("{} found, object expected", other.kind()));
            Object::new()
        }
    }
}

/// Decodes bytes that stand at `path`.
pub(crate) fn decode_base64(text: &str, path: &str, complaints: &mut Complaints) -> Option<Bytes> {
    match STANDARD.decode(text) {
        Ok(bytes) => Some(Bytes::from(bytes)),
        Err(error) => {
            complaints.error(path, format_args!("is no base64: {error}"));
            None
        }
    }
}

/// The bytes of a body that stands at `path`, with or without their padding. The original takes what is no base64 for no bytes;
/// the log says so.
fn body_bytes(text: &str, path: &str) -> Bytes {
    const INDIFFERENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    match GeneralPurpose::new(&alphabet::STANDARD, INDIFFERENT).decode(text) {
        Ok(bytes) => Bytes::from(bytes),
        Err(error) => {
            tracing::warn!(%error, path, "bytes in an expectation are no base64: they count for none");
            Bytes::new()
        }
    }
}

/// The type an object names and whether it is built; `None` for an object that is itself a JSON body.
fn type_of(object: &Object) -> Option<(&'static str, bool)> {
    let by_name = match object.get("type") {
        Some(Json::Text(word)) => TYPES
            .iter()
            .find(|(name, ..)| name.eq_ignore_ascii_case(word)),
        _ => None,
    };
    let has_content = |field: &str| RECOGNISED.contains(&field) && object.contains_key(field);
    let found = by_name.or_else(|| {
        let mut recognised = TYPES.iter().filter(|(_, field, _)| has_content(field));
        recognised.next().filter(|_| !object.contains_key("type"))
    });
    found.map(|(name, _, is_built)| (*name, *is_built))
}
