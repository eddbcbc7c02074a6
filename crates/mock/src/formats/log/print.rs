//! The printer of log entries, which puts the items of arrays on lines of their own.

use crate::json::{Json, pretty};

/// The entries as one array.
pub(in crate::formats) fn array(items: &[Json]) -> String {
    if items.is_empty() {
        return "[]".to_owned();
    }
    let mut out = String::new();
    write_items(&mut out, items, 0);
    out
}

fn write_value(out: &mut String, value: &Json, depth: usize) {
    match value {
        Json::Array(items) if !items.is_empty() => write_items(out, items, depth),
        Json::Object(fields) if !fields.is_empty() => {
            out.push('{');
            for (place, (name, value)) in fields.iter().enumerate() {
                begin(out, place, depth + 1);
                out.push_str(&pretty(&Json::text(name)));
                out.push_str(" : ");
                write_value(out, value, depth + 1);
            }
            end(out, depth);
            out.push('}');
        }
        Json::Array(_) => out.push_str("[ ]"),
        other => out.push_str(&pretty(other)),
    }
}

fn write_items(out: &mut String, items: &[Json], depth: usize) {
    out.push('[');
    for (place, item) in items.iter().enumerate() {
        begin(out, place, depth + 1);
        write_value(out, item, depth + 1);
    }
    end(out, depth);
    out.push(']');
}

fn begin(out: &mut String, place: usize, depth: usize) {
    if place > 0 {
        out.push(',');
    }
    end(out, depth);
}

fn end(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}
