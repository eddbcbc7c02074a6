//! What an answer must look like. It is compared with the bytes that went out.

use http::{Method, Uri};
use styk_core::{Exchange, Headers, Outcome, Request, Response};

use super::report::FieldDifference;
use crate::closest::{Difference, Differences};
use crate::json::{Json, Object};
use crate::matcher::{Field, RequestMatcher, Subject};
use crate::pattern::Pattern;
use crate::schema::{Complaints, Fields};

#[derive(Debug)]
pub(super) struct ResponseMatcher {
    status: Option<i64>,
    reason: Option<(Pattern, String)>,
    /// Headers, cookies and body are compared as those of requests are.
    rest: RequestMatcher,
}

/// Fields that requests have too.
const REST: &[&str] = &["headers", "cookies", "body"];

/// Fields of responses that say nothing about what was answered.
const IGNORED: &[&str] = &["delay", "connectionOptions", "primary", "trailers"];

impl ResponseMatcher {
    /// Reads the response that stands at `path`.
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let status = fields.integer("statusCode", complaints);
        let reason = fields.text("reasonPhrase", complaints);
        let mut rest = Object::new();
        for name in REST {
            if let Some(json) = fields.take(name) {
                rest.insert((*name).to_owned(), json.clone());
            }
        }
        for name in IGNORED {
            fields.take(name);
        }
        fields.finish(complaints);
        let rest = RequestMatcher::read(&Json::Object(rest), path, complaints);
        let reason = match reason.filter(|reason| !reason.is_empty()) {
            None => None,
            Some(text) => match Pattern::compile(&text) {
                Ok(pattern) => Some((pattern, text)),
                Err(construct) => {
                    complaints.not_built(construct);
                    None
                }
            },
        };
        Some(Self {
            status,
            reason,
            rest,
        })
    }

    pub(super) fn matches(&self, exchange: &Exchange) -> bool {
        let Some(response) = answered(exchange) else {
            return false;
        };
        self.fits_status(response)
            && self.fits_reason(response)
            && self.rest.matches(&Subject::new(&as_request(response)))
    }

    /// How an answer differs.
    pub(super) fn differences(&self, response: &Response) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut add = |rule: &str, expected: String, received: String| {
            let text = format!(
                "  {rule} match failed expected:\n\n    {expected}\n\n   found:\n\n    {received}\n"
            );
            // The original has no word of its own for these.
            found.push(Difference {
                name: "operation",
                texts: vec![text],
            });
        };
        if let Some(status) = self.status.filter(|_| !self.fits_status(response)) {
            let received = response.status.as_u16().to_string();
            add("statusCode", status.to_string(), received);
        }
        if let Some((_, reason)) = self.reason.as_ref().filter(|_| !self.fits_reason(response)) {
            add(
                "reasonPhrase",
                reason.clone(),
                reason_of(response).to_owned(),
            );
        }
        let request = as_request(response);
        let subject = Subject::new(&request);
        found.extend(Differences::between(&self.rest, &subject));
        found
    }

    /// Whether status and reason differ, with the values on both sides.
    pub(super) fn fields(&self, response: &Response) -> Vec<FieldDifference> {
        let mut fields = Vec::new();
        let mut add = |name, expected: String, received: String| {
            fields.push(FieldDifference {
                name,
                text: format!("expected {expected}, received {received}"),
                expected,
                received,
            });
        };
        if let Some(status) = self.status.filter(|_| !self.fits_status(response)) {
            let received = response.status.as_u16().to_string();
            add("statusCode", status.to_string(), received);
        }
        if let Some((_, reason)) = self.reason.as_ref().filter(|_| !self.fits_reason(response)) {
            let received = reason_of(response).to_owned();
            add("reasonPhrase", reason.clone(), received);
        }
        fields
    }

    /// What of headers, cookies and body differs, in a few words each.
    pub(super) fn texts(&self, response: &Response) -> Vec<(Field, String)> {
        let request = as_request(response);
        self.rest.differences(&Subject::new(&request))
    }

    /// The response in MockServer's JSON.
    pub(super) fn written(&self) -> Json {
        let mut written = Object::new();
        if let Some(status) = self.status {
            written.insert("statusCode".to_owned(), Json::number(status));
        }
        if let Some((_, reason)) = &self.reason {
            written.insert("reasonPhrase".to_owned(), Json::text(reason));
        }
        if let Json::Object(rest) = self.rest.written() {
            written.extend(rest);
        }
        Json::Object(written)
    }

    fn fits_status(&self, response: &Response) -> bool {
        let given = i64::from(response.status.as_u16());
        self.status.is_none_or(|status| status == given)
    }

    fn fits_reason(&self, response: &Response) -> bool {
        let given = reason_of(response);
        self.reason
            .as_ref()
            .is_none_or(|(pattern, _)| pattern.matches(given))
    }
}

/// The answer of an exchange that counts as a response: not that nothing was found.
pub(super) fn answered(exchange: &Exchange) -> Option<&Response> {
    let counts = *exchange.outcome()? != Outcome::Unmatched;
    exchange.response().filter(|_| counts)
}

fn reason_of(response: &Response) -> &'static str {
    response.status.canonical_reason().unwrap_or_default()
}

/// The answer as a request with the same headers, cookies and body.
fn as_request(response: &Response) -> Request {
    let cookies = response.headers.get_all("set-cookie");
    let cookies = cookies.map(|line| {
        let pair = line.split(|byte| *byte == b';').next().unwrap_or_default();
        ("cookie", pair.to_vec())
    });
    let headers = response
        .headers
        .iter()
        .map(|(name, value)| (name, value.to_vec()));
    let headers: Headers = headers.chain(cookies).collect();
    Request::new(Method::GET, Uri::default(), headers, response.body.clone())
}
