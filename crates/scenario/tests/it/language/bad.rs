//! Bad files with the exact text of every message.
//!
//! Each file in `bad/` has its messages in `snapshots/`. After a change look at the difference, and accept it with
//! `INSTA_UPDATE=always cargo test -p styk-scenario --test it bad`.

use camino::Utf8PathBuf;
use styk_core::Diagnostic;
use styk_scenario::{LoadOptions, SourceFile, load};
use test_case::test_case;

#[test_case("yaml")]
#[test_case("keys")]
#[test_case("verbs")]
#[test_case("scalars")]
#[test_case("names")]
#[test_case("tables")]
#[test_case("nothing")]
fn a_bad_file_gets_all_its_messages_at_once(name: &str) {
    let folder = Utf8PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/it/language/bad"
    ));
    let path = folder.join(format!("{name}.styk.yaml"));
    let text = std::fs::read_to_string(&path).expect("a text file");
    let file = SourceFile {
        name: format!("{name}.styk.yaml"),
        path,
        text,
    };
    let mocks = ["payment", "shipping", "email"].map(str::to_owned).to_vec();
    let loaded = load(&[file], &LoadOptions { mocks, fakes: None });
    let messages: Vec<String> = loaded.diagnostics.iter().map(Diagnostic::render).collect();
    insta::with_settings!({
        snapshot_path => "snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, messages.join("\n\n"));
    });
}
