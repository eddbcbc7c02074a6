//! A tiny shop, and stages around it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use styk_core::{Clock, Seed};
use styk_stage::{MockAddress, MockSpec, ReadySpec, ShopSpec, StageContext, StageSpec};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

/// A server that ends when it is dropped.
#[derive(Debug)]
pub(crate) struct TinyShop {
    pub(crate) address: SocketAddr,
    /// How often its health was asked.
    pub(crate) asked: Arc<AtomicU32>,
    task: JoinHandle<()>,
}

impl TinyShop {
    /// A shop whose health answer number n (from 1) is `health(n)`.
    pub(crate) async fn start(
        health: impl Fn(u32) -> (u16, &'static str) + Clone + Send + Sync + 'static,
    ) -> Self {
        let asked = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&asked);
        let handler = move || {
            let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
            let (status, body) = health(number);
            let status = StatusCode::from_u16(status).expect("a status");
            async move { (status, body) }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().route("/health/", get(handler));
        let task = tokio::spawn(async move {
            axum::serve(listener, router)
                .await
                .expect("the server runs");
        });
        Self {
            address,
            asked,
            task,
        }
    }

    pub(crate) async fn ready() -> Self {
        Self::start(|_| (200, r#"{"database":true,"worker":true}"#)).await
    }

    pub(crate) fn url(&self) -> Url {
        url_of(self.address.port())
    }

    /// Waits until the health was asked `count` times.
    pub(crate) async fn asked_times(&self, count: u32) {
        let enough = async {
            while self.asked.load(Ordering::SeqCst) < count {
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(10), enough).await;
        waited.expect("the shop is asked");
    }

    pub(crate) fn kill(&self) {
        self.task.abort();
    }
}

impl Drop for TinyShop {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) fn url_of(port: u16) -> Url {
    format!("http://127.0.0.1:{port}").parse().expect("a URL")
}

pub(crate) fn context() -> StageContext {
    StageContext {
        clock: Clock::system(),
        seed: Seed::new(1),
        launcher: None,
    }
}

pub(crate) fn attached(base: Url, limit: Duration, mocks: Vec<MockSpec>) -> StageSpec {
    StageSpec {
        shop: ShopSpec::Attached { base },
        mocks,
        fakes: Vec::new(),
        ready: ReadySpec {
            limit,
            ..ReadySpec::default()
        },
    }
}

pub(crate) fn mock(name: &str, address: MockAddress) -> MockSpec {
    MockSpec {
        name: name.to_owned(),
        address,
        variables: Vec::new(),
        expectations: Vec::new(),
    }
}

/// A port that was free a moment ago.
pub(crate) async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("an address").port()
}

pub(crate) async fn is_open(port: u16) -> bool {
    tokio::net::TcpStream::connect(("127.0.0.1", port))
        .await
        .is_ok()
}
