//! Events and their sums.

use serde_json::{Value, json};
use styk_shop::Profile;
use test_case::test_case;

use crate::harness::{Backend, TestShop};

async fn stats(shop: &TestShop) -> Value {
    shop.visitor()
        .get("/api/analytics/stats/")
        .await
        .expect(200)
        .body
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn events_are_counted_and_added_up(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let empty = stats(&shop).await;
    assert_eq!(
        (&empty["page_views"], &empty["conversion_rate"]),
        (&json!(0), &json!(0.0))
    );
    let events = [
        json!({"type": "page_view", "page": "/products", "user_agent": "Mozilla"}),
        json!({"type": "page_view", "page": "/cart"}),
        json!({"type": "add_to_cart", "product_id": "any text", "quantity": 2}),
        json!({"type": "purchase", "order_id": 1, "product_id": 7, "amount": 0.10}),
        json!({"type": "purchase", "order_id": "order-2", "amount": 0.20}),
        json!({"type": "purchase", "order_id": "order-3", "amount": 5, "currency": "USD"}),
        json!({"type": "something else"}),
    ];
    for event in events {
        assert_eq!(
            shop.visitor()
                .post("/api/analytics/track/", event)
                .await
                .expect(200)
                .body["accepted"],
            true
        );
    }
    let answer = shop
        .visitor()
        .get("/api/analytics/stats/")
        .await
        .expect(200);
    assert!(answer.text.contains("\"revenue\":0.30"), "{}", answer.text);
    let sums = answer.body;
    assert_eq!(
        (
            &sums["page_views"],
            &sums["add_to_cart"],
            &sums["purchases"]
        ),
        (&json!(2), &json!(1), &json!(3))
    );
    assert_eq!(sums["conversion_rate"], 1.5);
    assert_eq!(sums["by_day"].as_array().unwrap().len(), 1);
    assert_eq!(sums["by_day"][0]["purchases"], 3);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_event_with_an_id_counts_once(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let event = json!({"type": "purchase", "amount": 10.00, "event_id": "e-1"});
    for _ in 0..3 {
        shop.visitor()
            .post("/api/analytics/track/", event.clone())
            .await
            .expect(200);
    }
    assert_eq!(stats(&shop).await["purchases"], 1);
}

#[tokio::test]
async fn statistics_are_for_staff_except_in_tests() {
    let shop = TestShop::with(Backend::Sqlite, |config| {
        config.profile = Profile::Production;
    })
    .await;
    shop.visitor()
        .get("/api/analytics/stats/")
        .await
        .expect_error(401, "unauthenticated");
    let user = shop.user().await;
    user.get("/api/analytics/stats/")
        .await
        .expect_error(403, "forbidden");
    shop.visitor()
        .post("/api/analytics/track/", json!({"type": "page_view"}))
        .await
        .expect(200);
    shop.visitor()
        .post("/api/analytics/track/", json!({"amount": "5"}))
        .await
        .expect_error(400, "invalid");
}
