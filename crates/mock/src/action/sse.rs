//! `httpSseResponse`: a stream of server-sent events (WHATWG HTML, section 9.2).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use styk_core::Headers;

use super::respond::{read_headers, read_status};
use super::{ActionError, Delay, Performance, template, written};
use crate::data::Outgoing;
use crate::http1::{Answer, ConnectionOptions};
use crate::json::Json;
use crate::lasting::{Piece, Streaming};
use crate::schema::{Complaints, Fields};
use crate::template::{Engine, Template};

/// Events of one stream; more are an error at registration.
const EVENTS_MAX: usize = 10_000;
/// What all events of a stream may hold once their templates are filled in.
const BYTES_MAX: usize = 64 << 20;

/// The fields that a stream of events has unless the response says otherwise.
const USUAL: [(&str, &str); 2] = [
    ("content-type", "text/event-stream"),
    ("cache-control", "no-cache"),
];

/// A stream of events.
#[derive(Debug)]
pub(crate) struct Sse {
    head: Answer,
    events: Vec<Event>,
    /// The data of each event is a template.
    engine: Option<Engine>,
    closes: bool,
    pub(super) delay: Option<Delay>,
    /// In MockServer's JSON.
    pub(crate) written: Json,
}

#[derive(Debug)]
struct Event {
    id: Option<String>,
    event: Option<String>,
    retry: Option<i64>,
    data: Option<String>,
    delay: Option<Delay>,
}

impl Sse {
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let mut written = written::action("httpSseResponse", json);
        let mut lines = Vec::new();
        if let Some(json) = fields.take("headers") {
            let headers = read_headers(json, &fields.at("headers"), &mut lines, complaints);
            if let (Json::Object(written), Some(headers)) = (&mut written, headers) {
                written.insert("headers".to_owned(), headers);
            }
        }
        let status = read_status(&mut fields, complaints);
        let events = match fields.take("events") {
            Some(json) => read_events(json, &fields.at("events"), complaints),
            None => Vec::new(),
        };
        let engine = read_engine(&mut fields, complaints);
        let closes = fields.boolean("closeConnection", complaints);
        let delay = super::take_delay(&mut fields, complaints);
        fields.boolean("primary", complaints);
        fields.finish(complaints);
        Some(Self {
            head: head(status?, lines.into_iter().collect()),
            events,
            engine,
            closes: closes.unwrap_or_default(),
            delay,
            written,
        })
    }

    pub(super) async fn perform(
        &self,
        performance: &Performance<'_>,
    ) -> Result<Outgoing, ActionError> {
        let (mut pieces, mut size) = (Vec::with_capacity(self.events.len()), 0_usize);
        for event in &self.events {
            let filled = match (&event.data, self.engine) {
                (Some(text), Some(engine)) => Some(fill_in(text, engine, performance).await?),
                _ => None,
            };
            let text = event.text(filled.as_deref().or(event.data.as_deref()));
            size = size.saturating_add(text.len());
            if size > BYTES_MAX {
                let reason = format!("the events hold more than {BYTES_MAX} bytes");
                return Err(ActionError::Failed(reason));
            }
            pieces.push(Piece {
                delay: event.delay.as_ref().map_or(Duration::ZERO, |delay| {
                    performance
                        .shared
                        .with_random(|random| delay.duration(random))
                }),
                bytes: Bytes::from(text),
            });
        }
        Ok(Outgoing::Stream(Box::new(Streaming {
            head: self.head.clone(),
            pieces,
            closes: self.closes,
            lasting: None,
        })))
    }
}

impl Event {
    fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let event = Self {
            id: fields.text("id", complaints),
            event: fields.text("event", complaints),
            retry: fields.integer("retry", complaints),
            data: fields.text("data", complaints),
            delay: super::take_delay(&mut fields, complaints),
        };
        fields.finish(complaints);
        Some(event)
    }

    /// The event as it goes over the wire: each line of the data is a field of its own.
    fn text(&self, data: Option<&str>) -> String {
        let mut text = String::new();
        let mut put = |name: &str, value: &str| {
            text.push_str(name);
            text.push_str(": ");
            text.push_str(value);
            text.push('\n');
        };
        if let Some(id) = &self.id {
            put("id", &without_breaks(id));
        }
        if let Some(event) = &self.event {
            put("event", &without_breaks(event));
        }
        if let Some(retry) = self.retry {
            put("retry", &retry.to_string());
        }
        if let Some(data) = data {
            let data = data.replace("\r\n", "\n").replace('\r', "\n");
            // Line breaks at the end are no lines of their own.
            for line in data.trim_end_matches('\n').split('\n') {
                put("data", line);
            }
        }
        text.push('\n');
        text
    }
}

fn without_breaks(text: &str) -> String {
    text.replace(['\r', '\n'], "")
}

fn read_events(json: &Json, path: &str, complaints: &mut Complaints) -> Vec<Event> {
    let Json::Array(items) = json else {
        complaints.error(path, format_args!("{} found, array expected", json.kind()));
        return Vec::new();
    };
    if items.len() > EVENTS_MAX {
        complaints.error(path, format_args!("holds more than {EVENTS_MAX} events"));
        return Vec::new();
    }
    let events = items.iter().enumerate();
    events
        .filter_map(|(place, item)| Event::read(item, &format!("{path}[{place}]"), complaints))
        .collect()
}

fn head(status: StatusCode, own: Headers) -> Answer {
    let usual = USUAL.iter().filter(|(name, _)| !own.contains(name));
    let usual = usual.map(|(name, value)| (*name, value.as_bytes()));
    Answer {
        headers: usual.chain(own.iter()).collect(),
        options: Some(Arc::new(ConnectionOptions {
            chunk_size: Some(usize::MAX),
            ..ConnectionOptions::default()
        })),
        ..Answer::new(status)
    }
}

/// The language of templates that `templateType` names.
pub(super) fn read_engine(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<Engine> {
    let names: Vec<&str> = template::ENGINES.iter().map(|(name, _)| *name).collect();
    let named = fields.word("templateType", &names, complaints)?;
    let mut engines = template::ENGINES.iter();
    engines
        .find(|(name, _)| *name == named)
        .map(|(_, engine)| *engine)
}

pub(super) async fn fill_in(
    text: &str,
    engine: Engine,
    performance: &Performance<'_>,
) -> Result<String, ActionError> {
    let compiled = Template::compile(engine, text).map(Arc::new);
    let compiled = compiled.map_err(|error| ActionError::Failed(error.to_string()))?;
    template::render(compiled, performance).await
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::json::parse_lenient;

    #[test_case("{}", "\n"; "nothing")]
    #[test_case("{data: ''}", "data: \n\n"; "empty data")]
    #[test_case("{data: 'a\\r\\nb\\rc\\n'}", "data: a\ndata: b\ndata: c\n\n"; "lines")]
    #[test_case("{event: 'x\\ry', retry: -5, id: 'a\\nb'}", "id: ab\nevent: xy\nretry: -5\n\n"; "breaks in fields")]
    #[test_case("{event: 'upd', data: 'é', retry: 30, id: '7'}", "id: 7\nevent: upd\nretry: 30\ndata: é\n\n"; "the order of fields")]
    fn an_event_is_written_as_the_original_does(event: &str, expected: &str) {
        let mut complaints = Complaints::default();
        let json = parse_lenient(event).expect("JSON");
        let event = Event::read(&json, "$", &mut complaints).expect("an event");
        assert_eq!(event.text(event.data.as_deref()), expected);
        assert!(complaints.is_empty(), "{complaints:?}");
    }

    #[test]
    fn the_number_of_events_is_bounded() {
        let events = Json::Array(vec![Json::object([]); EVENTS_MAX + 1]);
        let mut complaints = Complaints::default();
        assert!(read_events(&events, "$.events", &mut complaints).is_empty());
        assert!(complaints.errors[0].contains("10000"), "{complaints:?}");
    }
}
