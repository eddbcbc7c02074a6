//! Expressions: operators and what stands between them.

use super::super::ast::Operator;
use super::{Expression, Parser, TemplateError};

/// Longer signs stand before their beginnings.
const SIGNS: [(&str, Operator); 13] = [
    ("||", Operator::Or),
    ("&&", Operator::And),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("+", Operator::Add),
    ("-", Operator::Subtract),
    ("*", Operator::Multiply),
    ("/", Operator::Divide),
    ("%", Operator::Modulo),
];

const WORDS: [(&str, Operator); 8] = [
    ("or", Operator::Or),
    ("and", Operator::And),
    ("eq", Operator::Equal),
    ("ne", Operator::NotEqual),
    ("lt", Operator::Less),
    ("le", Operator::LessOrEqual),
    ("gt", Operator::Greater),
    ("ge", Operator::GreaterOrEqual),
];

impl Parser<'_> {
    /// An expression with the white space around it.
    pub(super) fn expression(&mut self) -> Result<Expression, TemplateError> {
        self.enter()?;
        let first = self.operand()?;
        let mut rest = Vec::new();
        loop {
            self.skip_space();
            let Some(operator) = self.operator()? else {
                break;
            };
            rest.push((operator, self.operand()?));
        }
        self.depth -= 1;
        Ok(ranked(first, rest, 0))
    }

    fn operator(&mut self) -> Result<Option<Operator>, TemplateError> {
        let rest = self.rest();
        for (sign, operator) in SIGNS {
            let Some(after) = rest.strip_prefix(sign) else {
                continue;
            };
            // As in the original: `-1` is a number, also behind an operand.
            if operator == Operator::Subtract && number_follows(after) {
                return Err(self.error(
                    "a negative number where an operator should be (put a blank behind the `-`)",
                ));
            }
            self.at += sign.len();
            return Ok(Some(operator));
        }
        let word = WORDS.iter().find(|(word, _)| self.keyword(word));
        Ok(word.map(|(_, operator)| *operator))
    }

    /// Reads a whole word.
    pub(super) fn keyword(&mut self, word: &str) -> bool {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let found = self
            .rest()
            .strip_prefix(word)
            .is_some_and(|after| !after.starts_with(is_part));
        if found {
            self.at += word.len();
        }
        found
    }

    fn operand(&mut self) -> Result<Expression, TemplateError> {
        self.skip_space();
        if self.keyword("not") || self.take("!") {
            self.enter()?;
            let operand = self.operand()?;
            self.depth -= 1;
            return Ok(Expression::Not(Box::new(operand)));
        }
        let rest = self.rest();
        if rest.starts_with('-') && !number_follows(&rest[1..]) {
            self.at += 1;
            self.skip_space();
            return Ok(Expression::Negate(Box::new(self.primary()?)));
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Expression, TemplateError> {
        if self.take("(") {
            let inner = self.expression()?;
            self.expect(")")?;
            return Ok(inner);
        }
        self.argument()
    }
}

/// Whether digits stand here, with or without a point in front.
pub(super) fn number_follows(text: &str) -> bool {
    let digits = text.strip_prefix('.').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
}

type Row = Vec<(Operator, Expression)>;

/// Groups a flat row of operands and operators by rank. Only as deep as there are ranks.
fn ranked(first: Expression, rest: Row, rank: u8) -> Expression {
    if rest.is_empty() {
        return first;
    }
    let mut head = (first, Row::new());
    let mut groups: Vec<(Operator, Expression, Row)> = Vec::new();
    for (operator, operand) in rest {
        if operator.rank() == rank {
            groups.push((operator, operand, Row::new()));
        } else {
            let tail = groups.last_mut().map_or(&mut head.1, |group| &mut group.2);
            tail.push((operator, operand));
        }
    }
    let head = ranked(head.0, head.1, rank + 1);
    if groups.is_empty() {
        return head;
    }
    let rest = groups
        .into_iter()
        .map(|(operator, operand, tail)| (operator, ranked(operand, tail, rank + 1)));
    Expression::Chain(Box::new(head), rest.collect())
}
