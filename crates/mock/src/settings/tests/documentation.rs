//! `docs/mock-settings.md` is made from the table. After a change of the table:
//! `STYK_WRITE_DOCS=1 cargo test -p styk-mock --lib settings::tests::documentation`.

use super::super::*;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/mock-settings.md");

const HEAD: &str = "\
# Settings of the mock server

The names, values and meanings are MockServer's; where a default is another, the line says so. A setting is given

- on the command line: `styk mock -Dmockserver.maxLogEntries=500`;
- in a property file, with the same key: `--property-file FILE`, `-Dmockserver.propertyFile=FILE` or
  `MOCKSERVER_PROPERTY_FILE`; else `mockserver.properties` in the working directory, or `/config/mockserver.properties`;
- in the environment, by the variable below;
- while the server runs, by `PUT /mockserver/configuration` with a JSON object such as `{\"maxLogEntries\": 500}`.

At the start, options such as `--port` and `--log-level` win, then `-D`, then the property file, then the environment. A
blank value sets nothing. A name that nobody knows is a warning, and a value that its setting cannot have is an error.
";

fn document() -> String {
    let settings = Settings::default();
    let mut text = HEAD.to_owned();
    let mut section = "";
    for key in KEYS {
        if key.section != section {
            section = key.section;
            text.push_str(&format!(
                "\n## {section}\n\n| setting | default | meaning |\n| --- | --- | --- |\n"
            ));
        }
        text.push_str(&row(key, &settings));
    }
    text.push_str("\n## Without effect\n\nThese settings of MockServer are taken, and change nothing; the start says so.\n");
    for group in ignored::IGNORED {
        text.push_str(&format!(
            "\nBecause {}: {}.\n",
            group.why,
            list(group.names)
        ));
    }
    let refused = list(REFUSED);
    text.push_str(&format!(
        "\n## Refused\n\nWhoever asks for protection has to learn that there is none: the server does not start with any of\n{refused}.\n"
    ));
    text
}

fn row(key: &Key, settings: &Settings) -> String {
    let default = match (key.text)(settings).as_str() {
        "" => String::new(),
        text => format!("`{text}`"),
    };
    let numbers = if key.kind == "a whole number" && *key.range.end() < 2_147_483_647 {
        format!(" from {} to {}", key.range.start(), key.range.end())
    } else {
        String::new()
    };
    let variables: Vec<String> = key
        .variables()
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    let alias = key
        .alias
        .map(|alias| format!(", also `{alias}`"))
        .unwrap_or_default();
    format!(
        "| `{}`{alias}<br>{} | {default} | {}<br>*{}{numbers}* |\n",
        key.name,
        variables.join(", "),
        key.doc.trim().replace('|', "\\|"),
        key.kind
    )
}

fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

#[test]
fn the_documentation_is_made_from_the_table() {
    let expected = document();
    if std::env::var_os("STYK_WRITE_DOCS").is_some() {
        std::fs::write(FILE, &expected).expect("written");
    }
    let written = std::fs::read_to_string(FILE).expect("docs/mock-settings.md");
    assert!(
        written == expected,
        "docs/mock-settings.md is out of date: see this test's file"
    );
}
