//! The isolation of all agents of a cluster.

use std::collections::BTreeSet;

use k8s_openapi::api::networking::v1::{NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPort};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};
use serde_json::json;

use crate::api::{AgentPort, LanguageAgentSpec};
use crate::object::names::{AGENT_KIND, CONTAINER_PORT};
use crate::object::{Manifest, labels};
use crate::render::agent;
use crate::render::scope::{Scope, listed};

use super::controller::controller;
use super::name_server::resolver;
use super::peer::{agents_and_tools, local, pods, port};
use super::{dns, policy, rule};

/// What agents may connect to.
const EGRESS: &str = "agents-egress";
/// Who may connect to them: by the cluster's rules, or by default to those that have none of their own.
const INGRESS: &str = "agents-ingress";
/// Admits nobody. Where an agent gets or loses rules of its own, policies change one after another: this one holds
/// meanwhile.
const CLOSED: &str = "agents-closed";

pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let all = || pods([(labels::KIND, AGENT_KIND)]);
    let written = scope.spec().network_policies.clone().unwrap_or_default();
    let selector = json!({ "matchLabels": { labels::KIND: AGENT_KIND } });
    let narrowed = if written.ingress.is_empty() { narrowed(scope) } else { Vec::new() };
    let plain = [
        policy::egress(scope, EGRESS, all(), egress(scope)),
        policy::ingress(scope, INGRESS, all_but(narrowed), ingress(scope)),
        policy::ingress(scope, CLOSED, all(), Vec::new()),
    ];
    let named = dns::policy(scope, "agents-dns", &selector, &written.egress);
    plain.into_iter().chain(named).chain(exposed(scope)).collect()
}

/// Lets the ingress controller in to each agent that is exposed, on that port alone, and nobody else: a policy of its
/// own, because it holds whatever rules the agent has.
fn exposed(scope: &Scope<'_>) -> Vec<Manifest> {
    let agents = scope.agents().filter_map(|(name, agent)| Some((name, agent::exposed(scope, agent)?)));
    let policy = |(name, open): (&str, AgentPort)| {
        let rule = NetworkPolicyIngressRule {
            from: Some(vec![controller(scope)]),
            ports: Some(vec![port(open.port, open.protocol.unwrap_or_default().as_str())]),
        };
        let pods = pods([(labels::KIND, AGENT_KIND), (labels::NAME, name)]);
        policy::ingress(scope, &format!("agent-{name}-exposed"), pods, vec![rule])
    };
    agents.map(policy).collect()
}

/// The agents with ingress rules of their own.
fn narrowed(scope: &Scope<'_>) -> Vec<String> {
    let agents = scope
        .agents()
        .filter(|(_, agent)| agent.network_policies.as_ref().is_some_and(|rules| !rules.ingress.is_empty()));
    agents.map(|(name, _)| name.to_owned()).collect()
}

/// All agents but some: beside the default the rules of these would narrow nothing.
fn all_but(names: Vec<String>) -> LabelSelector {
    let mut selector = pods([(labels::KIND, AGENT_KIND)]);
    selector.match_expressions = listed(names).map(|names| {
        vec![LabelSelectorRequirement {
            key: labels::NAME.to_owned(),
            operator: "NotIn".to_owned(),
            values: Some(names),
        }]
    });
    selector
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
        let ingress = field(&manifests, "NetworkPolicy", "agents-ingress", "/spec/ingress");
        let expected = json!([{
            "from": [{ "podSelector": { "matchLabels": { "langop.io/kind": "LanguageAgent" } } }],
            "ports": [{ "port": 8080, "protocol": "TCP" }, { "port": 9000, "protocol": "TCP" }],
        }]);
        assert_eq!(*ingress, expected);
    }

    #[test]
    fn a_rule_for_a_group_admits_the_group_alone() {
        let manifests = rendered("[[clusters.c.networkPolicies.ingress]]\nfrom = [{ group = 'ops' }]");
        let ingress = field(&manifests, "NetworkPolicy", "agents-ingress", "/spec/ingress");
        let group = json!({ "langop.io/group": "ops", "langop.io/kind": "LanguageAgent" });
        assert_eq!(*ingress, json!([{ "from": [{ "podSelector": { "matchLabels": group } }] }]));
    }

    #[test]
    fn an_exposed_agent_admits_the_ingress_controller_on_that_port_and_nobody_else() {
        let text = "[clusters.c]\nDOMAIN\ningress.controllerNamespace = 'nginx'\n[agents.a]\nimage = 'a'\n\
                    ports = [{ name = 'http', port = 80, expose = true }, { name = 'admin', port = 81 }]\n[agents.b]\nimage = 'b'";
        let manifests = rendered(&text.replace("DOMAIN", "domain = 'example.com'"));
        let spec = field(&manifests, "NetworkPolicy", "agent-a-exposed", "/spec");
        let namespace = json!({ "matchLabels": { "kubernetes.io/metadata.name": "nginx" } });
        let rule =
            json!({ "from": [{ "namespaceSelector": namespace }], "ports": [{ "port": 80, "protocol": "TCP" }] });
        assert_eq!(spec["ingress"], json!([rule]));
        assert_eq!(spec["podSelector"]["matchLabels"]["app.kubernetes.io/name"], "a");
        assert!(find(&manifests, "NetworkPolicy", "agent-b-exposed").is_none());
        let hidden = rendered(&text.replace("DOMAIN", ""));
        assert!(find(&hidden, "NetworkPolicy", "agent-a-exposed").is_none(), "nobody is reached without a domain");
    }

    #[test]
    fn ingress_rules_that_admit_nobody_still_close_the_default() {
        let manifests = rendered("[[clusters.c.networkPolicies.ingress]]\nfrom = [{ service = { name = 'unknown' } }]");
        let spec = field(&manifests, "NetworkPolicy", "agents-ingress", "/spec");
        assert_eq!(spec.get("ingress"), None);
        assert_eq!(spec["policyTypes"], json!(["Ingress"]));
    }

    #[test]
    fn the_default_gives_way_to_the_ingress_rules_of_one_agent() {
        let manifests = rendered(
            "[clusters.c]\n[agents.a]\nimage = 'a'\n[[agents.a.networkPolicies.ingress]]\nfrom = [{ group = 'ops' }]",
        );
        let closed = field(&manifests, "NetworkPolicy", "agents-closed", "/spec");
        let agents = json!({ "matchLabels": { "langop.io/kind": "LanguageAgent" } });
        assert_eq!(*closed, json!({ "podSelector": agents, "policyTypes": ["Ingress"] }));
        let spec = field(&manifests, "NetworkPolicy", "agents-ingress", "/spec");
        let but = json!([{ "key": "app.kubernetes.io/name", "operator": "NotIn", "values": ["a"] }]);
        assert_eq!(spec["podSelector"]["matchExpressions"], but);
        assert_eq!(spec["policyTypes"], json!(["Ingress"]));
    }

    #[test]
    fn names_open_nothing_without_cilium_and_names_alone_with_it() {
        let text = "[[clusters.c.networkPolicies.egress]]\nto = [{ dns = ['api.example.com', '*.example.org'] }]\nports = [{ port = 443 }]";
        let egress = |manifests: &[_]| {
            field(manifests, "NetworkPolicy", "agents-egress", "/spec/egress").as_array().unwrap().len()
        };
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
