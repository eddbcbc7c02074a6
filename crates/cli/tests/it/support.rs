//! The binary, driven.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long anything may take before a test gives up.
const LIMIT: Duration = Duration::from_secs(60);

/// A throw-away folder to run styk in.
#[derive(Debug)]
pub(crate) struct Folder(TempDir);

/// What a finished command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) exit: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            exit: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn styk(&self, arguments: &[&str]) -> Said {
        self.command(arguments).output().expect("styk runs").into()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_styk"));
        command.args(arguments).current_dir(self.path());
        // What the machine around the tests sets must not reach them.
        for name in [
            "APP_URL",
            "PAYMENT_MOCK_URL",
            "SHIPPING_MOCK_URL",
            "EMAIL_MOCK_URL",
            "SERVER_PORT",
            "MOCKSERVER_SERVER_PORT",
            "MOCKSERVER_PROPERTY_FILE",
        ] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running::of(self.command(arguments))
    }

    /// The folder of the only run whose reports are here.
    pub(crate) fn only_run(&self, reports: &str) -> PathBuf {
        let entries = std::fs::read_dir(self.path().join(reports)).expect("the reports");
        let runs: Vec<PathBuf> = entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| !path.ends_with("latest"))
            .collect();
        let [run] = runs.as_slice() else {
            panic!("one run, got {runs:?}");
        };
        run.clone()
    }

    pub(crate) fn report(&self) -> serde_json::Value {
        let file = self.only_run("integration_reports").join("report.json");
        let text = std::fs::read_to_string(file).expect("report.json");
        serde_json::from_str(&text).expect("JSON")
    }
}

/// A program at work; killed when a test gives up on it.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Running {
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("styk starts");
        let stdout = child.stdout.take().expect("a pipe");
        Self {
            child,
            stdout: BufReader::new(stdout),
        }
    }

    /// Reads lines until one has `part` in it.
    pub(crate) fn line_with(&mut self, part: &str) -> String {
        let mut seen = String::new();
        loop {
            let mut line = String::new();
            let read = self.stdout.read_line(&mut line).expect("a readable pipe");
            assert!(read > 0, "`{part}` never came, only:\n{seen}");
            if line.contains(part) {
                return line.trim_end().to_owned();
            }
            seen.push_str(&line);
        }
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits for the end.
    pub(crate) fn end(&mut self) -> Said {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(began.elapsed() < LIMIT, "styk does not end");
            std::thread::sleep(Duration::from_millis(10));
        };
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).expect("text");
        let mut pipe = self.child.stderr.take().expect("a pipe");
        pipe.read_to_string(&mut stderr).expect("text");
        Said {
            exit: status.code(),
            stdout,
            stderr,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be over already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
