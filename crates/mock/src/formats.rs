//! The output forms of `retrieve` beside plain JSON: code for the clients, log entries, and the files of other tools.
//!
//! Everything here is a pure function over MockServer's JSON. What cannot be written is said in a sentence with status
//! 200, as the original does.

use self::message::Item;
use crate::json::{Json, Object, pretty};

mod bruno;
mod client_code;
mod curl;
mod har;
mod java;
mod log;
mod message;
mod metrics;
mod openapi;
mod postman;
#[cfg(test)]
mod tests;
mod zip;

pub(crate) use log::{LogEvent, Retrieved, Subject, What};
pub(crate) use metrics::{Actions, Durations, Metrics, Traffic, metrics_json, metrics_text};

/// The version whose forms these are.
const VERSION: &str = "8.0.0";

/// The title of exported collections and specifications.
const TITLE: &str = "MockServer Exported Expectations";
const DESCRIPTION: &str = "Generated from MockServer's active expectations via the /mockserver/retrieve endpoint. Matcher semantics (NottableString.not, regex bodies, etc.) are not exported.";

const JSON_TYPE: &str = "application/json; charset=utf-8";
const TEXT_TYPE: &str = "text/plain; charset=utf-8";

/// What `retrieve` is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetrieveType {
    Logs,
    Requests,
    RequestResponses,
    RecordedExpectations,
    ActiveExpectations,
    Metrics,
}

impl RetrieveType {
    /// The legal values of the parameter `type`, in the order in which 8.0.0 lists them.
    pub(crate) const NAMES: &[&str] = &[
        "logs",
        "requests",
        "request_responses",
        "recorded_expectations",
        "active_expectations",
        "metrics",
    ];
    /// The same for 5.15.0.
    pub(crate) const NAMES_5_15: &[&str] = Self::NAMES.split_at(5).0;

    const ALL: [Self; 6] = [
        Self::Logs,
        Self::Requests,
        Self::RequestResponses,
        Self::RecordedExpectations,
        Self::ActiveExpectations,
        Self::Metrics,
    ];

    /// The type of that name, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter().zip(Self::NAMES);
        all.find_map(|(what, known)| known.eq_ignore_ascii_case(name).then_some(what))
    }

    fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// The form in which `retrieve` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Java,
    Javascript,
    Python,
    Go,
    Csharp,
    Ruby,
    Rust,
    Php,
    Json,
    LogEntries,
    Har,
    Openapi,
    Postman,
    Bruno,
    Curl,
}

impl Format {
    /// The legal values of the parameter `format`, in the order in which 8.0.0 lists them.
    pub(crate) const NAMES: &[&str] = &[
        "java",
        "javascript",
        "python",
        "go",
        "csharp",
        "ruby",
        "rust",
        "php",
        "json",
        "log_entries",
        "har",
        "openapi",
        "postman",
        "bruno",
        "curl",
    ];
    /// The same for 5.15.0.
    pub(crate) const NAMES_5_15: &[&str] = &["java", "json", "log_entries"];

    const ALL: [Self; 15] = [
        Self::Java,
        Self::Javascript,
        Self::Python,
        Self::Go,
        Self::Csharp,
        Self::Ruby,
        Self::Rust,
        Self::Php,
        Self::Json,
        Self::LogEntries,
        Self::Har,
        Self::Openapi,
        Self::Postman,
        Self::Bruno,
        Self::Curl,
    ];

    /// The format of that name, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter().zip(Self::NAMES);
        all.find_map(|(format, known)| known.eq_ignore_ascii_case(name).then_some(format))
    }

    fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// An answer of `retrieve`; its status is always 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub(crate) content_type: &'static str,
    /// The value of `content-disposition`, for files.
    pub(crate) disposition: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Rendered {
    fn text(content_type: &'static str, text: impl Into<String>) -> Self {
        Self {
            content_type,
            disposition: None,
            body: text.into().into_bytes(),
        }
    }

    fn json(text: String) -> Self {
        Self::text(JSON_TYPE, text)
    }

    fn not_supported(what: RetrieveType, format: Format, hint: &str) -> Self {
        let format = format.name().to_ascii_uppercase();
        let what = what.name().to_ascii_uppercase();
        Self::text(
            TEXT_TYPE,
            format!("{format} not supported for {what}{hint}"),
        )
    }
}

/// Writes what was asked for.
///
/// `items` are requests, exchanges (`{httpRequest, httpResponse, timestamp}`) or expectations, as `what` says. For
/// [`Format::LogEntries`] and for [`RetrieveType::Logs`] they are log entries made by [`entry`]; the log as text is
/// made by [`render_log`] and the counters by [`metrics_json`], both from their own models.
pub(crate) fn render(what: RetrieveType, format: Format, items: &[Json]) -> Rendered {
    use RetrieveType::{ActiveExpectations, RecordedExpectations, RequestResponses, Requests};
    let read: Vec<Item<'_>> = items.iter().map(|item| Item::read(what, item)).collect();
    match (format, what) {
        (Format::Json, _) => Rendered::json(list(items.iter().map(|item| plain(what, item)))),
        (Format::LogEntries, ActiveExpectations) => Rendered::not_supported(what, format, ""),
        (Format::LogEntries, _) => Rendered::json(log::array(items)),
        (Format::Java, Requests) => {
            let requests = items.iter().map(message::in_field_order);
            Rendered::text("application/java; charset=utf-8", list(requests))
        }
        (Format::Java, ActiveExpectations | RecordedExpectations) => Rendered::text(
            "application/java; charset=utf-8",
            java::expectations(items, message::reading(what)),
        ),
        (Format::Curl, Requests | RequestResponses) => Rendered::text(
            TEXT_TYPE,
            curl::commands(read.iter().map(|item| item.request)),
        ),
        (Format::Har, _) => Rendered::json(har::archive(&read)),
        (Format::Openapi, _) => Rendered::json(openapi::document(&read)),
        (Format::Postman, _) => Rendered::json(postman::collection(&read)),
        (Format::Bruno, _) => Rendered {
            content_type: "application/zip",
            disposition: Some(disposition(what)),
            body: bruno::collection(&read),
        },
        (_, Requests) => Rendered::not_supported(what, format, " (use RECORDED_EXPECTATIONS)"),
        (_, ActiveExpectations | RecordedExpectations) => client_code::Language::of(format)
            .map_or_else(
                || Rendered::not_supported(what, format, ""),
                |language| Rendered::text(language.content_type, language.code(items)),
            ),
        (_, _) => Rendered::not_supported(what, format, ""),
    }
}

/// Writes the events of the log that belong to `what`: as entries, or as text whatever else the format is.
pub(crate) fn render_log(what: RetrieveType, format: Format, events: &[LogEvent]) -> Rendered {
    let selected = events.iter().filter(|event| log::selects(what, event));
    if format == Format::LogEntries {
        let entries: Vec<Json> = selected.map(log::entry).collect();
        render(what, format, &entries)
    } else {
        Rendered::text(TEXT_TYPE, log::text(selected))
    }
}

fn disposition(what: RetrieveType) -> String {
    let name = match what {
        RetrieveType::Requests => "requests",
        RetrieveType::RequestResponses => "traffic",
        RetrieveType::RecordedExpectations => "recorded",
        _ => "expectations",
    };
    format!("attachment; filename=\"mockserver-{name}.bruno.zip\"")
}

/// An item of the plain JSON form: requests have sorted fields and no addresses.
fn plain(what: RetrieveType, item: &Json) -> Json {
    match message::without_raw_json(item) {
        Json::Object(mut request) if what == RetrieveType::Requests => {
            request.retain(|name, _| name != "localAddress" && name != "remoteAddress");
            request.sort_unstable_keys();
            Json::Object(request)
        }
        other => other,
    }
}

/// A list as the original writes it: nothing stands between the brackets of an empty one.
fn list(items: impl Iterator<Item = Json>) -> String {
    let items: Vec<Json> = items.collect();
    if items.is_empty() {
        "[]".to_owned()
    } else {
        pretty(&Json::Array(items))
    }
}

/// An object of the given fields, in their order.
fn object<'a>(fields: impl IntoIterator<Item = (&'a str, Json)>) -> Json {
    Json::object(fields)
}

fn field<'a>(object: &'a Object, name: &str) -> Option<&'a Json> {
    object.get(name).filter(|value| **value != Json::Null)
}
