//! No key of a caller gets out of the gateway: not into metrics, logs, callbacks or upstream calls, whatever kind it is
//! of and however it is sent.

use std::time::Duration;

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
