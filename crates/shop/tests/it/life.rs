//! Starting and stopping: many at once, on used databases, with bad configurations.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use styk_shop::{Config, Profile, Run, Shop};
use test_case::test_case;

use crate::harness::{Backend, Client, Database, TestShop};

fn throw_away() -> Config {
    Config {
        database_url: "sqlite::memory:".to_owned(),
        bind: "127.0.0.1:0".to_owned(),
        profile: Profile::Integration,
        ..Config::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_shops_live_in_one_process_and_know_nothing_of_each_other() {
    let shops = join_all((0..20).map(|_| Shop::start(throw_away()))).await;
    let shops: Vec<_> = shops.into_iter().map(Result::unwrap).collect();
    let body = json!({"email": "a@example.com", "password": "testpass123", "first_name": "A", "last_name": "B"});
    for shop in &shops {
        Client::new(shop.base_url())
            .post("/api/auth/register/", body.clone())
            .await
            .expect(201);
    }
    join_all(shops.into_iter().map(styk_shop::RunningShop::stop)).await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_shop_finds_its_data_again_after_a_restart(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let token = user.token().to_owned();
    let db: Database = shop.stop().await;
    let config = Config {
        database_url: db.url(),
        ..throw_away()
    };
    let again = Shop::start(config).await.unwrap();
    Client::new(again.base_url())
        .with_token(&token)
        .get("/api/users/profile/")
        .await
        .expect(200);
    again.stop().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test]
async fn a_database_of_a_later_version_is_refused(backend: Backend) {
    let db = TestShop::start(backend).await.stop().await;
    db.run("INSERT INTO schema_versions (version, applied_at) VALUES (999, 0)")
        .await;
    let error = Shop::start(Config {
        database_url: db.url(),
        ..throw_away()
    })
    .await
    .unwrap_err()
    .to_string();
    assert!(
        error.contains("999") && error.contains("newer shop"),
        "{error}"
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn shops_that_start_at_once_on_one_fresh_database_make_one_schema(backend: Backend) {
    let db = Database::fresh(backend).await;
    let start = || {
        Shop::start(Config {
            database_url: db.url(),
            ..throw_away()
        })
    };
    let shops = join_all([start(), start(), start()]).await;
    for shop in shops {
        shop.unwrap().stop().await;
    }
    let missing = "SELECT MAX(version) - COUNT(*) FROM schema_versions";
    assert_eq!(db.int(missing).await, 0, "each migration ran once");
}

#[tokio::test]
async fn a_port_in_use_is_one_clear_sentence() {
    let shop = Shop::start(throw_away()).await.unwrap();
    let bind = shop.address().to_string();
    let error = Shop::start(Config {
        bind: bind.clone(),
        ..throw_away()
    })
    .await
    .unwrap_err()
    .to_string();
    assert!(
        error.contains(&bind) && error.contains("another program"),
        "{error}"
    );
    shop.stop().await;
}

#[tokio::test]
async fn a_database_that_is_not_there_is_one_clear_sentence() {
    let database_url = "postgresql://shop:secret@127.0.0.1:1/shop".to_owned();
    let error = Shop::start(Config {
        database_url,
        ..throw_away()
    })
    .await
    .unwrap_err()
    .to_string();
    assert!(
        error.contains("cannot open the database") && !error.contains("secret"),
        "{error}"
    );
}

#[tokio::test]
async fn after_the_stop_nobody_listens_and_idle_connections_are_closed() {
    let shop = Shop::start(throw_away()).await.unwrap();
    let client = Client::new(shop.base_url());
    client.get("/live/").await.expect(200);
    let address = shop.address();
    tokio::time::timeout(Duration::from_secs(3), shop.stop())
        .await
        .expect("idle connections do not hold the stop up");
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_dropped_shop_ends_too() {
    let shop = Shop::start(throw_away()).await.unwrap();
    let address = shop.address();
    drop(shop);
    let refused = async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), refused)
        .await
        .expect("the port is free again");
}

#[tokio::test]
async fn a_process_without_the_api_answers_health_checks_only_and_leaves_the_port_alone() {
    let shop = Shop::start(throw_away()).await.unwrap();
    let run = Run {
        api: false,
        worker: false,
        beat: false,
    };
    let bind = shop.address().to_string();
    let quiet = Shop::start(Config {
        run,
        bind,
        ..throw_away()
    })
    .await
    .unwrap();
    let client = Client::new(quiet.base_url());
    client.get("/health/").await.expect(200);
    client
        .get("/api/products/")
        .await
        .expect_error(404, "not_found");
    quiet.stop().await;
    shop.stop().await;
}
