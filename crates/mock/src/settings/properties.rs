//! Java's property files: `key=value`, `key: value` or `key value`, comments, escapes and continued lines.

/// One entry, and the line it begins on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Property {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) line: usize,
}

/// An escape that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    pub(super) line: usize,
    pub(super) what: String,
}

/// The entries of a file, in their order. Bytes that are no UTF-8 are read as ISO-8859-1, Java's old encoding.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Property>, Malformed> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    };
    let mut properties = Vec::new();
    for (line, logical) in logical_lines(&text) {
        let (key, value) = split(&logical);
        let read = |part| unescaped(part).map_err(|what| Malformed { line, what });
        properties.push(Property {
            key: read(key)?,
            value: read(value)?,
            line,
        });
    }
    Ok(properties)
}

/// The lines that say something, each joined with those that continue it.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut logical: Vec<(usize, String)> = Vec::new();
    let mut continues = false;
    for (place, line) in text.split('\n').enumerate() {
        let line = line.trim_start_matches(blank);
        let says_something = !line.is_empty() && !line.starts_with(['#', '!']);
        if !continues && !says_something {
            continue;
        }
        let backslashes = line.len() - line.trim_end_matches('\\').len();
        let goes_on = backslashes % 2 == 1;
        let content = if goes_on {
            &line[..line.len() - 1]
        } else {
            line
        };
        match logical.last_mut() {
            Some((_, before)) if continues => before.push_str(content),
            _ => logical.push((place + 1, content.to_owned())),
        }
        continues = goes_on;
    }
    logical
}

fn blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{c}')
}

/// A line's key and value: parted by the first `=` or `:` that is not escaped, or by blanks.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line.find(|c| {
        let ends = !escaped && (blank(c) || c == '=' || c == ':');
        escaped = !escaped && c == '\\';
        ends
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start_matches(blank);
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (key, value.trim_start_matches(blank))
}

/// A text without its escapes. `\uXXXX` are units of UTF-16, so that two of them can be one character.
fn unescaped(text: &str) -> Result<String, String> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut characters = text.chars();
    let mut buffer = [0; 2];
    while let Some(c) = characters.next() {
        let plain = match (c, c == '\\') {
            (c, false) => c,
            (_, true) => match characters.next() {
                None => break,
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\u{c}',
                Some('u') => {
                    let digits: String = characters.by_ref().take(4).collect();
                    units.push(unit(&digits)?);
                    continue;
                }
                Some(other) => other,
            },
        };
        units.extend_from_slice(plain.encode_utf16(&mut buffer));
    }
    String::from_utf16(&units).map_err(|_| "half of a surrogate pair".to_owned())
}

fn unit(digits: &str) -> Result<u16, String> {
    let sound = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    sound
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()
        .ok_or_else(|| format!("`\\u{digits}` is no escape: four hexadecimal digits follow `\\u`"))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("a=b", "a", "b"; "an equals sign")]
    #[test_case("  a : b ", "a", "b "; "a colon, and blanks at the end stay")]
    #[test_case("a b=c", "a", "b=c"; "blanks")]
    #[test_case("a", "a", ""; "no value")]
    #[test_case("a = = b", "a", "= b"; "one separator only")]
    #[test_case(r"a\:b\=c\ d=e", "a:b=c d", "e"; "escaped separators")]
    #[test_case("a=b \\\n   c \\\r\n # d", "a", "b c # d"; "continued lines")]
    #[test_case("a=b\\\\\nx=y", "a", "b\\"; "an escaped backslash ends the line")]
    #[test_case(r"a=\t\u00e4\u20AC\q", "a", "\tä€q"; "escapes")]
    #[test_case(r"a=\uD83D\uDE00", "a", "😀"; "a surrogate pair")]
    #[test_case("a=ä", "a", "ä"; "UTF-8")]
    fn entries_are_read_as_java_reads_them(text: &str, key: &str, value: &str) {
        let properties = parse(text.as_bytes()).expect("a property file");
        let first = properties.first().expect("an entry");
        assert_eq!((first.key.as_str(), first.value.as_str()), (key, value));
    }

    #[test]
    fn comments_are_skipped_and_lines_are_counted() {
        let text = "# one\n! two \\\n\na=1\n  # three\nb=2\\\n  3\nc=4";
        let properties = parse(text.as_bytes()).expect("a property file");
        let seen: Vec<(usize, &str, &str)> = properties
            .iter()
            .map(|property| {
                (
                    property.line,
                    property.key.as_str(),
                    property.value.as_str(),
                )
            })
            .collect();
        assert_eq!(seen, [(4, "a", "1"), (6, "b", "23"), (8, "c", "4")]);
    }

    #[test]
    fn the_old_encoding_is_understood() {
        let properties = parse(b"a=\xe4").expect("a property file");
        assert_eq!(
            properties.first().map(|property| property.value.as_str()),
            Some("ä")
        );
    }

    #[test_case("a=1\nb=\\u12", 2; "too short")]
    #[test_case("b=\\uD83D", 1; "half a pair")]
    #[test_case("b=\\u+123", 1; "a sign")]
    fn a_wrong_escape_is_an_error_with_its_line(text: &str, line: usize) {
        assert_eq!(parse(text.as_bytes()).expect_err("malformed").line, line);
    }
}
