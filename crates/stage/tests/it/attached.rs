use std::time::Duration;

use serde_json::json;
use styk_core::{Clock, Journal};
use styk_mock::MockServer;
use styk_stage::{MockAddress, Stage, StageError};

use crate::support::{TinyShop, attached, context, free_port, is_open, mock, url_of};

const LIMIT: Duration = Duration::from_secs(10);

async fn foreign_server() -> MockServer {
    MockServer::builder("elsewhere")
        .port(0)
        .journal(Journal::default())
        .clock(Clock::system())
        .start()
        .await
        .expect("a server")
}

async fn get(url: &str) -> u16 {
    reqwest::get(url)
        .await
        .expect("an answer")
        .status()
        .as_u16()
}

#[tokio::test]
async fn a_free_port_gets_our_mock() {
    let shop = TinyShop::ready().await;
    let port = free_port().await;
    let addresses = [
        ("payment", MockAddress::Port(port)),
        ("email", MockAddress::At(url_of(free_port().await))),
    ];
    let mocks = addresses.map(|(name, address)| mock(name, address));
    let spec = attached(shop.url(), LIMIT, mocks.into());
    let stage = Stage::start(&spec, context()).await.expect("it stands");
    assert_eq!(stage.values()["payment"]["port"], port);
    assert_eq!(get(&format!("http://127.0.0.1:{port}/x")).await, 404);
    assert_eq!(stage.journal().exchanges().len(), 1);
    stage.stop().await;
    assert!(!is_open(port).await);
}

#[tokio::test]
async fn a_running_mock_server_is_used_over_its_control_plane() {
    let shop = TinyShop::ready().await;
    let server = foreign_server().await;
    let call = format!(
        "{}/api/pay?a=1",
        url_of(server.port()).as_str().trim_end_matches('/')
    );
    // What happened before the stage is none of its business.
    assert_eq!(get(&call).await, 404);

    let mut spec = mock("payment", MockAddress::Port(server.port()));
    spec.expectations = vec![json!({
        "httpRequest": {"path": "/base"}, "httpResponse": {"statusCode": 204},
    })];
    let spec = attached(shop.url(), LIMIT, vec![spec]);
    let stage = Stage::start(&spec, context()).await.expect("it stands");
    let expectation = json!({"httpRequest": {"path": "/api/pay"}, "httpResponse": {"statusCode": 201, "body": "paid"}});
    let ids = stage
        .mocks()
        .expect("payment", &expectation)
        .await
        .expect("taken");
    assert_eq!(ids.len(), 1);
    assert_eq!(get(&call).await, 201);
    assert_eq!(get(&call).await, 201);

    stage.mocks().refresh().await.expect("a log");
    stage.mocks().refresh().await.expect("a log");
    let exchanges = stage.journal().exchanges();
    let seen: Vec<_> = exchanges
        .iter()
        .map(|exchange| {
            let response = exchange.response().map(|response| response.status.as_u16());
            (
                exchange.operation().to_owned(),
                exchange.edge().to_string(),
                response,
            )
        })
        .collect();
    let one = (
        "GET /api/pay".to_owned(),
        "shop → payment".to_owned(),
        Some(201),
    );
    assert_eq!(seen, [one.clone(), one]);
    assert_eq!(exchanges[0].attribute("server"), Some("payment"));
    let query = exchanges[0]
        .request()
        .map(|request| request.uri.to_string());
    assert_eq!(query.as_deref(), Some("/api/pay?a=1"));

    stage
        .mocks()
        .remove("payment", &ids[0])
        .await
        .expect("removed");
    stage
        .mocks()
        .remove("payment", &ids[0])
        .await
        .expect("gone already is no error");
    assert_eq!(get(&call).await, 404);
    let base = format!("http://127.0.0.1:{}/base", server.port());
    assert_eq!(get(&base).await, 204);
    stage.stop().await;
    // It was not ours, so it lives on, without what we brought.
    assert_eq!(get(&base).await, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_port_with_something_else_is_an_error_that_names_it() {
    let shop = TinyShop::ready().await;
    let other = TinyShop::ready().await;
    let port = other.address.port();
    let mocks = vec![mock("payment", MockAddress::Port(port))];
    let spec = attached(shop.url(), LIMIT, mocks);
    let error = Stage::start(&spec, context()).await.expect_err("in use");
    let text = error.to_diagnostic().render();
    assert!(
        text.starts_with(&format!(
            "error[E0501]: port {port} for mock `payment` is in use\n"
        )),
        "{text}"
    );
    assert!(text.contains("404"), "{text}");
    assert!(text.contains("PAYMENT_MOCK_URL"), "{text}");
}

#[tokio::test]
async fn an_attached_mock_needs_an_address() {
    let shop = TinyShop::ready().await;
    let spec = attached(shop.url(), LIMIT, vec![mock("payment", MockAddress::Free)]);
    let error = Stage::start(&spec, context())
        .await
        .expect_err("no address");
    assert!(matches!(error, StageError::NoMockAddress { mock } if mock == "payment"));
}

#[tokio::test]
async fn an_expectation_that_is_refused_is_named() {
    let shop = TinyShop::ready().await;
    let mut spec = mock("payment", MockAddress::Port(free_port().await));
    spec.expectations = vec![
        json!({"httpRequest": {"path": "/a"}, "httpResponse": {}}),
        json!({"httpRequests": {}}),
    ];
    let spec = attached(shop.url(), LIMIT, vec![spec]);
    let error = Stage::start(&spec, context()).await.expect_err("refused");
    assert!(
        error
            .to_string()
            .starts_with("mock `payment` refused expectation 2: "),
        "{error}"
    );
}
