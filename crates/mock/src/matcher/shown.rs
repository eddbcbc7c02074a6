//! JSON on one line, for messages.

use crate::json::Json;

const LENGTH_MAX: usize = 200;

/// The value on one line.
pub(crate) fn shown(value: &Json) -> String {
    let mut out = String::new();
    write(&mut out, value);
    out
}

/// The text, cut to what a message can hold.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LENGTH_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn write(out: &mut String, value: &Json) {
    match value {
        Json::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { "," });
                write(out, item);
            }
            out.push(']');
        }
        Json::Object(fields) => {
            out.push('{');
            for (place, (name, value)) in fields.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { "," });
                write(out, &Json::text(name));
                out.push(':');
                write(out, value);
            }
            out.push('}');
        }
        scalar => out.push_str(&crate::json::pretty(scalar)),
    }
}
