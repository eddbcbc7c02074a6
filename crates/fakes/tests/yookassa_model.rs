//! Random operations, in parallel, against a small model: whatever the order, no more is given back than was taken, each
//! accepted call moves money once, and one key is one effect.

use std::collections::HashMap;

use futures_util::future::join_all;
use proptest::prelude::*;
use reqwest::Client;
use serde_json::{Value, json};
use styk_core::{Effect, Movement};
use styk_fakes::{Fake, FakeOptions, payments};

/// What a payment is worth, in kopecks.
const TOTAL: i64 = 1000;

#[derive(Clone, Debug)]
enum Op {
    Pay { key: u8, captured: bool },
    Capture { payment: u8, minor: i64 },
    Cancel { payment: u8 },
    Refund { payment: u8, minor: i64, key: u8 },
}

/// Amounts at which limits lie.
fn minor() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(1),
        Just(300),
        Just(500),
        Just(501),
        Just(TOTAL),
        Just(TOTAL + 1)
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => (0..4_u8, any::<bool>()).prop_map(|(key, captured)| Op::Pay { key, captured }),
        1 => (0..4_u8, minor()).prop_map(|(payment, minor)| Op::Capture { payment, minor }),
        1 => (0..4_u8).prop_map(|payment| Op::Cancel { payment }),
        6 => (0..4_u8, minor(), 0..40_u8)
            .prop_map(|(payment, minor, key)| Op::Refund { payment, minor, key }),
    ]
}

struct Shop {
    client: Client,
    base: String,
}

impl Shop {
    async fn post(&self, path: &str, key: &str, body: &Value) -> Option<Value> {
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .basic_auth("7", Some("test_7"));
        let answer = request
            .header("Idempotence-Key", key)
            .json(body)
            .send()
            .await
            .expect("an answer");
        assert!(answer.status().as_u16() < 500, "{}", answer.status());
        let is_taken = answer.status().is_success();
        let body = answer.json().await.expect("JSON");
        is_taken.then_some(body)
    }

    async fn play(&self, op: &Op, payments: &[String]) -> Option<Value> {
        let amount = |minor: i64| json!({"value": format!("{}.{:02}", minor / 100, minor % 100), "currency": "RUB"});
        let payment = |at: &u8| payments.get(usize::from(*at)).cloned();
        match op {
            Op::Pay { key, captured } => {
                let card = json!({"number": "5555555555554444", "expiry_year": "2034", "expiry_month": "12"});
                let body = json!({"amount": amount(TOTAL), "capture": captured, "payment_method_data": {"type": "bank_card", "card": card}});
                self.post("/v3/payments", &format!("pay-{key}"), &body)
                    .await
            }
            Op::Capture { payment: at, minor } => {
                let (id, body) = (payment(at)?, json!({"amount": amount(*minor)}));
                self.post(
                    &format!("/v3/payments/{id}/capture"),
                    &format!("capture-{at}-{minor}"),
                    &body,
                )
                .await
            }
            Op::Cancel { payment: at } => {
                let id = payment(at)?;
                self.post(
                    &format!("/v3/payments/{id}/cancel"),
                    &format!("cancel-{at}"),
                    &json!({}),
                )
                .await
            }
            Op::Refund {
                payment: at,
                minor,
                key,
            } => {
                let body = json!({"payment_id": payment(at)?, "amount": amount(*minor)});
                self.post("/v3/refunds", &format!("refund-{key}"), &body)
                    .await
            }
        }
    }
}

/// What the book says of one payment.
#[derive(Debug, Default, PartialEq, Eq)]
struct Book {
    authorized: i64,
    captured: i64,
    released: i64,
    refunded: i64,
}

fn books(fake: &Fake) -> HashMap<String, Book> {
    let mut books: HashMap<String, Book> = HashMap::new();
    for entry in fake.ledger().entries() {
        let book = books.entry(entry.object.clone()).or_default();
        let Effect::Money { movement, amount } = &entry.effect else {
            panic!("no money: {entry:?}");
        };
        match movement {
            Movement::Authorized => book.authorized += amount.minor,
            Movement::Captured => book.captured += amount.minor,
            Movement::Released => book.released += amount.minor,
            Movement::Refunded => book.refunded += amount.minor,
            other => panic!("nobody asked for {other:?}"),
        }
        assert!(
            book.refunded <= book.captured,
            "more was given back than taken: {book:?}"
        );
    }
    books
}

async fn check(rounds: &[Vec<Op>]) {
    let fake = Fake::start(payments::yookassa::KIND, FakeOptions::default())
        .await
        .expect("a fake");
    let shop = Shop {
        client: Client::builder().no_proxy().build().expect("a client"),
        base: fake.url().as_str().trim_end_matches('/').to_owned(),
    };
    let mut known: Vec<String> = Vec::new();
    let mut refunds: HashMap<String, i64> = HashMap::new();
    for round in rounds {
        let answers = join_all(round.iter().map(|op| shop.play(op, &known))).await;
        for (op, answer) in round.iter().zip(answers) {
            let Some(answer) = answer else { continue };
            let id = answer["id"].as_str().expect("an id").to_owned();
            match op {
                Op::Pay { .. } if !known.contains(&id) => known.push(id),
                Op::Refund { minor, .. } => {
                    // The same key gives the same refund again; it is one effect.
                    refunds.insert(id, *minor);
                }
                _ => {}
            }
        }
        let books = books(&fake);
        let given_back: i64 = books.values().map(|book| book.refunded).sum();
        assert_eq!(given_back, refunds.values().sum::<i64>());
        assert_eq!(
            books.len(),
            known.len(),
            "each payment is in the book, once"
        );
        for book in books.values() {
            assert!(
                book.captured <= TOTAL && book.captured + book.released <= TOTAL,
                "{book:?}"
            );
            assert!(book.authorized == 0 || book.authorized == TOTAL, "{book:?}");
        }
    }
    fake.stop().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_more_is_given_back_than_was_taken(rounds in prop::collection::vec(prop::collection::vec(op(), 1..12), 1..6)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("a runtime").block_on(check(&rounds));
    }
}
