//! Recorded exchanges as people may see them: without secrets.

use http::StatusCode;
use serde_json::{Map, Value, json};
use styk_core::{
    Exchange, Headers, MASK, Outcome, is_secret_header, is_secret_name, mask_json, mask_url,
};

use super::Asked;
use super::answers::Refused;
use crate::kit::Answer;

const LIMIT: u64 = 200;
/// So much of a body that is no JSON and no form is shown.
const TEXT: usize = 4000;

/// `?after=&limit=`: the oldest after a place.
pub(super) fn exchanges(asked: &Asked<'_>, provider: &str) -> Result<Answer, Refused> {
    let after = asked.query_number("after", 0)?;
    let limit = asked.query_number("limit", LIMIT)?.clamp(1, LIMIT);
    let limit = usize::try_from(limit).unwrap_or(1);
    let journal = asked.server.recorder.journal();
    let mut own = journal.after(after);
    own.retain(|exchange| exchange.attribute("provider") == Some(provider));
    let has_more = own.len() > limit;
    // Without a place, the newest.
    let shown = if after == 0 {
        own.split_off(own.len().saturating_sub(limit))
    } else {
        own
    };
    let shown: Vec<Value> = shown
        .iter()
        .take(limit)
        .map(|exchange| shown_exchange(exchange))
        .collect();
    let dropped = journal.dropped().exchanges;
    let answer = json!({"exchanges": shown, "has_more": has_more, "dropped": dropped});
    Ok(Answer::json(StatusCode::OK, &answer))
}

/// What callers wanted that the fake does not know, each once with how often.
pub(super) fn gaps(asked: &Asked<'_>, provider: &str) -> Result<Answer, Refused> {
    let after = asked.query_number("after", 0)?;
    let mut counts: Map<String, Value> = Map::new();
    for exchange in asked.server.recorder.journal().after(after) {
        if exchange.attribute("provider") != Some(provider) {
            continue;
        }
        for gap in exchange
            .attribute("gap")
            .into_iter()
            .flat_map(|gaps| gaps.split("; "))
        {
            let count = counts.get(gap).and_then(Value::as_u64).unwrap_or(0);
            counts.insert(gap.to_owned(), Value::from(count + 1));
        }
    }
    Ok(Answer::json(StatusCode::OK, &json!({"gaps": counts})))
}

fn shown_exchange(exchange: &Exchange) -> Value {
    let outcome = match exchange.outcome() {
        None => "under way".to_owned(),
        Some(Outcome::Answered) => "answered".to_owned(),
        Some(Outcome::Dropped) => "dropped".to_owned(),
        Some(Outcome::Unmatched) => "unmatched".to_owned(),
        Some(Outcome::Failed { reason }) => reason.clone(),
    };
    let request = exchange.request().map(|request| {
        json!({
            "method": request.method.as_str(),
            "target": mask_url(&request.uri.to_string()),
            "headers": headers(&request.headers),
            "body": body(&request.headers, &request.body),
        })
    });
    let response = exchange.response().map(|response| {
        json!({
            "status": response.status.as_u16(),
            "headers": headers(&response.headers),
            "body": body(&response.headers, &response.body),
        })
    });
    json!({
        "seq": exchange.seq(),
        "kind": exchange.kind(),
        "edge": exchange.edge().to_string(),
        "operation": mask_url(exchange.operation()),
        "at": exchange.started_at(),
        "outcome": outcome,
        "duration_ms": exchange.duration().map(|duration| duration.as_secs_f64() * 1000.0),
        "facts": exchange.attributes().collect::<std::collections::BTreeMap<_, _>>(),
        "request": request,
        "response": response,
    })
}

fn headers(headers: &Headers) -> Value {
    let shown = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value);
        let value = if is_secret_header(name) {
            MASK
        } else {
            &*value
        };
        json!([name, value])
    });
    shown.collect()
}

fn body(headers: &Headers, bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    if let Ok(json) = serde_json::from_slice::<Value>(bytes) {
        return mask_json(&json);
    }
    let media_type = headers.text("content-type").unwrap_or_default();
    if media_type.contains("x-www-form-urlencoded") {
        return form(bytes);
    }
    let text = String::from_utf8_lossy(bytes);
    let end = text
        .char_indices()
        .nth(TEXT)
        .map_or(text.len(), |(at, _)| at);
    Value::from(text.get(..end).unwrap_or_default())
}

/// A form as an object; `card[number]` is as secret as `number` inside of `card`.
fn form(bytes: &[u8]) -> Value {
    let mut members = Map::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        let is_card = name.contains("card") && (name.contains("number") || name.contains("cvc"));
        let leaf = name
            .rsplit('[')
            .next()
            .unwrap_or_default()
            .trim_end_matches(']');
        let value = if is_card || is_secret_name(&name) || is_secret_name(leaf) {
            Value::from(MASK)
        } else {
            mask_json(&Value::from(value.into_owned()))
        };
        members.insert(name.into_owned(), value);
    }
    Value::Object(members)
}
