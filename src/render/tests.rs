//! Laws of the whole: what holds for every object of every stack, and whole stacks as they look.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::fixture::{example, rendered, rendered_with_cilium, stack, text, without_digests};
use super::{Target, needs, render, yaml_text};
use crate::object::{Lifecycle, Manifest, labels};

/// A stack that uses a little of everything.
const EVERYTHING: &str = r#"
stack = "all"
[clusters.prod]
domain = "example.com"
ingress = { enabled = true, tls = { mode = "auto", issuerRef = { name = "le" } } }
capacity = { maxModels = 5 }
[clusters.prod.gateway]
deployment = { replicas = 2, roleRules = [{ apiGroups = [""], resources = ["pods"], verbs = ["get"] }] }
[[clusters.prod.networkPolicies.egress]]
to = [{ dns = ["api.example.com"] }, { cidr = "10.0.0.0/8" }]
[clusters.dev]
[models.claude]
provider = "anthropic"
modelName = "claude"
apiKeySecretRef = { name = "anthropic" }
[models.llama]
clusters = ["dev"]
provider = "openai-compatible"
modelName = "llama"
endpoint = "http://ollama.ollama.svc:11434"
[agents.one]
image = "one:1"
[[agents.one.networkPolicies.egress]]
to = [{ service = { name = "db", namespace = "data" } }]
[tools.search]
image = "search:1"
[[tools.search.networkPolicies.ingress]]
from = [{ group = "research" }]
[personas.calm]
tone = "calm"
[secrets.anthropic]
fromEnv = { api-key = "ANTHROPIC_API_KEY" }
"#;

fn own(manifests: Vec<Manifest>) -> Vec<Manifest> {
    manifests.into_iter().filter(|one| one.lifecycle != Lifecycle::Shared).collect()
}

#[test]
fn a_minimal_cluster_is_a_namespace_with_a_gateway() {
    let names: Vec<_> = own(rendered("clusters.dev = {}"))
        .iter()
        .map(|one| without_digests(&format!("{}/{}", one.reference.kind, one.reference.name)))
        .collect();
    let expected = [
        "ConfigMap/gateway-agents",
        "ConfigMap/gateway-config-DIGEST",
        "Namespace/dev",
        "Secret/gateway-auth",
        "Service/gateway",
        "ServiceAccount/gateway",
        "Deployment/gateway",
        "LanguageCluster/dev",
        "NetworkPolicy/agents-closed",
        "NetworkPolicy/agents-egress",
        "NetworkPolicy/agents-ingress",
        "NetworkPolicy/gateway-egress",
        "NetworkPolicy/gateway-ingress",
    ];
    assert_eq!(names, expected);
}

#[test]
fn an_empty_stack_is_nothing_not_even_definitions() {
    assert!(rendered("stack = 'empty'").is_empty());
}

#[test]
fn every_object_says_whose_it_is() {
    for manifest in own(rendered_with_cilium(EVERYTHING)) {
        let written = &manifest.object["metadata"]["labels"];
        for (label, value) in [(labels::MANAGED_BY, "langop"), (labels::PART_OF, "langop"), (labels::STACK, "all")] {
            assert_eq!(written[label], value, "{}", manifest.reference);
        }
        for label in [labels::NAME, labels::COMPONENT, labels::KIND, labels::CLUSTER] {
            assert!(written[label].is_string(), "{} has no {label}", manifest.reference);
        }
    }
}

#[test]
fn the_language_cluster_owns_all_but_policies_and_controls_its_namespace_alone() {
    for manifest in own(rendered_with_cilium(EVERYTHING)) {
        let kind = manifest.reference.kind.as_str();
        let owners: Vec<_> =
            manifest.owners.iter().map(|owner| (owner.object.name.as_str(), owner.controller)).collect();
        let cluster = manifest.object["metadata"]["labels"][labels::CLUSTER].as_str().unwrap();
        match kind {
            "Namespace" => assert_eq!(owners, [(cluster, true)]),
            // Garbage is collected at once; policies must outlive the pods, and go with the namespace.
            "LanguageCluster" | "NetworkPolicy" | "CiliumNetworkPolicy" => assert_eq!(owners, []),
            _ => assert_eq!(owners, [(cluster, false)], "{}", manifest.reference),
        }
    }
}

#[test]
fn identity_and_object_agree_and_order_is_total() {
    let manifests = rendered_with_cilium(EVERYTHING);
    for manifest in &manifests {
        let meta = &manifest.object["metadata"];
        assert_eq!(meta["name"], json!(manifest.reference.name));
        assert_eq!(meta.get("namespace").and_then(Value::as_str), manifest.reference.namespace.as_deref());
        assert_eq!(manifest.object["apiVersion"], json!(manifest.api_version));
        assert_eq!(manifest.object["kind"], json!(manifest.reference.kind));
    }
    assert!(manifests.is_sorted_by(|a, b| a.reference < b.reference), "sorted, without duplicates");
}

#[test]
fn nothing_is_rendered_empty_but_what_means_something_empty() {
    fn walk(path: &str, value: &Value) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(key, field)| walk(&format!("{path}/{key}"), field)),
            Value::Array(items) => items.iter().for_each(|item| walk(path, item)),
            _ => {}
        }
        let empty = value.is_null() || *value == json!({}) || *value == json!([]);
        assert!(!empty || path.ends_with("namespaceSelector"), "{path}");
    }
    for manifest in own(rendered_with_cilium(EVERYTHING)) {
        if !["LanguageCluster", "Secret"].contains(&manifest.reference.kind.as_str()) {
            walk(&manifest.reference.to_string(), &manifest.object);
        }
    }
}

#[test]
fn what_a_server_can_tell_is_asked_for_by_name() {
    let stack = stack(EVERYTHING);
    let needs = needs(&stack);
    let services = needs.services.iter().map(|service| format!("{}/{}", service.namespace, service.name));
    assert_eq!(services.collect::<Vec<_>>(), ["data/db", "ollama/ollama"]);
    assert!(needs.cilium && needs.assumed_target().cilium);
    assert!(needs.secret_keys.is_empty());
}

#[test]
fn a_stack_without_dns_takes_no_cilium_for_granted() {
    assert!(!needs(&stack("clusters.dev = {}")).cilium);
}

#[test]
fn carried_manifests_become_the_stacks() {
    let mut stack = stack("stack = 's'");
    let object = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a", "namespace": "n" } });
    stack.manifests = vec![Manifest::new(object, None, None).unwrap()];
    let manifests = render(&stack, &Target::default());
    assert_eq!(manifests.len(), 1);
    assert_eq!(manifests[0].object["metadata"]["labels"][labels::STACK], "s");
}

fn whole(file: &str) -> String {
    let stack = example(file);
    text(&render(&stack, &needs(&stack).assumed_target()))
}

#[test]
fn the_quickstart_whole() {
    insta::assert_snapshot!(whole("quickstart.toml"));
}

#[test]
fn the_production_agents_whole() {
    insta::assert_snapshot!(whole("production-agents.toml"));
}

#[test]
fn the_isolated_agents_whole() {
    insta::assert_snapshot!(whole("network-isolation.toml"));
}

#[test]
fn the_named_hosts_whole() {
    insta::assert_snapshot!(whole("dns-egress.toml"));
}

#[test]
fn the_manifests_whole() {
    insta::assert_snapshot!(whole("manifests.yaml"));
}

#[test]
fn the_twin_in_yaml_is_the_same_to_the_byte() {
    assert_eq!(whole("capacity.yaml"), whole("capacity.toml"));
}

fn descriptions() -> impl Strategy<Value = String> {
    let names = || prop::collection::btree_set("[a-z]{1,8}", 0..5);
    (names(), names(), 0..4_u8, any::<bool>()).prop_map(|(models, agents, replicas, limited)| {
        let mut text = format!("[clusters.c]\ngateway.deployment.replicas = {replicas}\n");
        let limits = if limited { "rateLimits = { requestsPerMinute = 5 }\n" } else { "" };
        text.extend(models.iter().map(|name| {
            format!(
                "[models.{name}]\nprovider = 'openai'\nmodelName = '{name}'\n{limits}apiKeySecretRef.name = '{name}'\n"
            )
        }));
        text.extend(agents.iter().map(|name| format!("[agents.{name}]\nimage = '{name}:1'\ngroup = '{name}'\n")));
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_same_stack_gives_the_same_bytes(text in descriptions()) {
        let bytes = || own(rendered(&text)).iter().map(|one| yaml_text(&one.object)).collect::<String>();
        prop_assert_eq!(bytes(), bytes());
    }

    #[test]
    fn an_agent_more_never_restarts_the_gateway(text in descriptions()) {
        let template = |text: &str| {
            let manifests = rendered(text);
            let deployment = super::fixture::manifest(&manifests, "Deployment", "gateway");
            deployment.object.clone()
        };
        let more = format!("{text}\n[agents.one-more]\nimage = 'more:1'\n");
        prop_assert_eq!(template(&text), template(&more));
    }
}
