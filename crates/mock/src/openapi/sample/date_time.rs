//! Dates with times, as MockServer writes them: seconds only when there are any, fractions in groups of three digits.

/// The date with time in its normal form; `None` when the text is none.
pub(super) fn normal(text: &str) -> Option<String> {
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    date.parse::<jiff::civil::Date>().ok()?;
    let rest = rest.strip_prefix(['T', 't'])?;
    let offset_at = rest.find(['Z', 'z', '+', '-'])?;
    let (time, offset) = rest.split_at(offset_at);
    let civil: jiff::civil::Time = time.parse().ok().filter(|_| time.len() >= 5)?;
    let mut out = format!("{date}T{:02}:{:02}", civil.hour(), civil.minute());
    let nanos = civil.subsec_nanosecond();
    if civil.second() != 0 || nanos != 0 {
        out.push_str(&format!(":{:02}", civil.second()));
    }
    if nanos != 0 {
        let digits = format!("{nanos:09}");
        let shown = match nanos {
            nanos if nanos % 1_000_000 == 0 => 3,
            nanos if nanos % 1_000 == 0 => 6,
            _ => 9,
        };
        out.push('.');
        out.push_str(digits.get(..shown)?);
    }
    match offset {
        "Z" | "z" | "+00:00" | "-00:00" => out.push('Z'),
        offset => {
            let (hours, minutes) = offset.get(1..)?.split_once(':')?;
            let in_range = |text: &str, most: u8| {
                text.len() == 2 && text.parse().is_ok_and(|value: u8| value <= most)
            };
            if !in_range(hours, 18) || !in_range(minutes, 59) {
                return None;
            }
            out.push_str(offset);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("2020-01-01T00:00:00Z", Some("2020-01-01T00:00Z"); "no seconds")]
    #[test_case("2020-01-01T10:20:30.123Z", Some("2020-01-01T10:20:30.123Z"); "milliseconds")]
    #[test_case("2020-01-01T10:20:30.120000Z", Some("2020-01-01T10:20:30.120Z"); "zeros at the end")]
    #[test_case("2020-01-01T10:20:30+02:00", Some("2020-01-01T10:20:30+02:00"); "an offset")]
    #[test_case("2020-01-01 10:20", None; "no date with time")]
    #[test_case("2020-13-01T10:20:30Z", None; "no such month")]
    #[test_case("nodate", None; "no date at all")]
    #[test_case("", None; "nothing")]
    fn the_form_is_javas(text: &str, expected: Option<&str>) {
        assert_eq!(normal(text).as_deref(), expected);
    }
}
