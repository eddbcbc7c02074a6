//! Expressions inside `${…}`: the language of minijinja, without statements.
//!
//! An expression is compiled once. Evaluation has a fuel limit, and an undefined name is an error.

use std::sync::LazyLock;

use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::Value;
use styk_core::Diagnostic;

use super::functions::{self, FUNCTIONS};
use super::scalar::is_name;
use super::{Scope, shown};
use crate::Span;
use crate::codes::code;

/// Steps of the expression machine; enough for any honest expression.
const FUEL: u64 = 50_000;

/// Immutable after its construction: what the language knows, the same for every scenario.
static LANGUAGE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut language = Environment::new();
    language.set_undefined_behavior(UndefinedBehavior::Strict);
    language.set_fuel(Some(FUEL));
    language.set_debug(true);
    for global in ["debug", "namespace"] {
        language.remove_global(global);
    }
    functions::add_filters(&mut language);
    language
});

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Expression {
    compiled: minijinja::Expression<'static, 'static>,
    text: String,
    span: Span,
    names: Vec<(String, Span)>,
}

impl Expression {
    /// Compiles `text`, which stands at `span`.
    pub(super) fn compile(text: &str, span: Span) -> Result<Self, Diagnostic> {
        let compiled = LANGUAGE
            .compile_expression_owned(text.to_owned())
            .map_err(|error| Self::syntax_error(text, &span, &error))?;
        check_filters_and_tests(text, &span)?;
        let mut names: Vec<(String, Span)> = compiled
            .undeclared_variables(false)
            .into_iter()
            .filter(|name| !is_known(name))
            .map(|name| {
                let place = find_word(text, &name).unwrap_or(0..text.len());
                (name, span.part(text, place))
            })
            .collect();
        names.sort_by_key(|(_, span)| span.range().start);
        Ok(Self {
            compiled,
            text: text.to_owned(),
            span,
            names,
        })
    }

    /// The variables it reads.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &Span)> {
        self.names.iter().map(|(name, span)| (name.as_str(), span))
    }

    pub(super) fn evaluate(&self, scope: &Scope) -> Result<Value, Diagnostic> {
        let value = self
            .compiled
            .eval(scope.as_root())
            .map_err(|error| self.failure(scope, &error))?;
        if value.is_undefined() {
            return Err(self.undefined(scope));
        }
        serde_json::to_value(&value).map_err(|error| {
            let message = format!("`${{{}}}` gives no JSON value: {error}", self.text);
            Diagnostic::error(message).at(self.span.location())
        })
    }

    fn syntax_error(text: &str, span: &Span, error: &Error) -> Diagnostic {
        let range = error.range().unwrap_or(0..text.len());
        let detail = error.detail().unwrap_or("it cannot be read");
        span.part(text, range)
            .error(code::EXPRESSION, format!("bad expression: {detail}"))
    }

    fn failure(&self, scope: &Scope, error: &Error) -> Diagnostic {
        let is_missing = |(name, _): (&str, &Span)| scope.get(name).is_none();
        if error.kind() == ErrorKind::UndefinedError || self.names().any(is_missing) {
            return self.undefined(scope);
        }
        let place = error.range().map_or_else(
            || self.span.clone(),
            |range| self.span.part(&self.text, range),
        );
        let cause = if error.kind() == ErrorKind::OutOfFuel {
            "it takes too many steps".to_owned()
        } else {
            error
                .detail()
                .map_or_else(|| error.kind().to_string(), ToOwned::to_owned)
        };
        let message = format!("`${{{}}}` cannot be evaluated: {cause}", self.text);
        self.with_values(Diagnostic::error(message).at(place.location()), scope)
    }

    fn undefined(&self, scope: &Scope) -> Diagnostic {
        let missing = self.names().find(|(name, _)| scope.get(name).is_none());
        let diagnostic = match missing {
            Some((name, place)) => no_such_name(name, place, scope),
            None => Diagnostic::error(format!("`${{{}}}` has no value", self.text))
                .at(self.span.location())
                .note("a member or an element that it names is not there"),
        };
        self.with_values(diagnostic, scope)
    }

    fn with_values(&self, diagnostic: Diagnostic, scope: &Scope) -> Diagnostic {
        let values: Vec<String> = self
            .names()
            .filter_map(|(name, _)| {
                let value = scope.get(name)?;
                let hidden = styk_core::is_secret_name(name);
                Some(format!("{name} = {}", shown(value, hidden)))
            })
            .collect();
        if values.is_empty() {
            return diagnostic;
        }
        diagnostic.note(format!("values: {}", values.join(", ")))
    }
}

/// The message for a name that has no value yet.
pub(super) fn no_such_name(name: &str, place: &Span, scope: &Scope) -> Diagnostic {
    let diagnostic = Diagnostic::error(format!("`{name}` has no value here")).at(place.location());
    if FUNCTIONS.contains(&name) {
        return diagnostic.help(format!("`{name}` is a function: write `${{{name}(…)}}`"));
    }
    let names = scope.names();
    if names.is_empty() {
        diagnostic.note("no names are set here")
    } else {
        diagnostic.note(format!("names with a value: {}", names.join(", ")))
    }
}

fn is_known(name: &str) -> bool {
    // `env` is both: the function and the mapping of the configuration.
    FUNCTIONS.contains(&name) || LANGUAGE.globals().any(|(global, _)| global == name)
}

/// The engine looks filters and tests up when they run; here they are looked up at once.
fn check_filters_and_tests(text: &str, span: &Span) -> Result<(), Diagnostic> {
    let words = words(text);
    for (place, (start, word)) in words.iter().enumerate() {
        let range = *start..start + word.len();
        let before = text[..*start].trim_end();
        let is_filter = before.ends_with('|') && !before.ends_with("||");
        let after_is = place.checked_sub(1).and_then(|p| words.get(p));
        let after_not = place.checked_sub(2).and_then(|p| words.get(p));
        let is_test = match (after_not, after_is) {
            (Some((_, "is")), Some((_, "not"))) => true,
            (_, Some((at, "is"))) => *word != "not" && text[at + 2..*start].trim().is_empty(),
            _ => false,
        };
        let mut state = LANGUAGE.empty_state();
        let unknown = if is_filter {
            let result = state.apply_filter(word, &[]);
            result.is_err_and(|error| error.kind() == ErrorKind::UnknownFilter)
        } else if is_test {
            let result = state.perform_test(word, &[]);
            result.is_err_and(|error| error.kind() == ErrorKind::UnknownTest)
        } else {
            false
        };
        if unknown {
            let kind = if is_filter { "filter" } else { "test" };
            let message = format!("bad expression: there is no {kind} `{word}`");
            return Err(span.part(text, range).error(code::EXPRESSION, message));
        }
    }
    Ok(())
}

/// The names in an expression, outside of quotes, with their offsets.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut is_escaped = false;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let in_word = quote.is_none() && (c.is_ascii_alphanumeric() || c == '_');
        if in_word {
            start.get_or_insert(at);
            continue;
        }
        if let Some(begin) = start.take() {
            words.push((begin, &text[begin..at]));
        }
        match (quote, c) {
            (Some(_), _) if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            _ => {}
        }
    }
    words.retain(|(_, word)| is_name(word));
    words
}

fn find_word(text: &str, name: &str) -> Option<std::ops::Range<usize>> {
    words(text)
        .into_iter()
        .find(|(start, word)| *word == name && !text[..*start].ends_with('.'))
        .map(|(start, word)| start..start + word.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Source;
    use crate::value::context::tests_context;

    fn compile(text: &str) -> Result<Expression, Diagnostic> {
        let source = Source::new("a.styk.yaml", "", format!("x: ${{{text}}}\n"));
        Expression::compile(text, Span::new(&source, 5..5 + text.len()))
    }

    fn evaluate(text: &str) -> Result<Value, Diagnostic> {
        let mut scope = Scope::new(tests_context());
        scope.set("price", json!(990));
        scope.set("ids", json!([17, 18]));
        scope.set("env", json!({"REGION": "eu"}));
        compile(text)?.evaluate(&scope)
    }

    #[test]
    fn results_keep_their_type() {
        let values = [
            ("price + 10", json!(1000)),
            ("price / 4", json!(247.5)),
            ("ids[1]", json!(18)),
            ("ids | length", json!(2)),
            ("'a' if price > 5 else 'b'", json!("a")),
            ("price is number", json!(true)),
            ("{'a': [price]}", json!({"a": [990]})),
            ("env.REGION", json!("eu")),
            ("money(294000)", json!("2940.00")),
            ("now()", json!("1970-01-01T00:00:00Z")),
            ("'abc' | base64", json!("YWJj")),
        ];
        for (text, expected) in values {
            assert_eq!(evaluate(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn the_variables_are_named_with_their_places() {
        let expression = compile("price + env('HOME').price + unique('price')").expect("valid");
        let names: Vec<_> = expression.names().map(|(n, s)| (n, s.range())).collect();
        assert_eq!(names, [("price", 5..10)]);
    }

    #[test]
    fn bad_expressions_are_pointed_at_when_compiled() {
        let cases = [
            (
                "price +",
                "bad expression: unexpected end of input, expected expression",
            ),
            (
                "price | lenght",
                "bad expression: there is no filter `lenght`",
            ),
            (
                "price is not numbr",
                "bad expression: there is no test `numbr`",
            ),
        ];
        for (text, expected) in cases {
            let error = compile(text).expect_err(text);
            assert_eq!(error.message, expected);
            assert!(error.location.is_some());
        }
    }

    #[test]
    fn a_missing_name_says_which_names_there_are() {
        let error = evaluate("prise * 2").expect_err("undefined");
        assert_eq!(
            error.render(),
            "\
error: `prise` has no value here
 --> a.styk.yaml:1:6
  |
1 | x: ${prise * 2}
  |      ^^^^^
  = names with a value: env, ids, price"
        );
        let error = evaluate("ids[7]").expect_err("no such element");
        assert_eq!(error.message, "`${ids[7]}` has no value");
    }

    #[test]
    fn an_endless_expression_is_stopped() {
        let text = "range(9999) | map('string') | join | length + (range(9999) | list | length)";
        let many = [text; 40].join(" + ");
        let error = evaluate(&many).expect_err("too long");
        assert!(
            error.message.ends_with("it takes too many steps"),
            "{}",
            error.message
        );
    }
}
