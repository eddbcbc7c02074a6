//! CloudPayments: cryptograms are charged at once, perhaps by way of the payer's bank (3-D Secure with `PaReq`); who has
//! none pays on the page of an order.
//!
//! `X-Request-ID` holds for an hour, so a lost answer is fetched with the same request again; afterwards the payment is
//! looked up by its `InvoiceId`, which is our id. A payment on a page has no number before somebody pays: its id here is
//! [`ORDER`] and the order's.

mod judge;
mod objects;
mod requests;
mod webhook;

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Serialize;
use serde_json::{Value, json};

use self::judge::{judge, judge_charge, judge_done, judge_question};
use self::objects::{Order, Told, Transaction};
use self::requests::{Find, NewCharge, NewOrder, NewRefund, Tell3ds, TransactionOnly};
use super::caller::{Answer, Call, Caller, ClientError, Manner};
use super::{
    Admission, Charge, Event, Hook, Outcome, PaymentGateway, PaymentRef, PaymentReport,
    PaymentWord, RefundOrder, RefundReport, Refusal, Rejected, Trouble,
};
use crate::telemetry::REQUEST_ID;

const CHARGE: &str = "payments/cards/charge";
const POST_3DS: &str = "payments/cards/post3ds";
const GET: &str = "payments/get";
const FIND: &str = "payments/find";
const LIST: &str = "payments/list";
const VOID: &str = "payments/void";
const REFUND: &str = "payments/refund";
const OPEN_ORDER: &str = "orders/create";
const CANCEL_ORDER: &str = "orders/cancel";
/// Before the id of an order, where other payments have the number of their transaction.
const ORDER: &str = "order:";
/// Keys hold for an hour (CloudPayments, API: idempotency).
const KEY_LIFE: Duration = Duration::from_secs(55 * 60);
/// Our clock and theirs may differ by this.
const CLOCKS_APART: Duration = Duration::from_secs(300);
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Reconciliation gives up before.
const DAYS_MAX: usize = 6;

/// How CloudPayments wants to be spoken to.
pub(super) fn manner(public_id: &str, api_secret: &str) -> Result<Manner, ClientError> {
    Manner::new(REQUEST_ID).with_basic(public_id, api_secret)
}

#[derive(Debug)]
pub(super) struct Payments(Caller);

impl Payments {
    pub(super) fn new(caller: Caller) -> Self {
        Self(caller)
    }

    async fn create(&self, charge: &Charge) -> Outcome<PaymentReport> {
        if charge.age >= KEY_LIFE {
            return self.look_up(charge).await;
        }
        match &charge.token {
            Some(cryptogram) => {
                let body = NewCharge::of(charge, cryptogram);
                judge_charge(self.post(CHARGE, &body, &charge.key).await)
            }
            None => {
                let answer = self
                    .post(OPEN_ORDER, &NewOrder::of(charge), &charge.key)
                    .await;
                judge(answer, |order: Order| Ok(order.report()))
            }
        }
    }

    /// What became of a charge whose key is forgotten. A page whose address was lost has seen nobody.
    async fn look_up(&self, charge: &Charge) -> Outcome<PaymentReport> {
        let found = match self.find(&charge.payment_id).await {
            Outcome::Done(found) => found,
            Outcome::Refused(refusal) => {
                return Outcome::Unknown(Trouble::BadAnswer(refusal.cause));
            }
            Outcome::Unknown(trouble) => return Outcome::Unknown(trouble),
        };
        match found {
            Some(report) if charge.token.is_some() || report.word == PaymentWord::Succeeded => {
                Outcome::Done(report)
            }
            _ => Outcome::Refused(Refusal {
                reason: "other".to_owned(),
                cause: "CloudPayments has no payment with our id".to_owned(),
            }),
        }
    }

    /// The latest payment with our id.
    async fn find(&self, payment_id: &str) -> Outcome<Option<PaymentReport>> {
        let body = Find {
            invoice_id: payment_id,
        };
        judge_question(self.ask(FIND, &body).await, Transaction::report)
    }

    async fn get(&self, payment: PaymentRef<'_>) -> Outcome<Option<PaymentReport>> {
        if payment.provider_id.starts_with(ORDER) {
            let found = self.find(payment.ours).await;
            return found.map(|found| Some(on_page(payment.provider_id, found)));
        }
        let body = match TransactionOnly::of(payment.provider_id) {
            Ok(body) => body,
            Err(trouble) => return Outcome::Unknown(trouble),
        };
        judge_question(self.ask(GET, &body).await, Transaction::report)
    }

    async fn cancel(&self, payment: PaymentRef<'_>, key: &str) -> Outcome<PaymentReport> {
        let cancelled = || PaymentReport::bare(PaymentWord::Cancelled);
        let Some(order) = payment.provider_id.strip_prefix(ORDER) else {
            let body = match TransactionOnly::of(payment.provider_id) {
                Ok(body) => body,
                Err(trouble) => return Outcome::Unknown(trouble),
            };
            return judge_done(self.post(VOID, &body, key).await).map(|()| cancelled());
        };
        let answer = self.post(CANCEL_ORDER, &json!({"Id": order}), key).await;
        match judge_done(answer) {
            // Somebody may have paid in the last moment.
            Outcome::Done(()) => self.find(payment.ours).await.map(|found| {
                let paid = found.filter(|report| report.word == PaymentWord::Succeeded);
                paid.map_or_else(cancelled, |report| {
                    on_page(payment.provider_id, Some(report))
                })
            }),
            Outcome::Refused(refusal) => Outcome::Refused(refusal),
            Outcome::Unknown(trouble) => Outcome::Unknown(trouble),
        }
    }

    async fn refund(&self, order: &RefundOrder) -> Outcome<RefundReport> {
        let transaction = match self.transaction_of(order.payment()).await {
            Ok(transaction) => transaction,
            Err(trouble) => return Outcome::Unknown(trouble),
        };
        if order.age >= KEY_LIFE {
            match self.listed_refund(transaction, order).await {
                Ok(None) => {}
                Ok(Some(found)) => return Outcome::Done(found),
                Err(trouble) => return Outcome::Unknown(trouble),
            }
        }
        let body = NewRefund::of(transaction, order);
        let answer = self.post(REFUND, &body, &order.key).await;
        judge(answer, Transaction::made_refund)
    }

    /// The number of the transaction that paid.
    async fn transaction_of(&self, payment: PaymentRef<'_>) -> Result<TransactionOnly, Trouble> {
        if !payment.provider_id.starts_with(ORDER) {
            return TransactionOnly::of(payment.provider_id);
        }
        let none = || Trouble::BadAnswer("no transaction with our id".to_owned());
        match self.find(payment.ours).await {
            Outcome::Done(Some(report)) => {
                TransactionOnly::of(&report.provider_id.ok_or_else(none)?)
            }
            Outcome::Done(None) => Err(none()),
            Outcome::Refused(refusal) => Err(Trouble::BadAnswer(refusal.cause)),
            Outcome::Unknown(trouble) => Err(trouble),
        }
    }

    /// The refund with our id among the operations since it was first sent. One that may be ours or not must be looked
    /// at by a person.
    async fn listed_refund(
        &self,
        payment: TransactionOnly,
        order: &RefundOrder,
    ) -> Result<Option<RefundReport>, Trouble> {
        let start = order.first_sent.checked_sub(CLOCKS_APART);
        let mut day = start.map_err(|error| Trouble::BadAnswer(error.to_string()))?;
        let end = crate::clock::after(order.first_sent, order.age + CLOCKS_APART + DAY);
        for _ in 0..DAYS_MAX {
            if day > end {
                break;
            }
            let date = day.strftime("%Y-%m-%d").to_string();
            let body = json!({"Date": date, "TimeZone": "UTC"});
            let answer = self.ask(LIST, &body).await;
            let operations = match judge(answer, |list: Vec<Transaction>| Ok(list)) {
                Outcome::Done(operations) => operations,
                Outcome::Refused(refusal) => return Err(Trouble::BadAnswer(refusal.cause)),
                Outcome::Unknown(trouble) => return Err(trouble),
            };
            let refunds = operations
                .into_iter()
                .filter(|operation| operation.is_refund_of(payment));
            for refund in refunds {
                match refund.names(order) {
                    Told::Ours => return refund.refund().map(Some),
                    Told::Another => {}
                    Told::Nothing => {
                        let what = "a refund of the same amount that may be ours".to_owned();
                        return Err(Trouble::BadAnswer(what));
                    }
                }
            }
            day = crate::clock::after(day, DAY);
        }
        Ok(None)
    }

    async fn post(
        &self,
        path: &'static str,
        body: &impl Serialize,
        key: &str,
    ) -> Result<Answer, Trouble> {
        self.0.send(Call::post(path, body, key)?).await
    }

    async fn ask(&self, path: &'static str, body: &impl Serialize) -> Result<Answer, Trouble> {
        self.0.send(Call::question(path, body)?).await
    }
}

/// A payment on a page, by the latest try of a payer: only success ends it, because the page takes another card.
fn on_page(provider_id: &str, found: Option<PaymentReport>) -> PaymentReport {
    let paid = found.filter(|report| report.word == PaymentWord::Succeeded);
    PaymentReport {
        provider_id: Some(provider_id.to_owned()),
        ..paid.unwrap_or_else(|| PaymentReport::bare(PaymentWord::Pending))
    }
}

impl PaymentGateway for Payments {
    fn name(&self) -> &'static str {
        "cloudpayments"
    }

    fn can_cancel(&self) -> bool {
        true
    }

    fn create<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Outcome<PaymentReport>> {
        Box::pin(self.create(charge))
    }

    fn get<'a>(&'a self, payment: PaymentRef<'a>) -> BoxFuture<'a, Outcome<Option<PaymentReport>>> {
        Box::pin(self.get(payment))
    }

    fn cancel<'a>(
        &'a self,
        payment: PaymentRef<'a>,
        key: &'a str,
    ) -> BoxFuture<'a, Outcome<PaymentReport>> {
        Box::pin(self.cancel(payment, key))
    }

    fn finish_challenge<'a>(
        &'a self,
        payment: PaymentRef<'a>,
        answer: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Outcome<PaymentReport>> {
        Box::pin(async move {
            match Tell3ds::of(payment.provider_id, answer) {
                Ok(body) => judge_charge(self.post(POST_3DS, &body, key).await),
                Err(trouble) => Outcome::Unknown(trouble),
            }
        })
    }

    fn refund<'a>(&'a self, order: &'a RefundOrder) -> BoxFuture<'a, Outcome<RefundReport>> {
        Box::pin(self.refund(order))
    }

    fn get_refund<'a>(
        &'a self,
        provider_id: &'a str,
    ) -> BoxFuture<'a, Outcome<Option<RefundReport>>> {
        Box::pin(async move {
            match TransactionOnly::of(provider_id) {
                Ok(body) => judge_question(self.ask(GET, &body).await, Transaction::refund),
                Err(trouble) => Outcome::Unknown(trouble),
            }
        })
    }

    fn read_webhook<'a>(&'a self, hook: Hook<'a>) -> BoxFuture<'a, Result<Event, Rejected>> {
        Box::pin(std::future::ready(webhook::read(
            &hook,
            self.0.webhook_secret(),
        )))
    }

    fn acknowledgement(&self) -> Option<Value> {
        Some(json!({"code": 0}))
    }

    /// CloudPayments, Notifications: the codes of Check.
    fn admission(&self, admission: Admission) -> Value {
        let code = match admission {
            Admission::GoOn => 0,
            Admission::Unknown => 10,
            Admission::WrongAmount => 12,
            Admission::NotWanted => 13,
            Admission::TooLate => 20,
        };
        json!({"code": code})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{ClaimedAmount, Decline};

    #[test]
    fn a_page_ends_by_success_alone() {
        let report = |word| PaymentReport {
            provider_id: Some("17".to_owned()),
            ..PaymentReport::bare(word)
        };
        let declined = report(PaymentWord::Failed(Decline::InsufficientFunds));
        for found in [None, Some(declined)] {
            let seen = on_page("order:abc", found);
            assert_eq!(seen.word, PaymentWord::Pending);
            assert_eq!(seen.provider_id.as_deref(), Some("order:abc"));
            assert_eq!(seen.amount, ClaimedAmount::default());
        }
        let paid = on_page("order:abc", Some(report(PaymentWord::Succeeded)));
        assert_eq!(paid.word, PaymentWord::Succeeded);
    }
}
