//! Placeholder of the Velocity engine, until the engine itself takes its place.

use super::{Scope, TemplateError};

/// A compiled Velocity template.
#[derive(Debug)]
pub(crate) struct Velocity;

impl Velocity {
    pub(crate) fn compile(_text: &str) -> Result<Self, TemplateError> {
        Err(TemplateError::Invalid(
            "Velocity templates are not there yet".to_owned(),
        ))
    }

    #[expect(clippy::unused_self, reason = "the engine itself will use it")]
    pub(crate) fn render(&self, _scope: &Scope) -> Result<String, TemplateError> {
        Err(TemplateError::Failed(
            "Velocity templates are not there yet".to_owned(),
        ))
    }
}
