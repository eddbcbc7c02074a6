//! `http`: the request, its body, the session.

use serde_json::Value;

use super::{Fields, Lower};
use crate::ast::{Body, HttpCall, Part, PartContent, Session};
use crate::codes::code;
use crate::suggest::suggestion;
use crate::tree::{Node, NodeValue, Span};
use crate::value::ValueTemplate;
use crate::words::{HTTP_LONG, MULTIPART_FILE, SESSION};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Keys that give a request its body; one of them at most.
const BODIES: [&str; 5] = ["json", "form", "multipart", "text", "file"];

impl Lower<'_> {
    pub(super) fn http(&mut self, subject: &Node, fields: Fields<'_>) -> Option<HttpCall> {
        let request = self.request(subject);
        let actor = fields.get("by").and_then(|node| self.name(node));
        let bindings = |lower: &mut Self, name: &str, what: &str| {
            fields
                .get(name)
                .map(|node| lower.values(node, what))
                .unwrap_or_default()
        };
        let headers = bindings(self, "headers", "a mapping of headers");
        let query = bindings(self, "query", "a mapping of parameters");
        self.only_one(fields, &BODIES);
        let body = self.body(fields);
        let session = fields.get("session").and_then(|node| self.session(node));
        if let (Some(HttpCall::ANONYMOUS), Some((key, _))) =
            (actor.as_deref(), fields.entry("session"))
        {
            let diagnostic = key
                .span
                .error(code::CONFLICT, "`anonymous` has no session, and gets none")
                .help("give the actor a name: `by: somebody`");
            self.diagnostics.push(diagnostic);
        }
        let follow = fields.get("follow").and_then(|node| self.bool(node));
        let (method, target) = request?;
        Some(HttpCall {
            method,
            target,
            actor,
            actor_span: fields.get("by").map(|node| node.span.clone()),
            headers,
            query,
            body,
            session,
            follow: follow.unwrap_or(false),
        })
    }

    fn request(&mut self, node: &Node) -> Option<(ValueTemplate, ValueTemplate)> {
        if node.as_map().is_some() {
            return self.long_request(node);
        }
        let text = self.text_as(node, "text: `METHOD /path`")?;
        let start = text.len() - text.trim_start().len();
        let gap = text[start..].find(char::is_whitespace).map(|at| start + at);
        let Some(gap) = gap else {
            let is_method = METHODS.contains(&text.to_ascii_uppercase().as_str());
            let (missing, example) = if is_method {
                (
                    "path",
                    format!("write `{} /path`", text.to_ascii_uppercase()),
                )
            } else {
                ("method", format!("write `GET {text}`"))
            };
            let message = format!("the {missing} is missing");
            self.diagnostics
                .push(node.span.error(code::BAD_REQUEST, message).help(example));
            return None;
        };
        let method = &text[start..gap];
        let method_span = node.part(start..gap);
        let path_start = gap + (text[gap..].len() - text[gap..].trim_start().len());
        let path_range = path_start..text.trim_end().len();
        let is_known = self.check_method(method, &method_span);
        self.check_target(&text[path_range.clone()], &node.part(path_range.clone()));
        let target = ValueTemplate::compile_part(node, path_range, self.diagnostics);
        is_known.then(|| {
            let method = Value::String(method.to_owned());
            (ValueTemplate::constant(method, method_span), target)
        })
    }

    fn long_request(&mut self, node: &Node) -> Option<(ValueTemplate, ValueTemplate)> {
        let fields = self.fields(node, "a request", HTTP_LONG)?;
        self.only_one(fields, &["path", "url"]);
        let method = fields.get("method").and_then(|node| self.template(node));
        let target_node = fields.get("path").or_else(|| fields.get("url"));
        let target = target_node.and_then(|node| self.template(node));
        if target_node.is_none() {
            let diagnostic = node
                .span
                .error(code::MISSING_KEY, "a request needs `path` or `url`")
                .help("`path` is a path at the shop, `url` a whole URL");
            self.diagnostics.push(diagnostic);
        }
        if let (Some(node), Some(Value::String(text))) = (
            target_node,
            target.as_ref().and_then(ValueTemplate::as_constant),
        ) {
            self.check_target(text, &node.span);
        }
        let method = method?;
        let constant = method
            .as_constant()
            .and_then(Value::as_str)
            .map(str::to_owned);
        if let Some(constant) = constant {
            self.check_method(&constant, method.span()).then_some(())?;
        }
        Some((method, target?))
    }

    fn check_method(&mut self, method: &str, span: &Span) -> bool {
        let is_known = METHODS.contains(&method);
        if !is_known {
            let message = format!("`{method}` is no HTTP method");
            let mut diagnostic = span.error(code::BAD_REQUEST, message);
            let upper = method.to_ascii_uppercase();
            diagnostic.help = if METHODS.contains(&upper.as_str()) {
                Some(format!("write it in capitals: `{upper}`"))
            } else {
                suggestion(method, METHODS)
            };
            self.diagnostics.push(diagnostic);
        }
        is_known
    }

    fn check_target(&mut self, target: &str, span: &Span) {
        let is_url = ["/", "http://", "https://", "$"]
            .iter()
            .any(|start| target.starts_with(start));
        if !is_url {
            let diagnostic = span
                .error(
                    code::BAD_REQUEST,
                    format!("`{target}` is neither a path nor a URL"),
                )
                .help(format!("a path begins with `/`: `/{target}`"));
            self.diagnostics.push(diagnostic);
        } else if target.contains(char::is_whitespace) && !target.contains("${") {
            let diagnostic = span
                .error(code::BAD_REQUEST, "a path has no blanks")
                .help("put parameters under `query`, or write `%20`");
            self.diagnostics.push(diagnostic);
        }
    }

    /// At most one of these keys.
    pub(super) fn only_one(&mut self, fields: Fields<'_>, names: &[&str]) {
        let mut present = names.iter().filter_map(|name| fields.entry(name));
        let Some((first, _)) = present.next() else {
            return;
        };
        for (other, _) in present {
            let message = format!("`{}` and `{}` exclude each other", first.text, other.text);
            self.error(&other.span, code::CONFLICT, message);
        }
    }

    fn body(&mut self, fields: Fields<'_>) -> Option<Body> {
        if let Some((_, node)) = fields.entries.iter().find(|(key, _)| key.text == "json") {
            return Some(Body::Json(self.value(node)));
        }
        if let Some(node) = fields.get("form") {
            return Some(Body::Form(self.values(node, "a mapping of fields")));
        }
        if let Some(node) = fields.get("multipart") {
            return Some(Body::Multipart(self.parts(node)));
        }
        if let Some(node) = fields.get("text") {
            return self.template(node).map(Body::Text);
        }
        let node = fields.get("file")?;
        self.template(node).map(Body::File)
    }

    fn parts(&mut self, node: &Node) -> Vec<Part> {
        let entries = self.entries(node, "a mapping of fields");
        let mut parts = Vec::new();
        for (key, value) in entries {
            let content = if matches!(value.value, NodeValue::Map(_)) {
                self.file_part(value)
            } else {
                Some(PartContent::Value(self.value(value)))
            };
            parts.extend(content.map(|content| Part {
                name: key.text.clone(),
                span: key.span.clone(),
                content,
            }));
        }
        parts
    }

    fn file_part(&mut self, node: &Node) -> Option<PartContent> {
        let fields = self.fields(node, "a file", MULTIPART_FILE)?;
        let path = fields.get("file").and_then(|node| self.template(node));
        let filename = fields.get("filename").and_then(|node| self.template(node));
        let media_type = fields.get("type").and_then(|node| self.template(node));
        Some(PartContent::File {
            path: path?,
            filename,
            media_type,
        })
    }

    fn session(&mut self, node: &Node) -> Option<Session> {
        if node.as_text() == Some("cookies") {
            return Some(Session::Cookies);
        }
        let fields = self.fields(node, "a session", SESSION)?;
        self.only_one(fields, &["bearer", "basic", "headers"]);
        if let Some(node) = fields.get("bearer") {
            return Some(Session::Bearer(self.value(node)));
        }
        if let Some(node) = fields.get("headers") {
            return Some(Session::Headers(self.values(node, "a mapping of headers")));
        }
        let Some(node) = fields.get("basic") else {
            if fields.entries.is_empty() {
                let diagnostic = node
                    .span
                    .error(
                        code::EMPTY,
                        "a session without `bearer`, `basic` or `headers`",
                    )
                    .help("`session: cookies` keeps the cookies alone");
                self.diagnostics.push(diagnostic);
            }
            return None;
        };
        let (Some(user), Some(password)) = (node.get("user"), node.get("password")) else {
            self.wrong_type(node, "`{user: …, password: …}`");
            return None;
        };
        Some(Session::Basic {
            user: self.value(user),
            password: self.value(password),
        })
    }
}
