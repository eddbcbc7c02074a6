//! The coordinator: decides what plays next, owns the limits, and is the only one who writes results and events.

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use styk_core::{Clock, Diagnostic, RunEvent, ScenarioSummary};
use styk_scenario::{Case, Interrupt, SharedFixtures};
use styk_stage::ShopSpec;
use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinSet};

use crate::board::{Board, Unplayed};
use crate::codes::code;
use crate::command::{CommandTask, PlayedCommand, out_folder};
use crate::config::CommandSuite;
use crate::ground::{Ground, Tools};
use crate::plan::Plan;
use crate::play::{CaseTask, PlayedCase};
use crate::project::CategoryKind;

/// After so many stages in a row that did not come up, and none that did, no more are tried.
const STAGE_FAILURES_MAX: usize = 3;
/// How long after a second Ctrl-C workers may take to notice.
const ABANDON_LIMIT: Duration = Duration::from_secs(2);
/// Messages under way from workers; a chatty program waits for its turn.
const MESSAGES_MAX: usize = 1_024;

/// What a worker tells while it works.
#[derive(Debug)]
pub(crate) enum Message {
    /// An attempt begins.
    ScenarioStarted {
        scenario: ScenarioSummary,
        attempt: u32,
    },
    /// A foreign program printed a line.
    Output { category: String, line: String },
}

/// How the run is played.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    pub(crate) jobs: usize,
    pub(crate) retries: u32,
    pub(crate) fail_fast: bool,
    pub(crate) timeout: Duration,
    pub(crate) root: Utf8PathBuf,
    pub(crate) reports: Utf8PathBuf,
}

/// One thing to play.
#[derive(Clone, Debug)]
struct Unit {
    category: usize,
    slot: usize,
    work: Work,
}

#[derive(Clone, Debug)]
enum Work {
    Case(Case),
    Command(Box<CommandSuite>),
}

/// What a worker brings back.
#[derive(Debug)]
enum Played {
    Case(PlayedCase),
    Command(Box<PlayedCommand>),
}

/// What the coordinator remembers of a running unit.
#[derive(Debug)]
struct Ticket {
    category: usize,
    slot: usize,
    locks: Vec<String>,
    /// The place on the shared stage, given back at the end.
    fixtures: Option<SharedFixtures>,
}

#[derive(Debug)]
struct CategoryWatch {
    timeout: Duration,
    interrupt: Interrupt,
    is_over: bool,
    /// A foreign suite minds its own limit.
    minds_itself: bool,
}

/// A run in progress.
#[derive(Debug)]
pub(crate) struct Schedule<'s> {
    tools: Arc<Tools>,
    habits: Habits,
    board: Board<'s>,
    interrupt: Interrupt,
    watches: Vec<CategoryWatch>,
    waiting: VecDeque<Unit>,
    running: JoinSet<Played>,
    tickets: HashMap<Id, Ticket>,
    locks: HashSet<String>,
    /// The attached stage.
    shared: Option<Arc<Ground>>,
    /// Fixtures of scope `worker` for each place on it that is free.
    free_places: Vec<SharedFixtures>,
    messages: (mpsc::Sender<Message>, mpsc::Receiver<Message>),
    began: Instant,
    /// Nothing more is started.
    is_closed: bool,
    run_is_over: bool,
    stood: bool,
    stage_failures: usize,
    interrupted: bool,
}

/// What came of the schedule, beside what is on the board.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    pub(crate) interrupted: bool,
    /// Nothing was played, because no stage came up.
    pub(crate) environment_failed: bool,
}

impl<'s> Schedule<'s> {
    pub(crate) fn new(
        plan: &Plan,
        tools: Arc<Tools>,
        habits: Habits,
        interrupt: Interrupt,
        board: Board<'s>,
    ) -> Self {
        let mut waiting = VecDeque::new();
        let mut watches = Vec::with_capacity(plan.categories.len());
        for (index, category) in plan.categories.iter().enumerate() {
            let works: Vec<Work> = match &category.kind {
                CategoryKind::Scenarios(cases) => cases.iter().cloned().map(Work::Case).collect(),
                CategoryKind::Command(suite) => vec![Work::Command(suite.clone())],
            };
            let units = works.into_iter().enumerate();
            waiting.extend(units.map(|(slot, work)| Unit {
                category: index,
                slot,
                work,
            }));
            watches.push(CategoryWatch {
                timeout: category.timeout,
                interrupt: interrupt.child(),
                is_over: false,
                minds_itself: matches!(category.kind, CategoryKind::Command(_)),
            });
        }
        Self {
            began: tools.clock.instant(),
            tools,
            habits,
            board,
            interrupt,
            watches,
            waiting,
            running: JoinSet::new(),
            tickets: HashMap::new(),
            locks: HashSet::new(),
            shared: None,
            free_places: Vec::new(),
            messages: mpsc::channel(MESSAGES_MAX),
            is_closed: false,
            run_is_over: false,
            stood: false,
            stage_failures: 0,
            interrupted: false,
        }
    }

    /// Plays everything, or as much as limits and people let it.
    pub(crate) async fn play(mut self) -> (Board<'s>, Ended) {
        if !self.tools.is_embedded() {
            self.stand_once().await;
        }
        loop {
            self.start_what_fits();
            if self.running.is_empty() {
                break;
            }
            self.wait().await;
        }
        if let Some(ground) = self.shared.take().and_then(Arc::into_inner) {
            let left = self.tools.leave(ground, &self.free_places, &self.interrupt);
            for failure in left.await {
                self.board.notice(failure);
            }
        }
        let ended = Ended {
            interrupted: self.interrupted,
            environment_failed: !self.stood && self.stage_failures > 0,
        };
        (self.board, ended)
    }

    /// The one stage of an attached shop.
    async fn stand_once(&mut self) {
        if let ShopSpec::Attached { base } = &self.tools.stage.shop {
            self.board.emit(&RunEvent::ShopAwaited {
                address: base.to_string(),
                limit: self.tools.stage.ready.limit,
            });
        }
        let exclusive = self.habits.jobs == 1;
        match self
            .tools
            .stand("attached", &[], exclusive, &self.interrupt)
            .await
        {
            Ok(ground) => {
                self.stood = true;
                let places = (0..self.habits.jobs).map(|_| ground.fixtures.for_worker());
                self.free_places = places.collect();
                self.shared = Some(Arc::new(ground));
            }
            Err(Some(cause)) => {
                self.stage_failures += 1;
                self.board.notice(cause.clone());
                self.close(&Unplayed::Error(
                    Diagnostic::error(format!("not played: {}", cause.message))
                        .code(code::NOT_TRIED),
                ));
            }
            Err(None) => self.stop(),
        }
    }

    async fn wait(&mut self) {
        let deadline = self.next_deadline();
        let clock = self.tools.clock.clone();
        let interrupt = self.interrupt.clone();
        let is_stopped = self.interrupted;
        tokio::select! {
            Some(message) = self.messages.1.recv() => self.tell(message),
            Some(done) = self.running.join_next_with_id() => self.take(done),
            () = interrupt.stopped(), if !is_stopped => self.stop(),
            () = abandoned_for(&interrupt, ABANDON_LIMIT), if is_stopped => self.running.abort_all(),
            () = sleep_until_due(&clock, deadline) => self.check_limits(),
        }
    }

    fn tell(&mut self, message: Message) {
        let event = match message {
            Message::ScenarioStarted { scenario, attempt } => {
                RunEvent::ScenarioStarted { scenario, attempt }
            }
            Message::Output { category, line } => RunEvent::Output { category, line },
        };
        self.board.emit(&event);
    }

    fn start_what_fits(&mut self) {
        while self.running.len() < self.habits.jobs {
            let free = |unit: &Unit| unit.locks().iter().all(|name| !self.locks.contains(name));
            let Some(position) = self.waiting.iter().position(free) else {
                return;
            };
            let Some(unit) = self.waiting.remove(position) else {
                return;
            };
            match self.reason_against(&unit) {
                Some(reason) => self.board.leave_out(unit.category, unit.slot, reason),
                None => self.start(unit),
            }
        }
    }

    fn reason_against(&self, unit: &Unit) -> Option<Unplayed> {
        let watch = &self.watches[unit.category];
        watch.is_over.then(|| {
            let message = format!("not played: the category's {:?} were over", watch.timeout);
            Unplayed::Error(Diagnostic::error(message).code(code::CATEGORY_LIMIT))
        })
    }

    fn start(&mut self, unit: Unit) {
        self.board.begin(unit.category);
        let locks = unit.locks();
        self.locks.extend(locks.iter().cloned());
        let (category, slot) = (unit.category, unit.slot);
        let interrupt = self.watches[category].interrupt.child();
        let fixtures = self.free_places.pop();
        let handle = match unit.work {
            Work::Case(case) => {
                let task = CaseTask {
                    tools: Arc::clone(&self.tools),
                    retries: case.scenario.retries.unwrap_or(self.habits.retries),
                    case,
                    summary: self.board.summary(category, slot).clone(),
                    shared: self.shared.clone().zip(fixtures.clone()),
                    interrupt,
                    messages: self.messages.0.clone(),
                };
                self.running
                    .spawn(async move { Played::Case(task.play().await) })
            }
            Work::Command(suite) => {
                let name = self.board.name(category).to_owned();
                let task = CommandTask {
                    tools: Arc::clone(&self.tools),
                    out: out_folder(&self.habits.reports, &self.tools.run_id, &name),
                    category: name,
                    suite: *suite,
                    timeout: self.watches[category].timeout,
                    root: self.habits.root.clone(),
                    shared: self.shared.clone(),
                    interrupt,
                    messages: self.messages.0.clone(),
                };
                self.running
                    .spawn(async move { Played::Command(Box::new(task.play().await)) })
            }
        };
        let ticket = Ticket {
            category,
            slot,
            locks,
            fixtures,
        };
        self.tickets.insert(handle.id(), ticket);
    }

    fn take(&mut self, done: Result<(Id, Played), JoinError>) {
        // What it said before its end comes first. Others may go on talking; that can wait.
        for _ in 0..self.messages.1.len() {
            if let Ok(message) = self.messages.1.try_recv() {
                self.tell(message);
            }
        }
        let (id, played) = match done {
            Ok((id, played)) => (id, Ok(played)),
            Err(error) => (error.id(), Err(error)),
        };
        let Some(ticket) = self.tickets.remove(&id) else {
            return;
        };
        self.free_places.extend(ticket.fixtures.clone());
        for name in &ticket.locks {
            self.locks.remove(name);
        }
        let failed = match played {
            Ok(Played::Case(played)) => {
                self.note_stage(played.stood, played.stage_failed);
                let last = played.attempts.last();
                let is_bad = last.is_some_and(|attempt| !attempt.status.is_success());
                self.board.finish_case(ticket.category, ticket.slot, played);
                is_bad
            }
            Ok(Played::Command(played)) => {
                self.note_stage(played.stood, played.stage_failed);
                let bad_case = |result: &styk_core::ScenarioResult| !result.status.is_success();
                let is_bad = !played.errors.is_empty() || played.scenarios.iter().any(bad_case);
                self.board.finish_command(ticket.category, *played);
                is_bad
            }
            Err(error) => {
                let unplayed = broken(error);
                self.board.leave_out(ticket.category, ticket.slot, unplayed);
                true
            }
        };
        if failed && self.habits.fail_fast && !self.is_closed {
            self.close(&Unplayed::Skipped(
                "not played: an earlier scenario failed (--fail-fast)".to_owned(),
            ));
        }
    }

    fn note_stage(&mut self, stood: bool, failed: bool) {
        self.stood |= stood;
        if failed {
            self.stage_failures += 1;
        }
        if !self.stood && self.stage_failures >= STAGE_FAILURES_MAX && !self.is_closed {
            let message = format!(
                "not played: the stage failed to come up {STAGE_FAILURES_MAX} times and never did"
            );
            self.close(&Unplayed::Error(
                Diagnostic::error(message)
                    .code(code::NOT_TRIED)
                    .help("the first scenarios say why"),
            ));
        }
    }

    /// Starts nothing more.
    fn close(&mut self, why: &Unplayed) {
        for unit in self.waiting.drain(..) {
            self.board.leave_out(unit.category, unit.slot, why.clone());
        }
        self.is_closed = true;
    }

    /// A person stopped the run.
    fn stop(&mut self) {
        self.interrupted = true;
        self.board.emit(&RunEvent::Interrupted);
        self.close(&Unplayed::Skipped(
            "not played: the run was stopped".to_owned(),
        ));
    }

    /// How long until the next limit strikes.
    fn next_deadline(&self) -> Option<Duration> {
        let clock = &self.tools.clock;
        let left = |limit: Duration, began| limit.saturating_sub(clock.since(began));
        let run = (!self.run_is_over).then(|| left(self.habits.timeout, self.began));
        let categories = self
            .watches
            .iter()
            .enumerate()
            .filter_map(|(index, watch)| {
                let began = self.board.began(index)?;
                let is_watched = !watch.is_over && !watch.minds_itself && self.board.is_open(index);
                is_watched.then(|| left(watch.timeout, began))
            });
        categories.chain(run).min()
    }

    fn check_limits(&mut self) {
        let clock = self.tools.clock.clone();
        for index in 0..self.watches.len() {
            let Some(began) = self.board.began(index) else {
                continue;
            };
            let watch = &mut self.watches[index];
            let struck =
                !watch.is_over && !watch.minds_itself && clock.since(began) >= watch.timeout;
            if struck && self.board.is_open(index) {
                watch.is_over = true;
                watch.interrupt.stop();
                let message = format!("the category's time of {:?} was over", watch.timeout);
                let error = Diagnostic::error(message).code(code::CATEGORY_LIMIT);
                self.board
                    .fail(index, error.help("`timeout` of the suite gives it more"));
            }
        }
        if !self.run_is_over && clock.since(self.began) >= self.habits.timeout {
            self.run_is_over = true;
            self.end_run();
        }
    }

    /// The run's limit struck.
    fn end_run(&mut self) {
        let message = format!("the run's time of {:?} was over", self.habits.timeout);
        let error = Diagnostic::error(message).code(code::RUN_LIMIT);
        let advice = "`run.timeout` in styk.yaml gives it more";
        self.board.notice(error.clone().help(advice));
        for index in 0..self.watches.len() {
            if self.board.is_open(index) {
                self.watches[index].interrupt.stop();
                self.board.fail(index, error.clone());
            }
        }
        self.close(&Unplayed::Error(error));
    }
}

impl Unit {
    fn locks(&self) -> Vec<String> {
        match &self.work {
            Work::Case(case) => case.scenario.exclusive.clone(),
            Work::Command(_) => Vec::new(),
        }
    }
}

async fn sleep_until_due(clock: &Clock, left: Option<Duration>) {
    match left {
        Some(left) => clock.sleep(left).await,
        None => pending().await,
    }
}

async fn abandoned_for(interrupt: &Interrupt, limit: Duration) {
    interrupt.abandoned().await;
    tokio::time::sleep(limit).await;
}

fn broken(error: JoinError) -> Unplayed {
    if error.is_cancelled() {
        return Unplayed::Skipped("given up: the run was stopped at once".to_owned());
    }
    let panic = error.into_panic();
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_owned());
    Unplayed::Broken(
        Diagnostic::error(format!("styk broke while it played this: {text}"))
            .code(code::PANICKED)
            .help("this is a bug of styk; please report it"),
    )
}
