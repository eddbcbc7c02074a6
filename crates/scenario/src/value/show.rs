//! Values as a person reads them in a message: compact JSON, bounded, without secrets.

use serde_json::Value;
use styk_core::{MASK, mask_json};

/// The longest value shown in a message, in characters.
const LENGTH_MAX: usize = 160;

/// A value for a message. `hidden`: it stands under a secret name, so only a mask is shown.
pub(crate) fn shown(value: &Value, hidden: bool) -> String {
    if hidden && !value.is_null() && !value.is_boolean() {
        return MASK.to_owned();
    }
    shorten(&mask_json(value).to_string(), LENGTH_MAX)
}

/// At most `length_max` characters of a text.
pub(crate) fn shorten(text: &str, length_max: usize) -> String {
    match text.char_indices().nth(length_max) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}
