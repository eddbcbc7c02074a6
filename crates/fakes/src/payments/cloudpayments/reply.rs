//! The envelope of all answers: `Model`, `Success`, `Message`.

use http::StatusCode;
use serde::Serialize;

use crate::kit::Answer;

/// A business failure without a model. The provider answers it with 200; the sentence is for the developer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) String);

/// What an operation comes to.
pub(super) type Outcome = Result<Answer, Refusal>;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a, M> {
    /// Left out when there is none: SDKs take the key's presence for an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a M>,
    success: bool,
    message: Option<&'a str>,
    error_code: Option<()>,
}

/// An answer with a model. `is_done` is false for a declined payment and for one that needs 3-D Secure.
pub(super) fn model(is_done: bool, model: &impl Serialize) -> Answer {
    let envelope = Envelope {
        model: Some(model),
        success: is_done,
        message: None,
        error_code: None,
    };
    Answer::json(StatusCode::OK, &envelope)
}

/// Done, and nothing to show.
pub(super) fn done(message: Option<&str>) -> Answer {
    let envelope = Envelope::<()> {
        model: None,
        success: true,
        message,
        error_code: None,
    };
    Answer::json(StatusCode::OK, &envelope)
}

impl Refusal {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A parameter is missing.
    pub(super) fn missing(name: &str) -> Self {
        Self(format!("{name} is required"))
    }

    /// A parameter is not what it must be.
    pub(super) fn invalid(name: &str) -> Self {
        Self(format!("Invalid {name} value"))
    }

    /// What was asked for is not there.
    pub(super) fn not_found() -> Self {
        Self("Not found".to_owned())
    }

    pub(super) fn answer(&self) -> Answer {
        let envelope = Envelope::<()> {
            model: None,
            success: false,
            message: Some(&self.0),
            error_code: None,
        };
        Answer::json(StatusCode::OK, &envelope)
    }
}
