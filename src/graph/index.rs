//! The set of manifests by name and by kind, and the edges found so far for one of them. Decides that
//! only objects of the set become edges, and that two objects have one edge: its strongest wait.

use std::collections::BTreeMap;

use super::field::Field;
use super::pod;
use super::{Dependency, Wait};
use crate::object::{GroupKind, Manifest, ObjectRef};

/// Group and kind of what is referred to.
pub(super) type Kind = (&'static str, &'static str);

/// All manifests of a graph.
pub(super) struct Index<'a> {
    by_ref: BTreeMap<&'a ObjectRef, &'a Manifest>,
    by_kind: BTreeMap<GroupKind, Vec<&'a Manifest>>,
    /// Those that hold a pod template.
    pub workloads: Vec<&'a Manifest>,
    /// CRDs by the group and kind that they define.
    definitions: BTreeMap<GroupKind, &'a Manifest>,
}

impl<'a> Index<'a> {
    pub fn new(manifests: &'a [Manifest]) -> Self {
        let mut index = Self {
            by_ref: BTreeMap::new(),
            by_kind: BTreeMap::new(),
            workloads: Vec::new(),
            definitions: BTreeMap::new(),
        };
        for manifest in manifests {
            let reference = &manifest.reference;
            index.by_ref.insert(reference, manifest);
            let alike = index.by_kind.entry(reference.group_kind()).or_default();
            alike.push(manifest);
            if pod::template(manifest).is_some() {
                index.workloads.push(manifest);
            }
            if let Some(defined) = defined_kind(manifest) {
                index.definitions.insert(defined, manifest);
            }
        }
        index
    }

    /// All manifests of a kind.
    pub fn of(&self, (group, kind): Kind) -> &[&'a Manifest] {
        let found = self.by_kind.get(&GroupKind::new(group, kind));
        found.map_or(&[], Vec::as_slice)
    }

    /// The CRD of the set that defines a kind.
    pub fn definition(&self, kind: &GroupKind) -> Option<&'a Manifest> {
        self.definitions.get(kind).copied()
    }

    fn contains(&self, reference: &ObjectRef) -> bool {
        self.by_ref.contains_key(reference)
    }
}

fn defined_kind(manifest: &Manifest) -> Option<GroupKind> {
    if !manifest.reference.is("apiextensions.k8s.io", "CustomResourceDefinition") {
        return None;
    }
    let root = Field::root(&manifest.object);
    let group = root.text("spec.group")?;
    Some(GroupKind::new(group, root.text("spec.names.kind")?))
}

/// The edges of one manifest, while they are being found.
pub(super) struct Found<'a> {
    pub index: &'a Index<'a>,
    pub manifest: &'a Manifest,
    edges: BTreeMap<ObjectRef, (Wait, String)>,
}

impl<'a> Found<'a> {
    pub fn new(index: &'a Index<'a>, manifest: &'a Manifest) -> Self {
        Self { index, manifest, edges: BTreeMap::new() }
    }

    /// The object whose edges these are.
    pub fn root(&self) -> Field<'a> {
        Field::root(&self.manifest.object)
    }

    /// An edge, if its end is another object of the set.
    pub fn wait_for(&mut self, on: ObjectRef, wait: Wait, why: String) {
        if on == self.manifest.reference || !self.index.contains(&on) {
            return;
        }
        let known = self.edges.get(&on).map(|(wait, _)| *wait);
        if known.is_none_or(|known| known < wait) {
            self.edges.insert(on, (wait, why));
        }
    }

    /// The field names an object of the same namespace.
    pub fn near(&mut self, kind: Kind, field: Option<Field<'_>>) {
        let namespace = self.manifest.reference.namespace.clone();
        self.named(kind, namespace, field);
    }

    /// The field names a cluster-scoped object.
    pub fn global(&mut self, kind: Kind, field: Option<Field<'_>>) {
        self.named(kind, None, field);
    }

    /// The field names an object of `namespace`.
    pub fn named(&mut self, (group, kind): Kind, namespace: Option<String>, field: Option<Field<'_>>) {
        let Some(field) = field else { return };
        let Some(name) = field.value.as_str() else {
            return;
        };
        let on = ObjectRef { group: group.to_owned(), kind: kind.to_owned(), namespace, name: name.to_owned() };
        self.wait_for(on, Wait::Exists, field.path);
    }

    /// The edges, in the order of what they wait for.
    pub fn into_dependencies(self) -> Vec<Dependency> {
        let dependency = |(on, (wait, why))| Dependency { on, wait, why };
        self.edges.into_iter().map(dependency).collect()
    }
}
