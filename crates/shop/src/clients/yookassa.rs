//! YooKassa, API v3. Payments are captured at once; who has no token pays on YooKassa's page.
//!
//! A key holds for 24 hours, so a lost answer is fetched with the same request again; afterwards the payment is looked up
//! by our id in its metadata. Notifications are not signed: they only say what to ask about.

mod failure;
mod objects;
mod webhook;

use std::time::Duration;

use futures_util::future::BoxFuture;
use http::HeaderName;
use jiff::Timestamp;

use self::failure::{judge, judge_question};
use self::objects::{NewPayment, NewRefund, Page, Payment, Refund};
use super::caller::{Call, Caller, ClientError, Manner};
use super::{
    Charge, Event, Hook, Outcome, PaymentGateway, PaymentRef, PaymentReport, RefundOrder,
    RefundReport, Refusal, Rejected, Trouble,
};

const PAYMENTS: &str = "payments";
const REFUNDS: &str = "refunds";
/// Spelt like this (YooKassa, Interaction format: idempotence).
const IDEMPOTENCE_KEY: HeaderName = HeaderName::from_static("idempotence-key");
/// After 24 hours a repeated request is a new operation.
const KEY_LIFE: Duration = Duration::from_secs(23 * 3_600);
/// Our clock and theirs may differ by this.
const CLOCKS_APART: Duration = Duration::from_secs(300);
/// Lists are read this far, a hundred objects each.
const PAGES_MAX: usize = 50;

/// How YooKassa wants to be spoken to.
pub(super) fn manner(shop_id: &str, secret_key: &str) -> Result<Manner, ClientError> {
    Manner::new(IDEMPOTENCE_KEY).with_basic(shop_id, secret_key)
}

#[derive(Debug)]
pub(super) struct Payments {
    caller: Caller,
    /// Whether a token may be the number of a test card, `card:5555555555554444`. Real tokens are made in the browser.
    raw_cards: bool,
}

impl Payments {
    pub(super) fn new(caller: Caller, raw_cards: bool) -> Self {
        Self { caller, raw_cards }
    }

    async fn create(&self, charge: &Charge) -> Outcome<PaymentReport> {
        if charge.age >= KEY_LIFE {
            return self.look_up(charge).await;
        }
        let key = key(&charge.key);
        let answer = match Call::post(PAYMENTS, &NewPayment::of(charge, self.raw_cards), &key) {
            Ok(call) => self.caller.send(call).await,
            Err(trouble) => Err(trouble),
        };
        judge(answer, |answer| answer.json::<Payment>()?.report())
    }

    /// The payment with our id, among all of the time in which it may have been made.
    async fn look_up(&self, charge: &Charge) -> Outcome<PaymentReport> {
        let mut next = None;
        for _ in 0..PAGES_MAX {
            let page = match self.page(charge, next).await {
                Outcome::Done(page) => page,
                Outcome::Refused(refusal) => {
                    return Outcome::Unknown(Trouble::BadAnswer(refusal.cause));
                }
                Outcome::Unknown(trouble) => return Outcome::Unknown(trouble),
            };
            let ours = page
                .items
                .into_iter()
                .find(|payment| payment.is(&charge.payment_id));
            match (ours.map(Payment::report), page.next_cursor) {
                (Some(Ok(report)), _) => return Outcome::Done(report),
                (Some(Err(trouble)), _) => return Outcome::Unknown(trouble),
                (None, Some(cursor)) => next = Some(cursor),
                (None, None) => {
                    return Outcome::Refused(Refusal {
                        reason: "other".to_owned(),
                        cause: "YooKassa has no payment with our id".to_owned(),
                    });
                }
            }
        }
        let many = "too many payments to look through".to_owned();
        Outcome::Unknown(Trouble::BadAnswer(many))
    }

    async fn page(&self, charge: &Charge, cursor: Option<String>) -> Outcome<Page<Payment>> {
        let from = charge.first_sent.checked_sub(CLOCKS_APART);
        let to = charge.first_sent.checked_add(KEY_LIFE + CLOCKS_APART);
        let mut query = vec![("limit", "100".to_owned())];
        query.extend(from.ok().map(|time| ("created_at.gte", moment(time))));
        query.extend(to.ok().map(|time| ("created_at.lte", moment(time))));
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        let answer = self.caller.send(Call::list(PAYMENTS, query)).await;
        judge(answer, |answer| answer.json())
    }

    async fn refund(&self, order: &RefundOrder) -> Outcome<RefundReport> {
        if order.age >= KEY_LIFE {
            match self.listed_refund(order).await {
                Outcome::Done(None) => {}
                Outcome::Done(Some(found)) => return Outcome::Done(found),
                Outcome::Refused(refusal) => {
                    return Outcome::Unknown(Trouble::BadAnswer(refusal.cause));
                }
                Outcome::Unknown(trouble) => return Outcome::Unknown(trouble),
            }
        }
        let key = key(&order.key);
        let answer = match Call::post(REFUNDS, &NewRefund::of(order), &key) {
            Ok(call) => self.caller.send(call).await,
            Err(trouble) => Err(trouble),
        };
        judge(answer, |answer| answer.json::<Refund>()?.report())
    }

    /// The refund with our id among those of its payment.
    async fn listed_refund(&self, order: &RefundOrder) -> Outcome<Option<RefundReport>> {
        let query = vec![
            ("payment_id", order.payment_provider_id.clone()),
            ("limit", "100".to_owned()),
        ];
        let answer = self.caller.send(Call::list(REFUNDS, query)).await;
        judge(answer, |answer| {
            let page: Page<Refund> = answer.json()?;
            let ours = page
                .items
                .into_iter()
                .find(|refund| refund.is(&order.refund_id));
            ours.map(Refund::report).transpose()
        })
    }

    async fn payment(&self, id: &str) -> Outcome<Option<Payment>> {
        let answer = self.caller.send(Call::get(PAYMENTS, id)).await;
        judge_question(answer, |answer| answer.json())
    }

    async fn refund_of(&self, id: &str) -> Outcome<Option<Refund>> {
        let answer = self.caller.send(Call::get(REFUNDS, id)).await;
        judge_question(answer, |answer| answer.json())
    }
}

/// Keys may hold letters, digits and `+-_.` only.
fn key(ours: &str) -> String {
    ours.replace(':', "-")
}

fn moment(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// Reads what a question found.
fn told<T, U>(
    outcome: Outcome<Option<T>>,
    read: impl FnOnce(T) -> Result<U, Trouble>,
) -> Outcome<Option<U>> {
    match outcome.map(|found| found.map(read).transpose()) {
        Outcome::Done(Ok(found)) => Outcome::Done(found),
        Outcome::Done(Err(trouble)) | Outcome::Unknown(trouble) => Outcome::Unknown(trouble),
        Outcome::Refused(refusal) => Outcome::Refused(refusal),
    }
}

impl PaymentGateway for Payments {
    fn name(&self) -> &'static str {
        "yookassa"
    }

    /// Only what waits for its capture can be cancelled, and we never let it wait; an open page ends after an hour.
    fn can_cancel(&self) -> bool {
        false
    }

    fn create<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Outcome<PaymentReport>> {
        Box::pin(self.create(charge))
    }

    fn get<'a>(&'a self, payment: PaymentRef<'a>) -> BoxFuture<'a, Outcome<Option<PaymentReport>>> {
        Box::pin(async move { told(self.payment(payment.provider_id).await, Payment::report) })
    }

    fn cancel<'a>(
        &'a self,
        payment: PaymentRef<'a>,
        key: &'a str,
    ) -> BoxFuture<'a, Outcome<PaymentReport>> {
        Box::pin(async move {
            let key = self::key(key);
            let call = Call::act(PAYMENTS, payment.provider_id, "cancel", &key);
            judge(self.caller.send(call).await, |answer| {
                answer.json::<Payment>()?.report()
            })
        })
    }

    fn refund<'a>(&'a self, order: &'a RefundOrder) -> BoxFuture<'a, Outcome<RefundReport>> {
        Box::pin(self.refund(order))
    }

    fn get_refund<'a>(
        &'a self,
        provider_id: &'a str,
    ) -> BoxFuture<'a, Outcome<Option<RefundReport>>> {
        Box::pin(async move { told(self.refund_of(provider_id).await, Refund::report) })
    }

    fn read_webhook<'a>(&'a self, hook: Hook<'a>) -> BoxFuture<'a, Result<Event, Rejected>> {
        Box::pin(async move { webhook::read(self, &hook).await })
    }
}

#[cfg(test)]
mod tests {
    use super::objects::Amount;
    use super::*;

    #[test]
    fn keys_and_times_are_written_as_they_are_wanted() {
        assert_eq!(key("pay:0193-aa"), "pay-0193-aa");
        let time: Timestamp = "2026-11-26T07:05:09.123456Z".parse().unwrap();
        assert_eq!(moment(time), "2026-11-26T07:05:09.000Z");
    }

    #[test]
    fn an_amount_is_a_text_with_two_digits() {
        let money = crate::money::Money::new(10_050, crate::money::Currency::Rub);
        let written = serde_json::to_value(Amount::of(money)).unwrap();
        assert_eq!(
            written,
            serde_json::json!({"value": "100.50", "currency": "RUB"})
        );
    }
}
