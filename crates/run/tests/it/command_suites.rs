use std::path::Path;
use std::time::Duration;

use styk_core::{RunEvent, Status};
use styk_scenario::Interrupt;

use crate::support::{Ended, Folder, Shops};

const PASSES: &str = "<testsuite><testcase name=\"a\" classname=\"C\" time=\"0.5\"/></testsuite>";
const FAILS: &str = "<testsuite><testcase name=\"a\" classname=\"C\"/>\
    <testcase name=\"b\" classname=\"C\"><failure message=\"assert 1 == 2\">trace</failure></testcase></testsuite>";

/// A project whose suite `foreign` runs `script` with a shell.
fn project(script: &str, more: &str) -> Folder {
    let config = format!(
        "version: 1\nmocks: {{payment: }}\nsuites:\n  foreign:\n    command: [sh, suite.sh]\n    \
         junit: '${{out}}/*.xml'\n    env: {{OUT: '${{out}}', SHOP: '${{stage.shop.url}}', RUN: '${{run.id}}'}}\n    \
         grace: 500ms\n{more}"
    );
    Folder::new(&[("styk.yaml", &config), ("suite.sh", script)])
}

async fn play(script: &str) -> Ended {
    let folder = project(script, "");
    folder.play(&Shops::new(), folder.options()).await
}

fn writes(junit: &str, exit: u8) -> String {
    format!("cat > \"$OUT/junit.xml\" <<'END'\n{junit}\nEND\nexit {exit}\n")
}

#[tokio::test]
async fn cases_become_results_and_the_output_is_kept_and_passed_on() {
    let script = format!("echo hello\necho oops >&2\n{}", writes(FAILS, 1));
    let ended = play(&script).await;
    assert_eq!(
        ended.verdicts("foreign"),
        [("C::a", Status::Passed), ("C::b", Status::Failed)]
    );
    let category = ended.category("foreign");
    assert_eq!((category.exit_code, category.success), (1, false));
    assert_eq!(
        (category.stdout.as_str(), category.stderr.as_str()),
        ("hello\n", "oops\n")
    );
    assert_eq!(ended.errors("foreign"), [""; 0]);
    let failed = &category.scenarios[1];
    assert_eq!(failed.scenario.id, "foreign::C::b");
    assert_eq!(failed.attempts[0].failures[0].message, "assert 1 == 2");
    assert!(
        failed
            .foreign_output
            .as_deref()
            .is_some_and(|text| text.contains("trace"))
    );
    let line =
        |event: &&RunEvent| matches!(event, RunEvent::Output { line, .. } if line == "hello");
    assert_eq!(ended.events.iter().filter(line).count(), 1);
}

#[tokio::test]
async fn a_suite_is_told_where_everything_is() {
    let checks = "case $SHOP in http://127.0.0.1:*) ;; *) exit 3;; esac\n\
        [ \"$APP_URL\" = \"$SHOP\" ] || exit 4\n\
        case $PAYMENT_MOCK_URL in http://127.0.0.1:*) ;; *) exit 5;; esac\n\
        case $STYK_TRACEPARENT in 00-*-*-01) ;; *) exit 6;; esac\n\
        [ \"$RUN\" = \"$STYK_RUN_ID\" ] || exit 7\n[ -f styk.yaml ] || exit 8\n";
    let ended = play(&format!("{checks}{}", writes(PASSES, 0))).await;
    assert_eq!(ended.errors("foreign"), [""; 0]);
    assert!(ended.category("foreign").success);
    let duration = ended.category("foreign").scenarios[0].duration();
    assert_eq!(duration, Duration::from_millis(500));
}

#[tokio::test]
async fn exit_code_and_junit_have_to_agree() {
    for (script, error) in [
        (
            writes(PASSES, 3),
            "the command failed with exit code 3, but all its 1 cases passed",
        ),
        (
            writes(FAILS, 0),
            "the command said success (exit code 0), but 1 of its 2 cases did not pass",
        ),
        (writes("<testsuite/>", 0), "the suite ran zero tests"),
        (
            "exit 5".to_owned(),
            "the command failed with exit code 5, but no test case says why",
        ),
        (
            "kill -9 $$".to_owned(),
            "the command was killed by a signal",
        ),
    ] {
        let ended = play(&script).await;
        assert_eq!(ended.errors("foreign"), [error], "{script}");
        assert!(!ended.category("foreign").success && ended.category("foreign").exit_code != 0);
    }
    let ended = play("true").await;
    assert!(ended.errors("foreign")[0].starts_with("the command wrote no JUnit file: `/"));
}

#[tokio::test]
async fn what_is_no_xml_is_an_error_and_other_files_still_count() {
    let script = format!("echo 'not xml' > \"$OUT/bad.xml\"\n{}", writes(PASSES, 0));
    let ended = play(&script).await;
    assert_eq!(ended.verdicts("foreign"), [("C::a", Status::Passed)]);
    let [error] = ended.errors("foreign")[..] else {
        panic!("one error, got {:?}", ended.errors("foreign"));
    };
    assert!(
        error.contains("bad.xml cannot be read: it is not XML: "),
        "{error}"
    );
}

#[tokio::test]
async fn what_an_earlier_run_wrote_does_not_count() {
    let folder = Folder::new(&[
        (
            "styk.yaml",
            "version: 1\nsuites: {foreign: {command: ['true'], junit: 'old/*.xml'}}\n",
        ),
        ("old/a.xml", PASSES),
    ]);
    let ended = folder.play(&Shops::new(), folder.options()).await;
    let [error] = ended.errors("foreign")[..] else {
        panic!("one error, got {:?}", ended.errors("foreign"));
    };
    assert!(
        error.ends_with("old/*.xml` names only older ones"),
        "{error}"
    );
    assert!(ended.verdicts("foreign").is_empty());
}

#[tokio::test]
async fn a_program_that_is_not_there_is_told() {
    let folder = Folder::new(&[(
        "styk.yaml",
        "version: 1\nsuites: {foreign: {command: [no-such-program], junit: '${out}/*.xml'}}\n",
    )]);
    let ended = folder.play(&Shops::new(), folder.options()).await;
    let [error] = ended.errors("foreign")[..] else {
        panic!("one error, got {:?}", ended.errors("foreign"));
    };
    assert!(
        error.starts_with("the command could not be started: `no-such-program`: "),
        "{error}"
    );
}

/// Whether a process still runs; a zombie does not.
fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

async fn is_gone(pid: &str) {
    let gone = async {
        while is_alive(pid) {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(10), gone).await;
    waited.expect("the process ends");
}

/// Starts a child that ignores TERM, says its pid, and waits.
const STUBBORN: &str = "sh -c 'trap \"\" TERM; echo $$ > \"$OUT/pid\"; while :; do sleep 1; done' &\n\
    while [ ! -s \"$OUT/pid\" ]; do sleep 0.05; done\n";

fn pid_in(folder: &Folder, ended: &Ended) -> String {
    let out = folder.reports().join(&ended.outcome.result.run_id);
    let pid = std::fs::read_to_string(out.join("out/foreign/pid")).expect("a pid");
    pid.trim().to_owned()
}

#[tokio::test]
async fn the_limit_ends_the_whole_group_and_written_cases_count() {
    let script = format!("{STUBBORN}{}", writes(PASSES, 0).replace("exit 0", "wait"));
    let folder = project(&script, "    timeout: 1s\n");
    let ended = folder.play(&Shops::new(), folder.options()).await;
    assert_eq!(
        ended.errors("foreign"),
        ["the suite's time was over; it was stopped with 1 cases written"]
    );
    assert_eq!(ended.verdicts("foreign"), [("C::a", Status::Passed)]);
    is_gone(&pid_in(&folder, &ended)).await;
}

#[tokio::test]
async fn children_that_a_suite_leaves_behind_are_ended() {
    let folder = project(&format!("{STUBBORN}{}", writes(PASSES, 0)), "");
    let ended = folder.play(&Shops::new(), folder.options()).await;
    assert!(
        ended.category("foreign").success,
        "{:?}",
        ended.errors("foreign")
    );
    is_gone(&pid_in(&folder, &ended)).await;
}

#[tokio::test]
async fn a_person_can_stop_a_suite() {
    let folder = project(
        "wget -q -O- \"$APP_URL/never\" 2>/dev/null || python3 -c \"import os,urllib.request as u; u.urlopen(os.environ['APP_URL']+'/never')\"\n",
        "",
    );
    let shops = Shops::new();
    let interrupt = Interrupt::new();
    let stopping = async {
        shops.somebody_waits().await;
        interrupt.stop();
    };
    let playing = folder.play_until(&shops, folder.options(), &interrupt);
    let (ended, ()) = tokio::join!(playing, stopping);
    assert!(ended.outcome.result.interrupted);
    assert!(!ended.category("foreign").success);
}

#[tokio::test]
async fn a_suite_that_never_stops_talking_is_ended_and_holds_nobody_up() {
    let folder = Folder::new(&[
        (
            "styk.yaml",
            "version: 1\nsuites:\n  foreign: {command: ['yes'], junit: '${out}/*.xml', timeout: 1s}\n  \
             quick: {scenarios: [a.styk.yaml]}\nrun: {jobs: 2}\n",
        ),
        ("a.styk.yaml", "scenario: good\nsteps:\n  - http: GET /ok\n"),
    ]);
    let ended = folder.play(&Shops::new(), folder.options()).await;
    assert_eq!(ended.verdicts("quick"), [("good", Status::Passed)]);
    assert!(ended.errors("foreign")[0].starts_with("the suite's time was over"));
    assert!(ended.category("foreign").stdout.starts_with("y\ny\n"));
    let finished = |wanted: &str| {
        ended.events.iter().position(
            |event| matches!(event, RunEvent::CategoryFinished { category, .. } if category == wanted),
        )
    };
    assert!(finished("quick") < finished("foreign"));
}
