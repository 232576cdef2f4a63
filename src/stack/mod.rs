//! The validated description. Temporary definitions: the reader of files replaces this file.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::{
    LanguageAgentSpec, LanguageClusterSpec, LanguageModelSpec, LanguagePersonaSpec,
    LanguageToolSpec,
};
use crate::object::{Address, Manifest, SecretSource, Source};

/// Everything that a description says.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// Clusters by name.
    pub clusters: BTreeMap<String, Item<LanguageClusterSpec>>,
    /// Models, one entry for each cluster they go to.
    pub models: BTreeMap<MemberKey, Item<LanguageModelSpec>>,
    /// Agents.
    pub agents: BTreeMap<MemberKey, Item<LanguageAgentSpec>>,
    /// Tools.
    pub tools: BTreeMap<MemberKey, Item<LanguageToolSpec>>,
    /// Personas.
    pub personas: BTreeMap<MemberKey, Item<LanguagePersonaSpec>>,
    /// Secrets.
    pub secrets: BTreeMap<MemberKey, Item<SecretSpec>>,
    /// Foreign manifests, carried along.
    pub manifests: Vec<Manifest>,
}

/// A thing in a cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberKey {
    /// The cluster.
    pub cluster: String,
    /// Its name.
    pub name: String,
}

/// One thing of a description.
#[derive(Clone, Debug)]
pub struct Item<T> {
    /// What it says, read.
    pub spec: T,
    /// What it says, as written.
    pub written: Value,
    /// What the user calls it.
    pub address: Address,
    /// Where it stands.
    pub source: Source,
    /// Labels of a manifest.
    pub labels: BTreeMap<String, String>,
    /// Annotations of a manifest.
    pub annotations: BTreeMap<String, String>,
}

/// A Secret of a description.
#[derive(Clone, Debug, Default)]
pub struct SecretSpec {
    /// Where the value of each key comes from.
    pub sources: BTreeMap<String, SecretSource>,
}
