//! The control plane: which request is an operation, and its exact answer.
//!
//! Errors are told in the words of the original wherever clients read them.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use http::StatusCode;
use styk_core::Request;

use crate::charset::Charset;
use crate::describe::{self, Addresses};
use crate::error::ExpectationError;
use crate::expectation::ExpectationSpec;
use crate::formats::{What, metrics_text};
use crate::http1::Answer;
use crate::json::{Json, compact, parse_lenient, pretty};
use crate::matcher::{RequestMatcher, query_pairs};
use crate::openapi::Sources;
use crate::registration;
use crate::schema::{Complaints, indented};
use crate::scope::Scope;
use crate::server::Shared;

mod bind;
mod clear;
mod crud;
mod grpc;
mod mismatch;
mod oidc;
mod openapi;
mod operation;
mod proxy_configuration;
mod reply;
mod retrieve;
mod scenario;
mod server;
mod verify;

pub(crate) use operation::{Operation, operation};
pub(crate) use reply::Reply;

use operation::Kind;

/// The version of MockServer whose behaviour is followed.
const SPOKEN_VERSION: &str = "8.0.0";

/// Performs an operation.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    operation: Operation,
    request: &Request,
) -> Answer {
    let reply = match shared.scopes.of(&request.headers) {
        Ok(scope) => match perform(shared, &scope, operation, request).await {
            Ok(reply) => reply,
            Err(refusal) => {
                log_refusal(shared, &scope, request, &refusal);
                refusal
            }
        },
        Err(error) => Reply::bad_request(error.to_string()),
    };
    let path = request.uri.path().trim_start_matches('/');
    let deprecated = operation.is_deprecated.then_some(path);
    reply.into_answer(&shared.settings(), deprecated)
}

/// A request that was malformed belongs into the log, where its sender looks for it.
fn log_refusal(shared: &Shared, scope: &Scope, request: &Request, refusal: &Reply) {
    if refusal.status() == StatusCode::BAD_REQUEST {
        let what = What::Refused {
            request: describe::request(request, Addresses::Shown),
            reason: refusal.text_of_body(),
        };
        scope.events.add(shared, what);
    }
}

async fn perform(
    shared: &Arc<Shared>,
    scope: &Scope,
    operation: Operation,
    request: &Request,
) -> Result<Reply, Reply> {
    let query = request.uri.query().unwrap_or_default();
    let path = request.uri.path();
    let whole = text_of(request);
    // A blank body is told apart from none.
    let text = match whole.trim() {
        "" => &whole,
        text => text,
    };
    match operation.kind {
        Kind::Expectation => register(shared, scope, text).await,
        Kind::OpenApi => {
            let content_type = request.headers.text("content-type");
            openapi::create(shared, scope, text, content_type.as_deref()).await
        }
        Kind::Verify => verify::verify(shared, scope, request, text).await,
        Kind::VerifySequence => verify::verify_sequence(shared, scope, request, text).await,
        Kind::Clear => clear::clear(shared, scope, query, text),
        Kind::Retrieve => retrieve::retrieve(shared, scope, query, text),
        // Clients send all kinds of bodies with a reset.
        Kind::Reset => {
            shared.reset(scope);
            scope.events.restart(shared, What::Reset);
            Ok(Reply::empty(StatusCode::OK))
        }
        Kind::Stop => {
            shared.stop_requested.store(true, Ordering::Relaxed);
            Ok(Reply::empty(StatusCode::OK))
        }
        Kind::Status => Ok(server::status(shared, &shared.ports())),
        Kind::Bind => bind::bind(shared, text).await,
        Kind::ProxyConfiguration => proxy_configuration::answer(shared, request),
        Kind::Ready => Ok(server::ready()),
        Kind::Metrics if shared.settings().metrics_enabled => {
            Ok(metrics_text(&shared.metrics()).into())
        }
        Kind::Metrics => Ok(Reply::empty(StatusCode::NOT_FOUND)),
        Kind::Configuration => Ok(server::configuration(shared)),
        Kind::ChangeConfiguration => server::change_configuration(shared, text),
        Kind::Origins => Ok(server::origins(shared)),
        Kind::Clock => Ok(server::clock(shared)),
        Kind::SetClock => server::set_clock(shared, text),
        Kind::Mode => Ok(server::mode(shared)),
        Kind::SetMode => server::set_mode(shared, query),
        Kind::Scenario => Ok(scenario::get(&scope.store.scenarios, path)),
        Kind::SetScenario => scenario::set(&scope.store.scenarios, path, text),
        Kind::Crud => crud::add(&scope.resources, text),
        Kind::Oidc => oidc::set(shared, scope, text),
        Kind::GrpcDescriptors => grpc::add(&scope.descriptors, &request.body),
        Kind::GrpcServices => Ok(grpc::services(&scope.descriptors)),
        Kind::GrpcClear => Ok(grpc::clear(&scope.descriptors)),
        Kind::DebugMismatch => Ok(mismatch::debug(shared, scope, text)),
        Kind::ExplainUnmatched => Ok(mismatch::explain(shared, scope, text)),
        Kind::NotBuilt => Err(Reply::not_built(&[operation.name.to_owned()])),
    }
}

async fn register(shared: &Shared, scope: &Scope, text: &str) -> Result<Reply, Reply> {
    if text.trim().is_empty() {
        let what = "an expectation or expectation array";
        return Err(Reply::bad_request(required(what, text)));
    }
    let json = parse_lenient(text).map_err(|error| Reply::bad_request(error.to_string()))?;
    let sources = openapi::sources(shared, text).await;
    register_all(shared, scope, &json, &sources)
}

/// Registers an entry of an initialization file: an expectation, or an OpenAPI document.
pub(crate) async fn register_entry(
    shared: &Shared,
    scope: &Scope,
    entry: &Json,
) -> Result<(), String> {
    let is_document =
        matches!(entry, Json::Object(object) if object.contains_key("specUrlOrPayload"));
    let text = compact(entry);
    let registered = if is_document {
        openapi::create(shared, scope, &text, None).await
    } else {
        register(shared, scope, &text).await
    };
    registered
        .map(|_reply| ())
        .map_err(|refusal| refusal.words())
}

/// Registers all expectations that the control object holds, or none.
fn register_all(
    shared: &Shared,
    scope: &Scope,
    json: &Json,
    sources: &Sources,
) -> Result<Reply, Reply> {
    let known = |spec: &ExpectationSpec| {
        let mounted = scope.store.get(spec.id.as_ref()?)?;
        Some(mounted.written())
    };
    let mounted = registration::read(json, sources).and_then(|specs| {
        let known: Vec<Option<Json>> = specs.iter().map(known).collect();
        Ok((scope.store.register(specs)?, known))
    });
    match mounted {
        Ok((mounted, known)) => {
            let written = mounted.iter().map(|expectation| expectation.written());
            let written: Vec<Json> = written.collect();
            for (expectation, before) in written.iter().cloned().zip(known) {
                match before {
                    None => scope.events.add(shared, What::Created { expectation }),
                    Some(before) if before == expectation => {}
                    Some(_) => scope.events.add(shared, What::Updated { expectation }),
                }
            }
            Ok(Reply::json(StatusCode::CREATED, list(written)))
        }
        Err(error) => {
            let status = match error {
                ExpectationError::NotBuilt { .. } => StatusCode::NOT_IMPLEMENTED,
                ExpectationError::Malformed(_)
                | ExpectationError::Invalid(_)
                | ExpectationError::TooMany { .. } => StatusCode::BAD_REQUEST,
            };
            Err(Reply::text(status, error.to_string()))
        }
    }
}

/// The JSON of a control body that is a `what`.
fn parse(what: &str, text: &str) -> Result<Json, Reply> {
    parse_lenient(text).map_err(|error| {
        let (shown, error) = (indented(text), indented(&error.to_string()));
        Reply::bad_request(format!(
            "incorrect {what} json format for:\n\n{shown}\n\n schema validation errors:\n\n{error}"
        ))
    })
}

/// What a request is answered that lacks its control object: its body is empty or blank.
fn required(what: &str, body: &str) -> String {
    let value = if body.is_empty() { "null" } else { "" };
    format!("1 error:\n - {what} is required but value was \"{value}\"")
}

/// The body of a request in the charset that its content type names, else in UTF-8.
fn text_of(request: &Request) -> Cow<'_, str> {
    let content_type = request.headers.text("content-type");
    let charset = content_type.and_then(|content_type| Charset::named_by(&content_type));
    charset.unwrap_or(Charset::Utf8).decode(&request.body)
}

/// Which exchanges or expectations an operation is about.
enum Filter {
    All,
    Id(String),
    Matcher(Box<RequestMatcher>),
}

/// The filter of clear and retrieve: nothing, a request matcher, an expectation with one, or `{"id": "..."}`.
fn filter(text: &str) -> Result<Filter, Reply> {
    const WHAT: &str = "request matcher";
    if text.trim().is_empty() {
        return Ok(Filter::All);
    }
    let mut json = parse(WHAT, text)?;
    let mut text = Cow::Borrowed(text);
    if let Json::Object(object) = &mut json
        && let Some(request) = object.swap_remove("httpRequest")
    {
        text = Cow::Owned(pretty(&request));
        json = request;
    }
    if let Json::Object(object) = &json
        && object.len() == 1
        && let Some(Json::Text(id)) = object.get("id")
    {
        return Ok(Filter::Id(id.clone()));
    }
    let mut complaints = Complaints::default();
    let matcher = RequestMatcher::read(&json, "$", &mut complaints);
    if let Json::Object(object) = &json {
        for (name, _) in object.iter().filter(|(_, value)| **value == Json::Null) {
            complaints.error(&format!("$.{name}"), "null found, which is no value");
        }
    }
    match Reply::complaints(WHAT, &text, &complaints) {
        Some(refusal) => Err(refusal),
        None => Ok(Filter::Matcher(Box::new(matcher))),
    }
}

/// A list as the original writes it: nothing stands between the brackets of an empty one.
fn list(items: Vec<Json>) -> String {
    if items.is_empty() {
        "[]".to_owned()
    } else {
        pretty(&Json::Array(items))
    }
}

fn no_such_expectation(id: &str) -> Reply {
    if id.trim().is_empty() {
        return Reply::bad_request(format!("No expectation id specified found \"{id}\""));
    }
    Reply::bad_request(format!("No expectation found with id {id}"))
}

/// A parameter of the operation, one of `allowed` in any case.
fn parameter(
    query: &str,
    name: &str,
    allowed: &[&'static str],
    default: &'static str,
) -> Result<&'static str, Reply> {
    let pairs = query_pairs(query);
    let given = pairs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    let Some((_, given)) = given.filter(|(_, given)| !given.trim().is_empty()) else {
        return Ok(default);
    };
    let found = allowed
        .iter()
        .find(|value| value.eq_ignore_ascii_case(given));
    found.copied().ok_or_else(|| {
        let allowed = allowed.join(", ");
        Reply::bad_request(format!(
            "\"{given}\" is not a valid value for \"{name}\" parameter, only the following values are supported [{allowed}]"
        ))
    })
}
