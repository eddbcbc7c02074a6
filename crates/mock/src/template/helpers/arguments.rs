//! Arguments as Java's methods take them.

use crate::json::{Json, is_integer};

/// Up to three texts, each of them maybe null; `None` when an argument is something else.
pub(super) fn texts(arguments: &[Json]) -> Option<Vec<Option<&str>>> {
    arguments
        .iter()
        .map(|argument| match argument {
            Json::Text(text) => Some(Some(text.as_str())),
            Json::Null => Some(None),
            _ => None,
        })
        .collect()
}

/// A Java `int`.
pub(super) fn int(argument: &Json) -> Option<i32> {
    match argument {
        Json::Number(text) if is_integer(text) => text.parse().ok(),
        _ => None,
    }
}

/// A Java `long`.
pub(super) fn long(argument: &Json) -> Option<i64> {
    match argument {
        Json::Number(text) if is_integer(text) => text.parse().ok(),
        _ => None,
    }
}

/// A Java `double`, which takes whole numbers too.
pub(super) fn double(argument: &Json) -> Option<f64> {
    match argument {
        Json::Number(text) => text.parse().ok(),
        _ => None,
    }
}
