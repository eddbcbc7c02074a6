use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, pending};
use opentelemetry::trace::{Tracer as _, TracerProvider as _};
use serde_json::json;
use styk_core::{Edge, ExchangeKind};
use styk_stage::{
    LaunchError, LaunchRequest, MockAddress, ReadySpec, RunningShop, ShopLauncher, ShopSpec, Stage,
    StageContext, StageError, StageSpec,
};
use url::Url;

use crate::support::{TinyShop, context, is_open, mock};

/// Starts tiny shops, and remembers what they were told.
#[derive(Debug, Default)]
struct TestLauncher {
    told: Mutex<Vec<BTreeMap<String, String>>>,
    dies: Option<String>,
    refuses: bool,
}

#[derive(Debug)]
struct Launched {
    shop: TinyShop,
    dies: Option<String>,
}

impl ShopLauncher for TestLauncher {
    fn launch(
        &self,
        request: LaunchRequest,
    ) -> BoxFuture<'_, Result<Box<dyn RunningShop>, LaunchError>> {
        async move {
            if self.refuses {
                return Err(LaunchError {
                    message: "PAYMENT_WAIT_MS is no number".to_owned(),
                });
            }
            request.telemetry.tracer("shop.orders").start("begin");
            self.told
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(request.variables);
            let is_dying = self.dies.is_some();
            let shop = TinyShop::start(move |_| match is_dying {
                true => (503, "{}"),
                false => (200, r#"{"database":true}"#),
            });
            let launched = Launched {
                shop: shop.await,
                dies: self.dies.clone(),
            };
            Ok(Box::new(launched) as Box<dyn RunningShop>)
        }
        .boxed()
    }
}

impl RunningShop for Launched {
    fn base_url(&self) -> Url {
        self.shop.url()
    }

    fn died(&self) -> BoxFuture<'_, String> {
        match self.dies.clone() {
            Some(cause) => async move { cause }.boxed(),
            None => pending().boxed(),
        }
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, ()> {
        async move { drop(self) }.boxed()
    }
}

fn spec(mocks: &[&str]) -> StageSpec {
    StageSpec {
        shop: ShopSpec::Embedded {
            variables: BTreeMap::from([("PAYMENT_WAIT_MS".to_owned(), "100".to_owned())]),
        },
        mocks: mocks
            .iter()
            .map(|name| mock(name, MockAddress::Free))
            .collect(),
        fakes: Vec::new(),
        ready: ReadySpec {
            limit: Duration::from_secs(10),
            ..ReadySpec::default()
        },
    }
}

fn with(launcher: &Arc<TestLauncher>) -> StageContext {
    StageContext {
        launcher: Some(Arc::clone(launcher) as Arc<dyn ShopLauncher>),
        ..context()
    }
}

#[tokio::test]
async fn the_shop_is_told_where_its_services_are_and_its_spans_enter_the_journal() {
    let launcher = Arc::new(TestLauncher::default());
    let mut spec = spec(&["payment", "email"]);
    spec.mocks[1].variables = vec!["MAIL_API".to_owned()];
    let stage = Stage::start(&spec, with(&launcher))
        .await
        .expect("it stands");

    let told = launcher
        .told
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let [told] = told.as_slice() else {
        panic!("one shop, got {told:?}");
    };
    let url = |name: &str| stage.values()[name]["url"].as_str().unwrap_or_default();
    assert_eq!(told["PAYMENT_SERVICE_URL"], url("payment"));
    assert_eq!(told["PAYMENT_MOCK_URL"], url("payment"));
    assert_eq!(told["MAIL_API"], url("email"));
    assert!(!told.contains_key("EMAIL_SERVICE_URL"));
    assert_eq!(told["PAYMENT_WAIT_MS"], "100");
    assert_eq!(told["DATABASE_URL"], "sqlite::memory:");
    assert_eq!(told["SHOP_PROFILE"], "integration");
    assert_eq!(told["BIND"], "127.0.0.1:0");

    let spans = stage.journal().exchanges();
    assert_eq!(spans[0].kind(), ExchangeKind::Span);
    assert_eq!(spans[0].edge(), &Edge::new("orders", "orders"));
    stage.stop().await;
}

#[tokio::test]
async fn mocks_record_into_the_stages_journal_and_forget_with_it() {
    let launcher = Arc::new(TestLauncher::default());
    let stage = Stage::start(&spec(&["payment"]), with(&launcher))
        .await
        .expect("it stands");
    let expectation = json!({"httpRequest": {"path": "/a"}, "httpResponse": {"statusCode": 201}});
    let ids = stage
        .mocks()
        .expect("payment", &expectation)
        .await
        .expect("taken");
    let url = stage.values()["payment"]["url"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let status = |url: String| async move {
        let answer = reqwest::get(url).await.expect("an answer");
        answer.status().as_u16()
    };
    assert_eq!(status(format!("{url}/a")).await, 201);
    stage
        .mocks()
        .remove("payment", &ids[0])
        .await
        .expect("removed");
    assert_eq!(status(format!("{url}/a")).await, 404);
    let calls = stage.journal().exchanges();
    let calls = calls
        .iter()
        .filter(|call| call.attribute("server") == Some("payment"));
    assert_eq!(calls.count(), 2);
    assert!(stage.mocks().expect("nobody", &expectation).await.is_err());
    stage.stop().await;
}

#[tokio::test]
async fn stages_stand_side_by_side_and_end_apart() {
    let launcher = Arc::new(TestLauncher::default());
    let first = Stage::start(&spec(&["payment"]), with(&launcher))
        .await
        .expect("it stands");
    let second = Stage::start(&spec(&["payment"]), with(&launcher))
        .await
        .expect("it stands");
    let ports = |stage: &Stage| {
        ["shop", "payment"].map(|name| {
            let port = stage.values()[name]["port"].as_u64().unwrap_or_default();
            u16::try_from(port).expect("a port")
        })
    };
    let (of_first, of_second) = (ports(&first), ports(&second));
    first.stop().await;
    for port in of_second {
        assert!(is_open(port).await);
    }
    // Dropping ends a stage as well; sockets close when their tasks are gone.
    drop(second);
    for port in of_first.into_iter().chain(of_second) {
        let closed = async {
            while is_open(port).await {
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(10), closed).await;
        waited.expect("the port closes");
    }
}

#[tokio::test]
async fn a_shop_that_dies_while_starting_is_reported_at_once() {
    let launcher = Arc::new(TestLauncher {
        dies: Some("the database is newer than the program".to_owned()),
        ..TestLauncher::default()
    });
    let error = Stage::start(&spec(&[]), with(&launcher))
        .await
        .expect_err("dead");
    assert_eq!(
        error.to_string(),
        "the shop died while it was starting: the database is newer than the program"
    );
}

#[tokio::test]
async fn without_a_launcher_or_with_a_bad_setting_nothing_stands() {
    let error = Stage::start(&spec(&[]), context())
        .await
        .expect_err("no launcher");
    assert!(matches!(error, StageError::NoLauncher));
    let launcher = Arc::new(TestLauncher {
        refuses: true,
        ..TestLauncher::default()
    });
    let error = Stage::start(&spec(&[]), with(&launcher))
        .await
        .expect_err("refused");
    assert_eq!(
        error.to_string(),
        "the shop could not be started: PAYMENT_WAIT_MS is no number"
    );
}
