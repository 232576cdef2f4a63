//! The set of manifests by name and by kind. Knows no edges.

use std::collections::BTreeMap;

use super::template::template;
use crate::object::field::text;
use crate::object::{GroupKind, Manifest, ObjectRef, Word};

/// Group and kind of what is referred to.
pub(super) type Kind = (&'static str, &'static str);

/// All manifests of a graph.
pub(super) struct Index<'a> {
    by_ref: BTreeMap<&'a ObjectRef, &'a Manifest>,
    /// By namespace, so that whoever looks for what governs it looks at its own alone.
    by_kind: BTreeMap<(Option<Word>, GroupKind), Vec<&'a Manifest>>,
    /// Those that hold a pod template, by namespace.
    workloads: BTreeMap<Option<Word>, Vec<&'a Manifest>>,
    /// CRDs by the group and kind that they define.
    definitions: BTreeMap<GroupKind, &'a Manifest>,
}

impl<'a> Index<'a> {
    pub(super) fn new(manifests: &'a [Manifest]) -> Self {
        let mut index = Self {
            by_ref: BTreeMap::new(),
            by_kind: BTreeMap::new(),
            workloads: BTreeMap::new(),
            definitions: BTreeMap::new(),
        };
        for manifest in manifests {
            let reference = &manifest.reference;
            index.by_ref.insert(reference, manifest);
            let home = &reference.namespace;
            index.by_kind.entry((home.clone(), reference.group_kind())).or_default().push(manifest);
            if template(manifest).is_some() {
                index.workloads.entry(home.clone()).or_default().push(manifest);
            }
            if let Some(defined) = defined_kind(manifest) {
                index.definitions.insert(defined, manifest);
            }
        }
        index
    }

    /// Manifests of a kind that hold where this one is: those for all namespaces, and those of its own. None for one that
    /// is in no namespace.
    pub(super) fn around(&self, (group, kind): Kind, manifest: &Manifest) -> Vec<&'a Manifest> {
        let kind = GroupKind::new(group, kind);
        here(manifest).flat_map(|home| self.by_kind.get(&(home, kind.clone())).into_iter().flatten()).copied().collect()
    }

    /// The same of those that hold a pod template.
    pub(super) fn workloads_around(&self, manifest: &Manifest) -> Vec<&'a Manifest> {
        here(manifest).flat_map(|home| self.workloads.get(&home).into_iter().flatten()).copied().collect()
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

/// No namespace, and that of a manifest; nothing when it has none.
fn here(manifest: &Manifest) -> impl Iterator<Item = Option<Word>> {
    let own = manifest.reference.namespace.clone();
    own.into_iter().flat_map(|own| [None, Some(own)])
}

fn defined_kind(manifest: &Manifest) -> Option<GroupKind> {
    if !manifest.reference.is_crd() {
        return None;
    }
    let group = text(&manifest.object, "/spec/group")?;
    Some(GroupKind::new(group, text(&manifest.object, "/spec/names/kind")?))
}
