//! A whole run: from a checked project to its result.

use std::sync::Arc;

use camino::Utf8PathBuf;
use styk_core::{Clock, Diagnostic, EventSink, RunEvent, RunResult, Secrets, Seed};
use styk_scenario::Interrupt;
use styk_stage::ShopLauncher;

use crate::board::Board;
use crate::coverage::Coverage;
use crate::ground::Tools;
use crate::id::run_id;
use crate::plan::{Plan, Selection};
use crate::project::Project;
use crate::schedule::{Habits, Schedule};

/// How a run differs from what styk.yaml says.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// What is played.
    pub selection: Selection,
    /// Scenarios side by side.
    pub jobs: Option<usize>,
    /// How often a scenario that did not pass is played again, where it does not say so itself.
    pub retries: Option<u32>,
    /// Start nothing more after the first scenario that did not pass.
    pub fail_fast: bool,
    /// Every scenario has to pass, at its first attempt.
    pub strict: bool,
    /// Share of passed categories that makes the run a success, in percent.
    pub threshold: Option<f64>,
    /// Where reports go; each run has a folder of its own there.
    pub reports: Utf8PathBuf,
}

/// What a run is given from outside.
#[derive(Debug)]
pub struct RunSurroundings {
    /// Time.
    pub clock: Clock,
    /// Chance; printed, and accepted again.
    pub seed: Seed,
    /// The version of styk.
    pub version: String,
    /// Who starts an embedded shop.
    pub launcher: Option<Arc<dyn ShopLauncher>>,
    /// Where values go that reports must mask.
    pub secrets: Secrets,
    /// Stops the run: first cleanly, then at once.
    pub interrupt: Interrupt,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct RunOutcome {
    /// The result, for reports.
    pub result: Arc<RunResult>,
    /// Nothing could be played, because the environment was not ready.
    pub environment_failed: bool,
}

/// Plays a project.
///
/// The sink is told everything as it happens, last of all the whole result.
///
/// # Errors
///
/// When the selection leaves nothing to play. Everything else that goes wrong is part of the result.
pub async fn run(
    project: &Project,
    options: RunOptions,
    surroundings: RunSurroundings,
    sink: &mut dyn EventSink,
) -> Result<RunOutcome, Vec<Diagnostic>> {
    let plan = Plan::select(project, &options.selection)?;
    let RunSurroundings {
        clock,
        seed,
        version,
        launcher,
        secrets,
        interrupt,
    } = surroundings;
    let (started_at, began) = (clock.now(), clock.instant());
    let tools = Arc::new(Tools {
        run_id: run_id(started_at, seed),
        clock: clock.clone(),
        seed,
        secrets,
        launcher,
        stage: project.stage.clone(),
        env: project.env.clone(),
        limits: project.limits(),
    });
    let habits = Habits {
        jobs: project.jobs(options.jobs),
        retries: options.retries.unwrap_or(project.run.retries),
        fail_fast: options.fail_fast,
        timeout: project.run.timeout,
        root: project.root.clone(),
        reports: options.reports.clone(),
    };
    sink.event(&RunEvent::RunStarted {
        run_id: tools.run_id.clone(),
        seed,
        categories: plan
            .categories
            .iter()
            .map(|category| (category.name.clone(), category.size()))
            .collect(),
        jobs: habits.jobs,
    });
    let services = project.stage.services();
    let matrix = project.matrix.clone();
    let coverage = matrix.map(|matrix| Coverage::new(matrix, services));
    let mut board = Board::new(&plan, coverage, clock.clone(), sink);
    for warning in project.warnings() {
        board.notice(warning.clone());
    }
    let schedule = Schedule::new(&plan, Arc::clone(&tools), habits, interrupt, board);
    let (board, ended) = schedule.play().await;
    let results = board.into_results();
    let result = Arc::new(RunResult {
        run_id: tools.run_id.clone(),
        version,
        seed,
        started_at,
        ended_at: clock.now(),
        duration: clock.since(began),
        stage: project.stage.kind().to_owned(),
        success_threshold: options.threshold.unwrap_or(project.run.success_threshold),
        strict: options.strict || project.run.strict,
        interrupted: ended.interrupted,
        categories: results.categories,
        matrix: results.matrix,
        notices: results.notices,
    });
    results.sink.event(&RunEvent::RunFinished {
        result: Arc::clone(&result),
    });
    Ok(RunOutcome {
        result,
        environment_failed: ended.environment_failed,
    })
}
