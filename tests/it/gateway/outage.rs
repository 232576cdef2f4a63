//! What `explain outage` says is what happens: the gateway of the description, its `broken` hosts failing, and every call
//! that the command speaks of.

use serde_json::{Value, json};

use super::behaviour::hosts;
use super::process::Gateway;
use crate::bench::Bench;

/// Hosts say which model they are of; those of what is out begin with `broken`.
const MODELS: &str = r#"
# Two of one name.
[models.twin]
modelName = "two"
endpoint = "http://broken.twin.test"
[models.other-twin]
modelName = "two"
endpoint = "http://other-twin.test"

# A chain, with an alias that has the same fallbacks.
[models.a]
modelName = "a-1"
aliases = ["quick"]
endpoint = "http://broken.a.test"
fallbacks = ["b"]
[models.b]
modelName = "b-1"
endpoint = "http://broken.b.test"
fallbacks = ["a", "c"]
[models.c]
modelName = "c-1"
aliases = ["spare"]
endpoint = "http://c.test"

# Nobody else answers.
[models.lonely]
modelName = "lonely-1"
endpoint = "http://broken.lonely.test"
[models.misled]
modelName = "misled-1"
endpoint = "http://broken.misled.test"
fallbacks = ["lonely"]

# A chain of seven, of which the last answers, and a list of seven.
[models.d0]
modelName = "d0-1"
endpoint = "http://broken.d0.test"
fallbacks = ["d1"]
[models.d1]
modelName = "d1-1"
endpoint = "http://broken.d1.test"
fallbacks = ["d2"]
[models.d2]
modelName = "d2-1"
endpoint = "http://broken.d2.test"
fallbacks = ["d3"]
[models.d3]
modelName = "d3-1"
endpoint = "http://broken.d3.test"
fallbacks = ["d4"]
[models.d4]
modelName = "d4-1"
endpoint = "http://broken.d4.test"
fallbacks = ["d5"]
[models.d5]
modelName = "d5-1"
endpoint = "http://broken.d5.test"
fallbacks = ["c"]
[models.listed]
modelName = "listed-1"
endpoint = "http://broken.listed.test"
fallbacks = ["d5", "b", "lonely", "misled", "ordered-second", "a", "c"]

# The first place fails, the second answers.
[models.ordered]
modelName = "placed"
endpoint = "http://broken.ordered.test"
params = { order = 1 }
[models.ordered-second]
modelName = "placed"
endpoint = "http://ordered-second.test"
params = { order = 2 }

# One name of a model has a fallback, the other has none.
[models.halved]
modelName = "halved-1"
aliases = ["half"]
endpoint = "http://broken.halved.test"

# A catalogue: what is said of it is said of no name in it.
[models.many]
modelName = "*"
endpoint = "http://broken.many.test"
"#;

const CONFIG: &str = r#"
[clusters.c.gateway.config.router_settings]
fallbacks = [{ halved-1 = ["c-1"] }, { half = ["nobody-1"] }, { "many/*" = ["c-1"] }]
[[clusters.c.gateway.config.router_settings.routing_groups]]
group_name = "pool"
models = ["two", "c-1"]
routing_strategy = "simple-shuffle"
[[clusters.c.gateway.config.router_settings.routing_groups]]
group_name = "broken-pool"
models = ["a-1", "b-1"]
routing_strategy = "simple-shuffle"
[[clusters.c.gateway.config.model_list]]
model_name = "of-configuration"
litellm_params = { model = "hosted_vllm/own", api_base = "http://broken.own.test/v1", num_retries = 0 }
[[clusters.c.gateway.config.model_list]]
model_name = "nobody-1"
litellm_params = { model = "hosted_vllm/own", api_base = "http://broken.nobody.test/v1", num_retries = 0 }
"#;

const AGENTS: &str = r#"
[agents.wide]
image = "registry.example.com/wide:1"
models = [{ name = "twin" }, { name = "a" }, { name = "b" }, { name = "c" }, { name = "many", model = "x" }]
[agents.narrow]
image = "registry.example.com/narrow:1"
models = [{ name = "a" }, { name = "b" }, { name = "halved" }, { name = "listed" }]
[agents.ordered]
image = "registry.example.com/ordered:1"
models = [{ name = "listed" }, { name = "ordered-second" }]
"#;

fn description(restricted: bool, more: &str) -> String {
    let models = MODELS.replace("modelName", "provider = \"openai-compatible\"\nretries = 0\nmodelName");
    format!("[clusters.c.gateway.auth]\nrestrictModels = {restricted}\n{CONFIG}\n{more}\n{models}\n{AGENTS}")
}

/// What the command says of a description.
fn said(bench: &Bench, description: &str) -> Value {
    let file = bench.write("langop.toml", &format!("stack = \"s\"\n\n{description}")).display().to_string();
    let said = bench.langop(&["explain", "outage", "host=broken.*", "--json", "-f", &file]).exits(1);
    serde_json::from_str(&said.out).unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The hosts of the deployments that answer by what is said.
fn expected(call: &Value) -> Vec<String> {
    texts(&call["by"]).iter().map(|label| format!("{label}.test")).collect()
}

/// Makes each call that the answer speaks of, and holds what happened against it.
fn hold(gateway: &Gateway, said: &Value) -> usize {
    let mut held = 0;
    for caller in said["outage"]["clusters"][0]["callers"].as_array().unwrap() {
        for call in caller["calls"].as_array().unwrap() {
            for name in texts(&call["names"]) {
                hold_one(gateway, caller["agent"].as_str(), &name.replace('*', "anything"), call);
                held += 1;
            }
        }
    }
    held
}

fn hold_one(gateway: &Gateway, agent: Option<&str>, name: &str, call: &Value) {
    let (key, who) = (agent.map_or_else(Gateway::master, Gateway::key), agent.unwrap_or("anyone"));
    let fate = call["fate"].as_str().unwrap();
    // What is out may rest or not.
    let tries = if fate == "served" { 12 } else { 1 };
    let words = |n| format!("{who} calls {name} for the {n}th time.");
    let statuses: Vec<_> = (0..tries).map(|n| gateway.chat(&key, name, &words(n)).status).collect();
    let answered: Vec<_> = (0..tries).filter(|n| statuses[*n] == 200).collect();
    let fits = match (fate, call["partly"] == true) {
        ("dead", _) => answered.is_empty(),
        ("served", true) => !answered.is_empty(),
        _ => answered.len() == tries,
    };
    assert!(fits, "{who} {name}: {statuses:?} {call:#}\n{:?}", hosts(gateway, &words(0)));
    let by: Vec<_> = answered.iter().map(|n| hosts(gateway, &words(*n)).pop().unwrap()).collect();
    let is_said = |host: &String| expected(call).contains(host);
    // A call that met what is out may have gone on to a fallback.
    let fits = if fate == "served" { by.iter().any(is_said) } else { by.iter().all(is_said) };
    assert!(fits, "{who} {name}: {by:?} {call:#}");
}

#[test]
fn who_answers_in_an_outage_is_who_it_says() {
    let bench = Bench::at("outage", std::path::PathBuf::new());
    let description = description(false, "");
    let said = said(&bench, &description);
    let fate = |name: &str| {
        let calls = said["outage"]["clusters"][0]["callers"].as_array().unwrap().last().unwrap()["calls"].clone();
        let has = |call: &&Value| texts(&call["names"]).contains(&name);
        calls.as_array().unwrap().iter().find(has).unwrap_or_else(|| panic!("{name}: {calls:#}"))["fate"].clone()
    };
    for (name, expected) in [
        ("two", "served"),
        ("quick", "degraded"),
        ("b", "degraded"),
        ("spare", "unaffected"),
        ("lonely", "dead"),
        ("misled", "dead"),
        ("d0", "dead"),
        ("d1", "degraded"),
        ("listed", "degraded"),
        ("placed", "served"),
        ("many/*", "dead"),
        ("half", "dead"),
        ("halved", "degraded"),
        ("pool", "served"),
        ("broken-pool", "dead"),
    ] {
        assert_eq!(fate(name), expected, "{name}");
    }
    let gateway = Gateway::start(&description);
    assert!(hold(&gateway, &said) > 40);
}

#[test]
fn a_restricted_agent_is_answered_by_what_it_may_call_alone() {
    let bench = Bench::at("outage", std::path::PathBuf::new());
    let more = "[clusters.c.gateway.config.litellm_settings]\ndefault_fallbacks = [\"spare\"]";
    let description = description(true, more);
    let said = said(&bench, &description);
    let callers = said["outage"]["clusters"][0]["callers"].as_array().unwrap();
    let agents: Vec<_> = callers.iter().map(|caller| caller["agent"].as_str().unwrap_or("anyone")).collect();
    assert_eq!(agents, ["narrow", "ordered", "wide", "anyone"]);
    assert_eq!(callers[0]["calls"][0]["fate"], "dead");
    assert_eq!(callers[0]["calls"][0]["refused"], json!(["c-1"]));
    let gateway = Gateway::start(&description);
    assert!(hold(&gateway, &said) > 40);
}
