//! A mock server for `bench/mock.sh`: `static_answer [EXPECTATIONS] [literal|pattern]`.
//!
//! Prints its port, then serves until it is killed. The expectation that answers `/api/v1/payments/last` comes last;
//! the journal records every exchange.

use std::error::Error;
use std::io::Write;

use serde_json::{Value, json};
use styk_mock::MockServer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().map_or(Ok(1), |count| count.parse())?;
    let are_patterns = arguments.next().as_deref() == Some("pattern");
    let others = (1..count).map(|n| {
        let path = if are_patterns {
            format!("/api/v1/payments/{n}/[a-z]+")
        } else {
            format!("/api/v1/payments/{n}")
        };
        expectation(&path, "new")
    });
    let last = expectation("/api/v1/payments/last", "paid");
    let server = MockServer::builder("payment").start().await?;
    server.expect(Value::Array(others.chain([last]).collect()))?;
    writeln!(std::io::stdout(), "{}", server.port())?;
    server.stopped().await;
    Ok(())
}

fn expectation(path: &str, status: &str) -> Value {
    json!({
        "httpRequest": { "method": "GET", "path": path },
        "httpResponse": { "body": { "status": status } },
    })
}
