//! The judgement on a foreign suite: its exit code and its JUnit must agree.

use std::collections::HashMap;
use std::fs;
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};
use styk_core::{Diagnostic, Status};

use super::process::Exit;
use crate::codes::code;
use crate::files::files_of;
use crate::junit::{CaseVerdict, JUNIT_BYTES_MAX, JunitCase, parse_junit};

/// The JUnit files that are there before a suite begins: what an earlier run wrote says nothing about this one.
#[derive(Debug, Default)]
pub(crate) struct Before(HashMap<Utf8PathBuf, (u64, Option<SystemTime>)>);

impl Before {
    pub(crate) fn look(pattern: &str) -> Self {
        let files = files_of(Utf8Path::new("/"), pattern).unwrap_or_default();
        Self(
            files
                .into_iter()
                .map(|file| (file.clone(), trace_of(&file)))
                .collect(),
        )
    }

    fn is_untouched(&self, file: &Utf8Path) -> bool {
        self.0
            .get(file)
            .is_some_and(|before| *before == trace_of(file))
    }
}

/// Size and time of the last change.
fn trace_of(file: &Utf8Path) -> (u64, Option<SystemTime>) {
    let metadata = fs::metadata(file).ok();
    let changed = metadata
        .as_ref()
        .and_then(|metadata| metadata.modified().ok());
    (metadata.map_or(0, |metadata| metadata.len()), changed)
}

/// The cases a suite wrote, and what was wrong with its files.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) cases: Vec<JunitCase>,
    pub(crate) files: usize,
    /// Files of an earlier run, which were left alone.
    pub(crate) old_files: usize,
    pub(crate) errors: Vec<Diagnostic>,
}

/// Reads every file that `pattern` names and that the suite wrote.
pub(crate) fn collect(pattern: &str, before: &Before) -> Collected {
    let mut collected = Collected::default();
    let files = match files_of(Utf8Path::new("/"), pattern) {
        Ok(files) => files,
        Err(cause) => {
            let error = Diagnostic::error(cause).code(code::JUNIT_UNREADABLE);
            collected.errors.push(error);
            return collected;
        }
    };
    for file in files {
        if before.is_untouched(&file) {
            collected.old_files += 1;
            continue;
        }
        collected.files += 1;
        match read(&file) {
            Ok(cases) => collected.cases.extend(cases),
            Err(cause) => collected.errors.push(
                Diagnostic::error(format!("the JUnit file {file} cannot be read: {cause}"))
                    .code(code::JUNIT_UNREADABLE)
                    .help("was the runner killed while it wrote, or does it write another format?"),
            ),
        }
    }
    collected
}

fn read(file: &Utf8Path) -> Result<Vec<JunitCase>, String> {
    let size = fs::metadata(file).map_err(|error| error.to_string())?.len();
    if size > JUNIT_BYTES_MAX as u64 {
        return Err(format!("it is larger than {} MiB", JUNIT_BYTES_MAX >> 20));
    }
    let bytes = fs::read(file).map_err(|error| error.to_string())?;
    parse_junit(&bytes).map_err(|error| error.to_string())
}

/// What ended the suite before its own end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Its time was over.
    Limit,
    /// A person stopped the run.
    Interrupt,
}

/// What is wrong with the suite as a whole, beyond its failing cases. Nothing, when exit code and JUnit agree.
pub(crate) fn disagreements(
    exit: &Exit,
    cut: Option<Cut>,
    collected: &Collected,
    pattern: &str,
) -> Vec<Diagnostic> {
    let bad = collected.cases.iter().filter(|case| !is_good(case)).count();
    let count = collected.cases.len();
    let mut errors = Vec::new();
    match exit {
        Exit::NotStarted(cause) => errors.push(
            Diagnostic::error(format!("the command could not be started: {cause}"))
                .code(code::COMMAND_ENDED)
                .help("is the program installed and on the PATH?"),
        ),
        Exit::Signal => errors.push(
            Diagnostic::error("the command was killed by a signal").code(code::COMMAND_ENDED),
        ),
        Exit::Stopped => match cut {
            Some(Cut::Interrupt) => {}
            Some(Cut::Limit) | None => errors.push(
                Diagnostic::error(format!(
                    "the suite's time was over; it was stopped with {count} cases written"
                ))
                .code(code::SUITE_LIMIT)
                .help("`timeout` of the suite gives it more"),
            ),
        },
        Exit::Code(0) if bad > 0 => errors.push(
            Diagnostic::error(format!(
                "the command said success (exit code 0), but {bad} of its {count} cases did not pass"
            ))
            .code(code::DISAGREE),
        ),
        Exit::Code(0) if collected.files == 0 => errors.push(
            Diagnostic::error(format!(
                "the command wrote no JUnit file: `{pattern}` names {}",
                match collected.old_files {
                    0 => "nothing",
                    _ => "only older ones",
                }
            ))
                .code(code::JUNIT_UNREADABLE)
                .help("make the runner write one, e.g. pytest `--junitxml=${out}/junit.xml`"),
        ),
        Exit::Code(0) if count == 0 && collected.errors.is_empty() => errors.push(
            Diagnostic::error("the suite ran zero tests")
                .code(code::ZERO_TESTS)
                .help("a filter that matches nothing also says success; check the command"),
        ),
        Exit::Code(0) => {}
        Exit::Code(code) if bad == 0 => errors.push(
            Diagnostic::error(format!(
                "the command failed with exit code {code}, but {}",
                match count {
                    0 => "no test case says why".to_owned(),
                    _ => format!("all its {count} cases passed"),
                }
            ))
            .code(code::DISAGREE)
            .help("its output says what happened outside of the tests"),
        ),
        Exit::Code(_) => {}
    }
    errors
}

fn is_good(case: &JunitCase) -> bool {
    status_of(case.verdict).is_success()
}

pub(crate) fn status_of(verdict: CaseVerdict) -> Status {
    match verdict {
        CaseVerdict::Passed => Status::Passed,
        CaseVerdict::Flaky => Status::Flaky,
        CaseVerdict::Failed => Status::Failed,
        CaseVerdict::Error => Status::Error,
        CaseVerdict::Skipped => Status::Skipped,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn case(verdict: CaseVerdict) -> JunitCase {
        JunitCase {
            class: String::new(),
            name: "a".to_owned(),
            file: String::new(),
            duration: Duration::ZERO,
            verdict,
            messages: Vec::new(),
            output: String::new(),
        }
    }

    fn judged(exit: &Exit, cases: &[CaseVerdict], files: usize) -> Vec<String> {
        let collected = Collected {
            cases: cases.iter().copied().map(case).collect(),
            files,
            old_files: 0,
            errors: Vec::new(),
        };
        disagreements(exit, None, &collected, "out/*.xml")
            .into_iter()
            .map(|error| error.message)
            .collect()
    }

    #[test]
    fn exit_code_and_cases_must_agree() {
        use CaseVerdict::{Failed, Flaky, Passed, Skipped};
        let none: [String; 0] = [];
        assert_eq!(judged(&Exit::Code(0), &[Passed, Skipped, Flaky], 1), none);
        assert_eq!(judged(&Exit::Code(1), &[Passed, Failed], 1), none);
        for (exit, cases, files, message) in [
            (
                0,
                vec![Failed],
                1,
                "the command said success (exit code 0), but 1 of its 1 cases did not pass",
            ),
            (
                0,
                vec![],
                0,
                "the command wrote no JUnit file: `out/*.xml` names nothing",
            ),
            (0, vec![], 1, "the suite ran zero tests"),
            (
                2,
                vec![Passed],
                1,
                "the command failed with exit code 2, but all its 1 cases passed",
            ),
            (
                4,
                vec![],
                0,
                "the command failed with exit code 4, but no test case says why",
            ),
        ] {
            assert_eq!(judged(&Exit::Code(exit), &cases, files), [message]);
        }
    }
}
