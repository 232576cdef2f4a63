//! The edges found so far for one manifest. Decides that only objects of the set become edges, and that two
//! objects have one edge: its strongest wait.

use std::collections::BTreeMap;

use super::dependency::{Dependency, Wait};
use super::field::Field;
use super::index::{Index, Kind};
use crate::object::{Manifest, ObjectRef, Word};

/// The edges of one manifest, while they are being found.
pub(super) struct Found<'a> {
    pub index: &'a Index<'a>,
    pub manifest: &'a Manifest,
    edges: BTreeMap<ObjectRef, (Wait, String)>,
}

impl<'a> Found<'a> {
    pub(super) fn new(index: &'a Index<'a>, manifest: &'a Manifest) -> Self {
        Self { index, manifest, edges: BTreeMap::new() }
    }

    /// The object whose edges these are.
    pub(super) fn root(&self) -> Field<'a> {
        Field::root(&self.manifest.object)
    }

    /// An edge, if its end is another object of the set.
    pub(super) fn wait_for(&mut self, on: ObjectRef, wait: Wait, why: String) {
        if on == self.manifest.reference || !self.index.contains(&on) {
            return;
        }
        let known = self.edges.get(&on).map(|(wait, _)| *wait);
        if known.is_none_or(|known| known < wait) {
            self.edges.insert(on, (wait, why));
        }
    }

    /// The field names an object of the same namespace.
    pub(super) fn namespaced(&mut self, kind: Kind, field: Option<Field<'_>>) {
        let namespace = self.manifest.reference.namespace.clone();
        self.named(kind, namespace, field);
    }

    /// The field names a cluster-scoped object.
    pub(super) fn cluster_scoped(&mut self, kind: Kind, field: Option<Field<'_>>) {
        self.named(kind, None, field);
    }

    /// The field names an object of `namespace`.
    pub(super) fn named(&mut self, (group, kind): Kind, namespace: Option<Word>, field: Option<Field<'_>>) {
        let Some(field) = field else { return };
        let Some(name) = field.value.as_str() else {
            return;
        };
        let on = ObjectRef { group: group.into(), kind: kind.into(), namespace, name: name.into() };
        self.wait_for(on, Wait::Exists, field.path);
    }

    /// The edges, in the order of what they wait for.
    pub(super) fn into_dependencies(self) -> Vec<Dependency> {
        let dependency = |(on, (wait, why))| Dependency { on, wait, why };
        self.edges.into_iter().map(dependency).collect()
    }
}
