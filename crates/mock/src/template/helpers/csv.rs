//! `csv`: rows of a CSV text, and a row as CSV.

use crate::json::Json;

use super::super::text::java;
use super::Called;

pub(super) fn call(method: &str, arguments: &[Json]) -> Called {
    match (method, arguments) {
        ("parse", [Json::Text(text)]) => Some(Ok(rows(text))),
        ("parse", [Json::Null]) => Some(Ok(Json::Array(Vec::new()))),
        ("row", [Json::Array(fields)]) => {
            let fields: Vec<_> = fields.iter().map(|field| quoted(&java(field))).collect();
            Some(Ok(Json::Text(fields.join(","))))
        }
        ("row", [Json::Null]) => Some(Ok(Json::text(""))),
        _ => None,
    }
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// Quotes may begin and end anywhere in a field; two of them within quotes are one.
fn rows(text: &str) -> Json {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut field = String::new();
    let mut in_quotes = false;
    let mut is_open = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        is_open = true;
        match c {
            '"' if in_quotes && rest.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => in_quotes = !in_quotes,
            ',' if !in_quotes => row.push(Json::Text(std::mem::take(&mut field))),
            '\n' | '\r' if !in_quotes => {
                if c == '\r' {
                    rest.next_if_eq(&'\n');
                }
                row.push(Json::Text(std::mem::take(&mut field)));
                rows.push(Json::Array(std::mem::take(&mut row)));
                is_open = false;
            }
            other => field.push(other),
        }
    }
    if is_open {
        row.push(Json::Text(field));
        rows.push(Json::Array(row));
    }
    Json::Array(rows)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::json::parse_strict;

    #[test_case("a,b\n1,\"x,y\"\n", r#"[["a","b"],["1","x,y"]]"#)]
    #[test_case("a;b", r#"[["a;b"]]"#)]
    #[test_case("", "[]")]
    #[test_case("\n", r#"[[""]]"#)]
    #[test_case("a\n\nb", r#"[["a"],[""],["b"]]"#)]
    #[test_case("a,,b,", r#"[["a","","b",""]]"#)]
    #[test_case("\"a\"\"b\",c\r\nd", r#"[["a\"b","c"],["d"]]"#)]
    #[test_case("\"open", r#"[["open"]]"#)]
    #[test_case("a\"b\"c", r#"[["abc"]]"#)]
    #[test_case(" \"x\" ,y", r#"[[" x ","y"]]"#)]
    #[test_case("\"a\nb\",c", r#"[["a\nb","c"]]"#)]
    fn rows_are_read_as_the_original_does(text: &str, expected: &str) {
        let expected = parse_strict(expected).expect("JSON");
        assert_eq!(call("parse", &[Json::text(text)]), Some(Ok(expected)));
    }

    #[test]
    fn a_row_is_quoted_where_it_must_be() {
        let fields =
            parse_strict(r#"["a","b,c","d\"e",1,null,"","x\ny"," z ",1.5,true]"#).expect("JSON");
        let expected = "a,\"b,c\",\"d\"\"e\",1,,,\"x\ny\", z ,1.5,true";
        assert_eq!(call("row", &[fields]), Some(Ok(Json::text(expected))));
    }
}
