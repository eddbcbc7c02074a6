//! Path parameters: `{name}` segments, which are placeholders only when `pathParameters` is given.

use std::borrow::Cow;

use super::Pairs;
use super::style::ParameterStyle;
use super::subject::PairList;
use crate::pattern::Pattern;

/// A path with placeholders and what their values must be.
#[derive(Debug)]
pub(crate) struct PathTemplate {
    /// The path with any text in place of the placeholders. It is held against the whole path, so that doubled slashes
    /// within it count for placeholders.
    path: Pattern,
    /// The segments that are not blank: the names of placeholders.
    names: Vec<Option<String>>,
    parameters: Pairs,
    /// Every parameter has its placeholder; else nothing matches.
    complete: bool,
}

impl PathTemplate {
    /// # Errors
    ///
    /// As [`Pattern::compile`].
    pub(crate) fn new(path: &Pattern, parameters: Pairs) -> Result<Self, String> {
        let text = path.text();
        let named = segments(text).map(|segment| placeholder(segment).map(str::to_owned));
        let names: Vec<_> = named.collect();
        let all = text.split('/').map(|segment| match placeholder(segment) {
            Some(_) => ".*",
            None => segment,
        });
        let all: Vec<&str> = all.collect();
        let has_place = |parameter: &Pattern| {
            let mut names = names.iter().flatten();
            names.any(|name| parameter.matches(name))
        };
        let complete = parameters.asked_keys().all(has_place);
        Ok(Self {
            path: Pattern::with_flags(&all.join("/"), path.is_not(), path.is_optional())?,
            names,
            parameters,
            complete,
        })
    }

    /// The pattern of the whole path.
    pub(super) fn path(&self) -> &Pattern {
        &self.path
    }

    pub(crate) fn matches(&self, path: &str) -> bool {
        self.complete
            && self.values(path).is_some_and(|values| {
                self.parameters
                    .matches_lists(&values, ParameterStyle::split_segment)
            })
    }

    /// Names and values of the parameters in a path; `None` when it has another number of segments.
    pub(crate) fn values<'a>(&'a self, path: &'a str) -> Option<PairList<'a>> {
        if segments(path).count() != self.names.len() {
            return None;
        }
        let pairs = self.names.iter().zip(segments(path));
        let named = pairs.filter_map(|(name, segment)| {
            let name = name.as_deref()?;
            Some((Cow::Borrowed(name), Cow::Borrowed(segment)))
        });
        Some(named.collect())
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

/// The segments of a path that are not blank.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.trim().is_empty())
}

/// The name in `{name}`, `{.name}`, `{;name*}`.
fn placeholder(segment: &str) -> Option<&str> {
    let inner = segment.strip_prefix('{')?.strip_suffix('}')?;
    let inner = inner.strip_prefix(['.', ';']).unwrap_or(inner);
    let name = inner.strip_suffix('*').unwrap_or(inner);
    (!name.is_empty() && !name.contains('*')).then_some(name)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::json::parse_lenient;
    use crate::schema::Complaints;

    fn template(parameters: &str) -> PathTemplate {
        template_of("/{a}", parameters)
    }

    fn template_of(path: &str, parameters: &str) -> PathTemplate {
        let json = parse_lenient(parameters).expect("JSON");
        let mut complaints = Complaints::default();
        let pairs = Pairs::read(&json, "$", &mut complaints).expect("pairs");
        assert!(complaints.is_empty(), "{complaints:?}");
        let path = Pattern::compile(path).expect("supported");
        PathTemplate::new(&path, pairs).expect("supported")
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

    // What MockServer 8.0.0 makes of paths.
    #[test_case("/c/{id}", "/c/ab /c/ab/ /c//ab /C/ab", "//c/ab /c/ /c/a/b")]
    #[test_case("/c/{id}/", "/c/ab/", "/c/ab /c//ab")]
    #[test_case("/{x}/{id}", "/c/ab //c/ab", "/c/a/b")]
    #[test_case("/c/{.id}", "/c/ab", "/c/a/b")]
    #[test_case("/c/{;id*}", "/c/ab", "/c/a/b")]
    #[test_case("c/{id}", "", "/c/ab c/ab/d")]
    #[test_case("/c/x{id}", "", "/c/xa /c/x{id}")]
    fn placeholders_stand_for_any_text(path: &str, matching: &str, other: &str) {
        let template = template_of(path, "{id: ['.*'], none: []}");
        let matches = |path| template.path().matches(path) && template.matches(path);
        for path in matching.split_terminator(' ') {
            assert!(matches(path), "{path}");
        }
        for path in other.split(' ') {
            assert!(!matches(path), "{path}");
        }
    }

    #[test]
    fn a_notted_parameter_needs_no_placeholder_of_its_name() {
        let template = template("{'!id': ['12'], keyMatchStyle: 'MATCHING_KEY'}");
        assert!(template.matches("/ab"));
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
