//! One delivery: its tries, and the mishap that befalls it.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::attempt::facts;
use super::outbox::{Held, Job, Outbox};
use super::twisted::Mishap;
use super::{DeliveryState, Try, Twist};

/// A webhook that is held for the next one goes out after this time at the latest.
const HOLD_LIMIT: Duration = Duration::from_secs(30);
/// As long as a try may take.
const TRY_LIMIT: Duration = Duration::from_secs(30);

impl Outbox {
    /// Makes a delivery. `first` is dropped when the next delivery to this endpoint may go.
    pub(super) async fn deliver(&self, job: Job, first: oneshot::Sender<()>) {
        match job.mishap.clone() {
            None | Some(Mishap::Early | Mishap::Reencoded) => self.tries(&job, first).await,
            Some(Mishap::Lost) => {
                self.change(job.id, |delivery| delivery.state = DeliveryState::Lost);
            }
            Some(Mishap::LostUntil(number)) => {
                drop(first);
                self.tries_from(&job, number).await;
            }
            Some(Mishap::Late(delay)) => {
                drop(first);
                self.0.clock.sleep(delay).await;
                self.tries_from(&job, 1).await;
            }
            Some(Mishap::Reordered) => {
                let next = self.hold(&job);
                drop(first);
                tokio::select! {
                    _ = next => {}
                    () = self.0.clock.sleep(HOLD_LIMIT) => {}
                }
                self.tries_from(&job, 1).await;
            }
            Some(Mishap::False(twist)) => {
                self.attempt(&job, 0, self.0.clock.now(), Some(twist)).await;
                self.tries(&job, first).await;
            }
            Some(Mishap::DuplicatedAtOnce) => {
                let now = self.0.clock.now();
                let twin = self.attempt(&job, 1, now, None);
                tokio::join!(twin, self.tries(&job, first));
            }
            Some(Mishap::Duplicated(delay)) => {
                self.tries(&job, first).await;
                self.0.clock.sleep(delay).await;
                self.attempt(&job, 2, self.0.clock.now(), None).await;
            }
            Some(Mishap::Replayed(age)) => {
                self.tries(&job, first).await;
                let long_ago = self.0.clock.now().checked_sub(age);
                let long_ago = long_ago.unwrap_or(Timestamp::UNIX_EPOCH);
                self.attempt(&job, 2, long_ago, None).await;
            }
            Some(Mishap::Regressed) => {
                let before = self.post().deliveries.before(job.id);
                self.tries(&job, first).await;
                if let Some(notice) = before {
                    let older = Job { notice, ..job };
                    self.attempt(&older, 1, self.0.clock.now(), None).await;
                }
            }
        }
    }

    async fn tries(&self, job: &Job, first: oneshot::Sender<()>) {
        if self.one_try(job, 1).await {
            return;
        }
        drop(first);
        self.tries_from(job, 2).await;
    }

    /// The tries from a number on. Those before it are not sent, but take their time.
    async fn tries_from(&self, job: &Job, from: u32) {
        let pauses = std::iter::once(Duration::ZERO).chain(self.pauses());
        for (number, pause) in (1..).zip(pauses) {
            let is_own = number >= from;
            if number > 1 {
                self.0.clock.sleep(pause).await;
            }
            if is_own && self.one_try(job, number).await {
                return;
            }
            if !is_own {
                self.change(job.id, |delivery| {
                    delivery.tries = delivery.tries.max(number);
                });
            }
        }
        self.change(job.id, |delivery| delivery.state = DeliveryState::Failed);
    }

    /// Sends one try; `true` when there is nothing more to do.
    async fn one_try(&self, job: &Job, number: u32) -> bool {
        if self.is_cancelled(job) {
            self.change(job.id, |delivery| delivery.state = DeliveryState::Cancelled);
            return true;
        }
        let twist = (job.mishap == Some(Mishap::Reencoded)).then_some(Twist::Reencoded);
        let accepted = self.attempt(job, number, self.0.clock.now(), twist).await;
        if accepted {
            self.change(job.id, |delivery| delivery.state = DeliveryState::Delivered);
            self.release(job);
        }
        accepted
    }

    /// One request; whether the shop took it.
    async fn attempt(&self, job: &Job, number: u32, at: Timestamp, twist: Option<Twist>) -> bool {
        let attempt = Try { number, at, twist };
        let facts = facts(&job.notice, job.id, number, job.fault);
        let answered = self
            .0
            .sender
            .send(&job.notice, &attempt, facts, TRY_LIMIT)
            .await;
        let status = answered.as_ref().ok().map(|(status, _)| status.as_u16());
        let is_false = twist.is_some_and(|twist| twist != Twist::Reencoded);
        if !is_false {
            self.change(job.id, |delivery| {
                delivery.tries = delivery.tries.max(number);
                delivery.status = status;
            });
        }
        answered.is_ok_and(|(status, body)| job.notice.message.is_accepted(status, &body))
    }

    /// Waits for the next delivery of the same object or order.
    fn hold(&self, job: &Job) -> oneshot::Receiver<()> {
        let (release, next) = oneshot::channel();
        let notice = &job.notice;
        self.post().held.push(Held {
            endpoint: notice.endpoint.id.clone(),
            object: notice.object.clone(),
            order: notice.order.clone(),
            _release: release,
        });
        next
    }

    /// Lets go what was held for this delivery.
    fn release(&self, job: &Job) {
        let notice = &job.notice;
        self.post().held.retain(|held| {
            let is_next = held.object == notice.object
                || (held.order.is_some() && held.order == notice.order);
            held.endpoint != notice.endpoint.id || !is_next
        });
    }
}
