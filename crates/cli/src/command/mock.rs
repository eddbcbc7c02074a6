//! `styk mock`: one mock server, until it is stopped.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use styk_core::Diagnostic;
use styk_mock::{Journal, JournalLimits, LogLevel, MockServer, Settings};
use tracing::Level;

use crate::args::{LogFormat, MockArguments, MockCommand, RunArguments, ServerArguments};
use crate::exit::Exit;
use crate::output::say;
use crate::signals::Signals;
use crate::trouble::Trouble;

mod health;
mod settings;

pub(crate) async fn mock(arguments: MockArguments, colour: bool) -> Result<Exit, Trouble> {
    let run = match arguments.command {
        None => arguments.run,
        Some(MockCommand::Run(run)) => *run,
        Some(MockCommand::Proxy {
            to,
            validation,
            server,
        }) => RunArguments {
            proxy_to: Some(to),
            validation,
            server,
            ..RunArguments::default()
        },
        Some(MockCommand::Openapi { spec, server }) => RunArguments {
            openapi: Some(spec),
            server,
            ..RunArguments::default()
        },
        Some(MockCommand::Health(health)) => return health::health(&health).await,
        Some(MockCommand::Version) => {
            say(concat!(
                "styk ",
                env!("CARGO_PKG_VERSION"),
                ", with the API of MockServer 8.0.0"
            ))?;
            return Ok(Exit::OK);
        }
        Some(MockCommand::Ui(_)) => return Err(absent("ui")),
        Some(MockCommand::Import(_)) => return Err(absent("import")),
        Some(MockCommand::Demo(_)) => return Err(absent("demo")),
    };
    let settings = settings::of(&run, colour)?;
    serve(settings, &run.server).await
}

/// A command of MockServer that is not there.
fn absent(command: &str) -> Trouble {
    let message = format!("MockServer's command `{command}` is not in styk");
    Diagnostic::error(message)
        .help("`styk mock --init FILE` starts with expectations; `styk mock --help` lists what there is")
        .into()
}

async fn serve(settings: Settings, arguments: &ServerArguments) -> Result<Exit, Trouble> {
    let mut signals = Signals::listen()?;
    log_to_stderr(&settings, arguments.log_format);
    let shows_setup = settings.proxy_setup;
    let server = start(settings).await?;
    // Waiting tools look for this line; nothing else may come before it on standard output.
    say(&server.start_line())?;
    if shows_setup {
        let setup = server.proxy_setup();
        say(&setup.map_err(|error| Trouble::not_ready(Diagnostic::error(error.to_string())))?)?;
    }
    tokio::select! {
        () = signals.next() => {}
        // A client asked for it: `PUT /mockserver/stop`.
        () = server.stopped() => {}
    }
    server.stop().await;
    Ok(Exit::OK)
}

/// Starts the server that the settings describe.
async fn start(settings: Settings) -> Result<MockServer, Trouble> {
    let mut builder = MockServer::builder("mock")
        .host(settings.local_bound_ip.clone())
        .ports(settings.server_port.0.clone());
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    builder = builder.journal(Journal::new(JournalLimits {
        exchanges_max: size(settings.max_log_entries),
        bytes_max: size(settings.max_event_log_size_in_bytes),
    }));
    if let Some(folder) = authority_folder(&settings) {
        builder = builder.authority_folder(folder);
    }
    builder
        .settings(settings)
        .start()
        .await
        .map_err(|error| Trouble::not_ready(Diagnostic::error(error.to_string())))
}

/// Where the server keeps its own certificate authority: in the folder of the settings, else with the user's data, so that
/// clients have to trust it only once. `None` where there is no such place.
fn authority_folder(settings: &Settings) -> Option<PathBuf> {
    // The original writes into the working directory; a private key is out of place there.
    const UNSET: &str = ".";
    let set = settings.directory_to_save_dynamic_ssl_certificate.trim();
    if !set.is_empty() && set != UNSET {
        return Some(PathBuf::from(set));
    }
    let folder = |variable| std::env::var_os(variable).map(PathBuf::from);
    let data = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else {
        folder("XDG_DATA_HOME")
            .filter(|folder| folder.is_absolute())
            .or_else(|| Some(folder("HOME")?.join(".local/share")))
    };
    data.filter(|data| data.is_absolute())
        .map(|data| data.join("styk"))
}

fn log_to_stderr(settings: &Settings, format: LogFormat) {
    let level = match settings.log_level {
        _ if settings.disable_logging || settings.disable_system_out => return,
        LogLevel::Trace => Level::TRACE,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Info => Level::INFO,
        LogLevel::Warn => Level::WARN,
        LogLevel::Error => Level::ERROR,
        LogLevel::Off => return,
    };
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}
