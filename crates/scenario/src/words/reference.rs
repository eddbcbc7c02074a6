//! The reference page, written from the table.

use std::fmt::Write as _;

use super::{
    EXPECTATION, FIXTURE, HTTP_LONG, Kind, MODIFIERS, MULTIPART_FILE, PARALLEL, PATTERN, POLL,
    REPLY, RESULT_MODIFIERS, SCENARIO, SESSION, SKIP, VERBS, VerbWord, Word,
};

/// What the operators of matchers do.
pub(super) const OPERATOR_DOCS: &[(&str, &str)] = &[
    ("eq", "Equal; a mapping matches partially."),
    ("ne", "Not equal."),
    ("exact", "Equal, and no more keys, at any depth."),
    ("in", "One of a list."),
    ("not_in", "None of a list."),
    ("gt", "Greater."),
    ("gte", "Greater or equal."),
    ("lt", "Less."),
    ("lte", "Less or equal."),
    ("near", "`{value, within}`: a number not farther away."),
    ("before", "An earlier time."),
    ("after", "A later time."),
    ("contains", "Text: a part. List: an element that matches."),
    ("excludes", "The opposite of `contains`."),
    ("starts_with", "Text: the beginning."),
    ("ends_with", "Text: the end."),
    ("matches", "Text: a regular expression, anywhere in it."),
    (
        "type",
        "`string`, `number`, `integer`, `boolean`, `array`, `object`, `null`, `uuid`, `datetime`, `date`, `email` or `url`.",
    ),
    ("exists", "`true`: it is there. `false`: it is not."),
    (
        "empty",
        "`true`: empty text, list or mapping. `false`: not empty.",
    ),
    ("len", "The length: a number, or a matcher."),
    ("each", "List: every element matches."),
    ("any", "List: some element matches."),
    ("none", "List: no element matches."),
    ("unordered", "List: the same elements in any order."),
    ("not", "The matcher does not hold."),
    ("all", "A list of matchers that all hold."),
    ("one_of", "A list of matchers of which at least one holds."),
];

/// What the functions of expressions give.
pub(super) const FUNCTION_DOCS: &[(&str, &str)] = &[
    ("unique(prefix)", "A text that no other scenario gets."),
    ("uuid()", "A UUID."),
    ("random_int(a, b)", "A whole number from a to b."),
    ("now()", "The stage's time, `2026-01-31T12:00:00Z`."),
    ("today()", "The stage's day, `2026-01-31`."),
    (
        "env(NAME)",
        "An environment variable; its value is masked in reports.",
    ),
    (
        "file(path)",
        "A file's text; the path starts at the scenario's folder.",
    ),
    ("base64(text)", "Base64."),
    ("sha256(text)", "SHA-256 in hexadecimal digits."),
    ("hmac(key, text)", "HMAC-SHA-256 in hexadecimal digits."),
    ("money(minor)", "`294000` as `2940.00`."),
];

const INTRODUCTION: &str = "\
# Scenario reference

<!-- Written from the table of words in crates/scenario/src/words; a test compares. To write it anew:
     STYK_WRITE_DOCS=1 cargo test -p styk-scenario --test it reference -->

A scenario file is YAML with one or more documents, separated by `---`. A document is a scenario, or holds `fixtures:`. Unknown
keys are errors. Only `true`, `false`, `null`, `~` and JSON numbers are typed; everything else is text, and so is everything in
quotes.

A value that is exactly `$name`, `$name.field` or `${expression}` is replaced and keeps its type; inside longer text
`${expression}` is replaced by text. `$$` is a dollar sign. Inside `{ }` and `[ ]` write `$name`, or quote: YAML allows no braces
there.

`styk explain <code>` says more about a message; `styk schema` prints the JSON Schema for editors.
";

/// The reference page in Markdown.
#[must_use]
pub fn reference() -> String {
    let mut page = INTRODUCTION.to_owned();
    section(&mut page, "A scenario", "", SCENARIO);
    section(&mut page, "`skip` at length", "", SKIP);
    section(
        &mut page,
        "A fixture",
        "`fixtures:` is a mapping of names to these.",
        FIXTURE,
    );
    section(
        &mut page,
        "Every step",
        "A step has exactly one verb, or is a plain `each`, `repeat` or `when` with `steps`.",
        MODIFIERS,
    );
    section(
        &mut page,
        "Steps with a result",
        "Each verb says which of these it takes.",
        RESULT_MODIFIERS,
    );
    section(&mut page, "`poll` at length", "", POLL);
    page.push_str("\n## Verbs\n");
    for verb in VERBS.iter().filter(|verb| verb.is_supported) {
        describe_verb(&mut page, verb);
    }
    let later: Vec<String> = VERBS
        .iter()
        .filter(|verb| !verb.is_supported)
        .map(|verb| format!("`{}`", verb.name))
        .collect();
    let later = later.join(", ");
    push(
        &mut page,
        format_args!(
            "\nNot in this version, and refused when the file is loaded: {later}, `verify: ledger_matches`, `verify: no_leaks`, and the operator `schema`.\n"
        ),
    );
    section(
        &mut page,
        "Expectations",
        "A bare status, or a mapping of these, of `$.path` into the JSON body, of `header.<name>` and of `cookie.<name>`. All checks are reported together.",
        EXPECTATION,
    );
    page.push_str("\n## Captures\n\nA mapping of names to `$.path`, `header.<name>`, `cookie.<name>`, `status`, `time` (milliseconds) or `text`, or to `{from: source, matches: regex}`, which takes the first group. `collect` appends to a list. A singular path (`$.a.b[0]`) gives one value and must find it; any other gives a list.\n\n`verify` and `wait: call` find a list of calls, each with `method`, `path`, `query`, `headers`, `body`, `status` (what was answered) and `response` (`status`, `headers`, `body`): `$[0].body.id`, `$[*].headers['idempotency-key']`.\n");
    pairs(
        &mut page,
        "Operators",
        "A mapping whose keys are all operators; all must hold. Any other mapping is matched partially, lists element by element.",
        OPERATOR_DOCS,
    );
    pairs(
        &mut page,
        "Functions",
        "In `${…}`; the same seed gives the same values.",
        FUNCTION_DOCS,
    );
    page
}

fn describe_verb(page: &mut String, verb: &VerbWord) {
    let subject = verb.subject.describe();
    push(
        page,
        format_args!(
            "\n### `{}`\n\n{} Behind it stands {subject}.\n",
            verb.name, verb.doc
        ),
    );
    if !verb.arguments.is_empty() {
        table(page, verb.arguments);
    }
    if !verb.results.is_empty() {
        let results: Vec<String> = verb
            .results
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        push(page, format_args!("\nTakes {}.\n", results.join(", ")));
    }
    for word in std::iter::once(verb.subject).chain(verb.arguments.iter().map(|word| word.kind)) {
        if let Some((title, words)) = at_length(word) {
            push(page, format_args!("\n{title}:\n"));
            table(page, words);
        }
    }
    push(page, format_args!("\n```yaml\n{}```\n", verb.example));
}

/// The mapping behind a kind.
fn at_length(kind: Kind) -> Option<(&'static str, &'static [Word])> {
    match kind {
        Kind::Request => Some(("The request as a mapping", HTTP_LONG)),
        Kind::Session => Some(("`session`", SESSION)),
        Kind::Parts => Some(("A file in `multipart`", MULTIPART_FILE)),
        Kind::Pattern => Some(("`request`", PATTERN)),
        Kind::Reply => Some(("`reply`", REPLY)),
        Kind::Parallel => Some(("`parallel`", PARALLEL)),
        _ => None,
    }
}

fn has_more(kind: Kind) -> bool {
    at_length(kind).is_some() || matches!(kind, Kind::Poll | Kind::Skip)
}

fn section(page: &mut String, title: &str, lead: &str, words: &[Word]) {
    push(page, format_args!("\n## {title}\n"));
    if !lead.is_empty() {
        push(page, format_args!("\n{lead}\n"));
    }
    table(page, words);
}

fn table(page: &mut String, words: &[Word]) {
    page.push_str("\n| key | value | |\n| --- | --- | --- |\n");
    for word in words {
        let required = if word.is_required { " Required." } else { "" };
        let below = if has_more(word.kind) { " (below)" } else { "" };
        let kind = word.kind.describe().replace('|', "\\|") + below;
        push(
            page,
            format_args!("| `{}` | {kind} | {}{required} |\n", word.name, word.doc),
        );
    }
}

fn pairs(page: &mut String, title: &str, lead: &str, pairs: &[(&str, &str)]) {
    push(
        page,
        format_args!("\n## {title}\n\n{lead}\n\n| | |\n| --- | --- |\n"),
    );
    for (name, doc) in pairs {
        push(page, format_args!("| `{name}` | {doc} |\n"));
    }
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = page.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operator_and_function_is_described() {
        let described: BTreeSet<&str> = OPERATOR_DOCS.iter().map(|(name, _)| *name).collect();
        assert_eq!(described, crate::OPERATORS.into_iter().collect());
        let described: BTreeSet<&str> = FUNCTION_DOCS
            .iter()
            .filter_map(|(call, _)| call.split('(').next())
            .collect();
        assert_eq!(described, crate::FUNCTIONS.into_iter().collect());
    }
}
