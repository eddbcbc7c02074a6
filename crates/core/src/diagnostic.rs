//! What is wrong, where in which file, and what to try.
//!
//! A [`Diagnostic`] carries the lines it points at, so that the terminal, JUnit and HTML show the same text
//! without reading the file again. How it looks is the reporters' business.

use serde::{Deserialize, Serialize};

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something is wrong and stops the work.
    Error,
    /// Something looks wrong; the work goes on.
    Warning,
}

/// One line of a source file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceLine {
    /// The line's number, from 1.
    pub number: u32,
    /// The line without its end.
    pub text: String,
}

/// A place in a user's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The file, relative to the project where possible.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// How many characters to underline; at least 1.
    pub length: u32,
    /// The lines to show, in order, the marked one among them.
    pub lines: Vec<SourceLine>,
}

/// One message to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How much it weighs.
    pub severity: Severity,
    /// A stable code such as `E0204`; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// What is wrong: one sentence fragment without a final stop.
    pub message: String,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// A word beside the underline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Evidence: what came, which values were in play.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What to try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error with a message alone.
    #[must_use]
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: String::new(),
            message: message.into(),
            location: None,
            label: None,
            notes: Vec::new(),
            help: None,
        }
    }

    /// A warning with a message alone.
    #[must_use]
    pub fn warning(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(message)
        }
    }

    /// With a stable code.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = code.into();
        self
    }

    /// With a place.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// With a word beside the underline.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// With one more piece of evidence.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// With what to try.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Plain text in the form of a compiler's message, several lines, without colour and without a final
    /// line break.
    #[must_use]
    pub fn render(&self) -> String {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let code = if self.code.is_empty() {
            String::new()
        } else {
            format!("[{}]", self.code)
        };
        let mut lines = vec![format!("{severity}{code}: {}", self.message)];
        let width = self.gutter_width();
        let gutter = " ".repeat(width);
        if let Some(location) = &self.location {
            lines.push(format!(
                "{gutter}--> {}:{}:{}",
                location.file, location.line, location.column
            ));
            if !location.lines.is_empty() {
                lines.push(format!("{gutter} |"));
            }
            for source in &location.lines {
                lines.push(
                    format!("{:>width$} | {}", source.number, source.text)
                        .trim_end()
                        .to_owned(),
                );
                if source.number == location.line {
                    lines.push(self.underline(location, &source.text, &gutter));
                }
            }
        }
        for note in &self.notes {
            let mut parts = note.lines();
            lines.push(format!("{gutter} = {}", parts.next().unwrap_or_default()));
            lines.extend(parts.map(|part| format!("{gutter}   {part}")));
        }
        if let Some(help) = &self.help {
            lines.push(format!("{gutter} = help: {help}"));
        }
        lines.join("\n")
    }

    fn underline(&self, location: &Location, text: &str, gutter: &str) -> String {
        let before = usize::try_from(location.column.saturating_sub(1)).unwrap_or(0);
        // Tabs stay tabs, so that the mark stands under the text whatever a tab's width.
        let lead: String = text
            .chars()
            .take(before)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        let rest = text.chars().count().saturating_sub(before).max(1);
        let length = usize::try_from(location.length).unwrap_or(1).clamp(1, rest);
        let label = self
            .label
            .as_ref()
            .map_or(String::new(), |label| format!(" {label}"));
        format!("{gutter} | {lead}{}{label}", "^".repeat(length))
    }

    fn gutter_width(&self) -> usize {
        let last = self
            .location
            .as_ref()
            .and_then(|location| location.lines.last());
        last.map_or(1, |line| line.number.to_string().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_shows_place_mark_evidence_and_advice() {
        let location = Location {
            file: "orders/paid.styk.yaml".to_owned(),
            line: 36,
            column: 13,
            length: 3,
            lines: vec![
                SourceLine {
                    number: 34,
                    text: "  - http: POST /api/orders".to_owned(),
                },
                SourceLine {
                    number: 36,
                    text: "    expect: 201".to_owned(),
                },
            ],
        };
        let text = Diagnostic::error("expected status 201, the shop answered 409 Conflict")
            .code("E0204")
            .at(location)
            .note("body: {\"error\":\"out_of_stock\"}")
            .help("look at the stock")
            .render();
        let expected = "\
error[E0204]: expected status 201, the shop answered 409 Conflict
  --> orders/paid.styk.yaml:36:13
   |
34 |   - http: POST /api/orders
36 |     expect: 201
   |             ^^^
   = body: {\"error\":\"out_of_stock\"}
   = help: look at the stock";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_mark_never_runs_past_the_line() {
        let location = Location {
            file: "a.yaml".to_owned(),
            line: 1,
            column: 2,
            length: 90,
            lines: vec![SourceLine {
                number: 1,
                text: "\tab".to_owned(),
            }],
        };
        let text = Diagnostic::warning("odd")
            .at(location)
            .label("here")
            .render();
        assert_eq!(
            text,
            "warning: odd\n --> a.yaml:1:2\n  |\n1 | \tab\n  | \t^^ here"
        );
    }
}
