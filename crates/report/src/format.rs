//! Numbers as people read them, the same in every report.

use std::time::Duration;

/// `850 µs`, `41 ms`, `1.84 s`, `2 min 05 s`; `–` for what took no time at all because it was not played.
pub(crate) fn duration(duration: Duration) -> String {
    if duration.is_zero() {
        return "–".to_owned();
    }
    let seconds = duration.as_secs();
    if seconds >= 60 {
        return format!("{} min {:02} s", seconds / 60, seconds % 60);
    }
    if seconds >= 1 {
        return format!("{:.2} s", duration.as_secs_f64());
    }
    match duration.as_millis() {
        0 => format!("{} µs", duration.as_micros()),
        millis => format!("{millis} ms"),
    }
}

/// `75 %`, `66.7 %`.
pub(crate) fn percent(value: f64) -> String {
    let rounded = format!("{value:.1}");
    format!("{} %", rounded.trim_end_matches(".0"))
}

/// `1 scenario`, `2 scenarios`.
pub(crate) fn count(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// A length as a number that counts can be made of.
pub(crate) fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// `512 bytes`, `64 KiB`, `1.5 MiB`.
pub(crate) fn bytes(size: u64) -> String {
    const KIB: u64 = 1024;
    const MIB: u64 = KIB * KIB;
    match size {
        0..KIB => count(size, "byte"),
        KIB..MIB => format!("{} KiB", size / KIB),
        _ => format!("{}.{} MiB", size / MIB, size % MIB * 10 / MIB),
    }
}

/// The text up to `max` characters, with `…` where it was cut.
pub(crate) fn shortened(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// The longest prefix of at most `max` bytes that ends between characters.
pub(crate) fn prefix(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The text without what a terminal or a page would obey: escape sequences and control characters other
/// than line break and tab.
pub(crate) fn printable(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\t' => clean.push(c),
            '\u{1b}' => skip_escape(&mut rest),
            _ if c.is_control() || is_direction(c) => {}
            _ => clean.push(c),
        }
    }
    clean
}

/// Skips the rest of an escape sequence: `[ … letter`, `] … BEL`, or one character.
fn skip_escape(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match rest.next() {
        Some('[') => while rest.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
        Some(']') => {
            while rest
                .next()
                .is_some_and(|c| c != '\u{7}' && c != '\u{1b}' && c != '\n')
            {}
        }
        _ => {}
    }
}

/// Marks that turn the direction of writing, and can make a text read as another.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_get_the_unit_that_fits() {
        let shown = |micros| duration(Duration::from_micros(micros));
        assert_eq!(shown(850), "850 µs");
        assert_eq!(shown(41_900), "41 ms");
        assert_eq!(shown(1_840_000), "1.84 s");
        assert_eq!(shown(125_000_000), "2 min 05 s");
    }

    #[test]
    fn rates_and_sizes_are_short() {
        assert_eq!(percent(100.0), "100 %");
        assert_eq!(percent(200.0 / 3.0), "66.7 %");
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(65_536), "64 KiB");
        assert_eq!(bytes(1_572_864), "1.5 MiB");
    }

    #[test]
    fn cuts_fall_between_characters() {
        assert_eq!(prefix("жук", 3), "ж");
        assert_eq!(shortened("заказ оплачен", 7), "заказ…");
        assert_eq!(shortened("заказ", 5), "заказ");
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        let text = "a\u{1b}[31mred\u{1b}[0m\u{7}b\u{1b}]0;title\u{7}c\r\n\td\u{202e}e\u{0}";
        assert_eq!(printable(text), "aredbc\n\tde");
    }
}
