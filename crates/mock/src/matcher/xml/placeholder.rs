//! Placeholders of XMLUnit in expected texts: `${xmlunit.ignore}`, `${xmlunit.isNumber}`, `${xmlunit.isDateTime}`,
//! `${xmlunit.isDateTime(dd.MM.yyyy)}` and `${xmlunit.matchesRegex(...)}`, whose expression holds neither `)` nor `,`.

use crate::pattern::JavaRegex;

/// A text of the expected document.
#[derive(Debug)]
pub(super) struct ExpectedText {
    written: String,
    meaning: Meaning,
}

#[derive(Debug)]
enum Meaning {
    Exactly,
    Ignored,
    /// A regular expression; `None` when it is none, and nothing matches.
    Matching(Option<JavaRegex>),
}

const NUMBER: &str = r"[-+]?(\d*\.)?\d+([eE][-+]?\d+)?";
/// What the default formats of Java take, which parse leniently and mind only the beginning.
const DATE: &str = r"\d+[-/]\d+[-/]\d+.*";

impl ExpectedText {
    pub(super) fn read(text: &str) -> Self {
        Self {
            written: text.to_owned(),
            meaning: placeholder(text).unwrap_or(Meaning::Exactly),
        }
    }

    pub(super) fn accepts(&self, given: &str) -> bool {
        match &self.meaning {
            Meaning::Exactly => self.written == given,
            Meaning::Ignored => true,
            Meaning::Matching(regex) => {
                !given.is_empty() && regex.as_ref().is_some_and(|regex| regex.is_match(given))
            }
        }
    }

    pub(super) fn is_placeholder(&self) -> bool {
        !matches!(self.meaning, Meaning::Exactly)
    }

    pub(super) fn written(&self) -> &str {
        &self.written
    }
}

/// What a text means when it is a placeholder as a whole.
fn placeholder(text: &str) -> Option<Meaning> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?.trim();
    let inner = inner.strip_prefix("xmlunit.")?;
    let (name, argument) = match inner.split_once('(') {
        Some((name, rest)) => {
            let argument = rest.strip_suffix(')')?;
            if argument.is_empty() || argument.contains(')') {
                return None;
            }
            let first = argument.split(',').next().unwrap_or_default();
            (name.trim(), Some(first.trim()))
        }
        None => (inner, None),
    };
    let matching = |pattern: &str| Meaning::Matching(JavaRegex::compile(pattern).ok());
    match (name, argument) {
        ("ignore", _) => Some(Meaning::Ignored),
        ("isNumber", _) => Some(matching(NUMBER)),
        ("isDateTime", None) => Some(matching(DATE)),
        ("isDateTime", Some(format)) => Some(matching(&date_pattern(format))),
        // It may match anywhere in the text, and minds the case.
        ("matchesRegex", Some(regex)) => Some(matching(&format!("(?s:.*)(?-is:{regex})(?s:.*)"))),
        _ => None,
    }
}

/// A regular expression for a date format of Java, which parses leniently: the beginning of the text must have its
/// fields.
fn date_pattern(format: &str) -> String {
    let mut pattern = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\'' {
            let literal: String = chars.by_ref().take_while(|c| *c != '\'').collect();
            pattern.push_str(&quoted(&literal));
            continue;
        }
        if !c.is_ascii_alphabetic() {
            pattern.push_str(&quoted(&c.to_string()));
            continue;
        }
        let mut length = 1;
        while chars.next_if_eq(&c).is_some() {
            length += 1;
        }
        let is_followed_by_field = chars.peek().is_some_and(char::is_ascii_alphabetic);
        match c {
            'G' | 'E' | 'a' => pattern.push_str(r"\p{L}+\.?"),
            'M' | 'L' if length > 2 => pattern.push_str(r"\p{L}+\.?"),
            'z' | 'Z' | 'X' => pattern.push_str(r"(?:[-+]\d\d?:?(?:\d\d)?|\p{L}+)"),
            // Fields that touch have their written width.
            _ if is_followed_by_field => pattern.push_str(&format!(r"\d{{{length}}}")),
            _ => pattern.push_str(r"\d+"),
        }
    }
    pattern + ".*"
}

fn quoted(text: &str) -> String {
    format!(r"\Q{text}\E")
}
