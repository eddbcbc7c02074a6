//! Messages: written with the change, handed over at once, not lost when the mail service is away.

use serde_json::json;
use test_case::test_case;

use crate::harness::{Backend, Reply, Stage, eventually, pay, words};

const SEND: &str = "POST /api/v1/emails/send";

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn the_verification_letter_opens_the_account(backend: Backend) {
    let stage = Stage::start(backend).await;
    let user = stage.shop.user().await;
    let letter = stage.outside.letters("email_verification").remove(0);
    assert_eq!(letter["to"], "user0@example.com");
    let text = letter["text"].as_str().unwrap();
    let token: String = text
        .split_once("token=")
        .unwrap()
        .1
        .chars()
        .take_while(|c| !c.is_whitespace())
        .collect();
    user.post("/api/auth/verify-email/", json!({"token": token}))
        .await
        .expect(200);
    assert_eq!(
        user.get("/api/users/profile/").await.expect(200).body["email_verified"],
        true
    );
    // The token opens an account, so it is not kept once the letter is gone.
    assert_eq!(
        stage
            .shop
            .db
            .int("SELECT COUNT(*) FROM notifications WHERE body <> ''")
            .await,
        0
    );
    let call = stage.outside.email.calls(SEND).remove(0);
    assert_eq!(
        call.key(),
        format!(
            "mail:{}",
            call.body["metadata"]["notification_id"].as_str().unwrap()
        )
    );
    stage.shop.check_settled().await;
}

#[test_case(Reply::Text(503, ""); "away")]
#[test_case(Reply::Text(404, ""); "a mock without expectations")]
#[test_case(Reply::Lost; "no answer")]
#[tokio::test]
async fn a_letter_that_cannot_be_sent_spoils_nothing_and_goes_out_later(trouble: Reply) {
    let stage = Stage::start(Backend::Sqlite).await;
    let (buyer, order) = stage.order().await;
    stage.outside.email.reply(SEND, trouble);
    pay(&buyer, &order).await.expect(200);
    assert_eq!(
        words(&buyer, &order).await,
        ("confirmed".to_owned(), "paid".to_owned())
    );
    // It was tried before the request returned.
    assert_eq!(stage.outside.letters("order_confirmation").len(), 1);
    stage.outside.email.reply(
        SEND,
        Reply::Json(202, json!({"id": "mail_1", "status": "queued"})),
    );
    stage.until("SELECT COUNT(*) FROM notifications WHERE template = 'order_confirmation' AND state = 'sent'", 1).await;
    let keys: Vec<String> = stage
        .outside
        .email
        .calls(SEND)
        .iter()
        .map(|call| call.key().to_owned())
        .collect();
    assert_eq!(
        keys.iter()
            .filter(|key| *key == keys.last().unwrap())
            .count(),
        keys.len() - 2,
        "{keys:?}"
    );
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn letters_outlive_a_dead_mail_service_and_a_dead_shop(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    stage.outside.email.reply(SEND, Reply::Silence);
    let paying = tokio::spawn({
        let (buyer, order) = (buyer.clone(), order.clone());
        async move { pay(&buyer, &order).await }
    });
    let outside = &stage.outside;
    let taken = || outside.letters("order_confirmation").len() == 1;
    eventually("the letter is taken", || {
        Box::pin(async move { taken().then_some(()) })
    })
    .await;
    let (db, outside) = stage.kill();
    assert!(paying.await.is_err(), "the buyer gets no answer");
    outside.email.reply(SEND, Reply::Text(202, ""));
    db.run("UPDATE outbox SET locked_until = 0 WHERE state = 'sending'")
        .await;
    let stage = Stage::on(db, outside, |_| {}).await;
    stage.until("SELECT COUNT(*) FROM notifications WHERE template = 'order_confirmation' AND state = 'sent'", 1).await;
    let letters = stage.outside.letters("order_confirmation");
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0]["metadata"], letters[1]["metadata"]);
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_letter_nobody_ever_takes_is_dead_and_visible(backend: Backend) {
    let stage = Stage::start(backend).await;
    stage.outside.email.reply(SEND, Reply::Text(500, ""));
    let (buyer, order) = stage.order().await;
    // The pauses between eight tries add up to two minutes, a hundredth of which is waited for.
    stage
        .until(
            "SELECT COUNT(*) FROM outbox WHERE state = 'dead' AND attempts = 8",
            2,
        )
        .await;
    let told = buyer
        .get(&format!("/api/notifications/order/{order}/"))
        .await
        .expect(200);
    assert_eq!(
        (&told.body[0]["status"], &told.body[0]["attempts"]),
        (&json!("dead"), &json!(8))
    );
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_letter_that_is_refused_is_dead_at_once(backend: Backend) {
    let stage = Stage::start(backend).await;
    stage.outside.email.reply(
        SEND,
        Reply::Json(422, json!({"error": {"code": "bad_address"}})),
    );
    let (buyer, order) = stage.order().await;
    let told = buyer
        .get(&format!("/api/notifications/order/{order}/"))
        .await
        .expect(200);
    assert_eq!(
        (&told.body[0]["status"], &told.body[0]["attempts"]),
        (&json!("dead"), &json!(1))
    );
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn while_the_mail_service_is_switched_off_letters_wait(backend: Backend) {
    let stage = Stage::with(backend, |config| config.email_service.enabled = false).await;
    let (buyer, order) = stage.order().await;
    pay(&buyer, &order).await.expect(200);
    assert!(stage.outside.email.calls(SEND).is_empty());
    let (db, outside) = (stage.shop.stop().await, stage.outside);
    db.run("UPDATE outbox SET next_attempt_at = 0").await;
    let stage = Stage::on(db, outside, |_| {}).await;
    stage
        .until("SELECT COUNT(*) FROM notifications WHERE state = 'sent'", 3)
        .await;
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_message_can_be_asked_for_and_is_listed(backend: Backend) {
    let stage = Stage::start(backend).await;
    let (buyer, order) = stage.order().await;
    let wish = json!({"order_id": order, "notification_type": "order_created"});
    let task = buyer
        .post("/api/notifications/send/", wish.clone())
        .await
        .expect(202);
    let ended = stage.task(&buyer, task.str("task_id")).await;
    assert_eq!(
        (ended.str("status"), ended.str("kind")),
        ("SUCCESS", "send_notification"),
        "{}",
        ended.text
    );
    assert_eq!(ended.body["result"]["status"], "sent");
    assert_eq!(stage.outside.letters("order_created").len(), 2);
    let told = buyer
        .get(&format!("/api/notifications/order/{order}/"))
        .await
        .expect(200);
    assert_eq!(told.body.as_array().unwrap().len(), 2);
    assert_eq!(
        (&told.body[1]["type"], &told.body[1]["to"]),
        (&json!("email"), &json!("user0@example.com"))
    );

    let stranger = stage.shop.user().await;
    stranger
        .post("/api/notifications/send/", wish)
        .await
        .expect_error(404, "not_found");
    stranger
        .get(&format!("/api/notifications/order/{order}/"))
        .await
        .expect_error(404, "not_found");
    let bad =
        json!({"order_id": order, "notification_type": "email_verification", "channel": "sms"});
    let refused = buyer
        .post("/api/notifications/send/", bad)
        .await
        .expect_error(400, "invalid");
    let fields = refused.body["error"]["fields"].as_object().unwrap();
    assert!(
        fields.contains_key("notification_type") && fields.contains_key("channel"),
        "{}",
        refused.text
    );
    stage.shop.check_settled().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_mail_service_that_asks_for_patience_gets_it(backend: Backend) {
    let stage = Stage::start(backend).await;
    stage.outside.email.reply(SEND, Reply::Busy(600));
    stage.order().await;
    // The usual pause would be a hundredth of a second; the wish of the service counts as it is.
    assert_eq!(
        stage
            .shop
            .db
            .int("SELECT COUNT(*) FROM outbox WHERE next_attempt_at < created_at + 500000000")
            .await,
        0
    );
    assert_eq!(stage.outside.email.calls(SEND).len(), 2);
}
