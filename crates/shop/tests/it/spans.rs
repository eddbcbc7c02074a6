//! Spans: one scope a module, the crossings between them, and what is continued from outside.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use http::Method;
use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use serde_json::json;

use crate::harness::{Backend, Client, Stage, TestShop, address};

#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Recorder {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

impl Recorder {
    fn provider(&self) -> SdkTracerProvider {
        SdkTracerProvider::builder()
            .with_simple_exporter(self.clone())
            .build()
    }

    /// Pairs of modules, from the span to its parent's.
    fn crossings(&self) -> BTreeSet<(String, String)> {
        let spans = self.0.lock().unwrap();
        let scopes: HashMap<SpanId, &str> = spans
            .iter()
            .map(|span| {
                (
                    span.span_context.span_id(),
                    span.instrumentation_scope.name(),
                )
            })
            .collect();
        let pairs = spans.iter().filter_map(|span| {
            let parent = *scopes.get(&span.parent_span_id)?;
            let own = span.instrumentation_scope.name();
            (parent != own && parent != "shop.http").then(|| (parent.to_owned(), own.to_owned()))
        });
        pairs.collect()
    }
}

#[tokio::test]
async fn modules_that_call_each_other_are_seen_crossing() {
    let recorder = Recorder::default();
    let shop = TestShop::with(Backend::Sqlite, |config| {
        config.telemetry = Some(recorder.provider());
    })
    .await;
    let user = shop.user().await;
    let product = shop.product(&user, "A", 10).await;
    user.post(
        "/api/cart/items/",
        json!({"product_id": product, "quantity": 1}),
    )
    .await
    .expect(201);
    user.post("/api/orders/", json!({"shipping_address": address()}))
        .await
        .expect(201);
    let crossings = recorder.crossings();
    for (from, to) in [
        ("shop.auth", "shop.products"),
        ("shop.orders", "shop.products"),
        ("shop.orders", "shop.users"),
        ("shop.orders", "shop.cart"),
    ] {
        assert!(
            crossings.contains(&(from.to_owned(), to.to_owned())),
            "{from} → {to} in {crossings:?}"
        );
    }
}

#[tokio::test]
async fn a_payment_is_seen_crossing_into_its_order_and_its_letter() {
    let recorder = Recorder::default();
    let stage = Stage::with(Backend::Sqlite, |config| {
        config.telemetry = Some(recorder.provider());
    })
    .await;
    stage.paid_order().await;
    let crossings = recorder.crossings();
    for (from, to) in [
        ("shop.payments", "shop.orders"),
        ("shop.payments", "shop.notifications"),
    ] {
        assert!(
            crossings.contains(&(from.to_owned(), to.to_owned())),
            "{from} → {to} in {crossings:?}"
        );
    }
}

#[tokio::test]
async fn a_trace_from_outside_is_continued_and_routes_give_spans_their_names() {
    let recorder = Recorder::default();
    let shop = TestShop::with(Backend::Sqlite, |config| {
        config.telemetry = Some(recorder.provider());
    })
    .await;
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = shop
        .visitor()
        .request(Method::GET, "/api/products/some/")
        .header("traceparent", traceparent);
    Client::send(request).await.expect(404);
    let spans = recorder.0.lock().unwrap();
    let server = spans
        .iter()
        .find(|span| span.instrumentation_scope.name() == "shop.http")
        .unwrap();
    assert_eq!(
        server.span_context.trace_id(),
        TraceId::from_hex("0af7651916cd43dd8448eb211c80319c").unwrap()
    );
    assert_eq!(
        server.parent_span_id,
        SpanId::from_hex("b7ad6b7169203331").unwrap()
    );
    assert_eq!(server.name, "GET /api/products/{id}");
    let inner = spans
        .iter()
        .find(|span| span.name == "show_product")
        .unwrap();
    assert_eq!(inner.parent_span_id, server.span_context.span_id());
}

#[tokio::test]
async fn a_trace_outlives_the_request_in_the_outbox() {
    let shop = TestShop::start(Backend::Sqlite).await;
    let user = shop.user().await;
    let product = shop.product(&user, "A", 10).await;
    let body =
        json!({"items": [{"product_id": product, "quantity": 1}], "shipping_address": address()});
    let request = user
        .request(Method::POST, "/api/orders/")
        .json(&body)
        .header("X-Request-Id", "r-77");
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    Client::send(
        request
            .header("traceparent", traceparent)
            .header("baggage", "run=7"),
    )
    .await
    .expect(201);
    let column = async |name: &str| {
        let sql = format!("SELECT {name} FROM outbox ORDER BY created_at DESC, id DESC LIMIT 1");
        shop.db.texts(&sql).await.remove(0)
    };
    assert_eq!(column("traceparent").await, traceparent);
    assert_eq!(column("baggage").await, "run=7");
    assert_eq!(column("request_id").await, "r-77");
}

#[tokio::test]
async fn a_refund_reaches_the_stock_through_its_order() {
    let recorder = Recorder::default();
    let stage = Stage::with(Backend::Sqlite, |config| {
        config.telemetry = Some(recorder.provider());
    })
    .await;
    let (buyer, order) = stage.paid_order().await;
    buyer
        .post("/api/payments/refund/", json!({"order_id": order}))
        .await
        .expect(201);
    assert_eq!(stage.shop.db.int("SELECT reserved FROM stock").await, 0);
    let crossings = recorder.crossings();
    let crossing = |from: &str, to: &str| crossings.contains(&(from.to_owned(), to.to_owned()));
    assert!(crossing("shop.orders", "shop.products"), "{crossings:?}");
    assert!(!crossing("shop.payments", "shop.products"), "{crossings:?}");
}
