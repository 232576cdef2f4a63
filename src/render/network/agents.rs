//! The isolation of all agents of a cluster.

use std::collections::BTreeSet;

use k8s_openapi::api::networking::v1::{
    NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPort, NetworkPolicySpec,
};
use serde_json::json;

use crate::api::LanguageAgentSpec;
use crate::object::{Manifest, labels};
use crate::render::gateway::CONTAINER_PORT;
use crate::render::scope::{Scope, listed};

use super::peer::{AGENT, agents_and_tools, gateway, local, pods, port, resolver};
use super::{dns, policy, rule};

/// Name of the policy.
const NAME: &str = "agents";

pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let rules = scope.spec().network_policies.clone().unwrap_or_default();
    let spec = NetworkPolicySpec {
        pod_selector: Some(pods([(labels::KIND, AGENT)])),
        policy_types: Some(vec!["Egress".to_owned(), "Ingress".to_owned()]),
        egress: Some(egress(scope)),
        ingress: listed(ingress(scope)),
    };
    let selector = json!({ "matchLabels": { labels::KIND: AGENT } });
    let named = dns::policy(scope, "agents-dns", &selector, &rules.egress);
    [Some(policy(scope, NAME, spec)), named].into_iter().flatten().collect()
}

/// Agents, tools, the gateway, name resolution, and the cluster's rules.
fn egress(scope: &Scope<'_>) -> Vec<NetworkPolicyEgressRule> {
    let mut all = vec![
        NetworkPolicyEgressRule { to: Some(vec![local(agents_and_tools())]), ports: None },
        NetworkPolicyEgressRule {
            to: Some(vec![local(gateway(scope))]),
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
            from: Some(vec![local(pods([(labels::KIND, AGENT)]))]),
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
