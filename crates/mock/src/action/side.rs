//! `beforeActions` and `afterActions`: requests that a mock sends of its own accord, such as a webhook.

use std::sync::Arc;
use std::time::Duration;

use styk_core::{Attributes, Ending, Outcome, Request};

use super::request::RequestChange;
use super::{ActionError, Delay};
use crate::describe;
use crate::json::Json;
use crate::schema::{Complaints, Fields};
use crate::scope::Scope;
use crate::server::Shared;

/// Something to do beside the answer.
#[derive(Debug)]
pub(crate) struct SideAction {
    what: What,
    delay: Option<Delay>,
    /// Whether the answer waits for it.
    blocking: bool,
    timeout: Option<Duration>,
    /// Whether its failure is that of the whole answer.
    fails_fast: bool,
}

#[derive(Debug)]
enum What {
    /// Send this request to its host.
    Send(Box<RequestChange>),
    /// Tell this client of the request.
    Tell(String),
}

/// Actions before the answer and after it.
#[derive(Debug, Default)]
pub(crate) struct SideActions {
    before: Vec<Arc<SideAction>>,
    after: Vec<Arc<SideAction>>,
}

impl SideActions {
    /// Takes both lists from the fields of an expectation; with how they are written.
    pub(crate) fn read(
        fields: &mut Fields<'_>,
        complaints: &mut Complaints,
    ) -> (Self, Vec<(&'static str, Json)>) {
        let mut written = Vec::new();
        let mut list = |name: &'static str, blocking: bool| {
            let Some(json) = fields.take(name) else {
                return Vec::new();
            };
            written.push((name, json.clone()));
            let items = match json {
                Json::Array(items) => items.as_slice(),
                one => std::slice::from_ref(one),
            };
            let read = |(place, item): (usize, &Json)| {
                SideAction::read(item, &format!("$.{name}[{place}]"), blocking, complaints)
                    .map(Arc::new)
            };
            items.iter().enumerate().filter_map(read).collect()
        };
        let (before, after) = (list("beforeActions", true), list("afterActions", false));
        (Self { before, after }, written)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }

    /// Does what comes before the answer.
    ///
    /// # Errors
    ///
    /// When one fails that has to succeed.
    pub(crate) async fn before(
        &self,
        shared: &Arc<Shared>,
        scope: &Arc<Scope>,
        request: &Request,
    ) -> Result<(), ActionError> {
        run_all(&self.before, shared, scope, request).await
    }

    /// Does what comes after the answer is known.
    ///
    /// # Errors
    ///
    /// When one fails that the answer waits for and that has to succeed.
    pub(crate) async fn after(
        &self,
        shared: &Arc<Shared>,
        scope: &Arc<Scope>,
        request: &Request,
    ) -> Result<(), ActionError> {
        run_all(&self.after, shared, scope, request).await
    }
}

async fn run_all(
    actions: &[Arc<SideAction>],
    shared: &Arc<Shared>,
    scope: &Arc<Scope>,
    request: &Request,
) -> Result<(), ActionError> {
    for action in actions {
        if !action.blocking {
            action.run_beside(shared, scope, request.clone());
            continue;
        }
        if let Err(error) = action.run(shared, scope, request).await {
            if action.fails_fast {
                return Err(error);
            }
            tracing::warn!(%error, "an action beside the answer failed");
        }
    }
    Ok(())
}

impl SideAction {
    fn read(json: &Json, path: &str, blocking: bool, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        fields.refuse(&["httpClassCallback", "httpRequestTemplate"], complaints);
        let send = fields.take("httpRequest");
        let send =
            send.and_then(|json| RequestChange::read(json, &fields.at("httpRequest"), complaints));
        let tell = fields.take("httpObjectCallback").and_then(|json| {
            let mut fields = Fields::of(json, format!("{path}.httpObjectCallback"), complaints)?;
            fields.take("delay");
            fields.boolean("responseCallback", complaints);
            fields.boolean("primary", complaints);
            let client = fields.text("clientId", complaints);
            fields.finish(complaints);
            client
        });
        let delay = super::take_delay(&mut fields, complaints);
        let blocking = fields.boolean("blocking", complaints).unwrap_or(blocking);
        let timeout = fields
            .take("timeout")
            .and_then(|json| Delay::read(json, &fields.at("timeout"), complaints));
        let policy = fields.word("failurePolicy", &["FAIL_FAST", "BEST_EFFORT"], complaints);
        fields.finish(complaints);
        let what = match (send, tell) {
            (Some(send), None) => What::Send(Box::new(send)),
            (None, Some(client)) => What::Tell(client),
            _ => {
                if complaints.is_empty() {
                    complaints.error(path, "should be valid to one and only one schema: give `httpRequest` or `httpObjectCallback`");
                }
                return None;
            }
        };
        Some(Self {
            what,
            delay,
            blocking,
            timeout: match timeout {
                Some(Delay::Fixed(timeout)) => Some(timeout),
                _ => None,
            },
            fails_fast: policy == Some("FAIL_FAST"),
        })
    }

    /// Runs it while the answer goes its way. It ends with the server.
    fn run_beside(self: &Arc<Self>, shared: &Arc<Shared>, scope: &Arc<Scope>, request: Request) {
        let Ok(place) = Arc::clone(&shared.side_places).try_acquire_owned() else {
            tracing::warn!("an action beside the answer was left out: too many are under way");
            return;
        };
        let (action, shared, scope) = (Arc::clone(self), Arc::clone(shared), Arc::clone(scope));
        tokio::spawn(async move {
            let _place = place;
            tokio::select! {
                result = action.run(&shared, &scope, &request) => if let Err(error) = result {
                    tracing::warn!(%error, "an action beside the answer failed");
                },
                () = shared.stop.cancelled() => {}
            }
        });
    }

    async fn run(
        &self,
        shared: &Arc<Shared>,
        scope: &Scope,
        request: &Request,
    ) -> Result<(), ActionError> {
        if let Some(delay) = &self.delay {
            shared.wait(delay).await;
        }
        let limit = self.timeout.unwrap_or(shared.limits.upstream_timeout);
        let running = async {
            match &self.what {
                What::Send(change) => send(change, shared, scope).await,
                What::Tell(client) => {
                    let described = describe::request(request, describe::Addresses::Shown);
                    let correlation = shared.random_id();
                    let told = shared
                        .callbacks
                        .ask(client, &correlation, described, None, limit)
                        .await;
                    told.map(|_answer| ())
                        .map_err(|error| ActionError::Failed(error.to_string()))
                }
            }
        };
        let late = || {
            ActionError::Upstream(format!(
                "an action beside the answer took longer than {} s",
                limit.as_secs_f64()
            ))
        };
        tokio::time::timeout(limit, running)
            .await
            .unwrap_or_else(|_elapsed| Err(late()))
    }
}

/// Sends a request and records it as one that this server sent.
async fn send(
    change: &RequestChange,
    shared: &Arc<Shared>,
    scope: &Scope,
) -> Result<(), ActionError> {
    let outbound = change.outbound();
    let missing = || {
        ActionError::Failed(
            "an action beside the answer names no host: give a `Host` header or a `socketAddress`"
                .to_owned(),
        )
    };
    let target = change.target(&outbound, false).ok_or_else(missing)?;
    let started = shared.clock.instant();
    let exchange = scope
        .recorder
        .begin_sent(outbound.recorded(&target), shared.clock.now());
    let sent = shared.forward(&target, &outbound).await;
    let (outcome, response) = match &sent {
        Ok(answer) => (Outcome::Answered, Some(answer.recorded())),
        Err(error) => (
            Outcome::Failed {
                reason: error.to_string(),
            },
            None,
        ),
    };
    let ending = Ending {
        outcome,
        response,
        duration: shared.clock.since(started),
        attributes: Attributes::new(),
    };
    scope.recorder.end(&exchange, ending, None);
    sent.map(|_answer| ())
}
