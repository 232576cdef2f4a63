//! The stack, as Kubernetes objects. Pure: the same stack and target give the same bytes.
//!
//! One folder a part, and each uses only those before it: `target` is what is known of a server, `scope` one
//! cluster while it is rendered, `endpoint` where calls go, `workload` what all pods have in common, `store` what the
//! gateway's pods count in, `gateway` the proxy, `monitoring` what is made
//! of its metrics, `agent` what runs agents, `network` the isolation, `cluster` the namespace and what stands in it as written. Knows no server: [`needs()`] says what must be known of one, and
//! the answer comes in as [`Target`].
//! Total: whatever can be wrong with a description is said by [`crate::stack`] before.

mod agent;
mod cluster;
mod endpoint;
mod gateway;
mod monitoring;
mod needs;
mod network;
mod scope;
mod store;
mod target;
mod tool;
mod workload;
mod yaml;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod restarts;
#[cfg(test)]
mod tests;

pub(crate) use cluster::definitions;
pub use endpoint::{
    Configured, Endpoint, Host, Purpose, backend, configured_hosts, gateway_endpoints, inner_endpoints,
};
pub(crate) use endpoint::{ModelKey, model_keys, needed_hosts};
pub(crate) use gateway::{AgentNames, IMAGE as GATEWAY_IMAGE, api_base};
pub use needs::{Needs, needs};
pub use network::{
    DNS_PORT, LINK, LINK_6, METADATA, PRIVATE, PRIVATE_6, UnknownService, WideEgress, name_server, unknown_services,
    wide_egress,
};
pub use target::{Backend, BackendPort, ServiceName, Target};
pub use tool::{Connection, ToolEgress, connections, tool_egress};
pub use yaml::text as yaml_text;

use scope::Scope;

use crate::api::LanguageAgentSpec;
use crate::object::{Grants, Manifest, grants};
use crate::stack::{Stack, give_rules};

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
        manifests.extend(store::manifests(&scope));
        manifests.extend(gateway::manifests(&scope));
        manifests.extend(monitoring::manifests(&scope));
        manifests.extend(agent::manifests(&scope));
        manifests.extend(tool::manifests(&scope));
        manifests.extend(network::manifests(&scope));
    }
    manifests.extend(cluster::members(stack));
    let carried = manifests.len();
    manifests.extend(stack.manifests.iter().cloned());
    for manifest in &mut manifests[carried..] {
        manifest.put_in_stack(&stack.name);
    }
    manifests.sort_by(|a, b| a.reference.cmp(&b.reference));
    give_rules(&stack.rules, &mut manifests);
    manifests
}

/// The configuration that the gateway of a cluster runs with; none of a cluster that the stack does not describe.
#[must_use]
pub(crate) fn gateway_config(stack: &Stack, target: &Target, cluster: &str) -> Option<serde_json::Value> {
    let item = stack.clusters.get(cluster)?;
    Some(gateway::config(&Scope::new(stack, target, cluster, item)))
}

/// What each caller of a cluster's gateway may call, as its file says; none of a cluster that the stack does not describe.
#[must_use]
pub(crate) fn gateway_grants(stack: &Stack, target: &Target, cluster: &str) -> Option<Grants> {
    let item = stack.clusters.get(cluster)?;
    grants(&gateway::agents_file(&Scope::new(stack, target, cluster, item)))
}

/// What an agent calls the models by that it lists.
#[must_use]
pub(crate) fn agent_names(stack: &Stack, target: &Target, cluster: &str, agent: &LanguageAgentSpec) -> Vec<AgentNames> {
    let Some(item) = stack.clusters.get(cluster) else { return Vec::new() };
    gateway::agent_names(&Scope::new(stack, target, cluster, item), agent)
}

fn has_members(stack: &Stack) -> bool {
    !stack.models.is_empty()
        || !stack.agents.is_empty()
        || !stack.tools.is_empty()
        || !stack.personas.is_empty()
        || !stack.teams.is_empty()
}
