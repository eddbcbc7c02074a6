//! Writes the reports of a made-up run, to look at the pages without playing one:
//! `cargo run -p styk-report --example sample [folder]`.

mod matrix;
mod parts;
mod payments;
mod run;
mod story;

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;

use styk_core::{EventSink as _, RunEvent, Secrets};
use styk_report::{TerminalOptions, TerminalReporter, matrix_table, write_reports};

fn main() {
    let folder = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "integration_reports".to_owned());
    let secrets = Secrets::default();
    secrets.add("sk_test_51HxDeclared");
    let result = Arc::new(run::sample_run());
    let stdout = std::io::stdout();
    let options =
        TerminalOptions::for_output(stdout.is_terminal(), |name| std::env::var(name).ok());
    let mut terminal = TerminalReporter::new(Box::new(stdout), options, &secrets);
    for event in run::events(&result) {
        terminal.event(&event);
    }
    terminal.event(&RunEvent::RunFinished {
        result: Arc::clone(&result),
    });
    let outcome = write_reports(&result, folder.as_str().into(), &secrets);
    terminal.reports(&outcome);
    if let Some(matrix) = &result.matrix {
        let table = matrix_table(matrix, options.colour);
        // An example has nobody to tell that its output is closed.
        let _ = writeln!(std::io::stdout(), "\n{table}");
    }
}
