//! The named payment providers as the shop's tests play them: canned answers in each provider's own words, and its
//! webhooks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use styk_shop::{Config, PaymentProvider};

use super::{Answer, Backend, Client, Reply, SECRET, Stage, now_s};

/// What a provider is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Provider {
    Stripe,
    YooKassa,
    CloudPayments,
}

impl Provider {
    /// A shop whose money goes by this provider.
    pub(crate) async fn stage(self) -> Stage {
        Stage::with(Backend::Sqlite, |config| self.configure(config)).await
    }

    pub(crate) fn configure(self, config: &mut Config) {
        let mut api_base = config.payment_service.url.clone();
        config.payment_strict_amount = true;
        config.payment_provider = match self {
            Self::Stripe => PaymentProvider::Stripe {
                api_base,
                secret_key: "sk_test_1".to_owned(),
                webhook_secret: Some(SECRET.to_owned()),
            },
            Self::YooKassa => {
                api_base.set_path("/v3");
                PaymentProvider::YooKassa {
                    api_base,
                    shop_id: "6".to_owned(),
                    secret_key: "test_1".to_owned(),
                }
            }
            Self::CloudPayments => PaymentProvider::CloudPayments {
                api_base,
                public_id: "pk_1".to_owned(),
                api_secret: SECRET.to_owned(),
            },
        };
    }

    /// The call that charges a card.
    pub(crate) fn charge(self) -> &'static str {
        match self {
            Self::Stripe => "POST /v1/payment_intents",
            Self::YooKassa => "POST /v3/payments",
            Self::CloudPayments => "POST /payments/cards/charge",
        }
    }

    /// The call that opens a page.
    pub(crate) fn open(self) -> &'static str {
        match self {
            Self::Stripe => "POST /v1/checkout/sessions",
            Self::YooKassa => "POST /v3/payments",
            Self::CloudPayments => "POST /orders/create",
        }
    }

    /// The question about a payment on a page.
    pub(crate) fn ask(self) -> &'static str {
        match self {
            Self::Stripe => "GET /v1/checkout/sessions/*",
            Self::YooKassa => "GET /v3/payments/*",
            Self::CloudPayments => "POST /payments/find",
        }
    }

    /// The search for a payment by our id.
    pub(crate) fn search(self) -> &'static str {
        match self {
            Self::Stripe => "GET /v1/payment_intents/search",
            Self::YooKassa => "GET /v3/payments",
            Self::CloudPayments => "POST /payments/find",
        }
    }

    pub(crate) fn refund(self) -> &'static str {
        match self {
            Self::Stripe => "POST /v1/refunds",
            Self::YooKassa => "POST /v3/refunds",
            Self::CloudPayments => "POST /payments/refund",
        }
    }

    /// The list of refunds.
    pub(crate) fn refunds(self) -> &'static str {
        match self {
            Self::Stripe => "GET /v1/refunds",
            Self::YooKassa => "GET /v3/refunds",
            Self::CloudPayments => "POST /payments/list",
        }
    }

    /// The provider has this one refund.
    pub(crate) fn found_refund(self, refund_id: &str) -> Reply {
        match self {
            Self::Stripe => Reply::Json(
                200,
                json!({"data": [{"id": "re_1", "status": "succeeded", "amount": 10_000, "currency": "rub",
                    "metadata": {"refund_id": refund_id}}]}),
            ),
            Self::YooKassa => Reply::Json(
                200,
                json!({"type": "list", "items": [{"id": "3d-1", "status": "succeeded",
                    "amount": {"value": "100.00", "currency": "RUB"}, "metadata": {"refund_id": refund_id}}]}),
            ),
            Self::CloudPayments => self.wrapped(json!([
                self.payment("Completed", 10_000, ""),
                {"TransactionId": 18, "Type": 1, "OriginalTransactionId": 17, "Amount": 100.0, "Status": "Completed",
                    "JsonData": json!({"refund_id": refund_id}).to_string()},
            ])),
        }
    }

    pub(crate) fn key_header(self) -> &'static str {
        match self {
            Self::Stripe => "idempotency-key",
            Self::YooKassa => "idempotence-key",
            Self::CloudPayments => "x-request-id",
        }
    }

    /// What a browser would have made of a card.
    pub(crate) fn token(self) -> &'static str {
        match self {
            Self::Stripe => "pm_card_visa",
            Self::YooKassa => "card:5555555555554444",
            Self::CloudPayments => "01424242424212 cryptogram",
        }
    }

    pub(crate) async fn pay(self, buyer: &Client, order: &str) -> Answer {
        let body =
            json!({"order_id": order, "payment_method": "card", "payment_token": self.token()});
        buyer.post("/api/payments/process/", body).await
    }

    /// A payment of 100.00 in the provider's words.
    pub(crate) fn payment(self, word: &str, amount: i64, payment_id: &str) -> Value {
        match self {
            Self::Stripe => json!({
                "id": "pi_1", "object": "payment_intent", "status": word, "amount": amount, "currency": "rub",
                "metadata": {"payment_id": payment_id},
            }),
            Self::YooKassa => json!({
                "id": "2d-1", "status": word, "paid": true,
                "amount": {"value": format!("{}.{:02}", amount / 100, amount % 100), "currency": "RUB"},
                "metadata": {"payment_id": payment_id},
            }),
            Self::CloudPayments => json!({
                "TransactionId": 17, "Amount": amount / 100, "Currency": "RUB", "Status": word, "ReasonCode": 0,
            }),
        }
    }

    fn wrapped(self, model: Value) -> Reply {
        match self {
            Self::CloudPayments => Reply::Json(
                200,
                json!({"Model": model, "Success": true, "Message": null}),
            ),
            _ => Reply::Json(200, model),
        }
    }

    fn paid_word(self) -> &'static str {
        match self {
            Self::Stripe | Self::YooKassa => "succeeded",
            Self::CloudPayments => "Completed",
        }
    }

    pub(crate) fn says(self, word: &str, amount: i64) -> Reply {
        self.wrapped(self.payment(word, amount, ""))
    }

    pub(crate) fn paid(self) -> Reply {
        self.says(self.paid_word(), 10_000)
    }

    /// The answer to a question about a page on which somebody has paid.
    pub(crate) fn paid_page(self) -> Reply {
        match self {
            Self::Stripe => Reply::Json(
                200,
                json!({"id": "cs_1", "status": "complete", "payment_status": "paid", "payment_intent": "pi_1",
                    "amount_total": 10_000, "currency": "rub"}),
            ),
            _ => self.paid(),
        }
    }

    pub(crate) fn declined(self) -> Reply {
        match self {
            Self::Stripe => {
                let mut intent = self.payment("requires_payment_method", 10_000, "");
                intent["last_payment_error"] =
                    json!({"code": "card_declined", "decline_code": "insufficient_funds"});
                Reply::Json(
                    402,
                    json!({"error": {"type": "card_error", "code": "card_declined",
                        "decline_code": "insufficient_funds", "payment_intent": intent}}),
                )
            }
            Self::YooKassa => {
                let mut payment = self.payment("canceled", 10_000, "");
                payment["cancellation_details"] =
                    json!({"party": "payment_network", "reason": "insufficient_funds"});
                Reply::Json(200, payment)
            }
            Self::CloudPayments => {
                let mut model = self.payment("Declined", 10_000, "");
                model["ReasonCode"] = json!(5051);
                Reply::Json(
                    200,
                    json!({"Model": model, "Success": false, "Message": null}),
                )
            }
        }
    }

    pub(crate) fn opened(self) -> Reply {
        let url = "https://pay.test/1";
        match self {
            Self::Stripe => Reply::Json(
                200,
                json!({"id": "cs_1", "status": "open", "payment_status": "unpaid", "url": url,
                    "payment_intent": null, "amount_total": 10_000, "currency": "rub"}),
            ),
            Self::YooKassa => {
                let mut payment = self.payment("pending", 10_000, "");
                payment["confirmation"] = json!({"type": "redirect", "confirmation_url": url});
                Reply::Json(200, payment)
            }
            Self::CloudPayments => self.wrapped(
                json!({"Id": "f2K8LV6reGE9WBFn", "Url": url, "Amount": 100.0, "Currency": "RUB"}),
            ),
        }
    }

    pub(crate) fn refunded(self) -> Reply {
        match self {
            Self::Stripe => Reply::Json(
                200,
                json!({"id": "re_1", "status": "succeeded", "amount": 10_000, "currency": "rub"}),
            ),
            Self::YooKassa => Reply::Json(
                200,
                json!({"id": "3d-1", "status": "succeeded", "payment_id": "2d-1",
                    "amount": {"value": "100.00", "currency": "RUB"}}),
            ),
            Self::CloudPayments => self.wrapped(json!({"TransactionId": 18})),
        }
    }

    /// The provider has nothing of that kind.
    pub(crate) fn nothing(self) -> Reply {
        match self {
            Self::Stripe => Reply::Json(200, json!({"object": "search_result", "data": []})),
            Self::YooKassa => Reply::Json(200, json!({"type": "list", "items": []})),
            Self::CloudPayments => {
                Reply::Json(200, json!({"Success": false, "Message": "Not found"}))
            }
        }
    }

    /// The provider has this one payment.
    pub(crate) fn found(self, payment_id: &str) -> Reply {
        let payment = self.payment(self.paid_word(), 10_000, payment_id);
        match self {
            Self::Stripe => Reply::Json(200, json!({"data": [payment]})),
            Self::YooKassa => Reply::Json(200, json!({"type": "list", "items": [payment]})),
            Self::CloudPayments => self.wrapped(payment),
        }
    }

    /// The provider tells by itself that a payment of so much was made.
    pub(crate) async fn tell_paid(self, stage: &Stage, payment_id: &str, amount: i64) -> Answer {
        let payment = self.payment(self.paid_word(), amount, payment_id);
        match self {
            Self::Stripe => {
                let event = json!({"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": payment}});
                let body = event.to_string();
                let at = now_s();
                let code = hex::encode(hmac(SECRET, &format!("{at}.{body}")));
                let header = ("Stripe-Signature", format!("t={at},v1={code}"));
                send(stage, "stripe/", body, &[header]).await
            }
            Self::YooKassa => {
                stage
                    .outside
                    .payment
                    .reply("GET /v3/payments/2d-1", Reply::Json(200, payment.clone()));
                let event = json!({"type": "notification", "event": "payment.succeeded", "object": payment});
                send(stage, "yookassa/", event.to_string(), &[]).await
            }
            Self::CloudPayments => {
                let body = cloud_form(payment_id, amount);
                cloud_webhook(stage, "pay", body).await
            }
        }
    }

    /// The same news from somebody who is not the provider.
    pub(crate) async fn forge_paid(self, stage: &Stage, payment_id: &str) -> Answer {
        let payment = self.payment(self.paid_word(), 10_000, payment_id);
        match self {
            Self::Stripe => {
                let body = json!({"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": payment}});
                let header = ("Stripe-Signature", format!("t={},v1=00", now_s()));
                send(stage, "stripe/", body.to_string(), &[header]).await
            }
            Self::YooKassa => {
                stage
                    .outside
                    .payment
                    .reply("GET /v3/payments/2d-1", Reply::Text(404, ""));
                let body = json!({"type": "notification", "event": "payment.succeeded", "object": payment});
                send(stage, "yookassa/", body.to_string(), &[]).await
            }
            Self::CloudPayments => {
                let code = BASE64.encode(hmac("guessed", &cloud_form(payment_id, 10_000)));
                let header = ("Content-HMAC", code);
                send(
                    stage,
                    "cloudpayments/pay/",
                    cloud_form(payment_id, 10_000),
                    &[header],
                )
                .await
            }
        }
    }
}

pub(crate) fn cloud_form(payment_id: &str, amount: i64) -> String {
    format!(
        "TransactionId=17&Amount={}.{:02}&Currency=RUB&InvoiceId={payment_id}&Status=Completed&OperationType=Payment",
        amount / 100,
        amount % 100
    )
}

/// A genuine notification of CloudPayments.
pub(crate) async fn cloud_webhook(stage: &Stage, kind: &str, body: String) -> Answer {
    let header = ("Content-HMAC", BASE64.encode(hmac(SECRET, &body)));
    send(stage, &format!("cloudpayments/{kind}/"), body, &[header]).await
}

/// The same by GET: its address, and its header.
pub(crate) fn cloud_query(kind: &str, query: &str) -> (String, (&'static str, String)) {
    let header = ("Content-HMAC", BASE64.encode(hmac(SECRET, query)));
    let path = format!("/api/webhooks/cloudpayments/{kind}/?{query}");
    (path, header)
}

async fn send(stage: &Stage, path: &str, body: String, headers: &[(&str, String)]) -> Answer {
    let visitor = stage.shop.visitor();
    let mut request = visitor.request(Method::POST, &format!("/api/webhooks/{path}"));
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    Client::send(request.body(body)).await
}

fn hmac(secret: &str, message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length is a key");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
