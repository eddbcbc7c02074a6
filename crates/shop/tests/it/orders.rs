//! Orders: placing, reading, cancelling, and what they hold of the stock.

use http::Method;
use serde_json::json;
use test_case::test_case;

use crate::harness::{Backend, Client, TestShop, address};

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_order_of_items_reserves_them_and_shows_all_its_fields(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let product = shop.product(&user, "A", 10).await;
    let body = json!({
        "items": [{"product_id": product, "quantity": 2}, {"product_id": product, "quantity": 1}],
        "shipping_address": {"street": "Tverskaya 1", "city": "Moscow", "postal_code": "125009"},
    });
    let order = user.post("/api/orders/", body).await.expect(201);
    for (name, value) in [
        ("status", "pending"),
        ("payment_status", "pending"),
        ("state", "placed"),
        ("currency", "RUB"),
        ("payment_method", "card"),
        ("shipping_method", "standard"),
    ] {
        assert_eq!(order.str(name), value, "{name}");
    }
    assert!(
        order.text.contains("\"total\":300.00") && order.text.contains("\"shipping_cost\":0.00"),
        "{}",
        order.text
    );
    assert_eq!(order.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(order.body["items"][0]["quantity"], 3);
    assert_eq!(
        (&order.body["payments"], &order.body["shipments"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(order.body["inventory_reserved"], true);
    assert_eq!(order.body["payment_processed"], false);
    let to = &order.body["shipping_address"];
    assert_eq!(
        (&to["first_name"], &to["country"], &to["phone"]),
        (&json!("Anna"), &json!("RU"), &json!("+79001234567"))
    );
    assert_eq!(order.body["billing_address"], *to);
    let stock = shop
        .visitor()
        .get(&format!("/api/products/{product}/"))
        .await
        .body;
    assert_eq!(
        (&stock["quantity"], &stock["on_hand"], &stock["reserved"]),
        (&json!(7), &json!(10), &json!(3))
    );
    let read = user
        .get(&format!("/api/orders/{}/", order.id()))
        .await
        .expect(200);
    assert_eq!(read.body, order.body);
    shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_order_without_items_takes_the_cart_and_empties_it(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    for sku in ["A", "B", "C"] {
        let product = shop.product(&user, sku, 10).await;
        user.post(
            "/api/cart/items/",
            json!({"product_id": product, "quantity": 2}),
        )
        .await
        .expect(201);
    }
    let version = user.get("/api/cart/").await.body["version"]
        .as_i64()
        .unwrap();
    let body = |version| json!({"shipping_address": address(), "cart_version": version});
    user.post("/api/orders/", body(version - 1))
        .await
        .expect_error(409, "state_conflict");
    let order = user.post("/api/orders/", body(version)).await.expect(201);
    assert_eq!(order.body["items"].as_array().unwrap().len(), 3);
    assert!(order.text.contains("\"total\":600.00"));
    let emptied = user.get("/api/cart/").await.body;
    assert_eq!(
        (&emptied["items"], &emptied["version"]),
        (&json!([]), &json!(version + 1))
    );
    let again = json!({"shipping_address": address()});
    user.post("/api/orders/", again)
        .await
        .expect_error(400, "cart_empty");
    shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_order_is_reserved_whole_or_not_at_all(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let (plenty, scarce) = (
        shop.product(&user, "PLENTY", 10).await,
        shop.product(&user, "SCARCE", 1).await,
    );
    for id in [&plenty, &scarce] {
        user.post("/api/cart/items/", json!({"product_id": id, "quantity": 2}))
            .await
            .expect(201);
    }
    let answer = user
        .post("/api/orders/", json!({"shipping_address": address()}))
        .await;
    let answer = answer.expect_error(409, "out_of_stock");
    assert_eq!(answer.body["error"]["message"], "Only 1 of SCARCE is left.");
    assert_eq!(
        user.get("/api/cart/").await.body["items"]
            .as_array()
            .unwrap()
            .len(),
        2,
        "the cart stays"
    );
    assert_eq!(
        shop.db
            .int("SELECT CAST(SUM(reserved) AS BIGINT) FROM stock")
            .await,
        0
    );
    assert_eq!(shop.db.int("SELECT COUNT(*) FROM orders").await, 0);
    shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_bad_order_names_all_its_fields_with_their_path(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let body = json!({"items": [{"product_id": "x", "quantity": 0}], "shipping_address": {"city": "Moscow"}, "promo_code": "HI"});
    let answer = user
        .post("/api/orders/", body)
        .await
        .expect_error(400, "invalid");
    let fields = answer.body["error"]["fields"].as_object().unwrap();
    let names: Vec<&str> = fields.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "items[0].quantity",
            "promo_code",
            "shipping_address.postal_code",
            "shipping_address.street"
        ]
    );
    let unknown =
        json!({"items": [{"product_id": "none", "quantity": 1}], "shipping_address": address()});
    user.post("/api/orders/", unknown)
        .await
        .expect_error(400, "invalid");
    let none = json!({"items": [], "shipping_address": address()});
    user.post("/api/orders/", none)
        .await
        .expect_error(400, "invalid");
    user.post("/api/orders/", json!({}))
        .await
        .expect_error(400, "invalid");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn nobody_sees_or_touches_anothers_order(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let (anna, boris) = (shop.user().await, shop.user().await);
    let product = shop.product(&anna, "A", 10).await;
    let order = shop.order(&anna, &product, 1).await;
    let path = format!("/api/orders/{}/", order["id"].as_str().unwrap());
    boris.get(&path).await.expect_error(404, "not_found");
    boris
        .post(&format!("{path}cancel/"), json!({}))
        .await
        .expect_error(404, "not_found");
    shop.visitor()
        .get(&path)
        .await
        .expect_error(401, "unauthenticated");
    assert_eq!(
        boris.get("/api/orders/").await.expect(200).body,
        json!({"items": [], "next_cursor": null})
    );
    assert_eq!(
        anna.get("/api/orders/").await.expect(200).body["items"][0],
        order
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn cancelling_gives_the_stock_back_once(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let product = shop.product(&user, "A", 3).await;
    let order = shop.order(&user, &product, 3).await;
    let path = format!("/api/orders/{}/cancel/", order["id"].as_str().unwrap());
    let cancelled = Client::send(user.request(Method::POST, &path))
        .await
        .expect(200);
    assert_eq!(
        (cancelled.str("status"), cancelled.str("state")),
        ("cancelled", "cancelled")
    );
    assert_eq!(cancelled.body["inventory_reserved"], false);
    user.post(&path, json!({"reason": "again"}))
        .await
        .expect(200);
    assert_eq!(shop.db.int("SELECT reserved FROM stock").await, 0);
    assert_eq!(
        shop.db
            .int("SELECT COUNT(*) FROM order_events WHERE to_state = 'cancelled'")
            .await,
        1
    );
    shop.order(&user, &product, 3).await;
    shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn placing_writes_its_event_and_one_mail(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let product = shop.product(&user, "A", 3).await;
    shop.order(&user, &product, 1).await;
    assert_eq!(
        shop.db.texts("SELECT to_state FROM order_events").await,
        ["placed"]
    );
    let actor = shop
        .db
        .texts("SELECT actor FROM order_events")
        .await
        .remove(0);
    assert!(actor.starts_with("api:"), "{actor}");
    let mails = "SELECT COUNT(*) FROM notifications WHERE template = 'order_created'";
    assert_eq!(shop.db.int(mails).await, 1);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn the_price_of_an_order_stays_what_it_was(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let product = shop.product(&user, "A", 3).await;
    let order = shop.order(&user, &product, 1).await;
    shop.db
        .run("UPDATE products SET price_minor = 1, name = 'Other', version = version + 1")
        .await;
    let read = user
        .get(&format!("/api/orders/{}/", order["id"].as_str().unwrap()))
        .await;
    assert!(read.text.contains("\"total\":100.00"));
    assert_eq!(read.body["items"][0]["name"], "Thing A");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn cancelling_a_paid_order_gives_back_stock_and_money(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let product = shop.product(&user, "A", 3).await;
    let order = shop.order(&user, &product, 3).await;
    pay(&shop).await;
    let path = format!("/api/orders/{}/", order["id"].as_str().unwrap());
    assert_eq!(user.get(&path).await.str("status"), "confirmed");
    let cancelled = user
        .post(&format!("{path}cancel/"), json!({}))
        .await
        .expect(200);
    let words = ["status", "payment_status", "state"].map(|name| cancelled.str(name));
    assert_eq!(words, ["refunded", "refunded", "refunding"]);
    user.post(&format!("{path}cancel/"), json!({}))
        .await
        .expect(200);
    assert_eq!(
        shop.db
            .int("SELECT CAST(SUM(amount_minor) AS BIGINT) FROM refunds")
            .await,
        30_000
    );
    assert_eq!(shop.db.int("SELECT reserved FROM stock").await, 0);
    shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_order_whose_goods_have_left_cannot_be_cancelled(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let product = shop.product(&user, "A", 3).await;
    let order = shop.order(&user, &product, 3).await;
    pay(&shop).await;
    shop.db.run("UPDATE orders SET state = 'shipped'").await;
    let path = format!("/api/orders/{}/cancel/", order["id"].as_str().unwrap());
    user.post(&path, json!({}))
        .await
        .expect_error(409, "state_conflict");
}

/// Pays the only order as if the provider had said so.
async fn pay(shop: &TestShop) {
    shop.db
        .run(
            "UPDATE orders SET state = 'paid', version = version + 1, paid_minor = total_minor,
                 payment_processed = TRUE;
             INSERT INTO order_events (id, order_id, version, at, actor, from_state, to_state)
             SELECT 'event', id, version, updated_at, 'test', 'placed', 'paid' FROM orders;
             INSERT INTO payments (id, order_id, attempt, provider, provider_id, method, amount_minor, currency,
                 captured_minor, refunded_minor, state, idempotency_key, checks, created_at, updated_at)
             SELECT 'payment', id, 1, 'generic', 'p-1', 'card', total_minor, currency, total_minor, 0, 'succeeded',
                 'pay:payment', 0, created_at, updated_at FROM orders;",
        )
        .await;
}
