//! A project: everything its files say, checked, before anything starts.

mod scenarios;
mod surroundings;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use styk_core::{Diagnostic, Severity};
use styk_scenario::{Case, Diagnostics, Limits, Source};
use styk_stage::{ShopSpec, StageSpec};

use crate::codes::code;
use crate::config::{CONFIG_FILE, CommandSuite, Config, RunConfig, SuiteKind};
use crate::files::{read_text, shown};
use crate::matrix::Matrix;

pub use surroundings::StageChoice;

/// The largest styk.yaml, matrix or scenario file that is read.
const FILE_BYTES_MAX: usize = 1 << 20;

/// What a project is loaded with.
pub struct LoadSettings<'a> {
    /// Looks a variable of the environment up: `APP_URL`, `PAYMENT_MOCK_URL`, ….
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The stage, when it shall be another than styk.yaml says.
    pub stage: Option<StageChoice>,
}

impl std::fmt::Debug for LoadSettings<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("LoadSettings")
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// Everything that styk.yaml and the files it names say.
#[derive(Debug)]
pub struct Project {
    pub(crate) root: Utf8PathBuf,
    pub(crate) categories: Vec<Category>,
    pub(crate) matrix: Option<Matrix>,
    pub(crate) stage: StageSpec,
    pub(crate) attached_jobs: usize,
    pub(crate) run: RunConfig,
    pub(crate) env: Value,
    reports: Utf8PathBuf,
    warnings: Vec<Diagnostic>,
}

/// One category: a suite of styk.yaml with what it holds.
#[derive(Clone, Debug)]
pub(crate) struct Category {
    pub(crate) name: String,
    pub(crate) timeout: std::time::Duration,
    pub(crate) kind: CategoryKind,
}

/// What a category holds.
#[derive(Clone, Debug)]
pub(crate) enum CategoryKind {
    Scenarios(Vec<Case>),
    Command(Box<CommandSuite>),
}

impl Project {
    /// Finds styk.yaml in `folder` or the nearest folder above it.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn find(folder: &Utf8Path) -> Result<Utf8PathBuf, Diagnostic> {
        folder
            .ancestors()
            .map(|folder| folder.join(CONFIG_FILE))
            .find(|file| file.is_file())
            .ok_or_else(|| {
                Diagnostic::error(format!("there is no {CONFIG_FILE} in {folder} or above it"))
                    .code(code::NO_PROJECT)
                    .help("`styk init` writes one; `--config FILE` names one elsewhere")
            })
    }

    /// Reads styk.yaml, the matrix and every scenario, and checks them.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, in all files at once (warnings are among it).
    pub fn load(config: &Utf8Path, settings: &LoadSettings<'_>) -> Result<Self, Vec<Diagnostic>> {
        let mut diagnostics = Diagnostics::default();
        let root = config.parent().unwrap_or(Utf8Path::new("")).to_owned();
        let project = Self::read(config, &root, settings, &mut diagnostics);
        let told = once_each(diagnostics.into_sorted());
        match project {
            Some(project) if told.iter().all(|d| d.severity == Severity::Warning) => Ok(Self {
                warnings: told,
                ..project
            }),
            _ => Err(told),
        }
    }

    fn read(
        file: &Utf8Path,
        root: &Utf8Path,
        settings: &LoadSettings<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let source = match read_text(file, FILE_BYTES_MAX) {
            Ok(text) => Source::new(shown(root, file), root.to_owned(), text),
            Err(cause) => {
                let message = format!("{file} cannot be read: {cause}");
                diagnostics.push(Diagnostic::error(message).code(code::UNREADABLE));
                return None;
            }
        };
        let config = Config::read(&source, diagnostics)?;
        let stage = surroundings::stage_spec(&config, root, settings, diagnostics);
        let matrix = config.matrix.as_ref().and_then(|(path, span)| {
            match read_text(&root.join(path), FILE_BYTES_MAX) {
                Ok(text) => {
                    let source = Source::new(path.as_str(), root.to_owned(), text);
                    Some(Matrix::read(&source, diagnostics))
                }
                Err(cause) => {
                    let message = format!("the matrix {path} cannot be read: {cause}");
                    diagnostics.push(span.error(code::UNREADABLE, message));
                    None
                }
            }
        });
        let mocks: Vec<String> = match &stage {
            Some(stage) => stage.mocks.iter().map(|mock| mock.name.clone()).collect(),
            None => config.mocks.iter().map(|mock| mock.name.clone()).collect(),
        };
        let mut loader = scenarios::ScenarioLoader::new(root, &mocks, config.known_fakes());
        let mut categories = Vec::with_capacity(config.suites.len());
        for suite in config.suites {
            categories.push(Category {
                kind: match suite.kind {
                    SuiteKind::Command(command) => CategoryKind::Command(command),
                    SuiteKind::Scenarios(suite_files) => {
                        CategoryKind::Scenarios(loader.load(&suite.name, &suite_files, diagnostics))
                    }
                },
                name: suite.name,
                timeout: suite.timeout,
            });
        }
        Some(Self {
            root: root.to_owned(),
            categories,
            matrix,
            stage: stage?,
            attached_jobs: config.shop.jobs,
            run: config.run,
            env: Value::Object(config.env.into_iter().collect()),
            reports: config.reports,
            warnings: Vec::new(),
        })
    }

    /// The folder of styk.yaml.
    #[must_use]
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// Where reports go, as styk.yaml says.
    #[must_use]
    pub fn reports(&self) -> Utf8PathBuf {
        self.root.join(&self.reports)
    }

    /// Whether the shop is started by styk, in this process.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        matches!(self.stage.shop, ShopSpec::Embedded { .. })
    }

    /// How many scenarios are played side by side: as `asked` for; else as styk.yaml says; else one on an attached
    /// stage, and as many as there are cores on embedded ones.
    pub(crate) fn jobs(&self, asked: Option<usize>) -> usize {
        const EMBEDDED_MIN: usize = 2;
        let cores = || std::thread::available_parallelism().map_or(EMBEDDED_MIN, usize::from);
        let jobs = match self.stage.shop {
            ShopSpec::Attached { .. } => asked.unwrap_or(self.attached_jobs),
            ShopSpec::Embedded { .. } => asked
                .or(self.run.jobs)
                .unwrap_or_else(|| cores().max(EMBEDDED_MIN)),
        };
        jobs.max(1)
    }

    /// What looked wrong, but is no error.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The categories' names and how many scenarios each has; a foreign suite counts as one.
    pub fn categories(&self) -> impl Iterator<Item = (&str, usize)> {
        self.categories
            .iter()
            .map(|category| (category.name.as_str(), category.size()))
    }

    /// The declared matrix with nothing crossed yet.
    #[must_use]
    pub fn declared_matrix(&self) -> Option<styk_core::MatrixCoverage> {
        let services = self.stage.services();
        let matrix = self.matrix.clone()?;
        Some(crate::coverage::Coverage::new(matrix, services).finish())
    }

    /// All scenarios, row by row.
    pub(crate) fn cases(&self) -> impl Iterator<Item = &Case> {
        self.categories
            .iter()
            .flat_map(|category| match &category.kind {
                CategoryKind::Scenarios(cases) => cases.as_slice(),
                CategoryKind::Command(_) => &[],
            })
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            step: self.run.step_timeout,
            scenario: self.run.scenario_timeout,
            ..Limits::default()
        }
    }
}

impl Category {
    /// Scenarios in it; a foreign suite counts as one.
    pub(crate) fn size(&self) -> usize {
        match &self.kind {
            CategoryKind::Scenarios(cases) => cases.len(),
            CategoryKind::Command(_) => 1,
        }
    }
}

/// Files that several suites share are loaded for each of them; their messages are told once.
fn once_each(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
    for diagnostic in diagnostics {
        if !told.contains(&diagnostic) {
            told.push(diagnostic);
        }
    }
    told
}
