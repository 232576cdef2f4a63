//! Every provider and option in one gateway: where the call of each model goes, with which key, and that nothing
//! else leaves.

use std::collections::BTreeSet;

use serde_json::Value;

use super::answers::WORDS;
use super::interceptor::Call;
use super::matrix::{DESCRIPTION, ROWS, streamed};
use super::process::{Gateway, Shared, chat, python};
use super::rendered::secret_value;

static GATEWAY: Shared = Shared::of(DESCRIPTION);

fn words(model: &str) -> String {
    format!("a question for {model}.")
}

#[test]
fn each_call_arrives_at_its_host_and_path_with_its_key_and_nothing_else_leaves() {
    let gateway = GATEWAY.get();
    for (model, host, path, header, credential) in ROWS {
        let answered = gateway.chat(&Gateway::master(), model, &words(model));
        assert_eq!(answered.status, 200, "{model}: {}\n{}", answered.text, gateway.log());
        let answer = answered.json()["choices"][0]["message"]["content"].clone();
        assert_eq!(answer, WORDS, "{model}: {}", answered.text);
        let arrived = gateway.arrived(&words(model));
        let [call] = arrived.as_slice() else { panic!("{model} arrived {} times", arrived.len()) };
        assert_eq!((call.host.as_str(), call.path.as_str()), (host, path), "{model}");
        assert!(call.header(header).contains(credential), "{model}: {header}: {:?}", call.header(header));
        let named = call.body()["model"].as_str().map(str::to_owned);
        assert!(named.is_none_or(|named| named == model), "{model}: {}", call.text);
    }
    assert_eq!(strays(&gateway.interceptor.calls()), BTreeSet::new());
    no_key_leaves_for_another_host(&gateway.interceptor.calls());
    assert_eq!(gateway.watch.seen(), BTreeSet::new(), "connections past the proxy");
    let log = gateway.log();
    let leaked: Vec<_> =
        log.lines().filter(|line| line.contains("value-of-") || line.contains("PRIVATE KEY")).collect();
    assert!(leaked.is_empty(), "{leaked:?}");
}

/// The words of a stream, put together.
fn spoken(stream: &str) -> String {
    let events = stream.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok());
    events.filter_map(|event| Some(event["choices"][0]["delta"]["content"].as_str()?.to_owned())).collect()
}

#[test]
fn a_streamed_call_takes_the_same_way_with_the_same_key() {
    let gateway = GATEWAY.get();
    for (model, host, path, header, credential) in ROWS {
        let words = format!("a streamed question for {model}.");
        let mut body = chat(model, &words);
        body["stream"] = true.into();
        let answered = gateway.call(&Gateway::key("an-agent"), "/v1/chat/completions", Some(&body));
        let heard = spoken(&answered.text);
        let heard = heard == WORDS || heard.starts_with("part0 part1 ");
        assert!(answered.status == 200 && heard, "{model}: {}\n{}", answered.text, gateway.log());
        let arrived = gateway.arrived(&words);
        let [call] = arrived.as_slice() else { panic!("{model} arrived {} times", arrived.len()) };
        assert_eq!((call.host.as_str(), call.path.as_str()), (host, streamed(path).as_str()), "{model}");
        assert!(call.header(header).contains(credential), "{model}: {header}: {:?}", call.header(header));
    }
}

/// Requests that are none of a model's calls, nor for its token, nor the one that has no switch: `LiteLLM` asks
/// endpoints that speak `OpenAI`'s protocol for their models.
fn strays(calls: &[Call]) -> BTreeSet<String> {
    let tokens = ["oauth2.googleapis.com", "login.microsoftonline.com", "sts.us-east-1.amazonaws.com"];
    let own = ["ollama.ollama.svc", "vllm.test", "versioned.test", "openai.test", "native.test"];
    let known = |call: &&Call| {
        let of_a_model =
            ROWS.iter().any(|row| row.1 == call.host && [row.2, &streamed(row.2)].contains(&call.path.as_str()));
        let listing = own.contains(&call.host.as_str()) && call.method == "GET" && call.path.ends_with("/models");
        // It looks for an Ollama in its own pod, by name of the model only. There is none.
        let loopback = call.host == "localhost" && call.path == "/api/show";
        of_a_model || listing || loopback || tokens.contains(&call.host.as_str())
    };
    calls
        .iter()
        .filter(|call| !known(call))
        .map(|call| format!("{} {}:{}{}", call.method, call.host, call.port, call.path))
        .collect()
}

/// Each key goes to the hosts of its own models alone.
fn no_key_leaves_for_another_host(calls: &[Call]) {
    let own = [Gateway::master(), secret_value("gateway-auth", "hmac-secret"), Gateway::key("an-agent")];
    for value in own.iter().map(String::as_str).chain(["PRIVATE KEY", "value-of-aws-AWS-SECRET-ACCESS-KEY"]) {
        let holds = |call: &&Call| call.text.contains(value) || format!("{:?}", call.headers).contains(value);
        assert!(!calls.iter().any(|call| holds(&call)), "{value} left");
    }
    for (_, host, _, _, credential) in ROWS.iter().filter(|row| row.4.contains("value-of-")) {
        let value = credential.trim_start_matches("Bearer ").trim_start_matches("Credential=");
        // The id of a key pair is no secret, and a role is asked for with it.
        let allowed = |call: &Call| call.host == *host || call.host.starts_with("sts.") && value.contains("aws-");
        for call in calls.iter().filter(|call| !allowed(call)) {
            let leaked = call.headers.values().any(|header| header.contains(value)) || call.text.contains(value);
            assert!(!leaked || value.ends_with("AWS-ACCESS-KEY-ID"), "{value} went to {}{}", call.host, call.path);
        }
    }
}

#[test]
fn the_list_of_providers_is_that_of_the_pinned_release() {
    let listed = std::process::Command::new(python())
        .arg(crate::bench::repository("tests/it/gateway/providers.py"))
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let can_be_written = |name: &&str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let listed: BTreeSet<_> = listed.lines().filter(can_be_written).collect();
    let kept = std::fs::read_to_string(crate::bench::repository("src/stack/check/provider/litellm.txt")).unwrap();
    assert_eq!(kept.lines().collect::<BTreeSet<_>>(), listed);
}

#[test]
fn the_list_of_providers_that_want_a_key_is_that_of_the_pinned_release() {
    let own = |path: &str| crate::bench::repository(&format!("src/stack/check/provider/{path}"));
    let program = crate::bench::repository("tests/it/gateway/provider_keys.py");
    let listed = std::process::Command::new(python()).arg(program).arg(own("litellm.txt")).output().unwrap();
    assert_eq!(std::fs::read_to_string(own("keys.txt")).unwrap(), String::from_utf8(listed.stdout).unwrap());
}

#[test]
fn the_list_of_providers_that_a_file_of_json_describes_is_that_of_the_pinned_release() {
    let program = "import importlib.util as u, json, pathlib\n\
                   place = pathlib.Path(u.find_spec('litellm').origin).parent / 'llms/openai_like/providers.json'\n\
                   print('\\n'.join(sorted(json.loads(place.read_text()))))";
    let listed = std::process::Command::new(python()).args(["-c", program]).output().unwrap();
    let kept = std::fs::read_to_string(crate::bench::repository("src/stack/release/configured.txt")).unwrap();
    assert_eq!(kept, String::from_utf8(listed.stdout).unwrap());
}

#[test]
fn every_model_is_listed_under_its_name() {
    let gateway = GATEWAY.get();
    let mut names: Vec<_> = ROWS.iter().map(|row| row.0.to_owned()).collect();
    names.sort();
    assert_eq!(gateway.models(&Gateway::master()), names);
    assert_eq!(gateway.models(&Gateway::key("an-agent")), names);
    let missing: Value = gateway.chat(&Gateway::master(), "not-served", "?").json();
    assert!(missing["error"]["message"].as_str().unwrap().contains("not-served"), "{missing}");
}
