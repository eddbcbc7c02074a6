//! One request to an outside service, before it is sent.

use http::Method;
use serde::Serialize;

use super::Trouble;

const FORM: &str = "application/x-www-form-urlencoded";

/// What is asked.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// Below the base address, `api/v1/payments`.
    pub(super) path: &'static str,
    /// One more segment of the path; any text.
    pub(super) id: Option<&'a str>,
    /// What is to be done with it, after the id: `cancel`.
    pub(super) action: Option<&'static str>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) content_type: &'static str,
    pub(super) body: Option<String>,
    pub(super) key: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// Asks for what is known about `id`.
    pub(super) fn get(path: &'static str, id: &'a str) -> Self {
        Self {
            id: Some(id),
            ..Self::new(Method::GET, path)
        }
    }

    /// Asks for what fits.
    pub(super) fn list(path: &'static str, query: Vec<(&'static str, String)>) -> Self {
        Self {
            query,
            ..Self::new(Method::GET, path)
        }
    }

    /// Sends `body`; the same `key` is the same operation.
    pub(super) fn post(
        path: &'static str,
        body: &impl Serialize,
        key: &'a str,
    ) -> Result<Self, Trouble> {
        Ok(Self {
            key: Some(key),
            ..Self::question(path, body)?
        })
    }

    /// Sends `body` to learn something: it has no effect, so there is no key.
    pub(super) fn question(path: &'static str, body: &impl Serialize) -> Result<Self, Trouble> {
        let body = serde_json::to_string(body)
            .map_err(|error| Trouble::BadAnswer(format!("our request: {error}")))?;
        Ok(Self {
            body: Some(body),
            ..Self::new(Method::POST, path)
        })
    }

    /// Sends a form; the same `key` is the same operation.
    pub(super) fn form(path: &'static str, fields: &[(&str, &str)], key: &'a str) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        Self {
            content_type: FORM,
            body: Some(form.finish()),
            key: Some(key),
            ..Self::new(Method::POST, path)
        }
    }

    /// Does `action` with `id`; the same `key` is the same operation.
    pub(super) fn act(path: &'static str, id: &'a str, action: &'static str, key: &'a str) -> Self {
        Self {
            id: Some(id),
            action: Some(action),
            key: Some(key),
            ..Self::new(Method::POST, path)
        }
    }

    fn new(method: Method, path: &'static str) -> Self {
        Self {
            method,
            path,
            id: None,
            action: None,
            query: Vec::new(),
            content_type: "application/json",
            body: None,
            key: None,
        }
    }

    /// The call without what differs from object to object, for the name of its span.
    pub(super) fn template(&self) -> String {
        let id = self.id.map_or("", |_| "/{id}");
        let action = self.action.map(|action| format!("/{action}"));
        let action = action.unwrap_or_default();
        format!("{} /{}{id}{action}", self.method, self.path)
    }
}
