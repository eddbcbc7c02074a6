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
}
