//! The cart.

use serde_json::json;
use test_case::test_case;

use crate::harness::{Backend, TestShop};

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn the_same_product_again_adds_up(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let id = shop.product(&user, "A", 10).await;
    let first = user
        .post("/api/cart/items/", json!({"product_id": id, "quantity": 1}))
        .await
        .expect(201);
    let second = user
        .post("/api/cart/items/", json!({"product_id": id, "quantity": 2}))
        .await
        .expect(201);
    assert_eq!(first.id(), second.id());
    assert_eq!(second.body["quantity"], 3);
    assert!(
        second.text.contains("\"unit_price\":100.00")
            && second.text.contains("\"line_total\":300.00")
    );
    let cart = user.get("/api/cart/").await.expect(200);
    assert_eq!(cart.body["items"].as_array().unwrap().len(), 1);
    assert!(
        cart.text.contains("\"items_total\":300.00"),
        "{}",
        cart.text
    );
    assert_eq!(cart.body["version"], 2);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn ten_kopecks_three_times_are_thirty(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let body = json!({"name": "Match", "price": 0.1, "sku": "M", "quantity": 10});
    let id = user.post("/api/products/", body).await.expect(201).id();
    user.post("/api/cart/items/", json!({"product_id": id, "quantity": 3}))
        .await
        .expect(201);
    assert!(
        user.get("/api/cart/")
            .await
            .text
            .contains("\"items_total\":0.30")
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn items_are_changed_and_taken_out(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let product = shop.product(&user, "A", 10).await;
    let item = user
        .post(
            "/api/cart/items/",
            json!({"product_id": product, "quantity": 1}),
        )
        .await
        .expect(201)
        .id();
    let path = format!("/api/cart/items/{item}/");
    assert_eq!(
        user.put(&path, json!({"quantity": 7}))
            .await
            .expect(200)
            .body["quantity"],
        7
    );
    user.put(&path, json!({"quantity": 0}))
        .await
        .expect_error(400, "invalid");
    user.delete(&path).await.expect(204);
    user.delete(&path).await.expect_error(404, "not_found");
    assert_eq!(user.get("/api/cart/").await.body["items"], json!([]));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn nobody_reaches_into_anothers_cart(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let (anna, boris) = (shop.user().await, shop.user().await);
    let product = shop.product(&anna, "A", 10).await;
    let item = anna
        .post(
            "/api/cart/items/",
            json!({"product_id": product, "quantity": 1}),
        )
        .await
        .expect(201)
        .id();
    let path = format!("/api/cart/items/{item}/");
    boris
        .put(&path, json!({"quantity": 7}))
        .await
        .expect_error(404, "not_found");
    boris.delete(&path).await.expect_error(404, "not_found");
    assert_eq!(anna.get("/api/cart/").await.body["items"][0]["quantity"], 1);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn what_is_not_for_sale_or_of_another_currency_stays_out(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    user.post(
        "/api/cart/items/",
        json!({"product_id": "none", "quantity": 1}),
    )
    .await
    .expect_error(404, "not_found");
    let rubles = shop.product(&user, "RUB", 10).await;
    let body =
        json!({"name": "Abroad", "price": 5, "currency": "EUR", "sku": "EUR", "quantity": 1});
    let euros = user.post("/api/products/", body).await.expect(201).id();
    user.post(
        "/api/cart/items/",
        json!({"product_id": rubles, "quantity": 1}),
    )
    .await
    .expect(201);
    user.post(
        "/api/cart/items/",
        json!({"product_id": euros, "quantity": 1}),
    )
    .await
    .expect_error(400, "invalid");
    shop.db
        .run("UPDATE products SET active = FALSE WHERE sku = 'RUB'")
        .await;
    user.post(
        "/api/cart/items/",
        json!({"product_id": rubles, "quantity": 1}),
    )
    .await
    .expect_error(404, "not_found");
    assert_eq!(
        user.get("/api/cart/").await.body["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
