//! The figures of the fakes, as ratios in one run: `bash bench/run payments` (docs/benchmarks.md).

use std::convert::Infallible;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use http_body_util::{BodyExt as _, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest::Client;
use serde_json::Value;
use styk_core::{Journal, JournalLimits};
use styk_fakes::{Fake, FakeOptions, payments, providers};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Buyers side by side.
const BUYERS: usize = 16;
const TURN: Duration = Duration::from_secs(3);
const TURNS: usize = 3;
const FEW: usize = 100;
const MANY: usize = 10_000;

fn main() -> Result<(), Failure> {
    let threads = Builder::new_multi_thread().enable_all().build()?;
    threads.block_on(starts())?;
    // One thread, so that what is measured is the work and not how threads wake each other. Before the run for speed,
    // whose freed memory would be used again.
    let thread = Builder::new_current_thread().enable_all().build()?;
    thread.block_on(growth())?;
    threads.block_on(speed())
}

fn say(text: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}

/// All fakes up and answering, and down.
async fn starts() -> Result<(), Failure> {
    let mut ups = Vec::new();
    for _ in 0..30 {
        let begun = Instant::now();
        let mut fakes = Vec::new();
        for kind in providers() {
            fakes.push(Fake::start(*kind, FakeOptions::default()).await?);
        }
        ups.push(begun.elapsed());
        join_all(fakes.into_iter().map(Fake::stop)).await;
    }
    ups.sort();
    let (median, slowest) = (ups[ups.len() / 2], ups[ups.len() - 1]);
    say(&format!(
        "a set of fakes for one stage: {median:.2?} median, {slowest:.2?} slowest (limit 5 ms)"
    ))
}

/// Create, confirm and retrieve, against a bare server that answers bodies of the same size.
async fn speed() -> Result<(), Failure> {
    let fake = Fake::start(payments::stripe::KIND, FakeOptions::default()).await?;
    let stripe = fake.url().as_str().trim_end_matches('/').to_owned();
    let client = client()?;
    let body = create(&client, &stripe).await?.1;
    let bare = bare(body).await?;
    let mut ratios = Vec::new();
    for _ in 0..TURNS {
        let (peer, own) = (rate(&client, &bare).await?, rate(&client, &stripe).await?);
        ratios.push((own / peer, own, peer));
    }
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (ratio, own, peer) = ratios[TURNS / 2];
    say(&format!(
        "create + confirm + retrieve: {own:.0} requests/s, bare hyper {peer:.0}: {ratio:.2} (at least 0.60)"
    ))
}

fn client() -> Result<Client, Failure> {
    Ok(Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(BUYERS)
        .build()?)
}

async fn create(client: &Client, base: &str) -> Result<(String, Bytes), Failure> {
    let request = client
        .post(format!("{base}/v1/payment_intents"))
        .bearer_auth("sk_test_bench");
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    let form = "amount=1999&currency=usd&payment_method_types[]=card&payment_method=pm_card_visa&metadata[order_id]=A-1";
    let body = request.body(form).send().await?.bytes().await?;
    Ok((id_of(&body), body))
}

/// The first `"id"` of a body, without reading all of it: the client is not what is measured.
fn id_of(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let at = text.find("\"id\":\"").map_or(0, |at| at + 6);
    let rest = text.get(at..).unwrap_or_default();
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// Requests a second of buyers who create, confirm and look.
async fn rate(client: &Client, base: &str) -> Result<f64, Failure> {
    let begun = Instant::now();
    let buyers = (0..BUYERS).map(|_| buyer(client.clone(), base.to_owned(), begun));
    let counts = join_all(buyers.map(tokio::spawn)).await;
    let mut requests = 0;
    for count in counts {
        requests += count??;
    }
    Ok(f64::from(requests) / begun.elapsed().as_secs_f64())
}

async fn buyer(client: Client, base: String, begun: Instant) -> Result<u32, Failure> {
    let mut requests = 0;
    while begun.elapsed() < TURN {
        let (id, _) = create(&client, &base).await?;
        let confirm = client.post(format!("{base}/v1/payment_intents/{id}/confirm"));
        confirm
            .bearer_auth("sk_test_bench")
            .send()
            .await?
            .bytes()
            .await?;
        let look = client.get(format!("{base}/v1/payment_intents/{id}"));
        look.bearer_auth("sk_test_bench")
            .send()
            .await?
            .bytes()
            .await?;
        requests += 3;
    }
    Ok(requests)
}

/// A server that reads a request and answers always the same.
async fn bare(body: Bytes) -> Result<String, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let body = body.clone();
            tokio::spawn(async move {
                if stream.set_nodelay(true).is_err() {
                    return;
                }
                let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                    let body = body.clone();
                    async move {
                        // A failed read ends the connection; the count of requests shows it.
                        let _read = request.into_body().collect().await;
                        let mut answer = http::Response::new(Full::new(body));
                        let json = http::HeaderValue::from_static("application/json");
                        answer.headers_mut().insert("content-type", json);
                        Ok::<_, Infallible>(answer)
                    }
                });
                let served = hyper::server::conn::http1::Builder::new();
                let _ended = served.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok(format!("http://{address}"))
}

/// List, search and retrieve in an account with few payments and in one with many, turn about; and what a payment weighs.
async fn growth() -> Result<(), Failure> {
    let client = client()?;
    let few = Shop::open().await?;
    let few_id = few.fill(&client, FEW).await?;
    let many = Shop::open().await?;
    many.fill(&client, FEW).await?;
    let before = resident()?;
    let many_id = many.fill(&client, MANY).await?;
    let each = resident()?.saturating_sub(before) / MANY;
    for (name, path) in [
        ("list", "payment_intents?limit=10"),
        (
            "search",
            "payment_intents/search?query=metadata%5B%27order_id%27%5D%3A%27A-50%27",
        ),
        ("retrieve", "payment_intents/{id}"),
    ] {
        let (few_path, many_path) = (
            path.replace("{id}", &few_id),
            path.replace("{id}", &many_id),
        );
        let (mut with_few, mut with_many) = (Vec::new(), Vec::new());
        for _ in 0..1_000 {
            with_few.push(few.read(&client, &few_path).await?);
            with_many.push(many.read(&client, &many_path).await?);
        }
        with_few.sort();
        with_many.sort();
        let (few, many) = (with_few[500], with_many[500]);
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        say(&format!(
            "{name} with {MANY} payments against {FEW}: {ratio:.2} (at most 1.20; {many:.0?} against {few:.0?})"
        ))?;
    }
    say(&format!(
        "memory of a payment with its charge, events and keys: {each} bytes (at most 4096)"
    ))
}

/// A fake whose account is filled.
struct Shop {
    fake: Fake,
}

impl Shop {
    /// The journal is bounded by itself; here it is kept small, so that memory is the payments'.
    async fn open() -> Result<Self, Failure> {
        let options = FakeOptions {
            journal: Journal::new(JournalLimits {
                exchanges_max: 100,
                bytes_max: 1 << 20,
            }),
            ..FakeOptions::default()
        };
        let fake = Fake::start(payments::stripe::KIND, options).await?;
        Ok(Self { fake })
    }

    fn base(&self) -> &str {
        self.fake.url().as_str().trim_end_matches('/')
    }

    /// Makes so many payments; gives the last one's id.
    async fn fill(&self, client: &Client, count: usize) -> Result<String, Failure> {
        let mut last = String::new();
        for at in 0..count {
            last = paid(client, self.base(), at, count).await?;
        }
        Ok(last)
    }

    /// How long a read takes.
    async fn read(&self, client: &Client, path: &str) -> Result<Duration, Failure> {
        let request = client
            .get(format!("{}/v1/{path}", self.base()))
            .bearer_auth("sk_test_bench");
        let begun = Instant::now();
        let answer = request.send().await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        if !status.is_success() {
            return Err(String::from_utf8_lossy(&body).into_owned().into());
        }
        Ok(begun.elapsed())
    }
}

async fn paid(client: &Client, base: &str, at: usize, of: usize) -> Result<String, Failure> {
    let form = format!(
        "amount=1999&currency=usd&payment_method_types[]=card&payment_method=pm_card_visa&confirm=true&metadata[order_id]=A-{at}"
    );
    let request = client
        .post(format!("{base}/v1/payment_intents"))
        .bearer_auth("sk_test_bench");
    let request = request.header("Idempotency-Key", format!("key-{at}-of-{of}"));
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    let body: Value = request.body(form).send().await?.json().await?;
    let id = body["id"].as_str().ok_or("the payment has no id")?;
    Ok(id.to_owned())
}

/// Memory in use, in bytes.
fn resident() -> Result<usize, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line
        .and_then(|line| line.split_whitespace().nth(1))
        .ok_or("no VmRSS")?;
    Ok(kilobytes.parse::<usize>()? * 1024)
}
