//! How long an action waits: a fixed time, or one drawn from a distribution.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;

use crate::json::{Json, Object};
use crate::schema::{Complaints, Fields};

/// MockServer's units of time, in nanoseconds.
pub(crate) const TIME_UNITS: &[(&str, u64)] = &[
    ("DAYS", 86_400_000_000_000),
    ("HOURS", 3_600_000_000_000),
    ("MINUTES", 60_000_000_000),
    ("SECONDS", 1_000_000_000),
    ("MILLISECONDS", 1_000_000),
    ("MICROSECONDS", 1_000),
    ("NANOSECONDS", 1),
];

/// A wait is never longer than this, whatever a distribution draws.
const DELAY_MAX: Duration = Duration::from_secs(86_400);

/// A time to wait.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Delay {
    Fixed(Duration),
    /// Milliseconds.
    Uniform {
        min: f64,
        max: f64,
    },
    /// Milliseconds: half of all waits are shorter than the median, one of a hundred is longer than p99.
    LogNormal {
        median: f64,
        p99: f64,
    },
    /// Milliseconds.
    Gaussian {
        mean: f64,
        deviation: f64,
    },
}

impl Delay {
    /// Reads `{timeUnit, value}` or `{distribution}` that stands at `path`.
    pub(crate) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        fields.refuse(&["template", "templateType"], complaints);
        let distribution = fields.take("distribution");
        let unit = time_unit(&mut fields, complaints);
        let value = fields.integer("value", complaints).unwrap_or_default();
        fields.finish(complaints);
        match distribution {
            Some(json) => {
                Self::read_distribution(json, &format!("{path}.distribution"), complaints)
            }
            None => {
                let (_, nanos) = unit.unwrap_or(("MILLISECONDS", 1_000_000));
                Some(Self::Fixed(duration(value, nanos)))
            }
        }
    }

    fn read_distribution(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let kind = fields.word("type", &["UNIFORM", "LOG_NORMAL", "GAUSSIAN"], complaints);
        let mut number = |name: &str| fields.number(name, complaints).unwrap_or_default();
        let (min, max) = (number("min"), number("max"));
        let (median, p99) = (number("median"), number("p99"));
        let (mean, deviation) = (number("mean"), number("stdDev"));
        if fields.get("type").is_none() && kind.is_none() {
            complaints.error(&fields.at("type"), "is missing but it is required");
        }
        fields.finish(complaints);
        Some(match kind? {
            "UNIFORM" => Self::Uniform { min, max },
            "LOG_NORMAL" => Self::LogNormal { median, p99 },
            _ => Self::Gaussian { mean, deviation },
        })
    }

    /// How long to wait this time.
    pub(crate) fn duration(&self, random: &mut StdRng) -> Duration {
        let millis = match *self {
            Self::Fixed(duration) => return duration.min(DELAY_MAX),
            Self::Uniform { min, max } => min + (max - min).max(0.0) * random.random::<f64>(),
            Self::LogNormal { median, p99 } => {
                /// The 99th percentile of the standard normal distribution.
                const Z99: f64 = 2.326_347_874;
                let sigma = (p99.max(median) / median.max(f64::MIN_POSITIVE)).ln() / Z99;
                median * (sigma * normal(random)).exp()
            }
            Self::Gaussian { mean, deviation } => mean + deviation * normal(random),
        };
        let seconds = if millis.is_finite() {
            (millis / 1e3).max(0.0)
        } else {
            0.0
        };
        Duration::try_from_secs_f64(seconds)
            .unwrap_or(DELAY_MAX)
            .min(DELAY_MAX)
    }
}

/// A draw from the standard normal distribution (Box and Muller's method).
fn normal(random: &mut StdRng) -> f64 {
    let (first, second): (f64, f64) = (random.random(), random.random());
    let radius = (-2.0 * first.max(f64::MIN_POSITIVE).ln()).sqrt();
    radius * (std::f64::consts::TAU * second).cos()
}

/// The unit that `timeUnit` names.
pub(crate) fn time_unit(
    fields: &mut Fields<'_>,
    complaints: &mut Complaints,
) -> Option<(&'static str, u64)> {
    let names: Vec<&'static str> = TIME_UNITS.iter().map(|(name, _)| *name).collect();
    let name = fields.word("timeUnit", &names, complaints)?;
    TIME_UNITS.iter().find(|(unit, _)| *unit == name).copied()
}

/// So many units of `nanos` nanoseconds; a negative number counts as none.
pub(crate) fn duration(amount: i64, nanos: u64) -> Duration {
    let amount = u64::try_from(amount).unwrap_or_default();
    Duration::from_nanos(amount.saturating_mul(nanos))
}

/// A time as MockServer writes it.
pub(crate) fn written(name: &str, amount_name: &str, amount: i64) -> Json {
    let mut written = Object::new();
    written.insert("timeUnit".to_owned(), Json::text(name));
    written.insert(amount_name.to_owned(), Json::number(amount));
    Json::Object(written)
}

#[cfg(test)]
mod tests {
    use styk_core::Seed;
    use test_case::test_case;

    use super::*;
    use crate::json::parse_lenient;

    fn read(text: &str) -> Delay {
        let mut complaints = Complaints::default();
        let delay = Delay::read(&parse_lenient(text).expect("JSON"), "$", &mut complaints);
        assert!(complaints.is_empty(), "{complaints:?}");
        delay.expect("a delay")
    }

    #[test]
    fn a_fixed_delay_has_a_unit() {
        assert_eq!(
            read("{timeUnit: 'SECONDS', value: 2}"),
            Delay::Fixed(Duration::from_secs(2))
        );
    }

    #[test_case("{distribution: {type: 'UNIFORM', min: 10, max: 20}}", 10.0, 20.0, 15.0; "uniform")]
    #[test_case("{distribution: {type: 'GAUSSIAN', mean: 100, stdDev: 5}}", 60.0, 140.0, 100.0; "gaussian")]
    #[test_case("{distribution: {type: 'LOG_NORMAL', median: 100, p99: 200}}", 10.0, 900.0, 105.0; "log normal")]
    fn draws_follow_the_distribution(text: &str, low: f64, high: f64, mean: f64) {
        let (delay, mut random) = (read(text), Seed::new(7).rng());
        let draws: Vec<f64> = (0..4000)
            .map(|_| delay.duration(&mut random).as_secs_f64() * 1e3)
            .collect();
        assert!(
            draws.iter().all(|draw| (low..=high).contains(draw)),
            "{draws:?}"
        );
        let average = draws.iter().sum::<f64>() / 4000.0;
        assert!((average - mean).abs() < mean * 0.1, "{average}");
    }
}
