//! The Idempotency-Key.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use styk_shop::ManualClock;
use test_case::test_case;

use crate::harness::{Answer, Backend, Client, TestShop, address};

async fn with_key(user: &Client, method: Method, path: &str, key: &str, body: &Value) -> Answer {
    Client::send(
        user.request(method, path)
            .header("Idempotency-Key", key)
            .json(body),
    )
    .await
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn the_same_request_is_done_once_and_answered_the_same(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let product = shop.product(&user, "A", 10).await;
    let body =
        json!({"items": [{"product_id": product, "quantity": 1}], "shipping_address": address()});
    let first = with_key(&user, Method::POST, "/api/orders/", "k1", &body)
        .await
        .expect(201);
    assert_eq!(first.header("idempotent-replayed"), None);
    let second = with_key(&user, Method::POST, "/api/orders", "k1", &body)
        .await
        .expect(201);
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.text, second.text);
    assert_eq!(shop.db.int("SELECT COUNT(*) FROM orders").await, 1);
    let mut other = body.clone();
    other["items"][0]["quantity"] = json!(2);
    with_key(&user, Method::POST, "/api/orders/", "k1", &other)
        .await
        .expect_error(422, "idempotency_key_reused");
    with_key(&user, Method::POST, "/api/orders/", "k2", &body)
        .await
        .expect(201);
    let stranger = shop.user().await;
    with_key(&stranger, Method::POST, "/api/orders/", "k1", &body)
        .await
        .expect(201);
    assert_eq!(shop.db.int("SELECT COUNT(*) FROM orders").await, 3);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_refusal_is_answered_the_same_too(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let id = shop.product(&user, "A", 1).await;
    let path = format!("/api/products/{id}/inventory/");
    let body = json!({"product_id": id, "quantity": 2});
    let first = with_key(&user, Method::PUT, &path, "k", &body)
        .await
        .expect_error(409, "out_of_stock");
    let second = with_key(&user, Method::PUT, &path, "k", &body)
        .await
        .expect_error(409, "out_of_stock");
    assert_eq!(
        (first.text, second.header("idempotent-replayed")),
        (second.text.clone(), Some("true"))
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_with_one_key_causes_one_effect(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let id = shop.product(&user, "A", 50).await;
    let path = format!("/api/products/{id}/inventory/");
    let body = json!({"product_id": id, "quantity": 5});
    let answers = join_all((0..8).map(|_| with_key(&user, Method::PUT, &path, "k", &body))).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == 200 || answer.code() == "in_progress")
    );
    assert_eq!(shop.db.int("SELECT on_hand FROM stock").await, 45);
    shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_key_is_forgotten_after_a_day_and_a_dead_one_after_a_minute(backend: Backend) {
    let clock = Arc::new(ManualClock::at(
        Timestamp::from_second(1_800_000_000).unwrap(),
    ));
    let shop = TestShop::with(backend, |config| config.clock = clock.clone()).await;
    let user = shop.user().await;
    let id = shop.product(&user, "A", 50).await;
    let path = format!("/api/products/{id}/inventory/");
    let body = json!({"product_id": id, "quantity": 1});
    with_key(&user, Method::PUT, &path, "k", &body)
        .await
        .expect(200);
    shop.db
        .run("UPDATE idempotency_keys SET state = 'running', expires_at = created_at + 60000000")
        .await;
    with_key(&user, Method::PUT, &path, "k", &body)
        .await
        .expect_error(409, "in_progress");
    clock.advance(Duration::from_secs(60));
    assert_eq!(
        with_key(&user, Method::PUT, &path, "k", &body)
            .await
            .expect(200)
            .body["on_hand"],
        48
    );
    clock.advance(Duration::from_secs(86_399));
    let login = json!({"email": "user0@example.com", "password": "testpass123"});
    let user = user.with_token(
        shop.visitor()
            .post("/api/auth/login/", login)
            .await
            .expect(200)
            .str("access"),
    );
    assert_eq!(
        with_key(&user, Method::PUT, &path, "k", &body)
            .await
            .expect(200)
            .body["on_hand"],
        48
    );
    clock.advance(Duration::from_secs(1));
    assert_eq!(
        with_key(&user, Method::PUT, &path, "k", &body)
            .await
            .expect(200)
            .body["on_hand"],
        47
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_key_out_of_bounds_is_refused_and_answers_with_tokens_are_not_kept(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let long = "k".repeat(256);
    with_key(&user, Method::POST, "/api/orders/", &long, &json!({}))
        .await
        .expect_error(400, "invalid");
    let login = json!({"email": "user0@example.com", "password": "testpass123"});
    with_key(&user, Method::POST, "/api/auth/login/", "k", &login)
        .await
        .expect(200);
    assert_eq!(
        shop.db.int("SELECT COUNT(*) FROM idempotency_keys").await,
        0
    );
}
