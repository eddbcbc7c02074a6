//! Brings notices to the shop: the first tries to an endpoint one after the other, repetitions on their own.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use styk_core::Clock;
use tokio::sync::{oneshot, watch};

use super::attempt::{Sender, facts};
use super::delivery::Deliveries;
use super::twisted::Mishap;
use super::{Delivery, DeliveryState, Notice, Try};
use crate::kit::faults::Faults;
use crate::kit::record::Recorder;
use crate::kit::{Call, Timers};

/// How many webhooks may be pending.
const PENDING_MAX: usize = 10_000;
/// A webhook does not hold up the next one to the same endpoint for longer.
pub(super) const TURN: Duration = Duration::from_secs(2);
/// A webhook that comes before the answer does not hold the answer for longer.
const EARLY_LIMIT: Duration = Duration::from_secs(10);

/// The pauses between the tries of a webhook.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Pauses {
    /// 1, 2, 4, 8 … s: a test need not wait.
    #[default]
    Short,
    /// The provider's own, times a factor (1 is real life).
    Real(f64),
    /// These.
    Fixed(Vec<Duration>),
}

/// The webhooks of one fake. Clones share it.
#[derive(Clone, Debug)]
pub struct Outbox(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) clock: Clock,
    pub(super) sender: Sender,
    pub(super) timers: Timers,
    faults: Faults,
    state: Mutex<Post>,
    changes: watch::Sender<u64>,
}

#[derive(Debug)]
pub(super) struct Post {
    pub(super) deliveries: Deliveries,
    pauses: Pauses,
    real_pauses: Vec<Duration>,
    /// Those whose call has not been answered yet, by the call's place in the journal.
    waiting: HashMap<u64, Vec<Job>>,
    lanes: HashMap<String, Lane>,
    /// How often each endpoint was removed; what was sent before is given up.
    removals: HashMap<String, u64>,
    /// Held until the next one of their object or order was delivered.
    pub(super) held: Vec<Held>,
    dropped: u64,
}

/// The first tries to one endpoint.
#[derive(Debug, Default)]
struct Lane {
    queue: VecDeque<Job>,
    is_running: bool,
}

/// A delivery that waits until another one has overtaken it: that drops it.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) endpoint: String,
    pub(super) object: String,
    pub(super) order: Option<String>,
    pub(super) _release: oneshot::Sender<()>,
}

/// One delivery to be made.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) id: u64,
    pub(super) notice: Notice,
    pub(super) mishap: Option<Mishap>,
    /// The fault's word, for the record.
    pub(super) fault: Option<&'static str>,
    pub(super) is_struck: bool,
    pub(super) removals: u64,
}

impl Outbox {
    pub(crate) fn new(
        clock: Clock,
        recorder: Recorder,
        timers: Timers,
        faults: Faults,
        pauses: Pauses,
    ) -> Result<Self, String> {
        Ok(Self(Arc::new(Inner {
            sender: Sender::new(clock.clone(), recorder)?,
            clock,
            timers,
            faults,
            state: Mutex::new(Post {
                deliveries: Deliveries::default(),
                pauses,
                real_pauses: Vec::new(),
                waiting: HashMap::new(),
                lanes: HashMap::new(),
                removals: HashMap::new(),
                held: Vec::new(),
                dropped: 0,
            }),
            changes: watch::channel(0).0,
        })))
    }

    pub(crate) fn set_real_pauses(&self, pauses: Vec<Duration>) {
        self.post().real_pauses = pauses;
    }

    /// Changes the pauses of what is tried again from now on.
    pub fn set_pauses(&self, pauses: Pauses) {
        self.post().pauses = pauses;
    }

    /// The pauses between the tries.
    #[must_use]
    pub fn pauses(&self) -> Vec<Duration> {
        const SHORT: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];
        let post = self.post();
        match &post.pauses {
            Pauses::Short => SHORT.map(Duration::from_secs).to_vec(),
            Pauses::Real(factor) => {
                let scaled = post
                    .real_pauses
                    .iter()
                    .map(|pause| pause.mul_f64(factor.max(0.0)));
                scaled.collect()
            }
            Pauses::Fixed(pauses) => pauses.clone(),
        }
    }

    /// Sends a notice: when it comes from a call, after the call's answer has gone out.
    pub fn send(&self, notice: Notice, call: Option<&Call>) {
        let mut post = self.post();
        if post.deliveries.pending_in_all() >= PENDING_MAX {
            post.dropped += 1;
            tracing::error!(
                event = notice.event,
                "too many webhooks are pending; one is dropped"
            );
            return;
        }
        let id = post.deliveries.open(&notice, self.0.clock.now());
        let removals = post.removals.get(&notice.endpoint.id).copied();
        let job = Job {
            id,
            notice,
            mishap: None,
            fault: None,
            is_struck: false,
            removals: removals.unwrap_or(0),
        };
        if let Some(call) = call {
            post.waiting
                .entry(call.exchange.seq())
                .or_default()
                .push(job);
            return;
        }
        drop(post);
        self.queue(job);
    }

    /// Asks the shop at once and gives its answer; not tried again. For what a provider asks before it goes on.
    ///
    /// # Errors
    ///
    /// When the shop cannot be reached or does not answer in time; the text says which.
    pub async fn ask(
        &self,
        notice: Notice,
        limit: Duration,
    ) -> Result<(StatusCode, Bytes), String> {
        let id = self.post().deliveries.open(&notice, self.0.clock.now());
        let attempt = Try {
            number: 1,
            at: self.0.clock.now(),
            twist: None,
        };
        let facts = facts(&notice, id, 1, None);
        let answered = self.0.sender.send(&notice, &attempt, facts, limit).await;
        let status = answered.as_ref().ok().map(|(status, _)| status.as_u16());
        self.change(id, |delivery| {
            delivery.tries = 1;
            delivery.status = status;
            delivery.state = match status {
                Some(_) => DeliveryState::Delivered,
                None => DeliveryState::Failed,
            };
        });
        answered
    }

    /// How many deliveries of an event have not arrived: they are on their way, lost, or given up.
    #[must_use]
    pub fn missing(&self, event_id: &str) -> usize {
        self.post().deliveries.missing(event_id)
    }

    /// Gives up what is on its way to an endpoint (by its id): it was removed or switched off.
    pub fn cancel(&self, endpoint: &str) {
        *self.post().removals.entry(endpoint.to_owned()).or_default() += 1;
    }

    /// All deliveries that are kept, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.post().deliveries.list()
    }

    /// How many notices were dropped because too many were pending.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.post().dropped
    }

    /// Sends a delivery again, whatever became of it; gives the new one's number. `None` when it is not kept.
    pub fn resend(&self, delivery: u64) -> Option<u64> {
        let mut post = self.post();
        let notice = post.deliveries.notice(delivery)?;
        let id = post.deliveries.open(&notice, self.0.clock.now());
        let removals = post.removals.get(&notice.endpoint.id).copied();
        drop(post);
        self.queue(Job {
            id,
            notice,
            mishap: None,
            fault: None,
            is_struck: true,
            removals: removals.unwrap_or(0),
        });
        Some(id)
    }

    /// Ends with every change of a delivery.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// A call's answer is ready: what must arrive before it does so now.
    pub(crate) async fn before_answer(&self, call: &Call) {
        let seq = call.exchange.seq();
        let early: Vec<Job> = {
            let mut post = self.post();
            let Some(mut jobs) = post.waiting.remove(&seq) else {
                return;
            };
            jobs.iter_mut().for_each(|job| self.strike(job));
            let is_early = |job: &Job| job.mishap == Some(Mishap::Early);
            let (early, later): (Vec<_>, Vec<_>) = jobs.into_iter().partition(is_early);
            if !later.is_empty() {
                post.waiting.insert(seq, later);
            }
            early
        };
        for job in early {
            let turn = self.deliver_in_background(job);
            tokio::select! {
                _ = turn => {}
                () = self.0.clock.sleep(EARLY_LIMIT) => {}
            }
        }
    }

    /// A call's answer has gone out: its webhooks may.
    pub(crate) fn after_answer(&self, call: &Call) {
        let jobs = self.post().waiting.remove(&call.exchange.seq());
        for job in jobs.into_iter().flatten() {
            self.queue(job);
        }
    }

    /// Asks once for the fault that a webhook is given.
    fn strike(&self, job: &mut Job) {
        if std::mem::replace(&mut job.is_struck, true) {
            return;
        }
        let notice = &job.notice;
        let mut entities = vec![notice.object.clone()];
        entities.extend(notice.order.clone());
        entities.extend(notice.event_id.clone());
        let Some(struck) = self.0.faults.strike_webhook(&notice.event, &entities) else {
            return;
        };
        // What could not be read was not armed.
        job.mishap = Mishap::read(&struck.fault).ok();
        job.fault = Some(struck.fault.kind.word());
    }

    fn queue(&self, mut job: Job) {
        self.strike(&mut job);
        if let Some(fault) = job.fault {
            self.change(job.id, |delivery| delivery.fault = Some(fault.to_owned()));
        }
        let endpoint = job.notice.endpoint.id.clone();
        let must_run = {
            let mut post = self.post();
            let lane = post.lanes.entry(endpoint.clone()).or_default();
            lane.queue.push_back(job);
            !std::mem::replace(&mut lane.is_running, true)
        };
        if must_run {
            let outbox = self.clone();
            self.0
                .timers
                .run(Box::pin(async move { outbox.run_lane(&endpoint).await }));
        }
    }

    async fn run_lane(&self, endpoint: &str) {
        loop {
            let job = {
                let mut post = self.post();
                let next = post
                    .lanes
                    .get_mut(endpoint)
                    .and_then(|lane| lane.queue.pop_front());
                if next.is_none() {
                    post.lanes.remove(endpoint);
                }
                next
            };
            let Some(job) = job else { return };
            let turn = self.deliver_in_background(job);
            tokio::select! {
                biased;
                _ = turn => {}
                () = self.0.clock.sleep(TURN) => {}
            }
        }
    }

    /// Starts a delivery; the receiver ends when the next one may go.
    fn deliver_in_background(&self, job: Job) -> oneshot::Receiver<()> {
        let (first, turn) = oneshot::channel();
        let outbox = self.clone();
        self.0
            .timers
            .run(Box::pin(async move { outbox.deliver(job, first).await }));
        turn
    }

    pub(super) fn is_cancelled(&self, job: &Job) -> bool {
        let post = self.post();
        post.removals
            .get(&job.notice.endpoint.id)
            .copied()
            .unwrap_or(0)
            != job.removals
    }

    pub(super) fn change(&self, id: u64, change: impl FnOnce(&mut Delivery)) {
        self.post().deliveries.change(id, change);
        self.0.changes.send_modify(|count| *count += 1);
    }

    pub(super) fn post(&self) -> MutexGuard<'_, Post> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
