//! The section *Network Isolation* of the page: one test for each of its sentences, named after it.

use serde_json::json;

use super::by_name;
use super::scene::{AGENT_PORT, Scene, applied, namespace};
use crate::bench::Bench;

/// A cluster with these lines, its gateway and two agents; `front` is in the group `front`.
fn cluster(bench: &Bench, lines: &str) -> Scene {
    let text = format!(
        r#"
stack = "NAME"
[clusters.NAME]
[models.llama]
provider = "openai-compatible"
modelName = "llama"
endpoint = "https://llama.example.com"
[agents.front]
image = "front:1"
group = "front"
[agents.back]
image = "back:1"
{lines}"#
    );
    applied(bench, &text);
    let elsewhere = namespace(bench, "elsewhere", &[]);
    let mut scene = Scene::read(bench, &[&bench.name, &elsewhere]);
    scene.workloads(bench, &bench.name, str::to_owned);
    scene.pod(&elsewhere, "stranger", json!({ "app": "x" }), &AGENT_PORT);
    scene
}

#[test]
fn by_default_agents_in_a_cluster_can_communicate_with_each_other_and_with_the_shared_gateway_but_not_with_arbitrary_external_hosts()
 {
    cluster(&Bench::new("page"), "").both_answer(
        "
        front > back:8080           yes
        back > front:8080           yes
        front > gateway:4000        yes
        back > gateway:4000         yes
        front > 203.0.113.9:443     egress
        front > [2001:db8::9]:443   egress
        front > 169.254.169.254:80  egress
        front > stranger:8080       egress
        stranger > front:8080       ingress
        ",
    );
}

#[test]
fn additional_ingress_and_egress_rules_are_configured_on_the_cluster_and_applied_to_every_agent() {
    let rules = r#"
[[clusters.NAME.networkPolicies.egress]]
to = [{ cidr = "203.0.113.0/24" }]
[[clusters.NAME.networkPolicies.ingress]]
from = [{ cidr = "198.51.100.0/24" }]
"#;
    cluster(&Bench::new("page"), rules).both_answer(
        "
        front > 203.0.113.9:25   yes
        back > 203.0.113.9:25    yes
        198.51.100.1 > front:80  yes
        198.51.100.1 > back:80   yes
        203.0.113.9 > front:80   ingress
        gateway > 203.0.113.9:25 egress
        198.51.100.1 > gateway:4000 ingress
        ",
    );
}

#[test]
fn allow_https_egress_to_upstream_apis() {
    let rules = r#"
[[clusters.NAME.networkPolicies.egress]]
to = [{ cidr = "0.0.0.0/0" }, { cidr = "::/0" }]
ports = [{ port = 443 }]
"#;
    cluster(&Bench::new("page"), rules).both_answer(
        "
        front > 203.0.113.9:443      yes
        back > [2001:db8::9]:443     yes
        front > 203.0.113.9:80       egress
        front > 203.0.113.9:443/UDP  egress
        front > gateway:4000         yes
        203.0.113.9 > front:8080     ingress
        ",
    );
}

#[test]
fn allow_egress_by_dns_name_requires_cilium() {
    let description =
        [&by_name::named("api.anthropic.com\", \"api.openai.com"), by_name::MODEL, by_name::MEMBERS].concat();
    let without = Bench::new("page");
    without.write("langop.toml", &description);
    let refused = without.langop(&["plan"]).exits(1);
    assert!(refused.out.contains("Cilium"), "{}", refused.out);

    by_name::scene(&by_name::bench("page"), &description).answers(
        crate::evaluator::Engine::Cilium,
        "
        agent > api.anthropic.com:443  yes
        agent > api.openai.com:443     yes
        agent > api.openai.com:80      egress
        agent > example.com:443        egress
        agent > 203.0.113.9:443        egress
        ",
    );
}

#[test]
fn restrict_ingress_to_agents_in_a_named_group() {
    let rules = r#"
[[clusters.NAME.networkPolicies.ingress]]
from = [{ group = "front" }]
"#;
    cluster(&Bench::new("page"), rules).both_answer(
        "
        front > back:8080     yes
        back > front:8080     ingress
        gateway > back:8080   egress
        stranger > back:8080  ingress
        back > gateway:4000   yes
        ",
    );
}

#[test]
fn ingress_rules_of_one_agent_narrow_that_agent_alone() {
    let rules = r#"
[agents.vault]
image = "vault:1"
[[agents.vault.networkPolicies.ingress]]
from = [{ group = "front" }]
"#;
    let bench = Bench::new("page");
    let scene = cluster(&bench, rules);
    scene.both_answer(
        "
        front > vault:8080  yes
        front > vault:22    yes
        back > vault:8080   ingress
        back > front:8080   yes
        vault > back:8080   yes
        ",
    );
}

#[test]
fn the_language_cluster_api_reference_is_the_full_network_peer_field_reference() {
    let bench = Bench::new("page");
    bench.write("langop.toml", "stack = \"NAME\"\n[clusters.NAME]\n");
    bench.langop(&["apply", "--yes"]).exits(0);
    for direction in ["ingress.from", "egress.to"] {
        for field in ["group", "cidr", "dns", "service.name", "service.namespace", "namespaceSelector", "podSelector"] {
            let said =
                bench.kubectl(&["explain", &format!("languagecluster.spec.networkPolicies.{direction}.{field}")]);
            let described = said.split_once("DESCRIPTION:").map_or("", |(_, text)| text.trim());
            assert!(!described.is_empty() && !described.contains("<empty>"), "{direction}.{field}: {said}");
        }
    }
}
