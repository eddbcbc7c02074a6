//! Brings notices to the shop.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use styk_core::Clock;

use super::Notice;
use crate::kit::faults::Faults;
use crate::kit::record::Recorder;
use crate::kit::{Call, Timers};

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
pub struct Outbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    recorder: Recorder,
    timers: Timers,
    faults: Faults,
    pauses: Pauses,
    real_pauses: Mutex<Vec<Duration>>,
    client: reqwest::Client,
    deliveries: Mutex<Vec<Delivery>>,
}

/// One webhook on its way, or there.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    /// Its number, from 1.
    pub id: u64,
    /// The account.
    pub account: String,
    /// The event's type.
    pub event: String,
    /// The provider's id of the event.
    pub event_id: Option<String>,
    /// The provider's id of the object.
    pub object: String,
    /// The shop's order.
    pub order: Option<String>,
    /// Where it goes.
    pub url: String,
    /// When it was to go out first.
    pub created_at: Timestamp,
    /// Tries so far.
    pub tries: u32,
    /// The shop's last answer.
    pub status: Option<u16>,
    /// What became of it.
    pub state: DeliveryState,
    /// The fault that it was given, if any.
    pub fault: Option<String>,
}

/// What became of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is to be tried, or tried again.
    Pending,
    /// The shop took it.
    Delivered,
    /// All tries are used up.
    Failed,
    /// The endpoint is gone.
    Cancelled,
    /// A fault took it.
    Lost,
}

impl Outbox {
    pub(crate) fn new(
        clock: Clock,
        recorder: Recorder,
        timers: Timers,
        faults: Faults,
        pauses: Pauses,
    ) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self(Arc::new(Inner {
            clock,
            recorder,
            timers,
            faults,
            pauses,
            real_pauses: Mutex::default(),
            client,
            deliveries: Mutex::default(),
        })))
    }

    pub(crate) fn set_real_pauses(&self, pauses: Vec<Duration>) {
        *self
            .0
            .real_pauses
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = pauses;
    }

    /// Sends a notice: when it comes from a call, after the call's answer has gone out.
    pub fn send(&self, notice: Notice, call: Option<&Call>) {
        let _ = (notice, call);
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
        let _ = (notice, limit);
        Err(String::new())
    }

    /// How many deliveries of an event have not arrived yet.
    #[must_use]
    pub fn pending(&self, event_id: &str) -> usize {
        let _ = event_id;
        0
    }

    /// Gives up what is on its way to an endpoint (by its id): it was removed or switched off.
    pub fn cancel(&self, endpoint: &str) {
        let _ = endpoint;
    }

    /// All deliveries, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.0
            .deliveries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// A call's answer is ready: what must arrive before it does so now.
    pub(crate) async fn before_answer(&self, call: &Call) {
        let _ = call;
    }

    /// A call's answer has gone out: its webhooks may.
    pub(crate) fn after_answer(&self, call: &Call) {
        let _ = call;
    }
}
