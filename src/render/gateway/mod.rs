//! The gateway of a cluster: one `LiteLLM` proxy, its configuration, and what makes it reachable.
//!
//! The facts about `LiteLLM` that the files here rely on were found by running release 1.108.7.

mod agents;
mod budgets;
mod config_map;
mod container;
mod credentials;
mod deployment;
mod environment;
mod exposure;
mod litellm;
mod merge;
mod metrics;
mod own_name;
mod probes;
mod provider;
mod resting;
mod routing;
mod secret;
mod service;
mod store;
mod teams;

#[cfg(test)]
mod tests;

pub(crate) use agents::AgentNames;
pub(super) use agents::{file as agents_file, names as agent_names, previous_key};
pub(crate) use container::IMAGE;
pub(super) use exposure::{certificate, exposed};
pub(super) use own_name::agent_calls;
pub(crate) use provider::api_base;
pub(super) use routing::{called, fallbacks};

use config_map::Files;
use credentials::Credentials;

use super::scope::Scope;
use super::workload::{self, User, Workload};
use crate::object::Manifest;
use crate::object::names::GATEWAY;
use crate::object::role::Role;

/// The user that the image is made for.
const USER: User = User { id: 65534, group: 65534, volumes: None };

/// The whole configuration of `LiteLLM`.
pub(super) fn config(scope: &Scope<'_>) -> serde_json::Value {
    litellm::config(scope, &Credentials::of_cluster(scope))
}

/// Everything of the gateway but its network policies.
pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let credentials = Credentials::of_cluster(scope);
    let files = Files::of_cluster(scope, &credentials);
    let gateway = Workload::new(scope, scope.item, Role::GATEWAY, (GATEWAY, USER), &scope.deployment);
    let mut manifests = vec![
        secret::manifest(scope),
        deployment::manifest(&gateway, &credentials, &files),
        service::manifest(&gateway),
    ];
    manifests.extend(files.config_maps(&gateway));
    manifests.extend(workload::identity(&gateway));
    manifests.extend(workload::scaling(&gateway));
    manifests.extend(exposure::manifest(&gateway));
    manifests
}
