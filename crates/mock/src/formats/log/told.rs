//! The sentence of each event, what fills its gaps, and the fields of its entry.

use super::bodies::{request, short, whole};
use super::what::{Retrieved, Subject, What};
use super::{Argument, Level, Told, curl_command};
use crate::json::{Json, Object};

type Field = (&'static str, Json);

impl What {
    pub(super) fn told(&self) -> Told {
        let (sentence, arguments, fields) = self.parts();
        Told {
            kind: self.kind(),
            level: if matches!(self, Self::Refused { .. }) {
                Level::Error
            } else {
                Level::Info
            },
            sentence,
            arguments,
            fields,
        }
    }

    fn parts(&self) -> (String, Vec<Argument>, Vec<Field>) {
        match self {
            Self::Created { expectation } => mounted("creating", expectation),
            Self::Updated { expectation } => mounted("updated", expectation),
            Self::Removed { expectation } => mounted("removed", expectation),
            Self::Received { .. }
            | Self::Matched { .. }
            | Self::Responded { .. }
            | Self::BrokenOff { .. }
            | Self::Forwarded { .. }
            | Self::ForwardFailed { .. }
            | Self::NoMatch { .. }
            | Self::Refused { .. } => self.of_traffic(),
            _ => self.of_control(),
        }
    }

    fn of_traffic(&self) -> (String, Vec<Argument>, Vec<Field>) {
        let received = self.request();
        let mut fields = vec![("httpRequest", received.clone())];
        let asked = Argument::Json(received);
        let (sentence, arguments) = match self {
            Self::Matched { expectation, .. } => {
                let expectation = whole(expectation);
                fields.push(("expectation", expectation.clone()));
                let arguments = vec![asked, Argument::Json(expectation)];
                ("request:{}matched expectation:{}".to_owned(), arguments)
            }
            Self::Responded {
                response,
                action,
                expectation_id,
                ..
            } => {
                let response = short(response);
                fields.push(("httpResponse", response.clone()));
                let arguments =
                    answered(response, asked, short(action), expectation_id, &mut fields);
                (answer_sentence("response"), arguments)
            }
            Self::BrokenOff {
                error,
                expectation_id,
                ..
            } => {
                fields.push(("httpError", error.clone()));
                let arguments = answered(
                    error.clone(),
                    asked,
                    error.clone(),
                    expectation_id,
                    &mut fields,
                );
                (answer_sentence("error"), arguments)
            }
            Self::Forwarded {
                sent, response, by, ..
            } => {
                let response = short(response);
                fields.push(("httpResponse", response.clone()));
                let curl = Argument::Text(curl_command(sent));
                let sent = Argument::Json(request(sent));
                let mut arguments = vec![Argument::Json(response), sent, curl];
                let mut sentence =
                    "returning response:{}for forwarded request\n\n in json:{}\n\n in curl:{}"
                        .to_owned();
                if let Some((action, id)) = by {
                    sentence += "for action:{}from expectation:{}";
                    fields.push(("expectationId", Json::text(id)));
                    arguments.push(Argument::Json(short(action)));
                    arguments.push(Argument::Text(id.clone()));
                }
                (sentence, arguments)
            }
            Self::ForwardFailed {
                reason, response, ..
            } => {
                let response = short(response);
                fields.push(("httpResponse", response.clone()));
                let reason = Argument::Text(reason.clone());
                let arguments = vec![asked, reason, Argument::Json(response)];
                (
                    "failed to forward request:{}error:{}returning response:{}".to_owned(),
                    arguments,
                )
            }
            Self::NoMatch { response, .. } => {
                let response = short(response);
                fields.push(("httpResponse", response.clone()));
                let arguments = vec![asked, Argument::Json(response)];
                (
                    "no expectation for:{}returning response:{}".to_owned(),
                    arguments,
                )
            }
            Self::Refused { reason, .. } => {
                let arguments = vec![asked, Argument::Text(reason.clone())];
                (
                    "exception processing request:{}error:{}".to_owned(),
                    arguments,
                )
            }
            _ => ("received request:{}".to_owned(), vec![asked]),
        };
        (sentence, arguments, fields)
    }

    /// The request of an event of traffic.
    fn request(&self) -> Json {
        match self {
            Self::Received { request: json }
            | Self::Matched { request: json, .. }
            | Self::Responded { request: json, .. }
            | Self::BrokenOff { request: json, .. }
            | Self::Forwarded { request: json, .. }
            | Self::ForwardFailed { request: json, .. }
            | Self::NoMatch { request: json, .. }
            | Self::Refused { request: json, .. } => request(json),
            _ => Json::Object(Object::new()),
        }
    }

    fn of_control(&self) -> (String, Vec<Argument>, Vec<Field>) {
        match self {
            Self::Verifying { verification } => verifying("requests", verification),
            Self::VerifyingSequence { verification } => verifying("sequence", verification),
            Self::Verified { request, times } => {
                let request = short(request);
                let arguments = vec![Argument::Json(request.clone())];
                (
                    format!("request:{{}}found {times}"),
                    arguments,
                    vec![("httpRequest", request)],
                )
            }
            Self::NotVerified {
                request,
                times,
                found,
            } => {
                let request = short(request);
                let arguments = vec![Argument::Json(request.clone()), requests(found)];
                let sentence = format!("request not found {times}, expected:{{}}but was:{{}}");
                (sentence, arguments, vec![("httpRequest", request)])
            }
            Self::SequenceVerified { requests } => {
                let requests = requests.iter().map(whole).collect();
                (
                    "request sequence found:{}".to_owned(),
                    vec![Argument::List(requests)],
                    Vec::new(),
                )
            }
            Self::SequenceNotVerified {
                requests: wanted,
                found,
            } => {
                let wanted: Vec<Json> = wanted.iter().map(whole).collect();
                let field = one_or_many(&wanted);
                let arguments = vec![Argument::List(wanted), requests(found)];
                let sentence = "request sequence not found, expected:{}but was:{}".to_owned();
                (sentence, arguments, field.into_iter().collect())
            }
            Self::LogCleared { filter } => {
                let sentence = "cleared logs that match:{}".to_owned();
                match filter {
                    Some(filter) => {
                        let filter = short(filter);
                        let arguments = vec![Argument::Json(filter.clone())];
                        (sentence, arguments, vec![("httpRequest", filter)])
                    }
                    None => {
                        let everything = Argument::Text("{}".to_owned());
                        (sentence, vec![everything], vec![("httpRequest", empty())])
                    }
                }
            }
            Self::ExpectationsCleared {
                by: Subject::Id(id),
            } => {
                let arguments = vec![Argument::Text(id.clone())];
                (
                    "cleared expectations that have id:{}".to_owned(),
                    arguments,
                    Vec::new(),
                )
            }
            Self::ExpectationsCleared {
                by: Subject::Matcher(matcher),
            } => {
                let matcher = short(matcher);
                let arguments = vec![Argument::Json(matcher.clone())];
                let sentence = "cleared expectations that match:{}".to_owned();
                (sentence, arguments, vec![("httpRequest", matcher)])
            }
            Self::Retrieved { what, filter } => {
                let filter = filter.as_ref().map_or_else(empty, short);
                let arguments = vec![Argument::Json(filter.clone())];
                let sentence = format!("retrieved {} that match:{{}}", what.words());
                (sentence, arguments, vec![("httpRequest", filter)])
            }
            _ => {
                let sentence = "resetting all expectations and request logs".to_owned();
                (sentence, Vec::new(), vec![("httpRequest", empty())])
            }
        }
    }
}

impl Retrieved {
    fn words(&self) -> String {
        match self {
            Self::Logs => "logs".to_owned(),
            Self::Requests { format } => format!("requests in {format}"),
            Self::RequestResponses { format } => format!("requests and responses in {format}"),
            Self::RecordedExpectations { format } => format!("recorded expectations in {format}"),
            Self::ActiveExpectations { format, count } => {
                format!("{count} active expectations in {format}")
            }
        }
    }
}

fn mounted(done: &str, expectation: &Json) -> (String, Vec<Argument>, Vec<Field>) {
    let id = Argument::Text(id(expectation));
    let matcher = match expectation {
        Json::Object(object) => object.get("httpRequest").map(short),
        _ => None,
    };
    let fields = matcher
        .map(|matcher| ("httpRequest", matcher))
        .into_iter()
        .collect();
    let arguments = vec![Argument::Json(whole(expectation)), id];
    (
        format!("{done} expectation:{{}}with id:{{}}"),
        arguments,
        fields,
    )
}

fn id(expectation: &Json) -> String {
    match expectation {
        Json::Object(object) => match object.get("id") {
            Some(Json::Text(id)) => id.clone(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

fn answer_sentence(what: &str) -> String {
    format!("returning {what}:{{}}for request:{{}}for action:{{}}from expectation:{{}}")
}

fn answered(
    answer: Json,
    asked: Argument,
    action: Json,
    expectation_id: &str,
    fields: &mut Vec<Field>,
) -> Vec<Argument> {
    fields.push(("expectationId", Json::text(expectation_id)));
    let id = Argument::Text(expectation_id.to_owned());
    vec![Argument::Json(answer), asked, Argument::Json(action), id]
}

fn verifying(what: &str, verification: &Json) -> (String, Vec<Argument>, Vec<Field>) {
    let field = match verification {
        Json::Object(object) => match (object.get("httpRequest"), object.get("httpRequests")) {
            (Some(request), _) => Some(("httpRequest", short(request))),
            (None, Some(Json::Array(requests))) => one_or_many(requests),
            (None, _) => None,
        },
        _ => None,
    };
    let arguments = vec![Argument::Json(whole(verification))];
    (
        format!("verifying {what} that match:{{}}"),
        arguments,
        field.into_iter().collect(),
    )
}

/// Requests that were found: one is shown alone.
fn requests(found: &[Json]) -> Argument {
    match found {
        [one] => Argument::Json(request(one)),
        many => Argument::List(
            many.iter()
                .map(crate::formats::message::in_field_order)
                .collect(),
        ),
    }
}

fn one_or_many(requests: &[Json]) -> Option<Field> {
    match requests {
        [] => None,
        [one] => Some(("httpRequest", short(one))),
        many => Some((
            "httpRequests",
            Json::Array(many.iter().map(short).collect()),
        )),
    }
}

fn empty() -> Json {
    Json::Object(Object::new())
}
