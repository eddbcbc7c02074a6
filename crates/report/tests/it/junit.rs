//! JUnit as CI servers read it.

use roxmltree::{Document, Node};
use styk_core::{Secrets, Status};

use crate::Reports;
use crate::run::sample_run;

fn children<'a>(node: Node<'a, 'a>, name: &'static str) -> Vec<Node<'a, 'a>> {
    node.children()
        .filter(|child| child.has_tag_name(name))
        .collect()
}

#[test]
fn every_file_is_well_formed_with_one_flat_suite_and_one_verdict_a_case() {
    let reports = Reports::of(&sample_run(), &Secrets::default());
    for (name, text) in reports.all() {
        if !name.starts_with("junit/") {
            continue;
        }
        let document = Document::parse(&text).expect(&name);
        let suites = children(document.root_element(), "testsuite");
        assert_eq!(suites.len(), 1, "{name}");
        assert!(children(suites[0], "testsuite").is_empty(), "{name}");
        let cases = children(suites[0], "testcase");
        let count = |attribute| suites[0].attribute(attribute).and_then(|n| n.parse().ok());
        assert_eq!(count("tests"), Some(cases.len()), "{name}");
        let mut seen = std::collections::BTreeSet::new();
        for case in cases {
            let verdicts = children(case, "failure").len() + children(case, "error").len();
            assert!(verdicts <= 1, "{name}: {case:?}");
            let key = (case.attribute("classname"), case.attribute("name"));
            assert!(seen.insert(key), "{name}: {key:?} stands twice");
        }
    }
}

#[test]
fn retries_are_written_as_surefire_writes_them() {
    let mut result = sample_run();
    let text = Reports::of(&result, &Secrets::default()).read("junit/payment_integration.xml");
    let document = Document::parse(&text).expect("XML");
    let flaky = document
        .descendants()
        .find(|node| node.has_tag_name("flakyFailure"))
        .expect("the flaky case");
    assert_eq!(
        flaky.attribute("message"),
        Some("the connection was closed before a full answer")
    );
    assert!(children(flaky.parent().expect("a case"), "failure").is_empty());

    result.strict = true;
    let text = Reports::of(&result, &Secrets::default()).read("junit/payment_integration.xml");
    let document = Document::parse(&text).expect("XML");
    let case = document
        .descendants()
        .find(|node| node.attribute("name") == Some("A payment survives one dropped connection"))
        .expect("the flaky case");
    assert_eq!(children(case, "failure").len(), 1);
}

#[test]
fn what_went_wrong_outside_of_scenarios_is_one_error_case() {
    let mut result = sample_run();
    let text = Reports::of(&result, &Secrets::default()).read("junit/async_processes.xml");
    let document = Document::parse(&text).expect("XML");
    let suite = children(document.root_element(), "testsuite")[0];
    assert_eq!(suite.attribute("errors"), Some("1"));
    let case = children(suite, "testcase").pop().expect("a case");
    assert_eq!(case.attribute("name"), Some("category async_processes"));
    let error = children(case, "error").pop().expect("an error");
    assert_eq!(
        error.attribute("message"),
        Some("the suite did not end within its limit of 600 s")
    );

    // A category that failed without a word is still not green.
    let category = &mut result.categories[3];
    category.errors.clear();
    category.scenarios.clear();
    category.exit_code = 5;
    let text = Reports::of(&result, &Secrets::default()).read("junit/async_processes.xml");
    assert!(
        text.contains("the category failed with exit code 5"),
        "{text}"
    );
}

#[test]
fn control_characters_do_not_break_the_file() {
    let mut result = sample_run();
    let category = &mut result.categories[0];
    category.stdout =
        (0_u8..=31).map(char::from).collect::<String>() + "]]> & \u{fffe}\u{ffff} end";
    let scenario = &mut category.scenarios[0];
    scenario.scenario.title = "bell \u{7} escape \u{1b}[31m null \u{0} \u{ffff} \"<&>'".to_owned();
    scenario.status = Status::Failed;
    scenario.attempts.clear();
    scenario.foreign_output = Some("first \u{8}line\nsecond \u{c} ]]>".to_owned());
    let text = Reports::of(&result, &Secrets::default()).read("junit/user_flows.xml");
    let document = Document::parse(&text).expect("XML");
    let case = children(
        children(document.root_element(), "testsuite")[0],
        "testcase",
    )[0];
    let name = case.attribute("name").expect("a name");
    assert!(name.starts_with("bell  escape  null"), "{name}");
    assert!(!text.contains(['\u{0}', '\u{7}', '\u{1b}', '\u{fffe}', '\u{ffff}']));
}

#[test]
fn the_file_of_a_category_stays_as_it_is() {
    let reports = Reports::of(&sample_run(), &Secrets::default());
    insta::assert_snapshot!(reports.read("junit/payment_integration.xml"));
    insta::assert_snapshot!(reports.read("junit/async_processes.xml"));
}
