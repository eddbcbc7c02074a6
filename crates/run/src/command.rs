//! Command suites: foreign runners, judged by exit code and JUnit together.

mod capture;
mod process;
mod verdict;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};
use styk_core::{
    Attempt, Diagnostic, Dropped, Exchange, ScenarioResult, ScenarioSummary, Seed, SpanId, Status,
    TraceContext, TraceId,
};
use styk_scenario::Interrupt;
use tokio::sync::mpsc;

use self::process::{Exit, Finished, Invocation, run_program};
use self::verdict::{Before, Collected, Cut, collect, disagreements, status_of};
use crate::codes::code;
use crate::config::CommandSuite;
use crate::ground::{Ground, Tools};
use crate::junit::JunitCase;
use crate::schedule::Message;

/// What a worker knows about the foreign suite it plays.
#[derive(Debug)]
pub(crate) struct CommandTask {
    pub(crate) tools: Arc<Tools>,
    pub(crate) category: String,
    pub(crate) suite: CommandSuite,
    pub(crate) timeout: Duration,
    /// The folder of styk.yaml: where the command runs.
    pub(crate) root: Utf8PathBuf,
    /// What `${out}` is.
    pub(crate) out: Utf8PathBuf,
    pub(crate) shared: Option<Arc<Ground>>,
    pub(crate) interrupt: Interrupt,
    pub(crate) messages: mpsc::Sender<Message>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct PlayedCommand {
    pub(crate) scenarios: Vec<ScenarioResult>,
    pub(crate) errors: Vec<Diagnostic>,
    pub(crate) exit_code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// What was observed while it ran.
    pub(crate) exchanges: Vec<Arc<Exchange>>,
    pub(crate) stood: bool,
    pub(crate) stage_failed: bool,
    /// Whether a person stopped it.
    pub(crate) cut_by_person: bool,
}

impl CommandTask {
    /// Runs the suite on its stage.
    pub(crate) async fn play(self) -> PlayedCommand {
        if let Some(ground) = &self.shared {
            return self.on(ground).await;
        }
        match self
            .tools
            .stand(&self.category, &[], true, &self.interrupt)
            .await
        {
            Ok(ground) => {
                let mut played = self.on(&ground).await;
                let failures = self.tools.leave(ground, &[], &self.interrupt).await;
                played.errors.extend(failures);
                played
            }
            Err(cause) => PlayedCommand {
                stage_failed: cause.is_some(),
                cut_by_person: cause.is_none(),
                errors: cause.into_iter().collect(),
                ..PlayedCommand::default()
            },
        }
    }

    async fn on(&self, ground: &Ground) -> PlayedCommand {
        let mut played = PlayedCommand {
            stood: true,
            ..PlayedCommand::default()
        };
        if let Err(error) = std::fs::create_dir_all(&self.out) {
            let message = format!("the folder {} cannot be made: {error}", self.out);
            let diagnostic = Diagnostic::error(message).code(code::UNREADABLE);
            played
                .errors
                .push(diagnostic.help("choose another folder with `--reports DIR`"));
            return played;
        }
        let seq = ground.stage.journal().last_seq();
        let begin = (self.tools.clock.now(), self.tools.clock.instant());
        let scope = self.scope(ground);
        let pattern = self.junit_pattern(&scope);
        let before = Before::look(&pattern);
        let (finished, cut) = self.run(ground, &scope).await;
        let collected = self.collect(&pattern, before).await;
        played.errors = disagreements(&finished.exit, cut, &collected, &pattern);
        played.errors.extend(collected.errors);
        if let Err(cause) = ground.stage.mocks().refresh().await {
            played.errors.push(Diagnostic::error(format!(
                "what the mock servers recorded cannot be read: {cause}"
            )));
        }
        played.exchanges = ground.stage.journal().after(seq);
        played.scenarios = self.results(&collected.cases, begin.0);
        played.exit_code = match finished.exit {
            Exit::Code(code) => Some(code),
            Exit::Signal | Exit::Stopped | Exit::NotStarted(_) => None,
        };
        played.cut_by_person = cut == Some(Cut::Interrupt);
        played.stdout = finished.stdout;
        played.stderr = finished.stderr;
        played
    }

    async fn run(&self, ground: &Ground, scope: &Value) -> (Finished, Option<Cut>) {
        let argv: Vec<String> = self
            .suite
            .argv
            .iter()
            .map(|text| text.render(scope))
            .collect();
        let variables = self.variables(ground, scope);
        let invocation = Invocation {
            argv: &argv,
            folder: self.root.as_std_path(),
            variables: &variables,
            grace: self.suite.grace,
        };
        let mut cut = None;
        let stop = async {
            tokio::select! {
                () = self.tools.clock.sleep(self.timeout) => cut = Some(Cut::Limit),
                () = self.interrupt.stopped() => cut = Some(Cut::Interrupt),
            }
        };
        let lines = Lines {
            category: self.category.clone(),
            messages: self.messages.clone(),
        };
        let finished = run_program(&invocation, &lines, stop, self.interrupt.abandoned()).await;
        (finished, cut)
    }

    fn scope(&self, ground: &Ground) -> Value {
        json!({
            "out": self.out,
            "run": {"id": self.tools.run_id},
            "stage": ground.stage.values(),
            "env": self.tools.env,
        })
    }

    /// The suite's own variables win over those that every suite gets.
    fn variables(&self, ground: &Ground, scope: &Value) -> BTreeMap<String, String> {
        let plain = |url: &url::Url| url.as_str().trim_end_matches('/').to_owned();
        let mut variables = BTreeMap::from([
            ("APP_URL".to_owned(), plain(ground.stage.shop())),
            ("STYK_RUN_ID".to_owned(), self.tools.run_id.clone()),
            (
                "STYK_TRACEPARENT".to_owned(),
                trace_of(self.tools.seed, &self.category).to_header(),
            ),
        ]);
        for (name, url) in ground.stage.mocks().addresses() {
            let name = format!("{}_MOCK_URL", name.to_uppercase());
            variables.insert(name, plain(url));
        }
        let fakes = ground.stage.fakes().iter();
        for variable in fakes.flat_map(styk_stage::Fake::variables) {
            variables.insert(variable.name.to_owned(), variable.value);
        }
        let own = self.suite.env.iter();
        variables.extend(own.map(|(name, value)| (name.clone(), value.render(scope))));
        variables
    }

    /// Where its JUnit files are, as an absolute pattern.
    fn junit_pattern(&self, scope: &Value) -> String {
        let pattern = self.suite.junit.render(scope);
        self.root.join(pattern).into_string()
    }

    async fn collect(&self, pattern: &str, before: Before) -> Collected {
        let pattern = pattern.to_owned();
        let collected = tokio::task::spawn_blocking(move || collect(&pattern, &before)).await;
        collected.unwrap_or_else(|error| Collected {
            errors: vec![Diagnostic::error(format!("reading JUnit failed: {error}"))],
            ..Collected::default()
        })
    }

    fn results(&self, cases: &[JunitCase], began: jiff::Timestamp) -> Vec<ScenarioResult> {
        let mut seen: HashMap<String, u32> = HashMap::new();
        let results = cases.iter().map(|case| {
            let title = match case.class.as_str() {
                "" => case.name.clone(),
                class => format!("{class}::{}", case.name),
            };
            let times = seen.entry(title.clone()).or_default();
            *times += 1;
            let id = match *times {
                1 => format!("{}::{title}", self.category),
                times => format!("{}::{title}#{times}", self.category),
            };
            let summary = ScenarioSummary {
                id,
                title,
                category: self.category.clone(),
                file: case.file.clone(),
                tags: Vec::new(),
            };
            foreign_result(summary, case, began)
        });
        results.collect()
    }
}

fn foreign_result(
    scenario: ScenarioSummary,
    case: &JunitCase,
    started_at: jiff::Timestamp,
) -> ScenarioResult {
    let status = status_of(case.verdict);
    let skip_reason = (status == Status::Skipped).then(|| case.messages.join("; "));
    let is_bad = !status.is_success();
    let failures = if is_bad {
        let messages = case.messages.iter();
        messages
            .map(|message| Diagnostic::error(message.as_str()))
            .collect()
    } else {
        Vec::new()
    };
    ScenarioResult {
        scenario,
        status,
        skip_reason,
        attempts: vec![Attempt {
            number: 1,
            status,
            // The runner says how long a case took, not when it began.
            started_at,
            duration: case.duration,
            failures,
            steps: Vec::new(),
            trace_id: None,
            exchanges: Vec::new(),
            dropped: Dropped::default(),
            attribution: None,
        }],
        foreign_output: is_bad.then(|| case.output.clone()),
    }
}

/// The trace that a foreign suite is asked to continue.
fn trace_of(seed: Seed, category: &str) -> TraceContext {
    let word = |name: &str| seed.derive(category).derive(name).value().max(1);
    TraceContext {
        trace_id: TraceId((u128::from(word("trace high")) << 64) | u128::from(word("trace low"))),
        span_id: SpanId(word("span")),
    }
}

/// Where the lines of a foreign program go.
#[derive(Debug)]
pub(crate) struct Lines {
    category: String,
    messages: mpsc::Sender<Message>,
}

impl Lines {
    /// Passes a line on. Waits when the coordinator is behind, so that a chatty program is slowed, not buffered.
    async fn send(&self, line: String) {
        let output = Message::Output {
            category: self.category.clone(),
            line,
        };
        // Nobody listens any more when the run is over.
        let _ = self.messages.send(output).await;
    }
}

/// Where a suite may write: a folder of its own within the run's reports.
pub(crate) fn out_folder(reports: &Utf8Path, run_id: &str, category: &str) -> Utf8PathBuf {
    reports.join(run_id).join("out").join(category)
}
