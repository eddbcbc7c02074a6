use std::time::Duration;

use styk_stage::{LastAnswer, Stage, StageError};

use crate::support::{TinyShop, attached, context, free_port, url_of};

const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_value_that_never_turns_true_is_named_with_the_last_answer() {
    let shop = TinyShop::start(|_| (200, r#"{"database":true,"worker":false}"#)).await;
    let spec = attached(shop.url(), SHORT, Vec::new());
    let error = Stage::start(&spec, context()).await.expect_err("not ready");
    let StageError::NotReady(not_ready) = &error else {
        panic!("not ready, got {error:?}");
    };
    assert!(not_ready.asked >= 2, "{not_ready:?}");
    assert_eq!(
        not_ready.last,
        LastAnswer::Answer {
            status: 200,
            body: r#"{"database":true,"worker":false}"#.to_owned(),
            reasons: vec!["`worker` is false".to_owned()],
        }
    );
    let text = error.to_diagnostic().render();
    for part in [
        "the shop was not ready within",
        "`worker` is false",
        &format!("asked {} times: GET {}health/", not_ready.asked, shop.url()),
        r#"last answer: 200 {"database":true,"worker":false}"#,
        "= help:",
    ] {
        assert!(text.contains(part), "{part} in:\n{text}");
    }
}

#[tokio::test]
async fn a_slow_shop_is_waited_for() {
    let shop = TinyShop::start(|number| match number {
        1 => (503, "starting"),
        2 => (503, r#"{"database":false}"#),
        _ => (200, r#"{"database":true}"#),
    })
    .await;
    let spec = attached(shop.url(), LONG, Vec::new());
    let stage = Stage::start(&spec, context())
        .await
        .expect("ready in the end");
    assert_eq!(stage.shop(), &shop.url());
    stage.stop().await;
}

#[tokio::test]
async fn a_shop_that_answered_and_then_refuses_is_dead() {
    let shop = TinyShop::start(|_| (503, r#"{"database":false}"#)).await;
    let spec = attached(shop.url(), LONG, Vec::new());
    let starting = Stage::start(&spec, context());
    let killing = async {
        shop.asked_times(2).await;
        shop.kill();
    };
    let (started, ()) = tokio::join!(starting, killing);
    let error = started.expect_err("dead");
    assert!(matches!(error, StageError::ShopDied { .. }), "{error:?}");
}

#[tokio::test]
async fn where_nobody_listens_the_refusal_is_told() {
    let spec = attached(url_of(free_port().await), SHORT, Vec::new());
    let error = Stage::start(&spec, context())
        .await
        .expect_err("nobody there");
    let text = error.to_diagnostic().render();
    assert!(text.contains("Connection refused"), "{text}");
    assert!(
        text.contains("is the shop running at this address?"),
        "{text}"
    );
}
