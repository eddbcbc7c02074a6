//! A page that shows what a server expects and what it saw, at `/mockserver/dashboard`.
//!
//! The page is one document with its style and script inside. Its data is JSON under `/mockserver/dashboard/data/`:
//!
//! | path | what |
//! | --- | --- |
//! | `exchanges` | the newest exchanges; `before`, `after` (a sequence number), `limit`, `search`, `outcome`, `scope`, `expectation` |
//! | `exchanges/SEQ` | one exchange, whole |
//! | `expectations` | active expectations in the order of serving; `skip`, `limit`, `search`, `scope` |
//! | `expectations/ID` | one expectation with its JSON; `scope` |
//! | `news` | answers as soon as there is something that `seen` (the `version` of an earlier answer) did not know, or after `wait` seconds |
//!
//! Recorded traffic is hostile: the page builds text nodes only, and its policy runs no other script. It may also be
//! secret: everything is masked, and pages of other origins are refused.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use styk_core::{Headers, Request};

use crate::data;
use crate::http1::Answer;
use crate::json::{Json, compact};
use crate::server::Shared;

mod closest;
mod exchange;
mod exchanges;
mod expectations;
mod guard;
mod masked;
mod news;
mod page;
mod params;
mod seen;

use params::Params;

const PATH: &str = "/mockserver/dashboard";

/// Why a request for data is refused.
#[derive(Debug, PartialEq, Eq)]
struct Refusal(StatusCode, String);

impl Refusal {
    fn bad_request(reason: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, reason.into())
    }

    fn not_found(what: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, what.into())
    }
}

/// The answer of the dashboard; `None` when the request is for somebody else.
pub(crate) async fn answer(shared: &Arc<Shared>, request: &Request) -> Option<Answer> {
    let rest = request.uri.path().strip_prefix(PATH)?;
    let is_read = matches!(request.method, Method::GET | Method::HEAD);
    if !is_read || !(rest.is_empty() || rest.starts_with('/')) {
        return None;
    }
    if let Err(reason) = guard::check(request) {
        return Some(data::refusal(StatusCode::FORBIDDEN, reason));
    }
    if let "" | "/" = rest {
        return Some(page::answer());
    }
    // Boxed, so that other requests do not carry the weight of this one.
    let found = Box::pin(find(shared, rest, request.uri.query().unwrap_or_default())).await;
    let (status, json) = match found {
        Ok(json) => (StatusCode::OK, json),
        Err(Refusal(status, reason)) => (status, Json::object([("error", Json::Text(reason))])),
    };
    Some(json_answer(status, &json))
}

async fn find(shared: &Arc<Shared>, path: &str, query: &str) -> Result<Json, Refusal> {
    let unknown = || Refusal::not_found(format!("the dashboard has nothing at {path}"));
    let what = path.strip_prefix("/data/").ok_or_else(unknown)?;
    let (what, which) = what
        .split_once('/')
        .map_or((what, None), |(what, which)| (what, Some(which)));
    let which = which.map(|which| percent_decode_str(which).decode_utf8_lossy().into_owned());
    let params = Params::read(query);
    match (what, which) {
        ("news", None) => news::answer(shared, &params).await,
        ("exchanges", None) => {
            let wanted = exchanges::Wanted::read(&params)?;
            aside(shared, move |shared| Ok(exchanges::list(shared, &wanted))).await
        }
        ("exchanges", Some(seq)) => {
            params.allow(&[])?;
            let none = || Refusal::not_found(format!("no exchange {seq} is recorded"));
            let number = seq.parse().map_err(|_not_a_number| none())?;
            let found = aside(shared, move |shared| Ok(exchange::detail(shared, number))).await?;
            found.ok_or_else(none)
        }
        ("expectations", None) => {
            let wanted = expectations::Wanted::read(&params)?;
            aside(shared, move |shared| {
                Ok(expectations::list(shared, &wanted))
            })
            .await
        }
        ("expectations", Some(id)) => {
            params.allow(&["scope"])?;
            let none = || Refusal::not_found(format!("no expectation {id} is active"));
            let (id, scope) = (id.clone(), params.text("scope").map(str::to_owned));
            let look =
                move |shared: &Shared| Ok(expectations::detail(shared, &id, scope.as_deref()));
            aside(shared, look).await?.ok_or_else(none)
        }
        _ => Err(unknown()),
    }
}

/// Looks through the record beside the threads that answer requests.
async fn aside<T: Send + 'static>(
    shared: &Arc<Shared>,
    look: impl FnOnce(&Shared) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let shared = Arc::clone(shared);
    let looked = tokio::task::spawn_blocking(move || look(&shared)).await;
    let failed = |error: tokio::task::JoinError| {
        tracing::error!(%error, "the dashboard could not look through the record");
        Refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the record could not be looked through".to_owned(),
        )
    };
    looked.map_err(failed)?
}

fn json_answer(status: StatusCode, json: &Json) -> Answer {
    let headers = [
        ("content-type", "application/json; charset=utf-8"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    Answer {
        headers: headers.into_iter().collect::<Headers>(),
        body: Bytes::from(compact(json)),
        ..Answer::new(status)
    }
}
