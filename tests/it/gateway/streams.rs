//! Streams of the providers, as short as their clients accept them, and the protocols that come in no other form
//! here.

use std::time::Duration;

use flate2::Crc;
use serde_json::{Value, json};

use super::answers::{Answer, WORDS};

/// Server-sent events, or what else comes as one body.
fn stream(kind: &'static str, body: impl Into<Vec<u8>>) -> Answer {
    Answer { status: 200, kind, parts: vec![body.into()], pause: Duration::ZERO }
}

/// Named events with their data.
fn events(events: &[(&str, Value)]) -> Answer {
    let text = events.iter().map(|(kind, body)| {
        let mut body = body.clone();
        body["type"] = (*kind).into();
        format!("event: {kind}\ndata: {body}\n\n")
    });
    stream("text/event-stream", text.collect::<String>())
}

pub fn anthropic() -> Answer {
    let usage = json!({"input_tokens": 5, "output_tokens": 2});
    let message = json!({"id": "m", "type": "message", "role": "assistant", "model": "x", "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": usage});
    let delta = json!({"index": 0, "delta": {"type": "text_delta", "text": WORDS}});
    events(&[
        ("message_start", json!({"message": message})),
        ("content_block_start", json!({"index": 0, "content_block": {"type": "text", "text": ""}})),
        ("content_block_delta", delta),
        ("content_block_stop", json!({"index": 0})),
        ("message_delta", json!({"delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": usage})),
        ("message_stop", json!({})),
    ])
}

pub fn gemini() -> Answer {
    let content = json!({"role": "model", "parts": [{"text": WORDS}]});
    let usage = json!({"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7});
    let candidates = json!([{"index": 0, "finishReason": "STOP", "content": content}]);
    let body = json!({"candidates": candidates, "usageMetadata": usage});
    stream("text/event-stream", format!("data: {body}\n\n"))
}

/// `OpenAI`'s newer protocol, streamed or not.
pub fn responses(streamed: bool) -> Answer {
    let content = json!([{"type": "output_text", "text": WORDS, "annotations": []}]);
    let message = json!({"type": "message", "id": "m", "status": "completed", "role": "assistant", "content": content});
    let response = json!({"id": "r", "object": "response", "created_at": 1, "status": "completed", "model": "x",
        "output": [message], "parallel_tool_calls": true, "tool_choice": "auto", "tools": [],
        "usage": {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7}});
    if !streamed {
        return Answer::json(200, &response);
    }
    let delta = json!({"item_id": "m", "output_index": 0, "content_index": 0, "delta": WORDS});
    events(&[
        ("response.created", json!({"response": response})),
        ("response.output_text.delta", delta),
        ("response.completed", json!({"response": response})),
    ])
}

/// A stream of one line is an answer, too.
pub fn ollama() -> Answer {
    let body = json!({"model": "x", "created_at": "2026-01-01T00:00:00Z", "done": true, "done_reason": "stop",
        "message": {"role": "assistant", "content": WORDS}, "prompt_eval_count": 5, "eval_count": 2});
    stream("application/x-ndjson", format!("{body}\n"))
}

pub fn bedrock() -> Answer {
    let usage = json!({"inputTokens": 5, "outputTokens": 2, "totalTokens": 7});
    let events = [
        ("messageStart", json!({"role": "assistant"})),
        ("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": {"text": WORDS}})),
        ("contentBlockStop", json!({"contentBlockIndex": 0})),
        ("messageStop", json!({"stopReason": "end_turn"})),
        ("metadata", json!({"usage": usage, "metrics": {"latencyMs": 1}})),
    ];
    let bytes: Vec<u8> = events.iter().flat_map(|(kind, body)| binary(kind, body)).collect();
    stream("application/vnd.amazon.eventstream", bytes)
}

/// Lengths and their checksum, headers, payload, checksum of it all.
fn binary(kind: &str, body: &Value) -> Vec<u8> {
    let headers = [(":event-type", kind), (":content-type", "application/json"), (":message-type", "event")];
    let headers: Vec<u8> = headers.iter().flat_map(|(name, value)| header(name, value)).collect();
    let payload = body.to_string().into_bytes();
    let mut bytes = length(16 + headers.len() + payload.len()).to_vec();
    bytes.extend(length(headers.len()));
    bytes.extend(checksum(&bytes));
    bytes.extend(headers);
    bytes.extend(payload);
    bytes.extend(checksum(&bytes));
    bytes
}

/// The name, the type of a text, and the text.
fn header(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(name.len()).unwrap()];
    bytes.extend(name.as_bytes());
    bytes.push(7);
    bytes.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
    bytes.extend(value.as_bytes());
    bytes
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap().to_be_bytes()
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let mut sum = Crc::new();
    sum.update(bytes);
    sum.sum().to_be_bytes()
}
