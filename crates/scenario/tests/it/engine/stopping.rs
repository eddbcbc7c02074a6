//! Limits and interrupts: what is under way ends, what was set up is undone, what was played stays recorded.

use std::time::Duration;

use styk_core::{Outcome, Status};
use styk_scenario::play;

use super::bench::{Bench, messages, only_case, outline};

const HANGS: &str = "\
scenario: It hangs
steps:
  - http: POST /log/first
  - http: GET /slow
  - http: POST /log/never
finally:
  - http: POST /log/finally
";

#[tokio::test]
async fn a_step_over_its_limit_fails_and_its_exchange_ends() {
    let bench = Bench::new().await.step_limit(Duration::from_millis(60));
    let attempt = bench.play(HANGS).await;
    assert_eq!(attempt.status, Status::Failed);
    assert_eq!(
        messages(&attempt),
        "\
error: the step was not over after 60ms
 --> a.styk.yaml:4:5
  |
4 |   - http: GET /slow
  |     ^^^^^^^^^^^^^^^
  = GET /slow was under way"
    );
    assert_eq!(bench.shop.log(), ["first", "finally"]);
    let hanging = &attempt.exchanges[1];
    assert!(matches!(hanging.outcome(), Some(Outcome::Failed { .. })));
}

#[tokio::test]
async fn a_scenario_over_its_limit_ends_also_in_a_soft_step() {
    let bench = Bench::new().await;
    let attempt = bench
        .play(
            "\
scenario: It hangs
timeout: 80ms
steps:
  - soft: true
    group: A phase
    steps:
      - repeat: 100
        http: GET /slow
  - http: POST /log/never
finally:
  - http: POST /log/finally
",
        )
        .await;
    assert_eq!(attempt.status, Status::Failed);
    assert!(
        messages(&attempt).starts_with("error: the scenario's limit of 80ms was reached here"),
        "{}",
        messages(&attempt)
    );
    assert_eq!(bench.shop.log(), ["finally"]);
    assert_eq!(outline(&attempt.steps).len(), 4);
}

#[tokio::test]
async fn the_limit_of_a_group_ends_the_group_alone() {
    let bench = Bench::new().await;
    let attempt = bench
        .play(
            "\
scenario: It hangs
steps:
  - soft: true
    timeout: 60ms
    group: A phase
    steps:
      - http: GET /slow
      - http: POST /log/never
  - http: POST /log/goes-on
",
        )
        .await;
    assert_eq!(attempt.status, Status::Failed);
    let text = messages(&attempt);
    assert!(
        text.starts_with("error: the enclosing step's limit of 60ms was reached here"),
        "{text}"
    );
    assert_eq!(bench.shop.log(), ["goes-on"]);
}

#[tokio::test]
async fn the_first_interrupt_ends_the_steps_and_cleans_up() {
    let bench = Bench::new().await;
    let case = only_case(HANGS);
    let playing = play(&case, &bench.world, 1, &bench.interrupt);
    let (attempt, ()) = tokio::join!(playing, stop_when_it_hangs(&bench, false));
    assert_eq!(attempt.status, Status::Error);
    assert!(
        messages(&attempt).starts_with("error: stopped on request"),
        "{}",
        messages(&attempt)
    );
    assert_eq!(bench.shop.log(), ["first", "finally"]);
    assert_eq!(attempt.steps[0].status, Status::Passed);
}

#[tokio::test]
async fn the_second_interrupt_skips_cleaning_up() {
    let bench = Bench::new().await;
    let case = only_case(HANGS);
    let playing = play(&case, &bench.world, 1, &bench.interrupt);
    let (attempt, ()) = tokio::join!(playing, stop_when_it_hangs(&bench, true));
    assert_eq!(attempt.status, Status::Error);
    assert_eq!(bench.shop.log(), ["first"]);
}

#[tokio::test]
async fn cleaning_up_has_a_limit_of_its_own() {
    let mut bench = Bench::new().await;
    bench.world.limits.teardown = Duration::from_millis(60);
    let attempt = bench
        .play("scenario: A\nsteps:\n  - log: x\nfinally:\n  - http: GET /slow\n  - http: POST /log/never\n")
        .await;
    assert_eq!(attempt.status, Status::Failed);
    assert!(
        messages(&attempt).starts_with("error: the limit of 60ms for cleaning up was reached here"),
        "{}",
        messages(&attempt)
    );
    assert!(bench.shop.log().is_empty());
}

#[tokio::test]
async fn a_sleep_and_a_poll_end_at_an_interrupt() {
    for step in [
        "sleep: 60s",
        "http: GET /text\n    poll: 60s\n    expect: {text: never}",
    ] {
        let bench = Bench::new().await;
        let case = only_case(&format!(
            "scenario: A\nsteps:\n  - http: GET /text\n  - {step}\n"
        ));
        let playing = play(&case, &bench.world, 1, &bench.interrupt);
        let stopping = async {
            let begun = |journal: &styk_core::Journal| (journal.last_seq() >= 1).then_some(());
            bench
                .world
                .journal
                .wait_for(Duration::from_secs(5), begun)
                .await;
            bench.interrupt.stop();
        };
        let (attempt, ()) = tokio::join!(playing, stopping);
        assert_eq!(attempt.status, Status::Error, "{}", messages(&attempt));
    }
}

async fn stop_when_it_hangs(bench: &Bench, abandon: bool) {
    let hangs = |journal: &styk_core::Journal| (journal.last_seq() >= 2).then_some(());
    let waited = bench.world.journal.wait_for(Duration::from_secs(5), hangs);
    assert_eq!(waited.await, Some(()));
    if abandon {
        bench.interrupt.abandon();
    } else {
        bench.interrupt.stop();
    }
}
