//! The profile.

use serde_json::json;
use test_case::test_case;

use crate::harness::{Backend, TestShop};

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_profile_is_changed_in_part(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let changed = user
        .put("/api/users/profile/", json!({"first_name": "Eva"}))
        .await
        .expect(200);
    assert_eq!(changed.str("first_name"), "Eva");
    assert_eq!(changed.str("last_name"), "Petrova");
    assert_eq!(changed.str("phone"), "+79001234567");
    let read = user.get("/api/users/profile/").await.expect(200);
    assert_eq!(read.body, changed.body);
    assert!(read.str("created_at").ends_with('Z'));
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn an_empty_name_is_refused_and_nothing_changes(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let answer = user
        .put(
            "/api/users/profile/",
            json!({"first_name": " ", "last_name": "Ivanova"}),
        )
        .await;
    assert_eq!(
        answer.expect_error(400, "invalid").body["error"]["fields"]["first_name"],
        json!(["must not be empty"])
    );
    assert_eq!(
        user.get("/api/users/profile/").await.str("last_name"),
        "Petrova"
    );
}
