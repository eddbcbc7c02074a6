//! A MockServer that runs elsewhere, used over its control plane.
//!
//! Its log becomes ours by [`ForeignMock::refresh`]: each recorded exchange enters the journal once. The log has no ids, so
//! equal entries are told apart by counting them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Method, StatusCode, Uri};
use jiff::Timestamp;
use serde_json::{Value, json};
use styk_core::{
    Attributes, Clock, Edge, Ending, ExchangeDraft, ExchangeKind, Journal, Outcome, Request,
    Response, TraceContext,
};
use tokio::sync::Mutex;
use url::Url;

use crate::ready::innermost;

const CALL_LIMIT: Duration = Duration::from_secs(10);
const PROBE_LIMIT: Duration = Duration::from_secs(3);
/// A log beyond this is not read; it would be the memory of this process.
const LOG_BYTES_MAX: usize = 64 << 20;

/// A MockServer that answered `PUT /mockserver/status`.
#[derive(Debug)]
pub(crate) struct ForeignMock {
    name: String,
    base: String,
    client: reqwest::Client,
    journal: Journal,
    clock: Clock,
    /// How often each entry of its log (by the hash of its text) has been taken over.
    taken: Mutex<HashMap<u64, usize>>,
    /// Names for expectations that come without an id.
    id_stem: String,
    expectations: AtomicU64,
}

impl ForeignMock {
    /// Attaches to the server at `url`; the error is how it answered instead.
    pub(crate) async fn attach(
        name: &str,
        url: &Url,
        client: &reqwest::Client,
        journal: &Journal,
        clock: &Clock,
        id_stem: String,
    ) -> Result<Self, String> {
        let mock = Self {
            name: name.to_owned(),
            base: url.as_str().trim_end_matches('/').to_owned(),
            client: client.clone(),
            journal: journal.clone(),
            clock: clock.clone(),
            taken: Mutex::default(),
            id_stem,
            expectations: AtomicU64::new(0),
        };
        mock.probe().await?;
        // What happened before us is none of our business.
        for entry in mock.log().await? {
            *mock.taken.lock().await.entry(hash(&entry)).or_default() += 1;
        }
        Ok(mock)
    }

    pub(crate) async fn expect(&self, expectations: &Value) -> Result<Vec<String>, String> {
        let mut named = match expectations {
            Value::Array(items) => items.clone(),
            one => vec![one.clone()],
        };
        let mut ids = Vec::with_capacity(named.len());
        for expectation in &mut named {
            let Some(members) = expectation.as_object_mut() else {
                return Err(format!(
                    "an expectation is a JSON object, got {expectation}"
                ));
            };
            let id = match members.get("id").and_then(Value::as_str) {
                Some(id) => id.to_owned(),
                None => self.next_id(),
            };
            members.insert("id".to_owned(), Value::from(id.clone()));
            ids.push(id);
        }
        self.call("expectation", &Value::Array(named), CALL_LIMIT)
            .await?;
        Ok(ids)
    }

    pub(crate) async fn remove(&self, id: &str) -> Result<(), String> {
        let cleared = self
            .call("clear?type=expectations", &json!({"id": id}), CALL_LIMIT)
            .await;
        match cleared {
            Ok(_) => Ok(()),
            // It was used up, and its server dropped it by itself.
            Err(answer) if answer.contains("No expectation found") => Ok(()),
            Err(answer) => Err(answer),
        }
    }

    /// Brings what the server recorded since the last time into the journal.
    pub(crate) async fn refresh(&self) -> Result<(), String> {
        // Held to the end: two refreshes at once would take the same entries twice.
        let mut taken = self.taken.lock().await;
        let mut seen: HashMap<u64, usize> = HashMap::new();
        for entry in self.log().await? {
            let hash = hash(&entry);
            let count = seen.entry(hash).or_default();
            *count += 1;
            if *count > taken.get(&hash).copied().unwrap_or(0) {
                taken.insert(hash, *count);
                self.record(&entry);
            }
        }
        // What the server forgot cannot come again; forgetting it too keeps the list as short as its log.
        taken.retain(|hash, _| seen.contains_key(hash));
        Ok(())
    }

    fn next_id(&self) -> String {
        let number = self.expectations.fetch_add(1, Ordering::Relaxed);
        format!("styk-{}-{}-{number}", self.name, self.id_stem)
    }

    async fn probe(&self) -> Result<(), String> {
        let answer = self.call("status", &Value::Null, PROBE_LIMIT).await?;
        let status: Option<Value> = serde_json::from_slice(&answer).ok();
        let has_ports = status.is_some_and(|status| status.get("ports").is_some());
        if has_ports {
            Ok(())
        } else {
            Err("200, but not with a MockServer's status".to_owned())
        }
    }

    async fn log(&self) -> Result<Vec<Value>, String> {
        let path = "retrieve?type=request_responses&format=json";
        // An empty body: no filter. Servers refuse an empty JSON text, which is why nothing is sent at all.
        let answer = self.call(path, &Value::Null, CALL_LIMIT).await?;
        if answer.is_empty() {
            return Ok(Vec::new());
        }
        serde_json::from_slice(&answer).map_err(|error| {
            format!(
                "mock `{}` gave a log that is no JSON list: {error}",
                self.name
            )
        })
    }

    async fn call(&self, operation: &str, body: &Value, limit: Duration) -> Result<Bytes, String> {
        let url = format!("{}/mockserver/{operation}", self.base);
        let mut request = self.client.put(&url).timeout(limit);
        if !body.is_null() {
            request = request.json(body);
        }
        let mut answer = request.send().await.map_err(|error| innermost(&error))?;
        let status = answer.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| innermost(&error))? {
            if bytes.len() + chunk.len() > LOG_BYTES_MAX {
                return Err(format!("the answer to PUT {url} is larger than 64 MiB"));
            }
            bytes.extend_from_slice(&chunk);
        }
        if status.is_success() {
            Ok(bytes.into())
        } else {
            let text: String = String::from_utf8_lossy(&bytes).chars().take(300).collect();
            Err(format!("{status} {}", text.trim()).trim().to_owned())
        }
    }

    fn record(&self, entry: &Value) {
        let empty = Value::Null;
        let request = read_request(entry.get("httpRequest").unwrap_or(&empty));
        let response = entry.get("httpResponse").map(read_response);
        let trace = request
            .headers
            .text("traceparent")
            .and_then(|value| TraceContext::parse(&value));
        let draft = ExchangeDraft {
            kind: ExchangeKind::Http,
            edge: Edge::new("shop", self.name.as_str()),
            operation: format!("{} {}", request.method, request.uri.path()),
            started_at: self.time_of(entry),
            request: Some(request),
            trace,
            parent_span: None,
            attributes: Attributes::from([("server", self.name.clone())]),
        };
        // A foreign server does not say whether an expectation matched; its answer to what it does not know is 404.
        let ending = Ending {
            outcome: match &response {
                Some(_) => Outcome::Answered,
                None => Outcome::Dropped,
            },
            response,
            duration: Duration::ZERO,
            attributes: Attributes::new(),
        };
        self.journal.record(draft, ending);
    }

    /// The entry's own time (`2026-11-23 00:45:12.345`, in the server's zone, taken as UTC), else now.
    fn time_of(&self, entry: &Value) -> Timestamp {
        let text = entry.get("timestamp").and_then(Value::as_str);
        let parsed = text.and_then(|text| {
            text.parse::<Timestamp>().ok().or_else(|| {
                let civil: jiff::civil::DateTime = text.replace(' ', "T").parse().ok()?;
                Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
            })
        });
        parsed.unwrap_or_else(|| self.clock.now())
    }
}

/// The same entry, the same number: `DefaultHasher::new` has fixed keys.
fn hash(entry: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    entry.to_string().hash(&mut hasher);
    hasher.finish()
}

fn read_request(request: &Value) -> Request {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let method = text("method").unwrap_or("GET");
    let path = text("path").unwrap_or("/");
    let query = pairs(request.get("queryStringParameters"));
    let target = if query.is_empty() {
        path.to_owned()
    } else {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query)
            .finish();
        format!("{path}?{query}")
    };
    Request::new(
        Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET),
        target.parse().unwrap_or_else(|_| Uri::from_static("/")),
        pairs(request.get("headers")).into_iter().collect(),
        body(request.get("body")),
    )
}

fn read_response(response: &Value) -> Response {
    let status = response.get("statusCode").and_then(Value::as_u64);
    let status = status.and_then(|status| u16::try_from(status).ok());
    Response {
        status: status
            .and_then(|status| StatusCode::from_u16(status).ok())
            .unwrap_or(StatusCode::OK),
        headers: pairs(response.get("headers")).into_iter().collect(),
        body: body(response.get("body")),
    }
}

/// Names with their values, from `{name: [values]}` or `[{name, values: []}]`.
fn pairs(value: Option<&Value>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut add = |name: &str, values: &Value| match values {
        Value::Array(values) => {
            let texts = values.iter().filter_map(Value::as_str);
            found.extend(texts.map(|text| (name.to_owned(), text.to_owned())));
        }
        Value::String(text) => found.push((name.to_owned(), text.clone())),
        _ => {}
    };
    match value {
        Some(Value::Object(members)) => {
            for (name, values) in members {
                add(name, values);
            }
        }
        Some(Value::Array(items)) => {
            for item in items {
                let name = item.get("name").and_then(Value::as_str);
                if let (Some(name), Some(values)) = (name, item.get("values")) {
                    add(name, values);
                }
            }
        }
        _ => {}
    }
    found
}

/// A recorded body: text, or an object that says what kind it is and holds it in one of several members.
fn body(value: Option<&Value>) -> Bytes {
    let members = match value {
        None | Some(Value::Null) => return Bytes::new(),
        Some(Value::String(text)) => return Bytes::from(text.clone()),
        Some(Value::Object(members)) => members,
        Some(other) => return Bytes::from(other.to_string()),
    };
    let kinds = ["STRING", "JSON", "XML", "BINARY"];
    let kind = members.get("type").and_then(Value::as_str);
    if !kind.is_some_and(|kind| kinds.contains(&kind)) {
        return Bytes::from(value.map(Value::to_string).unwrap_or_default());
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let coded = text("rawBytes").or_else(|| text("base64Bytes"));
    if let Some(bytes) = coded.and_then(|coded| BASE64_STANDARD.decode(coded).ok()) {
        return Bytes::from(bytes);
    }
    match (members.get("json"), text("string").or_else(|| text("xml"))) {
        (Some(Value::String(text)), _) => Bytes::from(text.clone()),
        (Some(json), _) => Bytes::from(json.to_string()),
        (None, Some(text)) => Bytes::from(text.to_owned()),
        (None, None) => Bytes::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_requests_are_read_in_both_notations() {
        let object = json!({
            "method": "POST", "path": "/api/v1/payments",
            "headers": {"Content-Type": ["application/json"]},
            "queryStringParameters": {"a": ["1", "2"]},
            "body": {"type": "JSON", "json": {"amount": 100}},
        });
        let list = json!({
            "method": "POST", "path": "/api/v1/payments",
            "headers": [{"name": "Content-Type", "values": ["application/json"]}],
            "queryStringParameters": [{"name": "a", "values": ["1", "2"]}],
            "body": {"type": "JSON", "rawBytes": "eyJhbW91bnQiOjEwMH0=", "json": {"amount": 1}},
        });
        for recorded in [object, list] {
            let request = read_request(&recorded);
            assert_eq!(request.uri.to_string(), "/api/v1/payments?a=1&a=2");
            assert_eq!(
                request.headers.get("content-type"),
                Some(b"application/json".as_slice())
            );
            assert_eq!(request.body, Bytes::from_static(b"{\"amount\":100}"));
        }
    }
}
