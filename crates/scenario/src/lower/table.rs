//! `table`: rows from the scenario or from a CSV file, and reading files beside the scenario.

use std::io::Read as _;

use super::{Lower, is_name};
use crate::ast::Row;
use crate::codes::code;
use crate::tree::{Key, Node, NodeValue, SIZE_MAX, Source, Span, scalar_value};

/// The most rows of one table: each is a test.
const ROWS_MAX: usize = 10_000;

impl Lower<'_> {
    pub(super) fn table(&mut self, node: &Node) -> Vec<Row> {
        let rows = match &node.value {
            NodeValue::Text(_) => self.csv(node).unwrap_or_default(),
            NodeValue::List(items) => items.clone(),
            _ => {
                self.wrong_type(node, "a list of rows, or the name of a CSV file");
                return Vec::new();
            }
        };
        if rows.is_empty() && node.as_list().is_some() {
            self.error(&node.span, code::EMPTY, "a table without a row");
        }
        if rows.len() > ROWS_MAX {
            let message = format!(
                "a table of {} rows; at most {ROWS_MAX} are read",
                rows.len()
            );
            self.error(&node.span, code::BAD_TABLE, message);
            return Vec::new();
        }
        rows.iter().filter_map(|row| self.row(row)).collect()
    }

    fn row(&mut self, node: &Node) -> Option<Row> {
        let Some(entries) = node.as_map() else {
            self.wrong_type(node, "a row: a mapping of columns to values");
            return None;
        };
        for (key, _) in entries {
            if !is_name(&key.text) {
                let message = format!("the column `{}` cannot be named in an expression", key.text);
                let diagnostic = key
                    .span
                    .error(code::BAD_NAME, message)
                    .help("a name has letters, digits and `_`, and begins with no digit");
                self.diagnostics.push(diagnostic);
                return None;
            }
        }
        let name = node.get("case").and_then(Node::as_text);
        Some(Row {
            span: node.span.clone(),
            name: name.filter(|name| !name.contains('$')).map(str::to_owned),
            columns: entries.iter().map(|(key, _)| key.text.clone()).collect(),
            value: self.value(node),
        })
    }

    fn csv(&mut self, node: &Node) -> Option<Vec<Node>> {
        let name = self.text(node)?;
        let bytes = self.read_beside(node)?;
        let Ok(text) = String::from_utf8(bytes) else {
            self.error(
                &node.span,
                code::BAD_TABLE,
                format!("{name} is not UTF-8 text"),
            );
            return None;
        };
        let folder = node.span.source().folder().join(&name);
        let folder = folder.parent().map(ToOwned::to_owned).unwrap_or_default();
        let shown = match node.span.source().name().rsplit_once('/') {
            Some((parent, _)) => format!("{parent}/{name}"),
            None => name,
        };
        let source = Source::new(shown, folder, text);
        let mut lines = records(&source).into_iter();
        let Some(header) = lines.next() else {
            self.error(
                &node.span,
                code::BAD_TABLE,
                "the CSV file has no header line",
            );
            return None;
        };
        let mut rows = Vec::new();
        for record in lines {
            if record.len() != header.len() {
                let message = format!("expected {} fields, found {}", header.len(), record.len());
                let span = record.first().map_or(&node.span, |field| &field.span);
                self.error(span, code::BAD_TABLE, message);
                continue;
            }
            rows.push(row_node(&header, record, &node.span));
        }
        if rows.is_empty() {
            self.error(&node.span, code::EMPTY, "a table without a row");
        }
        Some(rows)
    }

    /// A file that the scenario names, at most as large as a scenario may be.
    pub(super) fn read_beside(&mut self, node: &Node) -> Option<Vec<u8>> {
        let name = self.text(node)?;
        if name.contains("${") {
            self.error(
                &node.span,
                code::FILE_UNREADABLE,
                "this file is read at load: its name cannot be computed",
            );
            return None;
        }
        let path = node.span.source().folder().join(&name);
        let mut bytes = Vec::new();
        let limit = u64::try_from(SIZE_MAX)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let read =
            std::fs::File::open(&path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
        if let Err(error) = read {
            let diagnostic = node
                .span
                .error(
                    code::FILE_UNREADABLE,
                    format!("cannot read {name}: {error}"),
                )
                .help("the path starts at the folder of this file");
            self.diagnostics.push(diagnostic);
            return None;
        }
        if bytes.len() > SIZE_MAX {
            let message = format!("{name} is larger than {} MiB", SIZE_MAX >> 20);
            self.error(&node.span, code::FILE_UNREADABLE, message);
            return None;
        }
        Some(bytes)
    }
}

fn row_node(header: &[Node], record: Vec<Node>, table: &Span) -> Node {
    let span = record
        .first()
        .map_or_else(|| table.clone(), |field| field.span.clone());
    let entries = header.iter().zip(record).map(|(name, field)| {
        let key = Key {
            span: name.span.clone(),
            text: name.as_text().unwrap_or_default().to_owned(),
        };
        (key, field)
    });
    Node {
        span,
        value: NodeValue::Map(entries.collect()),
    }
}

/// The records of a CSV text (RFC 4180): fields in quotes may hold commas, line breaks and doubled quotes. Quoted
/// fields are text; the others are typed like plain scalars. Empty lines are skipped.
fn records(source: &std::sync::Arc<Source>) -> Vec<Vec<Node>> {
    let text = source.text();
    let mut records = Vec::new();
    let mut record = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let (field, end) = field(source, at);
        let is_blank = record.is_empty() && field.span.text().trim().is_empty();
        let rest = text.get(end..).unwrap_or_default();
        let is_last = !rest.starts_with(',');
        if !(is_blank && is_last) {
            record.push(field);
        }
        at = end + if rest.starts_with("\r\n") { 2 } else { 1 };
        if is_last && !record.is_empty() {
            records.push(std::mem::take(&mut record));
        }
    }
    if !record.is_empty() {
        // The text ended with a comma: one more field, and it is empty.
        record.push(Node {
            span: Span::new(source, text.len()..text.len()),
            value: NodeValue::Null,
        });
        records.push(record);
    }
    records
}

/// The field that begins at `start`, and where it ends.
fn field(source: &std::sync::Arc<Source>, start: usize) -> (Node, usize) {
    let text = source.text();
    let rest = text.get(start..).unwrap_or_default();
    if let Some(quoted) = rest.strip_prefix('"') {
        let mut value = String::new();
        let mut characters = quoted.char_indices().peekable();
        let mut length = quoted.len();
        while let Some((at, c)) = characters.next() {
            if c != '"' {
                value.push(c);
            } else if characters.next_if(|(_, next)| *next == '"').is_some() {
                value.push('"');
            } else {
                length = at + 1;
                break;
            }
        }
        let closed = start + 1 + length;
        let tail = text.get(closed..).unwrap_or_default();
        let end = closed + tail.find([',', '\n', '\r']).unwrap_or(tail.len());
        let span = Span::new(source, start..end);
        return (
            Node {
                span,
                value: NodeValue::Text(value),
            },
            end,
        );
    }
    let end = start + rest.find([',', '\n', '\r']).unwrap_or(rest.len());
    let plain = text.get(start..end).unwrap_or_default().trim();
    let value = scalar_value(plain).unwrap_or_else(|_| NodeValue::Text(plain.to_owned()));
    (
        Node {
            span: Span::new(source, start..end),
            value,
        },
        end,
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn csv_fields_may_be_quoted_and_plain_ones_are_typed() {
        let source = Source::new(
            "a.csv",
            "",
            "id,name,n\r\n1,\"a, \"\"b\"\"\nc\",\n\n0123, x ,2.5\n\"1\",true,-",
        );
        let rows: Vec<serde_json::Value> = records(&source)
            .iter()
            .map(|record| record.iter().map(Node::to_json).collect())
            .collect();
        assert_eq!(
            json!(rows),
            json!([
                ["id", "name", "n"],
                [1, "a, \"b\"\nc", null],
                ["0123", "x", 2.5],
                ["1", true, "-"]
            ])
        );
    }

    #[test]
    fn a_comma_at_the_end_is_an_empty_field() {
        let source = Source::new("a.csv", "", "a,b\n1,");
        let records = records(&source);
        assert_eq!(records.len(), 2);
        assert_eq!(records[1].len(), 2);
    }
}
