//! Reads a template: text, directives and the white space around them.
//!
//! One pass from left to right. White space is gobbled as Velocity 2 does it by lines: a line that holds nothing but a
//! directive leaves no trace. `after_newline` says whether only blanks stand between the last line end and here.

use std::sync::Arc;

use super::ast::{Block, Call, Compiled, Expression, Macro, Macros, Node};
use crate::template::TemplateError;

mod directive;
mod expression;
mod literal;
mod reference;

/// How deep blocks, strings, brackets and calls may nest.
const DEPTH_MAX: usize = 60;

/// Parses a text. Macros of `known` count as defined.
pub(super) fn parse(text: &str, known: &Macros) -> Result<Compiled, TemplateError> {
    let mut macros = known.clone();
    let body = Parser::new(text, &mut macros, 0).template()?;
    Ok(Compiled { body, macros })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    after_newline: bool,
    macros: &'a mut Macros,
}

/// What ended a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Text,
    End,
    Else,
    ElseIf,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, macros: &'a mut Macros, depth: usize) -> Self {
        Self {
            text,
            at: 0,
            depth,
            after_newline: true,
            macros,
        }
    }

    fn template(mut self) -> Result<Block, TemplateError> {
        Ok(self.block(&[])?.0)
    }

    /// The statements up to one of the endings, which is read too; without endings, up to the end of the text.
    fn block(&mut self, endings: &[Ending]) -> Result<(Block, Ending), TemplateError> {
        self.enter()?;
        let mut nodes = Vec::new();
        let ending = loop {
            if self.at == self.text.len() {
                break Ending::Text;
            }
            if let Some(ending) = self.statement(&mut nodes)? {
                break ending;
            }
        };
        self.depth -= 1;
        let expected = if endings.is_empty() {
            ending == Ending::Text
        } else {
            endings.contains(&ending)
        };
        if expected {
            return Ok((join_texts(nodes), ending));
        }
        Err(self.error(match ending {
            Ending::Text => {
                "the end of the text inside a block, where `#end` is missing".to_owned()
            }
            Ending::End => "`#end` without a block to end".to_owned(),
            Ending::Else => "`#else` out of place".to_owned(),
            Ending::ElseIf => "`#elseif` out of place".to_owned(),
        }))
    }

    /// Reads one piece of the template; an ending when it stands here.
    fn statement(&mut self, nodes: &mut Vec<Node>) -> Result<Option<Ending>, TemplateError> {
        match self.peek() {
            Some(b'$') => {
                self.dollar(0, nodes)?;
                self.after_newline = false;
                Ok(None)
            }
            Some(b'\\') => self.backslashes(nodes),
            Some(b'#') => self.hash("", nodes),
            _ => self.plain(nodes),
        }
    }

    /// Text up to the next character that may mean something.
    fn plain(&mut self, nodes: &mut Vec<Node>) -> Result<Option<Ending>, TemplateError> {
        let rest = self.rest();
        let length = rest.find(['$', '#', '\\']).unwrap_or(rest.len());
        let run = &rest[..length];
        self.at += length;
        let line_start = run.rfind(['\n', '\r']).map_or(0, |place| place + 1);
        let (lines, tail) = run.split_at(line_start);
        if line_start > 0 {
            self.after_newline = true;
        }
        let is_indent = self.after_newline && !tail.is_empty() && is_blank(tail);
        if is_indent && self.directive_name().is_some() {
            nodes.push(text(lines));
            return self.hash(tail, nodes);
        }
        nodes.push(text(run));
        if !tail.is_empty() {
            self.after_newline = false;
        }
        Ok(None)
    }

    /// Backslashes escape what follows, when it means something.
    fn backslashes(&mut self, nodes: &mut Vec<Node>) -> Result<Option<Ending>, TemplateError> {
        let rest = self.rest();
        let count = rest.bytes().take_while(|byte| *byte == b'\\').count();
        self.at += count;
        match self.peek() {
            Some(b'$') => self.dollar(count, nodes)?,
            Some(b'#') => {
                let name = self.directive_name().map(|(name, _)| name);
                let known = name.is_some_and(|name| self.is_known(name));
                // The original knows `set` here only with an odd count.
                let halved = known && (count % 2 == 1 || name != Some("set"));
                let written = if halved { count / 2 } else { count };
                nodes.push(text(&rest[..written]));
                if count % 2 == 1 && name.is_some() {
                    nodes.push(text("#"));
                    self.at += 1;
                }
            }
            _ => nodes.push(text(&rest[..count])),
        }
        self.after_newline = false;
        Ok(None)
    }

    /// What begins with `#`; `indent` is the white space of its line before it.
    fn hash(
        &mut self,
        indent: &str,
        nodes: &mut Vec<Node>,
    ) -> Result<Option<Ending>, TemplateError> {
        let rest = self.rest();
        if rest.starts_with("##") {
            nodes.push(text(indent));
            self.line_comment();
            self.after_newline = true;
            return Ok(None);
        }
        if let Some(comment) = rest.strip_prefix("#*") {
            let length = comment.find("*#").map_or(comment.len(), |end| end + 2);
            self.at += 2 + length;
            self.after_newline = false;
            return Ok(None);
        }
        if let Some(raw) = rest.strip_prefix("#[[") {
            let Some(length) = raw.find("]]#") else {
                return Err(self.error("`#[[` without `]]#`"));
            };
            nodes.push(text(&raw[..length]));
            self.at += length + 6;
            self.after_newline = false;
            return Ok(None);
        }
        self.directive(indent, nodes)
    }

    fn line_comment(&mut self) {
        let rest = self.rest();
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        self.at += length;
        self.line_end();
    }

    /// Reads one line end, when it stands here.
    fn line_end(&mut self) -> bool {
        let rest = self.rest();
        let length = match rest.as_bytes() {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => return false,
        };
        self.at += length;
        true
    }

    /// Reads blanks and a line end, when nothing else stands before the line end.
    fn rest_of_line(&mut self) -> bool {
        let start = self.at;
        self.skip_blanks();
        if self.line_end() {
            return true;
        }
        self.at = start;
        false
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads `token`, when it stands here.
    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), TemplateError> {
        if self.take(token) {
            return Ok(());
        }
        Err(self.unexpected(&format!("`{token}`")))
    }

    fn enter(&mut self) -> Result<(), TemplateError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.error(format!("more than {DEPTH_MAX} levels of nesting")));
        }
        Ok(())
    }

    fn unexpected(&self, expected: &str) -> TemplateError {
        match self.rest().chars().next() {
            Some(found) => self.error(format!("`{found}` where {expected} should be")),
            None => self.error(format!("the end of the text where {expected} should be")),
        }
    }

    fn error(&self, what: impl std::fmt::Display) -> TemplateError {
        let before = self.text.get(..self.at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        TemplateError::Invalid(format!("{what} (line {line}, column {column})"))
    }
}

fn text(text: &str) -> Node {
    Node::Text(text.into())
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// Joins neighbouring texts, so that rendering writes them at once.
fn join_texts(nodes: Vec<Node>) -> Block {
    let mut joined: Vec<Node> = Vec::with_capacity(nodes.len());
    let mut pending = String::new();
    for node in nodes {
        if let Node::Text(text) = node {
            pending.push_str(&text);
            continue;
        }
        if !pending.is_empty() {
            joined.push(text(&pending));
            pending.clear();
        }
        joined.push(node);
    }
    if !pending.is_empty() {
        joined.push(text(&pending));
    }
    Arc::from(joined)
}
