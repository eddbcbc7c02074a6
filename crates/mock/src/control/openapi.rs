//! `openapi`: expectations for the operations of a document; and fetching documents that stand behind URLs.

use std::sync::Arc;

use http::{Method, StatusCode, Uri};

use super::{Reply, list, register_all};
use crate::json::{Json, parse_lenient};
use crate::openapi::{self, Sources};
use crate::scope::Scope;
use crate::server::Shared;
use crate::upstream::{Outbound, Target};

/// Documents may refer to documents; so often what they refer to is fetched.
const ROUNDS_MAX: usize = 8;
/// Documents that one request may have fetched.
const DOCUMENTS_MAX: usize = 100;

/// Registers an expectation for each operation of the documents that the body names or holds.
pub(super) async fn create(
    shared: &Shared,
    scope: &Scope,
    text: &str,
    content_type: Option<&str>,
) -> Result<Reply, Reply> {
    let (body, kind) = (text.to_owned(), content_type.map(str::to_owned));
    let sources = fetched(shared, move |sources| {
        openapi::read(&body, kind.as_deref(), sources).map(|_read| ())
    })
    .await;
    let (body, kind, known) = (
        text.to_owned(),
        content_type.map(str::to_owned),
        sources.clone(),
    );
    let reading =
        tokio::task::spawn_blocking(move || openapi::read(&body, kind.as_deref(), &known));
    let read = reading
        .await
        .map_err(|error| Reply::bad_request(error.to_string()))?;
    let expectations = read.map_err(|error| Reply::bad_request(error.to_string()))?;
    if expectations.is_empty() {
        // A document without operations, or with none that is wanted, is no mistake.
        return Ok(Reply::json(StatusCode::CREATED, list(Vec::new())));
    }
    register_all(shared, scope, &Json::Array(expectations), &sources)
}

/// What the documents named in a control body need, as far as it stands behind URLs.
pub(super) async fn sources(shared: &Shared, text: &str) -> Sources {
    if !text.contains("specUrlOrPayload") {
        return Sources::default();
    }
    let Ok(json) = parse_lenient(text) else {
        return Sources::default();
    };
    fetched(shared, move |sources| {
        let mut named = Vec::new();
        collect(&json, &mut named);
        named
            .into_iter()
            .try_for_each(|document| sources.spec(document).map(|_spec| ()))
    })
    .await
}

/// Reads, fetches what the reading missed, and reads again until nothing new is missing. What is wrong with a document is told by
/// whoever reads it in earnest.
async fn fetched<F>(shared: &Shared, read: F) -> Sources
where
    F: Fn(&Sources) -> Result<(), openapi::OpenApiError> + Send + Sync + 'static,
{
    let (sources, read) = (Sources::default(), Arc::new(read));
    let mut count = 0;
    for _ in 0..ROUNDS_MAX {
        let (known, read) = (sources.clone(), Arc::clone(&read));
        let reading = tokio::task::spawn_blocking(move || drop(read(&known)));
        if let Err(error) = reading.await {
            tracing::warn!(%error, "reading a document broke off");
            break;
        }
        let missing = sources.take_missing();
        if missing.is_empty() {
            break;
        }
        for url in missing {
            count += 1;
            let text = if count > DOCUMENTS_MAX {
                Err(format!(
                    "more than {DOCUMENTS_MAX} documents would have to be fetched"
                ))
            } else {
                fetch(shared, &url).await
            };
            sources.put(url, text);
        }
    }
    sources
}

/// Every document that the control object names.
fn collect<'a>(json: &'a Json, named: &mut Vec<&'a Json>) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| collect(item, named)),
        Json::Object(object) => {
            for (name, value) in object {
                if name == "specUrlOrPayload" {
                    named.push(value);
                } else {
                    collect(value, named);
                }
            }
        }
        _ => {}
    }
}

async fn fetch(shared: &Shared, url: &str) -> Result<String, String> {
    let uri: Uri = url.parse().map_err(|_| format!("`{url}` is no URL"))?;
    let secure = uri.scheme_str() == Some("https");
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let target = Target::from_authority(authority, secure)
        .ok_or_else(|| format!("`{url}` names no host"))?;
    let outbound = Outbound {
        method: Method::GET,
        path: uri.path().to_owned(),
        query: uri.query().map(str::to_owned),
        headers: Vec::new(),
        cookies: Vec::new(),
        body: bytes::Bytes::new(),
    };
    let answer = shared
        .upstream
        .send(&shared.settings(), &target, &outbound)
        .await
        .map_err(|error| error.to_string())?;
    if !answer.status.is_success() {
        return Err(format!("`{url}` answers {}", answer.status));
    }
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}
