//! Random operations in parallel against the Stripe fake, with a small model of what may come of them.
//!
//! The invariants: no order pays more than it costs (M1), refunds never exceed what was taken and each takes effect
//! once (M3), one idempotency key stands for one effect (M6).

#[path = "stripe/client.rs"]
#[expect(dead_code, reason = "the other tests need more of the client")]
mod client;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use client::{Heard, Shop};
use futures_util::future::join_all;
use proptest::prelude::*;
use serde_json::Value;
use styk_core::{Effect, Movement};

/// What an order costs.
const TOTAL: i64 = 1000;
/// How many orders there are.
const ORDERS: usize = 4;
/// How the first orders stand before anything happens: paid, paid, money held.
const BEFORE: [bool; 3] = [false, false, true];

/// Something that a shop does.
#[derive(Clone, Debug)]
enum Act {
    /// Pays an order that has no payment that may still come to something.
    Pay {
        order: usize,
        card: &'static str,
        is_held: bool,
    },
    Capture {
        order: usize,
        amount: i64,
    },
    Cancel {
        order: usize,
    },
    Refund {
        order: usize,
        amount: Option<i64>,
        key: Option<u8>,
    },
}

/// What the shop knows of its orders, from the answers alone.
#[derive(Debug, Default)]
struct Model {
    /// The payment of each order.
    payments: BTreeMap<usize, String>,
    /// The refunds it was told of, by id, with order and amount.
    refunds: BTreeMap<String, (usize, i64)>,
}

fn acts() -> impl Strategy<Value = Vec<Vec<Act>>> {
    let order = 0..ORDERS;
    let amount = prop_oneof![Just(1), Just(300), Just(500), Just(TOTAL), Just(TOTAL + 1)];
    let card = prop_oneof![2 => Just("pm_card_visa"), 1 => Just("pm_card_chargeDeclined")];
    let key = prop_oneof![3 => Just(None), 1 => (0..3_u8).prop_map(Some)];
    let act = prop_oneof![
        1 => (order.clone(), card, any::<bool>())
            .prop_map(|(order, card, is_held)| Act::Pay { order, card, is_held }),
        2 => (order.clone(), amount.clone())
            .prop_map(|(order, amount)| Act::Capture { order, amount }),
        1 => order.clone().prop_map(|order| Act::Cancel { order }),
        8 => (order, prop::option::of(amount), key)
            .prop_map(|(order, amount, key)| Act::Refund { order, amount, key }),
    ];
    prop::collection::vec(prop::collection::vec(act, 1..10), 1..10)
}

impl Model {
    /// Does an act; `None` when there is nothing to do it to.
    async fn perform(&self, shop: &Shop, act: &Act) -> Option<Heard> {
        let payment = |order: &usize| self.payments.get(order);
        match act {
            Act::Pay {
                order,
                card,
                is_held,
            } => {
                if payment(order).is_some() {
                    return None;
                }
                let capture = if *is_held { "manual" } else { "automatic" };
                let form = format!(
                    "amount={TOTAL}&currency=usd&confirm=true&payment_method={card}&payment_method_types[]=card&capture_method={capture}&metadata[order_id]=order-{order}"
                );
                // One key for one order: however often it is paid at once, one payment comes of it.
                Some(
                    shop.once(&format!("pay-{order}-{card}"), "/v1/payment_intents", &form)
                        .await,
                )
            }
            Act::Capture { order, amount } => {
                let path = format!("/v1/payment_intents/{}/capture", payment(order)?);
                Some(
                    shop.post(&path, &format!("amount_to_capture={amount}"))
                        .await,
                )
            }
            Act::Cancel { order } => Some(
                shop.post(
                    &format!("/v1/payment_intents/{}/cancel", payment(order)?),
                    "",
                )
                .await,
            ),
            Act::Refund { order, amount, key } => {
                let mut form = format!("payment_intent={}", payment(order)?);
                if let Some(amount) = amount {
                    form += &format!("&amount={amount}");
                }
                Some(match key {
                    Some(key) => {
                        shop.once(&format!("refund-{key}"), "/v1/refunds", &form)
                            .await
                    }
                    None => shop.post("/v1/refunds", &form).await,
                })
            }
        }
    }

    /// Learns from an answer.
    fn learn(&mut self, act: &Act, heard: &Heard) {
        let status = heard.status.as_u16();
        assert!(
            matches!(status, 200 | 400 | 402 | 409),
            "{act:?}: {}",
            heard.text
        );
        let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
        match (act, status) {
            (Act::Pay { order, .. }, 200) => {
                let first = self
                    .payments
                    .entry(*order)
                    .or_insert_with(|| id(&heard.body));
                // Held or not makes other parameters; the key lets only one of the two happen.
                assert_eq!(*first, id(&heard.body), "{act:?}");
            }
            (Act::Refund { order, .. }, 200) => {
                let amount = heard.body["amount"].as_i64().expect("an amount");
                let known = self.refunds.insert(id(&heard.body), (*order, amount));
                assert!(
                    known.is_none_or(|known| known == (*order, amount)),
                    "{act:?}"
                );
            }
            _ => {}
        }
    }

    /// Holds the answers, the objects and the ledger against each other.
    async fn check(&self, shop: &Shop) {
        let mut keys = BTreeSet::new();
        let mut sums: HashMap<(String, Movement), i64> = HashMap::new();
        for entry in shop.fake.ledger().entries() {
            let Effect::Money { movement, amount } = entry.effect else {
                continue;
            };
            *sums.entry((entry.object.clone(), movement)).or_default() += amount.minor;
            if let (Some(key), Movement::Refunded) = (&entry.key, movement) {
                assert!(
                    keys.insert(key.clone()),
                    "M6: the key {key} has two effects"
                );
            }
        }
        for (order, payment) in &self.payments {
            let sum = |movement| {
                sums.get(&(payment.clone(), movement))
                    .copied()
                    .unwrap_or_default()
            };
            let (captured, refunded) = (sum(Movement::Captured), sum(Movement::Refunded));
            assert!(captured <= TOTAL, "M1: order {order} paid {captured}");
            assert!(
                refunded <= captured,
                "M3: {refunded} of {captured} refunded"
            );
            let told: i64 = self
                .refunds
                .values()
                .filter(|(of, _)| of == order)
                .map(|(_, amount)| amount)
                .sum();
            assert_eq!(told, refunded, "M3: every refund has one effect");
            let path = format!("/v1/payment_intents/{payment}?expand[]=latest_charge");
            let intent = shop.read(&path).await;
            assert_eq!(intent["amount_received"], captured);
            let released = sum(Movement::Released);
            assert_eq!(
                intent["latest_charge"]["amount_refunded"],
                refunded + released
            );
            let held = sum(Movement::Authorized);
            assert!(held == 0 || captured + released <= held);
        }
    }
}

/// What a single act must come to, told from the objects as they are.
async fn expected(model: &Model, shop: &Shop, act: &Act) -> Option<bool> {
    let (Act::Capture { order, .. }
    | Act::Cancel { order }
    | Act::Refund {
        order, key: None, ..
    }) = act
    else {
        return None;
    };
    let payment = model.payments.get(order)?;
    let intent = shop
        .read(&format!(
            "/v1/payment_intents/{payment}?expand[]=latest_charge"
        ))
        .await;
    let is_held = intent["status"] == "requires_capture";
    Some(match act {
        Act::Capture { amount, .. } => is_held && *amount <= TOTAL,
        Act::Cancel { .. } => is_held,
        Act::Refund { amount, .. } => {
            let back = model
                .refunds
                .values()
                .filter(|(of, _)| of == order)
                .map(|(_, amount)| amount);
            let left = intent["amount_received"].as_i64().expect("an amount") - back.sum::<i64>();
            !is_held && amount.unwrap_or(1) <= left && left > 0
        }
        Act::Pay { .. } => return None,
    })
}

async fn play(batches: Vec<Vec<Act>>) {
    let shop = Shop::open().await;
    let mut model = Model::default();
    for (order, is_held) in BEFORE.into_iter().enumerate() {
        let pay = Act::Pay {
            order,
            card: "pm_card_visa",
            is_held,
        };
        let heard = model.perform(&shop, &pay).await.expect("a call");
        model.learn(&pay, &heard);
    }
    for batch in batches {
        let predicted = match &batch[..] {
            [act] => expected(&model, &shop, act).await,
            _ => None,
        };
        let heard = join_all(batch.iter().map(|act| model.perform(&shop, act))).await;
        for (act, heard) in batch.iter().zip(&heard) {
            if let Some(heard) = heard {
                model.learn(act, heard);
                if let Some(predicted) = predicted {
                    assert_eq!(heard.status == 200, predicted, "{act:?}: {}", heard.text);
                }
            }
        }
        model.check(&shop).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_parallel_operations_moves_money_twice(batches in acts()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("a runtime").block_on(play(batches));
    }
}
