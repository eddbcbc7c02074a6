//! Throw-away projects, and shops that do what a test needs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{any, get};
use camino::{Utf8Path, Utf8PathBuf};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, pending};
use styk_core::{CategoryResult, Clock, Diagnostic, RunEvent, Secrets, Seed, Status};
use styk_run::{LoadSettings, Project, RunOptions, RunOutcome, RunSurroundings, run};
use styk_scenario::Interrupt;
use styk_stage::{LaunchError, LaunchRequest, RunningShop, ShopLauncher};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use url::Url;

/// A folder with a project in it.
#[derive(Debug)]
pub(crate) struct Folder {
    folder: TempDir,
}

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let made = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        for (name, text) in files {
            made.write(name, text);
        }
        made
    }

    pub(crate) fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).expect("UTF-8")
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    pub(crate) fn load(&self) -> Result<Project, Vec<Diagnostic>> {
        let settings = LoadSettings {
            variable: &|_| None,
            stage: None,
        };
        Project::load(&self.path().join("styk.yaml"), &settings)
    }

    pub(crate) fn options(&self) -> RunOptions {
        RunOptions {
            reports: self.reports(),
            ..RunOptions::default()
        }
    }

    pub(crate) fn reports(&self) -> Utf8PathBuf {
        self.path().join("reports")
    }

    /// Plays the project, which must be sound.
    pub(crate) async fn play(&self, shops: &Arc<Shops>, options: RunOptions) -> Ended {
        self.play_until(shops, options, &Interrupt::new()).await
    }

    pub(crate) async fn play_until(
        &self,
        shops: &Arc<Shops>,
        options: RunOptions,
        interrupt: &Interrupt,
    ) -> Ended {
        let project = self.load().unwrap_or_else(|errors| {
            let told: Vec<_> = errors.iter().map(Diagnostic::render).collect();
            panic!("a sound project, got:\n{}", told.join("\n"));
        });
        let surroundings = RunSurroundings {
            clock: Clock::system(),
            seed: Seed::new(7),
            version: "0.0.0".to_owned(),
            launcher: Some(Arc::clone(shops) as Arc<dyn ShopLauncher>),
            secrets: Secrets::default(),
            interrupt: interrupt.clone(),
        };
        let mut events: Vec<RunEvent> = Vec::new();
        let outcome = run(&project, options, surroundings, &mut events).await;
        Ended {
            outcome: outcome.expect("something to play"),
            events,
        }
    }
}

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) outcome: RunOutcome,
    pub(crate) events: Vec<RunEvent>,
}

impl Ended {
    pub(crate) fn category(&self, name: &str) -> &CategoryResult {
        let mut categories = self.outcome.result.categories.iter();
        let found = categories.find(|category| category.name == name);
        found.expect("the category")
    }

    /// Titles and verdicts of a category.
    pub(crate) fn verdicts(&self, category: &str) -> Vec<(&str, Status)> {
        let scenarios = self.category(category).scenarios.iter();
        scenarios
            .map(|result| (result.scenario.title.as_str(), result.status))
            .collect()
    }

    /// The messages of the errors of a category.
    pub(crate) fn errors(&self, category: &str) -> Vec<&str> {
        let errors = self.category(category).errors.iter();
        errors.map(|error| error.message.as_str()).collect()
    }
}

/// Starts shops whose paths behave:
///
/// * `/ok` answers 200, `/fail` 500, `/flaky/NAME` 500 the first time and 200 then (over all shops),
/// * `/meet` answers when two have come (over all shops), `/hold` is a room that counts its guests,
/// * `/never` never answers, `/said/TEXT` notes the text,
/// * `/pay` calls the payment service with the caller's trace context.
#[derive(Debug, Default)]
pub(crate) struct Shops {
    /// How many of the first shops do not start.
    pub(crate) broken: AtomicUsize,
    pub(crate) launched: AtomicUsize,
    /// Whether the launcher itself breaks.
    pub(crate) panics: AtomicBool,
    state: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    asked: Mutex<HashMap<String, usize>>,
    waiting: AtomicUsize,
    met: Notify,
    guests: AtomicUsize,
    guests_max: AtomicUsize,
    said: Mutex<Vec<String>>,
    never: Notify,
}

impl Shops {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// What was said under `/said/`.
    pub(crate) fn said(&self) -> Vec<String> {
        lock(&self.state.said).clone()
    }

    /// The most guests that were in `/hold` together.
    pub(crate) fn guests_max(&self) -> usize {
        self.state.guests_max.load(Ordering::SeqCst)
    }

    /// Waits until somebody asks for `/never`.
    pub(crate) async fn somebody_waits(&self) {
        let waiting = self.state.never.notified();
        let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
        waited.expect("somebody asks for what never comes");
    }

    /// A shop that nobody launched.
    pub(crate) async fn alone(&self) -> Url {
        let shop = start(Arc::clone(&self.state), None).await;
        let url = shop.url.clone();
        // It lives until the test's runtime ends.
        std::mem::drop(tokio::spawn(async move {
            let _shop = shop;
            pending::<()>().await;
        }));
        url
    }
}

impl ShopLauncher for Shops {
    fn launch(
        &self,
        request: LaunchRequest,
    ) -> BoxFuture<'_, Result<Box<dyn RunningShop>, LaunchError>> {
        let number = self.launched.fetch_add(1, Ordering::SeqCst);
        assert!(!self.panics.load(Ordering::SeqCst), "the launcher broke");
        let is_broken = number < self.broken.load(Ordering::SeqCst);
        let state = Arc::clone(&self.state);
        async move {
            if is_broken {
                return Err(LaunchError {
                    message: "no database".to_owned(),
                });
            }
            let payment = request.variables.get("PAYMENT_SERVICE_URL").cloned();
            Ok(Box::new(start(state, payment).await) as Box<dyn RunningShop>)
        }
        .boxed()
    }
}

#[derive(Debug)]
struct Shop {
    url: Url,
    task: JoinHandle<()>,
}

impl RunningShop for Shop {
    fn base_url(&self) -> Url {
        self.url.clone()
    }

    fn died(&self) -> BoxFuture<'_, String> {
        pending().boxed()
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, ()> {
        async move { drop(self) }.boxed()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn start(state: Arc<Shared>, payment: Option<String>) -> Shop {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let pay = move |headers: HeaderMap| async move {
        let client = reqwest::Client::new();
        let url = format!("{}/api/v1/payments", payment.unwrap_or_default());
        let mut request = client.post(url);
        if let Some(trace) = headers.get("traceparent") {
            request = request.header("traceparent", trace);
        }
        let answer = request.send().await.expect("an answer");
        StatusCode::from_u16(answer.status().as_u16()).expect("a status")
    };
    let router = Router::new()
        .route("/health/", get(async || r#"{"ok":true}"#))
        .route("/ok", any(async || "{}"))
        .route("/fail", any(async || StatusCode::INTERNAL_SERVER_ERROR))
        .route("/flaky/{name}", any(flaky))
        .route("/meet", any(meet))
        .route("/hold", any(hold))
        .route("/never", any(never))
        .route("/said/{text}", any(said))
        .route("/pay", any(pay))
        .with_state(state);
    let task = tokio::spawn(async move {
        axum::serve(listener, router)
            .await
            .expect("the server runs");
    });
    Shop {
        url: format!("http://{address}").parse().expect("a URL"),
        task,
    }
}

async fn flaky(State(state): State<Arc<Shared>>, Path(name): Path<String>) -> StatusCode {
    let mut asked = lock(&state.asked);
    let times = asked.entry(name).or_default();
    *times += 1;
    if *times == 1 {
        StatusCode::INTERNAL_SERVER_ERROR
    } else {
        StatusCode::OK
    }
}

async fn meet(State(state): State<Arc<Shared>>) -> StatusCode {
    let met = state.met.notified();
    if state.waiting.fetch_add(1, Ordering::SeqCst) % 2 == 1 {
        state.met.notify_waiters();
        return StatusCode::OK;
    }
    match tokio::time::timeout(Duration::from_secs(5), met).await {
        Ok(()) => StatusCode::OK,
        Err(_elapsed) => StatusCode::GATEWAY_TIMEOUT,
    }
}

async fn hold(State(state): State<Arc<Shared>>) -> StatusCode {
    let guests = state.guests.fetch_add(1, Ordering::SeqCst) + 1;
    state.guests_max.fetch_max(guests, Ordering::SeqCst);
    // Long enough for others to come in, if they may.
    tokio::time::sleep(Duration::from_millis(60)).await;
    state.guests.fetch_sub(1, Ordering::SeqCst);
    StatusCode::OK
}

async fn never(State(state): State<Arc<Shared>>) -> StatusCode {
    state.never.notify_one();
    pending().await
}

async fn said(State(state): State<Arc<Shared>>, Path(text): Path<String>) -> StatusCode {
    lock(&state.said).push(text);
    StatusCode::OK
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
