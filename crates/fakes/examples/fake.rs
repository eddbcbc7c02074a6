//! Starts one fake and keeps it: `cargo run -p styk-fakes --example fake -- stripe 12111`. Prints its address.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};

use styk_fakes::{Fake, FakeOptions, providers};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "stripe".to_owned());
    let port = arguments.next().map_or(Ok(0), |port| port.parse())?;
    let kind = providers().iter().find(|kind| kind.name == name);
    let kind = kind.ok_or_else(|| {
        let known: Vec<_> = providers().iter().map(|kind| kind.name).collect();
        format!("there is no fake `{name}`; there are: {}", known.join(", "))
    })?;
    let options = FakeOptions {
        bind: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port),
        ..FakeOptions::default()
    };
    let fake = Fake::start(*kind, options).await?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", fake.url())?;
    for variable in fake.variables() {
        writeln!(out, "{}={}", variable.name, variable.value)?;
    }
    out.flush()?;
    std::future::pending().await
}
