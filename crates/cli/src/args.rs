//! The command line.

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};
use styk_core::Seed;

mod fakes;
mod mock;

pub(crate) use fakes::{EnvArguments, FakesArguments};
pub(crate) use mock::{
    HealthArguments, LogFormat, MockArguments, MockCommand, RunArguments, ServerArguments,
    translated,
};

/// Tests how the parts of an online shop work together.
#[derive(Debug, Parser)]
#[command(
    name = "styk",
    version,
    max_term_width = 100,
    after_help = "Examples:
  styk init                            set up tests for a shop of your own
  styk check                           find every mistake in every file, start nothing
  styk test                            play all suites and write reports
  styk test --suite user_flows -j 4    one suite, four scenarios side by side
  styk test --filter refund --strict   what has `refund` in its id or title; nothing may be flaky
  styk fakes                           Stripe, YooKassa and CloudPayments on this machine
  styk matrix                          which joints the last run really crossed

Exit codes: 0 success, 1 below the threshold, 2 wrong usage or wrong files, 3 environment not ready,
4 interrupted, 5 own failure."
)]
pub(crate) struct Arguments {
    /// The project's styk.yaml; else it is looked for here and in the folders above
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<Utf8PathBuf>,

    /// No colours (also with NO_COLOR set)
    #[arg(long, global = true)]
    pub(crate) no_color: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play the suites and write reports
    Test(TestArguments),
    /// Check styk.yaml, the matrix and all scenarios; start nothing
    Check(CheckArguments),
    /// Show which edges and flows of the matrix the last run crossed
    Matrix(MatrixArguments),
    /// Write the files for testing a shop of your own
    Init(InitArguments),
    /// Run a mock server with MockServer's API
    Mock(Box<MockArguments>),
    /// Run imitations of payment providers
    Fakes(FakesArguments),
    /// Print what a shop has to be told to meet the fakes that run
    Env(EnvArguments),
    /// Run the reference shop
    Shop(ShopArguments),
    /// Tell more about the code of a message
    Explain(ExplainArguments),
    /// Print the JSON Schema of scenario files
    Schema,
}

/// `styk test`
#[derive(Args, Debug)]
#[command(
    after_help = "Selection: every option given has to fit; an option given several times fits by any of its values.
  styk test --suite user_flows --suite async_processes
  styk test --tag smoke
  styk test --filter 'suites/user_flows/*'

Repeating a run: the seed is printed at its beginning.
  styk test --seed 5577006791947779410

What styk itself does, on standard error:
  STYK_LOG=debug styk test

On a shop that runs already:
  APP_URL=http://127.0.0.1:8000 PAYMENT_MOCK_URL=http://127.0.0.1:1080 styk test --stage attached"
)]
pub(crate) struct TestArguments {
    /// Play only this category
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) suite: Vec<String>,

    /// Play only scenarios with this tag
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    pub(crate) tag: Vec<String>,

    /// Play only scenarios with this in their id or title; with `*`, a pattern for the whole of it
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Vec<String>,

    /// Scenarios side by side [default: number of cores on embedded stages, 1 on an attached one]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: Option<u16>,

    /// Play a scenario that did not pass up to N times more; a pass then counts as flaky
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=5))]
    pub(crate) retries: Option<u32>,

    /// Start nothing more after the first scenario that did not pass
    #[arg(long)]
    pub(crate) fail_fast: bool,

    /// Every scenario has to pass, at its first attempt
    #[arg(long)]
    pub(crate) strict: bool,

    /// Share of passed categories that makes the run a success, in percent [default: 80]
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) threshold: Option<f64>,

    /// Repeat the random choices of an earlier run
    #[arg(long, value_name = "SEED")]
    pub(crate) seed: Option<Seed>,

    /// The folder for reports [default: integration_reports]
    #[arg(long, value_name = "DIR")]
    pub(crate) reports: Option<Utf8PathBuf>,

    /// The stage, whatever styk.yaml says
    #[arg(long, value_name = "KIND")]
    pub(crate) stage: Option<StageKind>,

    /// Show only what did not pass, and the summary
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// `styk check`
#[derive(Args, Debug)]
pub(crate) struct CheckArguments {
    /// The stage, whatever styk.yaml says
    #[arg(long, value_name = "KIND")]
    pub(crate) stage: Option<StageKind>,
}

/// Where the shop comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StageKind {
    /// styk starts the reference shop, once for each scenario
    Embedded,
    /// The shop runs already
    Attached,
}

/// `styk matrix`
#[derive(Args, Debug)]
pub(crate) struct MatrixArguments {
    /// A run's folder, a report.json, or the folder of all runs [default: the last run]
    pub(crate) report: Option<Utf8PathBuf>,

    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `styk init`
#[derive(Args, Debug)]
pub(crate) struct InitArguments {
    /// The folder to write to
    #[arg(default_value = ".")]
    pub(crate) folder: Utf8PathBuf,
}

/// `styk shop`
#[derive(Args, Debug)]
#[command(
    after_help = "Everything else is set by variables of the environment: DATABASE_URL, PAYMENT_SERVICE_URL,
SHIPPING_SERVICE_URL, EMAIL_SERVICE_URL, …; see docs/shop.md.
  DATABASE_URL=sqlite://shop.db styk shop --profile integration --bind 127.0.0.1:8000"
)]
pub(crate) struct ShopArguments {
    /// How strict the shop is [default: SHOP_PROFILE, or production]
    #[arg(long, value_name = "PROFILE", value_parser = ["production", "integration"])]
    pub(crate) profile: Option<String>,

    /// Where to listen; port 0 takes a free one [default: BIND, or 127.0.0.1:8000]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) bind: Option<String>,
}

/// `styk explain`
#[derive(Args, Debug)]
pub(crate) struct ExplainArguments {
    /// The code, such as E0204
    pub(crate) code: String,
}

fn percent(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|error| format!("{error}"))?;
    if (0.0..=100.0).contains(&number) {
        Ok(number)
    } else {
        Err("a percentage lies between 0 and 100".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
