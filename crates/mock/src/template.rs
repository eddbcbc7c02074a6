//! Templates: text that is filled in for each request, in one of MockServer's three languages.
//!
//! All three see the same values: `request` (and `response`) as JSON, the dynamic values (`now`, `uuid`, …) and
//! the helper objects (`strings`, `dates`, …). What a template may use is bounded: time, memory, output; it reaches no
//! file, no network and no object of the host.

use std::cell::RefCell;
use std::sync::Arc;

use jiff::Timestamp;
use rand::rngs::StdRng;

use crate::json::{Json, Object};

mod dynamic;
mod helpers;
mod javascript;
mod mustache;
mod text;
mod variables;
mod velocity;

pub(crate) use helpers::Called;
pub(crate) use variables::{RequestParts, request_variables};

use javascript::JavaScript;
use mustache::Mustache;
use velocity::Velocity;

/// What one rendering, or one value that a helper makes, may be long.
const OUTPUT_BYTES_MAX: usize = 10 << 20;

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

/// What templates use that other parts of the server know how to do.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    /// The value of a JSONPath in a JSON text: a list for a path that may hit many, null for nothing.
    pub(crate) json_path: fn(text: &str, path: &str) -> Result<Json, String>,
    /// The string value of an XPath in an XML text, empty for nothing.
    pub(crate) xpath: fn(text: &str, expression: &str) -> Result<String, String>,
    pub(crate) scenarios: Arc<dyn ScenarioStates>,
}

/// The states of scenarios, which templates may read and set.
pub(crate) trait ScenarioStates: std::fmt::Debug + Send + Sync {
    /// The state of the scenario; `Started` when nobody has set one.
    fn state(&self, scenario: &str) -> String;
    fn set_state(&self, scenario: &str, state: &str);
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

/// A compiled template of any language.
#[derive(Debug)]
pub(crate) enum Template {
    Mustache(Mustache),
    Velocity(Velocity),
    JavaScript(JavaScript),
}

impl Template {
    /// Compiles the text; nothing of it is run.
    ///
    /// # Errors
    ///
    /// [`TemplateError::Invalid`] when the text is no template of this language.
    pub(crate) fn compile(engine: Engine, text: &str) -> Result<Self, TemplateError> {
        Ok(match engine {
            Engine::Mustache => Self::Mustache(Mustache::compile(text)?),
            Engine::Velocity => Self::Velocity(Velocity::compile(text)?),
            Engine::JavaScript => Self::JavaScript(JavaScript::compile(text)?),
        })
    }

    /// Fills the template in. The result is the text of a response or request object, loosely written JSON; of
    /// a JavaScript template it is the JSON of what the function returned.
    ///
    /// This may take as long as a template is allowed to: never call it where others wait.
    ///
    /// # Errors
    ///
    /// [`TemplateError::Failed`] when the template fails, [`TemplateError::Limit`] when it takes too much.
    pub(crate) fn render(&self, scope: &Scope, tools: &Tools) -> Result<String, TemplateError> {
        match self {
            Self::Mustache(template) => template.render(scope, tools),
            Self::Velocity(template) => {
                let helpers = |object: &str, method: &str, arguments: &[Json]| {
                    tools.call(scope, object, method, arguments)
                };
                template.render_with(scope, &helpers)
            }
            Self::JavaScript(template) => template.render(scope, tools),
        }
    }
}

impl Scope {
    /// A dynamic value such as `now` or `uuid`, made anew at each call. All of them are texts.
    pub(crate) fn dynamic(&self, name: &str) -> Option<Json> {
        dynamic::value(name, self.now, &mut self.random.borrow_mut()).map(Json::Text)
    }

    /// Calls a method of a helper object: `strings.trim(…)`, `dates.format(…)`. `None` when there is no such method for
    /// arguments of these kinds.
    ///
    /// The providers of `faker` are objects of their own: `faker.name().firstName()` is the method `firstName` of
    /// the object `faker.name`. Every object has the method `toString`.
    #[cfg(test)]
    pub(crate) fn call(&self, object: &str, method: &str, arguments: &[Json]) -> Called {
        helpers::call(self, object, method, arguments)
    }

    /// The body of the request as text, for what looks into it.
    fn request_body(&self) -> &str {
        match self.variables.get("request") {
            Some(Json::Object(request)) => match request.get("body") {
                Some(Json::Text(body)) => body,
                _ => "",
            },
            _ => "",
        }
    }
}

impl Tools {
    /// As [`Scope::call`], with the objects that need more than the scope: `xpath`, `jsonPath` and `xPath` (both over the body
    /// of the request) and `scenario`.
    pub(crate) fn call(
        &self,
        scope: &Scope,
        object: &str,
        method: &str,
        arguments: &[Json],
    ) -> Called {
        helpers::call_with_tools(self, scope, object, method, arguments)
    }
}

#[cfg(test)]
mod tests;
