//! Values of a scenario: templates, expressions, paths and matchers.
//!
//! Each is compiled once, when the file is loaded, and points into its own text when something is wrong. Nothing
//! here talks to the network; files and environment variables are read only by the functions that name them.

mod compare;
mod context;
mod duration;
mod expression;
mod functions;
mod judge;
mod matcher;
mod operator;
mod path;
mod scalar;
mod scope;
mod shape;
mod show;
mod template;
mod verdict;

pub use context::Context;
pub use duration::parse_duration;
pub use functions::FUNCTIONS;
pub use matcher::Matcher;
pub use operator::OPERATORS;
pub use path::{JsonPath, Selected};
pub use scope::Scope;
pub(crate) use show::{shorten, shown};
pub use template::ValueTemplate;
pub use verdict::Mismatch;

#[cfg(test)]
pub(crate) mod tests_support;
