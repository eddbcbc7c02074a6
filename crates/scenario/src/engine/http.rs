//! Sending requests, and recording them.

use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use styk_core::{
    Attributes, Clock, Edge, Ending, Exchange, ExchangeDraft, ExchangeKind, Headers, Journal,
    Outcome, Request, Response,
};
use url::Url;

use super::actor::Actor;
use super::answer::Answer;
use super::attribution::TEST;
use super::player::Player;

/// The largest answer that is read.
const BODY_BYTES_MAX: usize = 10 << 20;

/// The longest chain of redirects that is followed.
const HOPS_MAX: usize = 10;

/// A request ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) follow: bool,
}

/// Why there is no answer, in words.
#[derive(Debug)]
pub(super) struct NoAnswer {
    pub(super) reason: String,
    /// Its place in the journal.
    pub(super) seq: u64,
}

/// The client of one attempt. Actors share its connections; cookies are theirs.
#[derive(Clone, Debug)]
pub(super) struct HttpClient(reqwest::Client);

impl HttpClient {
    pub(super) fn new() -> Result<Self, String> {
        // No proxy of the environment: a test speaks to the shop it was told to. Loopback needs no keep-alive.
        reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .tcp_keepalive(None)
            .user_agent(concat!("styk/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(Self)
            .map_err(|error| format!("no HTTP client can be made: {}", innermost(&error)))
    }

    async fn send(&self, request: &Prepared) -> Result<(StatusCode, HeaderMap, Bytes), String> {
        let mut outgoing = reqwest::Request::new(request.method.clone(), request.url.clone());
        outgoing.headers_mut().clone_from(&request.headers);
        if !request.body.is_empty() {
            *outgoing.body_mut() = Some(request.body.clone().into());
        }
        let mut answer = self
            .0
            .execute(outgoing)
            .await
            .map_err(|error| innermost(&error))?;
        let status = answer.status();
        let headers = std::mem::take(answer.headers_mut());
        let first = answer.chunk().await.map_err(|error| innermost(&error))?;
        let mut body = first.unwrap_or_default();
        // Most answers are one chunk; only longer ones are put together.
        let mut whole: Option<BytesMut> = None;
        while let Some(chunk) = answer.chunk().await.map_err(|error| innermost(&error))? {
            let whole = whole.get_or_insert_with(|| BytesMut::from(&body[..]));
            whole.extend_from_slice(&chunk);
            if whole.len() > BODY_BYTES_MAX {
                return Err("the answer is larger than 10 MiB".to_owned());
            }
        }
        if let Some(whole) = whole {
            body = whole.freeze();
        }
        if body.len() > BODY_BYTES_MAX {
            return Err("the answer is larger than 10 MiB".to_owned());
        }
        Ok((status, headers, body))
    }
}

impl Player<'_> {
    /// Sends a request as an actor, follows redirects if asked to, and records each hop.
    pub(super) async fn send(
        &self,
        mut request: Prepared,
        actor: &Actor,
        step: &str,
    ) -> Result<Answer, NoAnswer> {
        let mut hops = 0;
        loop {
            let answer = self.send_once(&request, actor, step).await?;
            if !request.follow {
                return Ok(answer);
            }
            let Some(next) = redirected(&request, &answer) else {
                return Ok(answer);
            };
            hops += 1;
            if hops > HOPS_MAX {
                return Err(NoAnswer {
                    reason: format!("more than {HOPS_MAX} redirects, the last to {}", next.url),
                    seq: answer.seq,
                });
            }
            request = next;
        }
    }

    async fn send_once(
        &self,
        request: &Prepared,
        actor: &Actor,
        step: &str,
    ) -> Result<Answer, NoAnswer> {
        let trace = self.next_span();
        let mut request = request.clone();
        actor.add_cookies(&request.url, &mut request.headers);
        if let Ok(value) = trace.to_header().parse() {
            request.headers.entry("traceparent").or_insert(value);
        }
        request
            .headers
            .entry("baggage")
            .or_insert_with(|| self.baggage.clone());
        let attributes =
            Attributes::from([("actor", actor.name.clone()), ("step", step.to_owned())]);
        let open = OpenExchange::begin(
            &self.world.journal,
            &self.world.clock,
            ExchangeDraft {
                kind: ExchangeKind::Http,
                edge: Edge::new(TEST, self.name_of(&request.url)),
                operation: format!("{} {}", request.method, request.url.path()),
                started_at: self.world.clock.now(),
                request: Some(recorded(&request)),
                trace: Some(trace),
                parent_span: None,
                attributes,
            },
        );
        let result = self.client.send(&request).await;
        let seq = open.exchange.seq();
        match result {
            Ok((status, headers, body)) => {
                actor.keep_cookies(&request.url, &headers);
                let duration = open.end(
                    Outcome::Answered,
                    Some(Response {
                        status,
                        headers: Headers::from(&headers),
                        body: body.clone(),
                    }),
                );
                Ok(Answer::new(status, headers, body, duration, seq))
            }
            Err(reason) => {
                let outcome = Outcome::Failed {
                    reason: reason.clone(),
                };
                open.end(outcome, None);
                Err(NoAnswer { reason, seq })
            }
        }
    }

    /// How the journal names the far end of a request: the shop, a named address of the stage, or the host.
    fn name_of(&self, url: &Url) -> String {
        let is_same = |other: &Url| {
            other.host_str() == url.host_str()
                && other.port_or_known_default() == url.port_or_known_default()
        };
        if is_same(&self.world.shop) {
            return "shop".to_owned();
        }
        let stage = self.world.stage.as_object();
        let named = stage.into_iter().flatten().find(|(_, address)| {
            let address = address.get("url").and_then(serde_json::Value::as_str);
            address
                .and_then(|address| Url::parse(address).ok())
                .is_some_and(|address| is_same(&address))
        });
        named.map_or_else(
            || url.host_str().unwrap_or("elsewhere").to_owned(),
            |(name, _)| name.clone(),
        )
    }
}

/// An exchange under way; ended as cancelled when it is dropped.
struct OpenExchange {
    journal: Journal,
    clock: Clock,
    exchange: Arc<Exchange>,
    began: Instant,
}

impl OpenExchange {
    fn begin(journal: &Journal, clock: &Clock, draft: ExchangeDraft) -> Self {
        Self {
            journal: journal.clone(),
            clock: clock.clone(),
            exchange: journal.begin(draft),
            began: clock.instant(),
        }
    }

    fn end(self, outcome: Outcome, response: Option<Response>) -> Duration {
        let duration = self.clock.since(self.began);
        self.journal.end(
            &self.exchange,
            Ending {
                outcome,
                response,
                duration,
                attributes: Attributes::new(),
            },
        );
        duration
    }
}

impl Drop for OpenExchange {
    fn drop(&mut self) {
        if self.exchange.outcome().is_none() {
            let ending = Ending {
                outcome: Outcome::Failed {
                    reason: "cancelled by the test before an answer came".to_owned(),
                },
                response: None,
                duration: self.clock.since(self.began),
                attributes: Attributes::new(),
            };
            self.journal.end(&self.exchange, ending);
        }
    }
}

fn recorded(request: &Prepared) -> Request {
    let url = &request.url;
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    Request::new(
        request.method.clone(),
        // A parsed URL's path and query are always a valid target.
        Uri::try_from(target).unwrap_or_else(|_| Uri::from_static("/")),
        Headers::from(&request.headers),
        request.body.clone(),
    )
}

/// The next request of a chain (RFC 9110, section 15.4): 307 and 308 repeat it, the others become a `GET`.
fn redirected(request: &Prepared, answer: &Answer) -> Option<Prepared> {
    let repeats = match answer.status.as_u16() {
        301..=303 => false,
        307 | 308 => true,
        _ => return None,
    };
    let target = answer.headers.get(header::LOCATION)?.to_str().ok()?;
    let url = request.url.join(target).ok()?;
    let mut next = request.clone();
    next.headers.remove(header::COOKIE);
    next.headers.remove("traceparent");
    if url.host_str() != request.url.host_str() || url.port() != request.url.port() {
        next.headers.remove(header::AUTHORIZATION);
    }
    if !repeats && request.method != Method::HEAD {
        next.method = Method::GET;
        next.body = Bytes::new();
        next.headers.remove(header::CONTENT_TYPE);
    }
    next.url = url;
    Some(next)
}

/// The cause at the bottom of a client's error, which is the part that tells something.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    let mut text = error.to_string();
    while let Some(inner) = cause.source() {
        text = inner.to_string();
        cause = inner;
    }
    if error.source().is_none() {
        return text;
    }
    match text.split_once(" (os error") {
        Some((plain, _)) => plain.to_lowercase(),
        None => text,
    }
}
