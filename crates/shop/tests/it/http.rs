//! What holds for every request: slashes, ids, errors, limits, the test reset.

use http::Method;
use serde_json::json;
use styk_shop::Profile;
use test_case::test_case;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{Backend, Client, TestShop};

#[tokio::test]
async fn every_path_works_with_and_without_its_final_slash() {
    let shop = TestShop::start(Backend::Sqlite).await;
    for path in [
        "/live",
        "/live/",
        "/api/products",
        "/api/products/",
        "/api/products/?limit=1",
    ] {
        shop.visitor().get(path).await.expect(200);
    }
}

#[tokio::test]
async fn the_request_id_is_taken_or_made_and_stands_in_errors() {
    let shop = TestShop::start(Backend::Sqlite).await;
    let named = shop
        .visitor()
        .request(Method::GET, "/api/nothing/")
        .header("X-Request-Id", "my-id-1");
    let answer = Client::send(named).await.expect_error(404, "not_found");
    assert_eq!(answer.header("x-request-id"), Some("my-id-1"));
    assert_eq!(answer.body["error"]["request_id"], "my-id-1");
    let strange = shop
        .visitor()
        .request(Method::GET, "/live/")
        .header("X-Request-Id", "two words");
    let made = Client::send(strange).await.expect(200);
    assert_eq!(made.header("x-request-id").map(str::len), Some(36));
}

#[tokio::test]
async fn every_error_is_json() {
    let shop = TestShop::start(Backend::Sqlite).await;
    let (visitor, user) = (shop.visitor(), shop.user().await);
    visitor.get("/").await.expect_error(404, "not_found");
    visitor
        .delete("/api/orders/")
        .await
        .expect_error(405, "method_not_allowed");
    visitor
        .get("/api/products/%FF/")
        .await
        .expect_error(404, "not_found");
    let form = visitor
        .request(Method::POST, "/api/auth/login/")
        .form(&[("email", "a")]);
    Client::send(form)
        .await
        .expect_error(415, "unsupported_media_type");
    let broken = visitor
        .request(Method::POST, "/api/auth/login/")
        .header("Content-Type", "application/json")
        .body("{");
    Client::send(broken).await.expect_error(400, "invalid_json");
    let zero = json!({"first_name": "a\u{0}b"});
    user.put("/api/users/profile/", zero)
        .await
        .expect_error(400, "invalid");
    let deep = format!("{{\"items\": {}", "[".repeat(100_000));
    let deep = user
        .request(Method::POST, "/api/orders/")
        .header("Content-Type", "application/json")
        .body(deep);
    Client::send(deep).await.expect_error(400, "invalid_json");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_413() {
    let shop = TestShop::start(Backend::Sqlite).await;
    let body = json!({"email": "a@b", "password": "x".repeat(1_100_000)});
    shop.visitor()
        .post("/api/auth/login/", body)
        .await
        .expect_error(413, "payload_too_large");
}

#[tokio::test]
async fn work_is_finished_when_the_client_hangs_up() {
    let shop = TestShop::start(Backend::Sqlite).await;
    let user = shop.user().await;
    let product = shop.product(&user, "A", 50).await;
    let body = json!({"product_id": product, "quantity": 5}).to_string();
    let address = shop.base_url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "PUT /api/products/{product}/inventory/ HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        user.token(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    drop(stream);
    let sold = async {
        while shop.db.int("SELECT on_hand FROM stock").await != 45 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), sold)
        .await
        .expect("the sale is made");
}

#[tokio::test]
async fn a_second_request_on_the_same_connection_is_answered() {
    let shop = TestShop::start(Backend::Sqlite).await;
    let address = shop.base_url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    for _ in 0..2 {
        stream
            .write_all(format!("GET /live HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut answer = vec![0; 4_096];
        let length = stream.read(&mut answer).await.unwrap();
        assert!(answer[..length].starts_with(b"HTTP/1.1 200"));
    }
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn the_test_reset_empties_the_shop_for_those_who_have_the_token(backend: Backend) {
    let shop = TestShop::with(backend, |config| {
        config.test_reset_token = Some("sesame".to_owned());
    })
    .await;
    let user = shop.user().await;
    let product = shop.product(&user, "A", 50).await;
    shop.order(&user, &product, 1).await;
    let reset = |token: &str| {
        Client::send(
            shop.visitor()
                .request(Method::POST, "/api/testing/reset/")
                .header("X-Test-Reset-Token", token),
        )
    };
    reset("wrong").await.expect_error(403, "forbidden");
    user.get("/api/users/profile/").await.expect(200);
    reset("sesame").await.expect(204);
    user.get("/api/users/profile/")
        .await
        .expect_error(401, "unauthenticated");
    assert_eq!(
        shop.visitor().get("/api/products/").await.body["items"],
        json!([])
    );
    let again = shop.user().await;
    shop.product(&again, "A", 50).await;
}

#[tokio::test]
async fn without_a_token_or_in_production_there_is_no_test_reset() {
    let shop = TestShop::start(Backend::Sqlite).await;
    shop.visitor()
        .post("/api/testing/reset/", json!({}))
        .await
        .expect_error(404, "not_found");
    let production = TestShop::with(Backend::Sqlite, |config| {
        config.profile = Profile::Production;
        config.test_reset_token = Some("sesame".to_owned());
    })
    .await;
    let request = production
        .visitor()
        .request(Method::POST, "/api/testing/reset/");
    Client::send(request.header("X-Test-Reset-Token", "sesame"))
        .await
        .expect_error(404, "not_found");
}
