//! Control of one fake, under `/_styk/` and nowhere else.

use styk_core::{Fault, Ledger, Request};
use url::Url;

use super::server::Server;
use super::{ActionError, Answer, BadFault, ProviderKind};

/// The control side of one fake.
#[derive(Debug)]
pub(crate) struct Control {
    kind: ProviderKind,
    ledger: Ledger,
    base: Url,
}

impl Control {
    pub(crate) fn new(kind: ProviderKind, ledger: Ledger, base: Url) -> Self {
        Self { kind, ledger, base }
    }

    /// Whether a path is control's.
    pub(crate) fn is_addressed(path: &str) -> bool {
        path == "/_styk" || path.starts_with("/_styk/")
    }

    /// Answers a control call.
    pub(crate) async fn answer(&self, server: &Server, request: Request) -> Answer {
        let _ = (server, request, &self.kind, &self.ledger, &self.base);
        Answer::empty(http::StatusCode::NOT_FOUND)
    }
}

impl Server {
    /// Arms a fault after looking whether it can ever fire here.
    pub(crate) fn arm(&self, fault: Fault) -> Result<u64, BadFault> {
        super::Faults::check(&fault, &self.provider.operations())?;
        self.faults.arm(fault)
    }

    /// Makes something happen.
    pub(crate) async fn act(
        &self,
        action: &str,
        with: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<serde_json::Value, ActionError> {
        self.provider.act(action, with).await
    }
}
