//! The block `suites` of styk.yaml: categories of scenarios, and foreign runners.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use styk_scenario::{Diagnostics, Key, Node, Span};

use super::{FakeConfig, MockConfig};
use crate::codes::code;
use crate::fields::{self, Fields};
use crate::template::Template;

const TIMEOUT: Duration = Duration::from_secs(600);
const GRACE: Duration = Duration::from_secs(10);

/// One suite, which is one category of the run.
#[derive(Clone, Debug)]
pub(crate) struct SuiteConfig {
    pub(crate) name: String,
    pub(crate) timeout: Duration,
    pub(crate) kind: SuiteKind,
}

/// What a suite consists of.
#[derive(Clone, Debug)]
pub(crate) enum SuiteKind {
    Scenarios(ScenarioSuite),
    Command(Box<CommandSuite>),
}

/// File patterns, with their places.
#[derive(Clone, Debug)]
pub(crate) struct ScenarioSuite {
    pub(crate) scenarios: Vec<(String, Span)>,
    pub(crate) fixtures: Vec<(String, Span)>,
}

/// A foreign runner.
#[derive(Clone, Debug)]
pub(crate) struct CommandSuite {
    pub(crate) argv: Vec<Template>,
    pub(crate) junit: Template,
    pub(crate) env: BTreeMap<String, Template>,
    pub(crate) grace: Duration,
}

/// What `${…}` may name in a command suite.
pub(super) fn known_names(
    mocks: &[MockConfig],
    fakes: &[FakeConfig],
    env: &BTreeMap<String, Value>,
) -> Vec<String> {
    let mut names = vec!["out".to_owned(), "run.id".to_owned()];
    let places = mocks.iter().map(|mock| mock.name.as_str());
    let places = places.chain(fakes.iter().map(FakeConfig::name));
    for place in std::iter::once("shop").chain(places) {
        names.extend(["url", "host", "port"].map(|part| format!("stage.{place}.{part}")));
    }
    names.extend(env.keys().map(|name| format!("env.{name}")));
    names
}

pub(super) fn suites(
    node: &Node,
    names: &[String],
    diagnostics: &mut Diagnostics,
) -> Option<Vec<SuiteConfig>> {
    let entries = fields::entries(node, "suites", diagnostics)?;
    if entries.is_empty() {
        diagnostics.push(node.span.error(code::MISSING, "`suites` names no suite"));
    }
    let read = entries
        .iter()
        .filter_map(|(key, node)| suite(key, node, names, diagnostics));
    Some(read.collect())
}

const KEYS: [&str; 8] = [
    "scenarios",
    "fixtures",
    "command",
    "junit",
    "env",
    "timeout",
    "grace",
    "shards",
];

fn suite(
    key: &Key,
    node: &Node,
    names: &[String],
    diagnostics: &mut Diagnostics,
) -> Option<SuiteConfig> {
    let name = key.text.clone();
    check_name(key, diagnostics);
    let map = Fields::of(node, &name, &KEYS, diagnostics)?;
    let timeout = map.read("timeout", diagnostics, fields::duration);
    let (kind, strangers): (_, &[&str]) = match (map.key("scenarios"), map.key("command")) {
        (Some(_), Some(command)) => {
            let message =
                format!("suite `{name}` has `scenarios` and `command`; it can be only one of them");
            diagnostics.push(command.span.error(code::WRONG_VALUE, message));
            return None;
        }
        (None, None) => {
            let message = format!("suite `{name}` has neither `scenarios` nor `command`");
            diagnostics.push(key.span.error(code::MISSING, message));
            return None;
        }
        (Some(_), None) => (
            scenario_suite(&map, diagnostics).map(SuiteKind::Scenarios),
            &["junit", "env", "grace", "shards"],
        ),
        (None, Some(_)) => (
            command_suite(&name, &map, names, diagnostics)
                .map(|suite| SuiteKind::Command(Box::new(suite))),
            &["fixtures"],
        ),
    };
    for stranger in strangers.iter().filter_map(|name| map.key(name)) {
        let message = format!("`{}` does not go with this kind of suite", stranger.text);
        diagnostics.push(stranger.span.error(code::UNKNOWN_KEY, message));
    }
    Some(SuiteConfig {
        name,
        timeout: timeout.unwrap_or(TIMEOUT),
        kind: kind?,
    })
}

/// The name is a folder and a file in the reports.
fn check_name(key: &Key, diagnostics: &mut Diagnostics) {
    let is_plain = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    if key.text.is_empty() || key.text.starts_with('.') || !key.text.chars().all(is_plain) {
        let message = format!("`{}` cannot be the name of a suite", key.text);
        let diagnostic = key.span.error(code::WRONG_VALUE, message);
        diagnostics.push(diagnostic.help("names are letters, digits, `_`, `-` and `.`"));
    }
}

fn scenario_suite(map: &Fields<'_>, diagnostics: &mut Diagnostics) -> Option<ScenarioSuite> {
    let scenarios = match map.get("scenarios") {
        Some(node) => fields::texts(node, "scenarios", diagnostics)?,
        None => Vec::new(),
    };
    if let (Some(key), true) = (map.key("scenarios"), scenarios.is_empty()) {
        diagnostics.push(key.span.error(code::MISSING, "`scenarios` names no file"));
    }
    let fixtures = map.read("fixtures", diagnostics, fields::texts);
    Some(ScenarioSuite {
        scenarios,
        fixtures: fixtures.unwrap_or_default(),
    })
}

fn command_suite(
    name: &str,
    map: &Fields<'_>,
    names: &[String],
    diagnostics: &mut Diagnostics,
) -> Option<CommandSuite> {
    if let Some(shards) = map.key("shards") {
        let message = "sharding is not in this version";
        diagnostics.push(shards.span.error(code::UNKNOWN_KEY, message));
    }
    let grace = map.read("grace", diagnostics, fields::duration);
    let argv = match map.get("command") {
        Some(node) => fields::texts(node, "command", diagnostics)?,
        None => Vec::new(),
    };
    if let (Some(key), true) = (map.key("command"), argv.is_empty()) {
        let diagnostic = key.span.error(code::MISSING, "`command` is empty");
        diagnostics.push(diagnostic.help("write program and arguments: `[pytest, -q, tests]`"));
    }
    let mut template = |text: &str, span: &Span| -> Option<Template> {
        match Template::parse(text) {
            Ok(template) => {
                diagnostics.extend(template.check(span, names));
                Some(template)
            }
            Err(cause) => {
                diagnostics.push(span.error(code::UNKNOWN_VALUE, cause));
                None
            }
        }
    };
    let argv: Vec<_> = argv
        .iter()
        .filter_map(|(text, span)| template(text, span))
        .collect();
    let mut env = BTreeMap::new();
    for (key, node) in map.get("env").and_then(Node::as_map).unwrap_or_default() {
        let written = node
            .as_text()
            .map_or_else(|| node.span.text().to_owned(), str::to_owned);
        env.extend(template(&written, &node.span).map(|value| (key.text.clone(), value)));
    }
    let junit = map
        .get("junit")
        .and_then(|node| template(node.as_text().unwrap_or_default(), &node.span));
    if map.get("junit").is_none() {
        let span = map.key("command").map(|key| &key.span)?;
        let message = format!("suite `{name}` does not say where its JUnit file is");
        let diagnostic = span.error(code::MISSING, message);
        diagnostics
            .push(diagnostic.help("add `junit: \"${out}/*.xml\"`, and let the runner write there"));
    }
    Some(CommandSuite {
        argv,
        junit: junit?,
        env,
        grace: grace.unwrap_or(GRACE),
    })
}
