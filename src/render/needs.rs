//! What rendering needs to know of a target. Asked of a stack once, before a server is; the answer comes back as
//! [`Target`]. Knows no server.

use std::collections::{BTreeMap, BTreeSet};

use super::endpoint::{Endpoint, Host, Identity, backend, existing_store, model_endpoints, observing_endpoints};
use super::monitoring;
use super::network::{host_names, services_in_rules};
use super::scope::stack_secret_keys;
use super::target::{ServiceName, Target};
use crate::object::{Address, GroupKind, ObjectRef, Source};
use crate::stack::Stack;

/// What a stack needs to know of its target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Services that rules and endpoints name and the stack does not hold: a plan that knows what is behind them
    /// opens exactly that.
    pub services: BTreeSet<ServiceName>,
    /// Secrets whose keys a plan should know: those that models name as a whole (`credentialsSecretRef`) and the
    /// stack does not hold itself.
    pub secret_keys: BTreeSet<ObjectRef>,
    /// Host names that a plan resolves on a target without Cilium, and where they are written.
    pub host_names: BTreeMap<String, Vec<(Address, Source)>>,
    /// Whether the stack opens host names in a way that nothing but Cilium can keep, or carries policies of its
    /// kinds along.
    pub cilium: bool,
    /// Kinds that are made only where they are known, and whether the stack itself defines them.
    pub optional_kinds: BTreeMap<GroupKind, bool>,
    /// Whether the stack has language clusters: only for these it counts which policies the target knows.
    pub clusters: bool,
}

/// What this stack needs to know of its target.
#[must_use]
pub fn needs(stack: &Stack) -> Needs {
    let names = host_names(stack);
    let mut resolved: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for named in names.iter().filter(|named| named.falls_back) {
        for name in &named.names {
            resolved.entry(name.clone()).or_default().push((named.address.clone(), named.source.clone()));
        }
    }
    Needs {
        services: services(stack),
        secret_keys: secret_keys(stack),
        host_names: resolved,
        cilium: names.iter().any(|named| named.is_rule && !named.falls_back) || carries_cilium(stack),
        optional_kinds: optional_kinds(stack),
        clusters: !stack.clusters.is_empty(),
    }
}

fn optional_kinds(stack: &Stack) -> BTreeMap<GroupKind, bool> {
    let crds = stack.manifests.iter().filter(|manifest| manifest.reference.is_crd());
    let defined: BTreeSet<_> = crds.map(|crd| GroupKind::defined_by(&crd.object)).collect();
    let gateways = stack.clusters.values().filter_map(|item| item.spec.gateway.as_ref());
    let wanted = gateways.flat_map(|gateway| gateway.metrics.iter().flat_map(monitoring::kinds));
    wanted.map(|kind| (kind.clone(), defined.contains(&kind))).collect()
}

fn carries_cilium(stack: &Stack) -> bool {
    let is_policy = |reference: &ObjectRef| reference.group == "cilium.io" && reference.kind.ends_with("NetworkPolicy");
    stack.manifests.iter().any(|manifest| is_policy(&manifest.reference))
}

impl Needs {
    /// The target that is taken for granted without a server: one that has what the stack cannot do without.
    #[must_use]
    pub fn assumed_target(&self) -> Target {
        let optional_kinds = self.optional_kinds.keys().cloned().collect();
        Target { cilium: self.cilium, optional_kinds, ..Target::default() }
    }
}

fn services(stack: &Stack) -> BTreeSet<ServiceName> {
    let endpoints = stack.models.iter().flat_map(|(key, item)| {
        // No identity is asked for at a Service.
        let endpoints = model_endpoints(&item.spec, &key.cluster, Identity::Credentials);
        endpoints.into_iter().filter_map(service)
    });
    let stores = stack.clusters.iter().filter_map(|(cluster, item)| {
        let store = item.spec.gateway.as_ref()?.store.as_ref()?;
        service(existing_store(store, cluster)?)
    });
    let observers = stack.clusters.iter().flat_map(|(cluster, item)| {
        let gateway = item.spec.gateway.clone().unwrap_or_default();
        observing_endpoints(&gateway, cluster).into_iter().filter_map(|(_, endpoint)| service(endpoint))
    });
    let nothing = Target::default();
    let all = services_in_rules(stack).into_iter().chain(endpoints).chain(stores).chain(observers);
    all.filter(|name| backend(stack, &nothing, name).is_none()).collect()
}

fn service(endpoint: Endpoint) -> Option<ServiceName> {
    match endpoint.host {
        Host::Service { namespace, name } => Some(ServiceName { namespace, name }),
        _ => None,
    }
}

fn secret_keys(stack: &Stack) -> BTreeSet<ObjectRef> {
    let named = stack.models.iter().filter_map(|(key, item)| {
        let secret = item.spec.credentials_secret_ref.as_ref()?;
        Some(ObjectRef::namespaced("", "Secret", &key.cluster, &secret.name))
    });
    named.filter(|secret| stack_secret_keys(stack, secret).is_none()).collect()
}
