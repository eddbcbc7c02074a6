//! The control plane: which request is an operation, and its exact answer.
//!
//! All operations are `PUT`. Those of MockServer 5 are also reached without the prefix, with a header that says so.
//! Any other method on these paths is an ordinary data-plane request.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, StatusCode};
use styk_core::Request;

use crate::error::ExpectationError;
use crate::expectation::incorrect_format;
use crate::http1::Answer;
use crate::json::{Json, parse_lenient, pretty};
use crate::matcher::{RequestMatcher, query_pairs};
use crate::openapi::Sources;
use crate::registration;
use crate::schema::{Complaints, indented};
use crate::scope::Scope;
use crate::server::Shared;

mod clear;
mod retrieve;
mod verify;

const JSON_TYPE: &str = "application/json; charset=utf-8";
const TEXT_TYPE: &str = "text/plain; charset=utf-8";
const PREFIX: &str = "/mockserver/";

/// The version of MockServer whose behaviour is followed.
const SPOKEN_VERSION: &str = "8.0.0";

/// One request to the control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    kind: Kind,
    name: &'static str,
    /// The path came without the prefix.
    is_deprecated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Expectation,
    Verify,
    VerifySequence,
    Clear,
    Reset,
    Retrieve,
    Status,
    Stop,
    NotBuilt,
}

/// The operations of MockServer 5, reached with and without the prefix.
const OPERATIONS: &[(&str, Kind)] = &[
    ("expectation", Kind::Expectation),
    ("verify", Kind::Verify),
    ("verifySequence", Kind::VerifySequence),
    ("clear", Kind::Clear),
    ("reset", Kind::Reset),
    ("retrieve", Kind::Retrieve),
    ("status", Kind::Status),
    ("stop", Kind::Stop),
    ("openapi", Kind::NotBuilt),
    ("bind", Kind::NotBuilt),
];

/// Operations of later versions, reached with the prefix only; none is there yet.
const LATER_OPERATIONS: &[&str] = &[
    "configuration",
    "debugMismatch",
    "explainUnmatched",
    "explain",
    "generateExpectation",
    "diff",
    "replay",
    "recordings",
    "baseline",
    "trafficValidate",
    "scenario",
    "crud",
    "clock",
    "mode",
    "serviceChaos",
    "tcpChaos",
    "grpcChaos",
    "chaosExperiment",
    "preemption",
    "verifySLO",
    "loadScenario",
    "files",
    "import",
    "wsdl",
    "graphql",
    "asyncapi",
    "pact",
    "contractTest",
    "oidc",
    "saml",
    "scim",
    "breakpoint",
    "drift",
    "cassettes",
    "wasm",
    "grpc",
    "llm",
];

/// The operation that a request asks for; `None` for the data plane.
pub(crate) fn operation(method: &Method, path: &str) -> Option<Operation> {
    if *method != Method::PUT {
        return None;
    }
    let prefixed = path.strip_prefix(PREFIX);
    let named = prefixed.or_else(|| path.strip_prefix('/'))?;
    let is_deprecated = prefixed.is_none();
    if let Some(&(name, kind)) = OPERATIONS.iter().find(|(name, _)| *name == named) {
        return Some(Operation {
            kind,
            name,
            is_deprecated,
        });
    }
    let head = prefixed?.split('/').next()?;
    let name = LATER_OPERATIONS.iter().find(|name| **name == head)?;
    Some(Operation {
        kind: Kind::NotBuilt,
        name,
        is_deprecated,
    })
}

/// Performs an operation.
pub(crate) async fn answer(shared: &Arc<Shared>, operation: Operation, request: &Request) -> Reply {
    let mut reply = match shared.scopes.of(&request.headers) {
        Ok(scope) => perform(shared, &scope, operation, request)
            .await
            .unwrap_or_else(|refusal| refusal),
        Err(error) => Reply::bad_request(error.to_string()),
    };
    if operation.is_deprecated {
        reply.deprecated = Some(operation.name);
    }
    reply
}

async fn perform(
    shared: &Arc<Shared>,
    scope: &Scope,
    operation: Operation,
    request: &Request,
) -> Result<Reply, Reply> {
    let query = request.uri.query().unwrap_or_default();
    let text = String::from_utf8_lossy(&request.body);
    let text = text.trim();
    match operation.kind {
        Kind::Expectation => register(scope, text),
        Kind::Verify => verify::verify(scope, text),
        Kind::VerifySequence => verify::verify_sequence(scope, text),
        Kind::Clear => clear::clear(scope, query, text),
        Kind::Retrieve => retrieve::retrieve(scope, query, text),
        Kind::Status => Ok(status(shared)),
        // Clients send all kinds of bodies with a reset.
        Kind::Reset => {
            shared.reset(scope);
            Ok(Reply::empty(StatusCode::OK))
        }
        Kind::Stop => {
            shared.stop_requested.cancel();
            Ok(Reply::empty(StatusCode::OK))
        }
        Kind::NotBuilt => Err(Reply::not_built(&[operation.name.to_owned()])),
    }
}

/// The answer to an operation.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    content_type: Option<&'static str>,
    body: Bytes,
    deprecated: Option<&'static str>,
}

impl Reply {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            content_type: None,
            body: Bytes::new(),
            deprecated: None,
        }
    }

    pub(crate) fn text(status: StatusCode, text: String) -> Self {
        Self {
            content_type: Some(TEXT_TYPE),
            body: Bytes::from(text),
            ..Self::empty(status)
        }
    }

    fn json(status: StatusCode, text: String) -> Self {
        Self {
            content_type: Some(JSON_TYPE),
            ..Self::text(status, text)
        }
    }

    fn bad_request(text: impl Into<String>) -> Self {
        Self::text(StatusCode::BAD_REQUEST, text.into())
    }

    fn not_built(features: &[String]) -> Self {
        let features = features.to_vec();
        Self::text(
            StatusCode::NOT_IMPLEMENTED,
            ExpectationError::NotBuilt { features }.to_string(),
        )
    }

    /// What is wrong with the control object `text`, which is a `what`.
    fn complaints(what: &str, text: &str, complaints: &Complaints) -> Option<Self> {
        if !complaints.errors.is_empty() {
            Some(Self::bad_request(incorrect_format(what, text, complaints)))
        } else if !complaints.not_built.is_empty() {
            Some(Self::not_built(&complaints.not_built))
        } else {
            None
        }
    }

    pub(crate) fn into_answer(self) -> Answer {
        let content_type = self
            .content_type
            .map(|value| ("content-type", value.to_owned()));
        let deprecated = self.deprecated.map(|name| {
            let hint = format!("\"/{name}\" is deprecated use \"{PREFIX}{name}\" instead");
            ("deprecated", hint)
        });
        Answer {
            headers: content_type.into_iter().chain(deprecated).collect(),
            body: self.body,
            ..Answer::new(self.status)
        }
    }
}

fn register(scope: &Scope, text: &str) -> Result<Reply, Reply> {
    if text.is_empty() {
        return Err(Reply::bad_request(required(
            "an expectation or expectation array",
        )));
    }
    let json = parse_lenient(text).map_err(|error| Reply::bad_request(error.to_string()))?;
    let mounted = registration::read(&json, &Sources::default())
        .and_then(|specs| scope.store.register(specs));
    match mounted {
        Ok(mounted) => {
            let written = mounted.iter().map(|expectation| expectation.written());
            Ok(Reply::json(StatusCode::CREATED, list(written.collect())))
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

fn status(shared: &Shared) -> Reply {
    let ports = Json::Array(vec![Json::number(shared.port)]);
    let status = Json::object([
        ("artifactId", Json::text("mockserver-core")),
        ("groupId", Json::text("org.mock-server")),
        ("ports", ports),
        ("version", Json::text(SPOKEN_VERSION)),
    ]);
    Reply::json(StatusCode::OK, pretty(&status))
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

/// What a request is answered that lacks its control object.
fn required(what: &str) -> String {
    format!("1 error:\n - {what} is required but value was \"null\"")
}

/// Which exchanges or expectations an operation is about.
enum Filter {
    All,
    Id(String),
    Matcher(Box<RequestMatcher>),
}

/// The filter of clear and retrieve: nothing, a request matcher, or `{"id": "..."}`.
fn filter(text: &str) -> Result<Filter, Reply> {
    const WHAT: &str = "request matcher";
    if text.is_empty() {
        return Ok(Filter::All);
    }
    let json = parse(WHAT, text)?;
    if let Json::Object(object) = &json
        && object.len() == 1
        && let Some(Json::Text(id)) = object.get("id")
    {
        return Ok(Filter::Id(id.clone()));
    }
    let mut complaints = Complaints::default();
    let matcher = RequestMatcher::read(&json, "$", &mut complaints);
    match Reply::complaints(WHAT, text, &complaints) {
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
    let Some((_, given)) = pairs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)) else {
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
