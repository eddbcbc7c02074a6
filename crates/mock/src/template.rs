//! Templates: text that is filled in for each request, in one of MockServer's three languages.
//!
//! All three see the same values: `request` (and `response`) as JSON, the dynamic values (`now`, `uuid`, …) and
//! the helper objects (`strings`, `dates`, …). What a template may use is bounded: time, memory, output; it reaches no
//! file, no network and no object of the host.

use std::cell::RefCell;

use jiff::Timestamp;
use rand::rngs::StdRng;

use crate::json::{Json, Object};

mod velocity;

/// The language of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Mustache,
    Velocity,
    JavaScript,
}

/// What a template sees while it is rendered.
#[derive(Debug)]
pub(crate) struct Scope {
    /// `request`, and `response` where there is one.
    pub(crate) variables: Object,
    pub(crate) now: Timestamp,
    pub(crate) random: RefCell<StdRng>,
}

/// Why a template could not be compiled or rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    /// The text is no template of its language.
    #[error("the template is not valid: {0}")]
    Invalid(String),
    /// It failed while it was rendered.
    #[error("the template failed: {0}")]
    Failed(String),
    /// It took more time, memory, steps or output than a template may.
    #[error("the template was stopped: {0}")]
    Limit(String),
}

impl Scope {
    /// A dynamic value such as `now` or `uuid`, made anew at each call.
    pub(crate) fn dynamic(&self, _name: &str) -> Option<Json> {
        None
    }

    /// Calls a method of a helper object: `strings.trim(…)`, `dates.format(…)`. `None` when there is no such method.
    pub(crate) fn call(
        &self,
        _object: &str,
        _method: &str,
        _arguments: &[Json],
    ) -> Option<Result<Json, String>> {
        None
    }
}
