//! Finds out which objects a plan is about: puts together what is desired, what is recorded and what is on the server, for
//! [`crate::plan::Nodes`] to decide. Asks no server.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::OpsError;
use super::observe::Listed;
use crate::cluster::Reader;
use crate::graph;
use crate::object::{Manifest, ObjectRef};
use crate::plan::{Incomplete, Node, Nodes, Problem, Severity, Targets};
use crate::stack::nearest;
use crate::state::Inventory;

/// What a plan is about.
pub(super) struct Targeted {
    /// The objects; none when it is about all.
    objects: Option<BTreeSet<ObjectRef>>,
    /// What is said of it.
    pub(super) incomplete: Option<Incomplete>,
}

/// What is known of the objects of a stack before they are observed.
pub(super) struct Targeting<'a> {
    pub(super) reader: &'a Reader,
    pub(super) manifests: &'a [Manifest],
    pub(super) inventory: &'a Inventory,
    pub(super) listed: &'a Listed,
}

impl Targeting<'_> {
    /// Which objects the plan is about.
    ///
    /// # Errors
    /// A pattern names none.
    pub(super) fn select(&self, targets: &Targets) -> Result<Targeted, OpsError> {
        match targets {
            Targets::All => Ok(Targeted { objects: None, incomplete: None }),
            Targets::Saved { objects, incomplete } => {
                Ok(Targeted { objects: Some(objects.clone()), incomplete: Some(incomplete.clone()) })
            }
            Targets::Named { target, exclude } => {
                let nodes = self.nodes();
                let (objects, incomplete) = nodes.select(target, exclude).map_err(|unmatched| {
                    let known = nodes.addresses();
                    let near = nearest(&unmatched.pattern, known.iter().map(String::as_str)).map(str::to_owned);
                    OpsError::NoSuchTarget { pattern: unmatched.pattern, near }
                })?;
                Ok(Targeted { objects: Some(objects), incomplete: Some(incomplete) })
            }
        }
    }

    fn nodes(&self) -> Nodes {
        let mut needs = graph::edges(self.manifests);
        let desired = self.manifests.iter().map(|manifest| (&manifest.reference, &manifest.address));
        let mut nodes = BTreeMap::new();
        for (object, address) in desired {
            let needs = needs.remove(object).unwrap_or_default().into_iter().map(|need| need.on).collect();
            let node = Node { address: address.clone(), goes: false, needs, stands_on: self.stands_on(object) };
            nodes.insert(object.clone(), node);
        }
        for (object, entry) in &self.inventory.entries {
            let node = || Node {
                address: entry.address.clone(),
                goes: true,
                needs: BTreeSet::new(),
                stands_on: self.stands_on(object),
            };
            nodes.entry(object.clone()).or_insert_with(node);
        }
        Nodes::new(nodes)
    }

    /// What an object depends on as it is. A record that was made anew has no dependencies: what the server says and what
    /// follows from names counts as much.
    fn stands_on(&self, object: &ObjectRef) -> BTreeSet<ObjectRef> {
        let Some(entry) = self.inventory.entries.get(object) else { return BTreeSet::new() };
        let recorded = entry.depends_on.iter().map(|need| need.on.clone());
        let namespace = object.namespace.as_deref().map(ObjectRef::of_namespace);
        let owners = self.listed.meta(object).into_iter().flat_map(|meta| &meta.owners);
        let owners = owners.filter_map(|owner| self.of_uid(&owner.uid));
        recorded.chain(namespace).chain(owners).chain(self.definition(object)).collect()
    }

    fn of_uid(&self, uid: &str) -> Option<ObjectRef> {
        let mut entries = self.inventory.entries.iter();
        entries.find(|(_, entry)| entry.uid.as_deref() == Some(uid)).map(|(object, _)| object.clone())
    }

    fn definition(&self, object: &ObjectRef) -> Option<ObjectRef> {
        let resources = self.reader.resources();
        let name = resources.find(&object.group_kind(), None).filter(|_| object.is_custom())?.qualified();
        Some(ObjectRef::cluster_scoped("apiextensions.k8s.io", "CustomResourceDefinition", &name))
    }
}

impl Targeted {
    /// Leaves out the manifests of what is left alone.
    pub(super) fn retain(&self, manifests: &mut Vec<Manifest>) {
        if let Some(objects) = &self.objects {
            manifests.retain(|manifest| objects.contains(&manifest.reference));
        }
    }

    /// The record, as far as the plan is about it. It is for looking: what is written is the whole one.
    pub(super) fn part_of<'a>(&self, inventory: &'a Inventory) -> Cow<'a, Inventory> {
        let Some(objects) = &self.objects else { return Cow::Borrowed(inventory) };
        let mut part = inventory.clone();
        part.entries.retain(|object, _| objects.contains(object));
        Cow::Owned(part)
    }

    /// What was found before, without what is about objects that are left alone.
    pub(super) fn about_the_rest(&self, problems: Vec<Problem>) -> Vec<Problem> {
        let is_kept = |object: &ObjectRef| self.objects.as_ref().is_none_or(|objects| objects.contains(object));
        problems.into_iter().filter(|problem| problem.object.as_ref().is_none_or(is_kept)).collect()
    }

    /// That the plan is not about the whole stack: whoever reads it must not take it for the truth.
    pub(super) fn warning(&self) -> Option<Problem> {
        let left = self.incomplete.as_ref()?.left_alone.len();
        let objects = if left == 1 { "1 object is".to_owned() } else { format!("{left} objects are") };
        let message =
            format!("this plan is not about the whole stack: {objects} left alone, whatever the description says");
        let hint = "plan again without `--target` and `--exclude` to see everything".to_owned();
        Some(Problem::new(Severity::Warning, "incomplete", message).with_hint(hint))
    }
}
