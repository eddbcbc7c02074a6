//! What the tests of this module share.

use std::sync::Arc;

pub(crate) use super::context::tests_context;
use crate::{Diagnostics, Node, Source, parse};

/// The first document of a source, without errors.
pub(crate) fn node(source: &Arc<Source>) -> Node {
    let mut diagnostics = Diagnostics::default();
    let documents = parse(source, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    documents.into_iter().next().expect("one document")
}
