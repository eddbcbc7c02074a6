//! A request as MockServer's JSON describes one that is to be sent: a whole one, or what to change of another.

use std::borrow::Cow;

use bytes::Bytes;
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::body::Body;
use super::respond::{latin1, named_values, without_breaks};
use crate::json::Json;
use crate::matcher::query_pairs;
use crate::schema::{Complaints, Fields};
use crate::upstream::{Outbound, Target};

/// The fields of a request that are given; the others stay as they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestChange {
    method: Option<Method>,
    path: Option<String>,
    query: Option<Named>,
    headers: Named,
    cookies: Named,
    body: Option<Bytes>,
    content_type: Option<String>,
    address: Option<Target>,
    secure: Option<bool>,
}

type Named = Vec<(String, Vec<String>)>;

/// Characters that stay as they are in the names and values of a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'*');

/// What may stand in a path as it is; everything else, and what is no ASCII, is escaped.
const PATH: &AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'?')
    .add(b'#');

impl RequestChange {
    /// Reads what stands at `path`.
    pub(crate) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let method = fields.text("method", complaints);
        let raw_path = fields.text("path", complaints);
        let mut named = |name: &str| {
            let json = fields.take(name)?;
            Some(named_values(json, &fields.at(name), complaints))
        };
        let query = named("queryStringParameters");
        let headers = named("headers").unwrap_or_default();
        let cookies = named("cookies").unwrap_or_default();
        let parameters = named("pathParameters").unwrap_or_default();
        let media_type = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            .and_then(|(_, values)| values.first());
        let body = fields.take("body").and_then(|json| {
            let media_type = media_type.map(String::as_str);
            Body::read(json, &fields.at("body"), media_type, complaints)
        });
        let address = fields.take("socketAddress");
        let address = address
            .and_then(|json| read_target(json, &fields.at("socketAddress"), "HTTP", complaints));
        let secure = fields.boolean("secure", complaints);
        fields.boolean("keepAlive", complaints);
        for name in [
            "protocol",
            "localAddress",
            "remoteAddress",
            "timestamp",
            "clientCertificateChain",
            "originalBody",
        ] {
            fields.take(name);
        }
        fields.finish(complaints);
        let method = method
            .filter(|method| !method.is_empty())
            .and_then(|method| {
                let parsed = Method::from_bytes(method.as_bytes()).ok();
                if parsed.is_none() {
                    complaints.error(&format!("{path}.method"), "is no method");
                }
                parsed
            });
        Some(Self {
            method,
            path: raw_path
                .filter(|path| !path.is_empty())
                .map(|path| filled(&path, &parameters)),
            query,
            headers,
            cookies,
            content_type: body
                .as_ref()
                .and_then(|body| body.content_type.as_deref().map(str::to_owned)),
            body: body.map(|body| body.bytes),
            address,
            secure,
        })
    }

    /// Changes a request accordingly.
    pub(crate) fn apply(&self, outbound: &mut Outbound) {
        if let Some(method) = &self.method {
            outbound.method = method.clone();
        }
        if let Some(path) = &self.path {
            outbound.path = utf8_percent_encode(path, PATH).to_string();
        }
        if let Some(query) = &self.query {
            outbound.query = changed_query(outbound.query.take(), query);
        }
        for (name, values) in self.headers.iter().filter(|(_, values)| !values.is_empty()) {
            outbound.set_header(
                name,
                values
                    .iter()
                    .map(|value| latin1(&without_breaks(value)))
                    .collect(),
            );
        }
        for (name, values) in &self.cookies {
            if let ([value], Some((_, given))) = (
                values.as_slice(),
                outbound.cookies.iter_mut().find(|(given, _)| given == name),
            ) {
                *given = without_breaks(value);
                continue;
            }
            outbound.cookies.retain(|(given, _)| given != name);
            outbound.cookies.extend(
                values
                    .iter()
                    .map(|value| (name.clone(), without_breaks(value))),
            );
        }
        if let Some(body) = &self.body {
            outbound.body = body.clone();
            if let Some(content_type) = &self.content_type
                && outbound.header("content-type").is_none()
            {
                outbound.set_header("content-type", vec![content_type.clone().into_bytes()]);
            }
        }
    }

    /// The request on its own.
    pub(crate) fn outbound(&self) -> Outbound {
        let mut outbound = Outbound {
            method: Method::GET,
            path: "/".to_owned(),
            query: None,
            headers: Vec::new(),
            cookies: Vec::new(),
            body: Bytes::new(),
        };
        self.apply(&mut outbound);
        outbound
    }

    /// Where a changed request goes: to the address given, else to its host.
    pub(crate) fn target(&self, outbound: &Outbound, was_secure: bool) -> Option<Target> {
        self.address.clone().or_else(|| {
            let host = outbound.header("host")?;
            Target::from_authority(&host, self.secure.unwrap_or(was_secure))
        })
    }
}

/// `{host, port, scheme}`; without a port it is the scheme's.
pub(crate) fn read_target(
    json: &Json,
    path: &str,
    default: &str,
    complaints: &mut Complaints,
) -> Option<Target> {
    let mut fields = Fields::of(json, path, complaints)?;
    let target = take_target(&mut fields, default, complaints);
    fields.finish(complaints);
    target
}

/// Takes host, port and scheme from the fields of an object.
pub(crate) fn take_target(
    fields: &mut Fields<'_>,
    default: &str,
    complaints: &mut Complaints,
) -> Option<Target> {
    let host = fields.text("host", complaints);
    if host.is_none() {
        complaints.error(&fields.at("host"), "is missing but it is required");
    }
    let scheme = fields
        .word("scheme", &["HTTP", "HTTPS"], complaints)
        .unwrap_or(default);
    let secure = scheme == "HTTPS";
    let port = match fields.integer("port", complaints) {
        None => {
            if secure {
                443
            } else {
                80
            }
        }
        Some(port) => match u16::try_from(port) {
            Ok(port) => port,
            Err(_) => {
                complaints.error(&fields.at("port"), "is no port: use 1 to 65535");
                return None;
            }
        },
    };
    Some(Target {
        secure,
        host: host?,
        port,
    })
}

/// A query as it goes over the wire; none when there are no parameters.
pub(crate) fn written_query(parameters: &[(String, Vec<String>)]) -> Option<String> {
    let encoded = |text: &str| Cow::from(utf8_percent_encode(text, QUERY)).replace("%20", "+");
    let mut pairs = Vec::new();
    for (name, values) in parameters {
        if values.is_empty() {
            pairs.push(encoded(name));
        }
        pairs.extend(
            values
                .iter()
                .map(|value| format!("{}={}", encoded(name), encoded(value))),
        );
    }
    (!pairs.is_empty()).then(|| pairs.join("&"))
}

/// A query with parameters set: one of the same name gives way.
fn changed_query(given: Option<String>, parameters: &Named) -> Option<String> {
    let is_set = |name: &str| parameters.iter().any(|(set, _)| set == name);
    let given = given.unwrap_or_default();
    let kept = query_pairs(&given)
        .into_iter()
        .filter(|(name, _)| !is_set(name))
        .map(|(name, value)| (name.into_owned(), vec![value.into_owned()]));
    let kept: Named = kept.chain(parameters.iter().cloned()).collect();
    written_query(&kept)
}

/// Puts path parameters into their places.
fn filled(path: &str, parameters: &Named) -> String {
    let mut filled = path.to_owned();
    for (name, values) in parameters {
        if let Some(value) = values.first() {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
    }
    filled
}
