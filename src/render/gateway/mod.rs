//! The gateway of a cluster: one `LiteLLM` proxy, its configuration, and what makes it reachable.
//!
//! The facts about `LiteLLM` that the files here rely on were found by running release 1.108.7.

mod agents;
mod config_map;
mod container;
mod credentials;
mod deployment;
pub(super) mod endpoint;
mod environment;
mod exposure;
mod hardening;
mod identity;
mod litellm;
mod merge;
mod probes;
pub(super) mod provider;
mod routing;
mod scaling;
mod secret;
mod service;

#[cfg(test)]
mod tests;

use config_map::Files;
use credentials::Credentials;

use std::collections::BTreeSet;

use crate::object::Manifest;

use super::scope::Scope;
use endpoint::Endpoint;
pub(super) use exposure::exposed;

/// The port that the proxy listens on.
pub const CONTAINER_PORT: i32 = 4000;
/// The port of the Service.
pub const SERVICE_PORT: i32 = 8000;
/// The name of both.
const PORT_NAME: &str = "http";

/// Everything of the gateway but its network policies.
pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let credentials = Credentials::of(scope);
    let files = Files::of(scope, &credentials);
    let mut manifests = vec![
        files.config_map(scope),
        secret::manifest(scope),
        deployment::manifest(scope, &credentials, &files),
        service::manifest(scope),
    ];
    manifests.extend(identity::manifests(scope));
    manifests.extend(scaling::manifests(scope));
    manifests.extend(exposure::manifest(scope));
    manifests
}

/// Where the gateway must connect to: the endpoints of its models, and the outbound proxy when its
/// environment names one.
pub(super) fn model_endpoints(scope: &Scope<'_>) -> BTreeSet<Endpoint> {
    endpoints(scope).into_iter().map(|(_, endpoint)| endpoint).collect()
}

/// The same, with the name of the model; none for an outbound proxy.
pub(super) fn endpoints<'a>(scope: &Scope<'a>) -> Vec<(Option<&'a str>, Endpoint)> {
    let models = scope.models().flat_map(|(name, model)| {
        let keyless = credentials::assignments(scope, model).is_empty();
        provider::endpoints(model, scope.cluster, keyless).into_iter().map(move |endpoint| (Some(name), endpoint))
    });
    let proxies = scope.deployment.env.iter().filter_map(|variable| {
        let name = variable.name.to_ascii_uppercase();
        let is_proxy = matches!(name.as_str(), "HTTP_PROXY" | "HTTPS_PROXY" | "ALL_PROXY");
        let url = variable.value.as_deref().filter(|_| is_proxy)?;
        Some((None, Endpoint::parse(url, scope.cluster)?))
    });
    models.chain(proxies).collect()
}
