//! How a shop is started inside this process: by a launcher that the binary hands in.

use std::collections::BTreeMap;
use std::fmt::Debug;

use futures_util::future::BoxFuture;
use opentelemetry_sdk::trace::SdkTracerProvider;
use styk_core::Seed;
use url::Url;

/// Starts a shop in this process.
pub trait ShopLauncher: Debug + Send + Sync {
    /// Starts one shop and returns as soon as it listens; it need not be ready yet.
    ///
    /// # Errors
    ///
    /// When a variable makes no sense, or the shop cannot start.
    fn launch(
        &self,
        request: LaunchRequest,
    ) -> BoxFuture<'_, Result<Box<dyn RunningShop>, LaunchError>>;
}

/// What a launcher needs to know.
#[derive(Debug)]
pub struct LaunchRequest {
    /// The shop's configuration, as environment variables would give it. The process's own environment has no
    /// say.
    pub variables: BTreeMap<String, String>,
    /// Where the shop's spans go: into the stage's journal.
    pub telemetry: SdkTracerProvider,
    /// The shop's chance.
    pub seed: Seed,
}

/// A shop that runs in this process. Dropping it ends it, too.
pub trait RunningShop: Debug + Send + Sync {
    /// Where it listens.
    fn base_url(&self) -> Url;

    /// Resolves with the cause when the shop ends without having been asked to. Safe to cancel.
    fn died(&self) -> BoxFuture<'_, String>;

    /// Ends it: no new connections, running requests finish within the shop's own limit.
    fn stop(self: Box<Self>) -> BoxFuture<'static, ()>;
}

/// Why a shop could not be started.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct LaunchError {
    /// What went wrong, with its cause, for a person to read.
    pub message: String,
}
