//! Java's date patterns: `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`. The zone is UTC, the language English.

use std::iter::Peekable;
use std::str::Chars;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

const LETTERS_MAX: usize = 19;

/// The instant in the form of the pattern.
pub(super) fn format(instant: Timestamp, pattern: &str) -> Result<String, String> {
    let time = instant.to_zoned(TimeZone::UTC).datetime();
    let mut out = String::new();
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\'' => quoted(&mut out, &mut rest)?,
            letter if letter.is_ascii_alphabetic() => {
                let mut count = 1;
                while rest.next_if_eq(&letter).is_some() {
                    count += 1;
                }
                if !is_count(letter, count) {
                    return Err(format!("a wrong count of the pattern letter {letter}"));
                }
                out.push_str(&field(time, letter, count)?);
            }
            // Optional parts are always there when one writes.
            '[' | ']' => {}
            '{' | '}' | '#' => return Err(format!("the pattern has the reserved character {c}")),
            other => out.push(other),
        }
    }
    Ok(out)
}

/// A text in quotes; two quotes are one.
fn quoted(out: &mut String, rest: &mut Peekable<Chars<'_>>) -> Result<(), String> {
    if rest.next_if_eq(&'\'').is_some() {
        out.push('\'');
        return Ok(());
    }
    while let Some(c) = rest.next() {
        if c != '\'' {
            out.push(c);
        } else if rest.next_if_eq(&'\'').is_some() {
            out.push('\'');
        } else {
            return Ok(());
        }
    }
    Err("the pattern ends within a text in quotes".to_owned())
}

/// Whether the letter may stand so many times in a row.
fn is_count(letter: char, count: usize) -> bool {
    match letter {
        'a' | 'W' => count == 1,
        'V' => count == 2,
        'O' | 'v' => matches!(count, 1 | 4),
        'c' => matches!(count, 1 | 3..=5),
        'd' | 'H' | 'h' | 'K' | 'k' | 'm' | 's' | 'w' => count <= 2,
        'D' => count <= 3,
        'z' => count <= 4,
        'E' | 'e' | 'G' | 'L' | 'M' | 'Q' | 'q' | 'X' | 'x' | 'Z' => count <= 5,
        'S' => count <= 9,
        _ => count <= LETTERS_MAX,
    }
}

fn field(time: DateTime, letter: char, count: usize) -> Result<String, String> {
    let hour = time.hour();
    Ok(match letter {
        'G' => named("AD", "Anno Domini", "A", count),
        'u' | 'y' => year(i64::from(time.year()), count),
        'Y' => year(week_of_year(time.date()).0, count),
        'w' => number(week_of_year(time.date()).1, count),
        'W' => number(week_of_month(time.date()), count),
        'M' | 'L' if count > 2 => {
            let month = MONTHS[usize::from(time.month().unsigned_abs() - 1)];
            named(&month[..3], month, &month[..1], count)
        }
        'M' | 'L' => number(time.month().into(), count),
        'Q' | 'q' => quarter((i64::from(time.month()) - 1) / 3 + 1, count),
        'd' => number(time.day().into(), count),
        'D' => number(time.day_of_year().into(), count),
        'E' => weekday(time.weekday(), count),
        'e' | 'c' if count > 2 => weekday(time.weekday(), count),
        'e' | 'c' => number(i64::from(time.weekday().to_sunday_one_offset()), count),
        'a' => if hour < 12 { "AM" } else { "PM" }.to_owned(),
        'h' => number(((i64::from(hour) + 11) % 12) + 1, count),
        'K' => number(i64::from(hour) % 12, count),
        'H' => number(hour.into(), count),
        'k' => number(((i64::from(hour) + 23) % 24) + 1, count),
        'm' => number(time.minute().into(), count),
        's' => number(time.second().into(), count),
        'S' => fraction(time.subsec_nanosecond(), count),
        'n' => number(time.subsec_nanosecond().into(), count),
        'N' => number(nanosecond_of_day(time), count),
        'A' => number(nanosecond_of_day(time) / 1_000_000, count),
        'V' | 'v' | 'X' | 'z' => "Z".to_owned(),
        'O' => "GMT".to_owned(),
        'x' => match count {
            1 => "+00",
            2 | 4 => "+0000",
            _ => "+00:00",
        }
        .to_owned(),
        'Z' => match count {
            1..=3 => "+0000",
            4 => "GMT",
            _ => "Z",
        }
        .to_owned(),
        other => return Err(format!("unknown pattern letter: {other}")),
    })
}

/// The months in English.
pub(in crate::template) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn number(value: i64, width: usize) -> String {
    format!("{value:0width$}")
}

/// Two letters cut the year to two digits.
fn year(year: i64, count: usize) -> String {
    if count == 2 {
        number(year.rem_euclid(100), 2)
    } else {
        number(year, count)
    }
}

fn named(short: &str, full: &str, narrow: &str, count: usize) -> String {
    match count {
        1..=3 => short,
        4 => full,
        _ => narrow,
    }
    .to_owned()
}

fn quarter(quarter: i64, count: usize) -> String {
    match count {
        1 | 2 => number(quarter, count),
        3 => format!("Q{quarter}"),
        4 => {
            let ending = ["st", "nd", "rd", "th"];
            let ending = usize::try_from(quarter - 1)
                .ok()
                .and_then(|at| ending.get(at));
            format!("{quarter}{} quarter", ending.unwrap_or(&"th"))
        }
        _ => quarter.to_string(),
    }
}

fn weekday(day: Weekday, count: usize) -> String {
    let name = match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    };
    named(&name[..3], name, &name[..1], count)
}

fn fraction(nanoseconds: i32, count: usize) -> String {
    let mut digits = format!("{nanoseconds:09}");
    digits.truncate(count);
    format!("{digits:0<count$}")
}

fn nanosecond_of_day(time: DateTime) -> i64 {
    let seconds =
        i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    seconds * 1_000_000_000 + i64::from(time.subsec_nanosecond())
}

/// Year and number of the week, counted as in the United States: from Sunday, the first week holds the first of January.
fn week_of_year(date: Date) -> (i64, i64) {
    let year = i64::from(date.year());
    let last = date.last_of_year();
    let to_end = i64::from(last.day_of_year()) - i64::from(date.day_of_year());
    if to_end < i64::from(last.weekday().to_sunday_zero_offset()) + 1
        && last.weekday() != Weekday::Saturday
    {
        return (year + 1, 1);
    }
    let first = i64::from(date.first_of_year().weekday().to_sunday_zero_offset());
    (year, (i64::from(date.day_of_year()) - 1 + first) / 7 + 1)
}

fn week_of_month(date: Date) -> i64 {
    let first = i64::from(date.first_of_month().weekday().to_sunday_zero_offset());
    (i64::from(date.day()) - 1 + first) / 7 + 1
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2026-11-05T22:56:54.411Z")]
    #[test_case("EEEE, d MMMM yyyy hh:mm a", "Thursday, 5 November 2026 10:56 PM")]
    #[test_case("yy M d H m s n", "26 11 5 22 56 54 411463553")]
    #[test_case("EEE MMM dd YYYY VV z Z O x", "Thu Nov 05 2026 Z Z +0000 GMT +00")]
    #[test_case("D e w Q G u", "309 5 45 4 AD 2026")]
    #[test_case("SSSSSSSSS SS", "411463553 41")]
    #[test_case("A N", "82614411 82614411463553")]
    #[test_case("QQQ QQQQ MMMMM EEEEE", "Q4 4th quarter N T")]
    #[test_case("'it''s' ''", "it's '")]
    #[test_case("K k h", "10 22 10")]
    fn patterns_are_javas(pattern: &str, expected: &str) {
        let instant = "2026-11-05T22:56:54.411463553Z"
            .parse()
            .expect("an instant");
        assert_eq!(format(instant, pattern).as_deref(), Ok(expected));
    }

    #[test_case("2026-12-27T00:00:00Z", "2027 1"; "a week that reaches into the next year")]
    #[test_case("2026-12-26T00:00:00Z", "2026 52"; "the day before")]
    #[test_case("2022-12-31T00:00:00Z", "2022 53"; "a year that ends on a Saturday")]
    #[test_case("2027-01-03T00:00:00Z", "2027 2")]
    fn weeks_are_american(instant: &str, expected: &str) {
        let instant = instant.parse().expect("an instant");
        assert_eq!(format(instant, "YYYY w").as_deref(), Ok(expected));
    }

    #[test_case("bbb")]
    #[test_case("'open")]
    #[test_case("{}")]
    #[test_case("hhh")]
    #[test_case("aa")]
    fn what_java_refuses_is_refused(pattern: &str) {
        assert!(format(Timestamp::UNIX_EPOCH, pattern).is_err());
    }
}
