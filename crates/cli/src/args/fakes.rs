//! The command lines of `styk fakes` and `styk env`.

use std::net::IpAddr;

use clap::Args;
use styk_core::Seed;

/// `styk fakes`
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  styk fakes                                 all of them, each on its own port
  styk fakes stripe --port 12111             one
  styk fakes stripe --webhooks http://127.0.0.1:8000/api/webhooks/stripe/
  styk env --dotenv > .env                   in a second terminal: what the shop has to be told

Any test credentials work: those seen first open an account. Each fake has a page at /_styk/ and a control API
beside it, described at /_styk/openapi.json.")]
pub(crate) struct FakesArguments {
    /// Which providers [default: all]
    #[arg(value_name = "PROVIDER")]
    pub(crate) providers: Vec<String>,

    /// The port; several fakes take the ports that follow; 0 takes free ones [default: each its own]
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,

    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) host: IpAddr,

    /// Where webhooks go; with several fakes `{provider}` in it is the fake's name
    #[arg(long, value_name = "URL")]
    pub(crate) webhooks: Option<String>,

    /// Pauses between the tries of a webhook: `short` (1, 2, 4 … s) or the provider's own
    #[arg(long, value_name = "PAUSES", default_value = "short", value_parser = ["short", "real"])]
    pub(crate) retries: String,

    /// What ids and secrets are made from: the same seed gives the same again
    #[arg(long, value_name = "SEED", default_value = "0")]
    pub(crate) seed: Seed,

    /// One JSON object instead of the table
    #[arg(long)]
    pub(crate) json: bool,
}

/// `styk env`
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  eval \"$(styk env)\"                 variables of all running fakes into this shell
  styk env --dotenv > .env           for tools that read such a file
  styk env --at http://127.0.0.1:9000 --json")]
pub(crate) struct EnvArguments {
    /// Only these providers [default: all that run at their usual ports]
    #[arg(value_name = "PROVIDER")]
    pub(crate) providers: Vec<String>,

    /// Fakes that run elsewhere, by their addresses
    #[arg(long, value_name = "URL", conflicts_with = "providers")]
    pub(crate) at: Vec<url::Url>,

    /// `export NAME='value'` lines for a shell; this is the default
    #[arg(long, group = "format")]
    pub(crate) shell: bool,

    /// `NAME=value` lines for a .env file
    #[arg(long, group = "format")]
    pub(crate) dotenv: bool,

    /// One JSON object
    #[arg(long, group = "format")]
    pub(crate) json: bool,
}
