//! The block `run` of styk.yaml: limits and habits. The command line can change most of them.

use std::time::Duration;

use styk_scenario::{Diagnostics, Node};

use crate::fields::{self, Fields};

/// The block `run`.
#[derive(Clone, Debug)]
pub(crate) struct RunConfig {
    pub(crate) jobs: Option<usize>,
    pub(crate) retries: u32,
    pub(crate) success_threshold: f64,
    pub(crate) strict: bool,
    pub(crate) timeout: Duration,
    pub(crate) scenario_timeout: Duration,
    pub(crate) step_timeout: Duration,
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            jobs: None,
            retries: 0,
            success_threshold: 80.0,
            strict: false,
            timeout: Duration::from_secs(30 * 60),
            scenario_timeout: Duration::from_secs(60),
            step_timeout: Duration::from_secs(10),
        }
    }
}

const KEYS: [&str; 7] = [
    "jobs",
    "retries",
    "success_threshold",
    "strict",
    "timeout",
    "scenario_timeout",
    "step_timeout",
];

pub(super) fn run(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<RunConfig> {
    let map = Fields::of(node, what, &KEYS, diagnostics)?;
    let default = RunConfig::default();
    let jobs = map.read("jobs", diagnostics, |node, what, diagnostics| {
        fields::whole(node, what, &(1..=256), diagnostics)
    });
    let retries = map.read("retries", diagnostics, |node, what, diagnostics| {
        fields::whole(node, what, &(0..=5), diagnostics)
    });
    let threshold = map.read(
        "success_threshold",
        diagnostics,
        |node, what, diagnostics| fields::number(node, what, &(0.0..=100.0), diagnostics),
    );
    let mut limit = |key, default| {
        let read = map.read(key, diagnostics, fields::duration);
        read.unwrap_or(default)
    };
    let timeout = limit("timeout", default.timeout);
    let scenario_timeout = limit("scenario_timeout", default.scenario_timeout);
    let step_timeout = limit("step_timeout", default.step_timeout);
    let strict = map.read("strict", diagnostics, fields::truth);
    Some(RunConfig {
        jobs: jobs.and_then(|jobs| usize::try_from(jobs).ok()),
        retries: retries
            .and_then(|retries| u32::try_from(retries).ok())
            .unwrap_or(default.retries),
        success_threshold: threshold.unwrap_or(default.success_threshold),
        strict: strict.unwrap_or(default.strict),
        timeout,
        scenario_timeout,
        step_timeout,
    })
}
