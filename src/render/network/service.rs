//! The pods behind a Service. Policies see pods and their ports, not Services and theirs, so a peer
//! that names a Service must be looked up: in the stack first, then in what is known of the target.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::{LanguageToolSpec, NetworkPeer, NetworkRule, NetworkRules, PeerForm};
use crate::object::labels;
use crate::render::gateway::endpoint::{Endpoint, Place};
use crate::render::gateway::{CONTAINER_PORT, SERVICE_PORT, provider};
use crate::render::scope::{GATEWAY, Role, Scope};
use crate::render::target::{Backend, BackendPort, Target};
use crate::stack::{MemberKey, Stack};

use super::peer::{AGENT, TOOL};

/// Namespace and name of a Service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceName {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// The Services that rules and endpoints name and the stack does not hold: a plan that knows what is
/// behind them opens exactly that.
#[must_use]
pub fn referenced_services(stack: &Stack) -> BTreeSet<ServiceName> {
    let rules = named_in_rules(stack);
    let endpoints = stack.models.iter().flat_map(|(key, item)| {
        let ends = provider::endpoints(&item.spec, &key.cluster, false);
        ends.into_iter().filter_map(service_of)
    });
    let target = Target::default();
    let all = rules.into_iter().chain(endpoints);
    all.filter(|name| backend(stack, &target, name).is_none()).collect()
}

fn service_of(endpoint: Endpoint) -> Option<ServiceName> {
    match endpoint.place {
        Place::Service { namespace, name } => Some(ServiceName { namespace, name }),
        _ => None,
    }
}

fn named_in_rules(stack: &Stack) -> Vec<ServiceName> {
    super::owned::all(stack)
        .into_iter()
        .flat_map(|owned| peers(owned.rules).filter_map(|peer| named(peer, owned.cluster)).collect::<Vec<_>>())
        .collect()
}

fn peers(policies: NetworkRules<'_>) -> impl Iterator<Item = &NetworkPeer> {
    let from = policies.ingress.iter().flat_map(NetworkRule::peers);
    from.chain(policies.egress.iter().flat_map(NetworkRule::peers))
}

/// The Service that a peer names.
pub(super) fn named(peer: &NetworkPeer, cluster: &str) -> Option<ServiceName> {
    let Some(PeerForm::Service(service)) = peer.form() else {
        return None;
    };
    let namespace = service.namespace.as_deref().unwrap_or(cluster).to_owned();
    Some(ServiceName { namespace, name: service.name.clone() })
}

/// What is behind a Service; nothing when nobody knows.
pub(super) fn resolve(scope: &Scope<'_>, name: &ServiceName) -> Option<Backend> {
    backend(scope.stack, scope.target, name)
}

/// What is behind a Service: of the stack itself, of a manifest that it carries, or of the target; nothing
/// when nobody knows.
#[must_use]
pub fn backend(stack: &Stack, target: &Target, name: &ServiceName) -> Option<Backend> {
    own(stack, name).or_else(|| carried(stack, name)).or_else(|| target.services.get(name).cloned())
}

/// Services that langop makes: gateways, tools and agents.
fn own(stack: &Stack, name: &ServiceName) -> Option<Backend> {
    let key = MemberKey { cluster: name.namespace.clone(), name: name.name.clone() };
    if name.name == GATEWAY && stack.clusters.contains_key(&name.namespace) {
        let role = Role::GATEWAY;
        return Some(behind(role, &name.namespace, vec![(SERVICE_PORT, CONTAINER_PORT, "TCP")]));
    }
    if let Some(tool) = stack.tools.get(&key).filter(|tool| LanguageToolSpec::has_pods(&tool.spec)) {
        let role = Role { name: &name.name, component: "tool", kind: TOOL };
        let port = tool.spec.port();
        return Some(behind(role, &name.namespace, vec![(port, port, "TCP")]));
    }
    let agent = stack.agents.get(&key)?;
    let role = Role { name: &name.name, component: "agent", kind: AGENT };
    let listening = agent.spec.listening();
    let ports = listening.iter().map(|port| (port.port, port.port, port.protocol.unwrap_or_default().as_str()));
    Some(behind(role, &name.namespace, ports.collect()))
}

fn behind(role: Role<'_>, namespace: &str, ports: Vec<(i32, i32, &str)>) -> Backend {
    let ports = ports.into_iter().map(|(port, target, protocol)| BackendPort {
        port,
        target: IntOrString::Int(target),
        protocol: protocol.to_owned(),
    });
    let mut selector = role.selector(namespace);
    // Pods of agents and tools are told apart by kind and name; tests and users make them too.
    if role.kind != GATEWAY {
        selector.remove(labels::CLUSTER);
    }
    Backend { selector, ports: ports.collect() }
}

/// Services among the manifests that the stack carries along.
fn carried(stack: &Stack, name: &ServiceName) -> Option<Backend> {
    let manifest = stack.manifests.iter().find(|manifest| {
        let reference = &manifest.reference;
        reference.is("", "Service")
            && reference.namespace.as_ref() == Some(&name.namespace)
            && reference.name == name.name
    })?;
    let service: Service = serde_json::from_value(manifest.object.clone()).ok()?;
    Some(Backend::of(&service))
}
