//! The pods behind a Service: of the stack, of a manifest that it carries, or of what is known of the target.

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Deserialize as _;

use crate::api::LanguageToolSpec;
use crate::object::labels;
use crate::object::names::{CONTAINER_PORT, GATEWAY, GATEWAY_STORE, SERVICE_PORT, STORE_PORT};
use crate::object::role::Role;
use crate::render::target::{Backend, BackendPort, ServiceName, Target};
use crate::stack::{MemberKey, Stack};

/// What is behind a Service: of the stack itself, of a manifest that it carries, or of the target; nothing
/// when nobody knows.
#[must_use]
pub fn backend(stack: &Stack, target: &Target, name: &ServiceName) -> Option<Backend> {
    own(stack, name).or_else(|| carried(stack, name)).or_else(|| target.services.get(name).cloned())
}

/// Services that langop makes: gateways, their stores, tools and agents.
fn own(stack: &Stack, name: &ServiceName) -> Option<Backend> {
    let key = MemberKey { cluster: name.namespace.clone(), name: name.name.clone() };
    if name.name == GATEWAY && stack.clusters.contains_key(&name.namespace) {
        let role = Role::GATEWAY;
        return Some(behind(role, &name.namespace, vec![(SERVICE_PORT, CONTAINER_PORT, "TCP")]));
    }
    if name.name == GATEWAY_STORE && has_own_store(stack, &name.namespace) {
        return Some(behind(Role::STORE, &name.namespace, vec![(STORE_PORT, STORE_PORT, "TCP")]));
    }
    if let Some(tool) = stack.tools.get(&key).filter(|tool| LanguageToolSpec::has_pods(&tool.spec)) {
        let role = Role::tool(&name.name);
        let port = tool.spec.port();
        return Some(behind(role, &name.namespace, vec![(port, port, "TCP")]));
    }
    let agent = stack.agents.get(&key)?;
    let role = Role::agent(&name.name);
    let listening = agent.spec.listening();
    let ports = listening.iter().map(|port| (port.port, port.port, port.protocol.unwrap_or_default().as_str()));
    Some(behind(role, &name.namespace, ports.collect()))
}

fn has_own_store(stack: &Stack, cluster: &str) -> bool {
    let gateway = stack.clusters.get(cluster).and_then(|item| item.spec.gateway.as_ref());
    gateway.and_then(|gateway| gateway.store.as_ref()).is_some_and(|store| store.host.is_none())
}

fn behind(role: Role<'_>, namespace: &str, ports: Vec<(i32, i32, &str)>) -> Backend {
    let ports = ports.into_iter().map(|(port, target, protocol)| BackendPort {
        port,
        target: IntOrString::Int(target),
        protocol: protocol.to_owned(),
    });
    let mut selector = role.selector(namespace);
    // Pods of agents and tools are told apart by kind and name; tests and users make them too.
    if ![GATEWAY, GATEWAY_STORE].contains(&role.kind) {
        selector.remove(labels::CLUSTER);
    }
    Backend { selector, ports: ports.collect() }
}

/// Services among the manifests that the stack carries along.
fn carried(stack: &Stack, name: &ServiceName) -> Option<Backend> {
    let manifest = stack.manifests.iter().find(|manifest| {
        let reference = &manifest.reference;
        reference.is("", "Service")
            && reference.namespace.as_deref() == Some(&*name.namespace)
            && reference.name == *name.name
    })?;
    let service = Service::deserialize(&*manifest.object).ok()?;
    Some(Backend::from(&service))
}
