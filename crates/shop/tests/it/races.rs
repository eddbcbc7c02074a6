//! Many at once: the last unit, the same cart, the same operation.

use futures_util::future::join_all;
use serde_json::json;
use styk_shop::{Config, Profile, Shop};
use test_case::test_case;

use crate::harness::{Backend, Client, TestShop, address};

/// Two buyers, one unit, a hundred times: exactly one of them gets it, every time.
#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_unit_is_sold_once(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let buyers = [shop.user().await, shop.user().await];
    for round in 0..100 {
        let product = shop.product(&buyers[0], &format!("LAST-{round}"), 1).await;
        let body = json!({"items": [{"product_id": product, "quantity": 1}], "shipping_address": address()});
        let answers = join_all(
            buyers
                .iter()
                .map(|buyer| buyer.post("/api/orders/", body.clone())),
        )
        .await;
        let mut outcomes: Vec<(u16, &str)> = answers
            .iter()
            .map(|answer| (answer.status, answer.code()))
            .collect();
        outcomes.sort_unstable();
        assert_eq!(
            outcomes,
            [(201, ""), (409, "out_of_stock")],
            "round {round}"
        );
    }
    shop.check_invariants().await;
    assert_eq!(
        shop.db
            .int("SELECT COUNT(*) FROM stock WHERE on_hand = 1 AND reserved = 1")
            .await,
        100
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_on_one_database_sell_the_last_unit_once(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let config = Config {
        database_url: shop.db.url(),
        bind: "127.0.0.1:0".to_owned(),
        profile: Profile::Integration,
        ..Config::default()
    };
    let second = Shop::start(config).await.unwrap();
    let here = shop.user().await;
    let there = Client::new(second.base_url()).with_token(here.token());
    for round in 0..25 {
        let product = shop.product(&here, &format!("LAST-{round}"), 1).await;
        let body = json!({"items": [{"product_id": product, "quantity": 1}], "shipping_address": address()});
        let buy = |buyer: &Client| {
            let (buyer, body) = (buyer.clone(), body.clone());
            async move { buyer.post("/api/orders/", body).await }
        };
        let answers = join_all([buy(&here), buy(&there), buy(&here), buy(&there)]).await;
        let mut outcomes: Vec<(u16, &str)> = answers
            .iter()
            .map(|answer| (answer.status, answer.code()))
            .collect();
        outcomes.sort_unstable();
        assert_eq!(outcomes[0], (201, ""), "round {round}");
        assert!(
            outcomes[1..]
                .iter()
                .all(|outcome| *outcome == (409, "out_of_stock")),
            "round {round}: {outcomes:?}"
        );
    }
    second.stop().await;
    shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_gets_no_more_than_there_is(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let (first, second) = (
        shop.product(&user, "X", 7).await,
        shop.product(&user, "Y", 7).await,
    );
    let order = |swap: bool| {
        let (one, two) = if swap {
            (&second, &first)
        } else {
            (&first, &second)
        };
        let items = json!([{"product_id": one, "quantity": 1}, {"product_id": two, "quantity": 1}]);
        user.post(
            "/api/orders/",
            json!({"items": items, "shipping_address": address()}),
        )
    };
    let answers = join_all((0..20).map(|number| order(number % 2 == 0))).await;
    let sold = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(sold, 7);
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == 201 || answer.code() == "out_of_stock")
    );
    shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cart_becomes_one_order_however_often_the_button_is_pressed(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let product = shop.product(&user, "X", 100).await;
    user.post(
        "/api/cart/items/",
        json!({"product_id": product, "quantity": 1}),
    )
    .await
    .expect(201);
    let press = || user.post("/api/orders/", json!({"shipping_address": address()}));
    let answers = join_all((0..8).map(|_| press())).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 201).count(),
        1
    );
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == 201 || answer.code() == "cart_empty")
    );
    shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_address_is_registered_once_by_a_crowd(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let body = json!({"email": "a@example.com", "password": "testpass123", "first_name": "A", "last_name": "B"});
    let visitor = shop.visitor();
    let answers = join_all((0..8).map(|_| visitor.post("/api/auth/register/", body.clone()))).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 201).count(),
        1
    );
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == 201 || answer.code() == "email_taken")
    );
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_operation_is_done_once_by_a_crowd(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let id = shop.product(&user, "X", 50).await;
    let sale = || {
        let body = json!({"product_id": id, "quantity": 5, "operation_id": "one"});
        let user = user.clone();
        let path = format!("/api/products/{id}/inventory/");
        async move { user.put(&path, body).await.expect(200) }
    };
    join_all((0..8).map(|_| sale())).await;
    assert_eq!(shop.db.int("SELECT on_hand FROM stock").await, 45);
    shop.check_invariants().await;
}

#[test_case(Backend::Sqlite; "sqlite")]
#[test_case(Backend::Postgres; "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn adding_to_the_cart_from_two_pages_loses_nothing(backend: Backend) {
    let shop = TestShop::start(backend).await;
    let user = shop.user().await;
    let id = shop.product(&user, "X", 100).await;
    let add = || user.post("/api/cart/items/", json!({"product_id": id, "quantity": 1}));
    for answer in join_all((0..10).map(|_| add())).await {
        answer.expect(201);
    }
    let cart = user.get("/api/cart/").await;
    assert_eq!(
        (&cart.body["items"][0]["quantity"], &cart.body["version"]),
        (&json!(10), &json!(10))
    );
}
