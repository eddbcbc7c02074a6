//! The name of a run: when it began, and four digits of its seed.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use styk_core::Seed;

/// `20261123-004512-4f3a`, in UTC. It sorts by time and is a folder's name everywhere.
pub(crate) fn run_id(at: Timestamp, seed: Seed) -> String {
    let time = at.to_zoned(TimeZone::UTC).strftime("%Y%m%d-%H%M%S");
    let digits = seed.derive("run id").value() & 0xffff;
    format!("{time}-{digits:04x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_time_and_seed() {
        let at: Timestamp = "2026-11-23T00:45:12Z".parse().expect("a time");
        let id = run_id(at, Seed::new(1));
        assert!(id.starts_with("20261123-004512-"), "{id}");
        assert_eq!(id.len(), "20261123-004512-4f3a".len());
        assert_ne!(id, run_id(at, Seed::new(2)));
        assert_eq!(id, run_id(at, Seed::new(1)));
    }
}
