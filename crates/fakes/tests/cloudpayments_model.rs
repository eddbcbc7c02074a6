//! Random operations in parallel, against the laws of money: never more given back than taken, never more taken than
//! set aside.

use std::collections::HashMap;

use futures_util::future::join_all;
use proptest::prelude::*;
use serde_json::{Value, json};
use styk_core::{Effect, Movement};
use styk_fakes::payments::cloudpayments::KIND;
use styk_fakes::{Fake, FakeOptions};

#[derive(Clone, Debug)]
enum Act {
    Confirm(i64),
    Void,
    Refund(i64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        (1..120_i64).prop_map(Act::Confirm),
        Just(Act::Void),
        (1..120_i64).prop_map(Act::Refund),
        (1..60_i64).prop_map(Act::Refund),
    ];
    prop::collection::vec(act, 1..16)
}

async fn post(fake: &Fake, http: &reqwest::Client, path: &str, body: Value) -> Value {
    let url = fake.url().join(path).expect("an address");
    let request = http.post(url).basic_auth("pk", Some("secret")).json(&body);
    let answer = request.send().await.expect("an answer");
    answer.json().await.expect("JSON")
}

async fn play(is_two_stage: bool, acts: Vec<Act>) {
    let fake = Fake::start(KIND, FakeOptions::default())
        .await
        .expect("a fake");
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let path = if is_two_stage {
        "payments/cards/auth"
    } else {
        "payments/cards/charge"
    };
    let card = json!({"Amount": 100, "IpAddress": "1.1.1.1", "CardCryptogramPacket": "014000003055341204QUJD"});
    let made = post(&fake, &http, path, card).await;
    let id = made["Model"]["TransactionId"].clone();
    let calls = acts.iter().map(|act| {
        let (path, body) = match act {
            Act::Confirm(amount) => (
                "payments/confirm",
                json!({"TransactionId": id, "Amount": amount}),
            ),
            Act::Void => ("payments/void", json!({"TransactionId": id})),
            Act::Refund(amount) => (
                "payments/refund",
                json!({"TransactionId": id, "Amount": amount}),
            ),
        };
        post(&fake, &http, path, body)
    });
    let answers = join_all(calls).await;
    let mut refunds_done = 0;
    for (act, answer) in acts.iter().zip(&answers) {
        if let (Act::Refund(amount), true) = (act, answer["Success"] == true) {
            refunds_done += amount * 100;
        }
    }
    let mut sums: HashMap<Movement, i64> = HashMap::new();
    let sum = |sums: &HashMap<Movement, i64>, movement| sums.get(&movement).copied().unwrap_or(0);
    for entry in fake.ledger().entries() {
        if let Effect::Money { movement, amount } = entry.effect {
            *sums.entry(movement).or_default() += amount.minor;
        }
        let (taken, back) = (
            sum(&sums, Movement::Captured),
            sum(&sums, Movement::Refunded),
        );
        assert!(back <= taken && taken <= 10_000, "{acts:?}: {sums:?}");
    }
    let over = sum(&sums, Movement::Captured) + sum(&sums, Movement::Released);
    assert!(!is_two_stage || over == 0 || over == 10_000, "{sums:?}");
    assert_eq!(
        sum(&sums, Movement::Refunded),
        refunds_done,
        "each refund takes effect once"
    );
    let state = post(&fake, &http, "payments/get", json!({"TransactionId": id})).await;
    let is_taken = state["Model"]["Status"] == "Completed";
    assert_eq!(is_taken, sum(&sums, Movement::Captured) > 0);
    fake.stop().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_operations_breaks_the_ledger(is_two_stage: bool, acts in acts()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("a runtime").block_on(play(is_two_stage, acts));
    }
}
