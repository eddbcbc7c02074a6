//! A shop with its outside world.

use std::time::Duration;

use futures_util::future::BoxFuture;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use styk_shop::{Config, Profile, Run, RunningShop, Shop};

use super::outside::{Reply, Service};
use super::{Answer, Backend, Client, Database, TestShop};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const SECRET: &str = "whsec_for_tests";

/// A shop whose three services answer well until the test says otherwise. Its waits are a hundred times shorter.
pub(crate) struct Stage {
    pub(crate) shop: TestShop,
    pub(crate) outside: Outside,
}

/// The three services.
pub(crate) struct Outside {
    pub(crate) payment: Service,
    pub(crate) shipping: Service,
    pub(crate) email: Service,
}

impl Outside {
    async fn start() -> Self {
        let outside = Self {
            payment: Service::start().await,
            shipping: Service::start().await,
            email: Service::start().await,
        };
        outside.payment.reply(
            "POST /api/v1/payments",
            Reply::Json(201, json!({"id": "pay_1", "status": "pending", "confirmation_url": "https://pay.test/1"})),
        );
        outside.payment.reply(
            "GET /api/v1/payments/*",
            Reply::Json(200, json!({"id": "other", "status": "succeeded"})),
        );
        outside.payment.reply(
            "POST /api/v1/refunds",
            Reply::Json(201, json!({"id": "ref_1", "status": "succeeded"})),
        );
        outside.shipping.reply(
            "POST /api/v1/shipping/calculate",
            Reply::Json(
                200,
                json!({"cost": 350.5, "delivery_days": 3, "service": "standard"}),
            ),
        );
        outside.shipping.reply(
            "POST /api/v1/shipping/orders",
            Reply::Json(
                201,
                json!({"id": "ship_1", "tracking_number": "TRACK1", "status": "created"}),
            ),
        );
        outside
            .email
            .reply("POST /api/v1/emails/send", Reply::Text(202, ""));
        outside
    }

    fn configure(&self, config: &mut Config) {
        let set = |service: &mut styk_shop::Service, url: &str| {
            service.url = url.parse().expect("an address");
            service.webhook_secret = Some(SECRET.to_owned());
        };
        set(&mut config.payment_service, self.payment.url());
        set(&mut config.shipping_service, self.shipping.url());
        set(&mut config.email_service, self.email.url());
        config.time_scale = 0.01;
    }

    /// The letters of this template that reached the mail service.
    pub(crate) fn letters(&self, template: &str) -> Vec<Value> {
        let calls = self
            .email
            .calls("POST /api/v1/emails/send")
            .into_iter()
            .map(|call| call.body);
        calls.filter(|body| body["template"] == template).collect()
    }
}

impl Stage {
    pub(crate) async fn start(backend: Backend) -> Self {
        Self::with(backend, |_| {}).await
    }

    pub(crate) async fn with(backend: Backend, change: impl FnOnce(&mut Config)) -> Self {
        let outside = Outside::start().await;
        let db = Database::fresh(backend).await;
        Self::on(db, outside, change).await
    }

    /// A shop on a database and in a world that were used before.
    pub(crate) async fn on(
        db: Database,
        outside: Outside,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let shop = TestShop::on(db, |config| {
            outside.configure(config);
            change(config);
        })
        .await;
        Self { shop, outside }
    }

    /// Another process of the same shop.
    pub(crate) async fn beside(&self, database_url: &str, run: Run) -> RunningShop {
        let mut config = Config {
            database_url: database_url.to_owned(),
            bind: "127.0.0.1:0".to_owned(),
            profile: Profile::Integration,
            payment_strict_amount: false,
            run,
            ..Config::default()
        };
        self.outside.configure(&mut config);
        Shop::start(config).await.expect("the shop starts")
    }

    /// The shop dies in the middle of whatever it does; what is left is its database and the world.
    pub(crate) fn kill(self) -> (Database, Outside) {
        (self.shop.kill(), self.outside)
    }

    /// An order of one piece at 100.00, with its buyer.
    pub(crate) async fn order(&self) -> (Client, String) {
        let buyer = self.shop.user().await;
        let id = self.order_by(&buyer, "MUG").await;
        (buyer, id)
    }

    pub(crate) async fn order_by(&self, buyer: &Client, sku: &str) -> String {
        let product = self.shop.product(buyer, sku, 5).await;
        self.shop.order(buyer, &product, 1).await["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }

    /// An order that is paid, with its buyer.
    pub(crate) async fn paid_order(&self) -> (Client, String) {
        let (buyer, order) = self.order().await;
        pay(&buyer, &order).await.expect(200);
        (buyer, order)
    }

    /// Sends a signed event of the generic services.
    pub(crate) async fn webhook(&self, sender: &str, id: &str, event: &Value) -> Answer {
        let at = now_s().to_string();
        self.signed_webhook(sender, id, &at, event, SECRET).await
    }

    pub(crate) async fn signed_webhook(
        &self,
        sender: &str,
        id: &str,
        at: &str,
        event: &Value,
        secret: &str,
    ) -> Answer {
        let body = event.to_string();
        let mut mac =
            Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length is a key");
        mac.update(format!("{id}.{at}.{body}").as_bytes());
        let signature = format!("v1={}", hex::encode(mac.finalize().into_bytes()));
        let request = self
            .shop
            .visitor()
            .request(http::Method::POST, &format!("/api/webhooks/{sender}/"));
        let request = request
            .header("X-Webhook-Id", id)
            .header("X-Webhook-Timestamp", at)
            .header("X-Webhook-Signature", signature)
            .header("Content-Type", "application/json")
            .body(body);
        Client::send(request).await
    }

    /// Waits until a task has ended, and gives it.
    pub(crate) async fn task(&self, user: &Client, id: &str) -> Answer {
        let path = format!("/api/tasks/{id}/status/");
        let answer = eventually("the task ends", || {
            let (user, path) = (user.clone(), path.clone());
            Box::pin(async move {
                let answer = user.get(&path).await.expect(200);
                matches!(answer.str("status"), "SUCCESS" | "FAILURE" | "REVOKED").then_some(answer)
            })
        });
        answer.await
    }

    /// Waits until this count is the expected one.
    pub(crate) async fn until(&self, sql: &'static str, expected: i64) {
        let db = &self.shop.db;
        eventually(sql, || {
            Box::pin(async move { (db.int(sql).await == expected).then_some(()) })
        })
        .await;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the outside world has a clock of its own"
)]
pub(crate) fn now_s() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// Pays an order with a card.
pub(crate) async fn pay(buyer: &Client, order: &str) -> Answer {
    let body = json!({"order_id": order, "payment_method": "card", "payment_token": "tok_visa"});
    buyer.post("/api/payments/process/", body).await
}

/// Opens a payment of 100.00 on the provider's page.
pub(crate) async fn open_payment(buyer: &Client, order: &str) -> Answer {
    let body =
        json!({"order_id": order, "amount": 100.00, "currency": "RUB", "payment_method": "card"});
    buyer.post("/api/payments/create/", body).await
}

/// The order as its buyer sees it.
pub(crate) async fn look_at(buyer: &Client, order: &str) -> Value {
    buyer
        .get(&format!("/api/orders/{order}/"))
        .await
        .expect(200)
        .body
}

/// `status` and `payment_status` of an order.
pub(crate) async fn words(buyer: &Client, order: &str) -> (String, String) {
    let order = look_at(buyer, order).await;
    let word = |name: &str| order[name].as_str().expect("a word").to_owned();
    (word("status"), word("payment_status"))
}

/// Asks again and again until there is an answer.
pub(crate) async fn eventually<'a, T>(what: &str, ask: impl Fn() -> BoxFuture<'a, Option<T>>) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .unwrap_or_else(|_| panic!("waited in vain: {what}"))
}
