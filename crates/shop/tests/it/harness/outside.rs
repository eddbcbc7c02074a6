//! The outside world of one test: real HTTP services on free ports that answer as the test says and remember what
//! they were asked.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// What a service says to a call.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// An answer without Content-Type, as mock servers give it.
    Json(u16, Value),
    Text(u16, &'static str),
    /// The call is taken, and the connection ends without an answer.
    Lost,
    /// The call is taken, and nothing ever comes.
    Silence,
    /// 503 with this `Retry-After`, in seconds.
    Busy(u32),
    /// The answer waits for [`Service::let_go`].
    Held(u16, Value),
}

/// One call as it came.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// `null` when there is none.
    pub(crate) body: Value,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    pub(crate) fn key(&self) -> &str {
        self.header("idempotency-key")
    }
}

struct Rule {
    method: Method,
    /// A path, or the beginning of one with `*` at its end.
    path: String,
    reply: Reply,
    /// How often it is still given; `None` for ever.
    left: Option<usize>,
}

#[derive(Default)]
struct State {
    /// The last one that fits is taken.
    rules: Vec<Rule>,
    calls: Vec<Call>,
}

/// A service of the outside world. It ends with the value.
pub(crate) struct Service {
    url: String,
    state: Arc<Mutex<State>>,
    gate: Arc<Semaphore>,
    accepting: JoinHandle<()>,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State::default()));
        let gate = Arc::new(Semaphore::new(0));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state), Arc::clone(&gate)));
        Self {
            url,
            state,
            gate,
            accepting,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// From now on `call`, like `POST /api/v1/payments` or `GET /api/v1/payments/*`, gets this reply.
    pub(crate) fn reply(&self, call: &str, reply: Reply) {
        self.add(call, reply, None);
    }

    /// The next `times` such calls get this reply, then the one before counts again.
    pub(crate) fn reply_times(&self, times: usize, call: &str, reply: Reply) {
        self.add(call, reply, Some(times));
    }

    /// Lets the held answers go, and those to come.
    pub(crate) fn let_go(&self) {
        self.gate.add_permits(1_000);
    }

    fn add(&self, call: &str, reply: Reply, left: Option<usize>) {
        let (method, path) = call.split_once(' ').expect("METHOD /path");
        let method = method.parse().expect("a method");
        self.lock().rules.push(Rule {
            method,
            path: path.to_owned(),
            reply,
            left,
        });
    }

    /// The calls so far that fit.
    pub(crate) fn calls(&self, call: &str) -> Vec<Call> {
        let (method, path) = call.split_once(' ').expect("METHOD /path");
        let fits = |call: &&Call| call.method.as_str() == method && path_fits(path, &call.path);
        self.lock().calls.iter().filter(fits).cloned().collect()
    }

    /// The different idempotency keys of these calls.
    pub(crate) fn keys(&self, call: &str) -> Vec<String> {
        let mut keys: Vec<String> = self
            .calls(call)
            .iter()
            .map(|call| call.key().to_owned())
            .collect();
        keys.sort();
        keys.dedup();
        keys
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn path_fits(pattern: &str, path: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == path, |start| path.starts_with(start))
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>, gate: Arc<Semaphore>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (state, gate) = (Arc::clone(&state), Arc::clone(&gate));
        tokio::spawn(async move {
            let service =
                service_fn(move |request| answer(Arc::clone(&state), Arc::clone(&gate), request));
            // A lost answer ends the connection with an error; that is what it is for.
            let _ended = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// The connection is to end here.
#[derive(Debug, thiserror::Error)]
#[error("lost")]
struct Lost;

async fn answer(
    state: Arc<Mutex<State>>,
    gate: Arc<Semaphore>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Lost> {
    let (parts, body) = request.into_parts();
    let text = body.collect().await.map_err(|_| Lost)?.to_bytes();
    let text = String::from_utf8_lossy(&text).into_owned();
    let body = serde_json::from_str(&text).unwrap_or_default();
    let call = Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        text,
        body,
    };
    let reply = choose(&state, call);
    let wait = match reply {
        Reply::Busy(seconds) => Some(seconds),
        _ => None,
    };
    let (status, body) = match reply {
        Reply::Busy(_) => (503, String::new()),
        Reply::Held(status, body) => {
            let _passed = gate.acquire().await.map_err(|_| Lost)?;
            (status, body.to_string())
        }
        Reply::Json(status, body) => (status, body.to_string()),
        Reply::Text(status, body) => (status, body.to_owned()),
        Reply::Lost => return Err(Lost),
        Reply::Silence => std::future::pending::<(u16, String)>().await,
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    if let Some(seconds) = wait {
        response.headers_mut().insert("retry-after", seconds.into());
    }
    Ok(response)
}

fn choose(state: &Mutex<State>, call: Call) -> Reply {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let fits = |rule: &&mut Rule| {
        rule.method == call.method && path_fits(&rule.path, &call.path) && rule.left != Some(0)
    };
    let reply = match state.rules.iter_mut().rev().find(fits) {
        Some(rule) => {
            rule.left = rule.left.map(|left| left - 1);
            rule.reply.clone()
        }
        None => Reply::Text(404, ""),
    };
    state.calls.push(call);
    reply
}
