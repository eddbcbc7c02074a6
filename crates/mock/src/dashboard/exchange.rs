//! One exchange, whole: both messages, what came of it, and what came closest.

use http::Version;
use styk_core::{Exchange, Headers};

use super::seen::{Seen, outcome};
use super::{closest, exchanges, masked};
use crate::json::Json;
use crate::server::Shared;

/// The largest body that is shown whole.
const BODY_MAX: usize = 256 << 10;

/// The exchange with this number; `None` when it is not there, or no longer.
pub(super) fn detail(shared: &Shared, seq: u64) -> Option<Json> {
    let seen = Seen::one(shared, seq)?;
    let (exchange, scope) = seen.exchanges().next()?;
    let mut detail = exchanges::brief(exchange, scope);
    if let Json::Object(fields) = &mut detail {
        let mut put = |name: &str, value: Option<Json>| {
            fields.insert(name.to_owned(), value.unwrap_or(Json::Null));
        };
        put("request", request(exchange));
        let response = exchange.response();
        put(
            "response",
            response.map(|response| message(&response.headers, &response.body)),
        );
        put(
            "trace",
            exchange.trace_id().map(|id| Json::text(id.to_string())),
        );
        // A request of a scope may have been answered by the common ground.
        let id = exchange.attribute("expectation");
        let is_own = id.is_some_and(|id| scope.store.get(id).is_some());
        let answered_in = scope.name.as_deref().filter(|_| is_own);
        put("answeredIn", answered_in.map(Json::text));
        let unmatched = exchange
            .request()
            .filter(|_| outcome(exchange) == "unmatched");
        let closest = unmatched.and_then(|request| {
            let closest = closest::closest(shared, scope, request)?;
            let mut brief = closest.brief();
            if let Json::Object(fields) = &mut brief {
                fields.insert("differences".to_owned(), closest.differences(request));
            }
            Some(brief)
        });
        put("closest", closest);
    }
    Some(detail)
}

fn request(exchange: &Exchange) -> Option<Json> {
    let request = exchange.request()?;
    let mut json = message(&request.headers, &request.body);
    if let (Json::Object(fields), Some(transport)) = (&mut json, &request.transport) {
        let version = match transport.version {
            Version::HTTP_10 => "HTTP/1.0",
            Version::HTTP_2 => "HTTP/2",
            Version::HTTP_3 => "HTTP/3",
            _ => "HTTP/1.1",
        };
        let secured = if transport.secure { " over TLS" } else { "" };
        let ends = [
            ("protocol", format!("{version}{secured}")),
            ("from", transport.remote.to_string()),
            ("to", transport.local.to_string()),
        ];
        for (name, value) in ends {
            fields.insert(name.to_owned(), Json::Text(value));
        }
    }
    Some(json)
}

fn message(headers: &Headers, body: &[u8]) -> Json {
    let content_type = headers.text("content-type");
    Json::object([
        ("headers", masked::headers(headers)),
        (
            "body",
            masked::body(body, content_type.as_deref(), BODY_MAX),
        ),
    ])
}
