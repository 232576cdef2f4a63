//! The stack, as Kubernetes objects. Pure: the same stack and target give the same bytes.
//!
//! One folder a part: `cluster` is the namespace and what stands in it as written, `gateway` the
//! proxy, `network` the isolation. Knows no server; what is known of one comes in as [`Target`].
//! Total: whatever can be wrong with a description is said by [`crate::stack`] before.

mod cluster;
mod gateway;
mod network;
mod scope;
mod target;
mod yaml;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use gateway::endpoint::{Endpoint, Place};
pub use gateway::{CONTAINER_PORT, SERVICE_PORT};
pub use network::dns::{resolved_names, uses_dns};
pub use network::gateway::{LINK, LINK_6, METADATA, PRIVATE, PRIVATE_6};
pub use network::service::{ServiceName, backend, referenced_services};
pub use network::unknown::{UnknownService, unknown_services};
pub use target::{Backend, BackendPort, Target};
pub use yaml::text as yaml_text;

use scope::Scope;

use crate::object::{Manifest, ObjectRef};
use crate::stack::Stack;

/// Everything that a stack is on a target, in the total order of object references.
#[must_use]
pub fn render(stack: &Stack, target: &Target) -> Vec<Manifest> {
    let mut manifests = Vec::new();
    if !stack.clusters.is_empty() || has_members(stack) {
        manifests.extend(cluster::definitions());
    }
    for (name, item) in &stack.clusters {
        let scope = Scope::new(stack, target, name, item);
        manifests.extend(cluster::manifests(&scope));
        manifests.extend(gateway::manifests(&scope));
        manifests.extend(network::manifests(&scope));
    }
    manifests.extend(cluster::members(stack));
    manifests.extend(stack.manifests.iter().cloned().map(|manifest| manifest.in_stack(&stack.name)));
    manifests.sort_by(|a, b| a.reference.cmp(&b.reference));
    manifests
}

/// Where the gateway of a cluster connects to, with the name of the model; none for an outbound proxy.
#[must_use]
pub fn gateway_endpoints(stack: &Stack, target: &Target, cluster: &str) -> Vec<(Option<String>, Endpoint)> {
    let Some(item) = stack.clusters.get(cluster) else { return Vec::new() };
    let scope = Scope::new(stack, target, cluster, item);
    let all = gateway::endpoints(&scope).into_iter();
    all.map(|(model, endpoint)| (model.map(str::to_owned), endpoint)).collect()
}

fn has_members(stack: &Stack) -> bool {
    !stack.models.is_empty() || !stack.agents.is_empty() || !stack.tools.is_empty() || !stack.personas.is_empty()
}

/// The Secrets whose keys a plan should know: those that models name as a whole
/// (`credentialsSecretRef`) and the stack does not hold itself.
#[must_use]
pub fn referenced_credentials(stack: &Stack) -> BTreeSet<ObjectRef> {
    let named = stack.models.iter().filter_map(|(key, item)| {
        let secret = item.spec.credentials_secret_ref.as_ref()?;
        Some(ObjectRef::namespaced("", "Secret", &key.cluster, &secret.name))
    });
    named.filter(|secret| scope::stack_secret_keys(stack, secret).is_none()).collect()
}

/// Endpoints of a cluster's models that are Services, by model: only pods reach them.
#[must_use]
pub fn inner_endpoints(stack: &Stack, cluster: &str) -> BTreeMap<String, String> {
    let models = stack.models.iter().filter(|(key, _)| key.cluster == cluster);
    let inner = models.filter_map(|(key, item)| {
        let url = item.spec.endpoint.clone()?;
        let place = Endpoint::parse(&url, cluster)?.place;
        let is_inner = matches!(place, Place::Service { name, .. } if name != "localhost");
        is_inner.then(|| (key.name.clone(), url))
    });
    inner.collect()
}
