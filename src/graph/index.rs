//! The set of manifests by name and by kind. Knows no edges.

use std::collections::BTreeMap;

use super::template::template;
use crate::object::field::text;
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
    pub(super) fn new(manifests: &'a [Manifest]) -> Self {
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
            if template(manifest).is_some() {
                index.workloads.push(manifest);
            }
            if let Some(defined) = defined_kind(manifest) {
                index.definitions.insert(defined, manifest);
            }
        }
        index
    }

    /// All manifests of a kind.
    pub(super) fn of_kind(&self, (group, kind): Kind) -> &[&'a Manifest] {
        let found = self.by_kind.get(&GroupKind::new(group, kind));
        found.map_or(&[], Vec::as_slice)
    }

    /// The CRD of the set that defines a kind.
    pub(super) fn definition(&self, kind: &GroupKind) -> Option<&'a Manifest> {
        self.definitions.get(kind).copied()
    }

    /// Whether an object is in the set.
    pub(super) fn contains(&self, reference: &ObjectRef) -> bool {
        self.by_ref.contains_key(reference)
    }
}

fn defined_kind(manifest: &Manifest) -> Option<GroupKind> {
    if !manifest.reference.is_crd() {
        return None;
    }
    let group = text(&manifest.object, "/spec/group")?;
    Some(GroupKind::new(group, text(&manifest.object, "/spec/names/kind")?))
}
