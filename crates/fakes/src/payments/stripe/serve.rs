//! A call on its way: key, version, idempotency, parameters, operation, answer.

use std::sync::{Arc, PoisonError};

use http::{Method, StatusCode};

use super::auth::{Caller, browser_may};
use super::error::{ErrorType, StripeError};
use super::form::Pairs;
use super::object::Kind;
use super::params::Params;
use super::reply::{Kept, Reply};
use super::routes::{Endpoint, Gives, Handle};
use super::turn::{Cause, Turn};
use super::{API_VERSION, Stripe, expand};
use crate::kit::{Answer, Call, Claim, Failure, Stored};

/// Keys may be this long (Stripe API, Idempotent requests).
const KEY_LIMIT: usize = 255;

/// What an operation needs beside its account.
struct Work<'a> {
    call: &'a Call,
    handle: Handle,
    gives: Gives,
    pairs: Pairs,
    request_id: Box<str>,
    is_browser: bool,
}

/// The idempotency key of a call: only POST has one.
pub(super) fn key(call: &Call) -> Option<String> {
    let key = call.header("idempotency-key")?;
    (call.method() == Method::POST && !key.is_empty()).then_some(key)
}

impl Stripe {
    /// Answers a call.
    pub(super) fn answer(&self, call: &Call) -> Answer {
        let endpoint = call
            .found
            .as_ref()
            .and_then(|found| self.routes.handler(found));
        if let Some(Endpoint::Page(page)) = endpoint {
            return page(self, call);
        }
        let (request_id, result) = match self.authenticate(call) {
            Ok(caller) => {
                call.note(|notes| notes.account = Some(caller.account.label.clone()));
                let request_id = caller.account.lock().new_request_id();
                let result = self.answer_in(&caller, call, endpoint, request_id.clone());
                (request_id, result)
            }
            Err(error) => (self.request_id(), Err(error)),
        };
        let answer = result.unwrap_or_else(|error| error.answer());
        dressed(answer, call, &request_id)
    }

    fn answer_in(
        &self,
        caller: &Caller,
        call: &Call,
        endpoint: Option<&Endpoint>,
        request_id: Box<str>,
    ) -> Result<Answer, StripeError> {
        let Some(Endpoint::Api {
            handle,
            gives,
            is_public,
        }) = endpoint
        else {
            return Err(unknown_path(call));
        };
        check_version(call)?;
        if caller.is_browser {
            browser_may(call, *is_public)?;
        }
        let pairs = Pairs::read(form(call))?;
        let work = Work {
            call,
            handle: *handle,
            gives: *gives,
            pairs,
            request_id,
            is_browser: caller.is_browser,
        };
        let account = &mut *caller.account.lock();
        let mut turn = Turn::alone(self, account);
        turn.call = Some(call);
        match key(call) {
            Some(key) => work.once(&mut turn, key.into()),
            None => work.result(&mut turn, None).0,
        }
    }

    /// An id for a request that comes to no account.
    fn request_id(&self) -> Box<str> {
        let mut ids = self
            .request_ids
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        ids.alphanumeric("req_", 14).into()
    }

    /// A failure on command, in Stripe's words.
    pub(super) fn failed(&self, call: &Call, failure: &Failure) -> Answer {
        let key = key(call).unwrap_or_default();
        let error = failure_on_command(failure, &key);
        dressed(error.answer(), call, &self.request_id())
    }
}

impl Work<'_> {
    /// Does the operation, unless its key has been there before.
    fn once(self, turn: &mut Turn<'_>, key: Arc<str>) -> Result<Answer, StripeError> {
        let length = key.chars().count();
        if length > KEY_LIMIT {
            return Err(StripeError::invalid(format!(
                "Idempotency keys can have up to {KEY_LIMIT} characters, but this one has {length}."
            )));
        }
        let call = self.call;
        let print = self.pairs.fingerprint(call.method().as_str(), call.path());
        match turn.account.keys.claim(&key, print, call.at) {
            Claim::First => {}
            Claim::Replay(kept) => {
                call.note(|notes| notes.is_replay = true);
                let (answer, original) = kept.answer();
                let answer = answer.with("original-request", &original.id);
                return Ok(answer.with("idempotent-replayed", "true"));
            }
            Claim::Mismatch => return Err(mismatch(&key)),
            Claim::Running(_) => return Err(in_use(&key)),
        }
        let original = self.request_id.clone();
        let (result, kept) = self.result(turn, Some(&key));
        turn.account.keys.finish(&key, kept, call.at);
        let answer = result.unwrap_or_else(|error| error.answer());
        Ok(answer.with("original-request", &original))
    }

    /// Does the operation; gives its answer, and what is to be kept for its key.
    fn result(
        self,
        turn: &mut Turn<'_>,
        key: Option<&Arc<str>>,
    ) -> (Result<Answer, StripeError>, Option<Kept>) {
        let cause = Arc::new(Cause {
            id: self.request_id,
            idempotency_key: key.cloned(),
        });
        turn.cause = Some(Arc::clone(&cause));
        turn.is_browser = self.is_browser;
        let prepare = || {
            let mut params = Params::new(self.pairs.nest()?);
            let mut paths = params.expand()?;
            expand::check(self.gives, &paths)?;
            paths.extend(always_expanded(self.call, self.gives));
            Ok((params, paths))
        };
        let (params, paths) = match prepare() {
            Ok(prepared) => prepared,
            Err(error) => return (Err(error), None),
        };
        match (self.handle)(turn, params) {
            Ok(reply) => {
                let answer = reply.answer(turn.account, &paths);
                let kept = key.map(|_| match reply {
                    Reply::Object(object) if paths.is_empty() => Kept::Object(object, cause),
                    _ => Kept::Answer(Box::new(Stored::new(&answer)), cause),
                });
                (Ok(answer), kept)
            }
            Err(error) => {
                let is_kept = error.has_begun && key.is_some();
                let kept = is_kept.then(|| Kept::Error(Box::new(error.clone()), cause));
                (Err(error), kept)
            }
        }
    }
}

/// Before 2022-11-15 charges had their refunds in them without being asked (API changelog).
fn always_expanded(call: &Call, gives: Gives) -> Option<String> {
    let version = call.header("stripe-version")?;
    let is_old = version.as_str() < "2022-11-15";
    match gives {
        Gives::One(Kind::Charge) if is_old => Some("refunds".to_owned()),
        Gives::Many(Kind::Charge) if is_old => Some("data.refunds".to_owned()),
        _ => None,
    }
}

/// POST has its parameters in the body, the others in the query.
pub(super) fn form(call: &Call) -> &[u8] {
    if call.method() == Method::POST {
        &call.request.body
    } else {
        call.query().as_bytes()
    }
}

/// The answer with the header fields that all answers have.
fn dressed(answer: Answer, call: &Call, request_id: &str) -> Answer {
    let version = call.header("stripe-version");
    let answer = answer
        .with("request-id", request_id)
        .with("stripe-version", version.as_deref().unwrap_or(API_VERSION));
    match key(call) {
        Some(key) => answer.with("idempotency-key", &key),
        None => answer,
    }
}

fn unknown_path(call: &Call) -> StripeError {
    StripeError::new(
        StatusCode::NOT_FOUND,
        ErrorType::InvalidRequest,
        format!(
            "Unrecognized request URL ({}: {}). See https://stripe.com/docs for the paths there are.",
            call.method(),
            call.path()
        ),
    )
}

/// `2026-10-28`, `2026-10-28.endive`, `2020-08-27; beta_feature=v1` (Stripe API, Versioning).
fn check_version(call: &Call) -> Result<(), StripeError> {
    let Some(version) = call.header("stripe-version") else {
        return Ok(());
    };
    let day = version.split([';', '.']).next().unwrap_or_default().trim();
    if day.parse::<jiff::civil::Date>().is_ok() && day.len() == 10 {
        return Ok(());
    }
    Err(StripeError::invalid(format!(
        "Invalid Stripe API version: {version}"
    )))
}

fn mismatch(key: &str) -> StripeError {
    StripeError::new(
        StatusCode::BAD_REQUEST,
        ErrorType::Idempotency,
        format!(
            "Keys for idempotent requests can only be used with the same parameters and the same endpoint they were first used with. Use a key other than '{key}' if you meant another request."
        ),
    )
}

fn in_use(key: &str) -> StripeError {
    StripeError::new(
        StatusCode::CONFLICT,
        ErrorType::Idempotency,
        format!("There is currently another in-progress request using the idempotency key '{key}'. Try again later."),
    )
    .code("idempotency_key_in_use")
}

fn failure_on_command(failure: &Failure, key: &str) -> StripeError {
    let (status, code) = (failure.status, failure.code.as_deref());
    let of = |kind, message: &str| StripeError::new(status, kind, message);
    match status.as_u16() {
        401 => of(
            ErrorType::InvalidRequest,
            "Invalid API Key provided: sk_test_****",
        ),
        402 => super::cards::refusal(code.unwrap_or("card_declined")),
        403 => of(
            ErrorType::InvalidRequest,
            "The provided key does not have the required permissions for this endpoint.",
        ),
        404 => of(ErrorType::InvalidRequest, "No such object.").code("resource_missing"),
        409 => in_use(key),
        429 => of(
            ErrorType::InvalidRequest,
            "Request rate limit exceeded. Try again later.",
        )
        .code(if code == Some("lock_timeout") {
            "lock_timeout"
        } else {
            "rate_limit"
        }),
        400 if code == Some("idempotency_error") => mismatch(key),
        400..=499 => of(ErrorType::InvalidRequest, "Invalid request."),
        _ => of(ErrorType::Api, "An unknown error occurred."),
    }
}
