//! One running shop for one test.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use styk_shop::{Config, Profile, RunningShop, Service, Shop};

use super::{Backend, Client, Database};

/// A shop of its own, with the integration profile unless the test says otherwise.
pub(crate) struct TestShop {
    pub(crate) db: Database,
    running: RunningShop,
    users: AtomicU32,
}

impl TestShop {
    pub(crate) async fn start(backend: Backend) -> Self {
        Self::with(backend, |_| {}).await
    }

    /// Starts a shop whose configuration was changed by `change`.
    pub(crate) async fn with(backend: Backend, change: impl FnOnce(&mut Config)) -> Self {
        Self::on(Database::fresh(backend).await, change).await
    }

    /// Starts a shop on a database that was used before.
    pub(crate) async fn on(db: Database, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            database_url: db.url(),
            bind: "127.0.0.1:0".to_owned(),
            profile: Profile::Integration,
            payment_strict_amount: false,
            payment_service: nobody(),
            shipping_service: nobody(),
            email_service: nobody(),
            ..Config::default()
        };
        change(&mut config);
        let running = Shop::start(config).await.expect("the shop starts");
        Self {
            db,
            running,
            users: AtomicU32::new(0),
        }
    }

    pub(crate) fn base_url(&self) -> String {
        self.running.base_url()
    }

    /// Somebody who is not logged in.
    pub(crate) fn visitor(&self) -> Client {
        Client::new(self.base_url())
    }

    /// Somebody with a browser, not logged in.
    pub(crate) fn browser(&self) -> Client {
        Client::with_cookies(self.base_url())
    }

    /// A new user, logged in by token.
    pub(crate) async fn user(&self) -> Client {
        let number = self.users.fetch_add(1, Ordering::Relaxed);
        let body = json!({
            "email": format!("user{number}@example.com"),
            "password": "testpass123",
            "first_name": "Anna",
            "last_name": "Petrova",
            "phone": "+79001234567",
        });
        let visitor = self.visitor();
        let answer = visitor.post("/api/auth/register/", body).await.expect(201);
        visitor.with_token(answer.str("access_token"))
    }

    /// A product with so many pieces at 100.00.
    pub(crate) async fn product(&self, owner: &Client, sku: &str, quantity: i64) -> String {
        let body = json!({
            "name": format!("Thing {sku}"), "description": "A thing", "price": 100.00, "sku": sku, "quantity": quantity,
        });
        owner.post("/api/products/", body).await.expect(201).id()
    }

    /// Orders pieces of one product.
    pub(crate) async fn order(&self, buyer: &Client, product_id: &str, quantity: i64) -> Value {
        let items = json!([{"product_id": product_id, "quantity": quantity}]);
        let body = json!({"items": items, "shipping_address": address()});
        buyer.post("/api/orders/", body).await.expect(201).body
    }

    /// What must hold whatever happened.
    pub(crate) async fn check_invariants(&self) {
        for (rule, sql) in INVARIANTS {
            assert_eq!(self.db.int(sql).await, 0, "{rule}: {sql}");
        }
    }

    /// What must hold when everything had time to settle.
    pub(crate) async fn check_settled(&self) {
        self.check_invariants().await;
        for (rule, sql) in SETTLED {
            assert_eq!(self.db.int(sql).await, 0, "{rule}: {sql}");
        }
    }

    /// Ends the shop at once, as when its process dies.
    pub(crate) fn kill(self) -> Database {
        drop(self.running);
        self.db
    }

    pub(crate) async fn stop(self) -> Database {
        self.running.stop().await;
        self.db
    }
}

/// A service that refuses every connection at once: nothing else can listen on this port without being root.
fn nobody() -> Service {
    Service {
        url: "http://127.0.0.1:1".parse().expect("an address"),
        enabled: true,
        webhook_secret: None,
    }
}

/// A full address.
pub(crate) fn address() -> Value {
    json!({
        "first_name": "Anna", "last_name": "Petrova", "street": "Tverskaya 1", "city": "Moscow",
        "postal_code": "125009",
    })
}

/// Rules, each with a count of what breaks it.
const INVARIANTS: &[(&str, &str)] = &[
    (
        "reserved is the sum of active reservations",
        "SELECT COUNT(*) FROM stock s WHERE s.reserved <> (SELECT CAST(COALESCE(SUM(r.quantity), 0) AS BIGINT)
         FROM reservations r WHERE r.product_id = s.product_id AND r.status = 'active')",
    ),
    (
        "on_hand is the sum of movements",
        "SELECT COUNT(*) FROM stock s WHERE s.on_hand <> (SELECT CAST(COALESCE(SUM(m.delta), 0) AS BIGINT)
         FROM stock_movements m WHERE m.product_id = s.product_id)",
    ),
    ("stock is never oversold", "SELECT COUNT(*) FROM stock WHERE reserved > on_hand OR reserved < 0 OR on_hand < 0"),
    (
        "every transition has one event",
        "SELECT COUNT(*) FROM orders o WHERE o.version <> (SELECT COUNT(*) FROM order_events e
         WHERE e.order_id = o.id)",
    ),
    (
        "paid orders have captured their total, and no order has captured more",
        "SELECT COUNT(*) FROM orders o WHERE
         (SELECT CAST(COALESCE(SUM(p.captured_minor), 0) AS BIGINT) FROM payments p WHERE p.order_id = o.id)
         <> o.paid_minor OR (o.state IN ('paid', 'fulfilling', 'shipped', 'delivered') AND o.paid_minor <> o.total_minor)",
    ),
    (
        "no more is given back than was taken, and what was given back is written down once",
        "SELECT COUNT(*) FROM payments p WHERE p.refunded_minor > p.captured_minor OR p.refunded_minor <>
         (SELECT CAST(COALESCE(SUM(r.amount_minor), 0) AS BIGINT) FROM refunds r
         WHERE r.payment_id = p.id AND r.state = 'succeeded')",
    ),
    (
        "no more is promised back than was taken",
        "SELECT COUNT(*) FROM payments p WHERE p.captured_minor < (SELECT CAST(COALESCE(SUM(r.amount_minor), 0) AS BIGINT)
         FROM refunds r WHERE r.payment_id = p.id AND r.state <> 'failed')",
    ),
    (
        "what orders and payments say about money given back is the same",
        "SELECT COUNT(*) FROM orders o WHERE o.refunded_minor <>
         (SELECT CAST(COALESCE(SUM(p.refunded_minor), 0) AS BIGINT) FROM payments p WHERE p.order_id = o.id)",
    ),
    (
        "captured money belongs to a paid order or is on its way back",
        "SELECT COUNT(*) FROM orders o WHERE o.paid_minor > 0
         AND o.state NOT IN ('paid', 'fulfilling', 'shipped', 'delivered', 'refunding', 'refunded')",
    ),
    (
        "payments are of their order's total and currency",
        "SELECT COUNT(*) FROM payments p JOIN orders o ON o.id = p.order_id
         WHERE p.amount_minor <> o.total_minor OR p.currency <> o.currency",
    ),
    (
        "an order has at most one live parcel",
        "SELECT COUNT(*) FROM (SELECT s.order_id FROM shipments s WHERE s.state NOT IN ('cancelled', 'failed')
         GROUP BY s.order_id HAVING COUNT(*) > 1) AS doubled",
    ),
    (
        "nothing is with the carrier for an unpaid order",
        "SELECT COUNT(*) FROM shipments s JOIN orders o ON o.id = s.order_id
         WHERE s.state IN ('in_transit', 'delivered') AND o.paid_minor = 0",
    ),
    (
        "fulfilled orders have given their stock away",
        "SELECT COUNT(*) FROM reservations r JOIN orders o ON o.id = r.order_id
         WHERE o.state IN ('fulfilling', 'shipped', 'delivered') AND r.status <> 'committed'",
    ),
    (
        "orders that were given up hold nothing",
        "SELECT COUNT(*) FROM reservations r JOIN orders o ON o.id = r.order_id
         WHERE o.state IN ('cancelled', 'expired', 'refunded') AND r.status = 'active'",
    ),
    (
        "every message has its outbox row",
        "SELECT COUNT(*) FROM notifications n WHERE NOT EXISTS
         (SELECT 1 FROM outbox x WHERE x.aggregate = n.id AND x.kind = 'send_notification')",
    ),
    (
        "one event is told once",
        "SELECT COUNT(*) FROM (SELECT n.dedup FROM notifications n GROUP BY n.dedup HAVING COUNT(*) > 1) AS doubled",
    ),
    (
        "the items of an order add up to its total",
        "SELECT COUNT(*) FROM orders o WHERE o.items_minor <> (SELECT CAST(SUM(i.line_minor) AS BIGINT)
         FROM order_items i WHERE i.order_id = o.id)",
    ),
];

/// What is on its way must have arrived.
const SETTLED: &[(&str, &str)] = &[
    (
        "no order is between two states",
        "SELECT COUNT(*) FROM orders WHERE state IN ('paying', 'refunding')",
    ),
    (
        "no payment is on its way",
        "SELECT COUNT(*) FROM payments WHERE state IN ('created', 'sending', 'unknown')",
    ),
    (
        "no refund is on its way",
        "SELECT COUNT(*) FROM refunds WHERE state IN ('created', 'sending', 'unknown')",
    ),
    (
        "no parcel is on its way to the carrier's books",
        "SELECT COUNT(*) FROM shipments WHERE state IN ('created', 'sending', 'unknown')",
    ),
    (
        "no task is running",
        "SELECT COUNT(*) FROM tasks WHERE status IN ('PENDING', 'STARTED', 'RETRY')",
    ),
    (
        "no message is half sent",
        "SELECT COUNT(*) FROM notifications WHERE state = 'sending'",
    ),
];
