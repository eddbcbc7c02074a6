//! Stripe: PaymentIntents for cards that the buyer's browser knows, Checkout for buyers who pay on Stripe's page.
//!
//! Stripe keeps the result of a key for at least 24 hours, so a lost answer is fetched with the same request again.
//! Afterwards, and when the kept result is a failure of Stripe's, the payment is looked up by our id in its metadata.

mod failure;
mod objects;
mod webhook;

use std::time::Duration;

use futures_util::future::BoxFuture;
use http::HeaderName;
use http::header::AUTHORIZATION;

use self::failure::{judge, judge_question};
use self::objects::{Intent, List, PAGE, Refund, Session};
use super::caller::{Answer, Call, Caller, ClientError, Manner};
use super::{
    Charge, Event, Hook, IDEMPOTENCY_KEY, Outcome, PaymentGateway, PaymentRef, PaymentReport,
    RefundOrder, RefundReport, Refusal, Rejected, Trouble,
};

const INTENTS: &str = "v1/payment_intents";
const SEARCH: &str = "v1/payment_intents/search";
const SESSIONS: &str = "v1/checkout/sessions";
const REFUNDS: &str = "v1/refunds";
/// The shapes of `objects` are of this version.
const VERSION: &str = "2026-10-28.endive";
const VERSION_HEADER: HeaderName = HeaderName::from_static("stripe-version");
/// Keys may be forgotten after 24 hours (Stripe API, Idempotent requests).
const KEY_LIFE: Duration = Duration::from_secs(23 * 3_600);
/// After this, a search finds what there is (Stripe API, Search: usually within a minute).
const SEARCH_LAG: Duration = Duration::from_secs(60);
/// After this, what a search does not find is not there.
const SEARCH_SURE: Duration = Duration::from_secs(3_600);

/// How Stripe wants to be spoken to.
pub(super) fn manner(secret_key: &str) -> Result<Manner, ClientError> {
    Manner::new(IDEMPOTENCY_KEY)
        .with(VERSION_HEADER, VERSION)
        .with_secret(AUTHORIZATION, &format!("Bearer {secret_key}"))
}

#[derive(Debug)]
pub(super) struct Payments(Caller);

impl Payments {
    pub(super) fn new(caller: Caller) -> Self {
        Self(caller)
    }

    async fn create(&self, charge: &Charge) -> Outcome<PaymentReport> {
        if charge.age >= KEY_LIFE {
            return match self.search(&charge.payment_id).await {
                Outcome::Done(found) => found.map_or_else(never_arrived, Outcome::Done),
                Outcome::Refused(refusal) => Outcome::Refused(refusal),
                Outcome::Unknown(trouble) => Outcome::Unknown(trouble),
            };
        }
        let answer = match &charge.token {
            Some(token) => self.confirm(charge, token).await,
            None => self.open_page(charge).await,
        };
        if is_crash(&answer) && charge.age >= SEARCH_LAG {
            // The key keeps failures of Stripe's too, so the same request would never tell.
            match self.search(&charge.payment_id).await {
                Outcome::Done(Some(found)) => return Outcome::Done(found),
                Outcome::Done(None) if charge.age >= SEARCH_SURE => return never_arrived(),
                _ => {}
            }
        }
        match charge.token {
            Some(_) => failure::judge_charge(answer),
            None => judge(answer, |answer| answer.json::<Session>()?.report()),
        }
    }

    /// Charges a card at once.
    async fn confirm(&self, charge: &Charge, token: &str) -> Result<Answer, Trouble> {
        let (amount, currency) = amount(charge.amount);
        let mut fields = vec![
            ("amount", amount.as_str()),
            ("currency", currency.as_str()),
            ("confirm", "true"),
            ("payment_method_types[0]", "card"),
            ("description", charge.description.as_str()),
            ("return_url", charge.return_url.as_str()),
            ("metadata[order_id]", charge.order_id.as_str()),
            ("metadata[payment_id]", charge.payment_id.as_str()),
        ];
        if token.starts_with("tok_") {
            fields.push(("payment_method_data[type]", "card"));
            fields.push(("payment_method_data[card][token]", token));
        } else {
            fields.push(("payment_method", token));
        }
        self.0.send(Call::form(INTENTS, &fields, &charge.key)).await
    }

    /// Opens a page on which the buyer pays.
    async fn open_page(&self, charge: &Charge) -> Result<Answer, Trouble> {
        let (amount, currency) = amount(charge.amount);
        let (order, payment) = (charge.order_id.as_str(), charge.payment_id.as_str());
        let (text, back) = (charge.description.as_str(), charge.return_url.as_str());
        let fields = [
            ("mode", "payment"),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", &currency),
            ("line_items[0][price_data][unit_amount]", &amount),
            ("line_items[0][price_data][product_data][name]", text),
            ("success_url", back),
            ("cancel_url", back),
            ("client_reference_id", payment),
            ("metadata[order_id]", order),
            ("metadata[payment_id]", payment),
            ("payment_intent_data[description]", text),
            ("payment_intent_data[metadata][order_id]", order),
            ("payment_intent_data[metadata][payment_id]", payment),
            ("payment_intent_data[metadata][flow]", PAGE),
        ];
        self.0
            .send(Call::form(SESSIONS, &fields, &charge.key))
            .await
    }

    /// The payment with our id, if a search finds one.
    async fn search(&self, payment_id: &str) -> Outcome<Option<PaymentReport>> {
        let query = format!("metadata['payment_id']:'{payment_id}'");
        let query = vec![("query", query), ("limit", "10".to_owned())];
        let answer = self.0.send(Call::list(SEARCH, query)).await;
        let outcome = judge(answer, |answer| answer.json::<List<Intent>>());
        let intents = match outcome {
            Outcome::Done(list) => list.data,
            Outcome::Refused(refusal) => {
                return Outcome::Unknown(Trouble::BadAnswer(refusal.cause));
            }
            Outcome::Unknown(trouble) => return Outcome::Unknown(trouble),
        };
        match intents.into_iter().max_by_key(Intent::is_paid) {
            Some(intent) => match intent.report() {
                Ok(report) => Outcome::Done(Some(report)),
                Err(trouble) => Outcome::Unknown(trouble),
            },
            None => Outcome::Done(None),
        }
    }

    async fn get(&self, provider_id: &str) -> Outcome<Option<PaymentReport>> {
        if is_session(provider_id) {
            let answer = self.0.send(Call::get(SESSIONS, provider_id)).await;
            judge_question(answer, |answer| answer.json::<Session>()?.report())
        } else {
            let answer = self.0.send(Call::get(INTENTS, provider_id)).await;
            judge_question(answer, |answer| answer.json::<Intent>()?.report())
        }
    }

    async fn cancel(&self, provider_id: &str, key: &str) -> Outcome<PaymentReport> {
        if is_session(provider_id) {
            let call = Call::act(SESSIONS, provider_id, "expire", key);
            judge(self.0.send(call).await, |answer| {
                answer.json::<Session>()?.report()
            })
        } else {
            let call = Call::act(INTENTS, provider_id, "cancel", key);
            judge(self.0.send(call).await, |answer| {
                answer.json::<Intent>()?.report()
            })
        }
    }

    async fn refund(&self, order: &RefundOrder) -> Outcome<RefundReport> {
        let intent = match self.intent_of(&order.payment_provider_id).await {
            Ok(intent) => intent,
            Err(trouble) => return Outcome::Unknown(trouble),
        };
        if order.age >= KEY_LIFE {
            match self.listed_refund(&intent, &order.refund_id).await {
                Outcome::Done(None) => {}
                Outcome::Done(Some(found)) => return Outcome::Done(found),
                Outcome::Refused(refusal) => return Outcome::Refused(refusal),
                Outcome::Unknown(trouble) => return Outcome::Unknown(trouble),
            }
        }
        let answer = self.send_refund(&intent, order).await;
        if is_crash(&answer)
            && order.age >= SEARCH_LAG
            && let Outcome::Done(Some(found)) = self.listed_refund(&intent, &order.refund_id).await
        {
            return Outcome::Done(found);
        }
        judge(answer, |answer| answer.json::<Refund>()?.report())
    }

    async fn send_refund(&self, intent: &str, order: &RefundOrder) -> Result<Answer, Trouble> {
        let (amount, _) = amount(order.amount);
        let mut fields = vec![
            ("payment_intent", intent),
            ("amount", amount.as_str()),
            ("reason", "requested_by_customer"),
            ("metadata[order_id]", order.order_id.as_str()),
            ("metadata[refund_id]", order.refund_id.as_str()),
        ];
        if let Some(reason) = &order.reason {
            fields.push(("metadata[reason]", reason));
        }
        self.0.send(Call::form(REFUNDS, &fields, &order.key)).await
    }

    /// The refund with our id among those of a payment.
    async fn listed_refund(&self, intent: &str, refund_id: &str) -> Outcome<Option<RefundReport>> {
        let query = vec![
            ("payment_intent", intent.to_owned()),
            ("limit", "100".to_owned()),
        ];
        let answer = self.0.send(Call::list(REFUNDS, query)).await;
        judge(answer, |answer| {
            let list = answer.json::<List<Refund>>()?;
            let ours = list.data.into_iter().find(|refund| refund.is(refund_id));
            ours.map(Refund::report).transpose()
        })
    }

    /// Refunds are made of a PaymentIntent; a Checkout session has one once it is paid.
    async fn intent_of(&self, provider_id: &str) -> Result<String, Trouble> {
        if !is_session(provider_id) {
            return Ok(provider_id.to_owned());
        }
        let answer = self.0.send(Call::get(SESSIONS, provider_id)).await?;
        if !answer.status.is_success() {
            return Err(answer.named_trouble());
        }
        let intent = answer.json::<Session>()?.payment_intent;
        intent.ok_or_else(|| Trouble::BadAnswer(format!("no payment_intent in {answer}")))
    }
}

/// The amount in minor units and the currency, as Stripe wants them. Its minor units are ours for all our currencies.
fn amount(money: crate::money::Money) -> (String, String) {
    (
        money.minor.to_string(),
        money.currency.code().to_ascii_lowercase(),
    )
}

fn is_session(provider_id: &str) -> bool {
    provider_id.starts_with("cs_")
}

fn is_crash(answer: &Result<Answer, Trouble>) -> bool {
    answer
        .as_ref()
        .is_ok_and(|answer| answer.status.is_server_error())
}

fn never_arrived() -> Outcome<PaymentReport> {
    Outcome::Refused(Refusal {
        reason: "other".to_owned(),
        cause: "Stripe has no payment with our id".to_owned(),
    })
}

impl PaymentGateway for Payments {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn can_cancel(&self) -> bool {
        true
    }

    fn create<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Outcome<PaymentReport>> {
        Box::pin(self.create(charge))
    }

    fn get<'a>(&'a self, payment: PaymentRef<'a>) -> BoxFuture<'a, Outcome<Option<PaymentReport>>> {
        Box::pin(self.get(payment.provider_id))
    }

    fn cancel<'a>(
        &'a self,
        payment: PaymentRef<'a>,
        key: &'a str,
    ) -> BoxFuture<'a, Outcome<PaymentReport>> {
        Box::pin(self.cancel(payment.provider_id, key))
    }

    fn refund<'a>(&'a self, order: &'a RefundOrder) -> BoxFuture<'a, Outcome<RefundReport>> {
        Box::pin(self.refund(order))
    }

    fn get_refund<'a>(
        &'a self,
        provider_id: &'a str,
    ) -> BoxFuture<'a, Outcome<Option<RefundReport>>> {
        Box::pin(async move {
            let answer = self.0.send(Call::get(REFUNDS, provider_id)).await;
            judge_question(answer, |answer| answer.json::<Refund>()?.report())
        })
    }

    fn read_webhook<'a>(&'a self, hook: Hook<'a>) -> BoxFuture<'a, Result<Event, Rejected>> {
        Box::pin(std::future::ready(webhook::read(
            &hook,
            self.0.webhook_secret(),
        )))
    }
}
