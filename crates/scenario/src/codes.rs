//! The stable codes of messages, and the page behind each.
//!
//! A code never changes its meaning. `E01xx` is the file as YAML, `E02xx` loading, `E03xx` playing; `W` instead of `E`
//! is a warning.

/// The codes of loading; those of playing stand where they are used.
pub(crate) mod code {
    pub(crate) const SYNTAX: &str = "E0101";
    pub(crate) const TOO_LARGE: &str = "E0102";
    pub(crate) const TOO_DEEP: &str = "E0103";
    pub(crate) const DUPLICATE_KEY: &str = "E0104";
    pub(crate) const BAD_KEY: &str = "E0105";
    pub(crate) const ALIAS: &str = "E0106";
    pub(crate) const TAG: &str = "E0107";
    pub(crate) const MERGE_KEY: &str = "E0108";
    pub(crate) const NUMBER_RANGE: &str = "E0109";

    pub(crate) const UNKNOWN_KEY: &str = "E0201";
    pub(crate) const WRONG_TYPE: &str = "E0202";
    pub(crate) const MISSING_KEY: &str = "E0203";
    pub(crate) const NO_VERB: &str = "E0204";
    pub(crate) const TWO_VERBS: &str = "E0205";
    pub(crate) const KEY_NOT_TAKEN: &str = "E0206";
    pub(crate) const NOT_IN_VERSION: &str = "E0207";
    pub(crate) const BAD_DURATION: &str = "E0208";
    pub(crate) const BAD_REQUEST: &str = "E0209";
    pub(crate) const BAD_STATUS: &str = "E0210";
    pub(crate) const BAD_EDGE: &str = "E0211";
    pub(crate) const BAD_REGEX: &str = "E0212";
    pub(crate) const BAD_NAME: &str = "E0213";
    pub(crate) const OUT_OF_BOUNDS: &str = "E0214";
    pub(crate) const CONFLICT: &str = "E0215";
    pub(crate) const EMPTY: &str = "E0216";
    pub(crate) const DUPLICATE_ID: &str = "E0217";
    pub(crate) const BAD_TABLE: &str = "E0218";
    pub(crate) const BAD_SOURCE: &str = "E0219";
    pub(crate) const NO_DOCUMENT: &str = "E0220";
    pub(crate) const FILE_UNREADABLE: &str = "E0221";

    pub(crate) const UNKNOWN_NAME: &str = "E0230";
    pub(crate) const SHADOWED: &str = "E0231";
    pub(crate) const UNKNOWN_FIXTURE: &str = "E0232";
    pub(crate) const FIXTURE_CYCLE: &str = "E0233";
    pub(crate) const FIXTURE_ARGUMENT: &str = "E0234";
    pub(crate) const UNKNOWN_MOCK: &str = "E0235";
    pub(crate) const UNKNOWN_ACTOR: &str = "E0236";
    pub(crate) const DUPLICATE_FIXTURE: &str = "E0237";

    pub(crate) const EXPRESSION: &str = "E0240";
    pub(crate) const JSON_PATH: &str = "E0241";
    pub(crate) const MATCHER: &str = "E0242";
    pub(crate) const NEGATED_LITERAL: &str = "E0243";

    pub(crate) const SLEEP: &str = "W0201";
    pub(crate) const NEAR_WORD: &str = "W0202";
    pub(crate) const NOTHING_IN_FILE: &str = "W0203";
    pub(crate) const LOOKS_LIKE_A_NAME: &str = "W0204";
}

/// The pages, one after another; each begins with `## <code> <title>`.
const PAGES: &str = include_str!("codes.md");

/// The page of a code: its title, what it means, a wrong and a right example. `None` for an unknown code.
#[must_use]
pub fn explain(code: &str) -> Option<&'static str> {
    let page = pages().find(|page| page.code.eq_ignore_ascii_case(code))?;
    Some(page.text)
}

/// Every code with its title, in order.
pub fn explained_codes() -> impl Iterator<Item = (&'static str, &'static str)> {
    pages().map(|page| (page.code, page.title))
}

struct Page {
    code: &'static str,
    title: &'static str,
    /// The title and what follows.
    text: &'static str,
}

fn pages() -> impl Iterator<Item = Page> {
    PAGES.split("## ").skip(1).filter_map(|text| {
        let (code, text) = text.split_once(' ')?;
        Some(Page {
            code,
            title: text.lines().next()?,
            text: text.trim_end(),
        })
    })
}
