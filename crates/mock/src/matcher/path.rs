//! Path parameters: `{name}` segments, which are placeholders only when `pathParameters` is given.

use std::borrow::Cow;

use super::Pairs;
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
        let given: Vec<&str> = segments(path).collect();
        if !self.complete || given.len() != self.segments.len() {
            return false;
        }
        let mut values = Vec::new();
        for (segment, given) in self.segments.iter().zip(given) {
            match segment {
                Segment::Named(name) => {
                    values.push((Cow::Borrowed(name.as_str()), Cow::Borrowed(given)));
                }
                Segment::Fixed(Some(pattern)) if pattern.matches(given) => {}
                Segment::Fixed(_) => return false,
            }
        }
        self.parameters.matches(&values)
    }
}

impl PathTemplate {
    /// The values of the placeholders in a path that matches.
    pub(crate) fn values(&self, path: &str) -> Vec<(String, String)> {
        let pairs = self.segments.iter().zip(segments(path));
        pairs
            .filter_map(|(segment, given)| match segment {
                Segment::Named(name) => Some((name.clone(), given.to_owned())),
                Segment::Fixed(_) => None,
            })
            .collect()
    }
}

/// The segments of a path; one slash at the end makes no segment.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path).split('/')
}
