//! Reading what foreign runners write as JUnit XML.
//!
//! The dialects differ, and some files are not even XML; so the reader takes any `testcase` at any depth, needs no
//! attribute, accepts several failures in one case, and first mends what runners get wrong (control characters,
//! unknown entities, bare ampersands, a byte order mark). What it cannot mend is an error, never an empty list.

use std::time::Duration;

use roxmltree::{Document, Node, ParsingOptions};

/// The largest JUnit file that is read, in bytes.
pub(crate) const JUNIT_BYTES_MAX: usize = 64 << 20;
/// The largest text kept of one case, in bytes.
const OUTPUT_MAX: usize = 64 << 10;

/// One test case of a foreign suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JunitCase {
    /// The class or file it stands in; empty where there is none.
    pub(crate) class: String,
    /// Its name.
    pub(crate) name: String,
    /// The source file, where the runner says it.
    pub(crate) file: String,
    /// Time spent.
    pub(crate) duration: Duration,
    /// How it went.
    pub(crate) verdict: CaseVerdict,
    /// One line for each failure or error, or the reason for skipping.
    pub(crate) messages: Vec<String>,
    /// The texts of failures and errors, and what the case printed.
    pub(crate) output: String,
}

/// How a foreign case went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CaseVerdict {
    Passed,
    /// It failed first and passed when its runner tried again.
    Flaky,
    Failed,
    Error,
    Skipped,
}

/// Why a JUnit file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JunitError {
    #[error("it is larger than {} MiB", JUNIT_BYTES_MAX >> 20)]
    TooLarge,
    #[error("it is empty")]
    Empty,
    #[error("it is not XML: {0}")]
    NotXml(String),
    #[error("it is XML, but its root `<{0}>` is not JUnit's")]
    NotJunit(String),
}

/// Reads one file.
pub(crate) fn parse_junit(bytes: &[u8]) -> Result<Vec<JunitCase>, JunitError> {
    if bytes.len() > JUNIT_BYTES_MAX {
        return Err(JunitError::TooLarge);
    }
    let text = mend(&String::from_utf8_lossy(bytes));
    if text.trim().is_empty() {
        return Err(JunitError::Empty);
    }
    let options = ParsingOptions {
        nodes_limit: 4_000_000,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(&text, options)
        .map_err(|error| JunitError::NotXml(error.to_string()))?;
    let root = document.root_element();
    let root_name = root.tag_name().name();
    if !["testsuites", "testsuite", "testcase", "testrun"].contains(&root_name) {
        return Err(JunitError::NotJunit(root_name.to_owned()));
    }
    let elements = root.descendants().filter(Node::is_element);
    Ok(elements.filter_map(read_element).collect())
}

/// A `testcase`, or an error that a runner put beside its cases (a module that cannot be imported).
fn read_element(element: Node<'_, '_>) -> Option<JunitCase> {
    match element.tag_name().name() {
        "testcase" => Some(read_case(element)),
        "error" | "failure" if in_suite(element) => {
            let suite = element
                .parent()
                .map_or("", |parent| attribute(parent, "name"));
            Some(JunitCase {
                class: suite.to_owned(),
                name: format!("<{}> outside of the tests", element.tag_name().name()),
                file: String::new(),
                duration: Duration::ZERO,
                verdict: CaseVerdict::Error,
                messages: vec![message_of(element)],
                output: bounded(texts(element)),
            })
        }
        _ => None,
    }
}

fn in_suite(element: Node<'_, '_>) -> bool {
    let parent = element.parent_element();
    parent.is_some_and(|parent| parent.tag_name().name() == "testsuite")
}

fn read_case(case: Node<'_, '_>) -> JunitCase {
    let mut verdict = CaseVerdict::Passed;
    let mut messages = Vec::new();
    let mut output = String::new();
    for child in case.children().filter(Node::is_element) {
        let found = match child.tag_name().name() {
            "failure" => Some(CaseVerdict::Failed),
            "error" => Some(CaseVerdict::Error),
            "skipped" | "skip" | "disabled" => Some(CaseVerdict::Skipped),
            "flakyFailure" | "flakyError" => Some(CaseVerdict::Flaky),
            "system-out" | "system-err" | "rerunFailure" | "rerunError" => None,
            _ => continue,
        };
        if let Some(found) = found {
            messages.push(message_of(child));
            verdict = worse(verdict, found);
        }
        let text = texts(child);
        if !text.trim().is_empty() {
            output.push_str(text.trim_end());
            output.push('\n');
        }
    }
    let name = attribute(case, "name");
    let class = ["classname", "class", "file"].map(|name| attribute(case, name));
    JunitCase {
        class: class
            .into_iter()
            .find(|class| !class.is_empty())
            .unwrap_or_else(|| case.parent().map_or("", |suite| attribute(suite, "name")))
            .to_owned(),
        name: if name.is_empty() { "(no name)" } else { name }.to_owned(),
        file: attribute(case, "file").to_owned(),
        duration: seconds(attribute(case, "time")),
        verdict,
        messages,
        output: bounded(output),
    }
}

/// A failure outweighs an error (a test that failed and then broke its tear-down did fail).
fn worse(one: CaseVerdict, other: CaseVerdict) -> CaseVerdict {
    let weight = |verdict| match verdict {
        CaseVerdict::Passed => 0,
        CaseVerdict::Skipped => 1,
        CaseVerdict::Flaky => 2,
        CaseVerdict::Error => 3,
        CaseVerdict::Failed => 4,
    };
    if weight(other) > weight(one) {
        other
    } else {
        one
    }
}

fn attribute<'a>(element: Node<'a, '_>, name: &str) -> &'a str {
    element.attribute(name).unwrap_or_default()
}

/// The first line that says what is wrong.
fn message_of(element: Node<'_, '_>) -> String {
    let text = texts(element);
    let candidates = [
        attribute(element, "message"),
        text.as_str(),
        attribute(element, "type"),
    ];
    let line = candidates.iter().find_map(|candidate| {
        candidate
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty())
    });
    line.unwrap_or(element.tag_name().name()).to_owned()
}

fn texts(element: Node<'_, '_>) -> String {
    element
        .descendants()
        .filter(Node::is_text)
        .filter_map(|text| text.text())
        .collect()
}

fn bounded(mut text: String) -> String {
    if text.len() > OUTPUT_MAX {
        text.truncate(text.floor_char_boundary(OUTPUT_MAX));
        text.push_str("\n… (cut)");
    }
    text
}

/// `1.25`, also `1,234.5`; what is no time is none.
fn seconds(text: &str) -> Duration {
    let plain = text.replace(',', "");
    let seconds: f64 = plain.trim().parse().unwrap_or_default();
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// Makes XML of what is nearly XML, outside of CDATA and comments left as they are.
fn mend(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<']) {
        push_allowed(&mut mended, &rest[..at]);
        rest = &rest[at..];
        let taken = verbatim_length(rest).unwrap_or_else(|| {
            if rest.starts_with('&') && !is_entity(rest) {
                mended.push_str("&amp;");
            } else {
                mended.push_str(&rest[..1]);
            }
            0
        });
        if taken == 0 {
            rest = &rest[1..];
        } else {
            push_allowed(&mut mended, &rest[..taken]);
            rest = &rest[taken..];
        }
    }
    push_allowed(&mut mended, rest);
    mended
}

/// The length of a CDATA section or comment at the beginning of `rest`.
fn verbatim_length(rest: &str) -> Option<usize> {
    [("<![CDATA[", "]]>"), ("<!--", "-->")]
        .iter()
        .find(|(open, _)| rest.starts_with(open))
        .map(|(_, close)| rest.find(close).map_or(rest.len(), |at| at + close.len()))
}

/// Whether a reference that XML 1.0 allows stands at the beginning of `rest`.
fn is_entity(rest: &str) -> bool {
    let Some(end) = rest.char_indices().take(12).find(|(_, c)| *c == ';') else {
        return false;
    };
    let name = &rest[1..end.0];
    if ["amp", "lt", "gt", "quot", "apos"].contains(&name) {
        return true;
    }
    let number = name
        .strip_prefix('#')
        .and_then(|digits| match digits.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        });
    number.and_then(char::from_u32).is_some_and(is_allowed)
}

fn push_allowed(mended: &mut String, part: &str) {
    mended.extend(part.chars().filter(|c| is_allowed(*c)));
}

/// The characters of XML 1.0, section 2.2.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(xml: &str) -> Vec<(String, CaseVerdict)> {
        let cases = parse_junit(xml.as_bytes()).expect("a readable file");
        let named = cases.into_iter().map(|case| {
            let name = if case.class.is_empty() {
                case.name
            } else {
                format!("{}::{}", case.class, case.name)
            };
            (name, case.verdict)
        });
        named.collect()
    }

    #[test]
    fn cases_are_found_at_any_depth_and_without_attributes() {
        let xml = "\u{feff}<?xml version='1.0'?>
            <testsuites><testsuite name='outer'><testsuite name='inner'>
                <testcase name='a' classname='C' time='0.5'/>
                <testcase name='b'><failure/></testcase>
                <testcase><skipped message='later'/></testcase>
            </testsuite><testcase name='d' file='t.py'><error message='x'/></testcase></testsuite></testsuites>";
        assert_eq!(
            names(xml),
            [
                ("C::a".to_owned(), CaseVerdict::Passed),
                ("inner::b".to_owned(), CaseVerdict::Failed),
                ("inner::(no name)".to_owned(), CaseVerdict::Skipped),
                ("t.py::d".to_owned(), CaseVerdict::Error),
            ]
        );
    }

    #[test]
    fn several_failures_of_one_case_are_kept_together() {
        let xml = "<testsuite><testcase name='a'>
            <error message='teardown broke'/><failure>\n assert 1 == 2\n more</failure>
            <system-out>printed</system-out></testcase></testsuite>";
        let cases = parse_junit(xml.as_bytes()).expect("a readable file");
        let [case] = cases.as_slice() else {
            panic!("one case, got {cases:?}");
        };
        assert_eq!(case.verdict, CaseVerdict::Failed);
        assert_eq!(case.messages, ["teardown broke", "assert 1 == 2"]);
        assert!(case.output.contains("more") && case.output.contains("printed"));
    }

    #[test]
    fn what_runners_get_wrong_is_mended() {
        let xml = "<testsuite><testcase name='a &nbsp; b & c &#x1b;[31m &#65; &lt;'>\
            <failure><![CDATA[x && y \u{1b}[0m]]></failure></testcase></testsuite>";
        let cases = parse_junit(xml.as_bytes()).expect("a readable file");
        assert_eq!(cases[0].name, "a &nbsp; b & c &#x1b;[31m A <");
        assert_eq!(cases[0].messages, ["x && y [0m"]);
    }

    #[test]
    fn a_case_that_passed_at_its_runners_second_try_is_flaky() {
        let xml =
            "<testsuite><testcase name='a'><flakyFailure message='once'/></testcase></testsuite>";
        assert_eq!(names(xml), [("a".to_owned(), CaseVerdict::Flaky)]);
    }

    #[test]
    fn an_error_beside_the_cases_is_a_case() {
        let xml =
            "<testsuite name='s'><error message='cannot import'/><testcase name='a'/></testsuite>";
        assert_eq!(
            names(xml),
            [
                (
                    "s::<error> outside of the tests".to_owned(),
                    CaseVerdict::Error
                ),
                ("s::a".to_owned(), CaseVerdict::Passed),
            ]
        );
    }

    #[test]
    fn times_with_thousands_and_nonsense_are_read() {
        assert_eq!(seconds("1,234.5"), Duration::from_millis(1_234_500));
        for nonsense in ["", "-1", "NaN", "inf", "1e300", "soon"] {
            assert_eq!(seconds(nonsense), Duration::ZERO, "{nonsense}");
        }
    }

    #[test]
    fn what_is_no_junit_is_an_error() {
        let error = |text: &str| parse_junit(text.as_bytes()).expect_err("must be refused");
        assert_eq!(error("  \n"), JunitError::Empty);
        assert_eq!(error("<html/>"), JunitError::NotJunit("html".to_owned()));
        assert!(matches!(error("1..4\nok 1"), JunitError::NotXml(_)));
        assert!(matches!(
            error("<testsuite><testcase name='a'/>"),
            JunitError::NotXml(_)
        ));
        let bomb = "<!DOCTYPE a [<!ENTITY b 'c'>]><testsuite>&b;</testsuite>";
        assert!(matches!(error(bomb), JunitError::NotXml(_)));
        assert_eq!(
            parse_junit(&vec![b' '; JUNIT_BYTES_MAX + 1]),
            Err(JunitError::TooLarge)
        );
    }

    #[test]
    fn deep_nesting_does_not_exhaust_the_stack() {
        let deep = format!(
            "{}{}",
            "<testsuite>".repeat(100_000),
            "</testsuite>".repeat(100_000)
        );
        // Read or refused, but answered.
        let _ = parse_junit(deep.as_bytes());
    }
}
