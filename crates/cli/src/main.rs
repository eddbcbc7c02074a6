//! The binary: arguments in, exit code out. What happens in between is the libraries' work.

mod args;
mod command;
mod exit;
mod launcher;
mod output;
mod signals;
mod trouble;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Arguments;
use crate::exit::Exit;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse_from(args::translated(std::env::args_os())) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Asking for help is no error; everything else is wrong usage.
            let exit = if error.use_stderr() {
                Exit::USAGE
            } else {
                Exit::OK
            };
            let _ = error.print();
            return exit.into();
        }
    };
    let colour = output::errors_in_colour(&arguments);
    let exit = match command::run(arguments) {
        Ok(exit) => exit,
        Err(trouble) => {
            output::complain(&trouble, colour);
            trouble.exit
        }
    };
    exit.into()
}
