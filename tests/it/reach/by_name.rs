//! Egress by host name: Cilium's schema, Cilium's parser and Cilium's engine, on a control plane with Cilium's
//! kinds.

use serde_json::Value;

use super::scene::{Scene, applied};
use crate::bench::{Bench, repository};
use crate::control_plane;
use crate::evaluator::{self, Engine};

/// A place where Cilium is.
pub fn bench(test: &str) -> Bench {
    Bench::at(test, control_plane::kubeconfig_with_cilium())
}

/// A cluster whose agents may reach this name on 443.
pub fn named(name: &str) -> String {
    format!(
        "stack = \"NAME\"\n[clusters.NAME]\n[[clusters.NAME.networkPolicies.egress]]\nto = [{{ dns = [\"{name}\"] }}]\n\
         ports = [{{ port = 443 }}]\n"
    )
}

/// Agents and a tool of a cluster without rules for them.
pub const MEMBERS: &str = r#"
[agents.agent]
image = "agent:1"
[agents.special]
image = "special:1"
[tools.tool]
image = "tool:1"
"#;

/// A model for them, where nothing else is.
pub const MODEL: &str = r#"
[models.m]
provider = "openai-compatible"
modelName = "m"
endpoint = "http://10.9.9.9:8080"
"#;

/// What a description became, with all that runs there.
pub fn scene(bench: &Bench, description: &str) -> Scene {
    applied(bench, description);
    let mut scene = Scene::read(bench, &[&bench.name]);
    scene.workloads(bench, &bench.name, str::to_owned);
    accepted(&scene.world.cilium_network_policies);
    scene
}

/// Fails unless Cilium's own parser takes all of them.
#[track_caller]
fn accepted(policies: &[Value]) {
    let verdicts = evaluator::sanitize(policies);
    assert_eq!(verdicts.len(), policies.len());
    let refused: Vec<_> = verdicts.iter().filter(|verdict| verdict.error.is_some() || verdict.rules == 0).collect();
    assert!(refused.is_empty() && !policies.is_empty(), "{refused:#?}\n{policies:#?}");
}

pub const NAMED_HOSTS_TABLE: &str = "
    agent > api.anthropic.com:443            yes
    agent > API.Anthropic.com:443            yes
    agent > api.openai.com:443               yes
    agent > raw.githubusercontent.com:443    yes
    agent > a.raw.githubusercontent.com:443  egress
    agent > githubusercontent.com:443        egress
    agent > evilgithubusercontent.com:443    egress
    agent > api.anthropic.com.evil.org:443   egress
    agent > api.anthropic.com:80             egress
    agent > api.anthropic.com:443/UDP        egress
    agent > 203.0.113.9:443                  egress
    agent > special:8080                     yes
    agent > gateway:4000                     yes
    agent > resolver:53/UDP                  yes
    gateway > api.anthropic.com:443          egress
";

#[test]
fn the_example_of_named_hosts_opens_these_names_alone() {
    let bench = bench("named");
    let text = std::fs::read_to_string(repository("examples/dns-egress.toml")).unwrap();
    let text = text.replace("\"dns-egress\"", "\"NAME\"").replace("named-hosts", "NAME");
    scene(&bench, &(text + MEMBERS)).answers(Engine::Cilium, NAMED_HOSTS_TABLE);
}

#[test]
fn names_of_agents_tools_and_gateways_are_theirs_alone() {
    let bench = bench("named");
    let text = format!(
        r#"{}
[models.claude]
provider = "anthropic"
modelName = "claude-sonnet-4-5"
apiKeySecretRef = {{ name = "key" }}
[secrets.key]
fromEnv = {{ api-key = "ANTHROPIC_API_KEY" }}
[agents.agent]
image = "agent:1"
[agents.special]
image = "special:1"
[[agents.special.networkPolicies.egress]]
to = [{{ dns = ["*.special.org"] }}, {{ cidr = "198.51.100.0/24" }}]
[tools.tool]
image = "tool:1"
[[tools.tool.networkPolicies.egress]]
to = [{{ dns = ["tool.org"] }}]
ports = [{{ port = 8443 }}, {{ port = 8443, protocol = "UDP" }}]
[clusters.NAME.gateway.networkPolicies]
egress = [{{ to = [{{ dns = ["cache.org"] }}], ports = [{{ port = 6379 }}] }}]
"#,
        named("all.org")
    );
    let scene = scene(&bench, &text);
    scene.answers(
        Engine::Cilium,
        "
        agent > all.org:443             yes
        special > all.org:443           yes
        tool > all.org:443              egress
        gateway > all.org:443           egress
        special > a.special.org:9999    yes
        special > 198.51.100.7:9999     yes
        agent > a.special.org:9999      egress
        tool > tool.org:8443            yes
        tool > tool.org:8443/UDP        yes
        tool > tool.org:443             egress
        tool > gateway:4000             egress
        gateway > cache.org:6379        yes
        gateway > api.anthropic.com:443 yes
        gateway > api.openai.com:443    egress
        gateway > 203.0.113.9:443       egress
        agent > api.anthropic.com:443   egress
        ",
    );
}

#[test]
fn every_legal_form_of_a_name_is_taken_by_cilium_and_its_schema() {
    let long = format!("{}.{}.example.com", "a".repeat(63), "b".repeat(63));
    for name in ["example.com", "*.example.com", "*.a-b.example.com", "xn--bcher-kva.example", "localhost", &long] {
        scene(&bench("form"), &named(name));
    }
}

#[test]
fn a_policy_that_cilium_would_refuse_is_refused_here() {
    let policy = |spec: Value| {
        let metadata = serde_json::json!({ "name": "p", "namespace": "n" });
        serde_json::json!({ "apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": metadata, "spec": spec })
    };
    let spec = |name: Value| serde_json::json!({ "endpointSelector": {}, "egress": [{ "toFQDNs": [name] }] });
    let verdicts = evaluator::sanitize(&[
        policy(spec(serde_json::json!({ "matchName": "a.b", "matchPattern": "*" }))),
        policy(spec(serde_json::json!({ "matchName": "*.b" }))),
        policy(spec(serde_json::json!({ "name": "a.b" }))),
        policy(spec(serde_json::json!({ "matchName": "a.b" }))),
    ]);
    let refused: Vec<_> = verdicts.iter().map(|verdict| verdict.error.is_some()).collect();
    // The third only fails where unknown fields are errors, as they are here and on the API server.
    assert_eq!(refused, [true, true, true, false], "{verdicts:#?}");
}
