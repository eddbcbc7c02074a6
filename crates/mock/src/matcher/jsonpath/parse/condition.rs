//! Reading the conditions of filters.

use super::{Parser, is_operator};
use crate::json::{Json, parse_lenient};
use crate::matcher::jsonpath::filter::{Condition, Operand, Operator};
use crate::pattern::JavaRegex;

impl Parser {
    pub(super) fn any(&mut self) -> Result<Condition, String> {
        self.deeper()?;
        let mut conditions = vec![self.all()?];
        while self.takes_twice('|') {
            conditions.push(self.all()?);
        }
        self.depth -= 1;
        Ok(one_or(conditions, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut conditions = vec![self.operand_of_and()?];
        while self.takes_twice('&') {
            conditions.push(self.operand_of_and()?);
        }
        Ok(one_or(conditions, Condition::All))
    }

    fn operand_of_and(&mut self) -> Result<Condition, String> {
        self.blanks();
        if self.take('!') {
            self.blanks();
            if matches!(self.peek(), Some('@' | '$')) {
                return self.comparison(false);
            }
            self.deeper()?;
            let condition = self.operand_of_and()?;
            self.depth -= 1;
            return Ok(Condition::Not(Box::new(condition)));
        }
        if self.take('(') {
            let condition = self.any()?;
            self.closing(')')?;
            return Ok(condition);
        }
        self.comparison(true)
    }

    /// `left operator right`, or a path that must be there (or, after `!`, must not).
    fn comparison(&mut self, wanted: bool) -> Result<Condition, String> {
        let left = self.operand()?;
        let after_left = self.at;
        match self.operator_and_right() {
            Ok((operator, right)) => Ok(Condition::Compare(left, operator, right)),
            Err(error) => match left {
                Operand::Path(path) => {
                    self.at = after_left;
                    Ok(Condition::Exists(path, wanted))
                }
                Operand::Json(_) | Operand::Pattern(_) => Err(error),
            },
        }
    }

    fn operator_and_right(&mut self) -> Result<(Operator, Operand), String> {
        self.blanks();
        let start = self.at;
        if self.peek().is_some_and(is_operator) {
            while self.peek().is_some_and(is_operator) {
                self.at += 1;
            }
        } else {
            while self.peek().is_some_and(|c| c.is_ascii_alphabetic()) {
                self.at += 1;
            }
        }
        let word: String = self.chars[start..self.at].iter().collect();
        let operator = Operator::named(&word).ok_or_else(|| format!("`{word}` is no operator"))?;
        Ok((operator, self.operand()?))
    }

    fn operand(&mut self) -> Result<Operand, String> {
        self.blanks();
        let start = self.at;
        match self.peek().ok_or("a condition without end")? {
            '@' | '$' => {
                self.deeper()?;
                let path = self.path(true)?;
                self.depth -= 1;
                Ok(Operand::Path(path))
            }
            quote @ ('\'' | '"') => {
                self.at += 1;
                self.quoted(quote)
                    .map(|text| Operand::Json(Json::Text(text)))
            }
            '/' => self.pattern().map(Operand::Pattern),
            '[' | '{' => {
                self.nested_json()?;
                let text: String = self.chars[start..self.at].iter().collect();
                let json = parse_lenient(&text).map_err(|error| error.to_string())?;
                Ok(Operand::Json(json))
            }
            _ => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
                while self.peek().is_some_and(is_part) {
                    self.at += 1;
                }
                let text: String = self.chars[start..self.at].iter().collect();
                literal(&text)
                    .map(Operand::Json)
                    .ok_or_else(|| format!("`{text}` is no value"))
            }
        }
    }

    /// Passes over a list or an object.
    fn nested_json(&mut self) -> Result<(), String> {
        let mut open = 0_usize;
        loop {
            match self.next().ok_or("a list or an object without end")? {
                c @ ('"' | '\'') => {
                    self.quoted(c)?;
                }
                '[' | '{' => open += 1,
                ']' | '}' => {
                    open -= 1;
                    if open == 0 {
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
    }

    /// `/pattern/flags`.
    fn pattern(&mut self) -> Result<JavaRegex, String> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.next().ok_or("a pattern without `/` at its end")? {
                '\\' => self.at += 1,
                '/' => break,
                _ => {}
            }
        }
        let text: String = self.chars[start..self.at - 1].iter().collect();
        let mut flags = String::new();
        while let Some(c @ ('i' | 'd' | 'm' | 's' | 'u' | 'x' | 'U')) = self.peek() {
            self.at += 1;
            flags.push(c);
        }
        let on = if flags.is_empty() {
            String::new()
        } else {
            format!("(?{flags})")
        };
        JavaRegex::compile(&format!("(?-is){on}{text}"))
            .map_err(|_refusal| format!("`{text}` is no regular expression"))
    }
}

fn literal(text: &str) -> Option<Json> {
    match text {
        "true" => Some(Json::Bool(true)),
        "false" => Some(Json::Bool(false)),
        "null" => Some(Json::Null),
        number if number.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.')) => {
            number.parse::<f64>().ok()?;
            parse_lenient(number).ok()
        }
        _ => None,
    }
}

fn one_or(mut conditions: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        Some(last) => {
            conditions.push(last);
            many(conditions)
        }
        None => many(conditions),
    }
}
