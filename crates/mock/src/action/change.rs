//! What an override changes of a request or a response on its way.

use std::sync::Arc;

use super::request::written_query;
use super::respond::{Respond, latin1, named_values, without_breaks};
use crate::http1::{Answer, reason};
use crate::json::Json;
use crate::matcher::query_pairs;
use crate::pattern::Substitution;
use crate::schema::{Complaints, Fields};
use crate::upstream::Outbound;

/// `requestModifier`.
#[derive(Debug)]
pub(super) struct RequestModifier {
    path: Option<Substitution>,
    query: Option<NamedModifier>,
    headers: Option<NamedModifier>,
    cookies: Option<NamedModifier>,
}

/// `responseOverride`: the fields that are given replace those of the response.
#[derive(Debug)]
pub(super) struct ResponseChange {
    respond: Respond,
    has_status: bool,
    has_body: bool,
}

/// Names to add, to replace where they are, and to remove.
#[derive(Debug, Default)]
pub(super) struct NamedModifier {
    add: Vec<(String, Vec<String>)>,
    replace: Vec<(String, Vec<String>)>,
    remove: Vec<String>,
}

impl NamedModifier {
    pub(super) fn take(
        fields: &mut Fields<'_>,
        name: &str,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        let json = fields.take(name)?;
        let path = fields.at(name);
        let mut fields = Fields::of(json, path, complaints)?;
        let mut named = |name: &str| {
            let json = fields.take(name)?;
            Some(named_values(json, &fields.at(name), complaints))
        };
        let (add, replace) = (named("add"), named("replace"));
        let remove = match fields.take("remove") {
            Some(Json::Array(items)) => {
                let path = fields.at("remove");
                items
                    .iter()
                    .filter_map(|item| complaints.text(&path, item))
                    .collect()
            }
            Some(one) => complaints
                .text(&fields.at("remove"), one)
                .into_iter()
                .collect(),
            None => Vec::new(),
        };
        fields.finish(complaints);
        Some(Self {
            add: add.unwrap_or_default(),
            replace: replace.unwrap_or_default(),
            remove,
        })
    }

    /// Changes a list of names and values; `same` compares names.
    pub(super) fn apply<V>(
        &self,
        list: &mut Vec<(String, V)>,
        same: impl Fn(&str, &str) -> bool,
        encode: impl Fn(&str) -> V,
    ) {
        for (name, values) in &self.replace {
            let Some(place) = list.iter().position(|(given, _)| same(given, name)) else {
                continue;
            };
            list.retain(|(given, _)| !same(given, name));
            let place = place.min(list.len());
            list.splice(
                place..place,
                values.iter().map(|value| (name.clone(), encode(value))),
            );
        }
        for (name, values) in &self.add {
            list.extend(values.iter().map(|value| (name.clone(), encode(value))));
        }
        list.retain(|(given, _)| !self.remove.iter().any(|name| same(given, name)));
    }
}

pub(super) fn header_value(text: &str) -> Vec<u8> {
    latin1(&without_breaks(text))
}

pub(super) fn same_header(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}

pub(super) fn same_name(left: &str, right: &str) -> bool {
    left == right
}

impl RequestModifier {
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let substitution = fields.take("path").and_then(|json| {
            let at = format!("{path}.path");
            let mut fields = Fields::of(json, at.clone(), complaints)?;
            let regex = fields.text("regex", complaints);
            let substitution = fields.text("substitution", complaints).unwrap_or_default();
            fields.finish(complaints);
            let compiled = Substitution::compile(&regex?, &substitution);
            compiled.map_err(|error| complaints.error(&at, error)).ok()
        });
        let query = NamedModifier::take(&mut fields, "queryStringParameters", complaints);
        let headers = NamedModifier::take(&mut fields, "headers", complaints);
        let cookies = NamedModifier::take(&mut fields, "cookies", complaints);
        fields.finish(complaints);
        Some(Self {
            path: substitution,
            query,
            headers,
            cookies,
        })
    }

    pub(super) fn apply(&self, outbound: &mut Outbound) -> Result<(), String> {
        if let Some(path) = &self.path {
            outbound.path = path.apply(&outbound.path)?;
        }
        if let Some(query) = &self.query {
            let given = outbound.query.take().unwrap_or_default();
            let mut pairs: Vec<(String, String)> = query_pairs(&given)
                .into_iter()
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect();
            query.apply(&mut pairs, same_name, str::to_owned);
            let parameters: Vec<_> = pairs
                .into_iter()
                .map(|(name, value)| (name, vec![value]))
                .collect();
            outbound.query = written_query(&parameters);
        }
        if let Some(headers) = &self.headers {
            headers.apply(&mut outbound.headers, same_header, header_value);
        }
        if let Some(cookies) = &self.cookies {
            cookies.apply(&mut outbound.cookies, same_name, without_breaks);
        }
        Ok(())
    }
}

impl ResponseChange {
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let has = |name: &str| matches!(json, Json::Object(object) if object.get(name).is_some_and(|value| *value != Json::Null));
        Some(Self {
            has_status: has("statusCode"),
            has_body: has("body"),
            respond: Respond::read(json, path, complaints)?,
        })
    }

    pub(super) fn apply(&self, answer: &mut Answer) {
        let given = &self.respond.answer;
        answer.ready = None;
        if self.has_status {
            // The words stay those of the server that answered.
            let words = answer.reason.take();
            answer.reason = Some(words.unwrap_or_else(|| Arc::from(&*reason(answer.status))));
            answer.status = given.status;
        }
        if given.reason.is_some() {
            answer.reason.clone_from(&given.reason);
        }
        let overridden: Vec<String> = given
            .headers
            .iter()
            .map(|(name, _)| name.to_ascii_lowercase())
            .collect();
        for name in &overridden {
            answer.headers = answer.headers.without(name);
        }
        answer.headers = answer.headers.iter().chain(given.headers.iter()).collect();
        let cookies = answer.cookies.iter().chain(given.cookies.iter()).cloned();
        answer.cookies = cookies.collect();
        if self.has_body {
            answer.body = given.body.clone();
            if !answer.headers.contains("content-type") {
                answer.content_type = given.content_type.clone();
            }
        }
        if given.options.is_some() {
            answer.options = given.options.as_ref().map(Arc::clone);
        }
        if !given.trailers.is_empty() {
            answer.trailers = given.trailers.clone();
        }
    }
}
