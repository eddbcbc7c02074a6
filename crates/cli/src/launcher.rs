//! Starts the reference shop in this process, for embedded stages.

use std::future::pending;

use futures_util::future::{BoxFuture, FutureExt as _};
use styk_shop::{Config, Shop};
use styk_stage::{LaunchError, LaunchRequest, RunningShop, ShopLauncher};
use url::Url;

/// The database that ends with its shop.
const PRIVATE_DATABASE: &str = "sqlite::memory:";

/// Launches reference shops.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReferenceShop;

impl ShopLauncher for ReferenceShop {
    fn launch(
        &self,
        request: LaunchRequest,
    ) -> BoxFuture<'_, Result<Box<dyn RunningShop>, LaunchError>> {
        launch(request).boxed()
    }
}

async fn launch(request: LaunchRequest) -> Result<Box<dyn RunningShop>, LaunchError> {
    let failed = |message: String| LaunchError { message };
    let variable = |name: &str| request.variables.get(name).cloned();
    let mut config = Config::from_env(variable).map_err(|error| failed(error.to_string()))?;
    config.telemetry = Some(request.telemetry);
    // Repeatable ids would meet their own earlier rows in a database that outlives the stage.
    config.seed = (config.database_url == PRIVATE_DATABASE).then(|| request.seed.value());
    let shop = Shop::start(config)
        .await
        .map_err(|error| failed(error.to_string()))?;
    let url = shop.base_url();
    let url = url.parse().map_err(|error| {
        failed(format!(
            "the shop listens at `{url}`, which is no address: {error}"
        ))
    })?;
    Ok(Box::new(Launched { url, shop }))
}

#[derive(Debug)]
struct Launched {
    url: Url,
    shop: styk_shop::RunningShop,
}

impl RunningShop for Launched {
    fn base_url(&self) -> Url {
        self.url.clone()
    }

    fn died(&self) -> BoxFuture<'_, String> {
        // The reference shop has no way to end by itself: its accept loop ends with its handle.
        pending().boxed()
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, ()> {
        self.shop.stop().boxed()
    }
}
