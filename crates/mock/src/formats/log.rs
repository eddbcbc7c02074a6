//! The log: what happened, as the original tells it, as text and as entries.
//!
//! A log event is a sentence with gaps, and what fills them. The sentence with its gaps, the things and the whole text
//! all appear in an entry.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{RetrieveType, curl, message};
use crate::json::{Json, Object, pretty};

mod bodies;
mod print;
#[cfg(test)]
mod tests;
mod told;
mod what;

pub(super) use print::array;
pub(crate) use what::{Retrieved, Subject, What};

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Info,
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Error => "ERROR",
        }
    }
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub(crate) struct LogEvent {
    pub(crate) at: Timestamp,
    /// What the events of one exchange, or of one control request, have in common.
    pub(crate) correlation_id: Option<String>,
    /// The port of the server.
    pub(crate) port: Option<u16>,
    pub(crate) what: What,
}

/// What an event says: its sentence with `{}` for gaps, what fills them, and the fields of its entry.
struct Told {
    kind: &'static str,
    level: Level,
    sentence: String,
    arguments: Vec<Argument>,
    fields: Vec<(&'static str, Json)>,
}

/// What fills a gap.
enum Argument {
    Json(Json),
    List(Vec<Json>),
    Text(String),
}

impl Argument {
    fn text(&self) -> String {
        match self {
            Self::Json(json) => pretty(json),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(pretty).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Text(text) => text.clone(),
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Json(json) => json.clone(),
            Self::List(items) => Json::Array(items.clone()),
            Self::Text(text) => Json::text(text),
        }
    }
}

impl Told {
    /// The sentence with its gaps filled: each thing stands in a paragraph of its own.
    fn text(&self) -> String {
        let mut parts = self.sentence.split("{}");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for (part, argument) in parts.zip(&self.arguments) {
            let shown = argument.text();
            let lines: Vec<&str> = shown.split('\n').collect();
            // A line break at the end begins no line.
            let (last, lines) = lines
                .split_last()
                .map_or(("", &[][..]), |(last, rest)| (*last, rest));
            out += "\n\n";
            for line in lines {
                out += &format!("  {line}\n");
            }
            if !last.is_empty() {
                out += &format!("  {last}");
            }
            out.push('\n');
            if !part.is_empty() {
                out += &format!("\n {part}");
            }
        }
        out
    }
}

/// The log as text: blocks parted by a line of dashes.
pub(super) fn text<'a>(events: impl Iterator<Item = &'a LogEvent>) -> String {
    let blocks: Vec<String> = events.map(block).collect();
    blocks.join(&format!("{}\n", "-".repeat(36)))
}

fn block(event: &LogEvent) -> String {
    let (time, text) = (written_time(event.at), event.what.told().text());
    format!("{time} - {text}\n")
}

/// The event as an entry of the log.
pub(crate) fn entry(event: &LogEvent) -> Json {
    let told = event.what.told();
    let mut entry = Object::new();
    let mut add = |name: &str, value| entry.insert(name.to_owned(), value);
    add("logLevel", Json::text(told.level.name()));
    add("epochTime", Json::number(event.at.as_millisecond()));
    add("timestamp", Json::Text(written_time(event.at)));
    add("type", Json::text(told.kind));
    if let Some(id) = &event.correlation_id {
        add("correlationId", Json::text(id));
    }
    if let Some(port) = event.port {
        add("port", Json::number(port));
    }
    let lines = message_lines(&told.text());
    for (name, value) in told.fields {
        add(name, value);
    }
    add("messageFormat", Json::text(told.sentence));
    add("message", Json::Array(lines));
    if !told.arguments.is_empty() {
        let arguments = told.arguments.iter().map(Argument::json);
        add("arguments", Json::Array(arguments.collect()));
    }
    Json::Object(entry)
}

/// Whether an event belongs to a type of retrieval.
pub(super) fn selects(what: RetrieveType, event: &LogEvent) -> bool {
    let kind = event.what.kind();
    match what {
        RetrieveType::Logs => true,
        RetrieveType::Requests => kind == "RECEIVED_REQUEST",
        RetrieveType::RequestResponses => {
            matches!(
                kind,
                "EXPECTATION_RESPONSE" | "NO_MATCH_RESPONSE" | "FORWARDED_REQUEST"
            )
        }
        RetrieveType::RecordedExpectations => kind == "FORWARDED_REQUEST",
        RetrieveType::ActiveExpectations | RetrieveType::Metrics => false,
    }
}

/// The lines of the text; in entries the original widens every indentation by half.
fn message_lines(text: &str) -> Vec<Json> {
    let wide = text.replace("  ", "   ");
    wide.trim_end_matches('\n')
        .split('\n')
        .map(Json::text)
        .collect()
}

/// A time as logs write it, in UTC.
fn written_time(time: Timestamp) -> String {
    let time = time.to_zoned(TimeZone::UTC);
    time.strftime("%Y-%m-%d %H:%M:%S.%3f").to_string()
}

fn curl_command(request: &Json) -> String {
    curl::command(message::Item::read(RetrieveType::Requests, request).request)
}
