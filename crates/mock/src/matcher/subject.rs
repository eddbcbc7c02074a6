//! A recorded request as matchers see it; what costs is computed once, when somebody asks.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;

use http::Version;
use percent_encoding::percent_decode_str;
use styk_core::Request;

use super::convert::{form_json, xml_json};
use crate::json::{Json, parse_lenient};

/// Types whose bodies are read as XML; their case matters.
const XML: &[&str] = &["application/xml", "text/xml"];
const FORM: &str = "application/x-www-form-urlencoded";

/// Names and values, in the order they came.
pub(crate) type PairList<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// One request under comparison.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    request: &'a Request,
    query: OnceCell<PairList<'a>>,
    headers: OnceCell<PairList<'a>>,
    cookies: OnceCell<PairList<'a>>,
    text: OnceCell<Cow<'a, str>>,
    json: OnceCell<Option<Json>>,
    plain: OnceCell<Option<Json>>,
    form: OnceCell<PairList<'static>>,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(request: &'a Request) -> Self {
        Self {
            request,
            query: OnceCell::new(),
            headers: OnceCell::new(),
            cookies: OnceCell::new(),
            text: OnceCell::new(),
            json: OnceCell::new(),
            plain: OnceCell::new(),
            form: OnceCell::new(),
        }
    }

    pub(crate) fn method(&self) -> &'a str {
        self.request.method.as_str()
    }

    /// The path as it came, escapes and all.
    pub(crate) fn path(&self) -> &'a str {
        self.request.uri.path()
    }

    pub(crate) fn query(&self) -> &PairList<'a> {
        self.query
            .get_or_init(|| query_pairs(self.request.uri.query().unwrap_or_default()))
    }

    pub(crate) fn headers(&self) -> &PairList<'a> {
        self.headers.get_or_init(|| {
            let pair = |(name, value): (&'a str, &'a [u8])| {
                (Cow::Borrowed(name), String::from_utf8_lossy(value))
            };
            let headers = &self.request.headers;
            let mut pairs: PairList<'a> = headers.iter().map(pair).collect();
            if !self.declares_body() {
                pairs.push((Cow::Borrowed("content-length"), Cow::Borrowed("0")));
            }
            pairs
        })
    }

    /// Whether a header speaks of a body. To other requests the original adds a `content-length` of zero.
    pub(crate) fn declares_body(&self) -> bool {
        let headers = &self.request.headers;
        headers.contains("content-length") || headers.contains("transfer-encoding")
    }

    /// The cookies, of each name the first.
    pub(crate) fn cookies(&self) -> &PairList<'a> {
        self.cookies.get_or_init(|| {
            let lines = self.request.headers.get_all("cookie");
            let given = lines
                .filter_map(|line| std::str::from_utf8(line).ok())
                .flat_map(cookie_pairs);
            let mut seen = HashSet::new();
            given
                .filter(|(name, _)| seen.insert(name.clone()))
                .collect()
        })
    }

    pub(crate) fn keep_alive(&self) -> bool {
        let says = |word: &str| {
            let lines = self.request.headers.get_all("connection");
            let mut words = lines.flat_map(|line| line.split(|byte| *byte == b','));
            words.any(|given| given.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
        };
        let transport = self.request.transport.as_ref();
        let is_old = transport.is_some_and(|transport| transport.version == Version::HTTP_10);
        if is_old {
            says("keep-alive")
        } else {
            !says("close")
        }
    }

    /// Whether it came over TLS.
    pub(crate) fn is_secure(&self) -> bool {
        let transport = self.request.transport.as_ref();
        transport.is_some_and(|transport| transport.secure)
    }

    /// The protocol in MockServer's words.
    pub(crate) fn protocol(&self) -> &'static str {
        let transport = self.request.transport.as_ref();
        match transport.map(|transport| transport.version) {
            Some(Version::HTTP_2) => "HTTP_2",
            _ => "HTTP_1_1",
        }
    }

    pub(crate) fn body(&self) -> &'a [u8] {
        &self.request.body
    }

    pub(crate) fn body_text(&self) -> &str {
        self.text
            .get_or_init(|| String::from_utf8_lossy(&self.request.body))
    }

    /// The body as JSON; `None` when it is none. MockServer reads it as leniently as its own requests, and forms and XML
    /// as objects.
    pub(crate) fn body_json(&self) -> Option<&Json> {
        let read = || match self.body_converted() {
            Some(json) => Some(json),
            None => parse_lenient(self.body_text()).ok(),
        };
        self.json.get_or_init(read).as_ref()
    }

    /// The body as JSONPaths see it: what does not begin like JSON is a text.
    pub(crate) fn body_for_path(&self) -> Option<&Json> {
        let plain = || plain_text(self.body_text());
        let text = || self.plain.get_or_init(plain).as_ref();
        self.body_json().or_else(text)
    }

    /// The JSON that a form or an XML body stands for; `None` for other bodies.
    pub(crate) fn body_converted(&self) -> Option<Json> {
        if self.has_type(&[FORM]) {
            Some(form_json(self.form()))
        } else if self.has_type(XML) {
            xml_json(self.body_text())
        } else {
            None
        }
    }

    /// Whether the body is a form.
    pub(crate) fn is_form(&self) -> bool {
        self.has_type(&[FORM])
    }

    /// Names and values of the body as a form, whose pairs may also be parted by semicolons.
    pub(crate) fn form(&self) -> &PairList<'static> {
        let owned = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
            let (name, value) = (name.into_owned(), value.into_owned());
            (Cow::Owned(name), Cow::Owned(value))
        };
        self.form.get_or_init(|| {
            let form = self.body_text().replace(';', "&");
            query_pairs(&form).into_iter().map(owned).collect()
        })
    }

    /// The content type as it came.
    pub(crate) fn content_type(&self) -> Option<Cow<'a, str>> {
        self.request.headers.text("content-type")
    }

    fn has_type(&self, types: &[&str]) -> bool {
        let content_type = self.content_type();
        content_type.is_some_and(|value| types.iter().any(|known| value.starts_with(known)))
    }
}

/// A text that is no JSON, as the JSON text that JSONPaths take it for; `None` when it is blank or broken JSON.
pub(super) fn plain_text(text: &str) -> Option<Json> {
    let text = text.trim();
    (!text.is_empty() && !text.starts_with(['{', '[', '"', '\''])).then(|| Json::text(text))
}

/// Names and values of a query string or a form: `+` and `%20` are spaces, a name without `=` has an empty value, a `=`
/// in front of a name is passed over. One broken escape, and the original sees no pairs at all.
pub(crate) fn query_pairs(query: &str) -> PairList<'_> {
    let parts = query.split('&').map(|part| part.trim_start_matches('='));
    let pairs: Option<PairList<'_>> = parts
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Some((decoded(name)?, decoded(value)?))
        })
        .collect();
    pairs.unwrap_or_default()
}

/// `None` when an escape is broken.
fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['+', '%']) {
        return Some(Cow::Borrowed(text));
    }
    let is_hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    let bytes = text.as_bytes();
    let mut escapes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    if escapes.any(|(at, _)| !is_hex(bytes.get(at + 1)) || !is_hex(bytes.get(at + 2))) {
        return None;
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8_lossy();
    Some(Cow::Owned(decoded.into_owned()))
}

fn cookie_pairs(line: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    line.split(';').filter_map(|part| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim_end();
        let unquoted = value
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        Some((
            Cow::Borrowed(name.trim()),
            Cow::Borrowed(unquoted.unwrap_or(value)),
        ))
    })
}
