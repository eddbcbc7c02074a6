//! References: `$name.property.method(…)[…]`, quiet, in braces, with an alternate value.

use super::super::ast::{Reference, Step};
use super::{Expression, Node, Parser, TemplateError, text};

impl<'a> Parser<'a> {
    /// A `$` in the text, behind `escapes` backslashes. Text when no reference follows.
    pub(super) fn dollar(
        &mut self,
        escapes: usize,
        nodes: &mut Vec<Node>,
    ) -> Result<(), TemplateError> {
        let start = self.at;
        let last = start + self.dollars() - 1;
        if self.reference_follows(last) {
            self.at = last;
            let mut reference = self.reference()?;
            reference.escapes = escapes;
            reference.dollars = self.text[start..last].into();
            nodes.push(Node::Reference(reference));
            return Ok(());
        }
        self.at = last + 1;
        nodes.push(text(&"\\".repeat(escapes)));
        // `$\!name` is how to write `$!name`.
        let slashes = self.rest().bytes();
        let slashes = slashes.take_while(|byte| *byte == b'\\').count();
        if slashes > 0 && self.rest()[slashes..].starts_with('!') {
            nodes.push(text(&self.text[start..self.at]));
            nodes.push(text(&self.rest()[1..=slashes]));
            self.at += slashes + 1;
            return Ok(());
        }
        self.take("!");
        let written = &self.text[start..self.at];
        if self.keeps_exclamation() {
            nodes.push(text(written));
        } else {
            nodes.push(text(&written.replace('!', "")));
        }
        Ok(())
    }

    /// Whether `$!` without reference is written as it stands. In front of other text the original loses the `!`.
    fn keeps_exclamation(&self) -> bool {
        let rest = self.rest();
        let line = rest.trim_start_matches([' ', '\t']);
        rest.is_empty()
            || rest.starts_with(['[', '{', '}'])
            || line.starts_with(['\n', '\r'])
            || rest.starts_with("##")
            || self.directive_name().is_some()
    }

    /// The length of a run of dollar signs up to the last one; `$!` before a further one belongs to it.
    fn dollars(&self) -> usize {
        let rest = self.rest();
        let mut length = 0;
        loop {
            let after = &rest[length..];
            if after.starts_with('$') {
                length += 1;
            } else if length > 0 && after.starts_with("!$") {
                length += 2;
            } else {
                return length.max(1);
            }
        }
    }

    /// Whether a reference begins with the `$` at `place`.
    fn reference_follows(&self, place: usize) -> bool {
        let rest = self.text.get(place + 1..).unwrap_or_default();
        let rest = rest.strip_prefix('!').unwrap_or(rest);
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.starts_with(is_name_start)
    }

    /// The reference that begins here.
    pub(super) fn reference(&mut self) -> Result<Reference, TemplateError> {
        self.enter()?;
        let start = self.at;
        self.expect("$")?;
        let quiet = self.take("!");
        let braces = self.take("{");
        let name = self.name();
        if name.is_empty() {
            return Err(self.unexpected("a name"));
        }
        let steps = self.steps()?;
        let alternate = if braces && self.take("|") {
            Some(Box::new(self.expression()?))
        } else {
            None
        };
        if braces {
            self.expect("}")?;
        }
        self.depth -= 1;
        Ok(Reference {
            literal: self.text[start..self.at].into(),
            quiet,
            escapes: 0,
            dollars: "".into(),
            name: name.into(),
            steps,
            alternate,
        })
    }

    fn steps(&mut self) -> Result<Vec<Step>, TemplateError> {
        let mut steps = Vec::new();
        loop {
            let rest = self.rest();
            if rest.starts_with('[') {
                self.at += 1;
                let index = self.expression()?;
                self.expect("]")?;
                steps.push(Step::Index(index));
            } else if rest.starts_with('.') && rest[1..].starts_with(is_name_start) {
                self.at += 1;
                let name = self.name();
                // A parenthesis at the very end of the text calls nothing.
                if self.rest().len() > 1 && self.take("(") {
                    steps.push(Step::Method(name.into(), self.call_arguments()?));
                } else {
                    steps.push(Step::Property(name.into()));
                }
            } else {
                return Ok(steps);
            }
        }
    }

    fn call_arguments(&mut self) -> Result<Vec<Expression>, TemplateError> {
        let mut arguments = Vec::new();
        self.skip_space();
        if self.take(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if self.take(")") {
                return Ok(arguments);
            }
            self.expect(",")?;
        }
    }

    /// A name; it may hold hyphens.
    fn name(&mut self) -> &'a str {
        let rest = self.rest();
        if !rest.starts_with(is_name_start) {
            return "";
        }
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }
}

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}
