//! The isolation of all agents of a cluster.

use std::collections::BTreeSet;

use k8s_openapi::api::networking::v1::{
    NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPort, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelectorRequirement;
use serde_json::json;

use crate::api::LanguageAgentSpec;
use crate::object::names::{AGENT_KIND, CONTAINER_PORT};
use crate::object::{Manifest, labels};
use crate::render::scope::{Scope, listed};

use super::peer::{agents_and_tools, local, pods, port, resolver};
use super::policy::policy;
use super::{dns, rule};

/// Name of the policy.
const NAME: &str = "agents";
/// Name of the policy that admits agents to those that have no ingress rules, when some have.
const DEFAULT: &str = "agents-ingress";

pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let rules = scope.spec().network_policies.clone().unwrap_or_default();
    let narrowed = narrowed(scope);
    let apart = rules.ingress.is_empty() && !narrowed.is_empty();
    let spec = NetworkPolicySpec {
        pod_selector: Some(pods([(labels::KIND, AGENT_KIND)])),
        policy_types: Some(vec!["Egress".to_owned(), "Ingress".to_owned()]),
        egress: Some(egress(scope)),
        ingress: if apart { None } else { listed(ingress(scope)) },
    };
    let selector = json!({ "matchLabels": { labels::KIND: AGENT_KIND } });
    let named = dns::policy(scope, "agents-dns", &selector, &rules.egress);
    let default = apart.then(|| policy(scope, DEFAULT, all_but(narrowed, ingress(scope))));
    [Some(policy(scope, NAME, spec)), default, named].into_iter().flatten().collect()
}

/// The agents with ingress rules of their own.
fn narrowed(scope: &Scope<'_>) -> Vec<String> {
    let agents = scope
        .agents()
        .filter(|(_, agent)| agent.network_policies.as_ref().is_some_and(|rules| !rules.ingress.is_empty()));
    agents.map(|(name, _)| name.to_owned()).collect()
}

/// What is admitted by default, to all agents but some: beside it the rules of these would narrow nothing.
fn all_but(names: Vec<String>, ingress: Vec<NetworkPolicyIngressRule>) -> NetworkPolicySpec {
    let mut selector = pods([(labels::KIND, AGENT_KIND)]);
    selector.match_expressions = Some(vec![LabelSelectorRequirement {
        key: labels::NAME.to_owned(),
        operator: "NotIn".to_owned(),
        values: Some(names),
    }]);
    NetworkPolicySpec {
        pod_selector: Some(selector),
        policy_types: Some(vec!["Ingress".to_owned()]),
        ingress: Some(ingress),
        egress: None,
    }
}

/// Agents, tools, the gateway, name resolution, and the cluster's rules.
fn egress(scope: &Scope<'_>) -> Vec<NetworkPolicyEgressRule> {
    let mut all = vec![
        NetworkPolicyEgressRule { to: Some(vec![local(agents_and_tools())]), ports: None },
        NetworkPolicyEgressRule {
            to: Some(vec![local(scope.gateway_pods())]),
            ports: Some(vec![port(CONTAINER_PORT, "TCP")]),
        },
        resolver(),
    ];
    let written = scope.spec().network_policies.iter().flat_map(|rules| &rules.egress);
    all.extend(written.flat_map(|written| rule::egress(scope, written)));
    all
}

/// The cluster's rules and nothing else, or agents when it has none. Policies add up: beside a default
/// that admits all agents, a rule for a group would narrow nothing.
fn ingress(scope: &Scope<'_>) -> Vec<NetworkPolicyIngressRule> {
    let written = scope.spec().network_policies.as_ref().map(|rules| rules.ingress.as_slice());
    match written {
        Some(rules) if !rules.is_empty() => rules.iter().filter_map(|written| rule::ingress(scope, written)).collect(),
        _ => vec![NetworkPolicyIngressRule {
            from: Some(vec![local(pods([(labels::KIND, AGENT_KIND)]))]),
            ports: Some(listening(scope)),
        }],
    }
}

/// The ports that agents of the cluster listen on.
fn listening(scope: &Scope<'_>) -> Vec<NetworkPolicyPort> {
    let ports = scope.agents().flat_map(|(_, agent)| agent.listening());
    let mut ports: BTreeSet<_> = ports.map(|port| (port.port, port.protocol.unwrap_or_default())).collect();
    // The default port is open even to agents that the stack does not know.
    ports.insert((LanguageAgentSpec::DEFAULT_PORT, crate::api::Protocol::Tcp));
    ports.into_iter().map(|(number, protocol)| port(number, protocol.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::render::fixture::{field, find, rendered, rendered_with_cilium};

    #[test]
    fn by_default_agents_are_admitted_on_their_ports_and_nobody_else() {
        let manifests = rendered("[clusters.c]\n[agents.a]\nimage = 'a'\nports = [{ name = 'api', port = 9000 }]");
        let ingress = field(&manifests, "NetworkPolicy", "agents", "/spec/ingress");
        let expected = json!([{
            "from": [{ "podSelector": { "matchLabels": { "langop.io/kind": "LanguageAgent" } } }],
            "ports": [{ "port": 8080, "protocol": "TCP" }, { "port": 9000, "protocol": "TCP" }],
        }]);
        assert_eq!(*ingress, expected);
    }

    #[test]
    fn a_rule_for_a_group_admits_the_group_alone() {
        let manifests = rendered("[[clusters.c.networkPolicies.ingress]]\nfrom = [{ group = 'ops' }]");
        let ingress = field(&manifests, "NetworkPolicy", "agents", "/spec/ingress");
        let group = json!({ "langop.io/group": "ops", "langop.io/kind": "LanguageAgent" });
        assert_eq!(*ingress, json!([{ "from": [{ "podSelector": { "matchLabels": group } }] }]));
    }

    #[test]
    fn ingress_rules_that_admit_nobody_still_close_the_default() {
        let manifests = rendered("[[clusters.c.networkPolicies.ingress]]\nfrom = [{ service = { name = 'unknown' } }]");
        let spec = field(&manifests, "NetworkPolicy", "agents", "/spec");
        assert_eq!(spec.get("ingress"), None);
        assert_eq!(spec["policyTypes"], json!(["Egress", "Ingress"]));
    }

    #[test]
    fn the_default_gives_way_to_the_ingress_rules_of_one_agent() {
        let manifests = rendered(
            "[clusters.c]\n[agents.a]\nimage = 'a'\n[[agents.a.networkPolicies.ingress]]\nfrom = [{ group = 'ops' }]",
        );
        assert_eq!(field(&manifests, "NetworkPolicy", "agents", "/spec").get("ingress"), None);
        let spec = field(&manifests, "NetworkPolicy", "agents-ingress", "/spec");
        let but = json!([{ "key": "app.kubernetes.io/name", "operator": "NotIn", "values": ["a"] }]);
        assert_eq!(spec["podSelector"]["matchExpressions"], but);
        assert_eq!(spec["policyTypes"], json!(["Ingress"]));
    }

    #[test]
    fn names_open_nothing_without_cilium_and_names_alone_with_it() {
        let text = "[[clusters.c.networkPolicies.egress]]\nto = [{ dns = ['api.example.com', '*.example.org'] }]\nports = [{ port = 443 }]";
        let egress =
            |manifests: &[_]| field(manifests, "NetworkPolicy", "agents", "/spec/egress").as_array().unwrap().len();
        let (plain, cilium) = (rendered(text), rendered_with_cilium(text));
        assert_eq!((egress(&plain), egress(&cilium)), (3, 3), "agents and tools, gateway, DNS");
        assert!(find(&plain, "CiliumNetworkPolicy", "agents-dns").is_none());
        let rules = field(&cilium, "CiliumNetworkPolicy", "agents-dns", "/spec/egress");
        assert_eq!(rules[0]["toPorts"][0]["rules"], json!({ "dns": [{ "matchPattern": "*" }] }));
        let expected = json!({
            "toFQDNs": [{ "matchName": "api.example.com" }, { "matchPattern": "*.example.org" }],
            "toPorts": [{ "ports": [{ "port": "443", "protocol": "TCP" }] }],
        });
        assert_eq!(rules[1], expected);
    }
}
