//! Diagnostics on a terminal, and the few colours styk uses.

use std::fmt::Display;

use styk_core::{Diagnostic, Severity, Status};

use crate::format::printable;

/// Puts colour on text, or leaves it alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    pub(crate) is_on: bool,
}

impl Paint {
    fn with(self, code: &str, text: impl Display) -> String {
        if self.is_on {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_string()
        }
    }

    pub(crate) fn bold(self, text: impl Display) -> String {
        self.with("1", text)
    }

    pub(crate) fn dim(self, text: impl Display) -> String {
        self.with("2", text)
    }

    pub(crate) fn red(self, text: impl Display) -> String {
        self.with("1;31", text)
    }

    pub(crate) fn green(self, text: impl Display) -> String {
        self.with("32", text)
    }

    pub(crate) fn yellow(self, text: impl Display) -> String {
        self.with("33", text)
    }

    pub(crate) fn blue(self, text: impl Display) -> String {
        self.with("34", text)
    }

    /// A text in the colour of a verdict.
    pub(crate) fn status(self, status: Status, text: impl Display) -> String {
        match status {
            Status::Passed => self.green(text),
            Status::Flaky => self.yellow(text),
            Status::Failed | Status::Error => self.red(text),
            Status::Skipped => self.dim(text),
        }
    }
}

/// A diagnostic as text of several lines without a final line break. Without colour it is
/// [`Diagnostic::render`]; either way nothing in it can command a terminal.
#[must_use]
pub fn render_diagnostic(diagnostic: &Diagnostic, colour: bool) -> String {
    let plain = printable(&diagnostic.render());
    if !colour {
        return plain;
    }
    let paint = Paint { is_on: true };
    let lines: Vec<String> = plain
        .lines()
        .enumerate()
        .map(|(place, line)| paint_line(paint, diagnostic.severity, place, line))
        .collect();
    lines.join("\n")
}

fn paint_line(paint: Paint, severity: Severity, place: usize, line: &str) -> String {
    let by_severity = |text: &str| match severity {
        Severity::Error => paint.red(text),
        Severity::Warning => paint.yellow(text),
    };
    if place == 0 {
        return match line.split_once(": ") {
            Some((head, message)) => format!("{}: {}", by_severity(head), paint.bold(message)),
            None => by_severity(line),
        };
    }
    let content = line.trim_start();
    let gutter = &line[..line.len() - content.len()];
    if let Some(place) = content.strip_prefix("--> ") {
        return format!("{gutter}{} {place}", paint.blue("-->"));
    }
    if let Some(note) = content.strip_prefix("= ") {
        return match note.strip_prefix("help: ") {
            Some(help) => format!(
                "{gutter}{} {} {help}",
                paint.blue("="),
                paint.green("help:")
            ),
            None => format!("{gutter}{} {note}", paint.blue("=")),
        };
    }
    match line.split_once('|') {
        Some((number, mark)) if number.trim().is_empty() => {
            format!("{}{}", paint.blue(format!("{number}|")), by_severity(mark))
        }
        Some((number, source)) if number.trim().bytes().all(|b| b.is_ascii_digit()) => {
            format!("{}{source}", paint.blue(format!("{number}|")))
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_that_of_the_diagnostic_and_colour_adds_nothing_else() {
        let diagnostic = Diagnostic::error("expected 201, got 409")
            .code("E0204")
            .note("body: {}\nsecond line")
            .help("look at the stock");
        assert_eq!(render_diagnostic(&diagnostic, false), diagnostic.render());
        let coloured = render_diagnostic(&diagnostic, true);
        assert!(coloured.starts_with("\u{1b}[1;31merror[E0204]\u{1b}[0m: "));
        assert_eq!(printable(&coloured), diagnostic.render());
    }

    #[test]
    fn a_message_cannot_command_the_terminal() {
        let diagnostic = Diagnostic::error("bad \u{1b}]0;owned\u{7}thing\u{1b}[2J");
        assert_eq!(render_diagnostic(&diagnostic, false), "error: bad thing");
    }
}
