//! How long one embedded stage takes to stand and to go: the reference shop with three mocks, ready to be played on.
//!
//! Prints the median and the slowest of a hundred stages, one after another, and ends with 1 when the median misses
//! its limit (50 ms up, 20 ms down).

#[path = "../src/launcher.rs"]
mod launcher;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use styk_core::{Clock, Seed};
use styk_stage::{
    MockAddress, MockSpec, ReadySpec, ShopSpec, Stage, StageContext, StageError, StageSpec,
};

const ROUNDS: u64 = 100;
const UP_MAX: Duration = Duration::from_millis(50);
const DOWN_MAX: Duration = Duration::from_millis(20);

#[tokio::main]
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark prints its figures"
)]
async fn main() -> ExitCode {
    let (ups, downs) = match rounds().await {
        Ok(times) => times,
        Err(error) => {
            eprintln!("{}", error.to_diagnostic().render());
            return ExitCode::FAILURE;
        }
    };
    let median = |times: &[Duration]| times.get(times.len() / 2).copied().unwrap_or_default();
    let slowest = |times: &[Duration]| times.last().copied().unwrap_or_default();
    println!("one embedded stage, {ROUNDS} times");
    println!(
        "  up:   {:.1?} median, {:.1?} slowest (limit {UP_MAX:?})",
        median(&ups),
        slowest(&ups)
    );
    println!(
        "  down: {:.1?} median, {:.1?} slowest (limit {DOWN_MAX:?})",
        median(&downs),
        slowest(&downs)
    );
    if median(&ups) <= UP_MAX && median(&downs) <= DOWN_MAX {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Times up and down, each sorted.
async fn rounds() -> Result<(Vec<Duration>, Vec<Duration>), StageError> {
    let clock = Clock::system();
    let (mut ups, mut downs) = (Vec::new(), Vec::new());
    for seed in 0..ROUNDS {
        let context = StageContext {
            clock: clock.clone(),
            seed: Seed::new(seed),
            launcher: Some(Arc::new(launcher::ReferenceShop)),
        };
        let begin = clock.instant();
        let stage = Stage::start(&spec(), context).await?;
        ups.push(clock.since(begin));
        let begin = clock.instant();
        stage.stop().await;
        downs.push(clock.since(begin));
    }
    ups.sort();
    downs.sort();
    Ok((ups, downs))
}

fn spec() -> StageSpec {
    StageSpec {
        shop: ShopSpec::Embedded {
            variables: BTreeMap::new(),
        },
        mocks: ["payment", "shipping", "email"]
            .map(|name| MockSpec {
                name: name.to_owned(),
                address: MockAddress::Free,
                variables: Vec::new(),
                expectations: Vec::new(),
            })
            .into(),
        fakes: Vec::new(),
        ready: ReadySpec::default(),
    }
}
