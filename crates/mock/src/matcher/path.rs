//! Path parameters: `{name}` segments, which are placeholders only when `pathParameters` is given.

use std::borrow::Cow;

use super::Pairs;
use super::style::ParameterStyle;
use super::subject::PairList;
use crate::pattern::Pattern;

/// A path with placeholders and what their values must be.
#[derive(Debug)]
pub(crate) struct PathTemplate {
    segments: Vec<Segment>,
    parameters: Pairs,
    /// Every parameter has its placeholder; else nothing matches.
    complete: bool,
}

#[derive(Debug)]
enum Segment {
    Named(String),
    Fixed(Option<Pattern>),
}

impl PathTemplate {
    pub(crate) fn new(path: &str, parameters: Pairs) -> Self {
        let segments: Vec<_> = segments(path)
            .map(|segment| {
                let name = segment
                    .strip_prefix('{')
                    .and_then(|rest| rest.strip_suffix('}'));
                name.map_or_else(
                    || Segment::Fixed(Pattern::with_flags(segment, false, false).ok()),
                    |name| Segment::Named(name.to_owned()),
                )
            })
            .collect();
        let has_place = |parameter: &Pattern| {
            segments
                .iter()
                .any(|segment| matches!(segment, Segment::Named(name) if parameter.matches_positive(name)))
        };
        let complete = parameters.keys().all(has_place);
        Self {
            segments,
            parameters,
            complete,
        }
    }

    pub(crate) fn matches(&self, path: &str) -> bool {
        self.complete
            && self.values(path).is_some_and(|values| {
                self.parameters
                    .matches_lists(&values, ParameterStyle::split_segment)
            })
    }

    /// Names and values of the parameters in a path; `None` when its fixed segments do not match.
    pub(crate) fn values<'a>(&'a self, path: &'a str) -> Option<PairList<'a>> {
        let given: Vec<&str> = segments(path).collect();
        if given.len() != self.segments.len() {
            return None;
        }
        let mut values = Vec::new();
        for (segment, given) in self.segments.iter().zip(given) {
            match segment {
                Segment::Named(name) => {
                    values.push((Cow::Borrowed(name.as_str()), Cow::Borrowed(given)));
                }
                Segment::Fixed(Some(pattern)) if pattern.matches(given) => {}
                Segment::Fixed(_) => return None,
            }
        }
        Some(values)
    }

    /// Why the path does not match, in one line; `None` when it does.
    pub(super) fn difference(&self, path: &str) -> Option<String> {
        if self.matches(path) {
            return None;
        }
        if !self.complete {
            return Some("a parameter has no place in the path".to_owned());
        }
        match self.values(path) {
            Some(values) => self
                .parameters
                .difference_of_lists(&values, ParameterStyle::split_segment),
            None => Some(format!("received {path}, which has other segments")),
        }
    }
}

/// The segments of a path; one slash at the end makes no segment.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path).split('/')
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::json::parse_lenient;
    use crate::schema::Complaints;

    fn template(parameters: &str) -> PathTemplate {
        let json = parse_lenient(parameters).expect("JSON");
        let mut complaints = Complaints::default();
        let pairs = Pairs::read(&json, "$", &mut complaints).expect("pairs");
        assert!(complaints.is_empty(), "{complaints:?}");
        PathTemplate::new("/{a}", pairs)
    }

    // What MockServer 8.0.0 makes of segments.
    #[test_case("SIMPLE", "1,2 .1,2 ;a=1,2 2,1 1,2,3", "1 .1.2 ;a=1;a=2 1.2 .1 ;a=1")]
    #[test_case("LABEL", "1,2 .1,2 ;a=1,2 2,1 1,2,3", "1 .1.2 ;a=1;a=2 1.2 .1 ;a=1")]
    #[test_case("LABEL_EXPLODED", "1,2 .1.2 .1,2 ;a=1,2 1.2 2,1", "1 ;a=1;a=2 .1 ;a=1")]
    #[test_case(
        "MATRIX_EXPLODED",
        "1,2 .1,2 ;a=1,2 ;a=1;a=2 2,1",
        "1 .1.2 1.2 .1 ;a=1"
    )]
    fn a_segment_may_hold_a_list(style: &str, matching: &str, other: &str) {
        let template = template(&format!(
            "{{a: {{parameterStyle: '{style}', values: ['1', '2']}}}}"
        ));
        for segment in matching.split(' ') {
            assert!(template.matches(&format!("/{segment}")), "{segment}");
        }
        for segment in other.split(' ') {
            assert!(!template.matches(&format!("/{segment}")), "{segment}");
        }
    }

    #[test]
    fn a_difference_names_the_parameter() {
        let template = template("{a: ['[0-9]+']}");
        assert_eq!(template.difference("/12"), None);
        assert_eq!(
            template.difference("/x").as_deref(),
            Some("a: expected [0-9]+, received x")
        );
    }
}
