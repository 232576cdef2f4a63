//! Kinds and the resources that serve them.

use std::collections::BTreeMap;

use kube::core::{ApiResource, DynamicObject, Request, Resource as _};
use serde_json::Value;

use crate::object::GroupKind;
use crate::object::field::{items, text};

/// A kind as one version of the API serves it.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Group, version, kind, plural.
    pub api: ApiResource,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// Whether it can be listed.
    pub listable: bool,
}

impl Resource {
    /// A request builder for the collection, in a namespace or across all.
    pub(super) fn at(&self, namespace: Option<&str>) -> Request {
        let namespace = namespace.filter(|_| self.namespaced);
        Request::new(DynamicObject::url_path(&self.api, namespace))
    }

    /// `plural.group`, as CRDs and the keys of quotas are called; of the core group without the dot.
    #[must_use]
    pub fn qualified(&self) -> String {
        let ApiResource { group, plural, .. } = &self.api;
        if group.is_empty() { plural.clone() } else { format!("{plural}.{group}") }
    }

    /// The kind.
    #[must_use]
    pub fn group_kind(&self) -> GroupKind {
        GroupKind::new(&self.api.group, &self.api.kind)
    }
}

/// Whether what discovery says of a group-version is up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// Its server answered.
    Current,
    /// Its server did not answer: what it serves is not known.
    Stale,
}

/// Every kind the server serves, by group, kind and version, in the server's order of preference.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    kinds: BTreeMap<GroupKind, Vec<Resource>>,
    /// The group-versions that discovery lists, by group and version.
    announced: BTreeMap<String, BTreeMap<String, Freshness>>,
}

impl Resources {
    pub(super) fn add(&mut self, resource: Resource) {
        let versions = self.kinds.entry(resource.group_kind()).or_default();
        if !versions.iter().any(|known| known.api.version == resource.api.version) {
            versions.push(resource);
        }
    }

    /// The resource of a kind: in the version asked for, else in the preferred one.
    #[must_use]
    pub fn find(&self, kind: &GroupKind, api_version: Option<&str>) -> Option<&Resource> {
        let versions = self.kinds.get(kind)?;
        match api_version {
            Some(wanted) => versions.iter().find(|resource| resource.api.api_version == wanted),
            None => versions.first(),
        }
    }

    /// The `apiVersion`s in which a kind is served, in the server's order of preference.
    pub(super) fn versions(&self, kind: &GroupKind) -> Vec<String> {
        self.kinds.get(kind).into_iter().flatten().map(|resource| resource.api.api_version.clone()).collect()
    }

    /// Notes that discovery lists a group-version.
    pub(super) fn announce(&mut self, group: &str, version: &str, freshness: Freshness) {
        self.announced.entry(group.to_owned()).or_default().insert(version.to_owned(), freshness);
    }

    /// Whether discovery lists this group-version, up to date or not.
    pub(super) fn announces(&self, group: &str, version: &str) -> bool {
        self.announced.get(group).is_some_and(|versions| versions.contains_key(version))
    }

    /// The group-version that may serve a kind of this group and does not answer: the version asked for, or any.
    pub(super) fn stale(&self, group: &str, api_version: Option<&str>) -> Option<String> {
        let versions = self.announced.get(group).into_iter().flatten();
        let stale = versions.filter(|(_, freshness)| **freshness == Freshness::Stale);
        let mut names = stale.map(|(version, _)| format!("{group}/{version}"));
        names.find(|name| api_version.is_none_or(|wanted| wanted == name))
    }

    /// Takes over what a newer discovery says. Kinds that were known stay known: a CRD of this run may not have
    /// reached discovery yet.
    pub(super) fn update(&mut self, newer: Self) {
        for resource in newer.kinds.into_values().flatten() {
            self.add(resource);
        }
        self.announced = newer.announced;
    }

    /// All kinds that can be listed, in their preferred versions.
    pub fn listable(&self) -> impl Iterator<Item = &Resource> {
        self.kinds.values().filter_map(|versions| versions.first()).filter(|resource| resource.listable)
    }

    /// Adds what a CRD will serve, so that its objects can be addressed before discovery lists them.
    pub fn learn(&mut self, crd: &Value) {
        for resource in served_by(crd) {
            self.add(resource);
        }
    }
}

/// The resources that a `CustomResourceDefinition` asks the server to serve.
fn served_by(crd: &Value) -> Vec<Resource> {
    let field = |pointer: &str| text(crd, pointer).unwrap_or_default().to_owned();
    let (group, kind, plural) = (field("/spec/group"), field("/spec/names/kind"), field("/spec/names/plural"));
    let namespaced = text(crd, "/spec/scope") == Some("Namespaced");
    let versions = items(crd, "/spec/versions").iter();
    let served = versions.filter(|version| version.get("served").and_then(Value::as_bool) == Some(true));
    served
        .filter_map(|version| text(version, "/name"))
        .map(|version| Resource {
            api: ApiResource {
                group: group.clone(),
                version: version.to_owned(),
                api_version: format!("{group}/{version}"),
                kind: kind.clone(),
                plural: plural.clone(),
            },
            namespaced,
            listable: true,
        })
        .collect()
}
