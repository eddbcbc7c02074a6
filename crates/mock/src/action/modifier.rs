//! `responseModifier`: what to change of the answer of another server, and when.

use bytes::Bytes;
use styk_core::Request;

use super::change::{NamedModifier, header_value, same_header, same_name};
use super::patch::{merged, patched};
use super::respond::without_breaks;
use crate::http1::Answer;
use crate::json::{Json, compact, parse_strict};
use crate::schema::{Complaints, Fields};

/// Changes of an answer.
#[derive(Debug, Default)]
pub(super) struct ResponseModifier {
    condition: Option<Condition>,
    /// Instead of the changes below: these, one after the other.
    modifiers: Option<Vec<ResponseModifier>>,
    headers: Option<NamedModifier>,
    cookies: Option<NamedModifier>,
    patch: Option<Vec<Json>>,
    merge: Option<Json>,
}

/// All that is given must hold.
#[derive(Debug)]
struct Condition {
    status: Option<i64>,
    /// `2XX`.
    class: Option<String>,
    response_header: Option<String>,
    request_header: Option<String>,
}

/// Modifiers lie within each other no deeper than this.
const DEPTH_MAX: usize = 16;

impl ResponseModifier {
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        Self::read_at(json, path, 0, complaints)
    }

    fn read_at(json: &Json, path: &str, depth: usize, complaints: &mut Complaints) -> Option<Self> {
        if depth > DEPTH_MAX {
            complaints.error(path, "lies too deep");
            return None;
        }
        let mut fields = Fields::of(json, path, complaints)?;
        let condition = fields
            .take("condition")
            .and_then(|json| Condition::read(json, &fields.at("condition"), complaints));
        let modifiers = list(&mut fields, "modifiers", complaints).map(|items| {
            let at = fields.at("modifiers");
            let read = |(place, item): (usize, &Json)| {
                Self::read_at(item, &format!("{at}[{place}]"), depth + 1, complaints)
            };
            items.iter().enumerate().filter_map(read).collect()
        });
        let headers = NamedModifier::take(&mut fields, "headers", complaints);
        let cookies = NamedModifier::take(&mut fields, "cookies", complaints);
        let patch = list(&mut fields, "jsonPatch", complaints).map(<[Json]>::to_vec);
        let merge = fields.take("jsonMergePatch").cloned();
        if let Some(merge) = &merge {
            Fields::of(merge, fields.at("jsonMergePatch"), complaints);
        }
        fields.finish(complaints);
        Some(Self {
            condition,
            modifiers,
            headers,
            cookies,
            patch,
            merge,
        })
    }

    pub(super) fn apply(&self, answer: &mut Answer, request: &Request) {
        let holds = |condition: &Condition| condition.holds(answer, request);
        if !self.condition.as_ref().is_none_or(holds) {
            return;
        }
        if let Some(modifiers) = &self.modifiers {
            for modifier in modifiers {
                modifier.apply(answer, request);
            }
            return;
        }
        answer.ready = None;
        if let Some(headers) = &self.headers {
            change_headers(headers, answer);
        }
        if let Some(cookies) = &self.cookies {
            change_cookies(cookies, answer);
        }
        if self.patch.is_some() || self.merge.is_some() {
            self.change_body(answer);
        }
    }

    /// A body that is no JSON, or that the patch does not fit, stays as it is.
    fn change_body(&self, answer: &mut Answer) {
        let text = String::from_utf8_lossy(&answer.body);
        let Ok(mut body) = parse_strict(&text) else {
            return;
        };
        if let Some(operations) = &self.patch {
            match patched(&body, operations) {
                Ok(changed) => body = changed,
                Err(error) => {
                    tracing::warn!(%error, "a response was not changed");
                    return;
                }
            }
        }
        if let Some(merge) = &self.merge {
            body = merged(&body, merge);
        }
        answer.body = Bytes::from(compact(&body));
    }
}

fn change_headers(headers: &NamedModifier, answer: &mut Answer) {
    let fields = answer
        .headers
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_vec()));
    let mut fields: Vec<_> = fields.collect();
    headers.apply(&mut fields, same_header, header_value);
    answer.headers = fields.into_iter().collect();
}

fn change_cookies(cookies: &NamedModifier, answer: &mut Answer) {
    let mut pairs: Vec<(String, String)> = answer
        .cookies
        .iter()
        .filter_map(|line| split(line))
        .collect();
    let lines = answer.headers.get_all("set-cookie");
    let lines: Vec<_> = lines
        .filter_map(|line| split(&String::from_utf8_lossy(line)))
        .collect();
    pairs.extend(lines.iter().cloned());
    cookies.apply(&mut pairs, same_name, without_breaks);
    // The lines of the other server stay as they are, with their attributes.
    answer.cookies = pairs
        .iter()
        .filter(|pair| !lines.contains(pair))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
}

/// Name and value of a cookie's line, without its attributes.
fn split(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split(';').next()?.split_once('=')?;
    Some((name.trim().to_owned(), value.trim().to_owned()))
}

impl Condition {
    fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let condition = Self {
            status: fields.integer("statusCode", complaints),
            class: fields.text("statusCodeRange", complaints),
            response_header: fields.text("responseHasHeader", complaints),
            request_header: fields.text("requestHasHeader", complaints),
        };
        fields.finish(complaints);
        Some(condition)
    }

    fn holds(&self, answer: &Answer, request: &Request) -> bool {
        let status = answer.status.as_u16();
        let class = format!("{}xx", status / 100);
        self.status.is_none_or(|wanted| wanted == i64::from(status))
            && self
                .class
                .as_ref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(&class))
            && self
                .response_header
                .as_ref()
                .is_none_or(|name| answer.headers.contains(name))
            && self
                .request_header
                .as_ref()
                .is_none_or(|name| request.headers.contains(name))
    }
}

/// Takes an array from the fields.
fn list<'a>(
    fields: &mut Fields<'a>,
    name: &str,
    complaints: &mut Complaints,
) -> Option<&'a [Json]> {
    match fields.take(name)? {
        Json::Array(items) => Some(items),
        other => {
            let found = other.kind();
            complaints.error(
                &fields.at(name),
                format_args!("{found} found, array expected"),
            );
            None
        }
    }
}
