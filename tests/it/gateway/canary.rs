//! No key of a caller gets out of the gateway: not into metrics, logs, callbacks or upstream calls, whatever kind it is
//! of and however it is sent.

use std::time::Duration;

use serde_json::json;

use super::answers::WORDS;
use super::behaviour::GATEWAY;
use super::process::{Gateway, chat};
use crate::bench::eventually;

const DESCRIPTION: &str = r#"
[clusters.c.gateway]
config = { litellm_settings = { callbacks = ["prometheus", "generic_api"] } }
deployment.env = [
    { name = "GENERIC_LOGGER_ENDPOINT", value = "http://logger.test/log" },
    { name = "LITELLM_LOG", value = "DEBUG" },
]

[models.small]
provider = "openai-compatible"
modelName = "small"
endpoint = "http://small.test"
[models.broken]
provider = "openai-compatible"
modelName = "broken"
endpoint = "http://broken.test"
retries = 0

[agents.one]
image = "registry.example.com/one:1"
rateLimits = { requestsPerMinute = 100 }
"#;

#[test]
fn no_key_of_a_caller_is_published() {
    let gateway = Gateway::start(DESCRIPTION);
    let (agent, removed) = (Gateway::key("one"), Gateway::key("removed"));
    // The administrator's has not the form of LiteLLM's keys, which alone it hashes.
    let keys = [agent.as_str(), &Gateway::master(), &removed, "sk-of-a-stranger"];
    for key in keys {
        for (header, before) in
            [("authorization", "Bearer "), ("x-api-key", ""), ("x-goog-api-key", ""), ("x-litellm-api-key", "")]
        {
            for (path, model) in
                [("/v1/chat/completions", "small"), ("/v1/messages", "small"), ("/v1/chat/completions", "broken")]
            {
                let value = format!("{before}{key}");
                let headers = [("content-type", "application/json"), (header, value.as_str())];
                let body = chat(model, "canary.").to_string().into_bytes();
                let answered = gateway.exchange("POST", path, &headers, body).unwrap();
                assert!(!answered.text.contains(key), "{header}: {}", answered.text);
            }
        }
    }
    // Calls of the administrator and of the agent, failed ones among them.
    let logged = || gateway.interceptor.calls().into_iter().filter(|call| call.host == "logger.test");
    let about = |words: &str| logged().any(|call| call.text.contains(words));
    let all = ["langop-agent-one", "langop-administrator", "failure"];
    eventually("the callback has it all", Duration::from_mins(1), || all.iter().all(|words| about(words)));
    let metrics = gateway.call(&Gateway::master(), "/metrics/", None);
    assert_eq!(metrics.status, 200, "{}", metrics.text);
    for label in ["hashed_api_key=\"langop-agent-one\"", "hashed_api_key=\"langop-administrator\""] {
        assert!(metrics.text.contains(label), "{label}: {}", metrics.text);
    }
    let calls = format!("{:#?}", gateway.interceptor.calls());
    for (place, text) in [("metrics", &metrics.text), ("calls", &calls), ("log", &gateway.log())] {
        for key in keys {
            let line = text.lines().find(|line| line.contains(key));
            assert_eq!(line, None, "in the {place}");
        }
    }
}

#[test]
fn neither_what_is_asked_nor_what_is_answered_is_in_the_log() {
    const ASKED: &str = "the-prompt-of-a-canary";
    let gateway = GATEWAY.get();
    let agent = Gateway::key("agent");
    let streamed = |model: &str| {
        let mut body = chat(model, ASKED);
        body["stream"] = json!(true);
        gateway.call(&agent, "/v1/chat/completions", Some(&body)).status
    };
    assert_eq!((gateway.chat(&agent, "small", ASKED).status, streamed("small")), (200, 200));
    assert_eq!(gateway.call(&agent, "/v1/messages", Some(&chat("small", ASKED))).status, 200);
    // A provider that fails and what is tried instead, an unknown model, a stranger, a body that is none.
    assert_eq!(gateway.chat(&agent, "failing-one", ASKED).status, 200);
    for (key, model, body) in [
        (agent.as_str(), "no-such-model", chat("no-such-model", ASKED)),
        ("sk-of-a-stranger", "small", chat("small", ASKED)),
        (agent.as_str(), "small", json!({"model": "small", "messages": ASKED})),
    ] {
        let answered = gateway.call(key, "/v1/chat/completions", Some(&body));
        assert!(answered.status >= 400, "{model}: {}", answered.text);
    }
    assert!(!gateway.arrived(ASKED).is_empty());
    let log = gateway.log();
    for words in [ASKED, WORDS] {
        let line = log.lines().find(|line| line.contains(words));
        assert_eq!(line, None, "{words}");
    }
}
