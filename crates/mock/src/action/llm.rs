//! `httpLlmResponse`: a completion in the envelope of a provider of language models.

use bytes::Bytes;
use http::StatusCode;

use super::{Delay, Performance, Performed, written as forms};
use crate::http1::Answer;
use crate::json::{Json, Object, compact};
use crate::schema::{Complaints, Fields};

mod completion;
mod envelope;

use completion::Completion;
use envelope::{Dialect, Moment};

/// Each provider with the envelope of its answers; `None` where the original has none either.
const PROVIDERS: &[(&str, Option<Dialect>)] = &[
    ("ANTHROPIC", Some(Dialect::Messages)),
    ("OPENAI", Some(Dialect::ChatCompletion)),
    ("OPENAI_RESPONSES", Some(Dialect::Response)),
    ("GEMINI", Some(Dialect::GenerateContent)),
    ("BEDROCK", Some(Dialect::Messages)),
    ("AZURE_OPENAI", Some(Dialect::ChatCompletion)),
    ("OLLAMA", Some(Dialect::Ollama)),
    ("COHERE", None),
    ("VOYAGE", None),
    ("MISTRAL", Some(Dialect::ChatCompletion)),
    ("XAI", Some(Dialect::ChatCompletion)),
    ("DEEPSEEK", Some(Dialect::ChatCompletion)),
    ("GROQ", Some(Dialect::ChatCompletion)),
    ("OPENROUTER", Some(Dialect::ChatCompletion)),
    ("ORCAROUTER", Some(Dialect::ChatCompletion)),
];

const NOT_BUILT: &[&str] = &[
    "embedding",
    "rerank",
    "moderation",
    "contentFilter",
    "conversationPredicates",
    "chaos",
];

/// The answer of a language model that said what was registered.
#[derive(Debug)]
pub(crate) struct LlmResponse {
    /// What is missing is told with every answer, as in the original.
    said: Result<(Dialect, Completion), Json>,
    model: String,
    pub(super) delay: Option<Delay>,
}

impl LlmResponse {
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        fields.refuse(NOT_BUILT, complaints);
        let names: Vec<&str> = PROVIDERS.iter().map(|(name, _)| *name).collect();
        let provider = fields.word("provider", &names, complaints);
        let model = fields.text("model", complaints);
        let completion = fields
            .take("completion")
            .and_then(|json| Completion::read(json, &fields.at("completion"), complaints));
        let delay = super::take_delay(&mut fields, complaints);
        fields.boolean("primary", complaints);
        fields.finish(complaints);
        let model = model.or_else(|| completion.as_ref()?.model.clone());
        Some(Self {
            said: said(provider, completion),
            model: model.unwrap_or_else(|| "unknown".to_owned()),
            delay,
        })
    }

    /// The answer; its ids and its time are new each time.
    pub(super) fn perform(&self, performance: &Performance<'_>) -> Performed {
        let shared = performance.shared;
        let (status, body) = match &self.said {
            Ok((dialect, completion)) => {
                let moment = Moment {
                    now: shared.time.now(),
                    model: &self.model,
                    random_id: &|| shared.random_id().replace('-', ""),
                };
                (StatusCode::OK, dialect.envelope(completion, &moment))
            }
            Err(error) => (StatusCode::BAD_REQUEST, error.clone()),
        };
        let content_type =
            (status == StatusCode::OK).then_some(("content-type", "application/json"));
        Answer {
            headers: content_type.into_iter().collect(),
            body: Bytes::from(compact(&body)),
            ..Answer::new(status)
        }
        .into()
    }
}

/// The completion and its envelope, or what the client is told in their place.
fn said(
    provider: Option<&str>,
    completion: Option<Completion>,
) -> Result<(Dialect, Completion), Json> {
    let error = |text: String| ("error", Json::Text(text));
    let Some((name, dialect)) = PROVIDERS.iter().find(|(name, _)| Some(*name) == provider) else {
        let mut names: Vec<&str> = PROVIDERS.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let supported = names.into_iter().map(Json::text).collect();
        return Err(Json::object([
            error("unsupported LLM provider: null".to_owned()),
            ("supported", Json::Array(supported)),
        ]));
    };
    let missing = || {
        let text = "httpLlmResponse must have either a completion, embedding, or rerank configured";
        Json::object([error(text.to_owned())])
    };
    let completion = completion.ok_or_else(missing)?;
    let dialect = dialect.ok_or_else(|| {
        Json::object([error(format!("encode not implemented for provider {name}"))])
    })?;
    Ok((dialect, completion))
}

/// The action as the original writes it: its own fields first, those of the completion sorted.
pub(super) fn written(json: &Json) -> Json {
    let Json::Object(given) = json else {
        return json.clone();
    };
    let mut object = Object::new();
    for name in ["provider", "model", "completion", "delay", "primary"] {
        if let Some(value) = given.get(name).filter(|value| **value != Json::Null) {
            let value = match name {
                "completion" => completion::written(value),
                _ => forms::field(name, value),
            };
            object.insert(name.to_owned(), value);
        }
    }
    Json::Object(object)
}
