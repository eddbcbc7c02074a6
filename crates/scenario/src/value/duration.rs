//! Durations as people write them: `250ms`, `10s`, `1m30s`.

use std::time::Duration;

/// The longest duration the format takes; more is a slip of the pen.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// Reads `250ms`, `1.5s`, `1m30s`, `2h`. `None` for anything else, also for a number without a unit.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount = rest.get(..digits)?;
        rest = rest.get(digits..)?;
        let letters = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let unit = rest.get(..letters)?;
        rest = rest.get(letters..)?;
        total = total.checked_add(part(amount, unit)?)?;
    }
    (total <= LONGEST).then_some(total)
}

fn part(amount: &str, unit: &str) -> Option<Duration> {
    let nanos_per_unit: u64 = match unit {
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let mut nanos = whole.parse::<u64>().ok()?.checked_mul(nanos_per_unit)?;
    let mut place = nanos_per_unit;
    for digit in fraction.chars() {
        place /= 10;
        nanos = nanos.checked_add(u64::from(digit.to_digit(10)?) * place)?;
    }
    Some(Duration::from_nanos(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("250ms", 250)]
    #[test_case("10s", 10_000)]
    #[test_case("1.5s", 1_500)]
    #[test_case("1m30s", 90_000)]
    #[test_case("2h", 7_200_000)]
    fn durations_are_read(text: &str, expected_ms: u64) {
        assert_eq!(
            parse_duration(text),
            Some(Duration::from_millis(expected_ms))
        );
    }

    #[test_case(""; "nothing")]
    #[test_case("10"; "no unit")]
    #[test_case("ten s"; "words")]
    #[test_case("10 s"; "a blank")]
    #[test_case("s"; "no number")]
    #[test_case("1..5s"; "two points")]
    #[test_case("-1s"; "negative")]
    #[test_case("99999999h"; "too long")]
    fn other_texts_are_no_durations(text: &str) {
        assert_eq!(parse_duration(text), None);
    }
}
