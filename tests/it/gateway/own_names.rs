//! Models called by their own names, as agents call them: the same models, under the same limits, in no list.

use serde_json::{Value, json};

use super::answers::WORDS;
use super::behaviour::{GATEWAY, hosts, passed};
use super::process::{Gateway, chat};

/// The body of a call with these words.
type Body<'a> = dyn Fn(&str) -> Value + 'a;

#[test]
fn a_model_answers_to_its_own_name_in_every_protocol_and_in_streams() {
    let gateway = GATEWAY.get();
    let contents = |words: &str| json!({"contents": [{"role": "user", "parts": [{"text": words}]}]});
    let prompt = |key: &str, words: &str| json!({"model": "aliased", key: words});
    let streamed = |words: &str| {
        let mut body = chat("aliased", words);
        body["stream"] = true.into();
        body
    };
    let calls: [(&str, &Body<'_>); 8] = [
        ("/v1/chat/completions", &|words| chat("aliased", words)),
        ("/v1/chat/completions", &streamed),
        ("/v1/messages", &|words| chat("aliased", words)),
        ("/v1/messages", &streamed),
        ("/v1/responses", &|words| prompt("input", words)),
        ("/v1/embeddings", &|words| prompt("input", words)),
        ("/v1/completions", &|words| prompt("prompt", words)),
        ("/v1beta/models/aliased:generateContent", &contents),
    ];
    for (number, (path, body)) in calls.into_iter().enumerate() {
        let words = format!("own name {number}.");
        let answered = gateway.call(&Gateway::key("agent"), path, Some(&body(&words)));
        assert_eq!(answered.status, 200, "{number} {path}: {}", answered.text);
        let [call] = gateway.arrived(&words).try_into().unwrap();
        assert_eq!((call.host.as_str(), &call.body()["model"]), ("aliased.test", &json!("org/aliased")), "{path}");
        if path == "/v1/chat/completions" && number == 0 {
            assert_eq!(answered.json()["choices"][0]["message"]["content"], WORDS);
            assert_eq!(call.body()["temperature"], 0.25, "with its parameters");
        }
    }
}

#[test]
fn a_call_by_the_own_name_is_accounted_to_the_model_as_any_other() {
    let gateway = GATEWAY.get();
    let accounted = |name: &str| {
        let answered = gateway.chat(&Gateway::key("agent"), name, "accounted.");
        ["x-litellm-model-id", "x-litellm-response-cost", "x-litellm-model-api-base"]
            .map(|header| answered.headers.get(header).cloned())
    };
    let listed = accounted("org/aliased");
    assert_eq!(listed[0].as_deref(), Some("model aliased"));
    assert!(listed.iter().all(Option::is_some), "{listed:?}");
    assert_eq!(accounted("aliased"), listed);
}

#[test]
fn both_names_of_a_model_share_one_limit() {
    let gateway = GATEWAY.get();
    let call = |n: usize| {
        let name = ["counted", "counted-one"][n % 2];
        gateway.chat(&Gateway::master(), name, &format!("two names {n}.")).status
    };
    let statuses: Vec<_> = (0..8).map(call).collect();
    assert_eq!(gateway.arrived("two names ").len(), passed(&statuses, 2), "what is refused is not sent");
}

#[test]
fn what_takes_the_place_of_a_model_takes_it_by_its_own_name() {
    let gateway = GATEWAY.get();
    // Of the description, and of the user's configuration.
    for (name, own) in [("broken", "broken.test"), ("failing", "broken.failing.test")] {
        let words = format!("in place of {name}.");
        let answered = gateway.chat(&Gateway::key("agent"), name, &words);
        assert_eq!(answered.status, 200, "{name}: {}", answered.text);
        let hosts = hosts(&gateway, &words);
        assert_eq!(
            (hosts.first().map(String::as_str), hosts.last().map(String::as_str)),
            (Some(own), Some("backup.test"))
        );
    }
}

#[test]
fn deployments_of_one_name_share_the_calls_of_their_own_names() {
    let gateway = GATEWAY.get();
    for n in 0..24 {
        assert_eq!(gateway.chat(&Gateway::key("agent"), "one", &format!("of one {n}.")).status, 200);
    }
    let hosts = hosts(&gateway, "of one ");
    // Fair dice fail this about once in eight million runs.
    assert!(["one.test", "other.test"].iter().all(|host| hosts.iter().any(|own| own == host)), "{hosts:?}");
}

#[test]
fn own_names_are_in_no_list() {
    let gateway = GATEWAY.get();
    for key in [Gateway::master(), Gateway::key("agent")] {
        let listed = gateway.models(&key);
        assert!(listed.contains(&"org/aliased".to_owned()) && !listed.contains(&"aliased".to_owned()), "{listed:?}");
        let one = gateway.call(&key, "/v1/models/aliased", None);
        assert_eq!(one.status, 404, "LiteLLM describes what it lists: {}", one.text);
    }
}
