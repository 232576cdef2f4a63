//! What a provider would answer. The first label of some hosts says how they behave: `broken` fails, `slow` takes its
//! time, `late` takes more than anybody waits, `fussy` fails when it is asked to.

use std::time::Duration;

use serde_json::{Value, json};

use super::interceptor::Call;
use super::{streams, tokens};

/// The words of every model.
pub const WORDS: &str = "the answer";
/// The parts of a streamed answer.
pub const STREAMED: usize = 12;
/// How long a slow host takes before each part.
pub const PAUSE: Duration = Duration::from_millis(400);
/// How long a host takes that is too late for any caller, however busy the machine is.
const TOO_LATE: Duration = Duration::from_secs(20);
/// The id of the temporary key of a role.
pub const ROLE_KEY: &str = "ASIAROLE";
/// What tokens that were asked for look like.
pub const TOKEN: &str = "token-of-an-identity";

pub struct Answer {
    pub status: u16,
    pub kind: &'static str,
    pub parts: Vec<Vec<u8>>,
    /// Before each part.
    pub pause: Duration,
}

impl Answer {
    pub fn json(status: u16, value: &Value) -> Self {
        Self { status, kind: "application/json", parts: vec![value.to_string().into_bytes()], pause: Duration::ZERO }
    }
}

pub fn answer(call: &Call) -> Answer {
    let mut answer = if call.host.starts_with("broken.") {
        Answer::json(500, &json!({"error": {"message": "broken", "type": "server_error"}}))
    } else if let Some(status) = asked_to_fail(call) {
        Answer::json(status, &json!({"error": {"message": "as you wish", "type": "invalid_request_error"}}))
    } else {
        spoken(call)
    };
    match call.host.split('.').next() {
        Some("slow") => answer.pause = PAUSE,
        Some("late") => answer.pause = TOO_LATE,
        _ => {}
    }
    answer
}

/// The status that a call of a fussy host asks for: `fail with 404.`
fn asked_to_fail(call: &Call) -> Option<u16> {
    let (_, rest) = call.text.split_once("fail with ").filter(|_| call.host.starts_with("fussy."))?;
    rest.get(..3)?.parse().ok()
}

fn spoken(call: &Call) -> Answer {
    let path = call.path.split('?').next().unwrap_or_default();
    let body = call.body();
    match path {
        _ if call.host == "keys.test" => tokens::published(),
        _ if call.host.starts_with("sts.") => role(),
        _ if call.host.starts_with("login.microsoft") => microsoft(call),
        "/token" => Answer::json(200, &json!({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})),
        _ if path.ends_with("/chat/completions") && body["stream"] == true => streamed(&body),
        _ if path.ends_with("/chat/completions") => Answer::json(200, &chat(&body)),
        _ if path.ends_with("/responses") => streams::responses(body["stream"] == true),
        _ if path.ends_with("/messages") && body["stream"] == true => streams::anthropic(),
        _ if path.ends_with(":streamRawPredict") => streams::anthropic(),
        _ if path.ends_with(":streamGenerateContent") => streams::gemini(),
        _ if path.ends_with("/converse-stream") => streams::bedrock(),
        _ if path.ends_with("/api/chat") => streams::ollama(),
        _ if path.ends_with("/messages") || path.ends_with(":rawPredict") => Answer::json(
            200,
            &json!({"id": "m", "type": "message", "role": "assistant", "model": body["model"],
                "content": [{"type": "text", "text": WORDS}], "stop_reason": "end_turn", "stop_sequence": null,
                "usage": {"input_tokens": 5, "output_tokens": 2}}),
        ),
        _ if path.ends_with(":generateContent") => Answer::json(
            200,
            &json!({"candidates": [{"content": {"role": "model", "parts": [{"text": WORDS}]}, "finishReason": "STOP"}],
                "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7}}),
        ),
        _ if path.ends_with("/converse") => Answer::json(
            200,
            &json!({"output": {"message": {"role": "assistant", "content": [{"text": WORDS}]}},
                "stopReason": "end_turn", "usage": {"inputTokens": 5, "outputTokens": 2, "totalTokens": 7},
                "metrics": {"latencyMs": 1}}),
        ),
        _ if path.ends_with("/embeddings") => Answer::json(
            200,
            &json!({"object": "list", "model": body["model"], "usage": {"prompt_tokens": 5, "total_tokens": 5},
                "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}]}),
        ),
        _ if path.ends_with("/completions") => Answer::json(
            200,
            &json!({"id": "c", "object": "text_completion", "created": 1, "model": body["model"],
                "choices": [{"index": 0, "text": WORDS, "finish_reason": "stop", "logprobs": null}],
                "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}}),
        ),
        _ if path.contains("/images/") => Answer::json(200, &json!({"created": 1, "data": [{"b64_json": "AAAA"}]})),
        _ if path.ends_with("/audio/transcriptions") => Answer::json(200, &json!({"text": WORDS})),
        _ if path.ends_with("/moderations") => Answer::json(
            200,
            &json!({"id": "m", "model": body["model"],
                "results": [{"flagged": false, "categories": {}, "category_scores": {}}]}),
        ),
        _ if path.ends_with("/models") => Answer::json(200, &json!({"object": "list", "data": []})),
        _ => Answer::json(404, &json!({"error": {"message": "nobody answers here"}})),
    }
}

fn chat(body: &Value) -> Value {
    json!({"id": "c", "object": "chat.completion", "created": 1, "model": body["model"], "service_tier": "default",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": WORDS}}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}})
}

fn streamed(body: &Value) -> Answer {
    let part = |delta: Value, end: Value| {
        let chunk = json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": body["model"],
            "choices": [{"index": 0, "delta": delta, "finish_reason": end}]});
        format!("data: {chunk}\n\n")
    };
    let words = (0..STREAMED).map(|number| part(json!({"content": format!("part{number} ")}), Value::Null));
    let is_asked = body["stream_options"]["include_usage"] == true;
    let usage = json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": body["model"], "choices": [],
        "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}});
    let usage = is_asked.then(|| format!("data: {usage}\n\n"));
    let end = std::iter::once(part(json!({}), json!("stop"))).chain(usage).chain(["data: [DONE]\n\n".to_owned()]);
    Answer {
        status: 200,
        kind: "text/event-stream",
        parts: words.chain(end).map(String::into_bytes).collect(),
        pause: Duration::ZERO,
    }
}

fn role() -> Answer {
    let text = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
         <AccessKeyId>{ROLE_KEY}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>a:b\
         </AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/r/s</Arn></AssumedRoleUser></AssumeRoleResult>\
         <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleResponse>"
    );
    Answer { status: 200, kind: "text/xml", parts: vec![text.into_bytes()], pause: Duration::ZERO }
}

fn microsoft(call: &Call) -> Answer {
    if call.method == "POST" {
        return Answer::json(200, &json!({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}));
    }
    let tenant = call.path.split('/').nth(1).unwrap_or_default();
    let base = format!("https://{}/{tenant}", call.host);
    Answer::json(
        200,
        &json!({"issuer": format!("{base}/v2.0"), "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
            "token_endpoint": format!("{base}/oauth2/v2.0/token"),
            "tenant_discovery_endpoint": format!("{base}/v2.0/.well-known/openid-configuration"),
            "metadata": [{"preferred_network": call.host, "preferred_cache": call.host, "aliases": [call.host]}]}),
    )
}
