//! Many files in, scenarios and fixtures out, with everything that is wrong at once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use camino::Utf8PathBuf;
use styk_core::{Diagnostic, Severity};

use crate::Diagnostics;
use crate::ast::{Fixture, Fixtures, Scenario};
use crate::check::{self, Surroundings};
use crate::codes::code;
use crate::lower::{Lower, document_fixtures, document_scenario};
use crate::suggest::suggest;
use crate::tree::{Node, Source, Span, parse};

/// A file as it was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its name for people and for ids, relative to the project, with `/` between folders.
    pub name: String,
    /// Where it was read; relative paths in it start from this file's folder.
    pub path: Utf8PathBuf,
    /// Its text.
    pub text: String,
}

/// What the files are checked against.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// The mocks of the stage. Empty: not known, and not checked.
    pub mocks: Vec<String>,
    /// The fakes of the stage; `None`: not known, and not checked.
    pub fakes: Option<Vec<KnownFake>>,
}

/// A fake that scenarios may speak to.
#[derive(Clone, Debug, Default)]
pub struct KnownFake {
    /// Its name, `stripe`.
    pub name: String,
    /// Its area, `payments`.
    pub area: String,
    /// What can be made to happen there.
    pub actions: Vec<KnownAction>,
}

/// Something that can be made to happen at a fake.
#[derive(Clone, Debug, Default)]
pub struct KnownAction {
    /// Its name, `confirm`.
    pub name: String,
    /// What it can be told, and whether it must.
    pub parameters: Vec<(String, bool)>,
}

/// What was loaded.
#[derive(Debug)]
pub struct Loaded {
    /// The scenarios without errors, in the order of the files.
    pub scenarios: Vec<Arc<Scenario>>,
    /// The fixtures without errors.
    pub fixtures: Arc<Fixtures>,
    /// Everything that is wrong or looks wrong, by file and place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Loaded {
    /// Whether nothing may be started.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Loads files into one namespace of fixtures. A file that is given twice is read once.
#[must_use]
pub fn load(files: &[SourceFile], options: &LoadOptions) -> Loaded {
    let mut loader = Loader::default();
    let mut seen = HashSet::new();
    for file in files {
        if seen.insert(file.name.as_str()) {
            loader.file(file);
        }
    }
    loader.finish(options)
}

/// A scenario or fixture with the names its broken steps may bind.
type Lowered<T> = (T, HashSet<String>);

#[derive(Default)]
struct Loader {
    diagnostics: Diagnostics,
    scenarios: Vec<Lowered<Scenario>>,
    /// In the order of the files.
    fixtures: Vec<Lowered<Fixture>>,
    /// Also of those that could not be lowered.
    fixture_names: HashSet<String>,
    /// Scenarios whose lowering failed; they are checked and not handed out.
    broken: HashSet<usize>,
}

impl Loader {
    fn file(&mut self, file: &SourceFile) {
        let folder = file
            .path
            .parent()
            .map(ToOwned::to_owned)
            .unwrap_or_default();
        let source = Source::new(file.name.clone(), folder, file.text.clone());
        let errors_before = self.diagnostics.errors();
        let documents = parse(&source, &mut self.diagnostics);
        if documents.is_empty() && self.diagnostics.errors() == errors_before {
            let warning = Span::new(&source, 0..0).warning(
                code::NOTHING_IN_FILE,
                "there is neither a scenario nor a fixture in this file",
            );
            self.diagnostics.push(warning);
        }
        let mut ordinal = 0;
        for document in &documents {
            self.document(document, &file.name, &mut ordinal);
        }
    }

    fn document(&mut self, node: &Node, file: &str, ordinal: &mut usize) {
        let has = |key| node.get(key).is_some();
        if has("fixtures") && !has("scenario") {
            self.fixtures(node);
        } else if has("scenario") || has("steps") {
            *ordinal += 1;
            self.scenario(node, file, *ordinal);
        } else {
            let diagnostic = neither(node);
            self.diagnostics.push(diagnostic);
        }
    }

    fn scenario(&mut self, node: &Node, file: &str, ordinal: usize) {
        let errors_before = self.diagnostics.errors();
        let mut lower = Lower {
            diagnostics: &mut self.diagnostics,
        };
        let Some(mut scenario) = document_scenario(node, &mut lower) else {
            return;
        };
        if scenario.id.is_empty() {
            scenario.id = default_id(file, ordinal);
        }
        let is_broken = self.diagnostics.errors() > errors_before;
        let maybe_bound = if is_broken {
            self.broken.insert(self.scenarios.len());
            check::names_in(node)
        } else {
            HashSet::new()
        };
        self.scenarios.push((scenario, maybe_bound));
    }

    fn fixtures(&mut self, node: &Node) {
        let names = node
            .get("fixtures")
            .and_then(Node::as_map)
            .unwrap_or_default();
        self.fixture_names
            .extend(names.iter().map(|(key, _)| key.text.clone()));
        let errors_before = self.diagnostics.errors();
        let mut lower = Lower {
            diagnostics: &mut self.diagnostics,
        };
        let fixtures = document_fixtures(node, &mut lower);
        let maybe_bound = if self.diagnostics.errors() > errors_before {
            check::names_in(node)
        } else {
            HashSet::new()
        };
        self.fixtures.extend(
            fixtures
                .into_iter()
                .map(|fixture| (fixture, maybe_bound.clone())),
        );
    }

    fn finish(mut self, options: &LoadOptions) -> Loaded {
        let (fixtures, fixtures_bound) = self.unique_fixtures();
        check::check_fixture_graph(&fixtures, &mut self.diagnostics);
        self.check_scenario_ids();
        for (name, fixture) in &fixtures {
            let nothing = HashSet::new();
            let around = Surroundings {
                options,
                fixtures: &fixtures,
                fixture_names: &self.fixture_names,
                maybe_bound: fixtures_bound.get(name).unwrap_or(&nothing),
            };
            check::check_fixture(fixture, around, &mut self.diagnostics);
        }
        let fixtures = Arc::new(fixtures);
        let mut scenarios = Vec::new();
        for (index, (mut scenario, maybe_bound)) in self.scenarios.into_iter().enumerate() {
            let errors_before = self.diagnostics.errors();
            let around = Surroundings {
                options,
                fixtures: &fixtures,
                fixture_names: &self.fixture_names,
                maybe_bound: &maybe_bound,
            };
            check::check_scenario(&scenario, around, &mut self.diagnostics);
            scenario.fixtures = Arc::clone(&fixtures);
            let is_sound =
                !self.broken.contains(&index) && self.diagnostics.errors() == errors_before;
            if is_sound {
                scenarios.push(Arc::new(scenario));
            }
        }
        Loaded {
            scenarios,
            fixtures,
            diagnostics: self.diagnostics.into_sorted(),
        }
    }

    /// The fixtures by name, with what their broken steps may bind; the first of a name counts.
    fn unique_fixtures(&mut self) -> (Fixtures, HashMap<String, HashSet<String>>) {
        let mut fixtures = BTreeMap::new();
        let mut bound = HashMap::new();
        for (fixture, maybe_bound) in std::mem::take(&mut self.fixtures) {
            let earlier: Option<&Arc<Fixture>> = fixtures.get(&fixture.name);
            if let Some(earlier) = earlier {
                let message = format!("there are two fixtures `{}`", fixture.name);
                let place = format!("{}:{}", earlier.span.source().name(), earlier.span.line());
                let diagnostic = fixture
                    .span
                    .error(code::DUPLICATE_FIXTURE, message)
                    .note(format!("the first one stands in {place}"))
                    .help("all files that are loaded together share their fixtures: rename one");
                self.diagnostics.push(diagnostic);
                continue;
            }
            bound.insert(fixture.name.clone(), maybe_bound);
            fixtures.insert(fixture.name.clone(), Arc::new(fixture));
        }
        (fixtures, bound)
    }

    fn check_scenario_ids(&mut self) {
        let mut ids: HashMap<&str, &Span> = HashMap::new();
        for (scenario, _) in &self.scenarios {
            let Some(first) = ids.insert(&scenario.id, &scenario.span) else {
                continue;
            };
            let message = format!("two scenarios have the id `{}`", scenario.id);
            let place = format!("{}:{}", first.source().name(), first.line());
            let diagnostic = scenario
                .span
                .error(code::DUPLICATE_ID, message)
                .note(format!("the first one stands in {place}"));
            self.diagnostics.push(diagnostic);
        }
    }
}

/// `orders/paid` for `orders/paid.styk.yaml`, and `orders/paid:2` for its second scenario.
fn default_id(file: &str, ordinal: usize) -> String {
    let stem = [".styk.yaml", ".styk.yml", ".yaml", ".yml"]
        .iter()
        .find_map(|ending| file.strip_suffix(ending))
        .unwrap_or(file);
    if ordinal == 1 {
        stem.to_owned()
    } else {
        format!("{stem}:{ordinal}")
    }
}

/// A document that is neither a scenario nor fixtures.
fn neither(node: &Node) -> Diagnostic {
    let Some(entries) = node.as_map() else {
        return node.span.error(
            code::NO_DOCUMENT,
            format!(
                "expected a mapping with `scenario:` or `fixtures:`, found {}",
                node.kind()
            ),
        );
    };
    let misspelt = entries
        .iter()
        .find_map(|(key, _)| suggest(&key.text, ["scenario", "fixtures"]).map(|word| (key, word)));
    if let Some((key, word)) = misspelt {
        return key
            .span
            .error(
                code::NO_DOCUMENT,
                format!("`{}` begins neither a scenario nor fixtures", key.text),
            )
            .help(format!("did you mean `{word}`?"));
    }
    let place = entries.first().map_or(&node.span, |(key, _)| &key.span);
    place
        .error(
            code::NO_DOCUMENT,
            "this document is neither a scenario nor a set of fixtures",
        )
        .help("a scenario begins with `scenario: <title>`, fixtures with `fixtures:`")
}
