//! Rules that open host names. Only Cilium can keep them: it learns addresses from the answers of its
//! DNS proxy. Elsewhere they open nothing, and a plan refuses them before, unless their cluster asks for the
//! addresses of the moment (`dnsFallback`).

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use serde_json::Value;

use crate::api::{EgressRule, PeerForm, Protocol};
use crate::object::{Address, Manifest, Source};
use crate::render::scope::Scope;
use crate::stack::Stack;

use super::cilium::{self, NamedHosts};
use super::owned;
use super::peer::address;

/// Where a stack uses `dns` peers that nothing but Cilium on the target can keep.
#[must_use]
pub fn uses_dns(stack: &Stack) -> Vec<(Address, Source)> {
    let named = all_names(stack).into_iter().filter(|named| !named.falls_back);
    let places: BTreeMap<_, _> = named.map(|named| (named.address, named.source)).collect();
    places.into_iter().collect()
}

/// The names that a plan resolves on a target without Cilium, and where they are written.
#[must_use]
pub fn resolved_names(stack: &Stack) -> BTreeMap<String, Vec<(Address, Source)>> {
    let mut all: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for named in all_names(stack).into_iter().filter(|named| named.falls_back) {
        for name in named.names {
            all.entry(name.clone()).or_default().push((named.address.clone(), named.source.clone()));
        }
    }
    all
}

/// One `dns` peer.
struct NamedPeer<'a> {
    names: &'a [String],
    falls_back: bool,
    address: Address,
    source: Source,
}

fn all_names(stack: &Stack) -> Vec<NamedPeer<'_>> {
    let mut all = Vec::new();
    for owned in owned::all(stack) {
        let falls_back = stack.clusters.get(owned.cluster).is_some_and(|cluster| owned::falls_back(&cluster.spec));
        for (_, peer, source) in owned.targets() {
            if let Some(PeerForm::Dns(names)) = peer.form() {
                all.push(NamedPeer { names, falls_back, address: owned.address.clone(), source });
            }
        }
    }
    all
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
