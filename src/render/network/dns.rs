//! Rules that open host names. Only Cilium can keep them: it learns addresses from the answers of its
//! DNS proxy. Elsewhere they open nothing, and a plan refuses them before, unless their cluster asks for the
//! addresses of the moment (`dnsFallback`).

use std::collections::BTreeSet;

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use serde_json::Value;

use crate::api::{EgressRule, PeerForm, Protocol};
use crate::object::{Address, Manifest, Source};
use crate::render::scope::Scope;
use crate::render::tool::ToolEgress;
use crate::stack::Stack;

use super::cilium::{self, NamedHosts};
use super::owned;
use super::peer::address;

/// One `dns` peer.
pub(crate) struct NamedPeer {
    /// The host names.
    pub names: Vec<String>,
    /// Whether its cluster takes the addresses of the moment where nothing keeps names.
    pub falls_back: bool,
    /// Whether it is written as a rule: what nobody can keep must not be planned.
    pub is_rule: bool,
    /// Whose rule it is.
    pub address: Address,
    /// Where it is written.
    pub source: Source,
}

/// The `dns` peers of all rules of a stack, and of what its agents need for their tools.
pub(crate) fn host_names(stack: &Stack) -> Vec<NamedPeer> {
    let mut all = Vec::new();
    for owned in owned::all(stack) {
        let falls_back = stack.clusters.get(owned.cluster).is_some_and(|cluster| owned::falls_back(&cluster.spec));
        for (_, peer, source) in owned.targets() {
            if let Some(PeerForm::Dns(names)) = peer.form() {
                let (names, address) = (names.to_vec(), owned.address.clone());
                all.push(NamedPeer { names, falls_back, is_rule: true, address, source });
            }
        }
    }
    all.extend(owned::of_tools(stack).into_iter().filter_map(|(cluster, needed)| of_tool(stack, cluster, needed)));
    all
}

fn of_tool(stack: &Stack, cluster: &str, needed: ToolEgress) -> Option<NamedPeer> {
    let falls_back = stack.clusters.get(cluster).is_some_and(|cluster| owned::falls_back(&cluster.spec));
    let names: Vec<_> = needed.rule.to.iter().filter_map(|peer| peer.dns.clone()).flatten().collect();
    let ToolEgress { address, source, .. } = needed;
    (!names.is_empty()).then_some(NamedPeer { names, falls_back, is_rule: false, address, source })
}

/// The addresses that names had when the plan was made, where the cluster falls back on them. A name without
/// any adds nothing.
pub(super) fn blocks(scope: &Scope<'_>, names: &[String]) -> Vec<NetworkPolicyPeer> {
    if scope.target.cilium || !owned::falls_back(scope.spec()) {
        return Vec::new();
    }
    let found = names.iter().filter_map(|name| scope.target.addresses.get(name));
    let found: BTreeSet<_> = found.flatten().copied().collect();
    found.into_iter().map(address).collect()
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
