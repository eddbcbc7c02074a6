//! Steps: which verb, which modifiers.

use std::time::Duration;

use super::{Fields, Lower};
use crate::ast::{Loop, Poll, Step, Verb};
use crate::codes::code;
use crate::suggest::{suggest, suggestion};
use crate::tree::{Key, Node, NodeValue, Span};
use crate::words::{MODIFIERS, POLL, RESULT_MODIFIERS, VERBS, VerbWord};

/// Pauses of a poll that does not say otherwise.
const POLL_EVERY: Duration = Duration::from_millis(20);
const POLL_BACKOFF: f64 = 1.5;
const POLL_MAX_EVERY: Duration = Duration::from_millis(500);

/// What a step turned out to be.
enum Head<'n> {
    Verb(&'static VerbWord, &'n Key, &'n Node),
    /// A plain loop or condition: the key that makes it one, and `steps`.
    Block(&'n Key, &'n Node),
}

impl Lower<'_> {
    pub(super) fn steps(&mut self, node: &Node) -> Vec<Step> {
        let items = self.list(node, "a list of steps");
        if items.is_empty() && node.as_list().is_some() {
            self.error(&node.span, code::EMPTY, "a list without a step");
        }
        items.iter().filter_map(|item| self.step(item)).collect()
    }

    fn step(&mut self, node: &Node) -> Option<Step> {
        let Some(entries) = node.as_map() else {
            self.wrong_type(
                node,
                "a step: a mapping with a verb, such as `http: GET /health/`",
            );
            return None;
        };
        let fields = Fields {
            span: &node.span,
            entries,
        };
        let (span, verb) = match self.head(fields)? {
            Head::Verb(word, key, subject) => {
                if !word.is_supported {
                    let message = format!("`{}` is not in this version", word.name);
                    self.error(&key.span, code::NOT_IN_VERSION, message);
                    return None;
                }
                let what = format!("`{}`", word.name);
                self.check_keys(fields, &what, Some(word));
                self.require(fields, &what, word.arguments);
                (head_span(key, subject), self.verb(word, subject, fields))
            }
            Head::Block(key, steps) => {
                let what = "a step without a verb";
                self.check_keys(fields, what, None);
                self.require(fields, what, &[]);
                (key.span.clone(), Some(Verb::Block(self.steps(steps))))
            }
        };
        let step = self.modifiers(fields, span);
        let verb = verb?;
        if matches!(verb, Verb::Verify(_) | Verb::Wait(_)) {
            let captures = step.capture.iter().chain(&step.collect);
            captures.for_each(|capture| self.check_call_capture(capture));
        }
        Some(Step { verb, ..step })
    }

    /// The verb of a step, or the reason why it has none.
    fn head<'n>(&mut self, fields: Fields<'n>) -> Option<Head<'n>> {
        let mut verbs = fields
            .entries
            .iter()
            .filter_map(|(key, node)| VerbWord::find(&key.text).map(|word| (word, key, node)));
        let Some((word, key, subject)) = verbs.next() else {
            return self.block_head(fields);
        };
        let others: Vec<&Key> = verbs.map(|(_, key, _)| key).collect();
        if let Some(other) = others.first() {
            let message = format!(
                "a step has one verb, this one has `{}` and `{}`",
                key.text, other.text
            );
            let diagnostic = other
                .span
                .error(code::TWO_VERBS, message)
                .help("make two steps of it: each begins with its own `-`");
            self.diagnostics.push(diagnostic);
            return None;
        }
        Some(Head::Verb(word, key, subject))
    }

    fn block_head<'n>(&mut self, fields: Fields<'n>) -> Option<Head<'n>> {
        let loops = ["each", "repeat", "when"]
            .iter()
            .find_map(|name| fields.entry(name));
        match (loops, fields.get("steps")) {
            (Some((key, _)), Some(steps)) => return Some(Head::Block(key, steps)),
            (None, Some(steps)) => {
                let diagnostic = steps
                    .span
                    .error(code::NO_VERB, "`steps` alone says nothing")
                    .help("give them a name with `group:`, or a loop with `each:` or `repeat:`");
                self.diagnostics.push(diagnostic);
                return None;
            }
            (_, None) => {}
        }
        let verbs = VERBS.iter().map(|verb| verb.name);
        let known = |key: &Key| {
            MODIFIERS
                .iter()
                .chain(RESULT_MODIFIERS)
                .any(|word| word.name == key.text)
        };
        let misspelt = fields
            .entries
            .iter()
            .filter(|(key, _)| !known(key))
            .find_map(|(key, _)| suggest(&key.text, verbs.clone()).map(|verb| (key, verb)));
        let diagnostic = if let Some((key, verb)) = misspelt {
            key.span
                .error(code::NO_VERB, format!("there is no verb `{}`", key.text))
                .help(format!("did you mean `{verb}`?"))
        } else {
            let supported: Vec<String> = VERBS
                .iter()
                .filter(|verb| verb.is_supported)
                .map(|verb| format!("`{}`", verb.name))
                .collect();
            let place = fields
                .entries
                .first()
                .map_or(fields.span, |(key, _)| &key.span);
            place
                .error(code::NO_VERB, "a step without a verb")
                .help(format!("there is {}", supported.join(", ")))
        };
        self.diagnostics.push(diagnostic);
        None
    }

    /// Keys that a step with this verb does not take.
    fn check_keys(&mut self, fields: Fields<'_>, what: &str, verb: Option<&'static VerbWord>) {
        let own: Vec<&str> = verb.map_or_else(|| vec!["steps"], |verb| verb.keys().collect());
        let known: Vec<&str> = MODIFIERS
            .iter()
            .map(|word| word.name)
            .chain(own.iter().copied())
            .collect();
        let name = verb.map(|verb| verb.name);
        for (key, _) in fields.entries {
            let text = key.text.as_str();
            if known.contains(&text) || name == Some(text) {
                continue;
            }
            let owners = owners(text);
            let diagnostic = if owners.is_empty() {
                let message = format!("{what} has no key `{text}`");
                let mut diagnostic = key.span.error(code::UNKNOWN_KEY, message);
                diagnostic.help = match (name, suggest(text, known.iter().copied())) {
                    (Some("use"), _) if text == "args" => {
                        Some("arguments stand under `with`".to_owned())
                    }
                    (_, Some(near)) => Some(format!("did you mean `{near}`?")),
                    (_, None) => suggestion(text, own.iter().copied()),
                };
                diagnostic
            } else {
                let message = format!("{what} does not take `{text}`");
                let help = if name == Some("verify") && text == "expect" {
                    "say what you expect with `count` and `where`".to_owned()
                } else {
                    format!("`{text}` belongs to {}", owners.join(", "))
                };
                key.span.error(code::KEY_NOT_TAKEN, message).help(help)
            };
            self.diagnostics.push(diagnostic);
        }
    }

    /// Everything of a step but its verb.
    fn modifiers(&mut self, fields: Fields<'_>, span: Span) -> Step {
        let abort_if = fields.entry("abort_if");
        if let (Some((key, _)), None) = (abort_if, fields.get("poll")) {
            let diagnostic = key
                .span
                .error(
                    code::CONFLICT,
                    "`abort_if` ends a poll, and this step has no `poll`",
                )
                .help("add `poll: 10s`");
            self.diagnostics.push(diagnostic);
        }
        Step {
            span,
            id: fields.get("id").and_then(|node| self.slug(node)),
            name: fields.get("name").and_then(|node| self.template(node)),
            note: fields.get("note").and_then(|node| self.text(node)),
            when: fields.get("when").map(|node| self.value(node)),
            timeout: fields.get("timeout").and_then(|node| self.duration(node)),
            soft: fields
                .get("soft")
                .and_then(|node| self.bool(node))
                .unwrap_or(false),
            repeat: self.repetition(fields),
            poll: fields.get("poll").and_then(|node| self.poll(node)),
            abort_if: abort_if.and_then(|(_, node)| self.expectation(node)),
            expect: fields.get("expect").and_then(|node| self.expectation(node)),
            capture: fields
                .get("capture")
                .map(|node| self.captures(node))
                .unwrap_or_default(),
            collect: fields
                .get("collect")
                .map(|node| self.captures(node))
                .unwrap_or_default(),
            // A placeholder of no cost: the caller puts the verb in.
            verb: Verb::Block(Vec::new()),
        }
    }

    fn repetition(&mut self, fields: Fields<'_>) -> Option<Loop> {
        self.only_one(fields, &["each", "repeat"]);
        if let Some(node) = fields.get("repeat") {
            return self.count(node, 1, 10_000).map(Loop::Times);
        }
        let node = fields.get("each")?;
        let (name, span, list) = match &node.value {
            NodeValue::Map(entries) => match entries.as_slice() {
                [(key, list)] => (
                    self.key_name(key).then(|| key.text.clone())?,
                    &key.span,
                    list,
                ),
                _ => {
                    let diagnostic = node
                        .span
                        .error(code::WRONG_TYPE, format!("`each` takes one list, found {}", entries.len()))
                        .help("write `each: {name: $list}`; for two loops, put one step inside another's `steps`");
                    self.diagnostics.push(diagnostic);
                    return None;
                }
            },
            _ => ("item".to_owned(), &node.span, node),
        };
        let is_list = match &list.value {
            NodeValue::List(_) => true,
            NodeValue::Text(text) => text.starts_with('$'),
            _ => false,
        };
        if !is_list {
            let message = format!("`each` takes a list, found {}", list.kind());
            let diagnostic = list
                .span
                .error(code::WRONG_TYPE, message)
                .help("write `[a, b]`, or the name of a list: `$goods`");
            self.diagnostics.push(diagnostic);
            return None;
        }
        let items = self.value(list);
        Some(Loop::Each {
            name,
            span: span.clone(),
            items,
        })
    }

    fn poll(&mut self, node: &Node) -> Option<Poll> {
        if node.as_map().is_none() {
            return self.duration(node).map(|limit| Poll {
                limit,
                every: POLL_EVERY,
                backoff: POLL_BACKOFF,
                max_every: POLL_MAX_EVERY,
            });
        }
        let fields = self.fields(node, "`poll`", POLL)?;
        let limit = fields.get("for").and_then(|node| self.duration(node));
        let every = fields
            .get("every")
            .and_then(|node| self.duration(node))
            .unwrap_or(POLL_EVERY);
        let backoff = fields.get("backoff").and_then(|node| self.factor(node));
        let max_every = fields.get("max_every").and_then(|node| self.duration(node));
        Some(Poll {
            limit: limit?,
            every: every.max(Duration::from_millis(1)),
            backoff: backoff.unwrap_or(POLL_BACKOFF),
            max_every: max_every.unwrap_or(POLL_MAX_EVERY).max(every),
        })
    }
}

/// The verbs that take a key.
fn owners(key: &str) -> Vec<String> {
    let takes = |verb: &&VerbWord| {
        verb.arguments.iter().any(|word| word.name == key) || verb.results.contains(&key)
    };
    VERBS
        .iter()
        .filter(takes)
        .map(|verb| format!("`{}`", verb.name))
        .collect()
}

/// `http: POST /api/orders`, or the verb alone where more than a word stands behind it.
fn head_span(key: &Key, subject: &Node) -> Span {
    let start = key.span.range().start;
    let is_scalar = !matches!(subject.value, NodeValue::List(_) | NodeValue::Map(_));
    let end = if is_scalar {
        subject.span.range().end
    } else {
        key.span.range().end
    };
    Span::new(key.span.source(), start..end)
}
