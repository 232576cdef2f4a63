//! A `NetworkPolicy` of a cluster, and the labels of everything that isolates.

use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicySpec};

use crate::object::Manifest;
use crate::object::role::Role;
use crate::render::scope::Scope;

/// Labels of everything that isolates agents.
pub(super) fn role<'a>(scope: &Scope<'a>) -> Role<'a> {
    Role::of_cluster(scope.cluster, "network")
}

/// The policy of this name.
pub(super) fn policy(scope: &Scope<'_>, name: &str, spec: NetworkPolicySpec) -> Manifest {
    let metadata = scope.meta(name, role(scope));
    scope.manifest(&NetworkPolicy { metadata, spec: Some(spec) })
}
