//! YAML events → tree.
//!
//! The reader goes on after what it can report and step over (a duplicate key, an anchor, a tag); after a
//! syntax error it goes on with the next document.

use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StrInput};
use serde_json::Number;
use styk_core::Diagnostic;

use super::{Key, Node, NodeValue, Source, Span};
use crate::Diagnostics;
use crate::codes::code;

/// The longest file that is read, in bytes.
pub(crate) const SIZE_MAX: usize = 1 << 20;

/// The longest line, in bytes: a place in it is found by counting.
const LINE_MAX: usize = 64 << 10;

/// The most entries of one mapping.
const ENTRIES_MAX: usize = 10_000;

/// The deepest nesting of lists and mappings in a document.
pub(crate) const DEPTH_MAX: usize = 64;

/// Why a document was given up.
enum Stop {
    /// The YAML is broken.
    Syntax(ScanError),
    /// It is beyond a limit; the message is written.
    Limit,
}

/// Reads every document of a file. What is wrong goes to `diagnostics`; documents without content are left out.
#[must_use]
pub fn parse(source: &Arc<Source>, diagnostics: &mut Diagnostics) -> Vec<Node> {
    if source.text().len() > SIZE_MAX {
        let mib = SIZE_MAX >> 20;
        diagnostics.push(
            Diagnostic::error(format!("{} is larger than {mib} MiB", source.name()))
                .code(code::TOO_LARGE)
                .help("split it; a table of data can stand in a .csv file beside it"),
        );
        return Vec::new();
    }
    if source.longest_line() > LINE_MAX {
        let kib = LINE_MAX >> 10;
        diagnostics.push(
            Diagnostic::error(format!(
                "{} has a line of more than {kib} KiB",
                source.name()
            ))
            .code(code::TOO_LARGE)
            .help("break it, or put the text into a file of its own and name that under `file`"),
        );
        return Vec::new();
    }
    let options = granit_parser::options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        disallow_directives: true,
        flow_nesting_limit: DEPTH_MAX * 2,
        block_nesting_limit: DEPTH_MAX * 2,
    };
    let mut reader = Reader {
        parser: Parser::new_from_str_with_options(source.text(), options),
        source,
        diagnostics,
    };
    reader.documents()
}

/// The value of a *plain* scalar by the rules of the language: only `true`, `false`, `null`, `~`, nothing and
/// JSON numbers are anything but text.
///
/// # Errors
///
/// A JSON number that no 64-bit integer and no finite float can hold as written.
pub(crate) fn scalar_value(text: &str) -> Result<NodeValue, NumberOutOfRange> {
    match text {
        "" | "~" | "null" => return Ok(NodeValue::Null),
        "true" => return Ok(NodeValue::Bool(true)),
        "false" => return Ok(NodeValue::Bool(false)),
        _ => {}
    }
    if !is_json_number(text) {
        return Ok(NodeValue::Text(text.to_owned()));
    }
    let number: Number = serde_json::from_str(text).map_err(|_| NumberOutOfRange)?;
    // An integer that became a float has lost digits: an order number, or a card, would be another one.
    let is_integer = text.bytes().all(|b| b == b'-' || b.is_ascii_digit());
    if is_integer && number.is_f64() {
        return Err(NumberOutOfRange);
    }
    Ok(NodeValue::Number(number))
}

/// A number that would not be the same number in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NumberOutOfRange;

/// The grammar of RFC 8259, section 6.
fn is_json_number(text: &str) -> bool {
    fn digits(text: &str) -> &str {
        text.trim_start_matches(|c: char| c.is_ascii_digit())
    }
    let rest = text.strip_prefix('-').unwrap_or(text);
    let mut rest = match rest.strip_prefix('0') {
        Some(rest) => rest,
        None if rest.starts_with(|c: char| c.is_ascii_digit()) => digits(rest),
        None => return false,
    };
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = digits(fraction);
        if rest.len() == fraction.len() {
            return false;
        }
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        rest = digits(exponent);
        if rest.len() == exponent.len() {
            return false;
        }
    }
    rest.is_empty()
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    source: &'a Arc<Source>,
    diagnostics: &'a mut Diagnostics,
}

type Read<'a> = (Event<'a>, granit_parser::Span);

impl<'a> Reader<'a> {
    fn documents(&mut self) -> Vec<Node> {
        let mut documents = Vec::new();
        loop {
            let goes_on = match self.document() {
                Ok(None) => false,
                Ok(Some(node)) => {
                    let is_empty = matches!(node.value, NodeValue::Null);
                    if !is_empty {
                        documents.push(node);
                    }
                    true
                }
                Err(stop) => {
                    if let Stop::Syntax(error) = stop {
                        let diagnostic = self.syntax_error(&error);
                        self.diagnostics.push(diagnostic);
                    }
                    matches!(self.parser.proceed_next_document(), Ok(true))
                }
            };
            if !goes_on {
                return documents;
            }
        }
    }

    /// The next document's root, or `None` at the end of the file.
    fn document(&mut self) -> Result<Option<Node>, Stop> {
        while let Some((event, span)) = self.next()? {
            match event {
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                Event::StreamEnd => return Ok(None),
                event => return self.node((event, span), 0).map(Some),
            }
        }
        Ok(None)
    }

    fn next(&mut self) -> Result<Option<Read<'a>>, Stop> {
        self.parser.next_event().transpose().map_err(Stop::Syntax)
    }

    fn node(&mut self, (event, place): Read<'a>, depth: usize) -> Result<Node, Stop> {
        let span = self.span(&place);
        self.refuse_properties(&event, &place);
        let value = match event {
            Event::Scalar(text, style, ..) => self.scalar(&text, style, &span),
            Event::SequenceStart(..) => return self.list(span, depth),
            Event::MappingStart(..) => return self.map(span, depth),
            // An alias; the message is written.
            _ => NodeValue::Null,
        };
        Ok(Node { span, value })
    }

    fn list(&mut self, span: Span, depth: usize) -> Result<Node, Stop> {
        self.check_depth(&span, depth)?;
        let mut items = Vec::new();
        let mut end = span.range().end;
        while let Some((event, place)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                end = self.end_of(&place, end);
                break;
            }
            let item = self.node((event, place), depth + 1)?;
            end = item.span.range().end;
            items.push(item);
        }
        Ok(Node {
            span: Span::new(self.source, span.range().start..end),
            value: NodeValue::List(items),
        })
    }

    fn map(&mut self, span: Span, depth: usize) -> Result<Node, Stop> {
        self.check_depth(&span, depth)?;
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut end = span.range().end;
        while let Some((event, place)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                end = self.end_of(&place, end);
                break;
            }
            let key = self.key((event, place), depth)?;
            let Some(value) = self.next()? else { break };
            let value = self.node(value, depth + 1)?;
            end = value.span.range().end;
            let Some(key) = key else { continue };
            if entries.len() == ENTRIES_MAX {
                let message = format!("a mapping of more than {ENTRIES_MAX} entries");
                self.diagnostics
                    .push(key.span.error(code::TOO_LARGE, message));
                return Err(Stop::Limit);
            }
            let earlier = entries.iter().find(|(other, _)| other.text == key.text);
            if let Some((earlier, _)) = earlier {
                let diagnostic = key
                    .span
                    .error(
                        code::DUPLICATE_KEY,
                        format!("`{}` is given twice", key.text),
                    )
                    .note(format!(
                        "the first one stands in line {}",
                        earlier.span.line()
                    ));
                self.diagnostics.push(diagnostic);
            } else {
                entries.push((key, value));
            }
        }
        Ok(Node {
            span: Span::new(self.source, span.range().start..end),
            value: NodeValue::Map(entries),
        })
    }

    /// The key of an entry, or `None` when it is none and the message is written.
    fn key(&mut self, (event, place): Read<'a>, depth: usize) -> Result<Option<Key>, Stop> {
        let span = self.span(&place);
        let Event::Scalar(text, style, ..) = &event else {
            let diagnostic = match event {
                Event::MappingStart(..) | Event::SequenceStart(..) => span
                    .error(code::BAD_KEY, "a key must be text")
                    .help("in `{ }` and `[ ]`, quote text that contains braces or brackets"),
                _ => span.error(code::ALIAS, "aliases are not part of the scenario language"),
            };
            self.diagnostics.push(diagnostic);
            // The contents are read, and forgotten.
            self.node((event, place), depth + 1)?;
            return Ok(None);
        };
        if *style == ScalarStyle::Plain && text == "<<" {
            let diagnostic = span
                .error(
                    code::MERGE_KEY,
                    "merge keys are not part of the scenario language",
                )
                .help("write the keys out, or share steps with a fixture and `use`");
            self.diagnostics.push(diagnostic);
            return Ok(None);
        }
        let text = text.clone().into_owned();
        self.refuse_properties(&event, &place);
        Ok(Some(Key { span, text }))
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: &Span) -> NodeValue {
        if style != ScalarStyle::Plain {
            return NodeValue::Text(text.to_owned());
        }
        scalar_value(text).unwrap_or_else(|NumberOutOfRange| {
            let diagnostic = span
                .error(
                    code::NUMBER_RANGE,
                    "this number has more digits than can be kept",
                )
                .help("quote it, if it is a name made of digits");
            self.diagnostics.push(diagnostic);
            NodeValue::Text(text.to_owned())
        })
    }

    /// Anchors, aliases and tags.
    fn refuse_properties(&mut self, event: &Event<'_>, place: &granit_parser::Span) {
        let is_alias = matches!(event, Event::Alias(_) | Event::UnresolvedAlias(_));
        if is_alias || event.anchor_id().is_some() {
            let what = if is_alias { "aliases" } else { "anchors" };
            let diagnostic = self
                .span(place)
                .error(
                    code::ALIAS,
                    format!("{what} are not part of the scenario language"),
                )
                .help("share values with `vars`, and steps with a fixture and `use`");
            self.diagnostics.push(diagnostic);
        }
        if let Some(tag) = event.tag() {
            let tag_place = place.tag_span().unwrap_or(*place);
            let diagnostic = self
                .span(&tag_place)
                .error(
                    code::TAG,
                    format!(
                        "the tag `{}` is not part of the scenario language",
                        tag.original()
                    ),
                )
                .help("leave it out; text that begins with `!` is written in quotes");
            self.diagnostics.push(diagnostic);
        }
    }

    fn check_depth(&mut self, span: &Span, depth: usize) -> Result<(), Stop> {
        if depth < DEPTH_MAX {
            return Ok(());
        }
        let message = format!("lists and mappings nest deeper than {DEPTH_MAX} levels");
        self.diagnostics.push(span.error(code::TOO_DEEP, message));
        Err(Stop::Limit)
    }

    fn span(&self, place: &granit_parser::Span) -> Span {
        Span::new(self.source, place.byte_range().unwrap_or_default())
    }

    /// The end of a collection: its closing bracket, or the last thing in it.
    fn end_of(&self, place: &granit_parser::Span, last: usize) -> usize {
        let range = place.byte_range().unwrap_or_default();
        let closes = self.source.text().get(range.clone());
        if matches!(closes, Some("]" | "}")) {
            range.end
        } else {
            last
        }
    }

    fn syntax_error(&self, error: &ScanError) -> Diagnostic {
        let text = self.source.text();
        let at = error.marker().byte_offset().unwrap_or(text.len());
        if let Some(dollar) = unquoted_expression(text, at) {
            let length = text[dollar..].find(['}', '\n']).map_or(2, |end| end + 1);
            return Span::new(self.source, dollar..dollar + length)
                .error(
                    code::SYNTAX,
                    "YAML does not allow `${` unquoted inside `{ }` or `[ ]`",
                )
                .help(expression_help(&text[dollar..dollar + length]));
        }
        let (message, mut help) = explain_syntax(error.kind());
        let read = line_before(text, at + 1);
        if read.contains("$.") && read.contains('[') {
            help = Some("a path with brackets is quoted inside `{ }`: `\"$.items[0].id\": 1`");
        }
        let diagnostic = Span::new(self.source, at..at + 1).error(code::SYNTAX, message);
        match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

/// Where an unquoted `${` inside a flow collection is what broke the YAML: the last one at or before the
/// error, on its line or the line above.
fn unquoted_expression(text: &str, at: usize) -> Option<usize> {
    let at = text.floor_char_boundary(at.min(text.len()));
    let line_end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let mut from = text[..at].rfind('\n').unwrap_or(0);
    from = text[..from].rfind('\n').map_or(0, |end| end + 1);
    let mut flow_depth = 0_u32;
    let mut quote = None;
    for (offset, c) in text[from..line_end].char_indices() {
        let here = from + offset;
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '$') if text[here..].starts_with("${") && flow_depth > 0 => return Some(here),
            (None, '{' | '[') => flow_depth += 1,
            (None, '}' | ']') => flow_depth = flow_depth.saturating_sub(1),
            (None, '\n') => {}
            _ => {}
        }
    }
    None
}

/// The line of an offset, up to the character there.
fn line_before(text: &str, at: usize) -> &str {
    let at = text.floor_char_boundary(at.min(text.len()));
    let before = text.get(..at).unwrap_or_default();
    before.rsplit('\n').next().unwrap_or_default()
}

fn expression_help(written: &str) -> String {
    let inner = written
        .trim_start_matches("${")
        .trim_end_matches('}')
        .trim();
    let is_path = !inner.is_empty()
        && inner
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    if is_path {
        format!("write `${inner}`, or quote it: `\"${{{inner}}}\"`")
    } else {
        "quote it".to_owned()
    }
}

/// The scanner's finding in the words of someone who writes scenarios.
fn explain_syntax(kind: &ErrorKind) -> (String, Option<&'static str>) {
    match kind {
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => (
            "a `:` where no key can stand".to_owned(),
            Some(
                "quote text that contains `: `; put each key on its own line, at the same indentation",
            ),
        ),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart => (
            "a tab in the indentation".to_owned(),
            Some("indent with spaces"),
        ),
        ErrorKind::UnexpectedCharacter { character } => (
            format!("text cannot begin with `{character}` here"),
            Some("quote it"),
        ),
        ErrorKind::UnclosedQuotedScalar => (
            "a quote that is not closed".to_owned(),
            Some("close it; inside double quotes write \\\" for a quote"),
        ),
        ErrorKind::UnclosedFlowCollection { open } => (format!("the `{open}` is not closed"), None),
        ErrorKind::ExpectedFlowMappingSeparator => {
            ("expected `,` or the closing `}`".to_owned(), None)
        }
        ErrorKind::ExpectedFlowSequenceSeparator => {
            ("expected `,` or the closing `]`".to_owned(), None)
        }
        ErrorKind::MisplacedFlowCollectionEnd => (
            "a closing bracket that nothing opened".to_owned(),
            Some("quote text that begins with a bracket"),
        ),
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => (
            "this line does not fit the ones above it".to_owned(),
            Some(
                "look at the indentation: the keys of a mapping, and the `-` of a list, stand in one column",
            ),
        ),
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "text goes on after the closing quote".to_owned(),
            Some("put the whole text in quotes"),
        ),
        ErrorKind::DirectiveDisallowed => (
            "directives are not part of the scenario language".to_owned(),
            Some("leave out the line that begins with `%`"),
        ),
        ErrorKind::RecursionLimitExceeded => (
            format!("lists and mappings nest deeper than {DEPTH_MAX} levels"),
            None,
        ),
        other => (format!("this is not YAML: {other}"), None),
    }
}

#[cfg(test)]
mod tests;
