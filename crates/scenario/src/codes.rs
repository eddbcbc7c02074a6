//! The stable codes of messages, and the page behind each.

pub(crate) mod code {
    // The file as YAML.
    pub(crate) const SYNTAX: &str = "E0101";
    pub(crate) const TOO_LARGE: &str = "E0102";
    pub(crate) const TOO_DEEP: &str = "E0103";
    pub(crate) const DUPLICATE_KEY: &str = "E0104";
    pub(crate) const BAD_KEY: &str = "E0105";
    pub(crate) const ALIAS: &str = "E0106";
    pub(crate) const TAG: &str = "E0107";
    pub(crate) const MERGE_KEY: &str = "E0108";
    pub(crate) const NUMBER_RANGE: &str = "E0109";

    // Values: expressions, paths, matchers.
    pub(crate) const EXPRESSION: &str = "E0301";
    pub(crate) const JSON_PATH: &str = "E0302";
    pub(crate) const MATCHER: &str = "E0303";
    pub(crate) const NEGATED_LITERAL: &str = "E0304";
    pub(crate) const SCHEMA_OPERATOR: &str = "E0305";
    pub(crate) const LOOKS_LIKE_A_NAME: &str = "W0301";
    pub(crate) const LOOKS_LIKE_AN_OPERATOR: &str = "W0302";
}
