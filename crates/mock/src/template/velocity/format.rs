//! Java's ways to write a number or a text by a pattern.

use super::number::Number;
use super::render::push;
use super::value::Value;
use crate::template::TemplateError;

/// How wide a field may be, and how many digits it may show.
const WIDTH_MAX: usize = 1000;

fn failed(why: String) -> TemplateError {
    TemplateError::Failed(why)
}

/// `String.format`; each value comes with its text.
pub(super) fn printf(format: &str, values: &[(Value, String)]) -> Result<String, TemplateError> {
    let mut out = String::new();
    let mut rest = format;
    let mut next = 0;
    while let Some(place) = rest.find('%') {
        out.push_str(&rest[..place]);
        let spec = Specifier::read(&rest[place + 1..])
            .ok_or_else(|| failed(format!("`{format}` is no valid format")))?;
        rest = &rest[place + 1 + spec.length..];
        match spec.conversion {
            '%' => out.push('%'),
            'n' => out.push('\n'),
            _ => {
                let index = spec.index.map_or(next, |index| index - 1);
                next += usize::from(spec.index.is_none());
                let (value, text) = values
                    .get(index)
                    .ok_or_else(|| failed(format!("Format specifier '%{}'", spec.conversion)))?;
                push(&mut out, &spec.padded(spec.written(value, text)?))?;
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// What stands behind a `%`.
struct Specifier {
    index: Option<usize>,
    flags: String,
    width: usize,
    precision: Option<usize>,
    conversion: char,
    length: usize,
}

impl Specifier {
    fn read(text: &str) -> Option<Self> {
        let number = |from: usize| {
            let digits = text[from..].bytes().take_while(u8::is_ascii_digit).count();
            (&text[from..from + digits], from + digits)
        };
        let (digits, mut at) = number(0);
        let index = if text[at..].starts_with('$') && !digits.starts_with('0') {
            at += 1;
            Some(digits.parse().ok().filter(|index| *index > 0)?)
        } else {
            at = 0;
            None
        };
        let flags: String = text[at..]
            .chars()
            .take_while(|c| "-#+ 0,(".contains(*c))
            .collect();
        at += flags.len();
        let (width, end) = number(at);
        at = end;
        let width = if width.is_empty() {
            0
        } else {
            width.parse().ok()?
        };
        let mut precision = None;
        if text[at..].starts_with('.') {
            let (digits, end) = number(at + 1);
            precision = Some(digits.parse().ok()?);
            at = end;
        }
        let conversion = text[at..].chars().next()?;
        let bounded = width <= WIDTH_MAX && precision.unwrap_or(0) <= WIDTH_MAX;
        bounded.then_some(Self {
            index,
            flags,
            width,
            precision,
            conversion,
            length: at + conversion.len_utf8(),
        })
    }

    fn written(&self, value: &Value, text: &str) -> Result<String, TemplateError> {
        let mismatch = || failed(format!("{} != {text}", self.conversion));
        Ok(match (self.conversion, value) {
            ('s' | 'S' | 'b' | 'B' | 'c', _) => {
                let cut: String = text
                    .chars()
                    .take(self.precision.unwrap_or(usize::MAX))
                    .collect();
                if self.conversion.is_uppercase() {
                    cut.to_uppercase()
                } else {
                    cut
                }
            }
            ('d', Value::Number(Number::Whole(value))) => self.signed(
                grouped(&value.unsigned_abs().to_string(), self.flags.contains(',')),
                *value < 0,
            ),
            ('x', Value::Number(Number::Whole(value))) => format!("{value:x}"),
            ('X', Value::Number(Number::Whole(value))) => format!("{value:X}"),
            ('o', Value::Number(Number::Whole(value))) => format!("{value:o}"),
            ('f', Value::Number(number @ (Number::Double(_) | Number::Decimal(_)))) => {
                let value = number.as_f64();
                let digits = format!("{:.*}", self.precision.unwrap_or(6), value.abs());
                self.signed(grouped(&digits, self.flags.contains(',')), value < 0.0)
            }
            _ => return Err(mismatch()),
        })
    }

    fn signed(&self, digits: String, negative: bool) -> String {
        let sign = match negative {
            true => "-",
            false if self.flags.contains('+') => "+",
            false if self.flags.contains(' ') => " ",
            false => "",
        };
        let width = self.width.saturating_sub(sign.len());
        if self.flags.contains('0') {
            format!("{sign}{digits:0>width$}")
        } else {
            format!("{sign}{digits}")
        }
    }

    fn padded(&self, text: String) -> String {
        let width = self.width;
        if self.flags.contains('-') {
            format!("{text:<width$}")
        } else {
            format!("{text:>width$}")
        }
    }
}

/// Thousands apart.
fn grouped(digits: &str, grouping: bool) -> String {
    if !grouping {
        return digits.to_owned();
    }
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut out = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// Java's `DecimalFormat`, halves rounded to even.
pub(super) fn decimal_format(pattern: &str, number: Number) -> Result<String, TemplateError> {
    let pattern = match pattern {
        "" | "number" | "default" => "#,##0.###",
        "integer" => "#,##0",
        "percent" => "#,##0%",
        "currency" => "¤#,##0.00",
        pattern => pattern,
    };
    let malformed = || failed(format!("Malformed pattern \"{pattern}\""));
    let positive = pattern.split(';').next().unwrap_or(pattern);
    let is_digit = |c: char| matches!(c, '#' | '0' | ',' | '.');
    let start = positive.find(is_digit).unwrap_or(positive.len());
    let end = positive[start..].find(|c| !is_digit(c));
    let end = end.map_or(positive.len(), |end| start + end);
    let (prefix, suffix) = (&positive[..start], &positive[end..]);
    let digits = &positive[start..end];
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_malformed = fraction.contains(['.', ','])
        || fraction.contains("#0")
        || whole.contains("0#")
        || suffix.contains(is_digit)
        || whole.ends_with(',')
        || fraction.len() > WIDTH_MAX;
    if is_malformed {
        return Err(malformed());
    }
    if suffix.starts_with('E') {
        return Err(failed(
            "patterns with an exponent are not supported".to_owned(),
        ));
    }
    let factor = if prefix.contains('%') || suffix.contains('%') {
        100.0
    } else {
        1.0
    };
    let layout = Layout {
        whole_min: match whole.matches('0').count() {
            0 if !fraction.contains('0') && digits.contains('.') => 1,
            count => count,
        },
        fraction_min: fraction.matches('0').count(),
        fraction_max: fraction.len(),
        grouping: whole.contains(','),
    };
    let value = number.as_f64() * factor;
    let body = layout.written(value.abs());
    let is_negative = value < 0.0 && body.contains(|c: char| c.is_ascii_digit() && c != '0');
    let sign = if is_negative { "-" } else { "" };
    let (prefix, suffix) = (prefix.replace('\'', ""), suffix.replace('\'', ""));
    Ok(format!("{sign}{prefix}{body}{suffix}"))
}

struct Layout {
    whole_min: usize,
    fraction_min: usize,
    fraction_max: usize,
    grouping: bool,
}

impl Layout {
    fn written(&self, value: f64) -> String {
        let digits = format!("{value:.*}", self.fraction_max);
        let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
        let mut fraction = fraction.to_owned();
        while fraction.len() > self.fraction_min && fraction.ends_with('0') {
            fraction.pop();
        }
        let significant = whole.trim_start_matches('0');
        let mut whole = format!("{significant:0>width$}", width = self.whole_min);
        if whole.is_empty() && fraction.is_empty() {
            whole.push('0');
        }
        let whole = grouped(&whole, self.grouping);
        if fraction.is_empty() {
            whole
        } else {
            format!("{whole}.{fraction}")
        }
    }
}
