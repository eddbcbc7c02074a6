//! The page: what hostile text cannot do, and how big it gets.

use std::time::Duration;

use styk_core::{Diagnostic, EventSink as _, RunEvent, Secrets, Status};
use styk_report::{TerminalOptions, TerminalReporter};

use crate::Reports;
use crate::run::sample_run;
use crate::story::{Ended, Story};
use crate::terminal::Shared;

const HOSTILE: &str = "</title></script></style></pre>--><img src=x onerror=alert(1)><svg/onload=alert(2)>\" onmouseover=alert(3) x=' ]]> javascript:alert(4)";

fn hostile_page() -> String {
    let mut result = sample_run();
    result.run_id = format!("run{HOSTILE}");
    result.stage = HOSTILE.to_owned();
    result.notices = vec![Diagnostic::warning(HOSTILE).note(HOSTILE).help(HOSTILE)];
    let mut story = Story::new(7, result.started_at);
    story.test("POST /a", HOSTILE, Ended::Answer(200, HOSTILE), |story| {
        story.span(HOSTILE, HOSTILE, |story| {
            story.outside("payment", "POST /b", HOSTILE, Ended::Failed(HOSTILE));
        });
    });
    for category in &mut result.categories {
        category.name = HOSTILE.to_owned();
        category.stdout = HOSTILE.to_owned();
        category.errors = vec![Diagnostic::error(HOSTILE).code(HOSTILE)];
        for scenario in &mut category.scenarios {
            scenario.scenario.id = HOSTILE.to_owned();
            scenario.scenario.title = HOSTILE.to_owned();
            scenario.scenario.category = HOSTILE.to_owned();
            scenario.scenario.file = HOSTILE.to_owned();
            scenario.scenario.tags = vec![HOSTILE.to_owned()];
            scenario.foreign_output = Some(HOSTILE.to_owned());
            for attempt in &mut scenario.attempts {
                attempt.exchanges = story.exchanges();
                attempt.attribution = Some(HOSTILE.to_owned());
                for step in &mut attempt.steps {
                    step.label = HOSTILE.to_owned();
                    step.note = Some(HOSTILE.to_owned());
                    step.path = HOSTILE.to_owned();
                }
                for failure in &mut attempt.failures {
                    failure.label = Some(HOSTILE.to_owned());
                    if let Some(location) = &mut failure.location {
                        location.file = HOSTILE.to_owned();
                        location.lines[0].text = HOSTILE.to_owned();
                    }
                }
            }
        }
    }
    Reports::of(&result, &Secrets::default()).read("report.html")
}

#[test]
fn hostile_text_stays_text() {
    let page = hostile_page();
    for markup in ["<img", "<svg/onload", "</pre>--"] {
        assert!(!page.contains(markup), "{markup} is markup");
    }
    let tags = page.split('<').filter_map(|rest| rest.split('>').next());
    for tag in tags.filter(|tag| !tag.contains("addEventListener")) {
        assert!(!tag.contains("\" onmouseover"), "left its attribute: {tag}");
    }
    let count = |tag: &str| page.matches(tag).count();
    assert_eq!((count("<script"), count("</script>")), (1, 1));
    assert_eq!((count("<style"), count("</style>")), (1, 1));
    assert_eq!(count("</title></"), 0);
    // Every link stays on the page.
    for link in page.split("href=\"").skip(1) {
        assert!(link.starts_with('#'), "a link leads away: {}", &link[..20]);
    }
}

#[test]
fn the_page_fetches_nothing() {
    let page = Reports::of(&sample_run(), &Secrets::default()).read("report.html");
    assert!(page.contains("default-src 'none'"));
    for needle in [
        " src=",
        "url(",
        "@import",
        "<link",
        "fetch(",
        "http://",
        "XMLHttpRequest",
    ] {
        assert!(!page.contains(needle), "the page has {needle:?}");
    }
    assert_eq!(page.matches("https://").count(), 0);
}

#[test]
fn the_page_is_ordered_failures_first_and_the_first_is_open() {
    let page = Reports::of(&sample_run(), &Secrets::default()).read("report.html");
    let first = page.find("<details").expect("a card");
    let tag = &page[first..first + page[first..].find('>').expect("an end")];
    assert!(
        tag.contains("card failed") && tag.ends_with(" open"),
        "{tag}"
    );
    let at = |title: &str| page.find(&format!(">{title}<")).expect(title);
    assert!(
        at("A refund gives the money back and tells the buyer")
            < at("A payment survives one dropped connection")
    );
    assert!(
        at("A payment survives one dropped connection")
            < at("A paid order is confirmed by exactly one e-mail")
    );
}

#[test]
fn the_diagram_tells_modules_mocks_and_repeated_calls() {
    let page = Reports::of(&sample_run(), &Secrets::default()).read("report.html");
    assert!(
        page.contains("<tspan class=\"times\"> ×21</tspan>"),
        "the poll is drawn once"
    );
    for lifeline in ["who test", "who shop", "who module", "who mock"] {
        assert!(page.contains(lifeline), "{lifeline} is missing");
    }
    assert!(page.contains("class=\"call bad\""));
    // Ids are unique, so that every link has one target.
    let mut ids: Vec<&str> = page
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn sixty_heavy_scenarios_stay_below_a_megabyte() {
    let mut result = sample_run();
    let heavy = format!("{{\"text\":\"{}\"}}", "длинный текст ".repeat(60));
    let mut story = Story::new(7, result.started_at);
    for number in 0..40 {
        let target = format!("POST /api/things/{number}");
        story.test(&target, &heavy, Ended::Answer(200, &heavy), |story| {
            story.span("orders", "work", |story| {
                story.span("payments", "work", |_| {});
            });
        });
    }
    let mut scenario = result.categories[1].scenarios[1].clone();
    scenario.attempts[0].exchanges = story.exchanges();
    result.categories[0].scenarios = (0..60)
        .map(|number| {
            let mut copy = scenario.clone();
            copy.scenario.title = format!("Scenario {number}");
            copy.status = if number % 2 == 0 {
                Status::Passed
            } else {
                Status::Failed
            };
            copy
        })
        .collect();
    let reports = Reports::of(&result, &Secrets::default());
    let page = reports.read("report.html");
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    assert!(page.contains("Scenario 59"), "no scenario is left out");
    assert!(page.contains("this page is kept small"));
}

#[test]
fn of_too_many_exchanges_the_newest_stay_and_the_page_says_so() {
    let mut result = sample_run();
    let mut story = Story::new(7, result.started_at);
    for number in 0..1_100 {
        let target = format!("GET /api/things/{number}");
        story.test(&target, "", Ended::Answer(200, ""), |_| {});
    }
    result.categories[1].scenarios[1].attempts[0].exchanges = story.exchanges();
    let reports = Reports::of(&result, &Secrets::default());
    let json = reports.read("report.json");
    assert!(json.contains("\"omitted_exchanges\": 200,"));
    assert!(!json.contains("things/99\"") && json.contains("things/1099\""));
    let page = reports.read("report.html");
    assert!(page.contains("200 older exchanges not in the reports"));
    assert!(page.contains("more crossings not drawn"));
}

#[test]
fn a_run_of_nothing_gives_readable_reports() {
    let mut result = sample_run();
    result.categories.clear();
    result.matrix = None;
    result.duration = Duration::ZERO;
    result.notices.clear();
    let reports = Reports::of(&result, &Secrets::default());
    assert!(
        reports
            .read("report.html")
            .contains("0 of 0 categories passed")
    );
    assert!(
        reports
            .read("summary.md")
            .contains("Integration tests failed")
    );
    let out = Shared::default();
    let mut terminal = TerminalReporter::new(
        Box::new(out.clone()),
        TerminalOptions::default(),
        &Secrets::default(),
    );
    terminal.event(&RunEvent::RunFinished {
        result: result.into(),
    });
    assert!(out.text().contains("0 of 0 passed"));
}
