//! Rendered policies are enforced in two ways: as Kubernetes says, and, by kube-router and what shares its design,
//! both directions of one policy in one chain. Answers are the same.

use proptest::strategy::{Strategy as _, ValueTree as _};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::added::{questions, scene};
use super::laws::runner;
use super::random::{Names, RuleSet, Understood, rule_sets};
use crate::evaluator::{Engine, World, in_one_chain};

/// Random descriptions of one run.
const DESCRIPTIONS: usize = 20;

/// A cluster `c` with these rules, as YAML can be JSON.
fn description(set: &RuleSet) -> String {
    let names = Names { others: "data", suffix: "" };
    json!({
        "stack": "s",
        "clusters": { "c": {
            "networkPolicies": set.cluster.written(&names),
            "gateway": { "networkPolicies": set.gateway.written(&names) },
        } },
        "models": { "m": { "provider": "openai-compatible", "modelName": "m", "endpoint": "http://10.9.9.9:8080" } },
        "agents": {
            "red": { "image": "a:1", "group": "warm", "networkPolicies": set.agent.written(&names) },
            "blue": { "image": "a:1", "group": "cold" },
        },
        "tools": { "tool": { "image": "t:1", "port": 3000, "networkPolicies": set.tool.written(&names) } },
    })
    .to_string()
}

#[test]
fn random_descriptions_are_the_same_in_both_readings() {
    let (mut runner, seed) = runner();
    let by = Understood { names: false, not_in: false };
    let mut asked_in_all = 0;
    for _ in 0..DESCRIPTIONS {
        let set = rule_sets(by).new_tree(&mut runner).unwrap().current();
        let dir = TempDir::new().unwrap();
        std::fs::write(dir.path().join("langop.yaml"), description(&set)).unwrap();
        let scene = scene(&dir, false);
        let asked = questions(&mut runner, &scene, Engine::Cyclonus);
        asked_in_all += asked.len();
        println!("again by LANGOP_TEST_SEED={seed}");
        scene.is_the_same_in_one_chain(&asked);
    }
    assert!(asked_in_all > DESCRIPTIONS * 50);
}

/// The reading is not the same for every policy: this is the one for which it was a fault.
#[test]
fn an_object_of_both_directions_narrows_nothing_in_one_chain() {
    let agents = json!({ "matchLabels": { "langop.io/kind": "LanguageAgent" } });
    let group = json!({ "matchLabels": { "langop.io/kind": "LanguageAgent", "langop.io/group": "warm" } });
    let both: Value = json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": { "name": "agents", "namespace": "c" },
        "spec": {
            "podSelector": agents,
            "policyTypes": ["Egress", "Ingress"],
            "egress": [{ "to": [{ "podSelector": agents }] }],
            "ingress": [{ "from": [{ "podSelector": group }] }],
        },
    });
    let dir = TempDir::new().unwrap();
    let text = json!({
        "stack": "s", "clusters": { "c": {} },
        "models": { "m": { "provider": "openai-compatible", "modelName": "m", "endpoint": "http://10.9.9.9:8080" } },
        "agents": { "red": { "image": "a:1", "group": "warm" }, "blue": { "image": "a:1" } },
        "tools": { "tool": { "image": "t:1", "port": 3000 } },
    });
    std::fs::write(dir.path().join("langop.yaml"), text.to_string()).unwrap();
    let scene = scene(&dir, false);
    let question = scene.question(Engine::Cyclonus, "blue > red:8080");
    let answer = |policies: Vec<Value>| {
        let world = World { network_policies: policies, ..scene.world.clone() };
        world.ask(std::slice::from_ref(&question))[0].allowed
    };
    assert!(!answer(vec![both.clone()]));
    assert!(answer(in_one_chain(&[both])));
}
