//! placeholder
use crate::document::Document;
pub(crate) fn page(_document: &Document) -> String {
    String::new()
}
