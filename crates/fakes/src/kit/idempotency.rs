//! Idempotency keys: the first result of a key is kept, and given again.
//!
//! The store is plain data inside an account's state: whoever claims a key holds the account's lock. What differs
//! from provider to provider (what counts as the same request, what is stored, what the late ones hear) is theirs.

use std::collections::{HashMap, VecDeque};
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use tokio::sync::watch;

use super::Answer;

/// How many results are kept; beyond it the oldest go before their time, as if their lifetime had ended.
const LIMIT: usize = 200_000;
/// Bodies below this size are not worth packing.
const PACK_FROM: usize = 256;

/// The keys of one account, with answers as results.
#[derive(Clone, Debug)]
pub struct Keys(KeysOf<Stored>);

/// The keys of one account, with results of any kind: a provider that can make an answer again from less keeps less.
#[derive(Debug)]
pub struct KeysOf<T> {
    lifetime: Duration,
    entries: HashMap<Arc<str>, Entry<T>>,
    by_age: VecDeque<(Timestamp, Arc<str>)>,
}

#[derive(Debug)]
enum Entry<T> {
    Running(u64, watch::Sender<()>),
    Done(u64, Box<T>),
}

/// An answer, packed.
#[derive(Clone, Debug)]
pub struct Stored {
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    Plain(Bytes),
    Packed(Box<[u8]>),
}

/// What a key is, when a request comes with it.
#[derive(Debug)]
pub enum Claim<T = Answer> {
    /// Seen first: go on, then [`Keys::finish`].
    First,
    /// Seen before: the first result.
    Replay(T),
    /// Seen before, with another request.
    Mismatch,
    /// The first request is still running; the receiver ends (with an error) when it is done.
    Running(watch::Receiver<()>),
}

impl Keys {
    /// An empty store whose results live that long.
    #[must_use]
    pub fn new(lifetime: Duration) -> Self {
        Self(KeysOf::new(lifetime))
    }

    /// Claims a key for a request. `fingerprint` stands for all that must be equal in a repetition.
    pub fn claim(&mut self, key: &str, fingerprint: u64, now: Timestamp) -> Claim {
        match self.0.claim(&key.into(), fingerprint, now) {
            Claim::First => Claim::First,
            Claim::Replay(stored) => Claim::Replay(stored.answer()),
            Claim::Mismatch => Claim::Mismatch,
            Claim::Running(done) => Claim::Running(done),
        }
    }

    /// Ends a claim: with the result to be kept, or `None` when the key shall be free again. Whoever waits wakes.
    pub fn finish(&mut self, key: &str, result: Option<&Answer>, now: Timestamp) {
        self.0.finish(key, result.map(Stored::new), now);
    }

    /// Forgets a key, as if its lifetime had ended.
    pub fn expire(&mut self, key: &str) {
        self.0.expire(key);
    }
}

impl<T: Clone> KeysOf<T> {
    /// An empty store whose results live that long.
    #[must_use]
    pub fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            entries: HashMap::new(),
            by_age: VecDeque::new(),
        }
    }

    /// Claims a key for a request. `fingerprint` stands for all that must be equal in a repetition.
    pub fn claim(&mut self, key: &Arc<str>, fingerprint: u64, now: Timestamp) -> Claim<T> {
        self.forget_old(now);
        match self.entries.get(key) {
            Some(Entry::Running(known, _) | Entry::Done(known, _)) if *known != fingerprint => {
                Claim::Mismatch
            }
            Some(Entry::Running(_, done)) => Claim::Running(done.subscribe()),
            Some(Entry::Done(_, stored)) => Claim::Replay(T::clone(stored)),
            None => {
                let running = Entry::Running(fingerprint, watch::channel(()).0);
                self.entries.insert(Arc::clone(key), running);
                Claim::First
            }
        }
    }

    /// Ends a claim: with the result to be kept, or `None` when the key shall be free again. Whoever waits wakes.
    pub fn finish(&mut self, key: &str, result: Option<T>, now: Timestamp) {
        let Some((key, Entry::Running(fingerprint, _))) = self.entries.remove_entry(key) else {
            return;
        };
        if let Some(result) = result {
            let done = Entry::Done(fingerprint, Box::new(result));
            self.entries.insert(Arc::clone(&key), done);
            self.by_age.push_back((now, key));
        }
    }

    /// Forgets a key, as if its lifetime had ended.
    pub fn expire(&mut self, key: &str) {
        self.entries.remove(key);
    }

    fn forget_old(&mut self, now: Timestamp) {
        while let Some((since, key)) = self.by_age.front() {
            let age = Duration::try_from(now.duration_since(*since)).unwrap_or_default();
            if age < self.lifetime && self.by_age.len() <= LIMIT {
                return;
            }
            self.entries.remove(key);
            self.by_age.pop_front();
        }
    }
}

/// A copy has the results, not what is running.
impl<T: Clone> Clone for KeysOf<T> {
    fn clone(&self) -> Self {
        let done = self.entries.iter().filter_map(|(key, entry)| match entry {
            Entry::Done(fingerprint, stored) => {
                Some((Arc::clone(key), Entry::Done(*fingerprint, stored.clone())))
            }
            Entry::Running(..) => None,
        });
        Self {
            lifetime: self.lifetime,
            entries: done.collect(),
            by_age: self.by_age.clone(),
        }
    }
}

impl Stored {
    /// Packs an answer.
    #[must_use]
    pub fn new(answer: &Answer) -> Self {
        Self {
            status: answer.status,
            headers: answer.headers.clone(),
            body: pack(&answer.body),
        }
    }

    /// The answer, byte by byte.
    #[must_use]
    pub fn answer(&self) -> Answer {
        Answer {
            status: self.status,
            headers: self.headers.clone(),
            body: match &self.body {
                Body::Plain(bytes) => bytes.clone(),
                Body::Packed(packed) => unpack(packed),
            },
        }
    }
}

/// Ten thousand payments keep twenty thousand answers: packed, they are a quarter.
fn pack(body: &Bytes) -> Body {
    if body.len() < PACK_FROM {
        return Body::Plain(body.clone());
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    match encoder.write_all(body).and_then(|()| encoder.finish()) {
        Ok(packed) => Body::Packed(packed.into_boxed_slice()),
        Err(_) => Body::Plain(body.clone()),
    }
}

fn unpack(packed: &[u8]) -> Bytes {
    let mut body = Vec::new();
    match DeflateDecoder::new(packed).read_to_end(&mut body) {
        Ok(_) => body.into(),
        Err(error) => {
            tracing::error!(%error, "a stored answer cannot be read again");
            Bytes::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn answer(text: &str) -> Answer {
        Answer::json(StatusCode::OK, &text.repeat(100))
    }

    #[test]
    fn the_first_result_is_given_again_byte_by_byte() {
        let mut keys = Keys::new(DAY);
        assert!(matches!(keys.claim("k", 1, at(0)), Claim::First));
        keys.finish("k", Some(&answer("paid")), at(1));
        let Claim::Replay(again) = keys.claim("k", 1, at(2)) else {
            panic!("no replay");
        };
        assert_eq!(again.body, answer("paid").body);
        assert!(matches!(keys.claim("k", 2, at(3)), Claim::Mismatch));
    }

    #[test]
    fn a_result_lives_as_long_as_it_is_told() {
        let mut keys = Keys::new(DAY);
        assert!(matches!(keys.claim("k", 1, at(0)), Claim::First));
        keys.finish("k", Some(&answer("paid")), at(0));
        assert!(matches!(keys.claim("k", 1, at(86_399)), Claim::Replay(_)));
        assert!(matches!(keys.claim("k", 9, at(86_400)), Claim::First));
    }

    #[tokio::test]
    async fn whoever_comes_meanwhile_can_wait() {
        let mut keys = Keys::new(DAY);
        assert!(matches!(keys.claim("k", 1, at(0)), Claim::First));
        let Claim::Running(mut done) = keys.claim("k", 1, at(0)) else {
            panic!("not running");
        };
        assert!(matches!(keys.clone().claim("k", 5, at(0)), Claim::First));
        keys.finish("k", None, at(0));
        assert!(done.changed().await.is_err());
        assert!(matches!(keys.claim("k", 2, at(0)), Claim::First));
    }
}
