//! How control refuses: what is wrong, where, and what to try.

use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Asked;
use crate::kit::{ActionError, Answer, BadFault};

/// A refusal.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    what: String,
    place: Option<String>,
    hint: Option<String>,
}

impl Refused {
    pub(super) fn new(status: StatusCode, what: impl Into<String>) -> Self {
        Self {
            status,
            what: what.into(),
            place: None,
            hint: None,
        }
    }

    pub(super) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

pub(super) fn refusal(refused: &Refused) -> Answer {
    let mut error = json!({"what": refused.what});
    if let Some(place) = &refused.place {
        error["where"] = Value::from(place.as_str());
    }
    if let Some(hint) = &refused.hint {
        error["hint"] = Value::from(hint.as_str());
    }
    Answer::json(refused.status, &json!({"error": error}))
}

impl From<ActionError> for Refused {
    fn from(error: ActionError) -> Self {
        let status = match &error {
            ActionError::Unknown { .. } | ActionError::NotFound { .. } => StatusCode::NOT_FOUND,
            ActionError::Parameter { .. } => StatusCode::BAD_REQUEST,
            ActionError::Refused(_) => StatusCode::CONFLICT,
        };
        let refused = Self::new(status, error.to_string());
        match error {
            ActionError::Parameter { parameter, .. } => refused.at(parameter),
            _ => refused,
        }
    }
}

impl From<BadFault> for Refused {
    fn from(error: BadFault) -> Self {
        let refused = Self::new(StatusCode::BAD_REQUEST, error.to_string());
        match error {
            BadFault::NoOperation { .. } => refused.at("on.operation"),
            BadFault::Parameter { parameter, .. } => refused.at(format!("params.{parameter}")),
            BadFault::Never => refused.at("times"),
            BadFault::TooMany => refused.hint("DELETE /_styk/faults removes all"),
        }
    }
}

impl Asked<'_> {
    /// The number in the n-th place of the path.
    pub(super) fn number(&self, place: usize) -> Result<u64, Refused> {
        let text = self.found.parameters.get(place).map_or("", String::as_str);
        text.parse().map_err(|_| {
            Refused::new(StatusCode::BAD_REQUEST, format!("`{text}` is no number")).at("the path")
        })
    }

    /// The value of a parameter of the query.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let query = self.request.uri.query().unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// A parameter of the query that is a number.
    pub(super) fn query_number(&self, name: &str, default: u64) -> Result<u64, Refused> {
        match self.query(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| {
                let told = format!("`{name}` is a number, here is `{text}`");
                Refused::new(StatusCode::BAD_REQUEST, told).at(name)
            }),
        }
    }

    /// The body as JSON; nothing counts as an empty object.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        let body = &self.request.body;
        let text: &[u8] = if body.is_empty() { b"{}" } else { body };
        serde_json::from_slice(text).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            Refused::new(
                StatusCode::BAD_REQUEST,
                format!("the body cannot be read: {error}"),
            )
            .at(place)
            .hint("GET /_styk/openapi.json describes it")
        })
    }
}
