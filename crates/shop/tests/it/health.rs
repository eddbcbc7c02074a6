//! Readiness.

use serde_json::json;
use styk_shop::Run;
use test_case::test_case;

use crate::harness::{Backend, TestShop};

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_process_with_the_api_alone_is_healthy_without_worker_and_beat(backend: Backend) {
    let shop = TestShop::with(backend, |config| {
        config.run = Run {
            worker: false,
            beat: false,
            ..Run::ALL
        }
    })
    .await;
    let answer = shop.visitor().get("/health/").await.expect(200);
    assert_eq!(
        answer.body,
        json!({"database": true, "queue": true, "worker": true, "beat": true})
    );
    shop.visitor().get("/ready/").await.expect(200);
    shop.visitor().get("/live/").await.expect(200);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_queue_that_cannot_be_read_is_reported(backend: Backend) {
    let shop = TestShop::with(backend, |config| {
        config.run = Run {
            worker: false,
            beat: false,
            ..Run::ALL
        }
    })
    .await;
    shop.db.run("ALTER TABLE tasks RENAME TO tasks_gone").await;
    let answer = shop.visitor().get("/health/").await.expect(503);
    assert_eq!(
        answer.body,
        json!({"database": true, "queue": false, "worker": true, "beat": true})
    );
    shop.visitor().get("/ready/").await.expect(503);
    shop.visitor().get("/live/").await.expect(200);
}
