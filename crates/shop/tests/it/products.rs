//! The catalogue and sales over the counter.

use http::Method;
use serde_json::json;
use styk_shop::Profile;
use test_case::test_case;

use crate::harness::{Backend, Client, TestShop};

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_product_comes_back_as_it_was_made(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let body = json!({"name": "Чайник", "description": "С носиком", "price": 149.9, "sku": "TEA-1", "quantity": 50,
        "weight_g": 1200, "tax_rate": 20, "unknown": true});
    let made = user.post("/api/products/", body).await.expect(201);
    assert!(made.text.contains("\"price\":149.90"), "{}", made.text);
    assert_eq!(made.str("currency"), "RUB");
    assert_eq!(
        (
            &made.body["quantity"],
            &made.body["on_hand"],
            &made.body["reserved"]
        ),
        (&json!(50), &json!(50), &json!(0))
    );
    assert_eq!(made.body["active"], true);
    let seen = shop
        .visitor()
        .get(&format!("/api/products/{}/", made.id()))
        .await
        .expect(200);
    assert_eq!(seen.body, made.body);
    shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_bad_product_names_all_its_fields(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let body =
        r#"{"name": "", "price": 1.005, "quantity": -1, "tax_rate": 101, "currency": "XXX"}"#;
    let request = user
        .request(Method::POST, "/api/products/")
        .header("Content-Type", "application/json")
        .body(body);
    let answer = Client::send(request).await.expect_error(400, "invalid");
    let fields = &answer.body["error"]["fields"];
    assert_eq!(fields["price"], json!(["must have at most 2 decimals"]));
    for name in ["name", "sku", "quantity", "tax_rate", "currency"] {
        assert!(fields[name].is_array(), "{name}: {fields}");
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_sku_can_be_taken_once(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    shop.product(&user, "SAME", 1).await;
    let body = json!({"name": "Other", "price": 1, "sku": "SAME", "quantity": 1});
    user.post("/api/products/", body)
        .await
        .expect_error(409, "sku_taken");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn the_catalogue_is_read_in_pieces_newest_first(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    for number in 0..5 {
        shop.product(&user, &format!("P{number}"), 1).await;
    }
    let mut seen = Vec::new();
    let mut path = "/api/products/?limit=2".to_owned();
    loop {
        let page = shop.visitor().get(&path).await.expect(200);
        seen.extend(
            page.body["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["sku"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/products/?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ["P4", "P3", "P2", "P1", "P0"]);
    let answer = shop
        .visitor()
        .get("/api/products/?limit=0&cursor=x")
        .await
        .expect_error(400, "invalid");
    assert!(
        answer.body["error"]["fields"]["limit"].is_array()
            && answer.body["error"]["fields"]["cursor"].is_array()
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn the_catalogue_is_searched_by_words_and_by_sku(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    shop.product(&user, "RED_1", 1).await;
    shop.product(&user, "RED-2", 1).await;
    let count = async |query: &str| {
        let page = shop
            .visitor()
            .get(&format!("/api/products/?{query}"))
            .await
            .expect(200);
        page.body["items"].as_array().unwrap().len()
    };
    assert_eq!(count("q=thing%20red").await, 2);
    assert_eq!(count("q=d_1").await, 1);
    assert_eq!(count("sku=RED-2").await, 1);
    assert_eq!(count("q=blue").await, 0);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_sale_over_the_counter_takes_pieces_off_the_shelf(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let id = shop.product(&user, "INV", 50).await;
    let path = format!("/api/products/{id}/inventory/");
    let sold = user
        .put(&path, json!({"product_id": id, "quantity": 5}))
        .await
        .expect(200);
    assert_eq!(
        sold.body,
        json!({"product_id": id, "quantity": 45, "on_hand": 45, "reserved": 0})
    );
    let answer = user
        .put(&path, json!({"product_id": id, "quantity": 46}))
        .await
        .expect_error(409, "out_of_stock");
    assert_eq!(answer.body["error"]["message"], "Only 45 of INV are left.");
    assert_eq!(answer.body["error"]["details"]["available"], 45);
    let other = user
        .put(&path, json!({"product_id": "other", "quantity": 0}))
        .await
        .expect_error(400, "invalid");
    assert!(
        other.body["error"]["fields"]["product_id"].is_array()
            && other.body["error"]["fields"]["quantity"].is_array()
    );
    user.put(
        "/api/products/none/inventory/",
        json!({"product_id": "none", "quantity": 1}),
    )
    .await
    .expect_error(404, "not_found");
    shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_sale_with_an_operation_id_is_made_once(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let id = shop.product(&user, "ONCE", 50).await;
    let path = format!("/api/products/{id}/inventory/");
    let sale =
        |quantity| json!({"product_id": id, "quantity": quantity, "operation_id": "till-7-0001"});
    for _ in 0..3 {
        assert_eq!(
            user.put(&path, sale(5)).await.expect(200).body["on_hand"],
            45
        );
    }
    user.put(&path, sale(6))
        .await
        .expect_error(422, "idempotency_key_reused");
    shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn in_production_only_staff_changes_the_catalogue(backend: Backend) {
    let shop = TestShop::with(backend, |config| config.profile = Profile::Production).await;
    let user = shop.user().await;
    let body = json!({"name": "Thing", "price": 1, "sku": "S", "quantity": 1});
    shop.visitor()
        .post("/api/products/", body.clone())
        .await
        .expect_error(401, "unauthenticated");
    user.post("/api/products/", body.clone())
        .await
        .expect_error(403, "forbidden");
    shop.db.run("UPDATE users SET role = 'staff'").await;
    user.post("/api/products/", body).await.expect(201);
}
