//! A request on its way to another server.

use bytes::{BufMut, Bytes, BytesMut};
use http::Method;
use styk_core::Request;

use super::{Target, Way};
use crate::proxy_auth::{Credentials, PROXY_AUTHORIZATION};
use crate::settings::Settings;

/// A header field.
pub(crate) type Field = (String, Vec<u8>);

/// A request that can still be changed.
#[derive(Clone, Debug)]
pub(crate) struct Outbound {
    pub(crate) method: Method,
    /// As it goes over the wire.
    pub(crate) path: String,
    /// As it goes over the wire.
    pub(crate) query: Option<String>,
    /// Without cookies.
    pub(crate) headers: Vec<Field>,
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// Fields that concern one connection alone (RFC 9110, section 7.6.1), and those written anew for the next.
const HOP_BY_HOP: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

pub(crate) fn is_hop_by_hop(name: &str) -> bool {
    HOP_BY_HOP.iter().any(|hop| hop.eq_ignore_ascii_case(name))
}

impl Outbound {
    /// A received request, to be handed on.
    pub(crate) fn of(request: &Request) -> Self {
        let is_kept = |name: &str| !name.eq_ignore_ascii_case("cookie");
        let headers = request.headers.iter().filter(|(name, _)| is_kept(name));
        Self {
            method: request.method.clone(),
            path: request.uri.path().to_owned(),
            query: request.uri.query().map(str::to_owned),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_vec()))
                .collect(),
            cookies: cookies(request),
            body: request.body.clone(),
        }
    }

    /// The value of the first field of this name, as text.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let mut fields = self.headers.iter();
        let (_, value) = fields.find(|(given, _)| given.eq_ignore_ascii_case(name))?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    pub(crate) fn remove_header(&mut self, name: &str) {
        self.headers
            .retain(|(given, _)| !given.eq_ignore_ascii_case(name));
    }

    /// Replaces all fields of this name.
    pub(crate) fn set_header(&mut self, name: &str, values: Vec<Vec<u8>>) {
        self.remove_header(name);
        self.headers
            .extend(values.into_iter().map(|value| (name.to_owned(), value)));
    }

    /// As the journal keeps it.
    pub(crate) fn recorded(&self, target: &Target) -> Request {
        let path = match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        };
        let host = ("host", target.authority().into_bytes());
        let fields = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()));
        Request::new(
            self.method.clone(),
            path.parse().unwrap_or_default(),
            std::iter::once(host).chain(fields).collect(),
            self.body.clone(),
        )
    }

    /// Writes the request. The fields of the connection are ours, the others as they came.
    pub(super) fn write(&self, form: &Form, out: &mut BytesMut) {
        out.put_slice(self.method.as_str().as_bytes());
        out.put_u8(b' ');
        out.put_slice(form.prefix.as_bytes());
        out.put_slice(if self.path.is_empty() {
            b"/"
        } else {
            self.path.as_bytes()
        });
        if let Some(query) = &self.query {
            out.put_u8(b'?');
            out.put_slice(query.as_bytes());
        }
        out.put_slice(b" HTTP/1.1\r\n");
        let mut put = |name: &str, value: &[u8]| {
            out.put_slice(name.as_bytes());
            out.put_slice(b": ");
            out.put_slice(value);
            out.put_slice(b"\r\n");
        };
        let is_ours = |name: &str| {
            is_hop_by_hop(name)
                || ["host", "accept-encoding", "content-length", "expect"]
                    .iter()
                    .any(|ours| ours.eq_ignore_ascii_case(name))
        };
        for (name, value) in self.headers.iter().filter(|(name, _)| !is_ours(name)) {
            put(name, value);
        }
        put("host", form.host.as_bytes());
        if let Some(authorization) = &form.authorization {
            put(PROXY_AUTHORIZATION, authorization.as_bytes());
        }
        put("accept-encoding", b"gzip,deflate");
        put("content-length", self.body.len().to_string().as_bytes());
        put("connection", b"keep-alive");
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            put("cookie", pairs.join("; ").as_bytes());
        }
        out.put_slice(b"\r\n");
        out.put_slice(&self.body);
    }
}

/// How the request is written, beside what is in it.
#[derive(Debug)]
pub(super) struct Form {
    /// What stands before the path: for a proxy, the server.
    prefix: String,
    host: String,
    /// What a proxy is shown.
    authorization: Option<String>,
}

impl Form {
    pub(super) fn of(settings: &Settings, target: &Target, way: &Way, outbound: &Outbound) -> Self {
        let usual = settings.forward_default_host_header.trim();
        let own = outbound.header("host");
        let host = match own {
            _ if !usual.is_empty() => usual.to_owned(),
            Some(own) if !settings.forward_adjust_host_header => own,
            _ => target.authority(),
        };
        let (prefix, authorization) = match way {
            Way::HttpProxy { credentials, .. } => {
                let authorization = credentials.as_ref().map(Credentials::header);
                (format!("http://{}", target.authority()), authorization)
            }
            _ => (String::new(), None),
        };
        Self {
            prefix,
            host,
            authorization,
        }
    }
}

fn cookies(request: &Request) -> Vec<(String, String)> {
    let lines = request.headers.get_all("cookie");
    lines
        .filter_map(|line| std::str::from_utf8(line).ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}
