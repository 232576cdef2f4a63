//! Which keys of Secrets the models of a cluster call with, and to which hosts each is sent.

use std::collections::BTreeSet;

use super::credential::assignments;
use super::host::{Endpoint, Host};
use super::model::{Identity, model_endpoints};
use crate::render::scope::Scope;
use crate::render::target::Target;
use crate::stack::Stack;

/// A key that a model calls with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModelKey {
    /// The model.
    pub model: String,
    /// The Secret, in the namespace of the cluster.
    pub secret: String,
    /// The key in it.
    pub key: String,
    /// The hosts that it is sent to, with their ports.
    pub hosts: BTreeSet<String>,
}

/// The keys of a cluster's models.
#[must_use]
pub(crate) fn model_keys(stack: &Stack, target: &Target, cluster: &str) -> Vec<ModelKey> {
    let Some(item) = stack.clusters.get(cluster) else { return Vec::new() };
    let scope = Scope::new(stack, target, cluster, item);
    let of = |(name, model): (&str, _)| {
        let hosts = model_endpoints(model, cluster, Identity::Credentials);
        let hosts: BTreeSet<_> = hosts.iter().map(shown).collect();
        let keys = assignments(&scope, model).into_iter().map(move |one| one.source);
        let name = name.to_owned();
        keys.map(move |source| ModelKey {
            model: name.clone(),
            secret: source.secret,
            key: source.key,
            hosts: hosts.clone(),
        })
        .collect::<Vec<_>>()
    };
    scope.models().flat_map(of).collect()
}

/// A host as users write it.
fn shown(endpoint: &Endpoint) -> String {
    let host = match &endpoint.host {
        Host::Address(ip) => ip.to_string(),
        Host::Service { namespace, name } => format!("{name}.{namespace}.svc"),
        Host::Public(host) | Host::Named(host) => host.clone(),
        Host::Internet => "a host on the internet".to_owned(),
        Host::Metadata => "the cloud's metadata service".to_owned(),
    };
    format!("{host}:{}", endpoint.port)
}
