//! Directives and macro calls.

use super::{Arc, Call, Ending, Expression, Macro, Node, Parser, TemplateError, text};

const KNOWN: [&str; 14] = [
    "set", "if", "elseif", "else", "end", "foreach", "include", "parse", "macro", "evaluate",
    "break", "define", "stop", "ifnull",
];

impl<'a> Parser<'a> {
    /// The name after a `#` that stands here, and its length with `#` and braces.
    pub(super) fn directive_name(&self) -> Option<(&'a str, usize)> {
        let rest = self.rest().strip_prefix('#')?;
        let (inner, braces) = rest.strip_prefix('{').map_or((rest, 0), |inner| (inner, 2));
        let first = inner.bytes().next()?;
        if !(first.is_ascii_alphabetic() || matches!(first, b'_' | b'@')) {
            return None;
        }
        let more = inner[1..]
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .count();
        let name = &inner[..=more];
        if braces > 0 && !inner[1 + more..].starts_with('}') {
            return None;
        }
        Some((name, 1 + braces + name.len()))
    }

    pub(super) fn is_known(&self, name: &str) -> bool {
        KNOWN.contains(&name) || self.macros.contains_key(name)
    }

    pub(super) fn directive(
        &mut self,
        indent: &str,
        nodes: &mut Vec<Node>,
    ) -> Result<Option<Ending>, TemplateError> {
        let Some((name, length)) = self.directive_name() else {
            nodes.push(text(indent));
            nodes.push(text("#"));
            self.at += 1;
            self.after_newline = false;
            return Ok(None);
        };
        let start = self.at;
        self.at += length;
        match name {
            "end" => return Ok(Some(Ending::End)),
            "else" => return Ok(Some(Ending::Else)),
            "elseif" => return Ok(Some(Ending::ElseIf)),
            "macro" => self.definition()?,
            "if" => nodes.push(self.branches()?),
            "set" if self.set_follows() => nodes.push(self.set()?),
            "foreach" => nodes.push(self.foreach()?),
            "define" => nodes.push(self.define()?),
            "ifnull" => nodes.push(self.if_null()?),
            "evaluate" | "break" | "stop" | "include" | "parse" => {
                nodes.push(self.line_directive(name)?);
            }
            _ => nodes.push(self.call(indent, name, start)?),
        }
        Ok(None)
    }

    /// `#if(…) … #elseif(…) … #else … #end`
    fn branches(&mut self) -> Result<Node, TemplateError> {
        let own_line = self.after_newline;
        let mut branches = Vec::new();
        let endings = [Ending::End, Ending::Else, Ending::ElseIf];
        let otherwise = loop {
            let condition = self.condition()?;
            self.block_start();
            let (body, ending) = self.block(&endings)?;
            branches.push((condition, body));
            match ending {
                Ending::ElseIf => {}
                Ending::Else => {
                    self.block_start();
                    break self.block(&[Ending::End])?.0;
                }
                Ending::End | Ending::Text => break Arc::from([]),
            }
        };
        self.block_end(own_line);
        Ok(Node::If {
            branches,
            otherwise,
        })
    }

    fn condition(&mut self) -> Result<Expression, TemplateError> {
        self.skip_space();
        self.expect("(")?;
        let condition = self.expression()?;
        self.expect(")")?;
        Ok(condition)
    }

    /// After the head of a block: the rest of a line without text goes with it.
    fn block_start(&mut self) {
        if self.rest_of_line() {
            self.after_newline = true;
        }
    }

    /// After a directive: the line end goes with it when it had the line for itself.
    fn block_end(&mut self, own_line: bool) {
        self.after_newline = own_line && self.rest_of_line();
    }

    fn set_follows(&self) -> bool {
        let rest = self.rest();
        rest.trim_start_matches([' ', '\t']).starts_with('(')
    }

    fn set(&mut self) -> Result<Node, TemplateError> {
        let own_line = self.after_newline;
        self.skip_blanks();
        self.expect("(")?;
        self.skip_space();
        let target = self.reference()?;
        self.skip_space();
        self.expect("=")?;
        let value = self.expression()?;
        self.expect(")")?;
        self.block_end(own_line);
        Ok(Node::Set(target, value))
    }

    /// `#foreach($item in …) … #else … #end`
    fn foreach(&mut self) -> Result<Node, TemplateError> {
        let own_line = self.after_newline;
        self.skip_space();
        self.expect("(")?;
        self.skip_space();
        let variable = self.reference()?;
        self.skip_space();
        if self.word() != "in" {
            return Err(self.error("no `in` after the variable of `#foreach`"));
        }
        self.skip_space();
        let items = self.argument()?;
        self.skip_space();
        self.expect(")")?;
        self.after_newline = self.rest_of_line();
        let (body, ending) = self.block(&[Ending::End, Ending::Else])?;
        let otherwise = if ending == Ending::Else {
            self.block_start();
            self.block(&[Ending::End])?.0
        } else {
            Arc::from([])
        };
        self.block_end(own_line);
        Ok(Node::Foreach {
            variable: variable.name,
            items,
            body,
            otherwise,
        })
    }

    /// `#macro(name $parameter $other = "default") … #end`. The first macro of a name stays.
    fn definition(&mut self) -> Result<(), TemplateError> {
        let own_line = self.after_newline;
        self.skip_space();
        self.expect("(")?;
        self.skip_space();
        let name = self.word();
        if name.is_empty() {
            return Err(self.unexpected("the name of the macro"));
        }
        let parameters = self.parameters()?;
        let body = self.plain_block(own_line)?;
        self.macros
            .entry(name.to_owned())
            .or_insert_with(|| Arc::new(Macro { parameters, body }));
        Ok(())
    }

    fn parameters(&mut self) -> Result<Vec<(String, Option<Expression>)>, TemplateError> {
        let mut parameters = Vec::new();
        loop {
            self.skip_separator();
            if self.rest().starts_with("##") {
                self.line_comment();
                continue;
            }
            if self.take(")") {
                return Ok(parameters);
            }
            let parameter = self.reference()?.name.into_string();
            self.skip_space();
            let default = if self.take("=") {
                self.skip_space();
                Some(self.argument()?)
            } else {
                None
            };
            parameters.push((parameter, default));
        }
    }

    fn define(&mut self) -> Result<Node, TemplateError> {
        let own_line = self.after_newline;
        self.skip_space();
        self.expect("(")?;
        self.skip_space();
        let name = self.reference()?.name;
        self.skip_space();
        self.expect(")")?;
        Ok(Node::Define(name, self.plain_block(own_line)?))
    }

    /// `#ifnull(…) … #end`, which the original adds to the language.
    fn if_null(&mut self) -> Result<Node, TemplateError> {
        let own_line = self.after_newline;
        let mut arguments = self.arguments()?;
        if arguments.len() != 1 {
            return Err(self.error("`#ifnull` takes one argument"));
        }
        let body = self.plain_block(own_line)?;
        Ok(Node::IfNull(arguments.swap_remove(0), body))
    }

    /// A block that only `#end` ends, behind its head.
    fn plain_block(&mut self, own_line: bool) -> Result<super::Block, TemplateError> {
        self.after_newline = self.rest_of_line();
        let (body, _) = self.block(&[Ending::End])?;
        self.block_end(own_line);
        Ok(body)
    }

    /// A directive without block.
    fn line_directive(&mut self, name: &str) -> Result<Node, TemplateError> {
        let own_line = self.after_newline;
        let arguments = self.arguments()?;
        let node = match name {
            "break" => Node::Break,
            "stop" => Node::Stop,
            "include" => Node::File("#include"),
            "parse" => Node::File("#parse"),
            _ => self.evaluate(arguments)?,
        };
        self.block_end(own_line);
        Ok(node)
    }

    fn evaluate(&self, mut arguments: Vec<Expression>) -> Result<Node, TemplateError> {
        match (arguments.pop(), arguments.is_empty()) {
            (
                Some(
                    argument @ (Expression::Text(_)
                    | Expression::Interpolated(_)
                    | Expression::Reference(_)),
                ),
                true,
            ) => Ok(Node::Evaluate(argument)),
            _ => Err(self.error("`#evaluate` takes one string or reference")),
        }
    }

    /// `#name(…)`, or `#@name(…) … #end` with a body.
    fn call(&mut self, indent: &str, name: &str, start: usize) -> Result<Node, TemplateError> {
        let own_line = self.after_newline;
        let arguments = self.arguments()?;
        let (name, body) = match name.strip_prefix('@') {
            Some(name) => (name, Some(self.plain_block(own_line)?)),
            None => {
                self.block_end(own_line);
                (name, None)
            }
        };
        let source = self.text.get(start..self.at).unwrap_or_default();
        Ok(Node::Call(Call {
            name: name.into(),
            arguments,
            body,
            literal: format!("{indent}{source}").into(),
        }))
    }

    /// The arguments of a directive; none when no parenthesis follows.
    fn arguments(&mut self) -> Result<Vec<Expression>, TemplateError> {
        let start = self.at;
        let mut arguments = Vec::new();
        self.skip_space();
        if !self.take("(") {
            self.at = start;
            return Ok(arguments);
        }
        loop {
            self.skip_separator();
            if self.take(")") {
                return Ok(arguments);
            }
            let word = self.word();
            if word.is_empty() || matches!(word, "true" | "false") {
                self.at -= word.len();
                arguments.push(self.argument()?);
            } else {
                arguments.push(Expression::Text(word.into()));
            }
        }
    }

    /// White space and at most one comma between two arguments.
    fn skip_separator(&mut self) {
        self.skip_space();
        if self.take(",") {
            self.skip_space();
        }
    }

    /// A bare word.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let is_start = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '@');
        if !rest.starts_with(is_start) {
            return "";
        }
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '@');
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }
}
