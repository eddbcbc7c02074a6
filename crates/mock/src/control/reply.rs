//! The answer to an operation.

use bytes::Bytes;
use http::StatusCode;

use super::operation::PREFIX;
use crate::error::ExpectationError;
use crate::expectation::incorrect_format;
use crate::formats::Rendered;
use crate::http1::Answer;
use crate::json::{Json, pretty};
use crate::schema::Complaints;
use crate::settings::Settings;

const JSON_TYPE: &str = "application/json; charset=utf-8";
const TEXT_TYPE: &str = "text/plain; charset=utf-8";

#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    content_type: Option<&'static str>,
    /// The value of `content-disposition`, for files.
    disposition: Option<String>,
    body: Bytes,
}

impl Reply {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            content_type: None,
            disposition: None,
            body: Bytes::new(),
        }
    }

    pub(crate) fn text(status: StatusCode, text: String) -> Self {
        Self {
            content_type: Some(TEXT_TYPE),
            body: Bytes::from(text),
            ..Self::empty(status)
        }
    }

    pub(super) fn json(status: StatusCode, text: String) -> Self {
        Self {
            content_type: Some(JSON_TYPE),
            ..Self::text(status, text)
        }
    }

    /// An object of these fields, in their order.
    pub(super) fn object<'a>(
        status: StatusCode,
        fields: impl IntoIterator<Item = (&'a str, Json)>,
    ) -> Self {
        Self::json(status, pretty(&Json::object(fields)))
    }

    pub(super) fn bad_request(text: impl Into<String>) -> Self {
        Self::text(StatusCode::BAD_REQUEST, text.into())
    }

    /// As [`Reply::bad_request`], in the JSON that operations of later versions answer.
    pub(super) fn bad_request_json(text: impl Into<String>) -> Self {
        Self::object(StatusCode::BAD_REQUEST, [("error", Json::text(text))])
    }

    pub(super) fn not_built(features: &[String]) -> Self {
        let features = features.to_vec();
        Self::text(
            StatusCode::NOT_IMPLEMENTED,
            ExpectationError::NotBuilt { features }.to_string(),
        )
    }

    /// What is wrong with the control object `text`, which is a `what`.
    pub(super) fn complaints(what: &str, text: &str, complaints: &Complaints) -> Option<Self> {
        if !complaints.errors.is_empty() {
            Some(Self::bad_request(incorrect_format(what, text, complaints)))
        } else if let Some(other) = &complaints.other {
            Some(Self::bad_request(other.clone()))
        } else if !complaints.not_built.is_empty() {
            Some(Self::not_built(&complaints.not_built))
        } else {
            None
        }
    }

    pub(super) fn text_of_body(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer, with the headers that are set for all of them. `deprecated` is the name that came without the prefix.
    /// What it says.
    pub(super) fn words(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn into_answer(self, settings: &Settings, deprecated: Option<&str>) -> Answer {
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
        if let Some(content_type) = self.content_type {
            add("content-type", content_type.to_owned());
        }
        if let Some(disposition) = self.disposition {
            add("content-disposition", disposition);
        }
        if !settings.version_header.is_empty() {
            let version = settings.version_header.replace(char::is_control, "");
            add("version", version);
        }
        if let Some(name) = deprecated {
            let hint = format!("\"/{name}\" is deprecated use \"{PREFIX}{name}\" instead");
            add("deprecated", hint);
        }
        Answer {
            headers: headers.into_iter().collect(),
            body: self.body,
            ..Answer::new(self.status)
        }
    }
}

impl From<Rendered> for Reply {
    fn from(rendered: Rendered) -> Self {
        Self {
            content_type: Some(rendered.content_type),
            disposition: rendered.disposition,
            body: Bytes::from(rendered.body),
            ..Self::empty(StatusCode::OK)
        }
    }
}
