//! What a caller writes reaches the model that it names, and nothing else: no other vendor, host, path, key or model.
//! The names to try come from `LiteLLM`'s own source, see `fields.py`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde::Deserialize;
use serde_json::{Value, json};

use super::interceptor::Call;
use super::process::{Answered, Gateway, Shared, chat, python};
use super::rendered::Rendered;
use crate::bench::{Bench, repository};

const DESCRIPTION: &str = r#"
[clusters.c]

[models.own]
provider = "openai-compatible"
modelName = "own-model"
endpoint = "http://own.test"
apiKeySecretRef = { name = "own" }
[models.claude]
provider = "anthropic"
modelName = "claude-own"
apiKeySecretRef = { name = "claude" }
[models.titan]
provider = "bedrock"
modelName = "anthropic.claude-3-haiku-20240307-v1:0"
region = "eu-west-1"
apiKeySecretRef = { name = "titan" }
[models.gem]
provider = "gemini"
modelName = "gemini-own"
apiKeySecretRef = { name = "gem" }
[models.other]
provider = "openai-compatible"
modelName = "other-model"
endpoint = "http://other.test"
apiKeySecretRef = { name = "other" }

[agents.caller]
image = "registry.example.com/caller:1"
"#;

pub static GATEWAY: Shared = Shared::of(DESCRIPTION);

/// Each model that is called, its host, what its key is the value of, and the paths below which it is called.
const MODELS: [(&str, &str, &str, &[&str]); 4] = [
    ("own-model", "own.test", "value-of-own-api-key", &["/v1/"]),
    ("claude-own", "api.anthropic.com", "value-of-claude-api-key", &["/v1/messages"]),
    (
        "anthropic.claude-3-haiku-20240307-v1:0",
        "bedrock-runtime.eu-west-1.amazonaws.com",
        "value-of-titan-api-key",
        &["/model/anthropic.claude-3-haiku-20240307-v1%3A0/"],
    ),
    (
        "gemini-own",
        "generativelanguage.googleapis.com",
        "value-of-gem-api-key",
        &["/v1beta/models/gemini-own:", "/v1alpha/models/gemini-own:"],
    ),
];

/// What `fields.py` prints.
#[derive(Deserialize)]
struct Names {
    schemas: BTreeMap<String, BTreeSet<String>>,
    fields: BTreeSet<String>,
    read: BTreeSet<String>,
    metadata: BTreeSet<String>,
    tools: BTreeSet<String>,
    allowed: BTreeMap<String, BTreeSet<String>>,
    tool: BTreeSet<String>,
    dropped: Vec<String>,
}

impl Names {
    fn get() -> &'static Self {
        static NAMES: OnceLock<Names> = OnceLock::new();
        NAMES.get_or_init(|| {
            let bench = Bench::at("fields", std::path::PathBuf::new());
            let file = bench.write("langop.toml", &format!("stack = \"s\"\n\n{DESCRIPTION}"));
            let files = Rendered::of(&bench, &[&file.display().to_string()], "c").files;
            for (name, text) in &files {
                bench.write(name, text);
            }
            let program = repository("tests/it/gateway/fields.py");
            let printed = Command::new(python()).arg(program).arg(bench.dir.path()).output().unwrap();
            let failed = || panic!("{}", String::from_utf8_lossy(&printed.stderr));
            serde_json::from_slice(&printed.stdout).unwrap_or_else(|_| failed())
        })
    }
}

#[test]
fn every_field_that_the_pinned_release_knows_is_allowed_or_listed_here_as_refused() {
    let names = Names::get();
    let allowed: BTreeSet<_> = names.allowed.values().flatten().collect();
    let body = names.schemas.values().flatten().chain(&names.fields).chain(&names.read).collect::<BTreeSet<_>>();
    let refused = |known: &BTreeSet<&String>, allowed: &BTreeSet<&String>| {
        known.difference(allowed).map(|name| name.as_str()).collect::<Vec<_>>().join("\n")
    };
    let all = |names: &'static BTreeSet<String>| names.iter().collect::<BTreeSet<_>>();
    let refused_by_check = std::fs::read_to_string(repository("src/stack/check/auth/refused_fields.txt")).unwrap();
    assert_eq!(refused_by_check.trim_end(), refused(&body, &allowed), "what `allowFields` may not name");
    insta::assert_snapshot!("refused_fields", refused(&body, &allowed));
    insta::assert_snapshot!("refused_fields_of_tools", refused(&all(&names.tools), &all(&names.tool)));
    insta::assert_snapshot!("dropped_headers", names.dropped.join("\n"));
}

/// A right call of each endpoint.
pub fn right(path: &str, model: &str) -> Value {
    let words = format!("for {model}.");
    match path {
        "/v1/chat/completions" | "/v1/messages" | "/v1/messages/count_tokens" => chat(model, &words),
        "/v1/completions" | "/v1/images/generations" => json!({"model": model, "prompt": words}),
        "/v1/images/edits" => json!({"model": model, "prompt": words, "image": "FILE"}),
        "/v1/audio/transcriptions" => json!({"model": model, "prompt": words, "file": "FILE"}),
        "/v1/audio/speech" => json!({"model": model, "input": words, "voice": "alloy"}),
        "/v1/rerank" => json!({"model": model, "query": words, "documents": ["a", "b"]}),
        "/v1/embeddings" | "/v1/responses" | "/v1/moderations" => json!({"model": model, "input": words}),
        path if path.starts_with("/v1beta/") => json!({"contents": [{"role": "user", "parts": [{"text": words}]}]}),
        path => panic!("an endpoint without a right call: {path}"),
    }
}

pub const BOUNDARY: &str = "a-boundary-of-the-tests";

/// A body as a form: objects and lists as their text, files as files.
pub fn form(body: &Value) -> Vec<u8> {
    let parts = body.as_object().unwrap().iter().map(|(name, value)| {
        let file = if value == "FILE" { "; filename=\"f.png\"\r\ncontent-type: image/png" } else { "" };
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{text}\r\n")
    });
    format!("{}--{BOUNDARY}--\r\n", parts.collect::<String>()).into_bytes()
}

pub fn call(gateway: &Gateway, path: &str, model: &str, body: &Value) -> Answered {
    let path = path.replace("{model_name}", model);
    let is_form = path.ends_with("/edits") || path.ends_with("/transcriptions");
    let kind = if is_form { &format!("multipart/form-data; boundary={BOUNDARY}") } else { "application/json" };
    let bytes = if is_form { form(body) } else { body.to_string().into_bytes() };
    let bearer = format!("Bearer {}", Gateway::key("caller"));
    let headers = [("content-type", kind), ("authorization", bearer.as_str())];
    gateway.exchange("POST", &path, &headers, bytes).unwrap_or_else(|error| panic!("{path} {body}: {error}"))
}

/// Does something with each of many, a few at a time.
fn all<T: Sync>(many: &[T], each: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(one) = many.get(next.fetch_add(1, Ordering::Relaxed)) {
                    each(one);
                }
            });
        }
    });
}

/// The calls that went where no call may.
fn strays(calls: &[Call]) -> BTreeSet<String> {
    let is_right = |call: &Call| {
        // At its start it asks servers of OpenAI's protocol for their models.
        let listing = call.method == "GET" && call.path == "/v1/models" && call.host != "evil.test";
        let Some((model, _, key, paths)) = MODELS.iter().find(|model| model.1 == call.host) else { return listing };
        let with_key = call.headers.values().any(|value| value.contains(key));
        let own_words =
            MODELS.iter().all(|other| other.0 == *model || !call.text.contains(&format!("for {}.", other.0)));
        let named = call.body()["model"].as_str().is_none_or(|named| named == *model);
        let keys = format!("{:?} {}", call.headers, call.text);
        let foreign_key = keys.split("value-of-").skip(1).any(|rest| !format!("value-of-{rest}").starts_with(key));
        let below = paths.iter().any(|path| call.path.starts_with(path));
        with_key && !foreign_key && (listing || below && own_words && named)
    };
    let wrong = calls.iter().filter(|call| !is_right(call));
    wrong.map(|call| format!("{} {}{} {:.200}", call.method, call.host, call.path, call.text)).collect()
}

#[test]
fn a_field_that_its_protocol_has_not_is_refused_by_name_and_nothing_is_sent() {
    let (gateway, names) = (GATEWAY.get(), Names::get());
    let mut tries = Vec::new();
    for (path, allowed) in &names.allowed {
        // One list refuses for all: what LiteLLM knows beyond a schema is tried on one endpoint.
        let beyond = (path == "/v1/chat/completions").then_some([&names.fields, &names.read]);
        let known = names.schemas[path].iter().chain(beyond.into_iter().flatten().flatten());
        let foreign: BTreeSet<_> = known.filter(|name| !allowed.contains(*name)).collect();
        tries.extend(foreign.into_iter().map(|name| (path.as_str(), name.clone(), json!({ name: "to-refuse" }))));
    }
    let chat = "/v1/chat/completions";
    for name in names.metadata.iter().filter(|name| !["user_id", "session_id"].contains(&name.as_str())) {
        tries.push((chat, format!("metadata.{name}"), json!({"metadata": { name: "to-refuse" }})));
    }
    for path in [chat, "/v1/messages", "/v1/responses", "/v1beta/models/{model_name}:generateContent"] {
        for name in names.tools.difference(&names.tool) {
            tries.push((path, format!("tools[0].{name}"), json!({"tools": [{ name: "to-refuse" }]})));
        }
    }
    all(&tries, |(path, name, fields)| {
        let mut body = right(path, "own-model");
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let Answered { status, text, .. } = call(&gateway, path, "own-model", &body);
        let says_it = text.contains(&format!("field `{name:.80}` is not one"));
        // What LiteLLM itself refuses it refuses before; and with some fields it cannot even report a refusal.
        let by_litellm = text.contains("Rejected Request: ") || status == 500;
        assert!(by_litellm || status == 403 && says_it, "{path} {name}: {status} {text}");
    });
    println!("{} fields were refused", tries.len());
    let sent: Vec<_> = gateway.interceptor.calls().into_iter().filter(|call| call.text.contains("to-refuse")).collect();
    assert!(sent.is_empty(), "{sent:?}");
}

/// Values that would lead elsewhere if `LiteLLM` followed them.
fn poisons() -> Vec<Value> {
    let order = json!({"model": "other-model", "custom_llm_provider": "groq", "api_base": "http://evil.test/v1",
        "base_url": "http://evil.test/v1", "api_key": "os.environ/LITELLM_MASTER_KEY", "type": "function",
        "deployment_id": "model other", "id": "model other", "fallbacks": ["other-model"], "name": "f", "role": "user",
        "content": "c", "litellm_params": {"model": "other-model"}, "extra_body": {"model": "other-model"}});
    let id = "resp_bGl0ZWxsbTpjdXN0b21fbGxtX3Byb3ZpZGVyOmdyb3E7bW9kZWxfaWQ6bW9kZWwgb3RoZXI7cmVzcG9uc2VfaWQ6cg==";
    vec![json!("model other"), json!(id), json!([order])]
}

#[test]
fn whatever_an_allowed_field_holds_the_call_goes_to_its_model_or_nowhere() {
    let (gateway, names) = (GATEWAY.get(), Names::get());
    let mut tries = Vec::new();
    for (path, allowed) in &names.allowed {
        // These protocols are translated for each vendor.
        let models = match path.as_str() {
            "/v1/chat/completions" => 4,
            "/v1/messages" | "/v1/responses" => 2,
            _ => 1,
        };
        for (model, ..) in &MODELS[..models] {
            for name in allowed.iter().filter(|name| *name != "model") {
                tries.extend(poisons().into_iter().map(|poison| (path, *model, name, poison)));
            }
        }
    }
    let well = AtomicUsize::new(0);
    all(&tries, |(path, model, name, poison)| {
        let mut body = right(path, model);
        body[name.as_str()] = poison.clone();
        let answered = call(&gateway, path, model, &body);
        well.fetch_add(usize::from(answered.status == 200), Ordering::Relaxed);
        assert!(!answered.text.contains(&Gateway::master()), "{path} {name} {poison}: {}", answered.text);
    });
    println!("{} calls, {} answered with 200", tries.len(), well.load(Ordering::Relaxed));
    assert_eq!(strays(&gateway.interceptor.calls()), BTreeSet::new());
    assert!(well.load(Ordering::Relaxed) * 4 > tries.len(), "hardly any call got through: {well:?} of {}", tries.len());
}
