//! `langop self-test`: whether a target is fit, by whom and what for.

use serde_json::{Value, json};

use super::{identity, listed};
use crate::bench::Bench;

const DESCRIPTION: &str = "
    stack = \"NAME\"
    [clusters.NAME]
    [models.m]
    provider = \"openai-compatible\"
    modelName = \"m\"
    endpoint = \"http://models.example:8000/v1\"
";

/// What was found of each topic.
fn topics(document: &Value) -> Vec<(&str, &str)> {
    let findings = document["findings"].as_array().unwrap();
    findings.iter().map(|one| (one["topic"].as_str().unwrap(), one["fitness"].as_str().unwrap())).collect()
}

#[test]
fn a_target_is_looked_at_before_there_is_a_description_and_with_one_each_right_is_asked_for() {
    let bench = Bench::new("fitness");
    let said = bench.langop(&["self-test"]).exits(0).out;
    assert!(said.contains("Kubernetes 1.36") && said.contains("there is no description"), "{said}");
    bench.write("langop.toml", DESCRIPTION);
    let document = bench.langop(&["self-test", "--json"]).exits(0).json();
    assert_eq!(document["fit"], json!(true), "{document:#}");
    let found = topics(&document);
    assert_eq!(
        found.iter().map(|(topic, _)| *topic).collect::<Vec<_>>(),
        ["version", "kinds", "rights", "network", "quotas", "clock"]
    );
    // The local control plane has no network plugin.
    for topic in ["version", "kinds", "rights", "clock"] {
        assert!(found.contains(&(topic, "fit")), "{document:#}");
    }
    assert!(found.contains(&("network", "doubtful")), "{document:#}");
}

#[test]
fn who_may_not_do_what_an_apply_needs_is_told_what_and_who_holds_the_printed_roles_may() {
    let bench = Bench::new("fitness");
    bench.write("langop.toml", DESCRIPTION);
    let account = |name: &str| format!("default/{}-{name}", bench.name);
    let may = |name: &str, command: &str| {
        let roles = bench.langop(&["rbac", command, "--json", "--service-account", &account(name)]).exits(0).json();
        identity(&bench, name, &listed(&roles))
    };
    let maker = may("maker", "apply");
    let document = bench.langop(&["self-test", "--json", "--kubeconfig", &maker]).exits(0).json();
    assert!(topics(&document).contains(&("rights", "fit")), "{document:#}");
    let viewer = may("viewer", "status");
    let said = bench.langop(&["self-test", "--kubeconfig", &viewer]).exits(77).out;
    assert!(said.contains("this identity may not do ") && said.contains("create namespaces"), "{said}");
    assert!(said.contains("hint: `langop rbac apply` prints") && said.contains("The target is not fit."), "{said}");
}
