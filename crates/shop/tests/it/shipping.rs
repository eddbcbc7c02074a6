//! Quotes, parcels, and where they are.

use futures_util::future::join_all;
use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::{Answer, Backend, Client, Reply, Stage, look_at, words};

const QUOTE: &str = "POST /api/v1/shipping/calculate";
const PARCEL: &str = "POST /api/v1/shipping/orders";

async fn quote(buyer: &Client, order: &str) -> Answer {
    let body = json!({
        "order_id": order,
        "destination": {"city": "Moscow", "postal_code": "101000"},
        "packages": [{"weight": 1.5, "dimensions": {"length": 30, "width": 20.5, "height": 10}}],
    });
    buyer.post("/api/shipping/calculate/", body).await
}

async fn register(buyer: &Client, order: &str) -> Answer {
    let body = json!({
        "order_id": order, "service": "standard",
        "recipient": {"name": "Ivan Petrov", "phone": "+79991234567", "address": "Moscow, Tverskaya 1"},
    });
    buyer.post("/api/shipping/create/", body).await
}

fn status_event(shipment: &str, status: &str, at: &str) -> Value {
    let data =
        json!({"id": "ship_1", "status": status, "at": at, "metadata": {"shipment_id": shipment}});
    json!({"id": "e", "type": "shipment.status", "created_at": at, "data": data})
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_parcel_is_quoted_registered_and_tracked(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let quoted = quote(&buyer, &order).await.expect(200);
    assert_eq!(quoted.body["cost"], 350.5);
    assert_eq!(
        (&quoted.body["delivery_days"], quoted.str("currency")),
        (&json!(3), "RUB")
    );
    let asked = stage.outside.shipping.calls(QUOTE).remove(0);
    assert!(
        asked
            .text
            .contains(r#""weight":1.500,"dimensions":{"length":30.0,"width":20.5,"height":10.0}"#),
        "{}",
        asked.text
    );
    assert!(!asked.key().is_empty());

    let parcel = register(&buyer, &order).await.expect(201);
    assert_eq!(
        (parcel.str("tracking_number"), parcel.str("status")),
        ("TRACK1", "registered")
    );
    assert_eq!(parcel.body["cost"], 350.5);
    assert_eq!(register(&buyer, &order).await.expect(200).id(), parcel.id());
    assert_eq!(stage.outside.shipping.calls(PARCEL).len(), 1);
    let tracked = buyer
        .get(&format!("/api/shipping/tracking/{}/", parcel.id()))
        .await
        .expect(200);
    assert_eq!(
        (tracked.str("status"), &tracked.body["stale"]),
        ("registered", &json!(true))
    );
    assert_eq!(tracked.body["events"][0]["status"], "created");
    assert_eq!(look_at(&buyer, &order).await["shipping_created"], true);

    let stranger = stage.shop.user().await;
    quote(&stranger, &order)
        .await
        .expect_error(404, "not_found");
    register(&stranger, &order)
        .await
        .expect_error(404, "not_found");
    stranger
        .get(&format!("/api/shipping/tracking/{}/", parcel.id()))
        .await
        .expect_error(404, "not_found");
    stage.shop.check_settled().await;
}

#[test_case(Reply::Text(503, ""), 503, "provider_unavailable"; "away")]
#[test_case(Reply::Lost, 503, "provider_unavailable"; "no answer")]
#[test_case(Reply::Text(500, "oops"), 502, "provider_error"; "crashed")]
#[test_case(Reply::Text(200, "{}"), 502, "provider_error"; "without a price")]
#[test_case(Reply::Silence, 504, "provider_timeout"; "silent")]
#[test_case(Reply::Json(422, json!({"error": {"code": "too_heavy"}})), 502, "provider_error"; "refused")]
#[tokio::test]
async fn trouble_with_a_quote_is_told_and_costs_nothing_else(
    trouble: Reply,
    status: u16,
    code: &str,
) {
    let stage = Stage::with(Backend::Sqlite, |config| {
        config.provider_timeout = std::time::Duration::from_millis(200);
    })
    .await;
    let (buyer, order) = stage.order().await;
    stage.outside.shipping.reply(QUOTE, trouble);
    let answer = quote(&buyer, &order).await.expect_error(status, code);
    assert!(!answer.text.contains("oops"), "{}", answer.text);
    assert_eq!(
        words(&buyer, &order).await,
        ("pending".to_owned(), "pending".to_owned())
    );
}

#[tokio::test]
async fn everything_wrong_with_a_quote_is_told_at_once() {
    let stage = Stage::start(Backend::Sqlite).await;
    let (buyer, order) = stage.order().await;
    let body = json!({"order_id": order, "packages": [{"weight": 0, "dimensions": {"length": 1.25, "width": -1}}]});
    let refused = buyer
        .post("/api/shipping/calculate/", body)
        .await
        .expect_error(400, "invalid");
    let fields: Vec<&str> = refused.body["error"]["fields"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        fields,
        [
            "destination",
            "packages[0].dimensions.height",
            "packages[0].dimensions.length",
            "packages[0].dimensions.width",
            "packages[0].weight"
        ]
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn asking_many_times_at_once_registers_one_parcel(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let answers = join_all((0..8).map(|_| register(&buyer, &order))).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 201).count(),
        1
    );
    assert!(
        answers
            .iter()
            .all(|answer| [200, 201].contains(&answer.status))
    );
    assert_eq!(stage.outside.shipping.calls(PARCEL).len(), 1);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_registration_whose_answer_is_lost_is_found_out(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    stage.outside.shipping.reply_times(3, PARCEL, Reply::Lost);
    let lost = register(&buyer, &order).await.expect(201);
    assert_eq!(
        (lost.str("status"), &lost.body["tracking_number"]),
        ("pending", &Value::Null)
    );
    stage
        .until(
            "SELECT COUNT(*) FROM shipments WHERE state = 'registered'",
            1,
        )
        .await;
    let found = register(&buyer, &order).await.expect(200);
    assert_eq!(
        (found.id(), found.str("tracking_number")),
        (lost.id(), "TRACK1")
    );
    assert_eq!(stage.outside.shipping.keys(PARCEL).len(), 1);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_parcel_goes_forward_only_and_takes_its_order_along(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.paid_order().await;
    let parcel = register(&buyer, &order).await.expect(201).id();
    let tell = async |id: &str, status: &str, at: &str| {
        stage
            .webhook("shipping", id, &status_event(&parcel, status, at))
            .await
            .expect(200);
    };
    tell("e-1", "in_transit", "2026-11-23T10:00:00Z").await;
    assert_eq!(words(&buyer, &order).await.0, "shipped");
    // A word we do not know is shown as an event, and the parcel stays where it was.
    tell("e-2", "at_customs", "2026-11-23T11:00:00Z").await;
    tell("e-3", "registered", "2026-11-23T09:00:00Z").await;
    let tracked = buyer
        .get(&format!("/api/shipping/tracking/{parcel}/"))
        .await
        .expect(200);
    assert_eq!(tracked.str("status"), "in_transit");
    let events: Vec<&str> = tracked.body["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["status"].as_str().unwrap())
        .collect();
    assert!(events.contains(&"at_customs"), "{events:?}");
    tell("e-4", "delivered", "2026-11-24T10:00:00Z").await;
    assert_eq!(words(&buyer, &order).await.0, "delivered");
    let states = stage
        .shop
        .db
        .texts("SELECT to_state FROM order_events ORDER BY version")
        .await;
    assert_eq!(
        states,
        [
            "placed",
            "paying",
            "paid",
            "fulfilling",
            "shipped",
            "delivered"
        ]
    );
    assert_eq!(stage.outside.letters("order_shipped").len(), 1);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_carrier_that_refuses_is_an_error_and_the_next_try_is_new(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    stage
        .outside
        .shipping
        .reply_times(1, PARCEL, Reply::Json(400, json!({"error": "Bad phone"})));
    let refused = register(&buyer, &order)
        .await
        .expect_error(502, "provider_error");
    assert_eq!(refused.body["error"]["details"]["reason"], "bad_phone");
    register(&buyer, &order).await.expect(201);
    assert_eq!(stage.outside.shipping.keys(PARCEL).len(), 2);
    stage.shop.check_settled().await;
}
