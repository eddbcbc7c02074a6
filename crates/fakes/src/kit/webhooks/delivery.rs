//! What is known of each webhook: where it goes, how often it was tried, what became of it.

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;

use super::Notice;

/// How many deliveries are kept; the oldest that are over go first.
const KEPT: usize = 10_000;

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
    /// When it arose.
    pub created_at: Timestamp,
    /// Tries so far, those that a fault took among them.
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

impl DeliveryState {
    /// It has not arrived, and the endpoint is still there.
    fn is_missing(self) -> bool {
        matches!(self, Self::Pending | Self::Failed | Self::Lost)
    }
}

/// All deliveries of one fake.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    last_id: u64,
    kept: VecDeque<(Delivery, Notice)>,
    /// How many of an event's deliveries have not arrived.
    missing: HashMap<String, usize>,
    open: usize,
}

impl Deliveries {
    /// Writes a new one down, and gives its number.
    pub(super) fn open(&mut self, notice: &Notice, now: Timestamp) -> u64 {
        self.last_id += 1;
        self.open += 1;
        if let Some(event) = &notice.event_id {
            *self.missing.entry(event.clone()).or_default() += 1;
        }
        let delivery = Delivery {
            id: self.last_id,
            account: notice.account.clone(),
            event: notice.event.clone(),
            event_id: notice.event_id.clone(),
            object: notice.object.clone(),
            order: notice.order.clone(),
            url: notice.endpoint.url.clone(),
            created_at: now,
            tries: 0,
            status: None,
            state: DeliveryState::Pending,
            fault: None,
        };
        self.kept.push_back((delivery, notice.clone()));
        let is_over = |(delivery, _): &(Delivery, Notice)| delivery.state != DeliveryState::Pending;
        while self.kept.len() > KEPT && self.kept.front().is_some_and(is_over) {
            let oldest = self.kept.pop_front();
            if let Some((delivery, _)) = oldest.filter(|(oldest, _)| oldest.state.is_missing()) {
                self.settle(delivery.event_id.as_deref());
            }
        }
        self.last_id
    }

    /// How many are pending.
    pub(super) fn pending_in_all(&self) -> usize {
        self.open
    }

    /// How many deliveries of an event have not arrived: they are pending, lost, or all their tries are used up.
    pub(super) fn missing(&self, event: &str) -> usize {
        self.missing.get(event).copied().unwrap_or(0)
    }

    /// Changes one.
    pub(super) fn change(&mut self, id: u64, change: impl FnOnce(&mut Delivery)) {
        let Some(at) = self.place(id) else { return };
        let Some((delivery, _)) = self.kept.get_mut(at) else {
            return;
        };
        let before = delivery.state;
        change(delivery);
        let (after, event) = (delivery.state, delivery.event_id.clone());
        if before == DeliveryState::Pending && after != DeliveryState::Pending {
            self.open = self.open.saturating_sub(1);
        }
        if before.is_missing() && !after.is_missing() {
            self.settle(event.as_deref());
        }
    }

    /// One delivery of an event fewer is missing.
    fn settle(&mut self, event: Option<&str>) {
        let Some(event) = event else { return };
        let left = self.missing.get_mut(event).map(|count| {
            *count = count.saturating_sub(1);
            *count
        });
        if left == Some(0) {
            self.missing.remove(event);
        }
    }

    /// The notice behind a delivery.
    pub(super) fn notice(&self, id: u64) -> Option<Notice> {
        let (_, notice) = self.kept.get(self.place(id)?)?;
        Some(notice.clone())
    }

    /// All, oldest first.
    pub(super) fn list(&self) -> Vec<Delivery> {
        self.kept
            .iter()
            .map(|(delivery, _)| delivery.clone())
            .collect()
    }

    /// The notice of the same object and endpoint before this one.
    pub(super) fn before(&self, id: u64) -> Option<Notice> {
        let at = self.place(id)?;
        let (_, this) = self.kept.get(at)?;
        let mut earlier = self.kept.iter().take(at).rev().map(|(_, notice)| notice);
        earlier
            .find(|notice| notice.object == this.object && notice.endpoint == this.endpoint)
            .cloned()
    }

    /// Numbers only grow, and what is dropped is dropped from the front.
    fn place(&self, id: u64) -> Option<usize> {
        let first = self.kept.front()?.0.id;
        usize::try_from(id.checked_sub(first)?).ok()
    }
}
