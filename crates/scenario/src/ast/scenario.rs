//! Scenarios, their rows, and fixtures.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use styk_core::{Edge, ScenarioSummary};

use super::{Binding, Step};
use crate::tree::Span;
use crate::value::ValueTemplate;

/// One document with `scenario:`.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Where its title stands.
    pub span: Span,
    /// Stable and unique: as written, else the file's path, with an ordinal from the second document on.
    pub id: String,
    /// The title, for people.
    pub title: String,
    /// What it is about, at length.
    pub description: Option<String>,
    /// For selection.
    pub tags: Vec<String>,
    /// Who looks after it.
    pub owner: Option<String>,
    /// The ticket it came from.
    pub issue: Option<String>,
    /// Edges it says it crosses; documentation only, coverage is observed.
    pub edges: Vec<Edge>,
    /// The limit of an attempt; the run's default otherwise.
    pub timeout: Option<Duration>,
    /// The limit of a step that has none of its own; the run's default otherwise.
    pub step_timeout: Option<Duration>,
    /// How often it is played again after a failure; the run's default otherwise.
    pub retries: Option<u32>,
    /// It is never played at the same time as others that give one of these names.
    pub exclusive: Vec<String>,
    /// Why, and when, it is not played.
    pub skip: Option<Skip>,
    /// Variables of an embedded shop, for this scenario alone. They see `run`, `env` and `row`.
    pub shop: Vec<Binding>,
    /// Variables whose values are masked; each is declared in `vars`.
    pub secrets: Vec<String>,
    /// Variables, in order; each sees those before it.
    pub vars: Vec<Binding>,
    /// The rows of its table; empty without one.
    pub table: Vec<Row>,
    /// Fixtures to set up before the first step, after `vars`.
    pub uses: Vec<Use>,
    /// The steps.
    pub steps: Vec<Step>,
    /// Steps to play at the end, whatever happened.
    pub finally: Vec<Step>,
    /// Every fixture that was loaded with it, by name.
    pub fixtures: Arc<Fixtures>,
}

/// Fixtures by name.
pub type Fixtures = BTreeMap<String, Arc<Fixture>>;

/// A row of `table`: a mapping, bound to the name `row`.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where it stands, in the scenario or in its CSV file.
    pub span: Span,
    /// What its column `case` says, when it is plain text: the row's name for people.
    pub name: Option<String>,
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// The row. It sees `stage`, `run` and `env`.
    pub value: ValueTemplate,
}

/// `skip:`.
#[derive(Clone, Debug)]
pub struct Skip {
    /// Why.
    pub reason: String,
    /// The first day on which it is played again.
    pub until: Option<Date>,
    /// Skipped only if this is true. It sees `stage`, `run`, `env` and `row`.
    pub when: Option<ValueTemplate>,
}

/// One use of a fixture: in a scenario's or fixture's `use:`, or as a step.
#[derive(Clone, Debug)]
pub struct Use {
    /// Where the fixture's name stands.
    pub span: Span,
    /// The fixture; it exists.
    pub fixture: String,
    /// Values for its arguments; each exists, and none that is required is missing.
    pub with: Vec<Binding>,
    /// The name its outputs are bound to, and the name of its actor.
    pub alias: String,
}

/// A fixture: steps that prepare something and say what came out.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// Where its name stands.
    pub span: Span,
    /// Its name.
    pub name: String,
    /// How long it lives.
    pub scope: FixtureScope,
    /// Its arguments.
    pub args: Vec<FixtureArg>,
    /// Variables, in order; they see the arguments.
    pub vars: Vec<Binding>,
    /// Steps that set it up, among them uses of other fixtures.
    pub steps: Vec<Step>,
    /// What it gives, computed after the steps.
    pub outputs: Vec<Binding>,
    /// Steps that take it down, whatever happened.
    pub teardown: Vec<Step>,
}

/// How long a fixture lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FixtureScope {
    /// As long as the attempt that uses it.
    #[default]
    Scenario,
    /// As long as the worker that plays scenarios one after another.
    Worker,
    /// As long as the run, once for each stage.
    Run,
}

/// An argument of a fixture.
#[derive(Clone, Debug)]
pub struct FixtureArg {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Its value when `with` has none. `None`: it must be given.
    pub default: Option<ValueTemplate>,
}

/// One test: a scenario, or one row of its table.
#[derive(Clone, Debug)]
pub struct Case {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// The scenario's id; rows add `#1`, `#2`, ….
    pub id: String,
    /// The scenario's title; rows add what their column `case` says.
    pub title: String,
    /// The row's place in [`Scenario::table`].
    pub row: Option<usize>,
}

impl Scenario {
    /// The tests it stands for: one, or one for each row of its table.
    #[must_use]
    pub fn cases(self: &Arc<Self>) -> Vec<Case> {
        if self.table.is_empty() {
            return vec![Case {
                scenario: Arc::clone(self),
                id: self.id.clone(),
                title: self.title.clone(),
                row: None,
            }];
        }
        let rows = self.table.iter().enumerate();
        rows.map(|(index, row)| {
            let number = index + 1;
            let name = row
                .name
                .as_ref()
                .map_or_else(|| format!("row {number}"), Clone::clone);
            Case {
                scenario: Arc::clone(self),
                id: format!("{}#{number}", self.id),
                title: format!("{} ({name})", self.title),
                row: Some(index),
            }
        })
        .collect()
    }
}

impl Case {
    /// The row this case plays.
    #[must_use]
    pub fn row(&self) -> Option<&Row> {
        self.row.and_then(|index| self.scenario.table.get(index))
    }

    /// How results name it, in a category of the run.
    #[must_use]
    pub fn summary(&self, category: &str) -> ScenarioSummary {
        ScenarioSummary {
            id: self.id.clone(),
            title: self.title.clone(),
            category: category.to_owned(),
            file: self.scenario.span.source().name().to_owned(),
            tags: self.scenario.tags.clone(),
        }
    }
}
