//! The certificate the server shows: one at a time, made again whenever a client asks for a new name.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use styk_core::Clock;

use super::TlsError;
use super::authority::{Authority, AuthoritySource, days_ahead};
use super::name::Name;

/// Names remembered beside the configured ones; with a new one beyond, the oldest goes.
const SEEN_MAX: usize = 64;
const ALWAYS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How certificates are made.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    /// Who signs them.
    pub(crate) authority: AuthoritySource,
    /// Their common name.
    pub(crate) common_name: String,
    /// Host names and addresses they hold beside `localhost`, `127.0.0.1` and `::1`.
    pub(crate) alternative_names: Vec<String>,
    /// Whether names that clients ask for are taken in.
    pub(crate) follows_names: bool,
    /// How many days they are good, counted from some days before they are made.
    pub(crate) validity_days: u32,
}

impl Default for Issued {
    fn default() -> Self {
        Self {
            authority: AuthoritySource::InMemory,
            common_name: "localhost".to_owned(),
            alternative_names: Vec::new(),
            follows_names: true,
            validity_days: 397,
        }
    }
}

/// Hands the certificate to the handshake.
#[derive(Debug)]
pub(super) struct Leafs {
    authority: Arc<Authority>,
    common_name: String,
    configured: Vec<Name>,
    follows_names: bool,
    validity_days: u32,
    clock: Clock,
    current: Mutex<Current>,
}

#[derive(Debug, Default)]
struct Current {
    seen: VecDeque<Name>,
    /// Absent until the next handshake when the names have changed.
    leaf: Option<Leaf>,
}

#[derive(Debug)]
struct Leaf {
    shown: Arc<CertifiedKey>,
    renew_at: Timestamp,
}

impl Leafs {
    pub(super) fn new(authority: Arc<Authority>, issued: &Issued, clock: Clock) -> Self {
        let mut configured = Vec::new();
        let names = ALWAYS.into_iter();
        for written in names.chain(issued.alternative_names.iter().map(String::as_str)) {
            match Name::parse(written) {
                Some(name) if configured.contains(&name) => {}
                Some(name) => configured.push(name),
                None => tracing::warn!(name = written, "no host name: left out of certificates"),
            }
        }
        Self {
            authority,
            common_name: issued.common_name.clone(),
            configured,
            follows_names: issued.follows_names,
            validity_days: issued.validity_days,
            clock,
            current: Mutex::default(),
        }
    }

    /// Takes a name into the next certificate. What is no host name is in nobody's way.
    pub(super) fn cover(&self, host: &str) {
        if let Some(name) = Name::parse(host)
            && self.follows_names
            && !self.configured.contains(&name)
        {
            let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
            current.see(name);
        }
    }

    pub(super) fn shown(&self) -> Result<Arc<CertifiedKey>, TlsError> {
        let now = self.clock.now();
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(leaf) = &current.leaf
            && now < leaf.renew_at
        {
            return Ok(Arc::clone(&leaf.shown));
        }
        let names: Vec<Name> = self
            .configured
            .iter()
            .chain(&current.seen)
            .cloned()
            .collect();
        let days = self.validity_days;
        let shown = Arc::new(self.authority.issue(&self.common_name, &names, now, days)?);
        // Halfway is early enough for any client, and never a date in the past.
        let renew_at = now.checked_add(SignedDuration::from_hours(12 * days_ahead(days)));
        current.leaf = Some(Leaf {
            shown: Arc::clone(&shown),
            renew_at: renew_at.unwrap_or(Timestamp::MAX),
        });
        Ok(shown)
    }
}

impl Current {
    fn see(&mut self, name: Name) {
        if self.seen.contains(&name) {
            return;
        }
        if self.seen.len() == SEEN_MAX {
            self.seen.pop_front();
        }
        self.seen.push_back(name);
        self.leaf = None;
    }
}

impl ResolvesServerCert for Leafs {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if let Some(name) = hello.server_name() {
            self.cover(name);
        }
        match self.shown() {
            Ok(shown) => Some(shown),
            Err(error) => {
                tracing::warn!(%error, "a handshake is refused");
                None
            }
        }
    }
}
