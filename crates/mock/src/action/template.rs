//! `httpResponseTemplate` and `httpForwardTemplate`: the answer, or the request to forward, is made from the request.

use std::cell::RefCell;
use std::sync::Arc;

use rand::{RngExt, SeedableRng};

use super::change::ResponseChange;
use super::modifier::ResponseModifier;
use super::request::RequestChange;
use super::{ActionError, Delay, Performance, Performed, Respond};
use crate::http1::Answer;
use crate::json::{Json, Object, parse_lenient};
use crate::matcher::Subject;
use crate::schema::{Complaints, Fields};
use crate::template::{
    Engine, RequestParts, Scope, Template, TemplateError, Tools, request_variables,
};

pub(super) const ENGINES: &[(&str, Engine)] = &[
    ("MUSTACHE", Engine::Mustache),
    ("VELOCITY", Engine::Velocity),
    ("JAVASCRIPT", Engine::JavaScript),
];

/// A template and what is made of its text.
#[derive(Debug)]
pub(crate) struct TemplateAction {
    /// MockServer takes templates that are none, and fails when they are used.
    template: Result<Arc<Template>, ActionError>,
    /// The text describes a request to forward, not a response.
    forwards: bool,
    response: Option<ResponseChange>,
    response_modifier: Option<ResponseModifier>,
    pub(super) delay: Option<Delay>,
}

impl TemplateAction {
    pub(super) fn read(
        json: &Json,
        path: &str,
        forwards: bool,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        fields.refuse(&["templateFile"], complaints);
        let names: Vec<&str> = ENGINES.iter().map(|(name, _)| *name).collect();
        let engine = fields.word("templateType", &names, complaints);
        let text = fields.text("template", complaints).unwrap_or_default();
        let response = fields.take("responseOverride");
        let response = response.and_then(|json| {
            ResponseChange::read(json, &fields.at("responseOverride"), complaints)
        });
        let response_modifier = fields.take("responseModifier");
        let response_modifier = response_modifier.and_then(|json| {
            ResponseModifier::read(json, &fields.at("responseModifier"), complaints)
        });
        let delay = super::take_delay(&mut fields, complaints);
        fields.boolean("primary", complaints);
        fields.finish(complaints);
        let engine = ENGINES.iter().find(|(name, _)| Some(*name) == engine);
        let template = match engine {
            Some((_, engine)) => Template::compile(*engine, &text)
                .map(Arc::new)
                .map_err(failed),
            None => Err(ActionError::Failed(
                "the template has no templateType".to_owned(),
            )),
        };
        if let Err(error) = &template {
            tracing::warn!(%error, "a template was registered that will fail when it is used");
        }
        Some(Self {
            template,
            forwards,
            response,
            response_modifier,
            delay,
        })
    }

    /// Whether it describes a request to forward.
    pub(crate) fn forwards(&self) -> bool {
        self.forwards
    }

    pub(super) async fn perform(
        &self,
        performance: &Performance<'_>,
    ) -> Result<Performed, ActionError> {
        let text = render(self.template.clone()?, performance).await?;
        let json = parse_lenient(&text).map_err(|error| {
            self.unusable(format!(
                "the template gave no JSON object: {error}\n\n{}",
                cut(&text)
            ))
        })?;
        if !self.forwards {
            return Ok(respond(&json, &text)?.into());
        }
        let mut complaints = Complaints::without_schema();
        let change =
            RequestChange::read(&json, "$", &mut complaints).filter(|_| complaints.is_empty());
        let change = change.ok_or_else(|| unusable("request", &complaints, &text))?;
        let (mut answer, target) = change.send(performance).await?;
        if let Some(change) = &self.response {
            change.apply(&mut answer);
        }
        if let Some(modifier) = &self.response_modifier {
            modifier.apply(&mut answer, performance.request);
        }
        Ok(Performed::forwarded(answer, &target))
    }

    /// A request that cannot be made is answered like one that cannot be forwarded.
    fn unusable(&self, reason: String) -> ActionError {
        if self.forwards {
            ActionError::Upstream(reason)
        } else {
            ActionError::Failed(reason)
        }
    }
}

/// Fills the template in, where nobody else waits for it.
pub(super) async fn render(
    template: Arc<Template>,
    performance: &Performance<'_>,
) -> Result<String, ActionError> {
    let shared = performance.shared;
    let variables = variables(performance);
    let seed: u64 = shared.with_random(|random| random.random());
    let now = shared.time.now();
    let scenarios = Arc::clone(&performance.scope.store.scenarios);
    let rendering = tokio::task::spawn_blocking(move || {
        let random = RefCell::new(rand::rngs::StdRng::seed_from_u64(seed));
        let scope = Scope {
            variables,
            now,
            random,
        };
        let tools = Tools {
            json_path: crate::matcher::json_path,
            xpath: crate::matcher::xpath,
            scenarios,
        };
        template.render(&scope, &tools)
    });
    let rendered = rendering
        .await
        .map_err(|error| ActionError::Failed(format!("the template broke off: {error}")))?;
    rendered.map_err(failed)
}

fn failed(error: TemplateError) -> ActionError {
    ActionError::Failed(error.to_string())
}

fn respond(json: &Json, text: &str) -> Result<Answer, ActionError> {
    let mut complaints = Complaints::without_schema();
    let respond = Respond::read(json, "$", &mut complaints).filter(|_| complaints.is_empty());
    respond
        .map(|respond| Arc::unwrap_or_clone(respond.answer))
        .ok_or_else(|| unusable("response", &complaints, text))
}

fn unusable(what: &str, complaints: &Complaints, text: &str) -> ActionError {
    let complaints = complaints.all().join("\n");
    ActionError::Failed(format!(
        "the template gave no usable {what}:\n{complaints}\n\n{}",
        cut(text)
    ))
}

/// The beginning of a long text.
fn cut(text: &str) -> &str {
    const SHOWN_MAX: usize = 2_000;
    let end = text
        .char_indices()
        .map(|(place, _)| place)
        .find(|place| *place >= SHOWN_MAX);
    &text[..end.unwrap_or(text.len())]
}

/// What the template sees.
fn variables(performance: &Performance<'_>) -> Object {
    let request = performance.request;
    let subject = Subject::new(request);
    let pairs = |pairs: &[(std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    };
    let (query, headers, cookies) = (
        pairs(subject.query()),
        pairs(subject.headers()),
        pairs(subject.cookies()),
    );
    let parameters = performance
        .expectation
        .request
        .path_parameters(subject.path());
    fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
        pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
    let transport = request.transport.as_ref();
    let local = transport.map(|transport| transport.local.to_string());
    let remote = transport.map(|transport| transport.remote.to_string());
    let described = request_variables(&RequestParts {
        method: subject.method(),
        path: subject.path(),
        path_parameters: &borrowed(&parameters),
        query: &borrowed(&query),
        headers: &borrowed(&headers),
        cookies: &borrowed(&cookies),
        body: subject.body_text(),
        secure: subject.is_secure(),
        keep_alive: subject.keep_alive(),
        local_address: local.as_deref(),
        remote_address: remote.as_deref(),
        ..RequestParts::default()
    });
    Object::from_iter([("request".to_owned(), described)])
}
