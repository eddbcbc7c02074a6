//! Mustache, with the semantics of the original's engine (JMustache as MockServer sets it up).
//!
//! Missing names are empty; null, false, zero, the empty text and the empty list are false; `{{x}}` is escaped for HTML;
//! a name is looked up in the innermost context first and then outwards, whole before it is split at its dots.
//! `{{#jsonPath}}…{{/jsonPath}}` sets `jsonPathResult`, `{{#xPath}}…{{/xPath}}` writes what it finds. Partials and
//! inheritance have nothing to load from and are refused.

use std::borrow::Cow;

use crate::json::Json;

use super::{OUTPUT_BYTES_MAX, Scope, TemplateError, Tools};

mod context;
mod parse;
mod value;

use context::{Context, Frame};
use parse::Node;
use value::{Lambda, Value};

const STEPS_MAX: usize = 1_000_000;

/// A compiled Mustache template.
#[derive(Debug)]
pub(crate) struct Mustache {
    nodes: Vec<Node>,
}

impl Mustache {
    pub(super) fn compile(text: &str) -> Result<Self, TemplateError> {
        let nodes = parse::parse(text).map_err(TemplateError::Invalid)?;
        Ok(Self { nodes })
    }

    pub(super) fn render(&self, scope: &Scope, tools: &Tools) -> Result<String, TemplateError> {
        let mut renderer = Renderer {
            context: Context::new(scope, tools),
            steps: 0,
        };
        let mut out = String::new();
        renderer.nodes(&self.nodes, &mut out)?;
        Ok(out)
    }
}

struct Renderer<'a> {
    context: Context<'a>,
    steps: usize,
}

impl<'a> Renderer<'a> {
    fn nodes(&mut self, nodes: &[Node], out: &mut String) -> Result<(), TemplateError> {
        for node in nodes {
            self.steps += 1;
            if self.steps > STEPS_MAX {
                return Err(TemplateError::Limit(format!("more than {STEPS_MAX} steps")));
            }
            match node {
                Node::Text(text) => out.push_str(text),
                Node::Variable { name, escaped } => {
                    if let Some(value) = self.context.lookup(name)? {
                        let text = self.context.text(&value)?;
                        if *escaped {
                            push_escaped(out, &text);
                        } else {
                            out.push_str(&text);
                        }
                    }
                }
                Node::Section { name, nodes } => self.section(name, nodes, out)?,
                Node::Inverted { name, nodes } => {
                    let value = self.context.lookup(name)?;
                    if value.is_none_or(|value| value.is_false()) {
                        self.nodes(nodes, out)?;
                    }
                }
            }
            if out.len() > OUTPUT_BYTES_MAX {
                let limit = format!("more than {OUTPUT_BYTES_MAX} bytes of output");
                return Err(TemplateError::Limit(limit));
            }
        }
        Ok(())
    }

    fn section(
        &mut self,
        name: &parse::Name,
        nodes: &[Node],
        out: &mut String,
    ) -> Result<(), TemplateError> {
        let Some(value) = self.context.lookup(name)? else {
            return Ok(());
        };
        match value {
            value if value.is_false() => Ok(()),
            Value::Lambda(lambda) => self.lambda(lambda, nodes, out),
            // Truth opens no context of its own.
            Value::Json(Cow::Borrowed(Json::Bool(_)) | Cow::Owned(Json::Bool(_)), _) => {
                self.nodes(nodes, out)
            }
            value => match value.items() {
                Some(items) => {
                    let count = items.len();
                    for (place, item) in items.into_iter().enumerate() {
                        self.within(Frame::item(item, place, count), nodes, out)?;
                    }
                    Ok(())
                }
                None => self.within(self.context.single(value), nodes, out),
            },
        }
    }

    fn within(
        &mut self,
        frame: Frame<'a>,
        nodes: &[Node],
        out: &mut String,
    ) -> Result<(), TemplateError> {
        self.context.frames.push(frame);
        let result = self.nodes(nodes, out);
        self.context.frames.pop();
        result
    }

    fn lambda(
        &mut self,
        lambda: Lambda,
        nodes: &[Node],
        out: &mut String,
    ) -> Result<(), TemplateError> {
        let mut text = String::new();
        self.nodes(nodes, &mut text)?;
        let (scope, tools) = (self.context.scope, self.context.tools);
        match lambda {
            // A path that finds nothing, or is none, is an empty result.
            Lambda::JsonPath => {
                let found = (tools.json_path)(scope.request_body(), &text);
                self.context.json_path_result = Some(found.unwrap_or(Json::Null));
            }
            Lambda::XPath => {
                out.push_str(&(tools.xpath)(scope.request_body(), &text).unwrap_or_default());
            }
            Lambda::ScenarioState => out.push_str(&tools.scenarios.state(&text)),
        }
        Ok(())
    }
}

fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '`' => out.push_str("&#x60;"),
            '=' => out.push_str("&#x3D;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests;
