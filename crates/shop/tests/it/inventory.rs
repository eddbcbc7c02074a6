//! Recounting the stock.

use http::Method;
use serde_json::Value;
use test_case::test_case;

use crate::harness::{Backend, Client, Stage};

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_recount_finds_nothing_wrong_and_says_so(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, _) = stage.order().await;
    let before = buyer.get("/api/inventory/status/").await.expect(200);
    assert_eq!(before.body["last_sync"], Value::Null);
    let task = Client::send(buyer.request(Method::POST, "/api/inventory/sync/"))
        .await
        .expect(202);
    let ended = stage.task(&buyer, task.str("task_id")).await;
    assert_eq!(ended.str("status"), "SUCCESS", "{}", ended.text);
    let status = buyer.get("/api/inventory/status/").await.expect(200);
    assert!(status.str("last_sync").ends_with('Z'));
    assert_eq!(
        (&status.body["products_synced"], &status.body["corrections"]),
        (&1.into(), &0.into())
    );
    assert_eq!(status.body["running"], false);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_recount_corrects_what_went_wrong(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, _) = stage.order().await;
    stage.shop.product(&buyer, "OTHER", 7).await;
    stage
        .shop
        .db
        .run("UPDATE stock SET on_hand = 50, reserved = 9 WHERE on_hand = 5")
        .await;
    let task = Client::send(buyer.request(Method::POST, "/api/inventory/sync/"))
        .await
        .expect(202);
    let ended = stage.task(&buyer, task.str("task_id")).await;
    assert_eq!(ended.body["result"]["corrections"], 1, "{}", ended.text);
    assert_eq!(ended.body["result"]["products_synced"], 2);
    assert_eq!(
        stage
            .shop
            .db
            .int("SELECT reserved FROM stock WHERE on_hand = 5")
            .await,
        1
    );
    stage.shop.check_settled().await;
}
