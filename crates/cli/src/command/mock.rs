//! `styk mock`: one mock server, until it is stopped.

use styk_core::Diagnostic;
use styk_mock::MockServer;
use tracing::Level;

use crate::args::{LogLevel, MockArguments};
use crate::exit::Exit;
use crate::output::say;
use crate::signals::Signals;
use crate::trouble::Trouble;

pub(crate) async fn mock(arguments: MockArguments) -> Result<Exit, Trouble> {
    let mut signals = Signals::listen()?;
    log_to_stderr(arguments.log_level);
    let server = MockServer::builder("mock")
        .host(arguments.host)
        .port(arguments.port)
        .start()
        .await
        .map_err(|error| Trouble::not_ready(Diagnostic::error(error.to_string())))?;
    say(&server.start_line())?;
    tokio::select! {
        () = signals.next() => {}
        // A client asked for it: `PUT /mockserver/stop`.
        () = server.stopped() => {}
    }
    server.stop().await;
    Ok(Exit::OK)
}

fn log_to_stderr(level: LogLevel) {
    let level = match level {
        LogLevel::Trace => Level::TRACE,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Info => Level::INFO,
        LogLevel::Warn => Level::WARN,
        LogLevel::Error => Level::ERROR,
        LogLevel::Off => return,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .init();
}
