//! The scenario language and the engine that plays it.
//!
//! The language half turns source text into a spanned tree and the tree into [`Scenario`]s, with all errors at
//! once. The engine half plays one scenario in a world.

mod codes;
mod diagnostics;
mod suggest;
mod tree;
mod value;

pub use diagnostics::Diagnostics;
pub use suggest::suggest;
pub use tree::{Key, Node, NodeValue, Source, Span, parse};
pub use value::{
    Context, FUNCTIONS, JsonPath, Matcher, Mismatch, OPERATORS, Scope, Selected, ValueTemplate,
    parse_duration,
};
