//! How long verifications take over 100,000 records, for `bench/mock.py`.

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use bytes::Bytes;
use http::Method;
use serde_json::json;
use styk_core::{Journal, JournalLimits};
use styk_mock::MockServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const RECORDS: usize = 100_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let journal = Journal::new(JournalLimits {
        exchanges_max: RECORDS,
        bytes_max: 1 << 30,
    });
    let server = MockServer::builder("payment")
        .journal(journal)
        .start()
        .await?;
    server.expect(json!({"httpResponse": {"statusCode": 202}}))?;
    record(&server).await?;
    let regex = json!({"type": "REGEX", "regex": ".*\"order\" ?: ?99999,.*"});
    let literal = verify(
        &server,
        &json!({"httpRequest": {"path": "/orders/777"}, "times": {"atLeast": 100}}),
    )
    .await?;
    let body = verify(
        &server,
        &json!({"httpRequest": {"body": regex}, "times": {"atLeast": 1}}),
    )
    .await?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "verify over {RECORDS} records: literal path {literal:.2} ms, regular expression on bodies {body:.1} ms"
    )?;
    Ok(())
}

/// Sends the requests over one connection.
async fn record(server: &MockServer) -> Result<(), Box<dyn Error>> {
    let mut stream = TcpStream::connect(server.address()).await?;
    let mut answers = vec![0; 64 << 10];
    for batch in 0..RECORDS / 100 {
        let mut requests = String::new();
        for n in 0..100 {
            let body =
                json!({"order": batch * 100 + n, "amount": "10.00", "currency": "RUB"}).to_string();
            let length = body.len();
            let path = format!("/orders/{}", n * 10 + 7 + (batch % 10) * 1000);
            requests.push_str(&format!(
                "{} {path} HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}",
                Method::POST
            ));
        }
        stream.write_all(&Bytes::from(requests)).await?;
        let mut answered = 0;
        while answered < 100 {
            let read = stream.read(&mut answers).await?;
            answered += answers[..read]
                .windows(9)
                .filter(|window| *window == b"HTTP/1.1 ")
                .count();
        }
    }
    Ok(())
}

/// The median time of a verification, in milliseconds, without the connection's.
async fn verify(
    server: &MockServer,
    verification: &serde_json::Value,
) -> Result<f64, Box<dyn Error>> {
    let body = verification.to_string();
    let mut stream = TcpStream::connect(server.address()).await?;
    let request = format!(
        "PUT /mockserver/verify HTTP/1.1\r\nhost: shop\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut times = Vec::new();
    let mut answer = vec![0; 64 << 10];
    for _ in 0..11 {
        let started = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        let read = stream.read(&mut answer).await?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        if !answer[..read].starts_with(b"HTTP/1.1 202") {
            return Err(
                format!("not verified: {}", String::from_utf8_lossy(&answer[..read])).into(),
            );
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}
