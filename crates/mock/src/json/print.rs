//! Writing JSON as Jackson's default pretty printer does: `"a" : 1`, `[ 1, 2 ]`, objects on their own lines.
//!
//! Tests compare raw bodies, so the bytes matter: only objects indent, empty ones are `{ }` and `[ ]`.

use super::Json;

/// The value in Jackson's pretty form.
pub(crate) fn pretty(value: &Json) -> String {
    let mut out = String::new();
    write_value(&mut out, value, 0);
    out
}

/// The value in the form of refusals: arrays are on their own lines too.
pub(crate) fn spread(value: &Json) -> String {
    let mut out = String::new();
    write_spread(&mut out, value, 0);
    out
}

fn write_spread(out: &mut String, value: &Json, depth: usize) {
    let line = |out: &mut String, place: usize| {
        out.push_str(if place == 0 { "\n" } else { ",\n" });
        indent(out, depth + 1);
    };
    let close = |out: &mut String, bracket: char| {
        out.push('\n');
        indent(out, depth);
        out.push(bracket);
    };
    match value {
        Json::Array(items) if !items.is_empty() => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                line(out, place);
                write_spread(out, item, depth + 1);
            }
            close(out, ']');
        }
        Json::Object(fields) if !fields.is_empty() => {
            out.push('{');
            for (place, (name, value)) in fields.iter().enumerate() {
                line(out, place);
                write_text(out, name);
                out.push_str(" : ");
                write_spread(out, value, depth + 1);
            }
            close(out, '}');
        }
        other => write_value(out, other, depth),
    }
}

/// The value on one line, without spaces.
pub(crate) fn compact(value: &Json) -> String {
    let mut out = String::new();
    write_compact(&mut out, value);
    out
}

fn write_compact(out: &mut String, value: &Json) {
    match value {
        Json::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_compact(out, item);
            }
            out.push(']');
        }
        Json::Object(fields) => {
            out.push('{');
            for (place, (name, value)) in fields.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_text(out, name);
                out.push(':');
                write_compact(out, value);
            }
            out.push('}');
        }
        scalar => write_value(out, scalar, 0),
    }
}

fn write_value(out: &mut String, value: &Json, depth: usize) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(true) => out.push_str("true"),
        Json::Bool(false) => out.push_str("false"),
        Json::Number(text) => out.push_str(text),
        Json::Text(text) => write_text(out, text),
        Json::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place == 0 { " " } else { ", " });
                write_value(out, item, depth);
            }
            out.push_str(" ]");
        }
        Json::Object(fields) if fields.is_empty() => out.push_str("{ }"),
        Json::Object(fields) => {
            out.push('{');
            for (place, (name, value)) in fields.iter().enumerate() {
                out.push_str(if place == 0 { "\n" } else { ",\n" });
                indent(out, depth + 1);
                write_text(out, name);
                out.push_str(" : ");
                write_value(out, value, depth + 1);
            }
            out.push('\n');
            indent(out, depth);
            out.push('}');
        }
    }
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

fn write_text(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                let code = control as usize;
                out.push_str("\\u00");
                out.push(char::from(HEX[code >> 4]));
                out.push(char::from(HEX[code & 15]));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::parse_strict;
    use super::*;

    #[test]
    fn refusals_spread_their_arrays() {
        let value = parse_strict(r#"{"a":["1",{"x":[]}],"z":[[1]],"w":{}}"#).expect("JSON");
        let expected = "{\n  \"a\" : [\n    \"1\",\n    {\n      \"x\" : [ ]\n    }\n  ],\n  \"z\" : [\n    [\n      1\n    ]\n  ],\n  \"w\" : { }\n}";
        assert_eq!(spread(&value), expected);
    }

    #[test]
    fn the_form_is_jacksons() {
        let value =
            parse_strict(r#"{"b":[1,2],"a":{"x":[{"y":0.00},{}],"z":[]},"n":"\u001f\n\""}"#)
                .expect("JSON");
        let expected = "{\n  \"b\" : [ 1, 2 ],\n  \"a\" : {\n    \"x\" : [ {\n      \"y\" : 0.00\n    }, { } ],\n    \"z\" : [ ]\n  },\n  \"n\" : \"\\u001F\\n\\\"\"\n}";
        assert_eq!(pretty(&value), expected);
    }
}
