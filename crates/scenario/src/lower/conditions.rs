//! `verify` and `wait`: subjects and `where`.

use super::expectation::is_path;
use super::{Fields, Lower, is_name};
use crate::ast::{Condition, ExchangePart, Verify, VerifySubject, Wait, WaitSubject, WebhookWait};
use crate::codes::code;
use crate::suggest::distance;
use crate::tree::{Key, Node};

/// What plain names in `where` mean; every other name is a member of the body.
const PARTS: [&str; 4] = ["method", "path", "status", "text"];

/// The kinds of `wait`.
#[derive(Clone, Copy)]
enum WaitKind {
    Call,
    Webhook,
    Idle,
}

impl WaitKind {
    fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Webhook => "webhook",
            Self::Idle => "queue_idle",
        }
    }
}

impl Lower<'_> {
    pub(super) fn verify(&mut self, subject: &Node, fields: Fields<'_>) -> Option<Verify> {
        let settle = fields.get("settle").and_then(|node| self.duration(node));
        let count = fields.get("count");
        let conditions = fields.get("where").map(|node| self.conditions(node));
        let count_matcher = count.map(|node| self.matcher(node));
        let verified = self.verify_subject(subject)?;
        if verified == VerifySubject::NoDuplicateCalls {
            for name in ["count", "capture", "collect"] {
                if let Some((key, _)) = fields.entry(name) {
                    let message = format!("`no_duplicate_calls` takes no `{name}`");
                    self.error(&key.span, code::KEY_NOT_TAKEN, message);
                }
            }
        }
        Some(Verify {
            subject: verified,
            span: subject.span.clone(),
            conditions: conditions.unwrap_or_default(),
            count: count_matcher,
            count_span: count.map(|node| node.span.clone()),
            settle,
        })
    }

    pub(super) fn wait(&mut self, subject: &Node, fields: Fields<'_>) -> Option<Wait> {
        let limit = fields.get("for").and_then(|node| self.duration(node));
        let conditions = fields.get("where").map(|node| self.conditions(node));
        let choices = [
            ("call", WaitKind::Call),
            ("webhook", WaitKind::Webhook),
            ("queue_idle", WaitKind::Idle),
        ];
        let kind = self.choice(subject, &choices)?;
        let foreign: &[&str] = match kind {
            WaitKind::Call => &["event", "delivered"],
            WaitKind::Webhook => &[],
            WaitKind::Idle => &["from", "where", "event", "delivered", "capture", "collect"],
        };
        for name in foreign {
            if let Some((key, _)) = fields.entry(name) {
                let message = format!("`wait: {}` takes no `{name}`", kind.word());
                self.error(&key.span, code::KEY_NOT_TAKEN, message);
            }
        }
        let waited = match kind {
            WaitKind::Webhook => WaitSubject::Webhook(Box::new(self.webhook(fields))),
            WaitKind::Idle => WaitSubject::QueueIdle,
            WaitKind::Call => {
                let Some(from) = fields.get("from") else {
                    let diagnostic = subject
                        .span
                        .error(code::MISSING_KEY, "`wait: call` needs `from`")
                        .help("`from` is the mock that sees the call, or the edge it crosses");
                    self.diagnostics.push(diagnostic);
                    return None;
                };
                WaitSubject::Call(self.seen_by(from)?)
            }
        };
        Some(Wait {
            subject: waited,
            span: subject.span.clone(),
            from_span: fields
                .get("from")
                .map_or(&subject.span, |node| &node.span)
                .clone(),
            conditions: conditions.unwrap_or_default(),
            limit,
        })
    }

    fn webhook(&mut self, fields: Fields<'_>) -> WebhookWait {
        WebhookWait {
            from: fields.get("from").and_then(|node| self.template(node)),
            event: fields.get("event").map(|node| self.matcher(node)),
            delivered: fields.get("delivered").and_then(|node| self.status(node)),
        }
    }

    fn verify_subject(&mut self, node: &Node) -> Option<VerifySubject> {
        match node.as_text() {
            Some("no_duplicate_calls") => Some(VerifySubject::NoDuplicateCalls),
            Some(rule @ ("ledger_matches" | "no_leaks")) => {
                self.not_in_version(node, &format!("`verify: {rule}`"));
                None
            }
            _ => self.seen_by(node),
        }
    }

    /// A mock, or an edge.
    fn seen_by(&mut self, node: &Node) -> Option<VerifySubject> {
        let text = self.text_as(node, "text: a mock or an edge")?;
        if text.contains(['>', '→']) {
            return self.edge(node).map(VerifySubject::Edge);
        }
        if text.contains('$') {
            let diagnostic = node
                .span
                .error(code::BAD_NAME, "a mock is named, not computed")
                .help("write its name, as `styk.yaml` gives it");
            self.diagnostics.push(diagnostic);
            return None;
        }
        Some(VerifySubject::Mock(text))
    }

    pub(super) fn not_in_version(&mut self, node: &Node, what: &str) {
        let message = format!("{what} is not in this version");
        self.error(&node.span, code::NOT_IN_VERSION, message);
    }

    fn conditions(&mut self, node: &Node) -> Vec<Condition> {
        let entries = self.entries(node, "a mapping of parts of the call to matchers");
        let mut conditions = Vec::new();
        for (key, value) in entries {
            let matcher = self.matcher(value);
            if let Some(part) = self.exchange_part(key) {
                conditions.push(Condition {
                    span: key.span.clone(),
                    part,
                    matcher,
                });
            }
        }
        conditions
    }

    fn exchange_part(&mut self, key: &Key) -> Option<ExchangePart> {
        match key.text.as_str() {
            "method" => return Some(ExchangePart::Method),
            "path" => return Some(ExchangePart::Path),
            "status" => return Some(ExchangePart::Status),
            "text" => return Some(ExchangePart::Text),
            text if is_path(text) => return self.path(text, &key.span).map(ExchangePart::Body),
            _ => {}
        }
        match key.text.split_once('.') {
            Some(("header", name)) if !name.is_empty() => {
                Some(ExchangePart::Header(name.to_ascii_lowercase()))
            }
            Some(("query", name)) if !name.is_empty() => Some(ExchangePart::Query(name.to_owned())),
            _ if is_name(&key.text) => {
                self.warn_near_part(key);
                let path = format!("$.{}", key.text);
                self.path(&path, &key.span).map(ExchangePart::Body)
            }
            _ => {
                let message = format!("a call has no part `{}`", key.text);
                let diagnostic = key
                    .span
                    .error(code::UNKNOWN_KEY, message)
                    .help("there is `method`, `path`, `status`, `text`, `header.<name>`, `query.<name>`, `$.path` into the JSON body, or the name of one of its members");
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    fn warn_near_part(&mut self, key: &Key) {
        let near = PARTS.iter().find(|part| distance(part, &key.text) == 1);
        if let Some(part) = near {
            let message = format!("`{}` is read as a member of the JSON body", key.text);
            let warning = key.span.warning(code::NEAR_WORD, message).help(format!(
                "did you mean `{part}`? Else write `$.{}`",
                key.text
            ));
            self.diagnostics.push(warning);
        }
    }
}
