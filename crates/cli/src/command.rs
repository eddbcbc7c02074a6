//! The commands, one module each.

mod check;
mod env;
mod explain;
mod fakes;
mod init;
mod matrix;
mod mock;
mod project;
mod schema;
mod shop;
mod test;

use styk_core::Diagnostic;
use tokio::runtime::{Builder, Runtime};

use crate::args::{Arguments, Command};
use crate::exit::Exit;
use crate::output;
use crate::trouble::Trouble;

/// Does what the command line says.
pub(crate) fn run(arguments: Arguments) -> Result<Exit, Trouble> {
    let colour = output::errors_in_colour(&arguments);
    let Arguments {
        config,
        no_color,
        command,
    } = arguments;
    let config = config.as_deref();
    match command {
        Command::Test(test) => test::test(config, no_color, test),
        Command::Check(check) => check::check(config, no_color, &check),
        Command::Matrix(matrix) => matrix::matrix(config, no_color, &matrix),
        Command::Init(init) => init::init(&init),
        Command::Mock(mock) => runtime(usize::MAX)?.block_on(mock::mock(*mock, colour)),
        Command::Fakes(fakes) => runtime(usize::MAX)?.block_on(fakes::fakes(fakes)),
        Command::Env(env) => runtime(1)?.block_on(env::env(env)),
        Command::Shop(shop) => runtime(usize::MAX)?.block_on(shop::shop(shop)),
        Command::Explain(explain) => explain::explain(&explain),
        Command::Schema => schema::schema(),
    }
}

/// One worker a core, but not more than `threads_max`.
fn runtime(threads_max: usize) -> Result<Runtime, Trouble> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread()
        .worker_threads(cores.min(threads_max))
        .enable_all()
        .build()
        .map_err(|error| {
            Trouble::own(Diagnostic::error(format!(
                "the runtime cannot be built: {error}"
            )))
        })
}
