use styk_core::{Clock, Secrets, Seed};
use styk_run::{RunOptions, RunSurroundings, Selection, run};
use styk_scenario::Interrupt;

use crate::support::{Folder, Shops};

const CONFIG: &str = "version: 1\nsuites:\n  \
    first: {scenarios: [a/*.styk.yaml]}\n  second: {scenarios: [b/*.styk.yaml]}\n  \
    foreign: {command: ['true'], junit: '${out}/*.xml'}\n";

fn folder() -> Folder {
    let scenario = |title: &str, tags: &str| {
        format!("scenario: {title}\ntags: [{tags}]\nsteps:\n  - http: GET /ok\n")
    };
    Folder::new(&[
        ("styk.yaml", CONFIG),
        ("a/pay.styk.yaml", &scenario("A payment", "smoke, money")),
        ("a/refund.styk.yaml", &scenario("A refund", "money")),
        ("b/login.styk.yaml", &scenario("A login", "smoke")),
    ])
}

async fn played(selection: Selection) -> Vec<String> {
    let folder = folder();
    let options = RunOptions {
        selection,
        ..folder.options()
    };
    let ended = folder.play(&Shops::new(), options).await;
    let categories = ended.outcome.result.categories.iter();
    categories
        .flat_map(|category| {
            let scenarios = category.scenarios.iter();
            let titles = scenarios.map(|result| result.scenario.title.clone());
            std::iter::once(category.name.clone()).chain(titles)
        })
        .collect()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[tokio::test]
async fn all_kinds_of_selection_have_to_fit_together() {
    let chosen = |suites: &[&str], tags: &[&str], filters: &[&str]| Selection {
        suites: texts(suites),
        tags: texts(tags),
        filters: texts(filters),
    };
    assert_eq!(
        played(chosen(&["second"], &[], &[])).await,
        ["second", "A login"]
    );
    assert_eq!(
        played(chosen(&[], &["smoke"], &[])).await,
        ["first", "A payment", "second", "A login"]
    );
    assert_eq!(
        played(chosen(&[], &["money"], &["REFUND"])).await,
        ["first", "A refund"]
    );
    assert_eq!(
        played(chosen(&[], &[], &["a/*"])).await,
        ["first", "A payment", "A refund"]
    );
    assert_eq!(played(chosen(&[], &[], &["foreign"])).await, ["foreign"]);
}

async fn refused(selection: Selection) -> String {
    let folder = folder();
    let surroundings = RunSurroundings {
        clock: Clock::system(),
        seed: Seed::new(1),
        version: String::new(),
        launcher: None,
        secrets: Secrets::default(),
        interrupt: Interrupt::new(),
    };
    let project = folder.load().expect("a sound project");
    let options = RunOptions {
        selection,
        ..folder.options()
    };
    let mut events = Vec::new();
    let errors = run(&project, options, surroundings, &mut events).await;
    assert!(events.is_empty());
    let errors = errors.expect_err("nothing to play");
    errors[0].render()
}

#[tokio::test]
async fn an_empty_selection_lists_what_there_is() {
    let text = refused(Selection {
        tags: texts(&["money"]),
        suites: texts(&["second"]),
        ..Selection::default()
    })
    .await;
    assert_eq!(
        text,
        "error[E0409]: no scenario fits --suite second --tag money\n  \
         = suites: `first`, `second`, `foreign`\n  = tags: `money`, `smoke`\n  \
         = scenarios:\n    A payment (a/pay)\n    A refund (a/refund)\n    A login (b/login)\n  \
         = help: all options together have to fit a scenario; leave one out"
    );
    let text = refused(Selection {
        suites: texts(&["frist"]),
        ..Selection::default()
    })
    .await;
    assert_eq!(
        text,
        "error[E0409]: there is no suite `frist`\n  \
         = help: did you mean `first`? There is `first`, `second`, `foreign`"
    );
}
