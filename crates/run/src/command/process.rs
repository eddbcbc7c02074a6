//! A foreign program in a process group of its own.
//!
//! Whatever ends it (its own end, a limit, Ctrl-C, a panic of ours), nothing of its group stays behind.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::path::Path;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::future::maybe_done;
use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessGroup};

use super::Lines;
use super::capture::{Captured, capture};

/// SIGTERM, by its number on every Unix.
const TERM: i32 = 15;
/// How long the pipes may stay open after everything that could write to them was killed.
const PIPES_LIMIT: Duration = Duration::from_secs(2);

/// What to run.
#[derive(Clone, Debug)]
pub(crate) struct Invocation<'a> {
    pub(crate) argv: &'a [String],
    pub(crate) folder: &'a Path,
    pub(crate) variables: &'a BTreeMap<String, String>,
    /// From TERM to KILL.
    pub(crate) grace: Duration,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) exit: Exit,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// How the program ended.
#[derive(Debug)]
pub(crate) enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By a signal that was not ours.
    Signal,
    /// It was told to stop by us, for the reason that `stop` gave.
    Stopped,
    /// It never began; why.
    NotStarted(String),
}

/// Kills the group when the run is dropped in the middle.
struct Group(Box<dyn ChildWrapper>);

impl Drop for Group {
    fn drop(&mut self) {
        // Fails when nothing of the group is left, which is what we want.
        let _ = self.0.start_kill();
    }
}

/// Runs the program to its end, or until `stop` resolves; then TERM, grace, KILL. `hurry` ends the grace.
pub(crate) async fn run_program(
    invocation: &Invocation<'_>,
    lines: &Lines,
    stop: impl Future<Output = ()>,
    hurry: impl Future<Output = ()>,
) -> Finished {
    let mut group = match spawn(invocation) {
        Ok(child) => Group(child),
        Err(error) => {
            return Finished {
                exit: Exit::NotStarted(error.to_string()),
                stdout: String::new(),
                stderr: String::new(),
            };
        }
    };
    let (stdout, stderr) = (group.0.stdout().take(), group.0.stderr().take());
    let (mut out, mut err) = (Captured::default(), Captured::default());
    let exit = {
        let reading = async {
            tokio::join!(
                capture(stdout, &mut out, lines),
                capture(stderr, &mut err, lines)
            );
        };
        let mut reading = pin!(maybe_done(reading));
        let exit = {
            let read_on = async {
                reading.as_mut().await;
                pending::<Infallible>().await
            };
            tokio::select! {
                exit = group.first_end(stop) => exit,
                never = read_on => match never {},
            }
        };
        // Fails when nothing is left of the group: then it is over already.
        if group.0.signal(TERM).is_ok() {
            let all_gone = async { tokio::join!(group.leader(), reading.as_mut()) };
            tokio::select! {
                _ = tokio::time::timeout(invocation.grace, all_gone) => {}
                () = hurry => {}
            }
        }
        drop(group);
        // A process that left the group may still hold the pipes; it does not hold us.
        let _ = tokio::time::timeout(PIPES_LIMIT, reading.as_mut()).await;
        exit
    };
    Finished {
        exit,
        stdout: out.into_text(),
        stderr: err.into_text(),
    }
}

impl Group {
    /// Waits for the program itself. Its children are not waited for: those that outlive it are ended.
    async fn leader(&mut self) -> io::Result<ExitStatus> {
        self.0.inner_mut().wait().await
    }

    async fn first_end(&mut self, stop: impl Future<Output = ()>) -> Exit {
        tokio::select! {
            status = self.leader() => match status {
                Ok(status) => status.code().map_or(Exit::Signal, Exit::Code),
                Err(error) => Exit::NotStarted(error.to_string()),
            },
            () = stop => Exit::Stopped,
        }
    }
}

fn spawn(invocation: &Invocation<'_>) -> io::Result<Box<dyn ChildWrapper>> {
    let (program, arguments) = invocation
        .argv
        .split_first()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the command is empty"))?;
    let mut command = CommandWrap::with_new(program, |command| {
        command
            .args(arguments)
            .current_dir(invocation.folder)
            .envs(invocation.variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
    });
    command.wrap(ProcessGroup::leader());
    command
        .spawn()
        .map_err(|error| io::Error::new(error.kind(), format!("`{program}`: {error}")))
}
