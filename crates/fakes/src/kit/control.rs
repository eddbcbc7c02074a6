//! Control of one fake, under `/_styk/` and nowhere else.

mod answers;
mod exchanges;
mod reads;
mod writes;

use std::any::Any;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use http::{Method, StatusCode};
use styk_core::{Fault, Ledger, Request};
use url::Url;

use self::answers::{Refused, refusal};
use super::server::Server;
use super::{ActionError, Answer, BadFault, Found, ProviderKind, Routes, page};

/// The description of it all, for people and tools.
const OPENAPI: &str = include_str!("control/openapi.json");
/// How many snapshots are kept; the oldest go.
const SNAPSHOTS: usize = 20;

/// The control side of one fake.
pub(crate) struct Control {
    kind: ProviderKind,
    ledger: Ledger,
    base: Url,
    routes: Routes<Op>,
    snapshots: Mutex<Snapshots>,
}

#[derive(Default)]
struct Snapshots {
    last: u64,
    kept: VecDeque<(u64, Box<dyn Any + Send + Sync>)>,
}

/// What control can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Page,
    OpenApi,
    Health,
    State,
    ClearState,
    Snapshot,
    Restore,
    Ledger,
    Faults,
    Arm,
    ClearFaults,
    Fault,
    Disarm,
    Webhooks,
    Resend,
    Endpoints,
    Subscribe,
    Actions,
    Act,
    Exchanges,
    Gaps,
    Variables,
    Settings,
    ChangeSettings,
}

fn routes() -> Routes<Op> {
    Routes::default()
        .get("/_styk", Op::Page)
        .get("/_styk/", Op::Page)
        .get("/_styk/openapi.json", Op::OpenApi)
        .get("/_styk/health", Op::Health)
        .get("/_styk/state", Op::State)
        .delete("/_styk/state", Op::ClearState)
        .post("/_styk/snapshots", Op::Snapshot)
        .post("/_styk/snapshots/{id}/restore", Op::Restore)
        .get("/_styk/ledger", Op::Ledger)
        .get("/_styk/faults", Op::Faults)
        .post("/_styk/faults", Op::Arm)
        .delete("/_styk/faults", Op::ClearFaults)
        .get("/_styk/faults/{id}", Op::Fault)
        .delete("/_styk/faults/{id}", Op::Disarm)
        .get("/_styk/webhooks", Op::Webhooks)
        .post("/_styk/webhooks/{id}/resend", Op::Resend)
        .get("/_styk/endpoints", Op::Endpoints)
        .post("/_styk/endpoints", Op::Subscribe)
        .get("/_styk/actions", Op::Actions)
        .post("/_styk/actions/{name}", Op::Act)
        .get("/_styk/exchanges", Op::Exchanges)
        .get("/_styk/gaps", Op::Gaps)
        .get("/_styk/variables", Op::Variables)
        .get("/_styk/settings", Op::Settings)
        .on(Method::PUT, "/_styk/settings", Op::ChangeSettings)
}

/// A control call.
struct Asked<'a> {
    server: &'a Server,
    request: &'a Request,
    found: &'a Found,
}

impl Control {
    pub(crate) fn new(kind: ProviderKind, ledger: Ledger, base: Url) -> Self {
        Self {
            kind,
            ledger,
            base,
            routes: routes(),
            snapshots: Mutex::default(),
        }
    }

    /// Whether a path is control's.
    pub(crate) fn is_addressed(path: &str) -> bool {
        path == "/_styk" || path.starts_with("/_styk/")
    }

    /// Answers a control call, and has it recorded when it changes something.
    pub(crate) async fn answer(&self, server: &Server, request: Request) -> Answer {
        let path = request.uri.path();
        let Some(found) = self.routes.find(&request.method, path) else {
            return self.not_there(&request);
        };
        let asked = Asked {
            server,
            request: &request,
            found: &found,
        };
        let begun = server.clock.instant();
        let answer = self
            .perform(&asked)
            .await
            .unwrap_or_else(|refused| refusal(&refused));
        if request.method != Method::GET {
            let at = server.clock.now();
            let duration = server.clock.since(begun);
            server.recorder.control(
                found.operation.clone(),
                request.clone(),
                at,
                &answer,
                duration,
            );
        }
        answer
    }

    fn not_there(&self, request: &Request) -> Answer {
        let path = request.uri.path();
        let refused = if self.routes.has_path(path) {
            Refused::new(
                StatusCode::METHOD_NOT_ALLOWED,
                format!("{path} has no {}", request.method),
            )
        } else {
            Refused::new(
                StatusCode::NOT_FOUND,
                format!("control has nothing at {path}"),
            )
        };
        refusal(&refused.hint("GET /_styk/openapi.json describes all there is"))
    }

    async fn perform(&self, asked: &Asked<'_>) -> Result<Answer, Refused> {
        let op = self
            .routes
            .handler(asked.found)
            .copied()
            .unwrap_or(Op::Page);
        match op {
            Op::Page => Ok(Answer::html(
                StatusCode::OK,
                page::page(&self.kind, &self.base),
            )),
            Op::OpenApi => Ok(Answer::bytes(StatusCode::OK, "application/json", OPENAPI)),
            Op::Health => Ok(reads::health(self.kind)),
            Op::State => Ok(reads::state(asked)),
            Op::Ledger => reads::ledger(asked, &self.ledger),
            Op::Faults => Ok(reads::faults(asked)),
            Op::Fault => reads::fault(asked),
            Op::Webhooks => reads::webhooks(asked),
            Op::Endpoints => Ok(reads::endpoints(asked)),
            Op::Actions => Ok(reads::actions(self.kind)),
            Op::Exchanges => exchanges::exchanges(asked, self.kind.name),
            Op::Gaps => exchanges::gaps(asked, self.kind.name),
            Op::Variables => Ok(reads::variables(asked)),
            Op::Settings => Ok(reads::settings(asked)),
            Op::ClearState => Ok(writes::clear_state(asked)),
            Op::Snapshot => Ok(self.snapshot(asked)),
            Op::Restore => self.restore(asked),
            Op::Arm => writes::arm(asked),
            Op::ClearFaults => Ok(writes::clear_faults(asked)),
            Op::Disarm => writes::disarm(asked),
            Op::Resend => writes::resend(asked),
            Op::Subscribe => writes::subscribe(asked),
            Op::Act => writes::act(asked).await,
            Op::ChangeSettings => writes::change_settings(asked),
        }
    }

    fn snapshot(&self, asked: &Asked<'_>) -> Answer {
        let copy = asked.server.provider.state().snapshot();
        let mut snapshots = self
            .snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        snapshots.last += 1;
        let id = snapshots.last;
        snapshots.kept.push_back((id, copy));
        while snapshots.kept.len() > SNAPSHOTS {
            snapshots.kept.pop_front();
        }
        Answer::json(StatusCode::CREATED, &serde_json::json!({"id": id}))
    }

    fn restore(&self, asked: &Asked<'_>) -> Result<Answer, Refused> {
        let wanted = asked.number(0)?;
        let snapshots = self
            .snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let found = snapshots.kept.iter().find(|(id, _)| *id == wanted);
        let (_, copy) = found.ok_or_else(|| {
            let told = format!("there is no snapshot {wanted}");
            let hint = format!("the last {SNAPSHOTS} are kept; POST /_styk/snapshots makes one");
            Refused::new(StatusCode::NOT_FOUND, told).hint(hint)
        })?;
        asked.server.provider.state().restore(&**copy);
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }
}

impl std::fmt::Debug for Control {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Control")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_describes_every_operation_and_no_other() {
        let document: serde_json::Value = serde_json::from_str(OPENAPI).expect("JSON");
        let mut described: Vec<String> = Vec::new();
        for (path, methods) in document["paths"].as_object().expect("paths") {
            for method in methods.as_object().expect("methods").keys() {
                described.push(format!("{} {path}", method.to_uppercase()));
            }
        }
        let routes = routes();
        let mut served: Vec<String> = routes
            .operations()
            .filter(|name| *name != "GET /_styk")
            .map(str::to_owned)
            .collect();
        described.sort();
        served.sort();
        assert_eq!(described, served);
    }
}
