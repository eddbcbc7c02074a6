//! The stable codes of this crate's and the stage's messages, and the page behind each.

pub(crate) mod code {
    pub(crate) const UNKNOWN_KEY: &str = "E0401";
    pub(crate) const WRONG_VALUE: &str = "E0402";
    pub(crate) const MISSING: &str = "E0403";
    pub(crate) const UNREADABLE: &str = "E0404";
    pub(crate) const NO_FILES: &str = "E0405";
    pub(crate) const BAD_EDGE: &str = "E0406";
    pub(crate) const UNKNOWN_VALUE: &str = "E0407";
    pub(crate) const NO_PROJECT: &str = "E0408";
    pub(crate) const NOTHING_SELECTED: &str = "E0409";
    pub(crate) const COMMAND_ENDED: &str = "E0601";
    pub(crate) const JUNIT_UNREADABLE: &str = "E0602";
    pub(crate) const SUITE_LIMIT: &str = "E0603";
    pub(crate) const DISAGREE: &str = "E0604";
    pub(crate) const ZERO_TESTS: &str = "E0605";
    pub(crate) const CATEGORY_LIMIT: &str = "E0606";
    pub(crate) const RUN_LIMIT: &str = "E0607";
    pub(crate) const NOT_TRIED: &str = "E0608";
    pub(crate) const PANICKED: &str = "E0609";
}

/// The page behind a code of this crate or of the stage. Codes of scenarios have theirs in the scenario crate.
#[must_use]
pub fn explain(code: &str) -> Option<&'static str> {
    PAGES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, page)| *page)
}

const PAGES: &[(&str, &str)] = &[
    (
        code::UNKNOWN_KEY,
        "A key in styk.yaml or in the matrix that nothing reads.\n\n\
         Keys are never ignored: a misspelt setting would silently have no effect. The message names the nearest \
         known key, or all keys of that place. `styk init` writes a styk.yaml with every setting explained.",
    ),
    (
        code::WRONG_VALUE,
        "A value of the wrong type, or outside of its bounds.\n\n\
         Durations are written with a unit (`500ms`, `30s`, `1m30s`), whole numbers without quotes, \
         truth values as `true` or `false` (`yes` and `on` are text).",
    ),
    (
        code::MISSING,
        "Something that is needed was not given.\n\n\
         For example a suite with neither `scenarios` nor `command`, or an attached shop without `shop.base` and \
         without APP_URL.",
    ),
    (
        code::UNREADABLE,
        "A file that styk.yaml names cannot be read.\n\n\
         Paths in styk.yaml start from the folder styk.yaml stands in.",
    ),
    (
        code::NO_FILES,
        "A file pattern of a suite matches no file.\n\n\
         A suite without scenarios would pass without testing anything, so this is an error. `*` stays within \
         one folder; `**` goes through folders.",
    ),
    (
        code::BAD_EDGE,
        "A text in the matrix that is no edge.\n\n\
         An edge is written `from → to` or `from -> to`; both ends are names of letters, digits, `_`, `-` or `.`.",
    ),
    (
        code::UNKNOWN_VALUE,
        "A `${…}` in a command suite that names nothing.\n\n\
         There are `${out}` (a folder for what the suite writes), `${run.id}`, `${stage.shop.url}`, \
         `${stage.<mock>.url}` (also `.host` and `.port`), and `${env.NAME}` for the values under `env:` of styk.yaml. A \
         dollar sign alone is written `$$`.",
    ),
    (
        code::NO_PROJECT,
        "There is no styk.yaml here or in a folder above.\n\n\
         `styk init` writes one; `--config FILE` names one elsewhere.",
    ),
    (
        code::NOTHING_SELECTED,
        "The selection leaves nothing to play.\n\n\
         `--suite` takes a category's name, `--tag` a tag, `--filter` a part of an id or title (or a pattern \
         with `*`). All of them have to fit. A run that plays nothing would say success, so it is refused.",
    ),
    (
        "E0501",
        "The stage did not come up.\n\n\
         Embedded: styk starts the shop and the mocks itself. Attached: the shop runs already at `shop.base` \
         or APP_URL, and calls the addresses given for the mocks; a free port gets a mock of ours, a MockServer \
         that answers `PUT /mockserver/status` is used as it is. The shop is ready when its health path \
         answers 200 with a flat JSON object whose values are all `true`.",
    ),
    (
        code::COMMAND_ENDED,
        "The program of a command suite could not be started, or was killed by a signal that was not ours.",
    ),
    (
        code::JUNIT_UNREADABLE,
        "The JUnit file of a command suite is missing, or cannot be read.\n\n\
         The runner must write JUnit XML to where `junit:` points, e.g. pytest with \
         `--junitxml=${out}/junit.xml` and `junit: \"${out}/*.xml\"`.",
    ),
    (
        code::SUITE_LIMIT,
        "A command suite ran into its `timeout`.\n\n\
         Its process group got SIGTERM, then, after `grace`, SIGKILL. Cases it had written count as they are.",
    ),
    (
        code::DISAGREE,
        "Exit code and JUnit of a command suite contradict each other.\n\n\
         Exit code 0 with failed cases, or another exit code with none: one of them is not to be trusted, so the \
         suite counts as an error.",
    ),
    (
        code::ZERO_TESTS,
        "A command suite said success without running a single test.\n\n\
         That is how a filter that matches nothing, or a moved folder, looks.",
    ),
    (
        code::CATEGORY_LIMIT,
        "A category ran into its `timeout` (600s by default), counted from its first scenario.\n\n\
         What was playing was interrupted (its teardown ran), the rest was not played.",
    ),
    (
        code::RUN_LIMIT,
        "The run ran into `run.timeout` (30m by default).",
    ),
    (
        code::NOT_TRIED,
        "A scenario was not tried, because the stage failed to come up for the ones before it and never worked \
         in this run.",
    ),
    (
        code::PANICKED,
        "Playing this scenario ended in a panic inside styk. Please report it with the message.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_page() {
        for (index, (code, page)) in PAGES.iter().enumerate() {
            assert!(page.len() > 40, "{code}");
            assert!(
                PAGES[index + 1..].iter().all(|(other, _)| other != code),
                "{code}"
            );
        }
        assert_eq!(explain("E9999"), None);
    }
}
