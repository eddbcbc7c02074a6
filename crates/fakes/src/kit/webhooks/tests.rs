//! A real receiver, a clock that stands still, and one outbox.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use styk_core::{Clock, Fault, Headers, Journal};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::kit::Timers;
use crate::kit::faults::Faults;
use crate::kit::record::Recorder;

const DEADLINE: Duration = Duration::from_secs(10);

/// A shop that writes down what it got, and answers as it is told; 200 when it is told nothing more.
#[derive(Clone, Debug)]
struct Shop {
    url: String,
    got: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<Vec<u16>>>,
    news: watch::Sender<usize>,
}

impl Shop {
    async fn open(answers: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let shop = Self {
            url: format!("http://{}/hook", listener.local_addr().expect("an address")),
            got: Arc::default(),
            answers: Arc::new(Mutex::new(answers.iter().rev().copied().collect())),
            news: watch::channel(0).0,
        };
        let serving = shop.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let shop = serving.clone();
                tokio::spawn(async move {
                    let mut buffer = [0; 4096];
                    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
                        let body = text.split("\r\n\r\n").nth(1).unwrap_or_default();
                        shop.got.lock().expect("no panic").push(body.to_owned());
                        let status = shop.answers.lock().expect("no panic").pop();
                        let status = status.unwrap_or(200);
                        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
                        shop.news.send_modify(|count| *count += 1);
                        if stream.write_all(answer.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        shop
    }

    /// What it got, as soon as it is so many.
    async fn got(&self, count: usize) -> Vec<String> {
        let mut news = self.news.subscribe();
        let enough = news.wait_for(|seen| *seen >= count);
        let waited = tokio::time::timeout(DEADLINE, enough).await;
        assert!(
            waited.is_ok(),
            "only {:?} came",
            self.got.lock().expect("no panic")
        );
        self.got.lock().expect("no panic").clone()
    }
}

#[derive(Debug)]
struct Word(&'static str);

impl Message for Word {
    fn request(&self, endpoint: &Endpoint, attempt: &Try) -> WebhookRequest {
        let twist = attempt.twist.map(|twist| format!(" {twist:?}"));
        let body = format!(
            "{} {}{}",
            self.0,
            attempt.at.as_second(),
            twist.unwrap_or_default()
        );
        WebhookRequest {
            method: Method::POST,
            url: endpoint.url.clone(),
            headers: Headers::new(),
            body: Bytes::from(body),
        }
    }
}

struct Bench {
    outbox: Outbox,
    clock: Clock,
    faults: Faults,
    shop: Shop,
}

impl Bench {
    async fn new(answers: &[u16]) -> Self {
        let clock = Clock::manual(jiff::Timestamp::from_second(1_000_000).expect("a time"));
        let faults = Faults::default();
        let timers = Timers::new(clock.clone(), CancellationToken::new());
        let recorder = Recorder::new(Journal::default(), "shop", "bank");
        let outbox = Outbox::new(
            clock.clone(),
            recorder,
            timers,
            faults.clone(),
            Pauses::Short,
        );
        Self {
            outbox: outbox.expect("an outbox"),
            clock,
            faults,
            shop: Shop::open(answers).await,
        }
    }

    fn fault(&self, json: serde_json::Value) {
        let fault: Fault = serde_json::from_value(json).expect("a fault");
        self.faults.arm(fault).expect("armed");
    }

    fn send(&self, word: &'static str) {
        self.send_of("pay_1", None, word);
    }

    fn send_of(&self, object: &str, order: Option<&str>, word: &'static str) {
        let notice = Notice {
            account: "a".to_owned(),
            event: word.to_owned(),
            event_id: Some(format!("evt_{word}")),
            object: object.to_owned(),
            order: order.map(str::to_owned),
            endpoint: Endpoint {
                id: "we_1".to_owned(),
                url: self.shop.url.clone(),
            },
            message: Arc::new(Word(word)),
        };
        self.outbox.send(notice, None);
    }

    /// Waits until the deliveries are as they should.
    async fn settled(&self, states: &[DeliveryState]) {
        let mut changes = self.outbox.changes();
        let so = async {
            loop {
                changes.borrow_and_update();
                let seen: Vec<_> = self.outbox.deliveries().iter().map(|d| d.state).collect();
                if seen == states {
                    return;
                }
                changes.changed().await.expect("the outbox lives");
            }
        };
        let waited = tokio::time::timeout(DEADLINE, so).await;
        assert!(waited.is_ok(), "{:?}", self.outbox.deliveries());
    }

    /// Moves the clock until the shop has got so many.
    async fn got_in_time(&self, count: usize) -> Vec<String> {
        let moving = async {
            loop {
                tokio::time::sleep(Duration::from_millis(1)).await;
                self.clock.advance(Duration::from_millis(250));
            }
        };
        tokio::select! {
            got = self.shop.got(count) => got,
            () = moving => unreachable!("it moves for ever"),
        }
    }
}

#[tokio::test]
async fn webhooks_of_one_endpoint_arrive_in_their_order() {
    let bench = Bench::new(&[]).await;
    for word in ["one", "two", "three"] {
        bench.send(word);
    }
    let got = bench.shop.got(3).await;
    assert_eq!(got, ["one 1000000", "two 1000000", "three 1000000"]);
    bench.settled(&[DeliveryState::Delivered; 3]).await;
    assert_eq!(bench.outbox.missing("evt_one"), 0);
}

#[tokio::test]
async fn what_is_refused_is_tried_again_with_a_new_time() {
    let bench = Bench::new(&[500, 302]).await;
    bench.send("paid");
    bench.shop.got(1).await;
    assert_eq!(bench.outbox.missing("evt_paid"), 1);
    let got = bench.got_in_time(3).await;
    let times: Vec<_> = got.iter().map(|body| body.split(' ').nth(1)).collect();
    assert!(times[0] < times[1] && times[1] < times[2], "{got:?}");
    bench.settled(&[DeliveryState::Delivered]).await;
    assert_eq!(bench.outbox.deliveries()[0].tries, 3);
}

#[tokio::test]
async fn what_is_given_up_stays_missing_and_what_is_cancelled_does_not() {
    let bench = Bench::new(&[500; 8]).await;
    bench.send("paid");
    bench.got_in_time(8).await;
    bench.settled(&[DeliveryState::Failed]).await;
    assert_eq!(bench.outbox.missing("evt_paid"), 1);
    let bench = Bench::new(&[500]).await;
    bench.send("paid");
    bench.shop.got(1).await;
    bench.outbox.cancel("we_1");
    tokio::select! {
        () = bench.settled(&[DeliveryState::Cancelled]) => {}
        got = bench.got_in_time(2) => panic!("{got:?}"),
    }
    assert_eq!(bench.outbox.missing("evt_paid"), 0);
}

#[tokio::test]
async fn a_removed_endpoint_hears_nothing_further() {
    let bench = Bench::new(&[500]).await;
    bench.send("paid");
    bench.shop.got(1).await;
    bench.outbox.cancel("we_1");
    let states = [DeliveryState::Cancelled];
    tokio::select! {
        () = bench.settled(&states) => {}
        got = bench.got_in_time(2) => panic!("{got:?}"),
    }
}

#[tokio::test]
async fn a_delivery_can_be_sent_again_by_hand() {
    let bench = Bench::new(&[]).await;
    bench.send("paid");
    bench.settled(&[DeliveryState::Delivered]).await;
    assert_eq!(bench.outbox.resend(1), Some(2));
    assert_eq!(bench.shop.got(2).await.len(), 2);
    assert_eq!(bench.outbox.resend(9), None);
}

#[tokio::test]
async fn mishaps_befall_webhooks() {
    for (fault, wanted) in [
        ("webhook_duplicated_at_once", &["a", "a", "b"][..]),
        ("webhook_forged", &["a WrongSignature", "a", "b"]),
        ("webhook_foreign", &["a Foreign", "a", "b"]),
        ("webhook_amount_changed", &["a AmountChanged", "a", "b"]),
        ("webhook_unknown_type", &["a UnknownType", "a", "b"]),
        ("webhook_reencoded", &["a Reencoded", "b"]),
        ("webhook_lost", &["b"]),
        ("webhook_reordered", &["b", "a"]),
    ] {
        let bench = Bench::new(&[]).await;
        bench.fault(serde_json::json!({"kind": fault, "on": {"operation": "a"}}));
        bench.send("a");
        bench.send("b");
        let got = bench.shop.got(wanted.len()).await;
        let got: Vec<_> = got
            .iter()
            .map(|body| body.replace(" 1000000", ""))
            .collect();
        if fault == "webhook_duplicated_at_once" {
            // The twin need not be first.
            assert_eq!(got.iter().filter(|body| *body == "a").count(), 2, "{got:?}");
        } else {
            assert_eq!(got, wanted, "{fault}");
        }
        assert_eq!(bench.faults.list()[0].fired, 1, "{fault}");
    }
}

#[tokio::test]
async fn a_reordered_payment_waits_for_the_refund_of_its_order() {
    let bench = Bench::new(&[]).await;
    bench.fault(serde_json::json!({"kind": "webhook_reordered", "on": {"operation": "a"}}));
    bench.send_of("pay_1", Some("o1"), "a");
    bench.send_of("pay_2", Some("o2"), "b");
    bench.send_of("refund_1", Some("o1"), "c");
    assert_eq!(
        bench.shop.got(3).await,
        ["b 1000000", "c 1000000", "a 1000000"]
    );
}

#[tokio::test]
async fn an_older_one_comes_again_after_a_newer_one() {
    let bench = Bench::new(&[]).await;
    bench.fault(serde_json::json!({"kind": "webhook_regressed", "on": {"operation": "b"}}));
    bench.send("a");
    bench.send("b");
    let got = bench.shop.got(3).await;
    assert_eq!(got, ["a 1000000", "b 1000000", "a 1000000"]);
}

#[tokio::test]
async fn a_replayed_one_is_signed_long_ago() {
    let bench = Bench::new(&[]).await;
    bench.fault(serde_json::json!({"kind": "webhook_replayed", "params": {"age": "10s"}}));
    bench.send("a");
    assert_eq!(bench.shop.got(2).await, ["a 1000000", "a 999990"]);
}

#[tokio::test]
async fn a_late_one_waits_on_the_clock_and_holds_up_nobody() {
    let bench = Bench::new(&[]).await;
    bench.fault(serde_json::json!({"kind": "webhook_late", "params": {"delay": "60s"}, "on": {"operation": "a"}}));
    bench.send("a");
    bench.send("b");
    assert_eq!(bench.shop.got(1).await, ["b 1000000"]);
    let got = bench.got_in_time(2).await;
    assert!(got[1].starts_with("a "), "{got:?}");
}

#[tokio::test]
async fn one_lost_until_its_second_try_arrives_then() {
    let bench = Bench::new(&[]).await;
    bench.fault(serde_json::json!({"kind": "webhook_lost_until", "params": {"try": 3}}));
    bench.send("a");
    bench.got_in_time(1).await;
    bench.settled(&[DeliveryState::Delivered]).await;
    assert_eq!(bench.outbox.deliveries()[0].tries, 3);
}

#[tokio::test]
async fn a_question_is_asked_once() {
    let bench = Bench::new(&[503]).await;
    let notice = Notice {
        account: "a".to_owned(),
        event: "Check".to_owned(),
        event_id: None,
        object: "1".to_owned(),
        order: None,
        endpoint: Endpoint {
            id: "check".to_owned(),
            url: bench.shop.url.clone(),
        },
        message: Arc::new(Word("check")),
    };
    let answer = bench.outbox.ask(notice.clone(), DEADLINE).await;
    assert_eq!(
        answer.map(|(status, _)| status),
        Ok(StatusCode::SERVICE_UNAVAILABLE)
    );
    let nowhere = Notice {
        endpoint: Endpoint {
            id: "check".to_owned(),
            url: "http://127.0.0.1:1/".to_owned(),
        },
        ..notice
    };
    let refused = bench
        .outbox
        .ask(nowhere, DEADLINE)
        .await
        .expect_err("nobody is there");
    assert!(refused.contains("refused"), "{refused}");
}
