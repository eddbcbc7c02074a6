//! A call on its way: key, version, idempotency, parameters, operation, answer.

use std::sync::{Arc, PoisonError};

use http::{Method, StatusCode};

use super::account::Account;
use super::auth::browser_may;
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

/// A call that was read, and waits for its turn.
struct Work<'a> {
    call: &'a Call,
    handle: Handle,
    is_browser: bool,
    /// The idempotency key, with a number that stands for the request.
    key: Option<(Arc<str>, u64)>,
    /// The parameters, and the paths to expand. A bad one is told after what is wrong with the key.
    asked: Result<(Params, Vec<String>), StripeError>,
}

/// What a call came to. It is written when the account is free again for others.
struct Done {
    said: Said,
    /// The request that first did it, for a call with an idempotency key.
    original: Option<Box<str>>,
}

enum Said {
    Reply(Reply),
    Answer(Answer),
    Error(StripeError),
    Replay(Kept),
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
        let caller = match self.authenticate(call) {
            Ok(caller) => caller,
            Err(error) => return dressed(error.answer(), call, &self.request_id()),
        };
        call.note(|notes| notes.account = Some(caller.account.label.clone()));
        let work = Work::read(call, endpoint, caller.is_browser);
        // Reading and writing take longer than an account should be held.
        let (request_id, done) = {
            let account = &mut *caller.account.lock();
            let request_id = account.new_request_id();
            let done = work.and_then(|work| work.done(self, account, &request_id));
            (request_id, done)
        };
        let answer = done.map_or_else(|error| error.answer(), Done::answer);
        dressed(answer, call, &request_id)
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

impl Done {
    fn of(said: Said) -> Self {
        Self {
            said,
            original: None,
        }
    }

    fn answer(self) -> Answer {
        let answer = match self.said {
            Said::Reply(reply) => reply.answer(),
            Said::Answer(answer) => answer,
            Said::Error(error) => error.answer(),
            Said::Replay(kept) => {
                let (answer, original) = kept.answer();
                return answer
                    .with("original-request", &original.id)
                    .with("idempotent-replayed", "true");
            }
        };
        match self.original {
            Some(original) => answer.with("original-request", &original),
            None => answer,
        }
    }
}

impl<'a> Work<'a> {
    fn read(
        call: &'a Call,
        endpoint: Option<&Endpoint>,
        is_browser: bool,
    ) -> Result<Self, StripeError> {
        let Some(Endpoint::Api {
            handle,
            gives,
            is_public,
        }) = endpoint
        else {
            return Err(unknown_path(call));
        };
        check_version(call)?;
        if is_browser {
            browser_may(call, *is_public)?;
        }
        let pairs = Pairs::read(form(call))?;
        let key = match key(call) {
            Some(key) => {
                check_length(&key)?;
                let print = pairs.fingerprint(call.method().as_str(), call.path());
                Some((key.into(), print))
            }
            None => None,
        };
        Ok(Self {
            call,
            handle: *handle,
            is_browser,
            key,
            asked: asked(call, *gives, pairs),
        })
    }

    /// Does the operation, unless its key has been there before.
    fn done(
        self,
        stripe: &Stripe,
        account: &mut Account,
        request_id: &str,
    ) -> Result<Done, StripeError> {
        let call = self.call;
        let mut turn = Turn::alone(stripe, account);
        turn.call = Some(call);
        turn.is_browser = self.is_browser;
        let Some((key, print)) = self.key.clone() else {
            return self.result(&mut turn, request_id).0.map(Done::of);
        };
        match turn.account.keys.claim(&key, print, call.at) {
            Claim::First => {}
            Claim::Replay(kept) => {
                call.note(|notes| notes.is_replay = true);
                return Ok(Done::of(Said::Replay(kept)));
            }
            Claim::Mismatch => return Err(mismatch(&key)),
            Claim::Running(_) => return Err(in_use(&key)),
        }
        let (result, kept) = self.result(&mut turn, request_id);
        turn.account.keys.finish(&key, kept, call.at);
        Ok(Done {
            said: result.unwrap_or_else(Said::Error),
            original: Some(request_id.into()),
        })
    }

    /// Does the operation; gives what it says, and what is to be kept for its key.
    fn result(
        self,
        turn: &mut Turn<'_>,
        request_id: &str,
    ) -> (Result<Said, StripeError>, Option<Kept>) {
        let has_key = self.key.is_some();
        let cause = Arc::new(Cause {
            id: request_id.into(),
            idempotency_key: self.key.map(|(key, _)| key),
        });
        turn.cause = Some(Arc::clone(&cause));
        let (params, paths) = match self.asked {
            Ok(asked) => asked,
            Err(error) => return (Err(error), None),
        };
        match (self.handle)(turn, params) {
            Ok(reply) => {
                if let (Reply::Object(object), true) = (&reply, paths.is_empty()) {
                    let kept = has_key.then(|| Kept::Object(object.clone(), cause));
                    return (Ok(Said::Reply(reply)), kept);
                }
                let answer = reply.expanded(turn.account, &paths);
                let kept = has_key.then(|| Kept::Answer(Box::new(Stored::new(&answer)), cause));
                (Ok(Said::Answer(answer)), kept)
            }
            Err(error) => {
                let is_kept = error.has_begun && has_key;
                let kept = is_kept.then(|| Kept::Error(Box::new(error.clone()), cause));
                (Err(error), kept)
            }
        }
    }
}

fn check_length(key: &str) -> Result<(), StripeError> {
    let length = key.chars().count();
    if length <= KEY_LIMIT {
        return Ok(());
    }
    Err(StripeError::invalid(format!(
        "Idempotency keys can have up to {KEY_LIMIT} characters, but this one has {length}."
    )))
}

/// The parameters of a call, and the paths to expand in its answer.
fn asked(
    call: &Call,
    gives: Gives,
    pairs: Pairs<'_>,
) -> Result<(Params, Vec<String>), StripeError> {
    let mut params = Params::new(pairs.nest()?);
    let mut paths = params.expand()?;
    expand::check(gives, &paths)?;
    paths.extend(always_expanded(call, gives));
    Ok((params, paths))
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
