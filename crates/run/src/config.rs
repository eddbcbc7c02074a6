//! `styk.yaml`: what the project tests, and how.
//!
//! Types here are what the file says, checked; what the environment adds (`APP_URL` and the like) is added by
//! [`crate::Project`].

mod fakes;
mod outside;
mod run;
mod suite;

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8PathBuf;
use serde_json::Value;
use styk_scenario::{Diagnostics, KnownFake, Node, Source, Span};

pub(crate) use fakes::FakeConfig;
pub(crate) use outside::{MockConfig, MockPlace, ShopConfig, StageKind, read_address};
pub(crate) use run::RunConfig;
pub(crate) use suite::{CommandSuite, ScenarioSuite, SuiteConfig, SuiteKind};

use crate::codes::code;
use crate::fields::{self, Fields};

/// The name of the file.
pub const CONFIG_FILE: &str = "styk.yaml";

/// The whole file.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) shop: ShopConfig,
    pub(crate) mocks: Vec<MockConfig>,
    pub(crate) fakes: Vec<FakeConfig>,
    pub(crate) matrix: Option<(Utf8PathBuf, Span)>,
    pub(crate) reports: Utf8PathBuf,
    pub(crate) suites: Vec<SuiteConfig>,
    pub(crate) run: RunConfig,
    pub(crate) env: BTreeMap<String, Value>,
}

const KEYS: [&str; 9] = [
    "version", "shop", "mocks", "fakes", "matrix", "reports", "suites", "run", "env",
];

impl Config {
    /// Reads the file. `None` when it is no mapping at all; other errors are in `diagnostics`, and what is wrong has
    /// its default.
    pub(crate) fn read(source: &Arc<Source>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let documents = styk_scenario::parse(source, diagnostics);
        let [root] = documents.as_slice() else {
            if let Some(second) = documents.get(1) {
                let message = format!("{} has more than one document", source.name());
                diagnostics.push(second.span.error(code::WRONG_VALUE, message));
            } else if !diagnostics.has_errors() {
                let message = format!("{} is empty", source.name());
                let diagnostic = Span::new(source, 0..0).error(code::MISSING, message);
                diagnostics
                    .push(diagnostic.help("`styk init` in an empty folder writes an example"));
            }
            return None;
        };
        let map = Fields::of(root, source.name(), &KEYS, diagnostics)?;
        check_version(&map, root, diagnostics);
        let env = map.read("env", diagnostics, outside::values);
        let env = env.unwrap_or_default();
        let mocks = map.read("mocks", diagnostics, outside::mocks);
        let mocks = mocks.unwrap_or_default();
        let fakes = map.read("fakes", diagnostics, fakes::fakes);
        let fakes = fakes.unwrap_or_default();
        for mock in &mocks {
            if fakes.iter().any(|fake| fake.name() == mock.name) {
                let message = format!("`{}` is a fake; a mock needs another name", mock.name);
                diagnostics.push(mock.span.error(code::WRONG_VALUE, message));
            }
        }
        let names = suite::known_names(&mocks, &fakes, &env);
        let suites = match map.get("suites") {
            Some(node) => suite::suites(node, &names, diagnostics).unwrap_or_default(),
            None => {
                let diagnostic = root.span.error(code::MISSING, "there is no `suites`");
                diagnostics.push(diagnostic.help(
                    "name at least one: `suites: {smoke: {scenarios: [scenarios/*.styk.yaml]}}`",
                ));
                Vec::new()
            }
        };
        let shop = map.read("shop", diagnostics, outside::shop);
        let matrix = map.get("matrix").and_then(|node| {
            let path = fields::text(node, "matrix", diagnostics)?;
            Some((Utf8PathBuf::from(path), node.span.clone()))
        });
        let reports = map.read("reports", diagnostics, fields::text);
        let run = map.read("run", diagnostics, run::run);
        Some(Self {
            shop: shop.unwrap_or_default(),
            mocks,
            fakes,
            matrix,
            reports: reports.map_or_else(|| "integration_reports".into(), Into::into),
            suites,
            run: run.unwrap_or_default(),
            env,
        })
    }
}

impl Config {
    /// The fakes as scenarios may speak to them.
    pub(crate) fn known_fakes(&self) -> Vec<KnownFake> {
        self.fakes.iter().map(FakeConfig::known).collect()
    }
}

fn check_version(map: &Fields<'_>, root: &Node, diagnostics: &mut Diagnostics) {
    let Some(node) = map.get("version") else {
        let diagnostic = root.span.error(code::MISSING, "there is no `version`");
        diagnostics.push(diagnostic.help("begin the file with `version: 1`"));
        return;
    };
    if fields::whole(node, "version", &(0..=u64::from(u32::MAX)), diagnostics)
        .is_some_and(|version| version != 1)
    {
        let message = format!("this styk reads version 1, not {}", node.span.text());
        diagnostics.push(node.span.error(code::WRONG_VALUE, message));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read(text: &str) -> (Option<Config>, Vec<String>) {
        let source = Source::new("styk.yaml", "", text);
        let mut diagnostics = Diagnostics::default();
        let config = Config::read(&source, &mut diagnostics);
        let told = diagnostics.into_sorted();
        (
            config,
            told.iter().map(styk_core::Diagnostic::render).collect(),
        )
    }

    #[test]
    fn a_whole_file_is_read() {
        let (config, told) = read(
            "version: 1\n\
             shop: {stage: attached, base: 'http://127.0.0.1:8000', ready: {limit: 5s}, jobs: 2}\n\
             mocks: {payment: {port: 1080, env: [PAYMENT_SERVICE_URL]}, email: }\n\
             suites:\n  smoke: {scenarios: ['a/*.styk.yaml'], timeout: 1m}\n  \
             legacy: {command: [pytest, '${out}'], junit: '${out}/*.xml', env: {URL: '${stage.shop.url}'}}\n\
             run: {retries: 2, success_threshold: 92.5}\n\
             env: {currency: RUB, answer: 42}\n",
        );
        assert_eq!(told, [""; 0]);
        let config = config.expect("a configuration");
        assert_eq!(config.shop.stage, Some(StageKind::Attached));
        assert_eq!(config.shop.ready.limit, Duration::from_secs(5));
        assert_eq!(config.shop.jobs, 2);
        assert_eq!(config.mocks[0].place, MockPlace::Port(1080));
        assert_eq!(config.mocks[1].place, MockPlace::Unsaid);
        assert_eq!(config.run.retries, 2);
        assert_eq!(config.env["answer"], 42);
        let names: Vec<_> = config
            .suites
            .iter()
            .map(|suite| suite.name.as_str())
            .collect();
        assert_eq!(names, ["smoke", "legacy"]);
    }

    #[test]
    fn all_errors_come_at_once_with_their_places() {
        let (_, told) = read(
            "version: 1\n\
             shop: {stage: embeded, redy: {}}\n\
             suites:\n  smoke: {scenaros: [a], timeout: 5}\n  \
             both: {scenarios: [a], command: [b]}\n  \
             legacy: {command: [x, '${stage.shp.url}'], junit: a.xml}\n\
             run: {retries: many, success_threshold: 101}\n",
        );
        let first_lines: Vec<_> = told
            .iter()
            .map(|text| text.lines().take(2).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            first_lines,
            [
                "error[E0402]: `stage` takes `embedded`, `attached`, here is `embeded`  --> styk.yaml:2:15",
                "error[E0401]: `shop` has no setting `redy`  --> styk.yaml:2:24",
                "error[E0403]: suite `smoke` has neither `scenarios` nor `command`  --> styk.yaml:4:3",
                "error[E0401]: `smoke` has no setting `scenaros`  --> styk.yaml:4:11",
                "error[E0402]: `timeout` takes a duration, here is `5`  --> styk.yaml:4:35",
                "error[E0402]: suite `both` has `scenarios` and `command`; it can be only one of them  --> styk.yaml:5:26",
                "error[E0407]: `${stage.shp.url}` names nothing  --> styk.yaml:6:25",
                "error[E0402]: `retries` takes a whole number from 0 to 5, here is `many`  --> styk.yaml:7:16",
                "error[E0402]: `success_threshold` takes a number from 0 to 100, here is `101`  --> styk.yaml:7:41",
            ]
        );
        assert!(
            told[1].ends_with("= help: did you mean `ready`?"),
            "{}",
            told[1]
        );
    }

    #[test]
    fn an_empty_file_and_a_list_are_refused() {
        for text in ["", "- a\n", "version: 2\nsuites: {}\n"] {
            let (_, told) = read(text);
            assert!(!told.is_empty(), "{text}");
        }
    }
}
