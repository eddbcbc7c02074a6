//! How often and how long: times, time to live, delays.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use styk_core::Clock;
use styk_mock::MockServer;
use test_case::test_case;

use crate::support::{mock, mock_from};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn exactly_n_answers_under_64_connections() {
    const USES: usize = 100;
    let mock = std::sync::Arc::new(mock().await);
    mock.expect(json!({"httpRequest": {"path": "/n"}, "httpResponse": {}, "times": {"remainingTimes": USES}}));
    let askers = (0..64).map(|_| {
        let mock = std::sync::Arc::clone(&mock);
        tokio::spawn(async move {
            // A client of its own, and so a connection of its own.
            let client = reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client");
            let url = format!("{}/n", mock.server.url());
            let mut served = 0;
            for _ in 0..5 {
                let answer = client.get(&url).send().await.expect("an answer");
                served += usize::from(answer.status() == 200);
            }
            served
        })
    });
    let mut served = 0;
    for asker in askers.collect::<Vec<_>>() {
        served += asker.await.expect("no panic");
    }
    assert_eq!(served, USES);
    assert_eq!(mock.retrieve("active_expectations", "").await, json!([]));
}

#[test_case(json!({}), 0; "an empty object is no use at all")]
#[test_case(json!({"remainingTimes": 0}), 0; "none")]
#[test_case(json!({"remainingTimes": 2}), 2; "two")]
#[test_case(json!({"remainingTimes": 1, "unlimited": false}), 1; "one")]
#[test_case(json!({"unlimited": true}), 4; "unlimited")]
#[tokio::test]
async fn times_are_counted(times: serde_json::Value, expected: usize) {
    let mock = mock().await;
    mock.expect(json!({"httpResponse": {}, "times": times}));
    let mut served = 0;
    for _ in 0..4 {
        served += usize::from(mock.get("/").await.status == 200);
    }
    assert_eq!(served, expected);
}

#[tokio::test]
async fn what_is_left_of_times_is_shown_and_the_next_takes_over() {
    let mock = mock().await;
    mock.expect(
        json!({"id": "a", "httpResponse": {"body": "first"}, "times": {"remainingTimes": 2}}),
    );
    mock.expect(json!({"id": "b", "httpResponse": {"body": "second"}}));
    assert_eq!(mock.get("/").await.text, "first");
    let active = mock.retrieve("active_expectations", "").await;
    assert_eq!(active[0]["times"], json!({"remainingTimes": 1}));
    assert_eq!(mock.get("/").await.text, "first");
    assert_eq!(mock.get("/").await.text, "second");
    let active = mock.retrieve("active_expectations", "").await;
    assert_eq!(active.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_time_to_live_ends() {
    let clock = Clock::manual(Timestamp::UNIX_EPOCH);
    let mock = mock_from(MockServer::builder("payment").clock(clock.clone())).await;
    mock.expect(
        json!({"httpResponse": {}, "timeToLive": {"timeUnit": "SECONDS", "timeToLive": 60}}),
    );
    clock.advance(Duration::from_secs(59));
    assert_eq!(mock.get("/").await.status, 200);
    clock.advance(Duration::from_secs(1));
    assert_eq!(mock.get("/").await.status, 404);
    assert_eq!(mock.retrieve("active_expectations", "").await, json!([]));
}

#[tokio::test]
async fn a_delay_is_waited_for_on_the_clock_that_was_handed_in() {
    let clock = Clock::manual(Timestamp::UNIX_EPOCH);
    let mock = mock_from(MockServer::builder("payment").clock(clock.clone())).await;
    mock.expect(json!({"httpResponse": {"delay": {"timeUnit": "MINUTES", "value": 5}}}));
    let mut asked = Box::pin(mock.get("/"));
    let answer = loop {
        tokio::select! {
            answer = &mut asked => break answer,
            () = tokio::task::yield_now() => { clock.advance(Duration::from_millis(100)); }
        }
    };
    assert_eq!(answer.status, 200);
    let exchanges = mock.server.journal().exchanges();
    let waited = exchanges[0].duration();
    assert!(waited >= Some(Duration::from_secs(300)), "{waited:?}");
}
