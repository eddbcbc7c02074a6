//! `httpLlmResponse`: completions in the envelopes of the providers, as the original writes them.

use serde_json::{Value, json};
use test_case::test_case;

use crate::support::{Answer, mock};

/// What a model is answered for; the time stands still.
async fn ask(response: Value) -> Answer {
    let mock = mock().await;
    mock.expect(json!({"httpRequest": {"path": "/llm"}, "httpLlmResponse": response}));
    let frozen = r#"{"action": "freeze", "instant": "2026-01-02T03:04:05Z"}"#;
    assert_eq!(mock.put("clock", frozen).await.status, 200);
    mock.send("POST", "/llm", r#"{"model": "asked"}"#).await
}

/// The text with every id cut after its prefix, and the number of digits that were cut.
fn without_ids(text: &str) -> String {
    let ids = regex::Regex::new("(chatcmpl-|resp_|msg_|rs_|call_|toolu_|fc_)([0-9a-f]{24,})")
        .expect("a pattern");
    let cut = ids.replace_all(text, |found: &regex::Captures<'_>| {
        format!("{}{}", &found[1], found[2].len())
    });
    cut.into_owned()
}

fn everything() -> Value {
    json!({
        "text": "T", "reasoningText": "why", "reasoningSignature": "sig",
        "toolCalls": [{"name": "f", "arguments": "{\"a\":1}"}, {"id": "mine", "name": "g", "arguments": "no json"}, {"name": "h"}],
        "usage": {"inputTokens": 9, "outputTokens": 3, "cachedInputTokens": 4, "cacheCreationTokens": 2, "reasoningTokens": 1}
    })
}

#[test_case("OPENAI", json!({"text": "Hi"}), r#"{"id":"chatcmpl-29","object":"chat.completion","created":1767323045,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}"#; "chat completion")]
#[test_case("GROQ", everything(), r#"{"id":"chatcmpl-29","object":"chat.completion","created":1767323045,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"T","tool_calls":[{"id":"call_24","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"mine","type":"function","function":{"name":"g","arguments":"no json"}},{"id":"call_24","type":"function","function":{"name":"h","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":1}}}"#; "chat completion with everything")]
#[test_case("OPENAI_RESPONSES", everything(), r#"{"id":"resp_24","object":"response","created_at":1767323045,"model":"m","status":"completed","output":[{"type":"reasoning","id":"rs_24","summary":[{"type":"summary_text","text":"why"}]},{"type":"message","id":"msg_24","role":"assistant","content":[{"type":"output_text","text":"T"}]},{"type":"function_call","id":"fc_24","name":"f","arguments":"{\"a\":1}"},{"type":"function_call","id":"mine","name":"g","arguments":"no json"},{"type":"function_call","id":"fc_24","name":"h","arguments":"{}"}],"usage":{"input_tokens":9,"output_tokens":3,"total_tokens":12,"input_tokens_details":{"cached_tokens":4},"output_tokens_details":{"reasoning_tokens":1}}}"#; "response")]
#[test_case("ANTHROPIC", json!({"text": "Hi"}), r#"{"id":"msg_24","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}"#; "message")]
#[test_case("BEDROCK", everything(), r#"{"id":"msg_24","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"why","signature":"sig"},{"type":"text","text":"T"},{"type":"tool_use","id":"toolu_24","name":"f","input":{"a":1}},{"type":"tool_use","id":"mine","name":"g","input":"no json"},{"type":"tool_use","id":"toolu_24","name":"h","input":{}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":3,"cache_read_input_tokens":4,"cache_creation_input_tokens":2}}"#; "message with everything")]
#[test_case("GEMINI", everything(), r#"{"candidates":[{"content":{"parts":[{"text":"why","thought":true},{"text":"T"},{"functionCall":{"name":"f","args":{"a":1}}},{"functionCall":{"name":"g","args":{"value":"no json"}}},{"functionCall":{"name":"h","args":{}}}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":3,"totalTokenCount":12,"cachedContentTokenCount":4,"thoughtsTokenCount":1},"modelVersion":"m"}"#; "generated content")]
#[test_case("OLLAMA", everything(), r#"{"model":"m","created_at":"2026-01-02T03:04:05Z","message":{"role":"assistant","content":"T","thinking":"why","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}},{"function":{"name":"g","arguments":{"value":"no json"}}},{"function":{"name":"h","arguments":{}}}]},"done":true,"total_duration":1234567890,"load_duration":12345,"prompt_eval_count":9,"prompt_eval_duration":67890,"eval_count":3,"eval_duration":12345}"#; "ollama")]
#[tokio::test]
async fn envelopes(provider: &'static str, completion: Value, expected: &'static str) {
    let response = json!({"provider": provider, "model": "m", "completion": completion});
    let answer = ask(response).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.content_type.as_deref(), Some("application/json"));
    assert_eq!(without_ids(&answer.text), expected);
}

#[test_case("OPENAI", "tool_use", "tool_calls")]
#[test_case("OPENAI", "max_tokens", "length")]
#[test_case("OPENAI", "end_turn", "stop")]
#[test_case("OPENAI", "refusal", "refusal")]
#[test_case("ANTHROPIC", "stop", "stop")]
#[test_case("GEMINI", "length", "MAX_TOKENS")]
#[test_case("GEMINI", "tool_calls", "STOP")]
#[test_case("GEMINI", "odd", "odd")]
#[tokio::test]
async fn reasons_to_stop(provider: &'static str, reason: &'static str, told: &'static str) {
    let completion = json!({"text": "T", "stopReason": reason});
    let answer = ask(json!({"provider": provider, "completion": completion})).await;
    let envelope: Value = serde_json::from_str(&answer.text).expect("JSON");
    let places = [
        "/choices/0/finish_reason",
        "/stop_reason",
        "/candidates/0/finishReason",
    ];
    let found: Vec<&Value> = places
        .iter()
        .filter_map(|place| envelope.pointer(place))
        .collect();
    assert_eq!(found, [told]);
}

#[test_case(json!({}), r#"{"error":"unsupported LLM provider: null","supported":["ANTHROPIC","AZURE_OPENAI","BEDROCK","COHERE","DEEPSEEK","GEMINI","GROQ","MISTRAL","OLLAMA","OPENAI","OPENAI_RESPONSES","OPENROUTER","ORCAROUTER","VOYAGE","XAI"]}"#; "no provider")]
#[test_case(json!({"provider": "OPENAI"}), r#"{"error":"httpLlmResponse must have either a completion, embedding, or rerank configured"}"#; "no completion")]
#[test_case(json!({"provider": "COHERE", "completion": {}}), r#"{"error":"encode not implemented for provider COHERE"}"#; "no envelope")]
#[tokio::test]
async fn what_is_missing_is_told_with_the_answer(response: Value, expected: &'static str) {
    let answer = ask(response).await;
    assert_eq!((answer.status, &*answer.text), (400, expected));
    assert_eq!(answer.content_type, None);
}

#[test_case(json!({"provider": "OPENAI", "completion": {"text": "T", "streaming": true}}), "streaming of an httpLlmResponse"; "streams")]
#[test_case(json!({"provider": "OPENAI", "embedding": {"dimensions": 3}}), "embedding"; "embeddings")]
#[test_case(json!({"provider": "OPENAI", "completion": {"outputSchema": "{}"}}), "outputSchema"; "schemas")]
#[tokio::test]
async fn what_is_not_there_is_refused(response: Value, named: &'static str) {
    let mock = mock().await;
    let answer = mock
        .put(
            "expectation",
            json!({"httpLlmResponse": response}).to_string(),
        )
        .await;
    assert_eq!(answer.status, 501, "{}", answer.text);
    assert!(answer.text.contains(named), "{}", answer.text);
}

#[tokio::test]
async fn violations_are_told_in_the_words_of_the_original() {
    let mock = mock().await;
    let response = json!({"provider": "X", "completion": {"text": 1, "usage": {"inputTokens": -1}, "zz": 1, "toolCalls": [{"zz": 1}]}});
    let answer = mock
        .put(
            "expectation",
            json!({"httpLlmResponse": response}).to_string(),
        )
        .await;
    assert_eq!(answer.status, 400);
    for line in [
        "$.httpLlmResponse.completion.text: integer found, string expected",
        "$.httpLlmResponse.completion.usage.inputTokens: must have a minimum value of 0",
        "$.httpLlmResponse.completion.zz: is not defined in the schema and the schema does not allow additional properties",
        "$.httpLlmResponse.completion.toolCalls[0].zz: is not defined in the schema",
        r#"$.httpLlmResponse.provider: does not have a value in the enumeration ["ANTHROPIC", "OPENAI", "OPENAI_RESPONSES""#,
    ] {
        assert!(answer.text.contains(line), "{line} in {}", answer.text);
    }
}

#[tokio::test]
async fn it_is_written_with_the_fields_of_the_completion_sorted() {
    let mock = mock().await;
    let text = r#"{"httpLlmResponse": {"completion": {"text": "T", "toolCalls": [{"name": "a", "id": "i"}], "stopReason": "stop"}, "model": "m", "provider": "OPENAI"}}"#;
    let written = mock.put("expectation", text).await.text;
    let expected = r#"  "httpLlmResponse" : {
    "provider" : "OPENAI",
    "model" : "m",
    "completion" : {
      "stopReason" : "stop",
      "text" : "T",
      "toolCalls" : [ {
        "id" : "i",
        "name" : "a"
      } ]
    }
  },
"#;
    assert!(written.contains(expected), "{written}");
}
