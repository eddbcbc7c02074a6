//! `${…}` in the settings of a command suite: names are checked when styk.yaml is read, values come with the stage.

use serde_json::Value;
use styk_core::Diagnostic;
use styk_scenario::{Span, suggest};

use crate::codes::code;

/// A text with `${a.b.c}` inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Name(String),
}

impl Template {
    /// Reads a text. `$$` is a dollar sign; a `$` before anything but `{` stays as it is.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            plain.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('{') {
                let Some(end) = after.find('}') else {
                    return Err("`${` has no closing `}`".to_owned());
                };
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Name(after[..end].trim().to_owned()));
                rest = &after[end + 1..];
            } else {
                plain.push('$');
                rest = rest.strip_prefix('$').unwrap_or(rest);
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self { parts })
    }

    /// What is wrong with its names, given those that exist.
    pub(crate) fn check(&self, span: &Span, known: &[String]) -> Vec<Diagnostic> {
        let names = self.parts.iter().filter_map(|part| match part {
            Part::Name(name) if !known.contains(name) => Some(name),
            Part::Name(_) | Part::Text(_) => None,
        });
        let unknown = names.map(|name| {
            let message = format!("`${{{name}}}` names nothing");
            let candidates = known.iter().map(String::as_str);
            let help = match suggest(name, candidates.clone()) {
                Some(near) => format!("did you mean `${{{near}}}`?"),
                None => format!("there is {}", crate::fields::listed(candidates)),
            };
            span.error(code::UNKNOWN_VALUE, message).help(help)
        });
        unknown.collect()
    }

    /// The text with the values of `scope` in place. Names were checked; one without a value becomes nothing.
    pub(crate) fn render(&self, scope: &Value) -> String {
        let rendered = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Name(name) => match name.split('.').try_fold(scope, |at, key| at.get(key)) {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Null) | None => String::new(),
                Some(other) => other.to_string(),
            },
        });
        rendered.collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_replaced_and_dollars_kept() {
        let template = Template::parse("--junitxml=${out}/a-${ stage.shop.port }.xml $$1 $HOME")
            .expect("a template");
        let scope = json!({"out": "/tmp/x", "stage": {"shop": {"port": 8000}}});
        assert_eq!(
            template.render(&scope),
            "--junitxml=/tmp/x/a-8000.xml $1 $HOME"
        );
    }

    #[test]
    fn an_open_brace_is_refused() {
        assert!(Template::parse("${out").is_err());
    }
}
