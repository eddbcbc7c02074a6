//! Literals: strings, numbers, lists, ranges and maps.

use super::expression::number_follows;
use super::{Expression, Parser, TemplateError};

impl Parser<'_> {
    /// A value without operators: what lists, maps, ranges and directives take.
    pub(super) fn argument(&mut self) -> Result<Expression, TemplateError> {
        match self.peek() {
            Some(b'"') => self.interpolated(),
            Some(b'\'') => Ok(Expression::Text(self.string('\'')?.into())),
            Some(b'$') => Ok(Expression::Reference(Box::new(self.reference()?))),
            Some(b'[') => self.list(),
            Some(b'{') => self.map(),
            Some(b'-' | b'.' | b'0'..=b'9') => self.number(),
            _ if self.keyword("true") => Ok(Expression::Bool(true)),
            _ if self.keyword("false") => Ok(Expression::Bool(false)),
            _ => Err(self.unexpected("a value")),
        }
    }

    /// A quoted text; a doubled quote stands for itself.
    fn string(&mut self, quote: char) -> Result<String, TemplateError> {
        self.at += 1;
        let mut value = String::new();
        loop {
            let rest = self.rest();
            let Some(length) = rest.find(quote) else {
                return Err(self.error("a string without end"));
            };
            value.push_str(&rest[..length]);
            self.at += length + 1;
            if !self.rest().starts_with(quote) {
                return Ok(value);
            }
            value.push(quote);
            self.at += 1;
        }
    }

    /// A double-quoted string is a small template.
    fn interpolated(&mut self) -> Result<Expression, TemplateError> {
        let content = unicode_escapes(&self.string('"')?);
        if !content.contains(['$', '#']) {
            return Ok(Expression::Text(content.into()));
        }
        self.enter()?;
        let inner = Parser::new(&content, self.macros, self.depth).template();
        self.depth -= 1;
        match inner {
            Ok(body) => Ok(Expression::Interpolated(body)),
            Err(TemplateError::Invalid(what)) => Err(self.error(format!("in a string: {what}"))),
            Err(other) => Err(other),
        }
    }

    fn number(&mut self) -> Result<Expression, TemplateError> {
        let rest = self.rest();
        let unsigned = rest.strip_prefix('-').unwrap_or(rest);
        if !number_follows(unsigned) {
            return Err(self.unexpected("a value"));
        }
        let mut end = rest.len() - unsigned.len();
        end += digits(&rest[end..]);
        let has_point = rest[end..].starts_with('.') && !rest[end..].starts_with("..");
        if has_point {
            end += 1 + digits(&rest[end + 1..]);
        }
        let exponent = exponent(&rest[end..]);
        end += exponent;
        let written = &rest[..end];
        self.at += end;
        if !has_point && exponent == 0 {
            return Ok(Expression::Integer(written.into()));
        }
        match written.parse() {
            Ok(value) => Ok(Expression::Double(value)),
            Err(_) => Err(self.error(format!("`{written}` is no number"))),
        }
    }

    /// `[a, b]` or `[from..to]`
    fn list(&mut self) -> Result<Expression, TemplateError> {
        self.enter()?;
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        while !self.take("]") {
            if !items.is_empty() {
                self.expect(",")?;
                self.skip_space();
            }
            let item = self.argument()?;
            self.skip_space();
            if items.is_empty() && is_bound(&item) && self.take("..") {
                return self.range(item);
            }
            items.push(item);
        }
        self.depth -= 1;
        Ok(Expression::List(items))
    }

    /// The end of a range, behind its `..`.
    fn range(&mut self, from: Expression) -> Result<Expression, TemplateError> {
        self.skip_space();
        let to = self.argument()?;
        if !is_bound(&to) {
            return Err(self.error("a range ends with an integer or a reference"));
        }
        self.skip_space();
        self.expect("]")?;
        self.depth -= 1;
        Ok(Expression::Range(Box::new(from), Box::new(to)))
    }

    fn map(&mut self) -> Result<Expression, TemplateError> {
        self.enter()?;
        self.at += 1;
        let mut entries = Vec::new();
        self.skip_space();
        while !self.take("}") {
            if !entries.is_empty() {
                self.expect(",")?;
                self.skip_space();
            }
            let key = self.argument()?;
            self.skip_space();
            self.expect(":")?;
            self.skip_space();
            let value = self.argument()?;
            self.skip_space();
            entries.push((key, value));
        }
        self.depth -= 1;
        Ok(Expression::Map(entries))
    }
}

fn is_bound(expression: &Expression) -> bool {
    matches!(
        expression,
        Expression::Integer(_) | Expression::Reference(_)
    )
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The length of an exponent at the beginning of `text`.
fn exponent(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(['e', 'E']) else {
        return 0;
    };
    let unsigned = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    match digits(unsigned) {
        0 => 0,
        count => text.len() - unsigned.len() + count,
    }
}

/// Replaces `\uXXXX`, the only escape that strings know.
fn unicode_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find("\\u") {
        let (before, escape) = rest.split_at(place);
        out.push_str(before);
        let hex = escape
            .get(2..6)
            .filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let decoded = hex
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32);
        let (written, length) = decoded.map_or(('\\', 1), |decoded| (decoded, 6));
        out.push(written);
        rest = &escape[length..];
    }
    out.push_str(rest);
    out
}
