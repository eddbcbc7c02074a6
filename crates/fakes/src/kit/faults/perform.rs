//! What each kind of fault does to a call.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use styk_core::{Clock, FaultKind};

use super::drift::drifted;
use super::wish::{Wish, wish};
use super::{Faults, Struck};
use crate::kit::webhooks::Outbox;
use crate::kit::{Answer, Call, Failure, Provider, Timers};

/// An effect that waits for the caller's next try takes place after this time at the latest.
const LATE_LIMIT: Duration = Duration::from_secs(60);
/// So large is an answer that is too large.
const OVERSIZE: usize = 8 * 1024 * 1024;

/// What the caller gets when a fault has struck.
#[derive(Debug)]
pub(crate) enum Broken {
    /// An answer, whole.
    Answer(Answer),
    /// The connection is reset.
    Reset,
    /// Nothing comes, and the connection stays open.
    Silence,
    /// The head and so many bytes of the body, then a reset.
    Truncated(Answer, usize),
    /// All of it, one byte at a time.
    Dribbled(Answer, Duration),
}

impl Broken {
    /// What the journal shows as the answer.
    pub(crate) fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Answer(answer) | Self::Truncated(answer, _) | Self::Dribbled(answer, _) => {
                Some(answer)
            }
            Self::Reset | Self::Silence => None,
        }
    }
}

/// What a fault is played with.
pub(crate) struct Scene<'a> {
    pub(crate) provider: &'a Arc<dyn Provider>,
    pub(crate) call: &'a Arc<Call>,
    pub(crate) clock: &'a Clock,
    pub(crate) timers: &'a Timers,
    pub(crate) webhooks: &'a Outbox,
}

impl Scene<'_> {
    /// The effect takes place.
    async fn effect(&self) -> Answer {
        let answer = self.provider.serve(self.call).await;
        self.webhooks.before_answer(self.call).await;
        answer
    }

    fn fail(&self, status: StatusCode, code: Option<&str>) -> Answer {
        let failure = Failure {
            status,
            code: code.map(str::to_owned),
        };
        self.provider.fail(self.call, &failure)
    }
}

impl Struck {
    /// Plays the fault on a call.
    pub(crate) async fn perform(&self, scene: &Scene<'_>) -> Broken {
        // What could not be read was not armed.
        let wish = wish(&self.fault).unwrap_or_default();
        match self.fault.kind {
            FaultKind::NotSent => Broken::Reset,
            FaultKind::RequestLost => unanswered(&wish),
            FaultKind::ResponseLost => {
                let answer = scene.effect().await;
                match wish.variant.as_deref() {
                    Some("truncated") => {
                        let half = answer.body.len() / 2;
                        Broken::Truncated(answer, half)
                    }
                    _ => unanswered(&wish),
                }
            }
            FaultKind::EffectLate => {
                self.effect_later(scene, &wish);
                Broken::Reset
            }
            FaultKind::Slow if wish.is_dribbled => {
                let answer = scene.effect().await;
                let bytes = u32::try_from(answer.body.len().max(1)).unwrap_or(u32::MAX);
                Broken::Dribbled(answer, wish.delay / bytes)
            }
            FaultKind::Slow => {
                scene.clock.sleep(wish.delay).await;
                Broken::Answer(scene.effect().await)
            }
            FaultKind::ErrorBeforeEffect => Broken::Answer(error(scene, &wish)),
            FaultKind::ErrorAfterEffect => {
                scene.effect().await;
                Broken::Answer(error(scene, &wish))
            }
            FaultKind::Throttled => {
                let answer = scene.fail(StatusCode::TOO_MANY_REQUESTS, wish.code.as_deref());
                Broken::Answer(wish.with_patience(answer, scene.clock.now()))
            }
            FaultKind::Rejected => Broken::Answer(scene.fail(wish.status, wish.code.as_deref())),
            FaultKind::RefusedInOk => {
                Broken::Answer(scene.fail(StatusCode::OK, wish.code.as_deref()))
            }
            FaultKind::KeyConflict => {
                let code = Some("idempotency_key_in_use");
                Broken::Answer(scene.fail(StatusCode::CONFLICT, code))
            }
            FaultKind::KeyExpired => {
                scene.provider.forget_key(scene.call);
                Broken::Answer(scene.effect().await)
            }
            FaultKind::Malformed => malformed(scene.effect().await, &wish),
            FaultKind::SchemaDrift => Broken::Answer(drifted(scene.effect().await, &wish)),
            FaultKind::StaleRead | FaultKind::StateStuck => {
                match self.faults.recall(self, scene.call) {
                    Some(earlier) => Broken::Answer(earlier),
                    None => Broken::Answer(scene.effect().await),
                }
            }
            // Webhooks are broken in the outbox; such a fault never strikes a call.
            _ => Broken::Answer(scene.effect().await),
        }
    }

    /// Has the effect take place after the caller's next try, or after a while.
    fn effect_later(&self, scene: &Scene<'_>, wish: &Wish) {
        let next = self.faults.await_next(&*scene.provider.clone(), scene.call);
        let (provider, call) = (Arc::clone(scene.provider), Arc::clone(scene.call));
        let (clock, webhooks) = (scene.clock.clone(), scene.webhooks.clone());
        let after = wish.after;
        scene.timers.run(Box::pin(async move {
            match after {
                Some(after) => clock.sleep(after).await,
                None => tokio::select! {
                    _ = next => {}
                    () = clock.sleep(LATE_LIMIT) => {}
                },
            }
            provider.serve(&call).await;
            webhooks.after_answer(&call);
        }));
    }
}

impl Faults {
    /// Ends when the next call like this one was answered.
    fn await_next(
        &self,
        provider: &dyn Provider,
        call: &Call,
    ) -> tokio::sync::oneshot::Receiver<()> {
        let (release, next) = tokio::sync::oneshot::channel();
        let waiting = super::Waiting {
            seq: call.exchange.seq(),
            operation: call.operation(),
            key: call.notes().key,
            entities: provider.entities(call),
            _release: release,
        };
        self.wait_for(waiting);
        next
    }
}

fn unanswered(wish: &Wish) -> Broken {
    match wish.variant.as_deref() {
        Some("silence") => Broken::Silence,
        _ => Broken::Reset,
    }
}

/// 502 is a page of whatever stands before the provider; the others are the provider's own.
fn error(scene: &Scene<'_>, wish: &Wish) -> Answer {
    const PAGE: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
                        <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
    let answer = match wish.status {
        StatusCode::BAD_GATEWAY => Answer::html(StatusCode::BAD_GATEWAY, PAGE),
        status => scene.fail(status, wish.code.as_deref()),
    };
    wish.with_patience(answer, scene.clock.now())
}

fn malformed(mut answer: Answer, wish: &Wish) -> Broken {
    const PAGE: &str = "<!doctype html><title>Maintenance</title><h1>We will be back soon</h1>";
    match wish.variant.as_deref() {
        Some("truncated_json") => answer.body = answer.body.slice(..answer.body.len() / 2),
        Some("empty") => answer.body = bytes::Bytes::new(),
        Some("content_type") => answer = answer.with("content-type", "application/octet-stream"),
        Some("oversize") => {
            let mut body = answer.body.to_vec();
            body.resize(OVERSIZE, b' ');
            answer.body = body.into();
        }
        _ => {
            answer = answer.with("content-type", "text/html; charset=utf-8");
            answer.body = PAGE.into();
        }
    }
    Broken::Answer(answer)
}
