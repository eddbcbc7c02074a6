//! `$date`: moments written by the patterns of Java's `SimpleDateFormat`, in UTC and English.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::value::Value;
use crate::template::TemplateError;
use crate::template::helpers::MONTHS;

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

const PATTERN_BYTES_MAX: usize = 1000;

/// A year, a month (from 0 on) or a day of the month.
pub(super) fn part(millis: i64, name: &str) -> Value {
    let Some(moment) = civil(millis) else {
        return Value::Null;
    };
    Value::integer(match name {
        "year" => moment.year(),
        "month" => i16::from(moment.month()) - 1,
        _ => i16::from(moment.day()),
    })
}

/// `Date.toString`
pub(super) fn java_date(millis: i64) -> String {
    format("EEE MMM dd HH:mm:ss z yyyy", millis).unwrap_or_else(|_| millis.to_string())
}

/// Writes a moment by a pattern or by the name of one.
pub(super) fn format(pattern: &str, millis: i64) -> Result<String, TemplateError> {
    let moment = civil(millis)
        .ok_or_else(|| TemplateError::Failed(format!("the moment {millis} is out of range")))?;
    let pattern = named(pattern);
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(TemplateError::Failed(
            "the date pattern is too long".to_owned(),
        ));
    }
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        if letter == '\'' {
            rest = quoted(rest, &mut out);
            continue;
        }
        if !letter.is_ascii_alphabetic() {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let count = rest.chars().take_while(|c| *c == letter).count();
        out.push_str(&field(letter, count, moment)?);
        rest = &rest[count..];
    }
    Ok(out)
}

fn civil(millis: i64) -> Option<DateTime> {
    let moment = Timestamp::from_millisecond(millis).ok()?;
    Some(Zoned::new(moment, TimeZone::UTC).datetime())
}

fn named(pattern: &str) -> &str {
    match pattern {
        "default" | "medium" => "MMM d, yyyy, h:mm:ss a",
        "short" => "M/d/yy, h:mm a",
        "long" => "MMMM d, yyyy 'at' h:mm:ss a z",
        "full" => "EEEE, MMMM d, yyyy 'at' h:mm:ss a zzzz",
        "default_date" | "medium_date" => "MMM d, yyyy",
        "short_date" => "M/d/yy",
        "long_date" => "MMMM d, yyyy",
        "full_date" => "EEEE, MMMM d, yyyy",
        "default_time" | "medium_time" => "h:mm:ss a",
        "short_time" => "h:mm a",
        "long_time" => "h:mm:ss a z",
        "full_time" => "h:mm:ss a zzzz",
        "iso" => "yyyy-MM-dd'T'HH:mm:ss",
        "intl" => "yyyy-MM-dd HH:mm:ss",
        "iso_date" | "intl_date" => "yyyy-MM-dd",
        "iso_time" | "intl_time" => "HH:mm:ss",
        pattern => pattern,
    }
}

/// Writes a quoted part; what follows it.
fn quoted<'p>(pattern: &'p str, out: &mut String) -> &'p str {
    let inner = &pattern[1..];
    match inner.find('\'') {
        Some(0) => {
            out.push('\'');
            &inner[1..]
        }
        Some(end) => {
            out.push_str(&inner[..end]);
            &inner[end + 1..]
        }
        None => {
            out.push_str(inner);
            ""
        }
    }
}

fn field(letter: char, count: usize, moment: DateTime) -> Result<String, TemplateError> {
    let number = |value: i32| format!("{value:0>count$}");
    let name = |names: &[&str], place: i8, short: bool| {
        let name = usize::try_from(place)
            .ok()
            .and_then(|place| names.get(place));
        let name = name.copied().unwrap_or_default();
        if short {
            name[..name.len().min(3)].to_owned()
        } else {
            name.to_owned()
        }
    };
    let hour = i32::from(moment.hour());
    Ok(match letter {
        'y' | 'Y' if count == 2 => format!("{:02}", moment.year().rem_euclid(100)),
        'y' | 'Y' => number(i32::from(moment.year())),
        'M' | 'L' if count >= 3 => name(&MONTHS, moment.month() - 1, count == 3),
        'M' | 'L' => number(i32::from(moment.month())),
        'd' => number(i32::from(moment.day())),
        'D' => number(i32::from(moment.day_of_year())),
        'E' => {
            let day = moment.weekday().to_monday_zero_offset();
            name(&WEEKDAYS, day, count <= 3)
        }
        'u' => number(i32::from(moment.weekday().to_monday_one_offset())),
        'a' => (if hour < 12 { "AM" } else { "PM" }).to_owned(),
        'H' => number(hour),
        'k' => number(if hour == 0 { 24 } else { hour }),
        'K' => number(hour % 12),
        'h' => number(if hour % 12 == 0 { 12 } else { hour % 12 }),
        'm' => number(i32::from(moment.minute())),
        's' => number(i32::from(moment.second())),
        'S' => number(i32::from(moment.millisecond())),
        'z' if count >= 4 => "Coordinated Universal Time".to_owned(),
        'z' => "UTC".to_owned(),
        'Z' => "+0000".to_owned(),
        'X' => "Z".to_owned(),
        'G' => "AD".to_owned(),
        _ => {
            return Err(TemplateError::Failed(format!(
                "Illegal pattern character '{letter}'"
            )));
        }
    })
}
