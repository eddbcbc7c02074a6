//! From an `http` step to a request that can be sent.

use std::fmt::Write as _;
use std::str::FromStr as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use rand::RngExt as _;
use serde_json::Value;
use styk_core::Diagnostic;
use url::Url;

use super::actor::Actor;
use super::http::Prepared;
use super::strand::Strand;
use crate::ast::{Binding, Body, HttpCall, Part, PartContent, Session};
use crate::{Scope, Span, ValueTemplate};

/// The largest file that is sent.
const FILE_BYTES_MAX: u64 = 64 << 20;

type Result<T> = std::result::Result<T, Diagnostic>;

/// The request of a step, as an actor sends it.
pub(super) fn prepare(
    call: &HttpCall,
    shop: &Url,
    strand: &Strand,
    actor: &Actor,
) -> Result<Prepared> {
    let scope = &strand.scope;
    let method = call.method.render_text(scope)?;
    let method = Method::from_str(&method).map_err(|_| {
        let message = format!("`{method}` is no method");
        Diagnostic::error(message).at(call.method.span().location())
    })?;
    let mut url = target(&call.target, shop, scope)?;
    add_query(&mut url, &call.query, scope)?;
    let mut headers = actor.headers().clone();
    let body = body(call, scope, &mut headers)?;
    let own = session_headers(&call.headers, scope)?;
    for name in own.keys() {
        headers.remove(name);
    }
    headers.extend(own);
    Ok(Prepared {
        method,
        url,
        headers,
        body,
        follow: call.follow,
    })
}

/// The headers that a session puts on each request.
pub(super) fn session(session: &Session, scope: &Scope) -> Result<HeaderMap> {
    let authorization = |text: String, span: &Span| {
        let mut value = header_value(&text, span)?;
        value.set_sensitive(true);
        Ok(HeaderMap::from_iter([(header::AUTHORIZATION, value)]))
    };
    match session {
        Session::Bearer(token) => {
            let text = format!("Bearer {}", token.render_text(scope)?);
            authorization(text, token.span())
        }
        Session::Basic { user, password } => {
            let pair = format!(
                "{}:{}",
                user.render_text(scope)?,
                password.render_text(scope)?
            );
            authorization(format!("Basic {}", STANDARD.encode(pair)), user.span())
        }
        Session::Headers(headers) => session_headers(headers, scope),
        Session::Cookies => Ok(HeaderMap::new()),
    }
}

fn session_headers(bindings: &[Binding], scope: &Scope) -> Result<HeaderMap> {
    let mut headers = HeaderMap::with_capacity(bindings.len());
    for binding in bindings {
        let name = HeaderName::from_str(&binding.name).map_err(|_| {
            let message = format!("`{}` is no header name", binding.name);
            Diagnostic::error(message).at(binding.span.location())
        })?;
        let value = binding.value.resolve(scope)?;
        for text in texts(&value) {
            headers.append(name.clone(), header_value(&text, binding.value.span())?);
        }
    }
    Ok(headers)
}

fn header_value(text: &str, span: &Span) -> Result<HeaderValue> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
        let message = "this value has characters that no header can carry";
        Diagnostic::error(message).at(span.location())
    })
}

fn target(template: &ValueTemplate, shop: &Url, scope: &Scope) -> Result<Url> {
    let text = template.render_text(scope)?;
    let failed = |message: String| Diagnostic::error(message).at(template.span().location());
    let url = if text.starts_with('/') || text.is_empty() {
        let base = shop.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}{text}"))
    } else {
        Url::parse(&text)
    };
    let url = url.map_err(|error| {
        failed(format!("`{text}` is no path and no URL: {error}"))
            .help("write a path that begins with `/`, or a URL with `http://`")
    })?;
    match url.scheme() {
        "http" => Ok(url),
        "https" => Err(failed("https is not spoken in this version".to_owned())
            .help("give the shop an http address, or put a proxy that ends TLS before it")),
        other => Err(failed(format!("`{other}:` is not spoken here; use http"))),
    }
}

fn add_query(url: &mut Url, bindings: &[Binding], scope: &Scope) -> Result<()> {
    let pairs = pairs(bindings, scope)?;
    if !pairs.is_empty() {
        url.query_pairs_mut().extend_pairs(pairs);
    }
    Ok(())
}

/// Names with their texts: a list gives a name several times, `null` leaves it out.
fn pairs(bindings: &[Binding], scope: &Scope) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::with_capacity(bindings.len());
    for binding in bindings {
        let value = binding.value.resolve(scope)?;
        pairs.extend(
            texts(&value)
                .into_iter()
                .map(|text| (binding.name.clone(), text)),
        );
    }
    Ok(pairs)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

fn body(call: &HttpCall, scope: &Scope, headers: &mut HeaderMap) -> Result<Bytes> {
    let mut declare = |media_type: &str| {
        if let Ok(value) = HeaderValue::from_str(media_type) {
            headers.insert(header::CONTENT_TYPE, value);
        }
    };
    match &call.body {
        None => Ok(Bytes::new()),
        Some(Body::Json(template)) => {
            declare("application/json");
            let value = template.resolve(scope)?;
            let text = serde_json::to_vec(&*value).map_err(|error| {
                let message = format!("this cannot be written as JSON: {error}");
                Diagnostic::error(message).at(template.span().location())
            })?;
            Ok(text.into())
        }
        Some(Body::Form(bindings)) => {
            declare("application/x-www-form-urlencoded");
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(pairs(bindings, scope)?);
            Ok(form.finish().into())
        }
        Some(Body::Text(template)) => {
            declare("text/plain; charset=utf-8");
            Ok(template.render_text(scope)?.into())
        }
        Some(Body::File(template)) => {
            declare("application/octet-stream");
            read_file(template, scope).map(Bytes::from)
        }
        Some(Body::Multipart(parts)) => {
            let bits: u128 = scope.context().generator().random();
            let boundary = format!("styk-{bits:032x}");
            declare(&format!("multipart/form-data; boundary={boundary}"));
            multipart(parts, &boundary, scope)
        }
    }
}

/// RFC 7578. Written here because the journal wants the bytes that are sent.
fn multipart(parts: &[Part], boundary: &str, scope: &Scope) -> Result<Bytes> {
    let mut body = Vec::new();
    for part in parts {
        let mut head = format!("--{boundary}\r\nContent-Disposition: form-data; name=");
        quoted(&mut head, &part.name);
        let content = match &part.content {
            PartContent::Value(template) => {
                let value = template.resolve(scope)?;
                texts(&value).join(",").into_bytes()
            }
            PartContent::File {
                path,
                filename,
                media_type,
            } => {
                let name = match filename {
                    Some(name) => name.render_text(scope)?,
                    None => last_part(&path.render_text(scope)?),
                };
                let media_type = match media_type {
                    Some(media_type) => media_type.render_text(scope)?,
                    None => "application/octet-stream".to_owned(),
                };
                head.push_str("; filename=");
                quoted(&mut head, &name);
                // Writing to a String cannot fail.
                let _ = write!(head, "\r\nContent-Type: {media_type}");
                read_file(path, scope)?
            }
        };
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(&content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(body.into())
}

/// A quoted parameter as browsers write it (WHATWG HTML, multipart/form-data encoding algorithm).
fn quoted(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' => text.push_str("%22"),
            '\r' => text.push_str("%0D"),
            '\n' => text.push_str("%0A"),
            other => text.push(other),
        }
    }
    text.push('"');
}

fn last_part(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next();
    name.unwrap_or_default().to_owned()
}

fn read_file(template: &ValueTemplate, scope: &Scope) -> Result<Vec<u8>> {
    let failed = |message: String| Diagnostic::error(message).at(template.span().location());
    let path = scope.context().folder().join(template.render_text(scope)?);
    let size = std::fs::metadata(&path)
        .map_err(|error| failed(format!("cannot read {path}: {error}")))?
        .len();
    if size > FILE_BYTES_MAX {
        return Err(failed(format!("{path} is larger than 64 MiB")));
    }
    std::fs::read(&path).map_err(|error| failed(format!("cannot read {path}: {error}")))
}
