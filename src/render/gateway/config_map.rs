//! The files of the gateway: its configuration and the module that knows callers, side by side,
//! because `LiteLLM` looks for the module beside the configuration.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use sha2::{Digest, Sha256};

use crate::object::Manifest;
use crate::object::names::GATEWAY_CONFIG;
use crate::object::role::Role;
use crate::render::scope::Scope;
use crate::render::yaml;

use super::credentials::Credentials;
use super::{agents, litellm, routing};

/// The configuration's file.
pub(super) const CONFIG: &str = "config.yaml";
/// The module that knows callers.
const AUTH: &str = "custom_auth.py";

/// The module that counts for limits.
const LIMITS: &str = "limits.py";
/// What it is told of agents.
const AGENTS: &str = "agents.json";

/// The files of a gateway by name.
pub(super) struct Files(BTreeMap<String, String>);

impl Files {
    /// The files of the cluster's gateway.
    pub(super) fn of_cluster(scope: &Scope<'_>, credentials: &Credentials) -> Self {
        let config = yaml::text(&litellm::config(scope, credentials));
        let auth = include_str!("custom_auth.py").to_owned();
        let files = [(CONFIG, config), (AUTH, auth), (AGENTS, agents::file(scope))];
        let limits = routing::is_any_limited(scope).then(|| (LIMITS, include_str!("limits.py").to_owned()));
        Self(files.into_iter().chain(limits).map(|(name, text)| (name.to_owned(), text)).collect())
    }

    /// The `ConfigMap` that holds them.
    pub(super) fn config_map(&self, scope: &Scope<'_>) -> Manifest {
        scope.manifest(&ConfigMap {
            metadata: scope.meta(GATEWAY_CONFIG, Role::GATEWAY),
            data: Some(self.0.clone()),
            ..ConfigMap::default()
        })
    }

    /// A digest of names and contents. In the pod it makes a changed file a new pod, since a running
    /// proxy reads no file twice. The list of agents is the exception: the module reads it again.
    pub(super) fn hash(&self) -> String {
        let mut digest = Sha256::new();
        for (name, content) in self.0.iter().filter(|(name, _)| *name != AGENTS) {
            for part in [name, content] {
                // The length keeps apart what would read alike run together.
                digest.update(part.len().to_be_bytes());
                digest.update(part);
            }
        }
        let bytes = digest.finalize();
        let number = bytes.iter().take(8).fold(0, |number: u64, &byte| number << 8 | u64::from(byte));
        format!("{number:016x}")
    }
}
