//! A small shop on a free port: accounts, products, orders, and some ill-behaved pages.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use url::Url;

/// The shop, standing; it ends when it is dropped.
pub(super) struct Shop {
    pub(super) url: Url,
    state: Arc<Shelves>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct Shelves {
    users: Mutex<HashMap<String, String>>,
    stock: Mutex<i64>,
    log: Mutex<Vec<String>>,
    counts: Mutex<HashMap<String, u64>>,
    /// Addresses of the outside world, by name.
    outside: HashMap<String, String>,
    client: reqwest::Client,
}

type Shared = State<Arc<Shelves>>;

impl Shop {
    pub(super) async fn start(outside: HashMap<String, String>) -> Self {
        let state = Arc::new(Shelves {
            outside,
            ..Shelves::default()
        });
        let routes = Router::new()
            .route("/api/auth/register", post(register))
            .route("/api/me", get(me))
            .route("/api/stock/{count}", post(set_stock))
            .route("/api/orders", post(order))
            .route("/api/orders/{id}", get(read_order))
            .route("/api/call/{mock}", post(call_out))
            .route("/log/{word}", any(write_log))
            .route("/slow", any(slow))
            .route("/flaky", get(flaky))
            .route(
                "/redirect",
                any(|| async { Redirect::to("/echo?from=redirect") }),
            )
            .route("/loop", any(|| async { Redirect::to("/loop") }))
            .route("/big", get(|| async { vec![b'x'; 11 << 20] }))
            .route("/text", get(|| async { "Order no. 17 is new" }))
            .route("/json-as-text", get(|| async { r#"{"id": 17}"# }))
            .route("/fail", any(fail))
            .route("/echo", any(echo))
            .with_state(Arc::clone(&state));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let server = tokio::spawn(async move {
            axum::serve(listener, routes)
                .await
                .expect("serves to the end");
        });
        Self {
            url: Url::parse(&format!("http://{address}")).expect("an address"),
            state,
            server,
        }
    }

    /// The words that were written to its log, in order.
    pub(super) fn log(&self) -> Vec<String> {
        self.state.log.lock().expect("no panic").clone()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn register(State(shop): Shared, Json(body): Json<Value>) -> Response {
    let email = body["email"].as_str().unwrap_or_default().to_owned();
    if email.is_empty() {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "no_email"}))).into_response();
    }
    let mut users = shop.users.lock().expect("no panic");
    let token = format!("token-{}", users.len() + 1);
    users.insert(token.clone(), email);
    let cookie = format!("sid={token}; Path=/; HttpOnly");
    let body = json!({"id": users.len(), "access_token": token});
    (
        StatusCode::CREATED,
        [(header::SET_COOKIE, cookie)],
        Json(body),
    )
        .into_response()
}

async fn me(State(shop): Shared, headers: HeaderMap) -> Response {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION).and_then(|text| text.strip_prefix("Bearer "));
    let cookie = text(header::COOKIE).and_then(|text| text.strip_prefix("sid="));
    let users = shop.users.lock().expect("no panic");
    match bearer.or(cookie).and_then(|token| users.get(token)) {
        Some(email) => Json(json!({"email": email})).into_response(),
        None => (
            StatusCode::UNAUTHORIZED,
            Json(json!({"error": "who_are_you"})),
        )
            .into_response(),
    }
}

async fn set_stock(State(shop): Shared, Path(count): Path<i64>) {
    *shop.stock.lock().expect("no panic") = count;
}

async fn order(State(shop): Shared, Json(body): Json<Value>) -> Response {
    let mut stock = shop.stock.lock().expect("no panic");
    if *stock < 1 {
        let body = json!({"error": "out_of_stock", "product_id": 17, "token": "t-secret"});
        return (StatusCode::CONFLICT, Json(body)).into_response();
    }
    *stock -= 1;
    let body = json!({
        "id": 17, "status": "new", "total": 2940, "items": body["items"],
        "created_at": "2026-01-31T10:00:00Z",
    });
    (StatusCode::CREATED, Json(body)).into_response()
}

/// `GET /api/orders/a?new=2&paid=3`: new at the first two questions, paid at the next three, then confirmed.
async fn read_order(
    State(shop): Shared,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Json<Value> {
    let count = shop.count(&id);
    let mut left = count;
    for pair in query.unwrap_or_default().split('&') {
        let (word, times) = pair.split_once('=').unwrap_or((pair, "0"));
        let times: u64 = times.parse().unwrap_or(u64::MAX);
        if left <= times {
            return Json(json!({"id": id, "status": word}));
        }
        left -= times;
    }
    Json(json!({"id": id, "status": "confirmed"}))
}

/// Calls a mock so many times, at once or in the background, with the trace it came with.
async fn call_out(
    State(shop): Shared,
    Path(mock): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let Some(url) = shop.outside.get(&mock).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let times = body["times"].as_u64().unwrap_or(1);
    let path = body["path"].as_str().unwrap_or("/send").to_owned();
    let payload = body["payload"].clone();
    let trace = headers.get("traceparent").cloned();
    let calls = async move {
        let mut last = StatusCode::OK;
        for number in 0..times {
            let mut request = shop.client.post(format!("{url}{path}"));
            if let Some(trace) = &trace {
                request = request.header("traceparent", trace);
            }
            if let Some(key) = body["key"].as_str() {
                request = request.header("idempotency-key", key);
            }
            let mut payload = payload.clone();
            if body["numbered"] == true {
                payload["number"] = number.into();
            }
            last = match request.json(&payload).send().await {
                Ok(answer) => answer.status(),
                Err(_) => StatusCode::BAD_GATEWAY,
            };
        }
        last
    };
    if body_says_background(&headers) {
        tokio::spawn(calls);
        return StatusCode::ACCEPTED.into_response();
    }
    let status = calls.await;
    Json(json!({"answered": status.as_u16()})).into_response()
}

fn body_says_background(headers: &HeaderMap) -> bool {
    headers.contains_key("x-background")
}

async fn write_log(State(shop): Shared, Path(word): Path<String>) {
    shop.log.lock().expect("no panic").push(word);
}

async fn slow() {
    std::future::pending::<()>().await;
}

async fn flaky(State(shop): Shared) -> Response {
    match shop.count("flaky") {
        1 | 2 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        _ => Json(json!({"status": "well"})).into_response(),
    }
}

async fn fail() -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, "Traceback: it broke").into_response()
}

async fn echo(
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: String,
) -> Json<Value> {
    let headers: HashMap<&str, &str> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("?")))
        .collect();
    Json(json!({
        "method": method.as_str(), "query": query, "headers": headers, "body": body,
    }))
}

impl Shelves {
    /// How often this was asked, this time included.
    fn count(&self, what: &str) -> u64 {
        let mut counts = self.counts.lock().expect("no panic");
        let count = counts.entry(what.to_owned()).or_default();
        *count += 1;
        *count
    }
}
