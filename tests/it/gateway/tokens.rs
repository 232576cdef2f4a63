//! People and pipelines at a real gateway: tokens of an identity provider, good ones and those of attackers, with its keys
//! in a Secret and at a URL.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::answers::Answer;
use super::process::{Gateway, python};
use super::rendered::{Rendered, secret_value};
use crate::bench::{Bench, repository};

const DESCRIPTION: &str = r#"
stack = "s"

[clusters.c.gateway.auth.jwt]
issuer = "https://login.example.com/realms/acme"
audience = "langop"
teamClaim = "CLAIM"
KEYS

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
[models.all]
provider = "openai-compatible"
modelName = "*"
endpoint = "http://all.test"

# A catalogue that is called as LiteLLM calls a provider, and one whose names begin as those of deployments.
[models.openai]
provider = "openai-compatible"
modelName = "*"
endpoint = "http://openai.test"
[models.m-all]
provider = "openai-compatible"
modelName = "*"
endpoint = "http://m-all.test"
[models.us]
provider = "openai-compatible"
modelName = "gpt-4o"
endpoint = "http://us.test"
[models.bad]
provider = "openai-compatible"
modelName = "bad"
endpoint = "http://broken.bad.test"
retries = 0
fallbacks = ["us", "openai/gpt-ours"]

[agents.one]
image = "registry.example.com/one:1"

[teams.colours]
claims = ["red", "green"]
models = ["fast", "c", "all/gpt-*"]
[teams.blue]
models = ["model-b"]
[teams.cats]
models = ["openai/gpt-*", "bad", "m* b", "openai/*large*latest"]
[teams.stopped]
blocked = true
"#;

/// What the identity provider publishes at its URL: nothing yet, its keys, those after a rotation, or failures.
static PUBLISHED: AtomicU8 = AtomicU8::new(0);

/// It takes its time.
const SLOWLY: u8 = 4;
/// It says that it has no keys.
const NONE: u8 = 5;

/// What the identity provider answers.
pub fn published() -> Answer {
    match PUBLISHED.load(Ordering::SeqCst) {
        1 => Answer::json(200, &provider()["keys"]),
        2 => Answer::json(200, &provider()["rotated"]),
        SLOWLY => Answer { pause: Duration::from_millis(1500), ..Answer::json(200, &provider()["keys"]) },
        NONE => Answer::json(200, &serde_json::json!({ "keys": [] })),
        _ => Answer::json(500, &Value::Null),
    }
}

/// Key sets and tokens, made once.
fn provider() -> &'static Value {
    static MADE: OnceLock<Value> = OnceLock::new();
    MADE.get_or_init(|| {
        let said = Command::new(python()).arg(repository("tests/it/gateway/tokens.py")).output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        serde_json::from_slice(&said.stdout).unwrap()
    })
}

fn token(name: &str) -> &'static str {
    provider()["tokens"][name].as_str().unwrap_or_else(|| panic!("no token {name}"))
}

fn gateway(claim: &str, keys: &str, change: impl Fn(&mut BTreeMap<String, String>)) -> Gateway {
    let bench = Bench::at("tokens", PathBuf::new());
    let text = DESCRIPTION.replace("CLAIM", claim).replace("KEYS", keys);
    let file = bench.write("langop.toml", &text).display().to_string();
    let mut rendered = Rendered::of(&bench, &[&file], "c").refreshed_within(1);
    change(&mut rendered.files);
    Gateway::run(bench, &rendered, &|secret, key| match (secret, key) {
        ("idp", "jwks.json") => provider()["keys"].to_string(),
        _ => secret_value(secret, key),
    })
}

const IN_A_SECRET: &str = "jwksSecretRef = { name = 'idp' }";

#[test]
fn a_token_is_a_member_of_a_team_or_nobody() {
    let gateway = gateway("groups", IN_A_SECRET, |_| {});
    for name in ["good", "curve", "edwards", "one text", "several audiences", "late by a little", "early by a little"] {
        let answered = gateway.chat(token(name), "fast", "of a person.");
        assert_eq!(answered.status, 200, "{name}: {}", answered.text);
    }
    for (name, wrong) in provider()["tokens"].as_object().unwrap() {
        let status = match name.split_once(": ") {
            Some(("bad", _)) => 401,
            Some(("none", _)) => 403,
            _ => continue,
        };
        let answered = gateway.chat(wrong.as_str().unwrap(), "fast", "of a stranger.");
        assert_eq!(answered.status, status, "{name}: {}", answered.text);
        assert!(!answered.text.contains("Traceback"), "{name}: {}", answered.text);
    }
    for nothing in ["a.b.c", "..", "e30.e30.e30", "sk-a.b.c", "a.b.c.d"] {
        assert_eq!(gateway.chat(nothing, "fast", "of a stranger.").status, 401, "{nothing}");
    }
    assert!(gateway.arrived("of a stranger.").is_empty());
    assert_eq!(gateway.chat(token("blocked"), "fast", "blocked").status, 403);
    // Agents and the administrator go on as ever.
    for key in [Gateway::key("one"), Gateway::master()] {
        assert_eq!(gateway.chat(&key, "model-b", "of an agent.").status, 200);
    }
    assert!(!gateway.log().contains("eyJ"), "{}", gateway.log());
}

#[test]
fn a_token_may_what_its_teams_may_and_what_agents_may_not_it_may_not() {
    let gateway = gateway("groups", IN_A_SECRET, |_| {});
    let (both, red) = (token("good"), token("one text"));
    for (key, model, status) in [
        (both, "model-a", 200),
        (both, "a", 200),
        (both, "model-b", 200),
        (both, "all/gpt-4o", 200),
        (both, "all/o1", 403),
        (red, "all/gpt-4o", 200),
        (red, "model-b", 403),
        (red, "b", 403),
        (red, "nothing", 403),
        (red, "model-a,model-b", 403),
    ] {
        let answered = gateway.chat(key, model, "asked.");
        assert_eq!(answered.status, status, "{model}: {}", answered.text);
    }
    // Of a catalogue, LiteLLM lists what it knows of those that the pattern stands for.
    let listed = |key: &str| gateway.models(key).into_iter().partition::<Vec<_>, _>(|name| name.starts_with("all/"));
    assert_eq!(listed(red).1, ["fast", "model-a", "model-c"]);
    assert_eq!(listed(both).1, ["fast", "model-a", "model-b", "model-c"]);
    assert!(listed(red).0.iter().all(|name| name.starts_with("all/gpt-")), "{:?}", listed(red).0);
    // A fallback to what the team may not call is not tried.
    assert_eq!(gateway.chat(red, "model-c", "falls back.").status, 500);
    let hosts: Vec<_> = gateway.arrived("falls back.").into_iter().map(|call| call.host).collect();
    assert_eq!(hosts, ["broken.c.test"]);
    // Nor what LiteLLM would take a pattern for: a model whose provider has the name of the catalogue.
    let cats = token("cats");
    assert_eq!(gateway.chat(cats, "bad", "falls back further.").status, 200);
    let hosts: Vec<_> = gateway.arrived("falls back further.").into_iter().map(|call| call.host).collect();
    assert_eq!(hosts, ["broken.bad.test", "openai.test"]);
    let begun = Instant::now();
    let long = format!("openai/{}", "large".repeat(40_000));
    for (model, status) in [
        ("openai/gpt-4o", 200),
        ("gpt-4o", 403),
        ("us", 403),
        ("model b", 403),
        ("model us", 403),
        ("m-all/x b", 200),
        ("openai/a-large-b-latest", 200),
        (&long, 403),
    ] {
        let answered = gateway.chat(cats, model, "asked.");
        assert_eq!(answered.status, status, "{}: {}", &model[..model.len().min(40)], answered.text);
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "a long name takes no longer than others");
    for path in ["/key/generate", "/team/new", "/model/new"] {
        let body = serde_json::json!({ "models": ["*"] });
        let answered = gateway.call(both, path, Some(&body));
        assert_eq!(answered.status, 403, "{path}: {}", answered.text);
    }
    let mut elsewhere = super::process::chat("model-a", "led elsewhere.");
    elsewhere["custom_llm_provider"] = "anthropic".into();
    assert_eq!(gateway.call(both, "/v1/chat/completions", Some(&elsewhere)).status, 403);
    let quick = super::process::chat("model-a", "of a pipeline.");
    assert_eq!(
        gateway
            .exchange(
                "POST",
                "/v1/messages",
                &[("content-type", "application/json"), ("x-api-key", red),],
                quick.to_string().into_bytes()
            )
            .unwrap()
            .status,
        200,
        "in the header of another protocol"
    );
}

#[test]
fn keys_at_a_url_are_asked_for_when_they_are_not_known_and_outlive_an_outage() {
    PUBLISHED.store(0, Ordering::SeqCst);
    let url = "jwksUrl = 'https://keys.test/jwks.json'";
    let sooner = |files: &mut BTreeMap<String, String>| {
        let module = files.get_mut("tokens.py").unwrap();
        let changed = module.replace("FRESH, PAUSE, STALE = 600, 30, 86_400", "FRESH, PAUSE, STALE = 600, 1, 86_400");
        assert_ne!(changed, *module);
        *module = changed;
    };
    let gateway = gateway("realm_access.groups", url, sooner);
    let call = |name: &str| gateway.chat(token(name), "fast", "of a person.").status;
    assert_eq!(call("within"), 503, "nobody knows the keys yet");
    PUBLISHED.store(SLOWLY, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(1100));
    // Nobody is refused because somebody else asks for the keys.
    let statuses: Vec<_> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..4).map(|_| scope.spawn(|| call("within"))).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(statuses, [200; 4], "{}", gateway.log());
    PUBLISHED.store(NONE, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(call("next"), 401);
    assert_eq!(call("within"), 200, "a set without keys says nothing new");
    PUBLISHED.store(1, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(call("next"), 401);
    let asked = || gateway.interceptor.calls().into_iter().filter(|call| call.host == "keys.test").count();
    let before = asked();
    for _ in 0..5 {
        assert_eq!(call("within"), 200);
    }
    assert_eq!(asked(), before, "keys that are known are not asked for again");
    PUBLISHED.store(3, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(call("next"), 401, "it does not answer");
    assert_eq!(call("within"), 200, "what is known stays known");
    PUBLISHED.store(2, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(1100));
    // It names no team, but its key is known.
    assert_eq!(call("next"), 403);
    assert_eq!(call("within"), 401, "a key that is withdrawn signs nothing more");
}
