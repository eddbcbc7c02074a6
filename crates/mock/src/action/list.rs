//! `httpResponses`: several responses of which each request gets one.

use std::sync::atomic::{AtomicU64, Ordering};

use rand::RngExt;

use super::{Performance, Respond};
use crate::json::Json;
use crate::schema::{Complaints, Fields};

/// Responses and the way one of them is chosen.
#[derive(Debug)]
pub(crate) struct ResponseList {
    responses: Vec<Respond>,
    mode: Mode,
    served: AtomicU64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Mode {
    /// One after the other, and from the start again.
    Sequential,
    /// Any of them.
    Random,
    /// Any of them, some more often than others.
    Weighted(Vec<u64>),
    /// Each for so many requests, and the last for ever.
    Switch(u64),
}

/// A list with the fields it was read from.
type Read = (ResponseList, Vec<(&'static str, Json)>);

impl ResponseList {
    /// Takes the list from the fields of an expectation; with how it is written.
    pub(super) fn read(fields: &mut Fields<'_>, complaints: &mut Complaints) -> Option<Read> {
        let json = fields.take("httpResponses");
        let names = ["SEQUENTIAL", "RANDOM", "WEIGHTED", "SWITCH"];
        let mode = fields.word("responseMode", &names, complaints);
        let weights = fields.take("responseWeights").cloned();
        let after = fields.integer("switchAfter", complaints);
        let json = json?;
        let Json::Array(items) = json else {
            complaints.error(
                "$.httpResponses",
                format_args!("{} found, array expected", json.kind()),
            );
            return None;
        };
        let read = |(place, item): (usize, &Json)| {
            Respond::read(item, &format!("$.httpResponses[{place}]"), complaints)
        };
        let responses: Option<Vec<Respond>> = items.iter().enumerate().map(read).collect();
        let responses = responses?;
        if responses.is_empty() {
            return None;
        }
        let mut written = vec![(
            "httpResponses",
            Json::Array(responses.iter().map(|r| r.written.clone()).collect()),
        )];
        written.extend(mode.map(|mode| ("responseMode", Json::text(mode))));
        written.extend(weights.clone().map(|weights| ("responseWeights", weights)));
        written.extend(after.map(|after| ("switchAfter", Json::number(after))));
        let mode = match mode {
            Some("RANDOM") => Mode::Random,
            Some("WEIGHTED") => {
                Mode::Weighted(read_weights(weights.as_ref(), responses.len(), complaints)?)
            }
            Some("SWITCH") => Mode::Switch(u64::try_from(after.unwrap_or(1)).unwrap_or_default()),
            _ => Mode::Sequential,
        };
        Some((
            Self {
                responses,
                mode,
                served: AtomicU64::new(0),
            },
            written,
        ))
    }

    /// The response for this request.
    pub(super) fn next(&self, performance: &Performance<'_>) -> &Respond {
        let served = self.served.fetch_add(1, Ordering::Relaxed);
        let count = self.responses.len();
        let place = match &self.mode {
            Mode::Sequential => usize::try_from(served % count as u64).unwrap_or_default(),
            Mode::Random => performance
                .shared
                .with_random(|random| random.random_range(0..count)),
            Mode::Weighted(weights) => {
                let total: u64 = weights.iter().sum();
                let mut drawn = performance
                    .shared
                    .with_random(|random| random.random_range(0..total.max(1)));
                let chosen = weights.iter().position(|weight| {
                    let is_here = drawn < *weight;
                    drawn = drawn.saturating_sub(*weight);
                    is_here
                });
                chosen.unwrap_or_default()
            }
            Mode::Switch(after) => usize::try_from(served / (*after).max(1)).unwrap_or(usize::MAX),
        };
        &self.responses[place.min(count - 1)]
    }
}

fn read_weights(
    json: Option<&Json>,
    count: usize,
    complaints: &mut Complaints,
) -> Option<Vec<u64>> {
    const PATH: &str = "$.responseWeights";
    let items = match json {
        Some(Json::Array(items)) => items.as_slice(),
        _ => &[],
    };
    let weights: Vec<u64> = items
        .iter()
        .filter_map(|item| complaints.integer(PATH, item))
        .map(|weight| u64::try_from(weight).unwrap_or_default().min(1_000_000))
        .collect();
    if weights.len() == count {
        return Some(weights);
    }
    complaints.error(
        PATH,
        format_args!("needs one weight for each of the {count} responses"),
    );
    None
}
