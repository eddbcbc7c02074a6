//! Expectations as code for the Java client.
//!
//! A call chain is built as text that starts at the margin; whoever nests it moves it to the right.

mod action;
mod request;
#[cfg(test)]
mod tests;

use super::message::{Reading, Word};
use super::{field, message};
use crate::json::{Json, Object};

/// The code that registers the expectations.
pub(super) fn expectations(items: &[Json], reading: Reading) -> String {
    let mut out = String::new();
    for item in items {
        if let Json::Object(expectation) = item {
            out += &format!("\n{};\n\n", statement(expectation, reading));
        }
    }
    out
}

fn statement(expectation: &Object, reading: Reading) -> String {
    let request = request::request(message::member(expectation, "httpRequest"), reading);
    let when = [
        request,
        times(expectation),
        time_to_live(expectation),
        number(expectation, "priority").unwrap_or("0").to_owned(),
    ];
    let mut calls = vec![
        "new MockServerClient(\"localhost\", 1080)".to_owned(),
        block(".when", &when.join(",\n")),
    ];
    calls.extend(options(expectation));
    calls.extend(action::action(expectation, reading));
    calls.join("\n")
}

fn times(expectation: &Object) -> String {
    let times = message::member(expectation, "times");
    match times.and_then(|times| number(times, "remainingTimes")) {
        None => "Times.unlimited()".to_owned(),
        Some("1") => "Times.once()".to_owned(),
        Some(times) => format!("Times.exactly({times})"),
    }
}

fn time_to_live(expectation: &Object) -> String {
    let limit = message::member(expectation, "timeToLive");
    let limit =
        limit.and_then(|limit| Some((word(limit, "timeUnit")?, number(limit, "timeToLive")?)));
    match limit {
        None => "TimeToLive.unlimited()".to_owned(),
        Some((unit, amount)) => format!("TimeToLive.exactly(TimeUnit.{unit}, {amount}L)"),
    }
}

/// What an expectation says beside its request and its action.
fn options(expectation: &Object) -> Vec<String> {
    let text = |name| word(expectation, name).map(literal);
    let digits = |name| number(expectation, name).map(str::to_owned);
    let mode = word(expectation, "responseMode");
    let options = [
        ("Percentage", digits("percentage")),
        ("Namespace", text("namespace")),
        ("ScenarioName", text("scenarioName")),
        ("ScenarioState", text("scenarioState")),
        ("NewScenarioState", text("newScenarioState")),
        (
            "ResponseMode",
            mode.map(|mode| format!("org.mockserver.mock.ResponseMode.{mode}")),
        ),
        ("ResponseWeights", weights(expectation)),
        ("SwitchAfter", digits("switchAfter")),
    ];
    let calls = options.into_iter();
    calls
        .filter_map(|(name, value)| Some(with(name, &value?)))
        .collect()
}

fn weights(expectation: &Object) -> Option<String> {
    let Json::Array(weights) = expectation.get("responseWeights")? else {
        return None;
    };
    let weights = weights.iter().filter_map(|weight| match weight {
        Json::Number(weight) => Some(weight.as_ref()),
        _ => None,
    });
    let weights = weights.collect::<Vec<_>>().join(", ");
    Some(format!("java.util.Arrays.asList({weights})"))
}

/// A call chain: what it starts with, and one call a line.
fn chain(head: &str, calls: impl IntoIterator<Item = Option<String>>) -> String {
    let mut out = head.to_owned();
    for call in calls.into_iter().flatten() {
        out.push('\n');
        out += &moved(&call);
    }
    out
}

fn with(name: &str, argument: &str) -> String {
    format!(".with{name}({argument})")
}

/// A call whose argument stands on lines of its own.
fn block(call: &str, argument: &str) -> String {
    format!("{call}(\n{}\n)", moved(argument))
}

/// The text, one step to the right.
fn moved(text: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| format!("        {line}"))
        .collect();
    lines.join("\n")
}

/// A text as Java writes it.
fn literal(text: &str) -> String {
    let mut out = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\u{8}' => out += "\\b",
            '\u{c}' => out += "\\f",
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            ' '..='\u{7f}' => out.push(c),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    out += &format!("\\u{unit:04X}");
                }
            }
        }
    }
    out.push('"');
    out
}

/// A name or value; negated and optional ones are made by a function.
fn written_word(word: &Word<'_>) -> String {
    let text = literal(&word.text);
    match (word.is_negated, word.is_optional) {
        (true, _) => format!("not({text})"),
        (false, true) => format!("optional({text})"),
        // A record may begin with what would be a mark in a matcher.
        (false, false) if word.text.starts_with(['!', '?']) => format!("string({text}, false)"),
        (false, false) => text,
    }
}

fn word<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    match field(object, name)? {
        Json::Text(text) => Some(text),
        _ => None,
    }
}

fn number<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    match field(object, name)? {
        Json::Number(text) => Some(text),
        _ => None,
    }
}

fn truth(object: &Object, name: &str) -> Option<String> {
    match field(object, name)? {
        Json::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}
