//! The gateway of a cluster: one `LiteLLM` proxy, its configuration, and what makes it reachable.
//!
//! The facts about `LiteLLM` that the files here rely on were found by running release 1.108.7.

mod agents;
mod config_map;
mod container;
mod credentials;
mod deployment;
mod environment;
mod exposure;
mod hardening;
mod identity;
mod litellm;
mod merge;
mod probes;
mod provider;
mod resting;
mod routing;
mod scaling;
mod secret;
mod service;

#[cfg(test)]
mod tests;

pub(super) use exposure::exposed;
pub(crate) use provider::api_base;

use config_map::Files;
use credentials::Credentials;

use super::scope::Scope;
use crate::object::Manifest;

/// Everything of the gateway but its network policies.
pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let credentials = Credentials::of_cluster(scope);
    let files = Files::of_cluster(scope, &credentials);
    let mut manifests =
        vec![secret::manifest(scope), deployment::manifest(scope, &credentials, &files), service::manifest(scope)];
    manifests.extend(files.config_maps(scope));
    manifests.extend(identity::manifests(scope));
    manifests.extend(scaling::manifests(scope));
    manifests.extend(exposure::manifest(scope));
    manifests
}
