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

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Buyers side by side.
const BUYERS: usize = 16;
const TURN: Duration = Duration::from_secs(3);
const TURNS: usize = 3;
const FEW: usize = 100;
const MANY: usize = 10_000;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    starts().await?;
    speed().await?;
    growth().await?;
    Ok(())
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

/// List, search and retrieve with few and with many payments in one account, and what a payment weighs.
async fn growth() -> Result<(), Failure> {
    // The journal is bounded by itself; here it is kept small, so that memory is the payments'.
    let options = FakeOptions {
        journal: Journal::new(JournalLimits {
            exchanges_max: 100,
            bytes_max: 1 << 20,
        }),
        ..FakeOptions::default()
    };
    let fake = Fake::start(payments::stripe::KIND, options).await?;
    let base = fake.url().as_str().trim_end_matches('/').to_owned();
    let client = client()?;
    let mut last = String::new();
    for at in 0..FEW {
        last = paid(&client, &base, at).await?;
    }
    let few = reads(&client, &base, &last).await?;
    let before = resident()?;
    for at in FEW..MANY {
        last = paid(&client, &base, at).await?;
    }
    let after = resident()?;
    let many = reads(&client, &base, &last).await?;
    for ((name, few), (_, many)) in few.iter().zip(&many) {
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        say(&format!(
            "{name} with {MANY} payments against {FEW}: {ratio:.2} (at most 1.20; {many:.0?} against {few:.0?})"
        ))?;
    }
    let each = (after.saturating_sub(before)) / (MANY - FEW);
    say(&format!(
        "memory of a payment with its charge, events and keys: {each} bytes (at most 4096)"
    ))
}

async fn paid(client: &Client, base: &str, at: usize) -> Result<String, Failure> {
    let form = format!(
        "amount=1999&currency=usd&payment_method_types[]=card&payment_method=pm_card_visa&confirm=true&metadata[order_id]=A-{at}"
    );
    let request = client
        .post(format!("{base}/v1/payment_intents"))
        .bearer_auth("sk_test_bench");
    let request = request.header("Idempotency-Key", format!("key-{at}"));
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    let body: Value = request.body(form).send().await?.json().await?;
    let id = body["id"].as_str().ok_or("the payment has no id")?;
    Ok(id.to_owned())
}

/// The median time of each kind of read.
async fn reads(
    client: &Client,
    base: &str,
    id: &str,
) -> Result<Vec<(&'static str, Duration)>, Failure> {
    let search =
        "payment_intents/search?query=metadata%5B%27order_id%27%5D%3A%27A-50%27".to_owned();
    let mut medians = Vec::new();
    for (name, path) in [
        ("list", "payment_intents?limit=10".to_owned()),
        ("search", search),
        ("retrieve", format!("payment_intents/{id}")),
    ] {
        let mut times = Vec::new();
        for _ in 0..500 {
            let begun = Instant::now();
            let request = client
                .get(format!("{base}/v1/{path}"))
                .bearer_auth("sk_test_bench");
            let answer = request.send().await?;
            if !answer.status().is_success() {
                return Err(format!("{name}: {}", answer.text().await?).into());
            }
            answer.bytes().await?;
            times.push(begun.elapsed());
        }
        times.sort();
        medians.push((name, times[times.len() / 2]));
    }
    Ok(medians)
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
