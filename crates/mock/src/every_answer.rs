//! What the settings add to every answer: a delay, header fields, and what browsers want to know.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use styk_core::{Clock, Headers, Request};

use crate::cors::{self, CorsHeaders, CorsSettings, Plane};
use crate::data::Outgoing;
use crate::http1::Answer;
use crate::settings::Settings;

/// What happens to every answer.
#[derive(Debug, Default)]
pub(crate) struct EveryAnswer {
    /// Before an expectation answers.
    delay: Option<Duration>,
    headers: Vec<(String, String)>,
    cors: CorsSettings,
}

impl EveryAnswer {
    /// Nothing when the settings ask for nothing: then answers are not looked at.
    pub(crate) fn of(settings: &Settings) -> Option<Arc<Self>> {
        let every_answer = Self {
            delay: settings
                .global_response_delay_millis
                .filter(|millis| *millis > 0)
                .map(Duration::from_millis),
            headers: settings.response_headers(),
            cors: cors(settings),
        };
        let is_idle = every_answer.delay.is_none()
            && every_answer.headers.is_empty()
            && !every_answer.cors.for_api
            && !every_answer.cors.for_all_responses;
        (!is_idle).then(|| Arc::new(every_answer))
    }

    /// What browsers are told about the answer to this request.
    pub(crate) fn cors_headers(&self, request: &Request, plane: Plane) -> CorsHeaders {
        let origin = request.headers.text("origin");
        cors::headers_for(origin.as_deref(), &self.cors, plane)
    }

    /// Waits as long as every answer of an expectation has to.
    pub(crate) async fn wait(&self, clock: &Clock) {
        if let Some(delay) = self.delay {
            clock.sleep(delay).await;
        }
    }

    /// Adds what the answer does not say itself.
    pub(crate) fn complete(&self, outgoing: &mut Outgoing, cors: CorsHeaders) {
        let answer = match outgoing {
            Outgoing::Answer(answer) => Arc::make_mut(answer),
            Outgoing::Stream(stream) => &mut stream.head,
            Outgoing::Break { .. } | Outgoing::Takeover(_) => return,
        };
        let own = &answer.headers;
        let has_type = answer.content_type.is_some();
        let is_said = |name: &str| {
            own.contains(name) || (has_type && name.eq_ignore_ascii_case("content-type"))
        };
        let cors = cors::without_own(cors, is_said);
        let cors = cors.iter().map(|(name, value)| (*name, value.as_str()));
        let usual = self.headers.iter().filter(|(name, _)| !is_said(name));
        let usual = usual.map(|(name, value)| (name.as_str(), value.as_str()));
        let added: Vec<(&str, &str)> = cors.chain(usual).collect();
        if added.is_empty() {
            return;
        }
        let fields = own
            .iter()
            .chain(added.iter().map(|(name, value)| (*name, value.as_bytes())));
        answer.headers = fields.collect::<Headers>();
        answer.ready = None;
    }
}

/// The answer to a preflight of a browser; `None` when the request is none, or may not be answered.
pub(crate) fn preflight(
    settings: &Settings,
    request: &Request,
    plane_of: impl FnOnce(&Method) -> Plane,
) -> Option<Answer> {
    if request.method != Method::OPTIONS {
        return None;
    }
    let header = |name: &str| {
        let value = request.headers.get(name)?;
        std::str::from_utf8(value).ok()
    };
    let announced = cors::announced_method(request.method.as_str(), header)?;
    let plane = plane_of(&Method::from_bytes(announced.as_bytes()).ok()?);
    let headers = cors::preflight(request.method.as_str(), header, &cors(settings), plane)?;
    Some(Answer {
        headers: headers.into_iter().collect(),
        ..Answer::new(StatusCode::OK)
    })
}

fn cors(settings: &Settings) -> CorsSettings {
    CorsSettings {
        for_api: settings.enable_cors_for_api,
        for_all_responses: settings.enable_cors_for_all_responses,
        allow_origin: settings.cors_allow_origin.clone(),
        allow_methods: settings.cors_allow_methods.clone(),
        allow_headers: settings.cors_allow_headers.clone(),
        allow_credentials: settings.cors_allow_credentials,
        max_age_seconds: settings.cors_max_age_in_seconds,
    }
}
