//! Who sends a request: a cookie jar and headers under a name.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header};
use reqwest::cookie::{CookieStore as _, Jar};
use url::Url;

/// Somebody with a session of their own. Opening a session makes a new actor with the same jar, so that what is
/// under way keeps the old one.
#[derive(Clone)]
pub(super) struct Actor {
    pub(super) name: String,
    /// `None`: cookies are neither kept nor sent.
    jar: Option<Arc<Jar>>,
    headers: Arc<HeaderMap>,
}

impl Actor {
    /// An actor with an empty jar.
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            jar: Some(Arc::default()),
            headers: Arc::default(),
        }
    }

    /// An actor that leaves no traces.
    pub(super) fn anonymous(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            jar: None,
            headers: Arc::default(),
        }
    }

    /// The same actor with other headers.
    pub(super) fn with_headers(&self, headers: HeaderMap) -> Self {
        Self {
            headers: Arc::new(headers),
            ..self.clone()
        }
    }

    /// The headers of its session.
    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Adds its cookies for `url`, unless the request has some of its own.
    pub(super) fn add_cookies(&self, url: &Url, headers: &mut HeaderMap) {
        let Some(jar) = &self.jar else { return };
        if let header::Entry::Vacant(place) = headers.entry(header::COOKIE)
            && let Some(cookies) = jar.cookies(url)
        {
            place.insert(cookies);
        }
    }

    /// Keeps the cookies an answer sets.
    pub(super) fn keep_cookies(&self, url: &Url, headers: &HeaderMap) {
        let Some(jar) = &self.jar else { return };
        let mut cookies = headers.get_all(header::SET_COOKIE).iter().peekable();
        if cookies.peek().is_some() {
            jar.set_cookies(&mut cookies as &mut dyn Iterator<Item = &HeaderValue>, url);
        }
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Actor")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
