//! What a language model is to say.

use crate::json::{Json, Object};
use crate::schema::{Complaints, Fields};

/// Parts of a completion that are refused.
const NOT_BUILT: &[&str] = &[
    "streamingPhysics",
    "outputSchema",
    "enforceOutputSchema",
    "toolChoice",
];

/// A message of the assistant, in the words of no provider.
#[derive(Debug, Default)]
pub(super) struct Completion {
    pub(super) text: Option<String>,
    pub(super) tool_calls: Vec<ToolCall>,
    pub(super) stop_reason: Option<String>,
    pub(super) usage: Usage,
    pub(super) reasoning: Option<String>,
    pub(super) reasoning_signature: Option<String>,
    pub(super) model: Option<String>,
}

/// A function that the model wants called.
#[derive(Debug, Default)]
pub(super) struct ToolCall {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    /// JSON as text, or so it should be.
    pub(super) arguments: Option<String>,
}

/// Numbers of tokens.
#[derive(Debug, Default)]
pub(super) struct Usage {
    pub(super) input: u64,
    pub(super) output: u64,
    pub(super) cached_input: Option<u64>,
    pub(super) cache_creation: Option<u64>,
    pub(super) reasoning: Option<u64>,
}

impl Completion {
    pub(super) fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        fields.refuse(NOT_BUILT, complaints);
        if fields.boolean("streaming", complaints) == Some(true) {
            complaints.not_built("streaming of an httpLlmResponse");
        }
        let tool_calls = fields.take("toolCalls");
        let tool_calls = tool_calls
            .map(|json| read_tool_calls(json, &fields.at("toolCalls"), complaints))
            .unwrap_or_default();
        let usage = fields.take("usage");
        let usage = usage.and_then(|json| Usage::read(json, &fields.at("usage"), complaints));
        let completion = Self {
            text: fields.text("text", complaints),
            tool_calls,
            stop_reason: fields.text("stopReason", complaints),
            usage: usage.unwrap_or_default(),
            reasoning: fields.text("reasoningText", complaints),
            reasoning_signature: fields.text("reasoningSignature", complaints),
            model: fields.text("model", complaints),
        };
        fields.finish(complaints);
        Some(completion)
    }

    /// The text, if there is something in it.
    pub(super) fn some_text(&self) -> Option<&str> {
        self.text.as_deref().filter(|text| !text.is_empty())
    }
}

fn read_tool_calls(json: &Json, path: &str, complaints: &mut Complaints) -> Vec<ToolCall> {
    let Json::Array(items) = json else {
        complaints.error(path, format_args!("{} found, array expected", json.kind()));
        return Vec::new();
    };
    let items = items.iter().enumerate();
    let calls = items.filter_map(|(index, item)| {
        let mut fields = Fields::of(item, format!("{path}[{index}]"), complaints)?;
        let call = ToolCall {
            id: fields.text("id", complaints),
            name: fields.text("name", complaints),
            arguments: fields.text("arguments", complaints),
        };
        fields.finish(complaints);
        Some(call)
    });
    calls.collect()
}

impl Usage {
    fn read(json: &Json, path: &str, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, path, complaints)?;
        let mut count = |name: &str| {
            let number = fields.integer(name, complaints)?;
            let count = u64::try_from(number).ok();
            if count.is_none() {
                complaints.error(&fields.at(name), "must have a minimum value of 0");
            }
            count
        };
        let usage = Self {
            input: count("inputTokens").unwrap_or_default(),
            output: count("outputTokens").unwrap_or_default(),
            cached_input: count("cachedInputTokens"),
            cache_creation: count("cacheCreationTokens"),
            reasoning: count("reasoningTokens"),
        };
        fields.finish(complaints);
        Some(usage)
    }

    pub(super) fn total(&self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

/// The same with the fields of every object sorted, and without an empty list of calls.
pub(super) fn written(json: &Json) -> Json {
    match json {
        Json::Object(fields) => {
            let is_empty = |value: &Json| matches!(value, Json::Array(items) if items.is_empty());
            let kept = fields
                .iter()
                .filter(|(_, value)| !matches!(value, Json::Null) && !is_empty(value));
            let mut kept: Object = kept
                .map(|(name, value)| (name.clone(), written(value)))
                .collect();
            kept.sort_keys();
            Json::Object(kept)
        }
        Json::Array(items) => Json::Array(items.iter().map(written).collect()),
        other => other.clone(),
    }
}
