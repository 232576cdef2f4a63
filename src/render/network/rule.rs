//! One rule of a description as rules of a `NetworkPolicy`.
//!
//! Peers that share the rule's ports stay together; each Service has ports of its own. A peer that
//! resolves to nothing adds nothing, and a rule without peers is left out: Kubernetes would read its
//! missing `to` as "everywhere".

use k8s_openapi::api::networking::v1::{
    NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::{EgressRule, IngressRule, NetworkPeer, NetworkPort, NetworkRule, PeerForm};
use crate::render::scope::{Scope, listed};
use crate::render::target::{Backend, BackendPort};

use super::peer::{block, elsewhere, group, labelled, local, named_port, namespace, port};
use super::service::{ServiceName, named, resolve};

/// What an egress rule opens.
pub(super) fn egress(scope: &Scope<'_>, rule: &EgressRule) -> Vec<NetworkPolicyEgressRule> {
    let plain = plain_peers(rule);
    let mut rules = Vec::new();
    if !plain.is_empty() {
        rules.push(NetworkPolicyEgressRule { to: Some(plain), ports: listed(written(&rule.ports)) });
    }
    let services = rule.to.iter().filter_map(|peer| named(peer, scope.cluster));
    rules.extend(services.filter_map(|service| to_service(scope, &service, &rule.ports)));
    rules
}

/// What an ingress rule admits. Ports are the receiver's, so Services only say who connects.
pub(super) fn ingress(scope: &Scope<'_>, rule: &IngressRule) -> Option<NetworkPolicyIngressRule> {
    let mut from = plain_peers(rule);
    let services = rule.from.iter().filter_map(|peer| named(peer, scope.cluster));
    from.extend(services.filter_map(|service| pods_behind(scope, &service)));
    (!from.is_empty()).then(|| NetworkPolicyIngressRule { from: Some(from), ports: listed(written(&rule.ports)) })
}

fn plain_peers(rule: &impl NetworkRule) -> Vec<NetworkPolicyPeer> {
    rule.peers().iter().filter_map(plain_peer).collect()
}

fn plain_peer(peer: &NetworkPeer) -> Option<NetworkPolicyPeer> {
    match peer.form()? {
        PeerForm::Group(name) => Some(local(group(name))),
        PeerForm::Cidr(cidr) => Some(block(cidr, &[])),
        PeerForm::Selectors { namespaces, pods } => Some(NetworkPolicyPeer {
            namespace_selector: namespaces.cloned(),
            pod_selector: pods.cloned(),
            ip_block: None,
        }),
        // Names are Cilium's, Services have ports of their own.
        PeerForm::Dns(_) | PeerForm::Service(_) => None,
    }
}

fn written(ports: &[NetworkPort]) -> Vec<NetworkPolicyPort> {
    ports.iter().map(|written| port(written.port, written.protocol().as_str())).collect()
}

fn pods_behind(scope: &Scope<'_>, service: &ServiceName) -> Option<NetworkPolicyPeer> {
    let backend = resolve(scope, service)?;
    selected(&backend, service)
}

/// The pods that a Service selects; one that selects none has backends that are not pods.
fn selected(backend: &Backend, service: &ServiceName) -> Option<NetworkPolicyPeer> {
    let pods = (!backend.selector.is_empty()).then(|| labelled(backend.selector.clone()))?;
    Some(elsewhere(namespace(&service.namespace), Some(pods)))
}

fn to_service(scope: &Scope<'_>, service: &ServiceName, wanted: &[NetworkPort]) -> Option<NetworkPolicyEgressRule> {
    let Some(backend) = resolve(scope, service) else {
        return to_unknown(service, wanted);
    };
    let open = backend.ports.iter().filter(|port| is_wanted(port, wanted));
    let ports: Vec<_> = open.map(|port| named_port(port.target.clone(), &port.protocol)).collect();
    // No ports would mean all ports.
    let ports = listed(ports)?;
    Some(NetworkPolicyEgressRule { to: Some(vec![selected(&backend, service)?]), ports: Some(ports) })
}

/// A Service that nobody knows: its namespace, on the written ports only. Without ports nothing, for
/// that would be the whole namespace.
fn to_unknown(service: &ServiceName, wanted: &[NetworkPort]) -> Option<NetworkPolicyEgressRule> {
    let ports = listed(written(wanted))?;
    let to = elsewhere(namespace(&service.namespace), None);
    Some(NetworkPolicyEgressRule { to: Some(vec![to]), ports: Some(ports) })
}

/// A written port is a port of the Service, or one behind it.
fn is_wanted(port: &BackendPort, wanted: &[NetworkPort]) -> bool {
    let is = |wanted: &NetworkPort| {
        let number = port.port == wanted.port || port.target == IntOrString::Int(wanted.port);
        number && port.protocol == wanted.protocol().as_str()
    };
    wanted.is_empty() || wanted.iter().any(is)
}
