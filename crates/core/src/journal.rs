//! The only witness: an append-only, bounded, ordered record of a stage's exchanges.
//!
//! Every question ("was it called?", "how often?", coverage, diagrams) is a query on it. It is bounded in
//! count and in bytes; the oldest exchanges go first, and what went is counted so that nobody takes
//! silence for absence.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{Ending, Exchange, ExchangeDraft, SharedFacts};

/// How much a journal keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalLimits {
    /// The largest number of exchanges.
    pub exchanges_max: usize,
    /// The largest sum of their weights, in bytes.
    pub bytes_max: usize,
}

impl Default for JournalLimits {
    fn default() -> Self {
        Self {
            exchanges_max: 100_000,
            bytes_max: 64 << 20,
        }
    }
}

/// What a journal had to drop to stay within its limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Exchanges dropped.
    pub exchanges: u64,
    /// The highest sequence number among them; zero when nothing was dropped.
    pub up_to_seq: u64,
}

/// The record of a stage's exchanges. Cheap to clone; clones are the same journal.
#[derive(Clone, Debug)]
pub struct Journal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: JournalLimits,
    entries: Mutex<Entries>,
    /// Counts appends and endings, for those who wait for news.
    news: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Entries {
    kept: VecDeque<Entry>,
    /// The sum of their weights.
    bytes: usize,
    last_seq: u64,
    dropped: Dropped,
}

/// An exchange, with its weight and its observer's mark beside it: a search by mark touches no exchange that it does not
/// want, and dropping the oldest under the lock none at all.
#[derive(Debug)]
struct Entry {
    mark: u64,
    weight: usize,
    exchange: Arc<Exchange>,
}

/// An exchange that leaves the journal.
#[derive(Debug)]
struct Oldest {
    exchange: Option<Arc<Exchange>>,
    /// Whether another one has to leave too.
    has_more: bool,
}

impl Journal {
    /// An empty journal with the given limits.
    #[must_use]
    pub fn new(limits: JournalLimits) -> Self {
        Self(Arc::new(Inner {
            limits,
            entries: Mutex::default(),
            news: watch::channel(0).0,
        }))
    }

    /// Records that an exchange has begun. End it with [`Journal::end`].
    pub fn begin(&self, draft: ExchangeDraft) -> Arc<Exchange> {
        self.begin_marked(draft, None, 0)
    }

    /// As [`Journal::begin`], with facts that many exchanges share, and a mark by which the observer finds its
    /// exchanges again.
    pub fn begin_marked(
        &self,
        draft: ExchangeDraft,
        shared: Option<SharedFacts>,
        mark: u64,
    ) -> Arc<Exchange> {
        let mut exchange = Arc::new(Exchange::new(draft, shared));
        let weight = exchange.weight();
        let oldest = {
            let mut entries = self.lock();
            entries.last_seq += 1;
            Arc::get_mut(&mut exchange)
                .expect("nobody else has the exchange yet")
                .set_seq(entries.last_seq);
            entries.push(mark, weight, Arc::clone(&exchange));
            entries.pop_over(self.0.limits)
        };
        self.shrink(oldest);
        self.announce();
        exchange
    }

    /// Records how an exchange ended. Only the first ending counts; `false` tells that there was one already.
    pub fn end(&self, exchange: &Exchange, ending: Ending) -> bool {
        self.end_sharing(exchange, ending, None)
    }

    /// As [`Journal::end`], with facts that many exchanges share.
    pub fn end_sharing(
        &self,
        exchange: &Exchange,
        ending: Ending,
        shared: Option<SharedFacts>,
    ) -> bool {
        let weight = ending.weight();
        let is_first = exchange.end(ending, shared);
        if is_first && weight > 0 {
            let oldest = {
                let mut entries = self.lock();
                entries.grow(exchange.seq(), weight);
                entries.pop_over(self.0.limits)
            };
            self.shrink(oldest);
        }
        self.announce();
        is_first
    }

    /// Records an exchange that is already over.
    pub fn record(&self, draft: ExchangeDraft, ending: Ending) -> Arc<Exchange> {
        let exchange = self.begin(draft);
        self.end(&exchange, ending);
        exchange
    }

    /// All exchanges kept, oldest first.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Arc<Exchange>> {
        self.after(0)
    }

    /// The exchanges that came after `seq`, oldest first.
    #[must_use]
    pub fn after(&self, seq: u64) -> Vec<Arc<Exchange>> {
        self.select(seq, |_mark| true)
    }

    /// The exchanges after `seq` whose mark is `wanted`, oldest first.
    #[must_use]
    pub fn select(&self, seq: u64, mut wanted: impl FnMut(u64) -> bool) -> Vec<Arc<Exchange>> {
        let entries = self.lock();
        let start = entries.place_after(seq);
        let later = entries.kept.range(start..);
        later
            .filter(|entry| wanted(entry.mark))
            .map(|entry| Arc::clone(&entry.exchange))
            .collect()
    }

    /// The sequence number of the newest exchange; zero when there was none.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.lock().last_seq
    }

    /// What was dropped so far.
    #[must_use]
    pub fn dropped(&self) -> Dropped {
        self.lock().dropped
    }

    /// The sum of the weights of what is kept, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// A channel that changes with every append and every ending. Subscribe before you look, then wait.
    #[must_use]
    pub fn news(&self) -> watch::Receiver<u64> {
        self.0.news.subscribe()
    }

    /// Asks `found` now and after every change, until it gives a value or `limit` has passed.
    pub async fn wait_for<T>(
        &self,
        limit: Duration,
        mut found: impl FnMut(&Self) -> Option<T>,
    ) -> Option<T> {
        let mut news = self.news();
        let search = async {
            loop {
                news.borrow_and_update();
                if let Some(value) = found(self) {
                    return Some(value);
                }
                if news.changed().await.is_err() {
                    return None;
                }
            }
        };
        match tokio::time::timeout(limit, search).await {
            Ok(value) => value,
            Err(_elapsed) => found(self),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells those who wait. Who subscribes after the change and then looks, as they must, sees it anyway.
    fn announce(&self) {
        if self.0.news.receiver_count() > 0 {
            self.0
                .news
                .send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    /// Drops the oldest exchanges until the limits are kept. Freeing them takes longer than the lock should be held.
    fn shrink(&self, mut oldest: Oldest) {
        loop {
            drop(oldest.exchange);
            if !oldest.has_more {
                return;
            }
            oldest = self.lock().pop_over(self.0.limits);
        }
    }
}

impl Entries {
    fn push(&mut self, mark: u64, weight: usize, exchange: Arc<Exchange>) {
        self.bytes += weight;
        self.kept.push_back(Entry {
            mark,
            weight,
            exchange,
        });
    }

    /// The place of the first exchange after `seq`. Sequence numbers have no gaps.
    fn place_after(&self, seq: u64) -> usize {
        let gone = self.dropped.up_to_seq;
        usize::try_from(seq.saturating_sub(gone))
            .unwrap_or(usize::MAX)
            .min(self.kept.len())
    }

    /// An exchange weighs more than it did. One that was dropped has left the account and does not come back.
    fn grow(&mut self, seq: u64, weight: usize) {
        let place = self.place_after(seq.saturating_sub(1));
        if seq > self.dropped.up_to_seq
            && let Some(entry) = self.kept.get_mut(place)
        {
            entry.weight += weight;
            self.bytes += weight;
        }
    }

    /// Takes out the oldest exchange when there is more than the limits allow.
    fn pop_over(&mut self, limits: JournalLimits) -> Oldest {
        let oldest = if self.is_over(limits) {
            self.kept.pop_front()
        } else {
            None
        };
        if let Some(oldest) = &oldest {
            self.bytes -= oldest.weight;
            self.dropped.exchanges += 1;
            self.dropped.up_to_seq += 1;
        }
        Oldest {
            has_more: oldest.is_some() && self.is_over(limits),
            exchange: oldest.map(|oldest| oldest.exchange),
        }
    }

    fn is_over(&self, limits: JournalLimits) -> bool {
        self.kept.len() > limits.exchanges_max || self.bytes > limits.bytes_max
    }
}

impl Default for Journal {
    fn default() -> Self {
        Self::new(JournalLimits::default())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::StatusCode;
    use jiff::Timestamp;

    use super::*;
    use crate::{Attributes, Edge, ExchangeKind, Facts, Headers, Outcome, Response};

    fn draft(operation: &str) -> ExchangeDraft {
        ExchangeDraft {
            kind: ExchangeKind::Http,
            edge: Edge::new("shop", "payment"),
            operation: operation.to_owned(),
            started_at: Timestamp::UNIX_EPOCH,
            request: None,
            trace: None,
            parent_span: None,
            attributes: Attributes::new(),
        }
    }

    fn answered(body: &'static str) -> Ending {
        Ending {
            outcome: Outcome::Answered,
            response: Some(Response {
                status: StatusCode::OK,
                headers: Headers::new(),
                body: Bytes::from_static(body.as_bytes()),
            }),
            duration: Duration::from_millis(1),
            attributes: Attributes::new(),
        }
    }

    #[test]
    fn what_came_after_a_number_is_found_also_when_the_oldest_are_gone() {
        let journal = Journal::new(JournalLimits {
            exchanges_max: 3,
            bytes_max: 1 << 20,
        });
        for n in 1..=5 {
            journal.begin(draft(&format!("GET /{n}")));
        }
        let kept: Vec<_> = journal.exchanges().iter().map(|x| x.seq()).collect();
        assert_eq!(kept, [3, 4, 5]);
        assert_eq!(journal.after(4).len(), 1);
        assert_eq!(journal.after(0).len(), 3);
        assert_eq!(
            journal.dropped(),
            Dropped {
                exchanges: 2,
                up_to_seq: 2
            }
        );
    }

    #[test]
    fn the_bound_in_bytes_counts_answers_and_is_given_back() {
        let journal = Journal::new(JournalLimits {
            exchanges_max: 100,
            bytes_max: 2_016,
        });
        let first = journal.begin(draft("GET /1"));
        let second = journal.begin(draft("GET /2"));
        assert!(journal.end(&first, answered("0123456789")));
        assert_eq!(journal.bytes(), 640 + 10 + 640);
        journal.begin(draft("GET /3"));
        journal.begin(draft("GET /4"));
        assert_eq!(journal.dropped().up_to_seq, 1);
        assert_eq!(journal.bytes(), 3 * 640);
        assert!(journal.end(&second, answered("x")));
        assert_eq!(journal.bytes(), 3 * 640 + 1);
    }

    #[test]
    fn an_answer_that_many_share_weighs_nothing() {
        let journal = Journal::default();
        let exchange = journal.begin(draft("GET /"));
        let facts = Facts {
            answer: answered("0123456789").response,
            ..Facts::default()
        };
        let ending = Ending {
            response: None,
            ..answered("")
        };
        assert!(journal.end_sharing(&exchange, ending, Some(Arc::new(facts))));
        assert_eq!(journal.bytes(), 640);
        let sent = exchange.response().map(|response| response.body.clone());
        assert_eq!(sent, Some(Bytes::from_static(b"0123456789")));
    }

    #[test]
    fn only_the_first_ending_counts() {
        let journal = Journal::default();
        let exchange = journal.begin(draft("GET /"));
        assert!(journal.end(&exchange, answered("first")));
        assert!(!journal.end(&exchange, answered("second, and longer")));
        assert_eq!(
            exchange.response().map(|r| r.body.clone()),
            Some(Bytes::from_static(b"first"))
        );
        assert_eq!(journal.bytes(), 640 + 5);
    }

    #[tokio::test]
    async fn a_waiter_sees_what_comes_later_and_gives_up_in_time() {
        let journal = Journal::default();
        let waiter = tokio::spawn({
            let journal = journal.clone();
            async move {
                let two = |j: &Journal| (j.last_seq() >= 2).then(|| j.last_seq());
                journal.wait_for(Duration::from_secs(10), two).await
            }
        });
        journal.begin(draft("GET /1"));
        journal.begin(draft("GET /2"));
        assert_eq!(waiter.await.expect("no panic"), Some(2));
        let never = journal
            .wait_for(Duration::from_millis(1), |_| None::<()>)
            .await;
        assert_eq!(never, None);
    }
}
