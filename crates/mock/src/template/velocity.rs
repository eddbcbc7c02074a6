//! Velocity 2 templates, as MockServer runs them.
//!
//! A template is parsed once and run over a scope. References without value are written as they stand, `null` is no
//! error, white space is gobbled by lines; method calls reach the values of the scope and a few tools, but no
//! class, no file and no network. A rendering is bounded in steps, depth, memory and output.

use self::ast::Compiled;
use self::render::{Helpers, Interpreter};
use super::{Scope, TemplateError};

mod access;
mod ast;
mod date;
mod evaluate;
mod format;
mod method;
mod number;
mod parse;
mod render;
mod tool;
mod value;
mod xml;

/// A template that is ready to be rendered.
#[derive(Debug)]
pub(crate) struct Velocity {
    compiled: Compiled,
}

impl Velocity {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// [`TemplateError::Invalid`] with the place of the first fault.
    pub(crate) fn compile(text: &str) -> Result<Self, TemplateError> {
        let compiled = parse::parse(text, &ast::Macros::new())?;
        Ok(Self { compiled })
    }

    /// The text that the template makes of a scope.
    ///
    /// # Errors
    ///
    /// [`TemplateError::Failed`] when a call fails, [`TemplateError::Limit`] when the template takes too much.
    #[cfg(test)]
    pub(crate) fn render(&self, scope: &Scope) -> Result<String, TemplateError> {
        let helpers = |object: &str, method: &str, arguments: &[crate::json::Json]| {
            scope.call(object, method, arguments)
        };
        self.render_with(scope, &helpers)
    }

    /// As [`Velocity::render`], with other helper objects than those of the scope alone.
    ///
    /// # Errors
    ///
    /// As [`Velocity::render`].
    pub(crate) fn render_with(
        &self,
        scope: &Scope,
        helpers: Helpers<'_>,
    ) -> Result<String, TemplateError> {
        let mut out = String::new();
        let mut interpreter = Interpreter::new(scope, helpers, &self.compiled);
        interpreter.block(&mut out, &self.compiled.body)?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests;
