//! Accounts, sessions, passwords.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use jiff::Timestamp;
use serde_json::json;
use styk_shop::ManualClock;
use test_case::test_case;

use crate::harness::{Backend, Client, Stage, TestShop};

fn anna() -> serde_json::Value {
    json!({"email": "Anna@Example.com", "password": "testpass123", "first_name": "Anna", "last_name": "Petrova"})
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn registering_gives_the_user_and_its_token_under_both_names(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let answer = shop
        .visitor()
        .post("/api/auth/register/", anna())
        .await
        .expect(201);
    assert_eq!(answer.str("access_token"), answer.str("access"));
    assert_eq!(answer.str("token_type"), "Bearer");
    assert_eq!(answer.body["expires_in"], 86_400);
    assert_eq!(answer.body["user"]["email"], "anna@example.com");
    assert_eq!(answer.body["user"]["email_verified"], false);
    assert_eq!(answer.body["user"]["role"], "customer");
    let cookie = answer.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("shop_session=") && cookie.contains("HttpOnly"),
        "{cookie}"
    );
    assert!(
        cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
    assert!(
        !cookie.contains("Domain") && !cookie.contains("Secure"),
        "{cookie}"
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_address_can_be_registered_once_whatever_its_case(backend: Backend) {
    let shop = TestShop::start(backend).await;
    shop.visitor()
        .post("/api/auth/register/", anna())
        .await
        .expect(201);
    let mut again = anna();
    again["email"] = json!("anna@EXAMPLE.com");
    shop.visitor()
        .post("/api/auth/register/", again)
        .await
        .expect_error(409, "email_taken");
    assert_eq!(shop.db.int("SELECT COUNT(*) FROM users").await, 1);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn the_cookie_alone_is_a_session_after_register_and_after_login(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let browser = shop.browser();
    browser
        .post("/api/auth/register/", anna())
        .await
        .expect(201);
    browser.get("/api/users/profile/").await.expect(200);
    let other = shop.browser();
    other
        .get("/api/users/profile/")
        .await
        .expect_error(401, "unauthenticated");
    let login = json!({"email": "ANNA@example.com", "password": "testpass123"});
    other.post("/api/auth/login/", login).await.expect(200);
    other.get("/api/users/profile/").await.expect(200);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_get_the_same_answer(backend: Backend) {
    let shop = TestShop::start(backend).await;
    shop.visitor()
        .post("/api/auth/register/", anna())
        .await
        .expect(201);
    let login = async |email: &str| {
        let body = json!({"email": email, "password": "wrong-password"});
        shop.visitor()
            .post("/api/auth/login/", body)
            .await
            .expect_error(401, "bad_credentials")
    };
    let (known, unknown) = (
        login("anna@example.com").await,
        login("nobody@example.com").await,
    );
    assert_eq!(
        known.body["error"]["message"],
        unknown.body["error"]["message"]
    );
    assert_eq!(known.header("www-authenticate"), Some("Bearer"));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_bad_registration_names_all_its_fields(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let body = json!({"email": "anna", "password": "short", "first_name": ""});
    let answer = shop
        .visitor()
        .post("/api/auth/register/", body)
        .await
        .expect_error(400, "invalid");
    assert_eq!(
        answer.body["error"]["fields"],
        json!({
            "email": ["must be an e-mail address"],
            "first_name": ["must not be empty"],
            "last_name": ["is required"],
            "password": ["must have at least 8 characters"],
        })
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn changing_the_password_ends_the_other_sessions_only(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let here = shop.user().await;
    let login = json!({"email": "user0@example.com", "password": "testpass123"});
    let elsewhere = here.with_token(
        shop.visitor()
            .post("/api/auth/login/", login)
            .await
            .expect(200)
            .str("access"),
    );
    let wrong = json!({"old_password": "testpass124", "new_password": "new-password"});
    let refused = here
        .post("/api/auth/change-password/", wrong)
        .await
        .expect_error(400, "invalid");
    assert_eq!(
        refused.body["error"]["fields"],
        json!({"old_password": ["is not your password"]})
    );
    elsewhere.get("/api/users/profile/").await.expect(200);
    let right = json!({"old_password": "testpass123", "new_password": "new-password"});
    assert_eq!(
        here.post("/api/auth/change-password/", right)
            .await
            .expect(200)
            .body,
        json!({})
    );
    here.get("/api/users/profile/").await.expect(200);
    elsewhere
        .get("/api/users/profile/")
        .await
        .expect_error(401, "unauthenticated");
    let login = |password| json!({"email": "user0@example.com", "password": password});
    shop.visitor()
        .post("/api/auth/login/", login("testpass123"))
        .await
        .expect_error(401, "bad_credentials");
    shop.visitor()
        .post("/api/auth/login/", login("new-password"))
        .await
        .expect(200);
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn logging_out_ends_the_session_and_takes_the_cookie_away(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let answer = Client::send(user.request(Method::POST, "/api/auth/logout/"))
        .await
        .expect(204);
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
    user.get("/api/users/profile/")
        .await
        .expect_error(401, "unauthenticated");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_session_ends_after_a_day(backend: Backend) {
    let clock = Arc::new(ManualClock::at(
        Timestamp::from_second(1_800_000_000).unwrap(),
    ));
    let shop = TestShop::with(backend, |config| config.clock = clock.clone()).await;
    let user = shop.user().await;
    clock.advance(Duration::from_secs(86_399));
    user.get("/api/users/profile/").await.expect(200);
    clock.advance(Duration::from_secs(1));
    user.get("/api/users/profile/")
        .await
        .expect_error(401, "unauthenticated");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_token_that_was_not_mailed_verifies_nothing(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let body = json!({"token": "guess"});
    shop.visitor()
        .post("/api/auth/verify-email/", body)
        .await
        .expect_error(400, "invalid_token");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn neither_token_nor_password_is_in_the_database(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let hash = shop
        .db
        .texts("SELECT password_hash FROM users")
        .await
        .remove(0);
    assert!(hash.starts_with("$argon2id$"), "{hash}");
    let token_hash = shop
        .db
        .texts("SELECT token_hash FROM sessions")
        .await
        .remove(0);
    assert!(token_hash.len() == 64 && token_hash != user.token());
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_page_of_another_site_cannot_use_the_cookie(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let browser = shop.browser();
    browser
        .post("/api/auth/register/", anna())
        .await
        .expect(201);
    let change = |origin: &str| {
        let request = browser
            .request(Method::PUT, "/api/users/profile/")
            .json(&json!({"first_name": "Eva"}));
        Client::send(request.header("Origin", origin))
    };
    change("https://evil.example")
        .await
        .expect_error(403, "forbidden");
    change("null").await.expect_error(403, "forbidden");
    change(&shop.base_url()).await.expect(200);
    let reading = browser
        .request(Method::GET, "/api/users/profile/")
        .header("Origin", "https://evil.example");
    Client::send(reading).await.expect(200);
    let user = shop.user().await;
    let by_token = user
        .request(Method::PUT, "/api/users/profile/")
        .json(&json!({"first_name": "Eva"}));
    Client::send(by_token.header("Origin", "https://evil.example"))
        .await
        .expect(200);
}

/// The token in the only letter that asks to verify an address.
fn mailed_token(stage: &Stage) -> String {
    let letters = stage.outside.letters("email_verification");
    assert_eq!(letters.len(), 1, "{letters:?}");
    let (_, rest) = letters[0]["text"]
        .as_str()
        .unwrap()
        .split_once("token=")
        .unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn the_mailed_link_verifies_the_address_once(backend: Backend) {
    let stage = Stage::start(backend).await;
    let user = stage.shop.user().await;
    let token = json!({"token": mailed_token(&stage)});
    let visitor = stage.shop.visitor();
    let answer = visitor
        .post("/api/auth/verify-email/", token.clone())
        .await
        .expect(200);
    assert_eq!(answer.body, json!({"verified": true}));
    assert_eq!(
        user.get("/api/users/profile/").await.body["email_verified"],
        true
    );
    visitor
        .post("/api/auth/verify-email/", token)
        .await
        .expect_error(400, "invalid_token");
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_mailed_link_expires_after_two_days(backend: Backend) {
    let clock = Arc::new(ManualClock::at(
        Timestamp::from_second(1_800_000_000).unwrap(),
    ));
    let stage = Stage::with(backend, |config| config.clock = clock.clone()).await;
    stage.shop.user().await;
    let token = json!({"token": mailed_token(&stage)});
    clock.advance(Duration::from_secs(48 * 3_600));
    stage
        .shop
        .visitor()
        .post("/api/auth/verify-email/", token)
        .await
        .expect_error(400, "invalid_token");
}
