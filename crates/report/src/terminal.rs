//! A run on a terminal or in a CI log: one line for each scenario as it ends, failures in full, a summary at
//! the end.
//!
//! On a terminal a progress bar stands below the lines. Everything that is printed was masked, and freed of
//! what a terminal would obey.

mod closing;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use styk_core::{Diagnostic, EventSink, RunEvent, ScenarioSummary, Secrets, Status};

use crate::diagnostic::{Paint, render_diagnostic};
use crate::files::{ReportError, Written};
use crate::format::{count, duration, number, printable, shortened};
use crate::mask::Masker;

/// The most messages printed for one scenario.
const FAILURES_MAX: usize = 8;

/// How a run is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Whether colours are used.
    pub colour: bool,
    /// Whether a progress bar stands below the lines. It is drawn to standard error.
    pub live: bool,
}

impl TerminalOptions {
    /// What fits an output: colours and progress on a terminal only; no colours with `NO_COLOR`, no progress
    /// in CI, neither on a dumb terminal. `variable` looks up the environment.
    #[must_use]
    pub fn for_output(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let is_able = is_terminal && variable("TERM").as_deref() != Some("dumb");
        Self {
            colour: is_able && !is_set("NO_COLOR"),
            live: is_able && !is_set("CI"),
        }
    }
}

/// Shows a run as it happens. Give it to the runner as an [`EventSink`]; when the files are written, tell it
/// by [`TerminalReporter::reports`].
pub struct TerminalReporter {
    out: Box<dyn Write + Send>,
    paint: Paint,
    masker: Masker,
    bar: ProgressBar,
    is_live: bool,
    /// The scenarios under way, by id, for the bar.
    playing: BTreeMap<String, String>,
    failed: u64,
    failure: Option<io::Error>,
}

impl std::fmt::Debug for TerminalReporter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("TerminalReporter")
            .field("is_live", &self.is_live)
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

impl TerminalReporter {
    /// A reporter that writes to `out`.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>, options: TerminalOptions, secrets: &Secrets) -> Self {
        Self {
            out,
            paint: Paint {
                is_on: options.colour,
            },
            masker: Masker::new(secrets),
            bar: ProgressBar::hidden(),
            is_live: options.live,
            playing: BTreeMap::new(),
            failed: 0,
            failure: None,
        }
    }

    /// Says where the reports are, or what could not be written. Call it after the run.
    pub fn reports(&mut self, outcome: &Result<Written, ReportError>) {
        let (written, problems) = match outcome {
            Ok(written) => (written, &[][..]),
            Err(error) => (&error.written, error.problems.as_slice()),
        };
        for notice in &written.notices {
            self.diagnostic(notice);
        }
        for problem in problems {
            self.diagnostic(&Diagnostic::error(problem.to_string()));
        }
        if let Some(file) = written.html().or_else(|| {
            let files = written.files.first();
            files.map(camino::Utf8PathBuf::as_path)
        }) {
            let line = closing::field("reports", file.as_str());
            self.line(&line);
        }
    }

    /// Why nothing more could be printed, when that is worth a word: a closed pipe is not.
    #[must_use]
    pub fn failure(&self) -> Option<&io::Error> {
        self.failure
            .as_ref()
            .filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
    }

    /// Prints one or more lines, above the bar when there is one.
    fn line(&mut self, text: &str) {
        if self.failure.is_some() {
            return;
        }
        let out = &mut self.out;
        let result = self
            .bar
            .suspend(|| writeln!(out, "{text}").and_then(|()| out.flush()));
        if let Err(error) = result {
            self.failure = Some(error);
            self.bar.finish_and_clear();
        }
    }

    fn diagnostic(&mut self, diagnostic: &Diagnostic) {
        let masked = self.masker.diagnostic(diagnostic);
        let text = render_diagnostic(&masked, self.paint.is_on);
        self.line(&text);
    }

    /// A foreign text, safe to print on one line.
    fn clean(&self, text: &str) -> String {
        printable(&self.masker.text(text)).replace('\n', " ")
    }

    fn name(&self, scenario: &ScenarioSummary) -> String {
        let category = self
            .paint
            .dim(format!("{} ›", self.clean(&scenario.category)));
        format!("{category} {}", self.clean(&scenario.title))
    }

    fn started(&mut self, seed: styk_core::Seed, categories: &[(String, usize)], jobs: usize) {
        let scenarios: usize = categories.iter().map(|(_, count)| count).sum();
        let total = number(scenarios);
        let line = format!(
            "{} in {}, {} side by side, seed {seed}",
            count(total, "scenario"),
            match categories.len() {
                1 => "1 category".to_owned(),
                many => format!("{many} categories"),
            },
            jobs,
        );
        let line = self.paint.dim(line);
        self.line(&line);
        if self.is_live {
            self.bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let template = "{bar:24} {pos}/{len} {prefix}{elapsed} {wide_msg}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                self.bar.set_style(style.progress_chars("━╸─"));
            }
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
    }

    fn show_playing(&self) {
        let titles: Vec<&str> = self.playing.values().map(String::as_str).collect();
        self.bar.set_message(shortened(&titles.join(", "), 120));
    }

    fn finished(&mut self, scenario: &ScenarioSummary, end: &ScenarioEnd<'_>) {
        self.playing.remove(&scenario.id);
        let attempts = match end.attempts {
            0 | 1 => String::new(),
            many => self.paint.yellow(format!(" ({many} attempts)")),
        };
        let word = match end.status {
            Status::Failed => "FAILED",
            Status::Error => "ERROR",
            Status::Passed | Status::Flaky | Status::Skipped => end.status.word(),
        };
        let line = format!(
            "{}  {:>9}  {}{attempts}",
            self.paint.status(end.status, format!("{word:<7}")),
            duration(end.duration),
            self.name(scenario),
        );
        self.line(&line);
        if !end.status.is_success() {
            self.failed += 1;
            self.bar.set_prefix(format!("{} failed, ", self.failed));
            for failure in end.failures.iter().take(FAILURES_MAX) {
                self.diagnostic(failure);
                self.line("");
            }
            if end.failures.len() > FAILURES_MAX {
                let more = count(number(end.failures.len() - FAILURES_MAX), "more message");
                self.line(&format!("{more} in the reports\n"));
            }
        }
        self.bar.inc(1);
        self.show_playing();
    }
}

/// How a scenario ended.
struct ScenarioEnd<'a> {
    status: Status,
    duration: Duration,
    attempts: u32,
    failures: &'a [Diagnostic],
}

impl EventSink for TerminalReporter {
    fn event(&mut self, event: &RunEvent) {
        match event {
            RunEvent::RunStarted {
                run_id: _,
                seed,
                categories,
                jobs,
            } => self.started(*seed, categories, *jobs),
            RunEvent::ShopAwaited { address, limit } => {
                let (address, limit) = (self.clean(address), duration(*limit));
                self.line(&format!(
                    "waiting for the shop at {address} to be ready, {limit} at most"
                ));
            }
            RunEvent::ScenarioStarted { scenario, .. } => {
                let title = self.clean(&scenario.title);
                self.playing.insert(scenario.id.clone(), title);
                self.show_playing();
            }
            RunEvent::ScenarioFinished {
                scenario,
                status,
                duration,
                attempts,
                failures,
            } => {
                let end = ScenarioEnd {
                    status: *status,
                    duration: *duration,
                    attempts: *attempts,
                    failures,
                };
                self.finished(scenario, &end);
            }
            RunEvent::Output { category, line } => {
                let name = self.paint.dim(format!("{} │", self.clean(category)));
                let line = format!("{name} {}", self.clean(line));
                self.line(&line);
            }
            RunEvent::Notice { message } => self.diagnostic(message),
            RunEvent::Interrupted => {
                let line = self.paint.yellow(
                    "interrupted: what is playing is brought to an end, then the reports are written",
                );
                self.line(&line);
            }
            RunEvent::RunFinished { result } => {
                self.bar.finish_and_clear();
                let block = closing::block(result, &self.masker, self.paint);
                self.line(&block);
            }
            // The scenarios' own lines and the closing block say it all.
            RunEvent::CategoryStarted { .. } | RunEvent::CategoryFinished { .. } => {}
        }
    }
}
