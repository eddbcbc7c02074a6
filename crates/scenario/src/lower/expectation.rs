//! `expect`, `abort_if`, `capture`, `collect`.

use super::Lower;
use crate::ast::{
    Capture, Check, CheckKind, Expectation, Extract, Origin, StatusCheck, StatusRange, TimeBound,
};
use crate::codes::code;
use crate::suggest::suggest;
use crate::tree::{Key, Node, NodeValue, Span};
use crate::value::{JsonPath, Matcher, OPERATORS, parse_duration};
use crate::words::{EXPECTATION, Word};

const EXTRACT: &[Word] = &[
    Word::required(
        "from",
        crate::words::Kind::Text,
        "Where the text comes from.",
    ),
    Word::required("matches", crate::words::Kind::Text, "A regular expression."),
];

/// `$`, `$.a` and `$[0]` are paths; `$name` is a variable.
pub(super) fn is_path(text: &str) -> bool {
    text == "$" || text.starts_with("$.") || text.starts_with("$[")
}

impl Lower<'_> {
    pub(super) fn expectation(&mut self, node: &Node) -> Option<Expectation> {
        let checks = match &node.value {
            NodeValue::Map(entries) => {
                if entries.is_empty() {
                    self.error(&node.span, code::EMPTY, "an expectation without a check");
                }
                entries
                    .iter()
                    .filter_map(|(key, value)| self.check(key, value))
                    .collect()
            }
            NodeValue::Null => {
                self.wrong_type(node, "a status, or a mapping of checks");
                return None;
            }
            _ => vec![Check {
                key: node.span.clone(),
                span: node.span.clone(),
                kind: CheckKind::Status(self.status(node)?),
            }],
        };
        Some(Expectation {
            span: node.span.clone(),
            checks,
        })
    }

    fn check(&mut self, key: &Key, value: &Node) -> Option<Check> {
        let kind = match key.text.as_str() {
            "status" => CheckKind::Status(self.status(value)?),
            "time" => CheckKind::Time(self.time_bounds(value)?),
            "body" => CheckKind::Body(self.matcher(value)),
            "text" => CheckKind::Text(self.matcher(value)),
            "schema" => {
                self.error(
                    &key.span,
                    code::NOT_IN_VERSION,
                    "`schema` is not in this version",
                );
                return None;
            }
            text if is_path(text) => CheckKind::Path {
                path: self.path(text, &key.span)?,
                matcher: self.matcher(value),
            },
            text => match text.split_once('.') {
                Some(("header", name)) if !name.is_empty() => CheckKind::Header {
                    name: name.to_ascii_lowercase(),
                    matcher: self.matcher(value),
                },
                Some(("cookie", name)) if !name.is_empty() => CheckKind::Cookie {
                    name: name.to_owned(),
                    matcher: self.matcher(value),
                },
                _ => {
                    self.unknown_check(key);
                    return None;
                }
            },
        };
        Some(Check {
            key: key.span.clone(),
            span: value.span.clone(),
            kind,
        })
    }

    fn unknown_check(&mut self, key: &Key) {
        let text = &key.text;
        let known = EXPECTATION.iter().map(|word| word.name);
        let prefix = text.split('.').next().unwrap_or_default();
        let help = if OPERATORS.contains(&text.as_str()) {
            format!("operators stand under what they compare: `status: {{{text}: …}}`")
        } else if let Some(near) = suggest(text, known) {
            format!("did you mean `{near}`? For a member of the JSON body write `$.{text}`")
        } else if text.contains('.')
            && let Some(near) = suggest(prefix, ["header", "cookie"])
        {
            format!("did you mean `{near}.<name>`?")
        } else if text.starts_with('$') {
            "a path begins with `$.` or `$[`".to_owned()
        } else {
            format!("for a member of the JSON body write `$.{text}`")
        };
        let message = format!("an expectation has no key `{text}`");
        self.diagnostics
            .push(key.span.error(code::UNKNOWN_KEY, message).help(help));
    }

    pub(super) fn path(&mut self, text: &str, span: &Span) -> Option<JsonPath> {
        match JsonPath::compile(text, span) {
            Ok(path) => Some(path),
            Err(diagnostic) => {
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    pub(super) fn status(&mut self, node: &Node) -> Option<StatusCheck> {
        match &node.value {
            NodeValue::List(items) => {
                let is_computed =
                    |item: &Node| item.as_text().is_some_and(|text| text.contains('$'));
                if items.iter().any(is_computed) {
                    return Some(StatusCheck::Matches(self.one_of(node)));
                }
                if items.is_empty() {
                    self.error(&node.span, code::EMPTY, "a list without a status");
                    return None;
                }
                let ranges: Option<Vec<_>> =
                    items.iter().map(|item| self.status_range(item)).collect();
                ranges.map(StatusCheck::OneOf)
            }
            NodeValue::Map(_) => Some(StatusCheck::Matches(self.matcher(node))),
            NodeValue::Text(text) if text.contains('$') => {
                Some(StatusCheck::Matches(self.matcher(node)))
            }
            _ => self
                .status_range(node)
                .map(|range| StatusCheck::OneOf(vec![range])),
        }
    }

    /// `[200, $other]` means one of them.
    fn one_of(&mut self, list: &Node) -> Matcher {
        let key = Key {
            span: list.span.clone(),
            text: "in".to_owned(),
        };
        let node = Node {
            span: list.span.clone(),
            value: NodeValue::Map(vec![(key, list.clone())]),
        };
        self.matcher(&node)
    }

    fn status_range(&mut self, node: &Node) -> Option<StatusRange> {
        let range = match &node.value {
            NodeValue::Number(number) => {
                let code = number.as_u64().and_then(|code| u16::try_from(code).ok());
                code.filter(|code| (100..=599).contains(code))
                    .map(StatusRange::Code)
            }
            NodeValue::Text(text) => {
                let class = text
                    .strip_suffix("xx")
                    .and_then(|class| class.parse::<u8>().ok());
                class
                    .filter(|class| (1..=5).contains(class))
                    .map(StatusRange::Class)
            }
            _ => None,
        };
        if range.is_none() {
            let found = match &node.value {
                NodeValue::Number(_) | NodeValue::Text(_) => format!("`{}`", node.span.text()),
                _ => node.kind().to_owned(),
            };
            let diagnostic = node
                .span
                .error(code::BAD_STATUS, format!("{found} is no status"))
                .help("write `201`, `2xx` or `[200, 409]`");
            self.diagnostics.push(diagnostic);
        }
        range
    }

    fn time_bounds(&mut self, node: &Node) -> Option<Vec<TimeBound>> {
        if node
            .as_text()
            .is_some_and(|text| parse_duration(text).is_some())
        {
            return self
                .duration(node)
                .map(|limit| vec![TimeBound::AtMost(limit)]);
        }
        let Some(entries) = node.as_map() else {
            self.duration(node)?;
            return None;
        };
        let mut bounds = Vec::new();
        for (key, value) in entries {
            let bound = match key.text.as_str() {
                "lt" => TimeBound::Below,
                "lte" => TimeBound::AtMost,
                "gt" => TimeBound::Above,
                "gte" => TimeBound::AtLeast,
                _ => {
                    self.unknown_key(key, "`time`", ["lt", "lte", "gt", "gte"]);
                    continue;
                }
            };
            bounds.extend(self.duration(value).map(bound));
        }
        Some(bounds)
    }

    pub(super) fn captures(&mut self, node: &Node) -> Vec<Capture> {
        let entries = self.entries(node, "a mapping of names to sources");
        let mut captures = Vec::new();
        for (key, value) in entries {
            let is_name = self.key_name(key);
            if let (true, Some(extract)) = (is_name, self.extract(value)) {
                captures.push(Capture {
                    name: key.text.clone(),
                    span: key.span.clone(),
                    extract,
                });
            }
        }
        captures
    }

    /// `verify` and `wait` find a list of calls; a path that takes it for a body would find nothing.
    pub(super) fn check_call_capture(&mut self, capture: &Capture) {
        let extract = &capture.extract;
        let help = match &extract.origin {
            Origin::Path(path) => match path.text().strip_prefix("$.") {
                Some(member) if !member.starts_with('.') => {
                    format!("for a member of the first call's JSON body write `$[0].body.{member}`")
                }
                _ => return,
            },
            Origin::Header(name) => format!("write `$[0].headers['{name}']`"),
            Origin::Status => "write `$[0].status`".to_owned(),
            Origin::Cookie(_) | Origin::Time | Origin::Text => {
                "a call has `method`, `path`, `query`, `headers`, `body`, `status` and `response`"
                    .to_owned()
            }
        };
        let message = format!("`{}` is captured from a list of calls", capture.name);
        self.diagnostics
            .push(extract.span.error(code::BAD_SOURCE, message).help(help));
    }

    fn extract(&mut self, node: &Node) -> Option<Extract> {
        let (origin, matches) = if node.as_map().is_some() {
            let fields = self.fields(node, "a source", EXTRACT)?;
            let origin = fields.get("from").and_then(|from| self.origin(from));
            let regex = fields
                .get("matches")
                .and_then(|matches| self.regex(matches));
            (origin?, Some(regex?))
        } else {
            (self.origin(node)?, None)
        };
        Some(Extract {
            span: node.span.clone(),
            origin,
            matches,
        })
    }

    fn origin(&mut self, node: &Node) -> Option<Origin> {
        const WHAT: &str =
            "text: `$.path`, `header.<name>`, `cookie.<name>`, `status`, `time` or `text`";
        let text = self.text_as(node, WHAT)?;
        match text.as_str() {
            "status" => return Some(Origin::Status),
            "time" => return Some(Origin::Time),
            "text" => return Some(Origin::Text),
            path if is_path(path) => return self.path(path, &node.span).map(Origin::Path),
            _ => {}
        }
        match text.split_once('.') {
            Some(("header", name)) if !name.is_empty() => {
                return Some(Origin::Header(name.to_ascii_lowercase()));
            }
            Some(("cookie", name)) if !name.is_empty() => {
                return Some(Origin::Cookie(name.to_owned()));
            }
            _ => {}
        }
        let prefix = text.split('.').next().unwrap_or_default();
        let help = if let Some(name) = text.strip_prefix('$') {
            let name = name.trim_start_matches('{').trim_end_matches('}');
            format!("a path begins with `$.`: write `$.{name}`; to copy a variable, use `set`")
        } else if let Some(near) = suggest(&text, ["status", "time", "text"]) {
            format!("did you mean `{near}`?")
        } else if text.contains('.')
            && let Some(near) = suggest(prefix, ["header", "cookie"])
        {
            format!("did you mean `{near}.<name>`?")
        } else {
            format!("for a member of the JSON body write `$.{text}`")
        };
        let message = format!("`{text}` is no source of a value");
        self.diagnostics
            .push(node.span.error(code::BAD_SOURCE, message).help(help));
        None
    }
}
