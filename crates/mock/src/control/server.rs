//! Operations about the server itself: is it there, what is set, and what time is it.

use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;

use super::{Reply, SPOKEN_VERSION};
use crate::json::{Json, Object, compact, parse_lenient, pretty};
use crate::matcher::query_pairs;
use crate::mode::Mode;
use crate::server::Shared;

/// The build of the original whose behaviour is followed.
const GIT_HASH: &str = "a9db1993";

/// Who the server is, and the ports it listens on or has just begun to.
pub(super) fn status(shared: &Shared, ports: &[u16]) -> Reply {
    let ports = ports.iter().map(Json::number).collect();
    let (version, hash) = if shared.follows_5_15() {
        ("5.15.0", None)
    } else {
        (SPOKEN_VERSION, Some(("gitHash", Json::text(GIT_HASH))))
    };
    let fields = [("artifactId", Json::text("mockserver-core"))];
    let rest = [
        ("groupId", Json::text("org.mock-server")),
        ("ports", Json::Array(ports)),
        ("version", Json::text(version)),
    ];
    Reply::object(StatusCode::OK, fields.into_iter().chain(hash).chain(rest))
}

/// A server that answers has read its files: they are read before it listens.
pub(super) fn ready() -> Reply {
    Reply::json(StatusCode::OK, r#"{"status":"READY"}"#.to_owned())
}

pub(super) fn configuration(shared: &Shared) -> Reply {
    Reply::json(StatusCode::OK, pretty(&shared.settings().to_json()))
}

pub(super) fn change_configuration(shared: &Shared, text: &str) -> Result<Reply, Reply> {
    match shared.change_settings(text) {
        Ok(settings) => Ok(Reply::json(StatusCode::OK, pretty(&settings.to_json()))),
        Err(error) => Err(Reply::bad_request(error.to_string())),
    }
}

/// The value of each setting, and where it came from.
pub(super) fn origins(shared: &Shared) -> Reply {
    let origins = compact(&shared.settings().to_origins_json());
    Reply::json(StatusCode::OK, origins)
}

pub(super) fn mode(shared: &Shared) -> Reply {
    let mode = shared.mode.get();
    let shown = Json::object([
        ("mode", Json::text(mode.name())),
        ("proxyUnmatchedRequests", Json::Bool(mode.forwards())),
    ]);
    Reply::json(StatusCode::OK, compact(&shown))
}

pub(super) fn set_mode(shared: &Shared, query: &str) -> Result<Reply, Reply> {
    let pairs = query_pairs(query);
    let given = pairs.iter().find(|(name, _)| name == "mode");
    let Some((_, name)) = given.filter(|(_, name)| !name.trim().is_empty()) else {
        return Err(Reply::bad_request(
            "mode is required (one of SIMULATE, SPY, CAPTURE)",
        ));
    };
    let Some(mode) = Mode::named(name.trim()) else {
        return Err(Reply::bad_request(format!(
            "unknown mode '{name}' (expected one of SIMULATE, SPY, CAPTURE)"
        )));
    };
    shared.mode.set(mode);
    Ok(self::mode(shared))
}

pub(super) fn clock(shared: &Shared) -> Reply {
    let frozen = ("frozen", Json::Bool(shared.time.is_stopped()));
    let now = time_fields(shared.time.now());
    Reply::object(StatusCode::OK, now.into_iter().chain([frozen]))
}

pub(super) fn set_clock(shared: &Shared, text: &str) -> Result<Reply, Reply> {
    let object = object(text, "clock", "action")?;
    let action = match object.get("action") {
        Some(Json::Text(action)) if !action.is_empty() => action.to_ascii_lowercase(),
        _ => {
            let text = "'action' field is required, must be one of: freeze, advance, reset";
            return Err(Reply::bad_request_json(text));
        }
    };
    match action.as_str() {
        "freeze" => shared.time.freeze(read_instant(&object)?),
        "advance" => shared.time.advance(read_duration(&object)?),
        "reset" => shared.time.reset(),
        _ => {
            return Err(Reply::bad_request_json(format!(
                "unknown action '{action}', must be one of: freeze, advance, reset"
            )));
        }
    }
    let status = ("status", Json::text(action));
    let now = time_fields(shared.time.now());
    Ok(Reply::object(
        StatusCode::OK,
        [status].into_iter().chain(now),
    ))
}

fn time_fields(now: Timestamp) -> [(&'static str, Json); 2] {
    [
        ("currentInstant", Json::text(written_instant(now))),
        ("currentEpochMillis", Json::number(now.as_millisecond())),
    ]
}

/// An instant with as many groups of three digits behind the second as it needs.
pub(super) fn written_instant(at: Timestamp) -> String {
    let format = match at.subsec_nanosecond().unsigned_abs() {
        0 => "%Y-%m-%dT%H:%M:%SZ",
        nanos if nanos % 1_000_000 == 0 => "%Y-%m-%dT%H:%M:%S.%3fZ",
        nanos if nanos % 1_000 == 0 => "%Y-%m-%dT%H:%M:%S.%6fZ",
        _ => "%Y-%m-%dT%H:%M:%S.%9fZ",
    };
    at.strftime(format).to_string()
}

fn read_instant(object: &Object) -> Result<Option<Timestamp>, Reply> {
    match object.get("instant") {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Text(text)) if text.is_empty() => Ok(None),
        Some(Json::Text(text)) if let Ok(instant) = text.parse() => Ok(Some(instant)),
        Some(_) => Err(Reply::bad_request_json(
            "invalid 'instant' value, must be ISO-8601 format (e.g. 2024-01-01T00:00:00Z)",
        )),
    }
}

fn read_duration(object: &Object) -> Result<Duration, Reply> {
    let millis = match object.get("durationMillis") {
        Some(Json::Number(text)) => text.parse::<u64>().ok(),
        _ => None,
    };
    let millis = millis.filter(|millis| *millis > 0);
    millis
        .map(Duration::from_millis)
        .ok_or_else(|| Reply::bad_request_json("'durationMillis' must be a positive number"))
}

/// The object that a `what` request has as its body; anything else counts as an empty one.
pub(super) fn object(text: &str, what: &str, required: &str) -> Result<Object, Reply> {
    if text.trim().is_empty() {
        return Err(Reply::bad_request_json(format!(
            "request body is required with '{required}' field"
        )));
    }
    match parse_lenient(text) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Ok(Object::new()),
        Err(error) => Err(Reply::bad_request_json(format!(
            "failed to process {what} request: {error}"
        ))),
    }
}
