//! Java's patterns for decimals: `#,##0.00`, `0%`, `0.00 'USD'`, `0.00;(0.00)`.

/// The value in the form of the pattern; halves go to the even neighbour.
pub(super) fn format(value: f64, pattern: &str) -> Result<String, String> {
    let pattern = Pattern::read(pattern)?;
    if value.is_nan() {
        return Ok("NaN".to_owned());
    }
    let is_negative = value.is_sign_negative();
    let magnitude = value.abs() * f64::from(pattern.factor);
    let body = if magnitude.is_infinite() {
        "∞".to_owned()
    } else {
        pattern.digits(magnitude)
    };
    let (prefix, suffix) = if is_negative {
        &pattern.negative
    } else {
        &pattern.positive
    };
    Ok(format!("{prefix}{body}{suffix}"))
}

#[derive(Debug)]
struct Pattern {
    positive: (String, String),
    negative: (String, String),
    whole_min: usize,
    fraction_min: usize,
    fraction_max: usize,
    /// The pattern ends with the point, which is then always written.
    ends_with_point: bool,
    /// Digits between two separators; none without grouping.
    group: usize,
    factor: u16,
}

/// One side of a pattern, before and after the semicolon.
#[derive(Debug, Default)]
struct Side {
    prefix: String,
    suffix: String,
    number: String,
    factor: u16,
}

impl Pattern {
    fn read(pattern: &str) -> Result<Self, String> {
        let malformed = || format!("malformed pattern \"{pattern}\"");
        if pattern.is_empty() {
            return Ok(Self::anything());
        }
        let (first, rest) = Side::read(pattern).ok_or_else(malformed)?;
        let negative = match rest {
            None => (format!("-{}", first.prefix), first.suffix.clone()),
            Some(rest) => match Side::read(rest).ok_or_else(malformed)? {
                (second, None) => (second.prefix, second.suffix),
                (_, Some(_)) => return Err(malformed()),
            },
        };
        // An equal negative side would say nothing.
        let negative = if (&negative.0, &negative.1) == (&first.prefix, &first.suffix) {
            (format!("-{}", first.prefix), first.suffix.clone())
        } else {
            negative
        };
        let (whole, fraction) = first.number.split_once('.').unwrap_or((&first.number, ""));
        let group = match whole.rsplit_once(',') {
            Some((_, "")) => return Err(malformed()),
            Some((_, last)) => last.len(),
            None => 0,
        };
        let whole: String = whole.chars().filter(|c| *c != ',').collect();
        let (optional, whole_min) = (whole.trim_start_matches('#'), whole.matches('0').count());
        let fraction_min = fraction.trim_end_matches('#').len();
        if optional.contains('#') || fraction.trim_end_matches('#').contains(['#', '.', ',']) {
            return Err(malformed());
        }
        let fraction_max = fraction.len();
        // At least one digit always comes: before the point, or after it when the pattern begins there.
        let has_no_zero = whole_min == 0 && fraction_min == 0;
        let begins_with_point = whole.is_empty() && fraction_max > 0;
        let whole_min = if has_no_zero && !begins_with_point {
            1
        } else {
            whole_min
        };
        let fraction_min = if has_no_zero && begins_with_point {
            1
        } else {
            fraction_min
        };
        Ok(Self {
            positive: (first.prefix, first.suffix),
            negative,
            whole_min,
            fraction_min,
            fraction_max,
            ends_with_point: first.number.ends_with('.'),
            group,
            factor: first.factor,
        })
    }

    fn anything() -> Self {
        Self {
            positive: Default::default(),
            negative: ("-".to_owned(), String::new()),
            whole_min: 0,
            fraction_min: 0,
            fraction_max: usize::MAX,
            ends_with_point: false,
            group: 3,
            factor: 1,
        }
    }

    fn digits(&self, magnitude: f64) -> String {
        // The shortest digits that mean this double; cut down only where the pattern has room for fewer.
        let shortest = format!("{magnitude}");
        let length = shortest
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len());
        let written = if length <= self.fraction_max {
            shortest
        } else {
            format!("{magnitude:.*}", self.fraction_max)
        };
        let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
        let fraction = fraction.trim_end_matches('0');
        let whole = whole.trim_start_matches('0');
        let mut out = String::new();
        let width = self.whole_min.max(whole.len());
        for place in (0..width).rev() {
            let at = whole.len().checked_sub(place + 1);
            out.push(at.and_then(|at| whole[at..].chars().next()).unwrap_or('0'));
            if self.group > 0 && place > 0 && place % self.group == 0 {
                out.push(',');
            }
        }
        if fraction.is_empty() && self.fraction_min == 0 {
            if out.is_empty() {
                out.push('0');
            }
            if self.ends_with_point {
                out.push('.');
            }
            return out;
        }
        out.push('.');
        out.push_str(fraction);
        for _ in fraction.len()..self.fraction_min {
            out.push('0');
        }
        out
    }
}

impl Side {
    /// Reads up to the semicolon; what follows it comes back too.
    fn read(pattern: &str) -> Option<(Self, Option<&str>)> {
        let mut side = Self {
            factor: 1,
            ..Self::default()
        };
        let mut in_quotes = false;
        let mut chars = pattern.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let is_number = matches!(c, '#' | '0' | ',' | '.');
            match c {
                '\'' if chars.next_if(|(_, next)| *next == '\'').is_some() => side.fix('\''),
                '\'' => in_quotes = !in_quotes,
                _ if in_quotes => side.fix(c),
                ';' => return side.checked().map(|side| (side, pattern.get(at + 1..))),
                _ if is_number && side.suffix.is_empty() => side.number.push(c),
                '.' if !side.number.is_empty() => side.fix(c),
                // Digits after the suffix, and exponents.
                '#' | '0' | ',' => return None,
                'E' if !side.number.is_empty() && side.suffix.is_empty() => return None,
                '%' => side.scale(c, 100)?,
                '‰' => side.scale(c, 1_000)?,
                _ => side.fix(c),
            }
        }
        if in_quotes {
            return None;
        }
        side.checked().map(|side| (side, None))
    }

    fn fix(&mut self, c: char) {
        let fixed = if self.number.is_empty() {
            &mut self.prefix
        } else {
            &mut self.suffix
        };
        fixed.push(c);
    }

    fn scale(&mut self, c: char, factor: u16) -> Option<()> {
        if self.factor != 1 {
            return None;
        }
        self.factor = factor;
        self.fix(c);
        Some(())
    }

    fn checked(self) -> Option<Self> {
        (self.number.matches('.').count() <= 1).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(1_234_567.891, "#,##0.00", "1,234,567.89")]
    #[test_case(1_234_567.891, "#.#", "1234567.9")]
    #[test_case(1_234_567.891, "0%", "123456789%")]
    #[test_case(1_234_567.891, "$#,##0.00;($#,##0.00)", "$1,234,567.89")]
    #[test_case(1_234_567.891, "abc", "abc1234568")]
    #[test_case(1_234_567.891, "'#'0", "#1234568")]
    #[test_case(1_234_567.891, "%.2f", "%123456789.2f")]
    #[test_case(1_234_567.891, "", "1,234,567.891")]
    #[test_case(1_234_567.891, "0,0.0", "1,2,3,4,5,6,7.9")]
    #[test_case(1_234_567.891, "#,##,##0", "1,234,568")]
    #[test_case(0.5, "000000.000", "000000.500")]
    #[test_case(0.5, "#", "0")]
    #[test_case(0.8, "#.#", "0.8")]
    #[test_case(0.5, "#.00", ".50")]
    #[test_case(0.5, "", ".5")]
    #[test_case(0.5, "0.000‰", "500.000‰")]
    #[test_case(-0.5, "#", "-0")]
    #[test_case(-0.5, "0.00;(0.00)", "(0.50)")]
    #[test_case(-0.5, "$#,##0.00;($#,##0.00)", "($0.50)")]
    #[test_case(-0.5, "#,##0.###;-#", "-0.5")]
    #[test_case(1.5, "0", "2")]
    #[test_case(2.5, "0", "2"; "a half goes to the even neighbour")]
    #[test_case(-1234.5, "¤#,##0.00", "-¤1,234.50")]
    #[test_case(-1234.5, "a0b", "-a1234b")]
    #[test_case(0.0, "#.#", "0")]
    #[test_case(0.0, "#.00", ".00")]
    #[test_case(0.0, "", "0")]
    #[test_case(0.005, "0.00 'USD'", "0.01 USD")]
    #[test_case(0.005, "#.#", "0")]
    #[test_case(1e20, "#,##0.00", "100,000,000,000,000,000,000.00")]
    #[test_case(1.0 / 3.0, "", ".3333333333333333")]
    #[test_case(12_345.0, "#,###", "12,345")]
    #[test_case(f64::NAN, "0", "NaN")]
    fn decimals_are_written_as_java_does(value: f64, pattern: &str, expected: &str) {
        assert_eq!(format(value, pattern).as_deref(), Ok(expected));
    }

    #[test_case("0.0.0")]
    #[test_case("#0#")]
    #[test_case("0#0")]
    #[test_case("0;0;0")]
    #[test_case("'a")]
    #[test_case("#,##0,")]
    #[test_case("0.#0")]
    #[test_case("0E")]
    fn what_java_refuses_is_refused(pattern: &str) {
        assert!(format(1.5, pattern).is_err(), "{pattern}");
    }
}
