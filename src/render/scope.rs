//! One cluster of a stack while it is rendered: whose it is, its labels, and the step from a typed
//! object to a manifest with owner and source.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::{Metadata, Resource};
use serde::Serialize;
use serde_json::Value;

use crate::api::{
    API_VERSION, DeploymentSpec, GROUP, Gateway, LanguageAgentSpec, LanguageClusterSpec, LanguageModelSpec,
    LanguagePersonaSpec, LanguageTeamSpec, LanguageToolSpec,
};
use crate::object::names::CLUSTER_KIND;
use crate::object::role::Role;
use crate::object::{Address, Manifest, ObjectRef, Owner, Word};
use crate::stack::{Item, MemberKey, Stack, members};

use super::target::Target;

/// One cluster while it is rendered.
pub(super) struct Scope<'a> {
    pub stack: &'a Stack,
    pub target: &'a Target,
    pub cluster: &'a str,
    pub item: &'a Item<LanguageClusterSpec>,
    pub gateway: Gateway,
    pub deployment: DeploymentSpec,
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        stack: &'a Stack,
        target: &'a Target,
        cluster: &'a str,
        item: &'a Item<LanguageClusterSpec>,
    ) -> Self {
        let gateway = item.spec.gateway.clone().unwrap_or_default();
        let deployment = gateway.deployment.clone().unwrap_or_default();
        Self { stack, target, cluster, item, gateway, deployment }
    }

    pub(super) fn spec(&self) -> &'a LanguageClusterSpec {
        &self.item.spec
    }

    pub(super) fn models(&self) -> impl Iterator<Item = (&'a str, &'a LanguageModelSpec)> {
        here(&self.stack.models, self.cluster)
    }

    pub(super) fn agents(&self) -> impl Iterator<Item = (&'a str, &'a LanguageAgentSpec)> {
        here(&self.stack.agents, self.cluster)
    }

    /// The agents with where they are written.
    pub(super) fn agent_items(&self) -> impl Iterator<Item = (&'a str, &'a Item<LanguageAgentSpec>)> {
        items(&self.stack.agents, self.cluster)
    }

    /// A persona of the cluster.
    pub(super) fn persona(&self, name: &str) -> Option<&'a LanguagePersonaSpec> {
        here(&self.stack.personas, self.cluster).find(|(own, _)| *own == name).map(|(_, persona)| persona)
    }

    pub(super) fn teams(&self) -> impl Iterator<Item = (&'a str, &'a LanguageTeamSpec)> {
        here(&self.stack.teams, self.cluster)
    }

    /// The tools with where they are written.
    pub(super) fn tool_items(&self) -> impl Iterator<Item = (&'a str, &'a Item<LanguageToolSpec>)> {
        items(&self.stack.tools, self.cluster)
    }

    pub(super) fn tools(&self) -> impl Iterator<Item = (&'a str, &'a LanguageToolSpec)> {
        here(&self.stack.tools, self.cluster)
    }

    /// The pods of the gateway.
    pub(super) fn gateway_pods(&self) -> LabelSelector {
        LabelSelector { match_labels: Some(Role::GATEWAY.selector(self.cluster)), ..LabelSelector::default() }
    }

    /// Metadata of an object in the cluster's namespace.
    pub(super) fn meta(&self, name: &str, role: Role<'_>) -> ObjectMeta {
        ObjectMeta {
            name: Some(name.to_owned()),
            namespace: Some(self.cluster.to_owned()),
            labels: Some(role.labels(&self.stack.name, self.cluster)),
            ..ObjectMeta::default()
        }
    }

    /// The manifest of an object that belongs to the cluster.
    pub(super) fn manifest<T>(&self, object: &T) -> Manifest
    where
        T: Resource + Metadata<Ty = ObjectMeta> + Serialize,
    {
        let meta = object.metadata();
        let reference = ObjectRef {
            group: T::GROUP.into(),
            kind: T::KIND.into(),
            namespace: meta.namespace.as_deref().map(Word::from),
            name: meta.name.as_deref().unwrap_or_default().into(),
        };
        // Serializing these structs cannot fail: their maps have string keys.
        let value = serde_json::to_value(object).unwrap_or_default();
        self.custom(reference, T::API_VERSION, value)
    }

    /// Says where parts of a manifest were written: JSON pointer → dotted path in the cluster's description.
    pub(super) fn places<'p>(&self, manifest: &mut Manifest, parts: impl IntoIterator<Item = (String, &'p str)>) {
        let written =
            parts.into_iter().filter_map(|(pointer, path)| Some((pointer, self.item.places.get(path)?.clone())));
        manifest.places.extend(written);
    }

    /// The manifest of an object without a type here, that belongs to the cluster.
    pub(super) fn custom(&self, reference: ObjectRef, api_version: &str, object: Value) -> Manifest {
        let address = Address::object(&reference);
        let mut manifest = Manifest::bare(reference, api_version, object, address);
        manifest.source = Some(self.item.source.clone());
        manifest.owners = vec![owner(self.cluster)];
        manifest
    }

    /// Names of the keys of a Secret of this namespace, where they are known.
    pub(super) fn secret_keys(&self, name: &str) -> Option<BTreeSet<String>> {
        let secret = ObjectRef::namespaced("", "Secret", self.cluster, name);
        stack_secret_keys(self.stack, &secret).or_else(|| self.target.secret_keys.get(&secret).cloned())
    }
}

/// Names of the keys of a Secret that the stack itself holds.
pub(super) fn stack_secret_keys(stack: &Stack, secret: &ObjectRef) -> Option<BTreeSet<String>> {
    let cluster = secret.namespace.clone().unwrap_or_default();
    let key = MemberKey { cluster: cluster.to_string(), name: secret.name.to_string() };
    if let Some(item) = stack.secrets.get(&key) {
        return Some(item.spec.sources.keys().cloned().collect());
    }
    // They are sorted.
    let carried = stack.manifests.binary_search_by(|manifest| manifest.reference.cmp(secret)).ok()?;
    Some(stack.manifests[carried].secret.keys().cloned().collect())
}

fn here<'a, T>(all: &'a BTreeMap<MemberKey, Item<T>>, cluster: &'a str) -> impl Iterator<Item = (&'a str, &'a T)> {
    items(all, cluster).map(|(name, item)| (name, &item.spec))
}

fn items<'a, T>(
    all: &'a BTreeMap<MemberKey, Item<T>>,
    cluster: &'a str,
) -> impl Iterator<Item = (&'a str, &'a Item<T>)> {
    members(all, cluster).map(|(key, item)| (key.name.as_str(), item))
}

/// The language cluster as an owner; the controller only of its namespace.
pub(super) fn owner(cluster: &str) -> Owner {
    Owner {
        object: ObjectRef::cluster_scoped(GROUP, CLUSTER_KIND, cluster),
        api_version: API_VERSION.to_owned(),
        controller: false,
    }
}

/// The list, unless it is empty: Kubernetes reads "empty" and "left out" alike, and only one of them
/// makes a quiet diff.
pub(super) fn listed<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// The map, unless it is empty.
pub(super) fn mapped<K, V>(map: BTreeMap<K, V>) -> Option<BTreeMap<K, V>> {
    (!map.is_empty()).then_some(map)
}
