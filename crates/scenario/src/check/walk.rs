//! Visits steps and what is inside them.

use crate::ast::{Step, Verb};

/// Calls `visit` with a step and every step inside, in the order of the file.
pub(super) fn each_step<'a>(step: &'a Step, visit: &mut impl FnMut(&'a Step)) {
    visit(step);
    for inner in inner_steps(step) {
        each_step(inner, visit);
    }
}

/// The steps directly inside a step.
pub(super) fn inner_steps(step: &Step) -> &[Step] {
    match &step.verb {
        Verb::Group { steps, .. } | Verb::Block(steps) => steps,
        Verb::Parallel(parallel) => &parallel.steps,
        _ => &[],
    }
}
