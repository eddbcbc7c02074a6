//! OpenAPI documents as expectations and request matchers.
//!
//! A document (OpenAPI 3.0 or 3.1; inline JSON or YAML, a file, a URL) becomes one expectation per operation, with
//! an answer made of its examples or of its schemas, and one or more plain request matchers per operation. Everything goes
//! in and out in the control plane's JSON, so that the ordinary readers take it from there.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::json::{Json, Object, pretty};

mod control;
mod document;
mod load;
mod operation;
mod request;
mod response;
mod sample;
mod schema;
mod sources;
mod yaml;

#[cfg(test)]
mod tests;

pub(crate) use control::read;
use document::Documents;
pub(crate) use sources::Sources;

/// The most values that all answers, or all request matchers, of a document may have together.
const VALUES_MAX: usize = 5_000_000;

/// The most bytes in which the expectations of a document may repeat it: each one names its document.
const REPEATED_MAX: usize = 64 << 20;

/// Why a document cannot be used. The text is what the control plane answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Unable to load API spec, {0}")]
pub(crate) struct OpenApiError(String);

/// Reads the texts a document names. What may be read is the caller's decision.
pub(crate) trait Loader {
    /// The text of a file.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, for the person who named it.
    fn read_file(&self, path: &Path) -> Result<String, String>;

    /// The text behind an `http` or `https` URL.
    ///
    /// # Errors
    ///
    /// Why it cannot be fetched, for the person who named it.
    fn fetch(&self, url: &str) -> Result<String, String>;
}

/// A loaded document. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    documents: Arc<Documents>,
    /// The document as expectations echo it.
    written: Json,
    /// The length of that, in bytes.
    length: usize,
    /// What the ids of its expectations begin with.
    id_beginning: String,
}

impl Spec {
    /// Loads `payload`: a document in JSON or YAML, the path of a file, or a URL.
    ///
    /// # Errors
    ///
    /// When there is no document, or none of a version this reader knows.
    pub(crate) fn parse(payload: &str, loader: &dyn Loader) -> Result<Self, OpenApiError> {
        let loaded = load::text(payload, loader)?;
        let written = loaded.inline_json.then(|| loaded.documents.root().clone());
        let written = written.unwrap_or_else(|| Json::text(payload));
        Ok(Self::new(loaded.documents, written, payload))
    }

    /// Loads what stands under `specUrlOrPayload`: a text as for [`Spec::parse`], or the document itself.
    ///
    /// # Errors
    ///
    /// As [`Spec::parse`].
    pub(crate) fn read(payload: &Json, loader: &dyn Loader) -> Result<Self, OpenApiError> {
        if let Json::Text(text) = payload {
            return Self::parse(text, loader);
        }
        let documents = load::object(payload.clone())?;
        Ok(Self::new(documents, payload.clone(), &pretty(payload)))
    }

    fn new(documents: Documents, written: Json, source: &str) -> Self {
        let digest = Sha256::digest(source.as_bytes());
        let digest: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
        let title = documents.node().get("info").and_then(|i| i.text("title"));
        let title = title.filter(|title| !title.trim().is_empty());
        let title = title.map(|title| format!("{}_", identifier(title)));
        let id_beginning = format!("openapi:{}{digest}:", title.unwrap_or_default());
        Self {
            documents: Arc::new(documents),
            written,
            length: source.len(),
            id_beginning,
        }
    }

    /// One expectation per operation, in the order of the document; only those in `operations_and_responses`, when it
    /// names any. Its values choose the response: a status code, or `{statusCode, exampleName}`.
    ///
    /// # Errors
    ///
    /// When the document, or what it makes, is beyond a limit.
    pub(crate) fn expectations(
        &self,
        operations_and_responses: Option<&Json>,
        context_path_prefix: Option<&str>,
    ) -> Result<Vec<Json>, OpenApiError> {
        let chosen = match operations_and_responses {
            Some(Json::Object(chosen)) if !chosen.is_empty() => Some(chosen),
            _ => None,
        };
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut expectations = Vec::new();
        let mut values = 0;
        for operation in operation::all(self.documents.node())? {
            let choice = chosen.map(|chosen| chosen.get(&operation.id));
            if choice == Some(None) {
                continue;
            }
            if self.length.saturating_mul(expectations.len()) > REPEATED_MAX {
                let message = "the document is too long to be repeated by each of its expectations: name its file or URL instead";
                return Err(OpenApiError(message.to_owned()));
            }
            let times = seen.entry(operation.id.clone()).or_default();
            *times += 1;
            let mut id = format!("{}{}", self.id_beginning, operation.id);
            if *times > 1 {
                id.push_str(&format!(":{times}"));
            }
            let response = response::of(&operation, choice.flatten());
            add_values(&mut values, &response)?;
            expectations.push(Json::object([
                ("id", Json::Text(id)),
                (
                    "httpRequest",
                    self.reference(&operation.id, context_path_prefix),
                ),
                ("httpResponse", response),
            ]));
        }
        Ok(expectations)
    }

    /// The request matchers that a request matcher naming this document stands for: a request matches when one of
    /// them does. Without an operation (or with a blank one) those of all operations; an unknown operation has none.
    ///
    /// # Errors
    ///
    /// When the document, or what it makes, is beyond a limit.
    pub(crate) fn matchers(
        &self,
        operation_id: Option<&str>,
        context_path_prefix: Option<&str>,
    ) -> Result<Vec<Json>, OpenApiError> {
        let wanted = operation_id.filter(|id| !id.trim().is_empty());
        let mut matchers = Vec::new();
        let mut values = 0;
        for operation in operation::all(self.documents.node())? {
            if wanted.is_some_and(|wanted| wanted != operation.id) {
                continue;
            }
            for matcher in request::matchers(&operation, context_path_prefix) {
                add_values(&mut values, &matcher)?;
                matchers.push(matcher);
            }
        }
        Ok(matchers)
    }

    /// Whether this is the document that an expectation names so: it need not be loaded again.
    pub(crate) fn is_written_as(&self, payload: &Json) -> bool {
        self.written == *payload
    }

    /// The request matcher of an expectation, which names the document.
    fn reference(&self, operation_id: &str, context_path_prefix: Option<&str>) -> Json {
        let mut reference = Object::new();
        reference.insert("operationId".to_owned(), Json::text(operation_id));
        reference.insert("specUrlOrPayload".to_owned(), self.written.clone());
        if let Some(prefix) = context_path_prefix.filter(|prefix| !prefix.trim().is_empty()) {
            reference.insert("contextPathPrefix".to_owned(), Json::text(prefix));
        }
        Json::Object(reference)
    }
}

/// Adds the values of `json` to those counted so far.
fn add_values(count: &mut usize, json: &Json) -> Result<(), OpenApiError> {
    *count += values_of(json);
    if *count > VALUES_MAX {
        let message = format!("the document makes more than {VALUES_MAX} values");
        return Err(OpenApiError(message));
    }
    Ok(())
}

fn values_of(json: &Json) -> usize {
    let inner: usize = match json {
        Json::Array(items) => items.iter().map(values_of).sum(),
        Json::Object(fields) => fields.values().map(values_of).sum(),
        _ => 0,
    };
    inner + 1
}

/// A title as part of an id: lower case, everything but ASCII letters and digits an underscore.
fn identifier(title: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    title
        .chars()
        .flat_map(char::to_lowercase)
        .map(keep)
        .collect()
}
