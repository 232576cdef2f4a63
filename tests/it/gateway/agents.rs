//! Agents that may call their own models only, and only so often.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::behaviour::passed;
use super::process::{Gateway, Shared, chat};
use super::rendered::{Rendered, secret_value};
use crate::bench::Bench;

const DESCRIPTION: &str = r#"
[clusters.c]
gateway.auth.restrictModels = true

[models.a]
provider = "openai-compatible"
modelName = "model-a"
aliases = ["fast"]
endpoint = "http://a.test"
[models.b]
provider = "openai-compatible"
modelName = "model-b"
endpoint = "http://b.test"
[models.c]
provider = "openai-compatible"
modelName = "model-c"
endpoint = "http://broken.c.test"
retries = 0
fallbacks = ["b"]

[agents.one]
image = "registry.example.com/one:1"
models = [{ name = "a" }]
[agents.counted]
image = "registry.example.com/counted:1"
models = [{ name = "a" }, { name = "b" }]
rateLimits = { requestsPerMinute = 2 }
[agents.thrifty]
image = "registry.example.com/thrifty:1"
models = [{ name = "a" }]
rateLimits = { tokensPerMinute = 40 }
[agents.other]
image = "registry.example.com/other:1"
models = [{ name = "b" }]
[agents.narrow]
image = "registry.example.com/narrow:1"
models = [{ name = "c" }]
[agents.both]
image = "registry.example.com/both:1"
models = [{ name = "c" }, { name = "b" }]
"#;

static GATEWAY: Shared = Shared::of(DESCRIPTION);

#[test]
fn an_agent_calls_and_sees_its_own_models_alone() {
    let gateway = GATEWAY.get();
    let key = Gateway::key("one");
    for name in ["model-a", "fast", "a"] {
        assert_eq!(gateway.chat(&key, name, "mine.").status, 200, "{name}");
    }
    assert_eq!(gateway.models(&key), ["fast", "model-a"]);
    assert_eq!(gateway.models(&Gateway::key("other")), ["model-b"]);
    for name in ["model-a", "fast", "a"] {
        assert_eq!(gateway.chat(&Gateway::key("other"), name, "not mine.").status, 403, "{name}");
    }
    assert_eq!(gateway.chat(&Gateway::key("unheard-of"), "model-a", "not mine.").status, 401);
    assert_eq!(gateway.chat(&Gateway::master(), "model-b", "of the administrator.").status, 200);
}

#[test]
fn a_model_of_others_is_refused_wherever_it_is_named() {
    let gateway = GATEWAY.get();
    let key = Gateway::key("one");
    let with = |key: &str, value: Value| {
        let mut body = chat("model-a", "not mine.");
        body[key] = value;
        body
    };
    let completions = "/v1/chat/completions";
    let nothing = json!({"contents": [{"parts": [{"text": "not mine."}]}]});
    let mut nameless = chat("model-a", "not mine.");
    nameless.as_object_mut().unwrap().remove("model");
    for (path, body) in [
        (completions, chat("model-b", "not mine.")),
        (completions, chat("b", "not mine.")),
        (completions, chat("a,b", "not mine.")),
        (completions, chat("openai/model-b", "not mine.")),
        (completions, chat("model-a,model-b", "not mine.")),
        (completions, with("fallbacks", json!(["model-b"]))),
        (completions, with("context_window_fallbacks", json!([{"model-a": ["model-b"]}]))),
        (completions, with("router_settings_override", json!({"fallbacks": [{"model-a": ["model-b"]}]}))),
        ("/v1/chat/completions?model=model-b", chat("model-a", "not mine.")),
        ("/v1/chat/completions?model=model-a", nameless.clone()),
        (completions, nameless),
        ("/v1/messages", chat("model-b", "not mine.")),
        ("/v1/messages?model=model-a", chat("model-b", "not mine.")),
        ("/v1/embeddings", json!({"model": "model-b", "input": "not mine."})),
        ("/v1/responses", json!({"model": "model-b", "input": "not mine."})),
        ("/v1beta/models/model-b:generateContent", nothing.clone()),
        ("/v1beta/models/b:generateContent", nothing.clone()),
        ("/models/model-b:generateContent", nothing),
    ] {
        let answered = gateway.call(&key, path, Some(&body));
        assert_eq!(answered.status, 403, "{path} {body}: {}", answered.text);
    }
    let own = json!({"contents": [{"parts": [{"text": "mine."}]}]});
    for name in ["model-a", "a"] {
        let path = format!("/v1beta/models/{name}:generateContent");
        assert_eq!(gateway.call(&key, &path, Some(&own)).status, 200, "{name}");
    }
    assert!(gateway.arrived("not mine.").is_empty());
}

#[test]
fn a_fallback_that_the_agent_may_not_call_is_not_tried_by_either_name() {
    let gateway = GATEWAY.get();
    for (agent, name, status, tried) in [
        ("both", "model-c", 200, ["broken.c.test", "b.test"].as_slice()),
        ("both", "c", 200, &["broken.c.test", "b.test"]),
        ("narrow", "model-c", 500, &["broken.c.test"]),
        ("narrow", "c", 500, &["broken.c.test"]),
    ] {
        let words = format!("{agent} calls {name} which fails.");
        assert_eq!(gateway.chat(&Gateway::key(agent), name, &words).status, status, "{words}");
        let hosts: Vec<_> = gateway.arrived(&words).into_iter().map(|call| call.host).collect();
        assert_eq!(hosts, tried, "{words}");
    }
}

#[test]
fn an_agent_calls_as_often_as_its_limit_says_whatever_others_do() {
    let gateway = GATEWAY.get();
    let call = |agent: &str, model: &str| gateway.chat(&Gateway::key(agent), model, "counted.").status;
    // Of all models together.
    let statuses: Vec<_> =
        ["model-a", "b", "a", "model-b"].repeat(2).into_iter().map(|model| call("counted", model)).collect();
    passed(&statuses, 2);
    assert_eq!(call("one", "model-a"), 200);
}

#[test]
fn an_agent_takes_as_many_tokens_as_its_limit_says() {
    let gateway = GATEWAY.get();
    let call = |n| gateway.chat(&Gateway::key("thrifty"), "model-a", &format!("thrifty agent {n}.")).status;
    // Seven tokens each. What a call may take at most is set aside before it, so that none crosses the limit.
    passed(&(0..12).map(call).collect::<Vec<_>>(), 5);
    let mut greedy = chat("model-a", "greedy.");
    greedy["max_tokens"] = 50.into();
    let refused = gateway.call(&Gateway::key("thrifty"), "/v1/chat/completions", Some(&greedy));
    assert_eq!((refused.status, gateway.arrived("greedy.").len()), (429, 0), "{}", refused.text);
}

#[test]
fn an_agent_that_is_added_removed_or_limited_is_known_without_a_restart() {
    let bench = Bench::at("agents", std::path::PathBuf::new());
    let file = bench.write("langop.toml", &format!("stack = \"s\"\n\n{DESCRIPTION}")).display().to_string();
    let before = Rendered::of(&bench, &[&file], "c").refreshed_within(2);
    bench.write(
        "langop.toml",
        &format!("stack = \"s\"\n\n{}", DESCRIPTION.replace("[agents.one]", "[agents.two]").replace("= 40", "= 4")),
    );
    let mut after = Rendered::of(&bench, &[&file], "c").files;
    let gateway = Gateway::run(bench, &before, &secret_value);
    let status = |agent: &str| gateway.chat(&Gateway::key(agent), "model-a", "changed.").status;
    assert_eq!((status("one"), status("two"), status("thrifty")), (200, 401, 200));
    // A file that is broken says nothing new.
    let good = after.insert("agents.json".to_owned(), "{".to_owned()).unwrap();
    gateway.republish(&after);
    assert_eq!((status("one"), status("two")), (200, 401));
    after.insert("agents.json".to_owned(), good);
    gateway.republish(&after);
    assert_eq!((status("one"), status("two"), status("thrifty")), (401, 200, 429));
    // It waited once for this version, and waits no more.
    let began = Instant::now();
    assert!((0..5).all(|_| status("one") == 401));
    assert!(began.elapsed() < 4 * Duration::from_secs(2), "{:?}", began.elapsed());
}
