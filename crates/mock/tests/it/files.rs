//! Initialization files, their changes, and the file that expectations are kept in.

use std::future::Future;
use std::time::Duration;

use serde_json::json;
use styk_mock::{MockServer, Settings, StartError};

use crate::support::mock_from;

/// Asks again until it holds; it has to within ten seconds.
async fn eventually<F: Future<Output = bool>>(mut holds: impl FnMut() -> F) {
    let asking = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), asking)
        .await
        .expect("it holds in time");
}

fn settings(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings::default();
    change(&mut settings);
    settings
}

fn expectation(id: &str, body: &str) -> serde_json::Value {
    json!({"id": id, "httpRequest": {"path": format!("/{id}")}, "httpResponse": {"body": body}})
}

#[tokio::test]
async fn a_server_begins_with_its_files_and_follows_their_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("begin.json");
    std::fs::write(
        &file,
        json!([expectation("a", "one"), expectation("b", "two")]).to_string(),
    )
    .expect("written");
    let pattern = folder.path().join("*.json");
    let settings = settings(|settings| {
        settings.initialization_json_path = pattern.to_str().expect("text").to_owned();
        settings.watch_initialization_json = true;
        settings.watch_initialization_json_poll_period_millis = 10;
    });
    let mock = mock_from(MockServer::builder("payment").settings(settings)).await;
    assert_eq!(mock.get("/a").await.text, "one");
    assert_eq!(mock.get("/b").await.text, "two");
    std::fs::write(&file, json!([expectation("a", "changed")]).to_string()).expect("written");
    eventually(async || mock.get("/a").await.text == "changed").await;
    eventually(async || mock.get("/b").await.status == 404).await;
    std::fs::write(&file, "[{ nonsense").expect("written");
    std::fs::write(
        folder.path().join("more.json"),
        expectation("c", "three").to_string(),
    )
    .expect("written");
    assert_eq!(
        mock.get("/a").await.text,
        "changed",
        "a mistake keeps what was there"
    );
    std::fs::write(&file, "[]").expect("written");
    eventually(async || mock.get("/c").await.text == "three").await;
    eventually(async || mock.get("/a").await.status == 404).await;
}

#[tokio::test]
async fn a_mistake_may_keep_the_server_from_starting() {
    let settings = settings(|settings| {
        settings.initialization_json_path = "there/is/no/such/file.json".to_owned();
    });
    let lenient = MockServer::builder("payment")
        .settings(settings.clone())
        .start()
        .await;
    assert!(lenient.is_ok());
    let mut strict = settings;
    strict.fail_on_initialization_error = true;
    let error = MockServer::builder("payment")
        .settings(strict)
        .start()
        .await
        .expect_err("no such file");
    assert!(matches!(&error, StartError::Initialization { .. }));
    assert!(error.to_string().contains("no/such/file.json"), "{error}");
}

#[tokio::test]
async fn expectations_are_kept_and_begun_with_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("kept.json");
    let persisting = settings(|settings| {
        settings.persist_expectations = true;
        settings.persisted_expectations_path = file.to_str().expect("text").to_owned();
    });
    let mock = mock_from(MockServer::builder("payment").settings(persisting)).await;
    mock.expect(expectation("a", "one"));
    let kept = || std::fs::read_to_string(&file).unwrap_or_default();
    eventually(async || kept().contains("\"/a\"")).await;
    let beginning = settings(|settings| {
        settings.initialization_json_path = file.to_str().expect("text").to_owned();
    });
    let again = mock_from(MockServer::builder("payment").settings(beginning)).await;
    assert_eq!(again.get("/a").await.text, "one");
    mock.server.reset();
    eventually(async || !kept().contains("\"/a\"")).await;
}
