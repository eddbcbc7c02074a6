//! What a person reads in a terminal and in a CI log.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use styk_core::{EventSink as _, RunEvent, Secrets};
use styk_report::{TerminalOptions, TerminalReporter, matrix_table, write_reports};

use crate::run::{events, sample_run};

/// An output that can be read back.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("text")
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn play(options: TerminalOptions, out: Box<dyn Write + Send>) -> TerminalReporter {
    let result = Arc::new(sample_run());
    let mut terminal = TerminalReporter::new(out, options, &Secrets::default());
    for event in events(&result) {
        terminal.event(&event);
    }
    terminal.event(&RunEvent::RunFinished { result });
    terminal
}

#[test]
fn a_ci_log_is_plain_lines_and_ends_in_a_summary() {
    let out = Shared::default();
    play(TerminalOptions::default(), Box::new(out.clone()));
    assert!(!out.text().contains('\u{1b}'));
    insta::assert_snapshot!(out.text());
}

#[test]
fn the_reports_are_named_and_so_is_what_could_not_be_written() {
    let out = Shared::default();
    let mut terminal = play(TerminalOptions::default(), Box::new(out.clone()));
    let root = tempfile::tempdir().expect("a temporary folder");
    let root = camino::Utf8Path::from_path(root.path()).expect("a path of text");
    terminal.reports(&write_reports(&sample_run(), root, &Secrets::default()));
    assert!(
        out.text().ends_with("20261123-010000-7f3a/report.html\n"),
        "{}",
        out.text()
    );

    let file = root.join("file");
    std::fs::write(&file, "").expect("a file");
    terminal.reports(&write_reports(&sample_run(), &file, &Secrets::default()));
    let text = out.text();
    let last = text.lines().last().expect("a line");
    assert!(last.starts_with("error: cannot write "), "{last}");
}

#[test]
fn colours_and_progress_are_for_terminals_that_want_them() {
    let options = |is_terminal, set: &[&str]| {
        let set: Vec<String> = set.iter().map(|&name| name.to_owned()).collect();
        TerminalOptions::for_output(is_terminal, move |name| {
            set.iter()
                .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))
                .map(|(_, value)| value.to_owned())
        })
    };
    let plain = TerminalOptions::default();
    let all = TerminalOptions {
        colour: true,
        live: true,
    };
    assert_eq!(options(true, &["TERM=xterm"]), all);
    assert_eq!(options(true, &["NO_COLOR="]), all);
    assert_eq!(options(false, &["TERM=xterm"]), plain);
    assert_eq!(options(true, &["TERM=dumb"]), plain);
    assert_eq!(
        options(true, &["NO_COLOR=1"]),
        TerminalOptions {
            colour: false,
            ..all
        }
    );
    assert_eq!(
        options(true, &["CI=true"]),
        TerminalOptions { live: false, ..all }
    );
}

#[test]
fn colour_adds_nothing_but_colour() {
    let (plain, coloured) = (Shared::default(), Shared::default());
    play(TerminalOptions::default(), Box::new(plain.clone()));
    let options = TerminalOptions {
        colour: true,
        live: false,
    };
    play(options, Box::new(coloured.clone()));
    let mut bare = String::new();
    for (place, part) in coloured.text().split("\u{1b}[").enumerate() {
        bare.push_str(if place == 0 {
            part
        } else {
            part.split_once('m').map_or("", |(_, rest)| rest)
        });
    }
    assert_eq!(bare, plain.text());
}

#[test]
fn a_closed_pipe_ends_the_output_without_a_word() {
    struct Closed(io::ErrorKind);
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let terminal = play(
        TerminalOptions::default(),
        Box::new(Closed(io::ErrorKind::BrokenPipe)),
    );
    assert!(terminal.failure().is_none());
    let terminal = play(
        TerminalOptions::default(),
        Box::new(Closed(io::ErrorKind::StorageFull)),
    );
    assert_eq!(
        terminal.failure().map(io::Error::kind),
        Some(io::ErrorKind::StorageFull)
    );
}

#[test]
fn the_matrix_is_a_table_of_text() {
    let matrix = sample_run().matrix.expect("a matrix");
    insta::assert_snapshot!(matrix_table(&matrix, false));
    assert!(matrix_table(&matrix, true).contains("\u{1b}[32m"));
}
