//! What of a project is played: the selection, applied.

use globset::{Glob, GlobMatcher};
use styk_core::Diagnostic;
use styk_scenario::{Case, suggest};

use crate::codes::code;
use crate::fields::listed;
use crate::project::{Category, CategoryKind, Project};

/// What a person asked for. Empty lists ask for everything; several kinds have to fit together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Names of categories.
    pub suites: Vec<String>,
    /// Tags; one of them has to be there.
    pub tags: Vec<String>,
    /// Parts of ids or titles, or patterns with `*`; one of them has to fit.
    pub filters: Vec<String>,
}

/// The chosen categories with what is played of them, in the configuration's order.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) categories: Vec<Category>,
}

impl Plan {
    /// Applies a selection.
    ///
    /// # Errors
    ///
    /// When a suite does not exist, a pattern is malformed, or nothing is left; says what there is.
    pub(crate) fn select(
        project: &Project,
        selection: &Selection,
    ) -> Result<Self, Vec<Diagnostic>> {
        let errors: Vec<_> = selection
            .suites
            .iter()
            .filter_map(|name| unknown_suite(project, name))
            .collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        let filters = selection.filters.iter().map(|text| Filter::parse(text));
        let filters: Vec<Filter> = filters
            .collect::<Result<_, _>>()
            .map_err(|error| vec![error])?;
        let chosen = project.categories.iter().filter(|category| {
            selection.suites.is_empty() || selection.suites.contains(&category.name)
        });
        let categories: Vec<Category> = chosen
            .filter_map(|category| {
                let kind = match &category.kind {
                    CategoryKind::Scenarios(cases) => {
                        let fits = |case: &&Case| fits(case, &selection.tags, &filters);
                        let cases: Vec<Case> = cases.iter().filter(fits).cloned().collect();
                        (!cases.is_empty()).then_some(CategoryKind::Scenarios(cases))?
                    }
                    // A foreign suite is one piece: it has no tags, and only its name can fit a filter.
                    CategoryKind::Command(suite) => {
                        let named = |filter: &Filter| filter.fits(&category.name);
                        let fits = filters.is_empty() || filters.iter().any(named);
                        (fits && selection.tags.is_empty())
                            .then(|| CategoryKind::Command(suite.clone()))?
                    }
                };
                Some(Category {
                    kind,
                    ..category.clone()
                })
            })
            .collect();
        if categories.is_empty() {
            return Err(vec![nothing_selected(project, selection)]);
        }
        Ok(Self { categories })
    }
}

fn fits(case: &Case, tags: &[String], filters: &[Filter]) -> bool {
    let tagged = tags.is_empty() || case.scenario.tags.iter().any(|tag| tags.contains(tag));
    let named = filters.is_empty()
        || filters
            .iter()
            .any(|filter| filter.fits(&case.id) || filter.fits(&case.title));
    tagged && named
}

/// A part of a name, or a pattern for the whole of it.
enum Filter {
    Part(String),
    Pattern(GlobMatcher),
}

impl Filter {
    fn parse(text: &str) -> Result<Self, Diagnostic> {
        if !text.contains(['*', '?']) {
            return Ok(Self::Part(text.to_lowercase()));
        }
        let glob = Glob::new(&text.to_lowercase()).map_err(|error| {
            Diagnostic::error(format!("`--filter {text}` is no pattern: {}", error.kind()))
                .code(code::NOTHING_SELECTED)
        })?;
        Ok(Self::Pattern(glob.compile_matcher()))
    }

    fn fits(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        match self {
            Self::Part(part) => name.contains(part),
            Self::Pattern(pattern) => pattern.is_match(name),
        }
    }
}

fn unknown_suite(project: &Project, name: &str) -> Option<Diagnostic> {
    let names = || {
        project
            .categories
            .iter()
            .map(|category| category.name.as_str())
    };
    if names().any(|known| known == name) {
        return None;
    }
    let diagnostic = Diagnostic::error(format!("there is no suite `{name}`"));
    let help = match suggest(name, names()) {
        Some(near) => format!("did you mean `{near}`? There is {}", listed(names())),
        None => format!("there is {}", listed(names())),
    };
    Some(diagnostic.code(code::NOTHING_SELECTED).help(help))
}

fn nothing_selected(project: &Project, selection: &Selection) -> Diagnostic {
    const LISTED_MAX: usize = 20;
    let mut asked = Vec::new();
    for (option, values) in [
        ("--suite", &selection.suites),
        ("--tag", &selection.tags),
        ("--filter", &selection.filters),
    ] {
        asked.extend(values.iter().map(|value| format!("{option} {value}")));
    }
    let mut diagnostic = Diagnostic::error(format!("no scenario fits {}", asked.join(" ")))
        .code(code::NOTHING_SELECTED)
        .note(format!(
            "suites: {}",
            listed(
                project
                    .categories
                    .iter()
                    .map(|category| category.name.as_str())
            )
        ));
    let mut tags: Vec<&str> = project
        .cases()
        .flat_map(|case| case.scenario.tags.iter().map(String::as_str))
        .collect();
    tags.sort_unstable();
    tags.dedup();
    if !tags.is_empty() {
        diagnostic = diagnostic.note(format!("tags: {}", listed(tags)));
    }
    let lines: Vec<String> = project
        .cases()
        .take(LISTED_MAX)
        .map(|case| format!("{} ({})", case.title, case.id))
        .collect();
    let more = project.cases().count().saturating_sub(LISTED_MAX);
    let more = if more > 0 {
        format!("\n… and {more} more")
    } else {
        String::new()
    };
    diagnostic
        .note(format!("scenarios:\n{}{more}", lines.join("\n")))
        .help("all options together have to fit a scenario; leave one out")
}
