//! The isolation of a cluster: who reaches whom. Policies add up, so a default that is to be narrowed
//! must give way, and a rule whose peers resolve to nothing is left out, never opened.

mod agents;
mod cilium;
pub(super) mod dns;
pub(super) mod gateway;
mod member;
mod owned;
mod peer;
mod rule;
pub(super) mod service;
pub(super) mod unknown;

#[cfg(test)]
mod tests;

use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicySpec};

use crate::object::Manifest;

use super::scope::{Role, Scope};

/// All policies of the cluster.
pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let mut manifests = agents::manifests(scope);
    manifests.extend(gateway::manifests(scope));
    manifests.extend(member::manifests(scope));
    manifests
}

/// Labels of everything that isolates agents.
fn role<'a>(scope: &Scope<'a>) -> Role<'a> {
    Role { name: scope.cluster, component: "network", kind: "LanguageCluster" }
}

fn policy(scope: &Scope<'_>, name: &str, spec: NetworkPolicySpec) -> Manifest {
    let metadata = scope.meta(name, role(scope));
    scope.manifest(&NetworkPolicy { metadata, spec: Some(spec) })
}
