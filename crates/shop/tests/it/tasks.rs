//! The queue: leases that run out, workers that stop, processes that share it.

use http::Method;
use serde_json::json;
use styk_shop::Run;
use test_case::test_case;

use crate::harness::{Backend, Client, Reply, Stage, eventually};

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_task_whose_worker_is_gone_is_run_by_another(backend: Backend) {
    let stage = Stage::with(backend, |config| {
        config.run = Run {
            worker: false,
            ..Run::ALL
        }
    })
    .await;
    let (buyer, _) = stage.order().await;
    let task = Client::send(buyer.request(Method::POST, "/api/inventory/sync/"))
        .await
        .expect(202);
    let task = task.str("task_id").to_owned();
    // Somebody took it and was never seen again.
    stage.shop.db.run("UPDATE tasks SET status = 'STARTED', attempts = 1, locked_by = 'gone', locked_until = 1").await;
    stage
        .until(
            "SELECT COUNT(*) FROM tasks WHERE status = 'RETRY' AND locked_by IS NULL",
            1,
        )
        .await;
    let token = buyer.token().to_owned();
    let (db, outside) = (stage.shop.stop().await, stage.outside);
    let stage = Stage::on(db, outside, |_| {}).await;
    let ended = stage
        .task(&stage.shop.visitor().with_token(&token), &task)
        .await;
    assert_eq!(
        (ended.str("status"), &ended.body["attempts"]),
        ("SUCCESS", &json!(2))
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_task_that_loses_every_worker_comes_to_an_end(backend: Backend) {
    let stage = Stage::with(backend, |config| {
        config.run = Run {
            worker: false,
            ..Run::ALL
        }
    })
    .await;
    let (buyer, _) = stage.order().await;
    let task = Client::send(buyer.request(Method::POST, "/api/inventory/sync/"))
        .await
        .expect(202);
    stage.shop.db.run("UPDATE tasks SET status = 'STARTED', attempts = 8, locked_by = 'gone', locked_until = 1").await;
    let ended = stage.task(&buyer, task.str("task_id")).await;
    assert_eq!(
        (ended.str("status"), &ended.body["error"]["code"]),
        ("FAILURE", &json!("internal"))
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn api_worker_and_beat_work_together_as_three_processes(backend: Backend) {
    let none = Run {
        api: false,
        worker: false,
        beat: false,
    };
    let api = Stage::with(backend, |config| config.run = Run { api: true, ..none }).await;
    let others = [
        Run {
            worker: true,
            ..none
        },
        Run { beat: true, ..none },
    ];
    let url = api.shop.db.url();
    let mut processes = Vec::new();
    for run in others {
        processes.push(api.beside(&url, run).await);
    }
    let (buyer, order) = api.order().await;
    let path = format!("/api/orders/{order}/process/");
    let task = Client::send(buyer.request(Method::POST, &path))
        .await
        .expect(202);
    assert_eq!(
        api.task(&buyer, task.str("task_id")).await.str("status"),
        "SUCCESS"
    );
    api.outside
        .email
        .reply_times(1, "POST /api/v1/emails/send", Reply::Text(503, ""));
    api.order_by(&buyer, "LATER").await;
    api.until(
        "SELECT COUNT(*) FROM notifications WHERE state <> 'sent'",
        0,
    )
    .await;
    for process in processes {
        process.stop().await;
    }
    api.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_task_that_does_not_finish_when_the_shop_stops_is_given_back(backend: Backend) {
    let stage = Stage::with(backend, |config| {
        config.provider_timeout = std::time::Duration::from_secs(60);
    })
    .await;
    let (buyer, order) = stage.order().await;
    stage
        .outside
        .payment
        .reply_times(1, "POST /api/v1/payments", Reply::Silence);
    let path = format!("/api/orders/{order}/process/");
    let task = Client::send(buyer.request(Method::POST, &path))
        .await
        .expect(202)
        .str("task_id")
        .to_owned();
    let payment = &stage.outside.payment;
    eventually("the charge is on its way", || {
        Box::pin(async move { (!payment.calls("POST /api/v1/payments").is_empty()).then_some(()) })
    })
    .await;
    let token = buyer.token().to_owned();
    let (db, outside) = (stage.shop.stop().await, stage.outside);
    assert_eq!(
        db.texts("SELECT status FROM tasks WHERE kind = 'process_order'")
            .await,
        ["RETRY"]
    );
    db.run("UPDATE payments SET next_check_at = 0").await;
    let stage = Stage::on(db, outside, |_| {}).await;
    let buyer = stage.shop.visitor().with_token(&token);
    assert_eq!(stage.task(&buyer, &task).await.str("status"), "SUCCESS");
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn what_nobody_needs_any_more_is_forgotten(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, _) = stage.order().await;
    let db = &stage.shop.db;
    db.run("UPDATE outbox SET created_at = 0; UPDATE email_tokens SET expires_at = 0")
        .await;
    db.run(
        "INSERT INTO sessions (id, user_id, token_hash, expires_at, created_at)
         SELECT 'old', id, 'old', 0, 0 FROM users",
    )
    .await;
    db.run("UPDATE schedules SET next_run_at = 0 WHERE name = 'prune'")
        .await;
    stage
        .until("SELECT COUNT(*) FROM sessions WHERE id = 'old'", 0)
        .await;
    stage.until("SELECT COUNT(*) FROM email_tokens", 0).await;
    stage
        .until("SELECT COUNT(*) FROM outbox WHERE created_at = 0", 0)
        .await;
    // What is in use stays.
    buyer.get("/api/users/profile/").await.expect(200);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn the_schedule_recounts_the_stock_by_itself(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, _) = stage.order().await;
    stage
        .shop
        .db
        .run("UPDATE schedules SET next_run_at = 0 WHERE name = 'inventory_sync'")
        .await;
    stage
        .until(
            "SELECT COUNT(*) FROM inventory_syncs WHERE state = 'succeeded' AND products_synced = 1",
            1,
        )
        .await;
    let status = buyer.get("/api/inventory/status/").await.expect(200);
    assert_eq!(status.body["products_synced"], 1);
}
