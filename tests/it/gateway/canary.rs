//! No key of a caller gets out of the gateway: not into metrics, logs, callbacks or upstream calls, whatever kind it is
//! of and however it is sent.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::answers::WORDS;
use super::behaviour::GATEWAY;
use super::interceptor::Call;
use super::process::{Gateway, chat};
use super::rendered::{Rendered, secret_value};
use crate::bench::{Bench, eventually};

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

const WATCHED: &str = r#"
[clusters.c.gateway]
metrics = { }
traces = { otlp = "http://collector.test:4318", headersSecretRef = { name = "otlp" } }

[models.small]
provider = "openai-compatible"
modelName = "small"
endpoint = "http://small.test"
apiKeySecretRef = { name = "provider" }
[models.first]
provider = "openai-compatible"
modelName = "first"
endpoint = "http://broken.test"
apiKeySecretRef = { name = "provider" }
retries = 0
fallbacks = ["small"]
[models.broken]
provider = "openai-compatible"
modelName = "broken"
endpoint = "http://broken.test"
apiKeySecretRef = { name = "provider" }
retries = 0

[agents.one]
image = "registry.example.com/one:1"
rateLimits = { requestsPerMinute = 100 }
"#;

/// What a collector of a gateway was sent.
fn sent<'a>(calls: &'a [Call], host: &str) -> Vec<&'a Call> {
    calls.iter().filter(|call| call.host == host).collect()
}

#[test]
fn no_word_and_no_key_is_in_traces_metrics_or_the_log() {
    const ASKED: &str = "the-prompt-of-a-watched-canary";
    const TOOL: &str = "the-tool-of-a-watched-canary";
    const RULES: &str = "the-instructions-of-a-watched-canary";
    const PERSON: &str = "the-person-of-a-watched-canary";
    let bench = Bench::at("canary", PathBuf::new());
    let file = bench.write("langop.toml", &format!("stack = \"s\"\n{WATCHED}")).display().to_string();
    let rendered = Rendered::of(&bench, &[&file], "c");
    let gateway = Gateway::run(bench, &rendered.refreshed_within(1), &|secret, key| match secret {
        "otlp" => format!("authorization=Bearer {}", secret_value(secret, key)),
        _ => secret_value(secret, key),
    });
    let agent = Gateway::key("one");
    for model in ["small", "first", "broken", "no-such"] {
        for streams in [false, true] {
            let mut body = chat(model, ASKED);
            body["stream"] = json!(streams);
            body["user"] = json!(PERSON);
            body["tools"] = json!([{"type": "function", "function": {"name": TOOL, "description": ASKED,
                "parameters": {"type": "object"}}}]);
            gateway.call(&agent, "/v1/chat/completions", Some(&body));
        }
        let mut messages = chat(model, ASKED);
        messages["system"] = json!(RULES);
        messages["metadata"] = json!({"user_id": PERSON});
        gateway.call(&agent, "/v1/messages", Some(&messages));
        let responses = json!({"model": model, "input": ASKED, "instructions": RULES, "user": PERSON});
        gateway.call(&agent, "/v1/responses", Some(&responses));
    }
    gateway.chat("sk-of-a-stranger", "small", ASKED);
    gateway.chat(&Gateway::master(), "small", ASKED);
    // A caller's own span is the parent.
    let traced = [
        ("content-type", "application/json"),
        ("authorization", &format!("Bearer {agent}")),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ];
    let body = chat("small", ASKED).to_string().into_bytes();
    assert_eq!(gateway.exchange("POST", "/v1/chat/completions", &traced, body).unwrap().status, 200);

    let spans = || {
        let calls = gateway.interceptor.calls();
        sent(&calls, "collector.test").into_iter().map(|call| call.text.clone()).collect::<String>()
    };
    let told = ["chat small", "chat first", "chat broken", "error.type", "gen_ai.usage.output_tokens", "model small"];
    eventually("the collector has it", Duration::from_mins(1), || told.iter().all(|words| spans().contains(words)));
    // The bytes of the caller's trace, as far as they are text.
    eventually("the caller's trace", Duration::from_secs(20), || {
        spans().contains("\u{b}\u{ad}kqi 31") || spans().contains("kqi 31")
    });
    let calls = gateway.interceptor.calls();
    let collector = sent(&calls, "collector.test");
    for call in &collector {
        assert_eq!((call.path.as_str(), call.port), ("/v1/traces", 4318));
        assert_eq!(call.header("authorization"), "Bearer value-of-otlp-headers");
    }
    assert!(!gateway.arrived(ASKED).is_empty());
    let metrics = ureq::get(format!("http://127.0.0.1:{}/metrics", gateway.metrics)).call().unwrap();
    let metrics = metrics.into_body().read_to_string().unwrap();
    assert!(metrics.contains("litellm_spend_metric_total{"), "{metrics}");
    let master = Gateway::master();
    let (provider, hmac) = (secret_value("provider", "api-key"), secret_value("gateway-auth", "hmac-secret"));
    let secret = [agent.as_str(), &master, &provider, &hmac, "value-of-otlp-headers", "sk-of-a-stranger"];
    for (place, text) in [("traces", &spans()), ("metrics", &metrics), ("log", &gateway.log())] {
        for words in secret.into_iter().chain([ASKED, TOOL, RULES, PERSON, WORDS]) {
            let line = text.lines().find(|line| line.contains(words));
            assert_eq!(line, None, "{words} in the {place}");
        }
    }
}

const CALLBACKS: &str = r#"
[clusters.c.gateway.callbacks]
langfuse = { host = "http://langfuse.test", secretRef = { name = "langfuse" }, contents = true }
datadog = { site = "datadog.test", apiKeySecretRef = { name = "datadog" }, contents = true }

[models.small]
provider = "openai-compatible"
modelName = "small"
endpoint = "http://small.test"

[agents.one]
image = "registry.example.com/one:1"
"#;

#[test]
fn callbacks_get_what_they_are_for_and_their_keys_are_nowhere_else() {
    const ASKED: &str = "the-prompt-of-a-told-canary";
    let gateway = Gateway::start(CALLBACKS);
    assert_eq!(gateway.chat(&Gateway::key("one"), "small", ASKED).status, 200);
    let (langfuse, datadog) = ("langfuse.test", "http-intake.logs.datadog.test");
    eventually("both are told", Duration::from_mins(1), || {
        let calls = gateway.interceptor.calls();
        !sent(&calls, langfuse).is_empty() && !sent(&calls, datadog).is_empty()
    });
    let calls = gateway.interceptor.calls();
    let (public, key) = (secret_value("langfuse", "public-key"), secret_value("langfuse", "secret-key"));
    let basic = format!("Basic {}", STANDARD.encode(format!("{public}:{key}")));
    for call in sent(&calls, langfuse) {
        assert_eq!((call.path.as_str(), call.header("authorization")), ("/api/public/otel/v1/traces", basic.as_str()));
    }
    assert!(sent(&calls, langfuse).iter().any(|call| call.text.contains(ASKED)), "{calls:?}");
    let api_key = secret_value("datadog", "api-key");
    for call in sent(&calls, datadog) {
        assert_eq!((call.path.as_str(), call.header("dd-api-key")), ("/api/v2/logs", api_key.as_str()));
    }
    let files = std::fs::read_to_string(gateway.configuration().join("config.yaml")).unwrap();
    let bodies: String = calls.iter().map(|call| call.text.as_str()).collect();
    for (place, text) in [("log", &gateway.log()), ("configuration", &files), ("calls", &bodies)] {
        for words in [key.as_str(), &api_key, &Gateway::key("one"), &Gateway::master()] {
            assert!(!text.contains(words), "{words} in the {place}");
        }
    }
    assert!(!gateway.log().contains(ASKED));
}
