//! What control changes.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use styk_core::Fault;

use super::Asked;
use super::answers::Refused;
use super::reads::{fault_json, no_fault, settings};
use crate::kit::{Answer, Pauses, Subscription};

pub(super) fn clear_state(asked: &Asked<'_>) -> Answer {
    asked.server.provider.state().clear();
    Answer::empty(StatusCode::NO_CONTENT)
}

pub(super) fn arm(asked: &Asked<'_>) -> Result<Answer, Refused> {
    let fault: Fault = asked.body()?;
    let id = asked.server.arm(fault)?;
    Ok(Answer::json(StatusCode::CREATED, &json!({"id": id})))
}

pub(super) fn clear_faults(asked: &Asked<'_>) -> Answer {
    asked.server.faults.clear();
    Answer::empty(StatusCode::NO_CONTENT)
}

/// Gives what became of it.
pub(super) fn disarm(asked: &Asked<'_>) -> Result<Answer, Refused> {
    let id = asked.number(0)?;
    let gone = asked.server.faults.remove(id).ok_or_else(|| no_fault(id))?;
    Ok(Answer::json(StatusCode::OK, &fault_json(&gone)))
}

pub(super) fn resend(asked: &Asked<'_>) -> Result<Answer, Refused> {
    let id = asked.number(0)?;
    let sent = asked.server.webhooks.resend(id).ok_or_else(|| {
        Refused::new(StatusCode::NOT_FOUND, format!("there is no delivery {id}"))
            .hint("GET /_styk/webhooks lists those that are kept")
    })?;
    Ok(Answer::json(StatusCode::CREATED, &json!({"id": sent})))
}

pub(super) fn subscribe(asked: &Asked<'_>) -> Result<Answer, Refused> {
    let subscription: Subscription = asked.body()?;
    let endpoint = asked.server.provider.subscribe(&subscription)?;
    Ok(Answer::json(StatusCode::CREATED, &endpoint))
}

pub(super) async fn act(asked: &Asked<'_>) -> Result<Answer, Refused> {
    let with: Map<String, Value> = asked.body()?;
    let name = asked.found.parameters.first().map_or("", String::as_str);
    let result = asked.server.act(name, &with).await?;
    Ok(Answer::json(StatusCode::OK, &result))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// `short`, `real`, or pauses in milliseconds.
    webhook_pauses: PausesWanted,
    /// What the provider's own pauses are multiplied with.
    #[serde(default = "one")]
    factor: f64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum PausesWanted {
    Word(String),
    Milliseconds(Vec<u64>),
}

fn one() -> f64 {
    1.0
}

pub(super) fn change_settings(asked: &Asked<'_>) -> Result<Answer, Refused> {
    let wanted: Settings = asked.body()?;
    let pauses = match wanted.webhook_pauses {
        PausesWanted::Milliseconds(pauses) => {
            Pauses::Fixed(pauses.into_iter().map(Duration::from_millis).collect())
        }
        PausesWanted::Word(word) if word == "short" => Pauses::Short,
        PausesWanted::Word(word) if word == "real" && (0.0..=1.0).contains(&wanted.factor) => {
            Pauses::Real(wanted.factor)
        }
        PausesWanted::Word(_) => {
            return Err(Refused::new(StatusCode::BAD_REQUEST, "these are no pauses")
                .at("webhook_pauses")
                .hint("`short`, `real` (with a `factor` from 0 to 1), or a list of milliseconds"));
        }
    };
    asked.server.webhooks.set_pauses(pauses);
    Ok(settings(asked))
}
