//! `scenario`: reading and setting the states of scenarios.

use std::time::Duration;

use http::StatusCode;

use super::Reply;
use super::server::object;
use crate::json::{Json, Object};
use crate::scenario::Scenarios;

/// The part of the path behind the operation, as it was written.
fn name(path: &str) -> &str {
    path.split_once("scenario/").map_or("", |(_, name)| name)
}

/// The state of the scenario that the path names, or of all of them.
pub(super) fn get(scenarios: &Scenarios, path: &str) -> Reply {
    let name = name(path);
    if !name.is_empty() {
        return shown(scenarios, name, None);
    }
    let all = scenarios.all().into_iter();
    let all = all.map(|(name, state)| Json::object(fields(&name, &state)));
    let all = Json::Array(all.collect());
    Reply::object(StatusCode::OK, [("scenarios", all)])
}

/// Sets the state of a scenario, and perhaps which one follows after a while.
pub(super) fn set(scenarios: &Scenarios, path: &str, body: &str) -> Result<Reply, Reply> {
    let name = name(path);
    let (name, field) = match name.strip_suffix("/trigger") {
        Some(name) => (name, "newState"),
        None => (name, "state"),
    };
    if name.is_empty() {
        let text = "scenario name is required in the path";
        return Err(Reply::bad_request_json(text));
    }
    let object = object(body, "scenario", field)?;
    let Some(state) = text(&object, field) else {
        return Err(Reply::bad_request_json(format!(
            "'{field}' field is required"
        )));
    };
    let later = (field == "state").then(|| later(&object)).flatten();
    scenarios
        .set(name, state, later.clone())
        .map_err(|error| Reply::bad_request_json(error.to_string()))?;
    Ok(shown(scenarios, name, later))
}

/// The state that follows, and after what time.
fn later(object: &Object) -> Option<(Duration, String)> {
    let millis = match object.get("transitionAfterMs") {
        Some(Json::Number(text)) => text.parse::<u64>().ok(),
        _ => None,
    };
    let millis = millis.filter(|millis| *millis > 0)?;
    Some((Duration::from_millis(millis), text(object, "nextState")?))
}

/// A field as text; none when it is empty.
fn text(object: &Object, name: &str) -> Option<String> {
    let text = match object.get(name)? {
        Json::Text(text) => text.clone(),
        Json::Number(text) => text.to_string(),
        Json::Bool(value) => value.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

fn shown(scenarios: &Scenarios, name: &str, later: Option<(Duration, String)>) -> Reply {
    let state = scenarios.state(name);
    let later = later.map(|(after, next)| {
        [
            ("nextState", Json::Text(next)),
            ("transitionAfterMs", Json::number(after.as_millis())),
        ]
    });
    let later = later.into_iter().flatten();
    Reply::object(
        StatusCode::OK,
        fields(name, &state).into_iter().chain(later),
    )
}

fn fields(name: &str, state: &str) -> [(&'static str, Json); 2] {
    [
        ("scenarioName", Json::text(name)),
        ("currentState", Json::text(state)),
    ]
}
