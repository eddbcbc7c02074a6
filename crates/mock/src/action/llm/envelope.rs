//! The envelopes of the providers.

use jiff::Timestamp;

use super::completion::{Completion, ToolCall, Usage};
use crate::json::{Json, parse_strict};

/// The envelope a provider puts a completion in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Chat completions of OpenAI, which most others speak too.
    ChatCompletion,
    /// Responses of OpenAI.
    Response,
    /// Messages of Anthropic.
    Messages,
    /// `generateContent` of Gemini.
    GenerateContent,
    /// `/api/chat` of Ollama.
    Ollama,
}

/// What differs from answer to answer.
pub(super) struct Moment<'a> {
    pub(super) now: Timestamp,
    pub(super) model: &'a str,
    /// At least 32 hexadecimal digits.
    pub(super) random_id: &'a dyn Fn() -> String,
}

impl Moment<'_> {
    /// A new id: the prefix and `digits` hexadecimal digits.
    fn id(&self, prefix: &str, digits: usize) -> Json {
        let id: String = (self.random_id)().chars().take(digits).collect();
        Json::Text(format!("{prefix}_{id}"))
    }

    /// The id that the call was given, or a new one.
    fn call_id(&self, call: &ToolCall, prefix: &str) -> Json {
        let given = call.id.as_ref().map(Json::text);
        given.unwrap_or_else(|| self.id(prefix, 24))
    }

    fn model(&self) -> Json {
        Json::text(self.model)
    }

    fn seconds(&self) -> Json {
        Json::number(self.now.as_second())
    }
}

impl Dialect {
    pub(super) fn envelope(self, completion: &Completion, moment: &Moment<'_>) -> Json {
        match self {
            Self::ChatCompletion => chat_completion(completion, moment),
            Self::Response => response(completion, moment),
            Self::Messages => messages(completion, moment),
            Self::GenerateContent => generate_content(completion, moment),
            Self::Ollama => ollama(completion, moment),
        }
    }
}

fn chat_completion(completion: &Completion, moment: &Moment<'_>) -> Json {
    let calls = &completion.tool_calls;
    let content = match &completion.text {
        None if !calls.is_empty() => Json::Null,
        text => Json::text(text.clone().unwrap_or_default()),
    };
    let mut message = vec![("role", Json::text("assistant")), ("content", content)];
    if !calls.is_empty() {
        let calls = calls.iter().map(|call| {
            let function = [("name", name(call)), ("arguments", arguments_text(call))];
            Json::object([
                ("id", moment.call_id(call, "call")),
                ("type", Json::text("function")),
                ("function", Json::object(function)),
            ])
        });
        message.push(("tool_calls", Json::Array(calls.collect())));
    }
    let finish_reason = match completion.stop_reason.as_deref() {
        None if !calls.is_empty() => "tool_calls",
        None | Some("end_turn") => "stop",
        Some("tool_use") => "tool_calls",
        Some("max_tokens") => "length",
        Some(other) => other,
    };
    let choice = Json::object([
        ("index", Json::number(0)),
        ("message", Json::object(message)),
        ("finish_reason", Json::text(finish_reason)),
    ]);
    let id: String = (moment.random_id)().chars().take(29).collect();
    Json::object([
        ("id", Json::Text(format!("chatcmpl-{id}"))),
        ("object", Json::text("chat.completion")),
        ("created", moment.seconds()),
        ("model", moment.model()),
        ("choices", Json::Array(vec![choice])),
        (
            "usage",
            openai_usage(&completion.usage, "prompt", "completion"),
        ),
    ])
}

fn response(completion: &Completion, moment: &Moment<'_>) -> Json {
    let mut output = Vec::new();
    if let Some(reasoning) = &completion.reasoning {
        let summary = [
            ("type", Json::text("summary_text")),
            ("text", Json::text(reasoning)),
        ];
        output.push(Json::object([
            ("type", Json::text("reasoning")),
            ("id", moment.id("rs", 24)),
            ("summary", Json::Array(vec![Json::object(summary)])),
        ]));
    }
    if let Some(text) = completion.some_text() {
        let content = [
            ("type", Json::text("output_text")),
            ("text", Json::text(text)),
        ];
        output.push(Json::object([
            ("type", Json::text("message")),
            ("id", moment.id("msg", 24)),
            ("role", Json::text("assistant")),
            ("content", Json::Array(vec![Json::object(content)])),
        ]));
    }
    output.extend(completion.tool_calls.iter().map(|call| {
        Json::object([
            ("type", Json::text("function_call")),
            ("id", moment.call_id(call, "fc")),
            ("name", name(call)),
            ("arguments", arguments_text(call)),
        ])
    }));
    Json::object([
        ("id", moment.id("resp", 24)),
        ("object", Json::text("response")),
        ("created_at", moment.seconds()),
        ("model", moment.model()),
        ("status", Json::text("completed")),
        ("output", Json::Array(output)),
        ("usage", openai_usage(&completion.usage, "input", "output")),
    ])
}

/// The usage as OpenAI tells it; chat completions and responses name its two sides differently.
fn openai_usage(usage: &Usage, input: &str, output: &str) -> Json {
    let name = |side: &str, what: &str| format!("{side}_{what}");
    let mut fields = vec![
        (name(input, "tokens"), Json::number(usage.input)),
        (name(output, "tokens"), Json::number(usage.output)),
        ("total_tokens".to_owned(), Json::number(usage.total())),
    ];
    if let Some(cached) = usage.cached_input {
        let details = Json::object([("cached_tokens", Json::number(cached))]);
        fields.push((name(input, "tokens_details"), details));
    }
    if let Some(reasoning) = usage.reasoning {
        let details = Json::object([("reasoning_tokens", Json::number(reasoning))]);
        fields.push((name(output, "tokens_details"), details));
    }
    Json::Object(fields.into_iter().collect())
}

fn messages(completion: &Completion, moment: &Moment<'_>) -> Json {
    let mut content = Vec::new();
    if let Some(reasoning) = &completion.reasoning {
        let signature = completion.reasoning_signature.as_ref();
        let signature = signature.map(|signature| ("signature", Json::text(signature)));
        let thinking = [
            ("type", Json::text("thinking")),
            ("thinking", Json::text(reasoning)),
        ];
        content.push(Json::object(thinking.into_iter().chain(signature)));
    }
    if let Some(text) = completion.some_text() {
        content.push(Json::object([
            ("type", Json::text("text")),
            ("text", Json::text(text)),
        ]));
    }
    content.extend(completion.tool_calls.iter().map(|call| {
        Json::object([
            ("type", Json::text("tool_use")),
            ("id", moment.call_id(call, "toolu")),
            ("name", name(call)),
            ("input", arguments_json(call)),
        ])
    }));
    let stop_reason = match completion.stop_reason.as_deref() {
        None if !completion.tool_calls.is_empty() => "tool_use",
        None => "end_turn",
        Some(other) => other,
    };
    let usage = &completion.usage;
    let count = |name, count: Option<u64>| count.map(|count| (name, Json::number(count)));
    let usage = [
        count("input_tokens", Some(usage.input)),
        count("output_tokens", Some(usage.output)),
        count("cache_read_input_tokens", usage.cached_input),
        count("cache_creation_input_tokens", usage.cache_creation),
    ];
    Json::object([
        ("id", moment.id("msg", 24)),
        ("type", Json::text("message")),
        ("role", Json::text("assistant")),
        ("model", moment.model()),
        ("content", Json::Array(content)),
        ("stop_reason", Json::text(stop_reason)),
        ("stop_sequence", Json::Null),
        ("usage", Json::object(usage.into_iter().flatten())),
    ])
}

fn generate_content(completion: &Completion, moment: &Moment<'_>) -> Json {
    let mut parts = Vec::new();
    if let Some(reasoning) = &completion.reasoning {
        parts.push(Json::object([
            ("text", Json::text(reasoning)),
            ("thought", Json::Bool(true)),
        ]));
    }
    if let Some(text) = completion.some_text() {
        parts.push(Json::object([("text", Json::text(text))]));
    }
    parts.extend(completion.tool_calls.iter().map(|call| {
        let call = [("name", name(call)), ("args", arguments_object(call))];
        Json::object([("functionCall", Json::object(call))])
    }));
    let finish_reason = match completion.stop_reason.as_deref() {
        None | Some("stop" | "end_turn" | "tool_use" | "tool_calls") => "STOP",
        Some("max_tokens" | "length") => "MAX_TOKENS",
        Some(other) => other,
    };
    let content = [("parts", Json::Array(parts)), ("role", Json::text("model"))];
    let candidate = Json::object([
        ("content", Json::object(content)),
        ("finishReason", Json::text(finish_reason)),
        ("index", Json::number(0)),
    ]);
    let usage = &completion.usage;
    let count = |name, count: Option<u64>| count.map(|count| (name, Json::number(count)));
    let usage = [
        count("promptTokenCount", Some(usage.input)),
        count("candidatesTokenCount", Some(usage.output)),
        count("totalTokenCount", Some(usage.total())),
        count("cachedContentTokenCount", usage.cached_input),
        count("thoughtsTokenCount", usage.reasoning),
    ];
    Json::object([
        ("candidates", Json::Array(vec![candidate])),
        ("usageMetadata", Json::object(usage.into_iter().flatten())),
        ("modelVersion", moment.model()),
    ])
}

/// The durations are those of the original: they are always the same.
fn ollama(completion: &Completion, moment: &Moment<'_>) -> Json {
    let text = completion.text.clone().unwrap_or_default();
    let mut message = vec![
        ("role", Json::text("assistant")),
        ("content", Json::Text(text)),
    ];
    if let Some(reasoning) = &completion.reasoning {
        message.push(("thinking", Json::text(reasoning)));
    }
    if !completion.tool_calls.is_empty() {
        let calls = completion.tool_calls.iter().map(|call| {
            let function = [("name", name(call)), ("arguments", arguments_object(call))];
            Json::object([("function", Json::object(function))])
        });
        message.push(("tool_calls", Json::Array(calls.collect())));
    }
    Json::object([
        ("model", moment.model()),
        ("created_at", Json::text(moment.now.to_string())),
        ("message", Json::object(message)),
        ("done", Json::Bool(true)),
        ("total_duration", Json::number(1_234_567_890)),
        ("load_duration", Json::number(12_345)),
        ("prompt_eval_count", Json::number(completion.usage.input)),
        ("prompt_eval_duration", Json::number(67_890)),
        ("eval_count", Json::number(completion.usage.output)),
        ("eval_duration", Json::number(12_345)),
    ])
}

fn name(call: &ToolCall) -> Json {
    call.name.as_ref().map_or(Json::Null, Json::text)
}

/// The arguments as they were given.
fn arguments_text(call: &ToolCall) -> Json {
    Json::text(call.arguments.as_deref().unwrap_or("{}"))
}

/// The arguments as the JSON that they are; as text when they are none.
fn arguments_json(call: &ToolCall) -> Json {
    match call.arguments.as_deref() {
        None => Json::object([]),
        Some("") => Json::Null,
        Some(text) => parse_strict(text).unwrap_or_else(|_no_json| Json::text(text)),
    }
}

/// The arguments as an object, if need be around their text.
fn arguments_object(call: &ToolCall) -> Json {
    match arguments_json(call) {
        object @ Json::Object(_) => object,
        _ => Json::object([("value", arguments_text(call))]),
    }
}
