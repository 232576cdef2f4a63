//! Rules that open host names. Only Cilium can keep them: it learns addresses from the answers of its
//! DNS proxy. Elsewhere they open nothing, and a plan refuses them before.

use serde_json::Value;

use crate::api::{EgressRule, NetworkPolicies, PeerForm, Protocol};
use crate::object::{Address, Manifest, Source};
use crate::render::scope::Scope;
use crate::stack::Stack;

use super::cilium::{self, NamedHosts};

/// Where a stack uses `dns` peers: they need Cilium on the target.
#[must_use]
pub fn uses_dns(stack: &Stack) -> Vec<(Address, Source)> {
    let rules = all_rules(stack).into_iter();
    rules
        .filter(|(_, _, policies)| policies.egress.iter().any(|rule| !names(rule).is_empty()))
        .map(|(_, (address, source), _)| (address.clone(), source.clone()))
        .collect()
}

type Whose<'a> = (&'a Address, &'a Source);

/// All rules of a stack: the cluster they are in, whose they are, and the rules.
pub(super) fn all_rules(stack: &Stack) -> Vec<(&str, Whose<'_>, &NetworkPolicies)> {
    let mut all = Vec::new();
    for (name, item) in &stack.clusters {
        let gateway = item.spec.gateway.as_ref().and_then(|gateway| gateway.network_policies.as_ref());
        let both = item.spec.network_policies.iter().chain(gateway);
        all.extend(both.map(|rules| (name.as_str(), (&item.address, &item.source), rules)));
    }
    for (key, item) in &stack.agents {
        let rules = item.spec.network_policies.iter();
        all.extend(rules.map(|rules| (key.cluster.as_str(), (&item.address, &item.source), rules)));
    }
    for (key, item) in &stack.tools {
        let rules = item.spec.network_policies.iter();
        all.extend(rules.map(|rules| (key.cluster.as_str(), (&item.address, &item.source), rules)));
    }
    all
}

/// The policy that opens the host names of some rules to some pods; nothing without names or without
/// Cilium.
pub(super) fn policy(scope: &Scope<'_>, name: &str, pods: &Value, rules: &[EgressRule]) -> Option<Manifest> {
    let hosts: Vec<_> = rules.iter().filter_map(named_hosts).collect();
    (scope.target.cilium && !hosts.is_empty()).then(|| cilium::policy(scope, name, pods, &hosts))
}

fn named_hosts(rule: &EgressRule) -> Option<NamedHosts> {
    let names = names(rule);
    let ports = rule.ports.iter().map(|port| (port.port, port.protocol()));
    (!names.is_empty()).then(|| NamedHosts { names, ports: ports.collect::<Vec<(i32, Protocol)>>() })
}

fn names(rule: &EgressRule) -> Vec<String> {
    let named = rule.to.iter().filter_map(|peer| match peer.form() {
        Some(PeerForm::Dns(names)) => Some(names),
        _ => None,
    });
    named.flatten().cloned().collect()
}
