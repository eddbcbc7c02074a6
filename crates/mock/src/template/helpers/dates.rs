//! `dates`: the time of the request, moved and written in other forms. All of it is UTC.

use jiff::{SignedDuration, Timestamp};

use crate::json::Json;

use super::super::text::instant;
use super::arguments::long;
use super::{Called, date_pattern};

pub(super) fn call(now: Timestamp, method: &str, arguments: &[Json]) -> Called {
    let result = match (method, arguments) {
        ("now", []) => Ok(instant(now)),
        ("format", [Json::Text(pattern)]) => date_pattern::format(now, pattern),
        ("epochSeconds", []) => return Some(Ok(Json::number(now.as_second()))),
        ("epochMillis", []) => return Some(Ok(Json::number(now.as_millisecond()))),
        ("epochSecondsPlus", [seconds]) => moved_epoch(now, Some(long(seconds)?)),
        ("epochSecondsMinus", [seconds]) => moved_epoch(now, long(seconds)?.checked_neg()),
        (_, [amount]) => {
            let (unit, is_back) = unit(method)?;
            let amount = long(amount)?;
            let seconds = amount.checked_mul(if is_back { -unit } else { unit });
            moved(now, seconds)
        }
        _ => return None,
    };
    Some(result.map(Json::Text))
}

/// The seconds of the unit in a name such as `plusHours`, and whether the way is back.
fn unit(method: &str) -> Option<(i64, bool)> {
    let (unit, is_back) = match method.strip_prefix("plus") {
        Some(unit) => (unit, false),
        None => (method.strip_prefix("minus")?, true),
    };
    let seconds = match unit {
        "Seconds" => 1,
        "Minutes" => 60,
        "Hours" => 3_600,
        "Days" => 86_400,
        _ => return None,
    };
    Some((seconds, is_back))
}

fn moved(now: Timestamp, seconds: Option<i64>) -> Result<String, String> {
    seconds
        .and_then(|seconds| now.checked_add(SignedDuration::from_secs(seconds)).ok())
        .map(instant)
        .ok_or_else(|| "a time out of range".to_owned())
}

fn moved_epoch(now: Timestamp, seconds: Option<i64>) -> Result<String, String> {
    seconds
        .and_then(|seconds| now.as_second().checked_add(seconds))
        .map(|seconds| seconds.to_string())
        .ok_or_else(|| "a time out of range".to_owned())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const NOW: &str = "2026-11-25T22:56:54.435494742Z";

    #[test_case("plusSeconds", 10, "2026-11-25T22:57:04.435494742Z")]
    #[test_case("plusMinutes", 1, "2026-11-25T22:57:54.435494742Z")]
    #[test_case("plusHours", 1, "2026-11-25T23:56:54.435494742Z")]
    #[test_case("plusDays", 1, "2026-11-26T22:56:54.435494742Z")]
    #[test_case("minusSeconds", 10, "2026-11-25T22:56:44.435494742Z")]
    #[test_case("minusMinutes", 1, "2026-11-25T22:55:54.435494742Z")]
    #[test_case("minusHours", 1, "2026-11-25T21:56:54.435494742Z")]
    #[test_case("minusDays", 1, "2026-11-24T22:56:54.435494742Z")]
    #[test_case("epochSecondsPlus", 5, "1795647419")]
    #[test_case("epochSecondsMinus", 5, "1795647409")]
    fn the_time_is_moved(method: &str, amount: i64, expected: &str) {
        let now = NOW.parse().expect("an instant");
        let result = call(now, method, &[Json::number(amount)]);
        assert_eq!(result, Some(Ok(Json::text(expected))));
    }

    #[test]
    fn epochs_are_numbers() {
        let now = NOW.parse().expect("an instant");
        assert_eq!(
            call(now, "epochSeconds", &[]),
            Some(Ok(Json::number(1_795_647_414)))
        );
        assert_eq!(
            call(now, "epochMillis", &[]),
            Some(Ok(Json::number(1_795_647_414_435_i64)))
        );
    }

    #[test]
    fn only_whole_numbers_move_the_time() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(call(now, "plusDays", &[Json::text("1")]), None);
        assert_eq!(call(now, "plusDays", &[Json::number(1.5)]), None);
        let far = call(now, "plusDays", &[Json::number(i64::MAX)]);
        assert!(matches!(far, Some(Err(_))));
    }
}
