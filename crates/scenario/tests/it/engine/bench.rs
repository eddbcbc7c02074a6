//! A world to play in: the small shop, a real mock server, a journal.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use styk_core::{Attempt, Clock, Fault, Journal, Secrets, Seed, Status, StepResult};
use styk_fakes::kit::Subscription;
use styk_fakes::{Fake, FakeOptions};
use styk_mock::MockServer;
use styk_scenario::{
    BoxFuture, Case, Fakes, Fired, Interrupt, Limits, LoadOptions, Loaded, Mocks, SharedFixtures,
    SourceFile, World, load, play,
};

use super::shop::Shop;

/// Everything one test needs.
pub(super) struct Bench {
    pub(super) shop: Shop,
    pub(super) world: World,
    pub(super) interrupt: Interrupt,
}

/// The border of the engine: real mock servers behind the trait.
#[derive(Debug)]
pub(super) struct Outside(Vec<MockServer>);

impl Outside {
    fn find(&self, name: &str) -> Result<&MockServer, String> {
        let mut servers = self.0.iter();
        let found = servers.find(|server| server.name() == name);
        found.ok_or_else(|| format!("there is no mock `{name}`"))
    }
}

impl Mocks for Outside {
    fn names(&self) -> Vec<String> {
        self.0
            .iter()
            .map(|server| server.name().to_owned())
            .collect()
    }

    fn expect<'a>(
        &'a self,
        mock: &'a str,
        expectation: Value,
    ) -> BoxFuture<'a, Result<Vec<String>, String>> {
        Box::pin(async move {
            let server = self.find(mock)?;
            server
                .expect(expectation)
                .map_err(|error| error.to_string())
        })
    }

    fn remove<'a>(&'a self, mock: &'a str, id: &'a str) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            self.find(mock)?.remove(id);
            Ok(())
        })
    }

    fn refresh(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}

/// The same for fakes.
#[derive(Debug)]
pub(super) struct RealFakes(Vec<Fake>);

impl Fakes for RealFakes {
    fn names(&self) -> Vec<String> {
        self.0.iter().map(|fake| fake.name().to_owned()).collect()
    }

    fn act<'a>(
        &'a self,
        fake: &'a str,
        action: &'a str,
        with: Map<String, Value>,
    ) -> BoxFuture<'a, Result<Value, String>> {
        Box::pin(async move {
            let acted = self.find(fake)?.act(action, &with).await;
            acted.map_err(|error| error.to_string())
        })
    }

    fn arm(&self, fake: &str, fault: Fault) -> Result<u64, String> {
        let armed = self.find(fake)?.arm(fault);
        armed.map_err(|error| error.to_string())
    }

    fn disarm(&self, fake: &str, id: u64) -> Option<Fired> {
        let gone = self.find(fake).ok()?.faults().remove(id)?;
        Some(Fired {
            seen: gone.seen,
            fired: gone.fired,
        })
    }
}

impl RealFakes {
    fn find(&self, name: &str) -> Result<&Fake, String> {
        let mut fakes = self.0.iter();
        let found = fakes.find(|fake| fake.name() == name);
        found.ok_or_else(|| format!("there is no fake `{name}`"))
    }
}

impl Bench {
    pub(super) async fn new() -> Self {
        let journal = Journal::default();
        let clock = Clock::system();
        let mut servers = Vec::new();
        let mut addresses = HashMap::new();
        for name in ["payment", "email"] {
            let server = MockServer::builder(name)
                .journal(journal.clone())
                .clock(clock.clone())
                .start()
                .await
                .expect("a free port");
            addresses.insert(name.to_owned(), server.url());
            servers.push(server);
        }
        let stage = json!({"payment": {"url": addresses["payment"]}});
        let shop = Shop::start(addresses).await;
        let world = World {
            shop: shop.url.clone(),
            journal,
            clock,
            seed: Seed::new(7),
            run_id: "run-1".to_owned(),
            mocks: Arc::new(Outside(servers)),
            fakes: Arc::new(RealFakes(Vec::new())),
            secrets: Secrets::default(),
            stage,
            env: json!({"REGION": "eu"}),
            fixtures: SharedFixtures::new(),
            exclusive: true,
            limits: Limits::default(),
        };
        Self {
            shop,
            world,
            interrupt: Interrupt::new(),
        }
    }

    /// With the fake of YooKassa, which tells the shop at `/hook` what happens.
    pub(super) async fn with_yookassa(mut self) -> Self {
        let options = FakeOptions {
            journal: self.world.journal.clone(),
            clock: self.world.clock.clone(),
            ..FakeOptions::default()
        };
        let started = Fake::start(styk_fakes::payments::yookassa::KIND, options).await;
        let fake = started.expect("a free port");
        let subscription = Subscription {
            url: format!("{}hook", self.shop.url),
            ..Subscription::default()
        };
        fake.subscribe(&subscription).expect("an address");
        let url = fake.url().as_str().trim_end_matches('/');
        let secret = fake
            .variables()
            .into_iter()
            .find(|variable| variable.name == "YOOKASSA_SECRET_KEY");
        let secret = secret.expect("a secret").value;
        self.world.stage["yookassa"] = json!({"url": url, "secret": secret});
        self.world.fakes = Arc::new(RealFakes(vec![fake]));
        self
    }

    /// With a limit for every step that has none of its own.
    pub(super) fn step_limit(mut self, limit: Duration) -> Self {
        self.world.limits.step = limit;
        self
    }

    /// Plays the only case of a file.
    pub(super) async fn play(&self, yaml: &str) -> Attempt {
        let case = only_case(yaml);
        play(&case, &self.world, 1, &self.interrupt).await
    }

    /// Plays steps under a head that says nothing.
    pub(super) async fn play_steps(&self, steps: &str) -> Attempt {
        self.play(&format!("scenario: A test\nsteps:\n{steps}"))
            .await
    }

    /// Plays steps that must pass.
    pub(super) async fn passes(&self, steps: &str) -> Attempt {
        let attempt = self.play_steps(steps).await;
        assert_passed(&attempt);
        attempt
    }

    /// The messages of steps that must not pass.
    pub(super) async fn fails(&self, steps: &str) -> Vec<String> {
        let attempt = self.play_steps(steps).await;
        assert_eq!(attempt.status, Status::Failed, "{}", messages(&attempt));
        rendered(&attempt)
    }
}

pub(super) fn cases(yaml: &str) -> Vec<Case> {
    let file = SourceFile {
        name: "a.styk.yaml".to_owned(),
        path: "/project/a.styk.yaml".into(),
        text: indented(yaml),
    };
    let Loaded {
        scenarios,
        diagnostics,
        ..
    } = load(&[file], &LoadOptions::default());
    let errors: Vec<String> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == styk_core::Severity::Error)
        .map(styk_core::Diagnostic::render)
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    scenarios
        .iter()
        .flat_map(|scenario| scenario.cases())
        .collect()
}

/// A literal that goes on after `\` loses the indentation of its next line: steps get theirs back.
fn indented(yaml: &str) -> String {
    let lines = yaml.lines().map(|line| {
        let lead = if line.starts_with("- ") { "  " } else { "" };
        format!("{lead}{line}\n")
    });
    lines.collect()
}

pub(super) fn only_case(yaml: &str) -> Case {
    let mut cases = cases(yaml);
    assert_eq!(cases.len(), 1, "one case");
    cases.remove(0)
}

pub(super) fn assert_passed(attempt: &Attempt) {
    assert_eq!(attempt.status, Status::Passed, "{}", messages(attempt));
    assert!(attempt.failures.is_empty(), "{}", messages(attempt));
}

pub(super) fn messages(attempt: &Attempt) -> String {
    rendered(attempt).join("\n\n")
}

pub(super) fn rendered(attempt: &Attempt) -> Vec<String> {
    attempt
        .failures
        .iter()
        .map(styk_core::Diagnostic::render)
        .collect()
}

/// One line a step, indented by depth: `0 passed POST /echo`.
pub(super) fn outline(steps: &[StepResult]) -> Vec<String> {
    fn walk(steps: &[StepResult], depth: usize, lines: &mut Vec<String>) {
        for step in steps {
            let note = step
                .note
                .as_ref()
                .map_or(String::new(), |note| format!(" ({note})"));
            lines.push(format!(
                "{}{} {} {}{note}",
                "  ".repeat(depth),
                step.path,
                step.status.word(),
                step.label
            ));
            walk(&step.children, depth + 1, lines);
        }
    }
    let mut lines = Vec::new();
    walk(steps, 0, &mut lines);
    lines
}
