//! A `NetworkPolicy` of a cluster, and the labels of everything that isolates.
//!
//! Each is of one direction. By the Kubernetes text one object of both would do, but kube-router (and what shares
//! its design) enforces an object of both in one chain: there a peer that egress may reach is admitted at ingress
//! too, and a rule for a group narrows nothing.
//!
//! None is owned by the language cluster: when it goes, its garbage is collected at once, while pods take their
//! grace period and would be open meanwhile. The namespace takes its policies along when its pods are gone.

use k8s_openapi::api::networking::v1::{
    NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::object::Manifest;
use crate::object::role::Role;
use crate::render::scope::{Scope, listed};

/// Labels of everything that isolates agents.
pub(super) fn role<'a>(scope: &Scope<'a>) -> Role<'a> {
    Role::of_cluster(scope.cluster, "network")
}

/// The policy of this name that closes ingress of these pods, but for rules.
pub(super) fn ingress(
    scope: &Scope<'_>,
    name: &str,
    pods: LabelSelector,
    rules: Vec<NetworkPolicyIngressRule>,
) -> Manifest {
    let spec = NetworkPolicySpec { ingress: listed(rules), ..of_type("Ingress", pods) };
    policy(scope, name, spec)
}

/// The policy of this name that closes egress of these pods, but for rules.
pub(super) fn egress(
    scope: &Scope<'_>,
    name: &str,
    pods: LabelSelector,
    rules: Vec<NetworkPolicyEgressRule>,
) -> Manifest {
    let spec = NetworkPolicySpec { egress: listed(rules), ..of_type("Egress", pods) };
    policy(scope, name, spec)
}

fn of_type(name: &str, pods: LabelSelector) -> NetworkPolicySpec {
    NetworkPolicySpec {
        pod_selector: Some(pods),
        policy_types: Some(vec![name.to_owned()]),
        ..NetworkPolicySpec::default()
    }
}

fn policy(scope: &Scope<'_>, name: &str, spec: NetworkPolicySpec) -> Manifest {
    let metadata = scope.meta(name, role(scope));
    let manifest = scope.manifest(&NetworkPolicy { metadata, spec: Some(spec) });
    Manifest { owners: Vec::new(), ..manifest }
}
