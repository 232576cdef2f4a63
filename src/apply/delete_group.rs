//! Which deletes need a request, and what goes with each: the content of a namespace, what an owner owns. Pure.

use std::collections::BTreeMap;

use crate::object::ObjectRef;
use crate::plan::{Action, Change, Dependency, Reason};

/// Deletes that need a request of their own, each with everything that goes with it.
#[derive(Debug, Default)]
pub(super) struct DeleteGroups {
    members: BTreeMap<ObjectRef, Vec<ObjectRef>>,
    /// Dependencies between the objects that need a request, lifted from those of what goes with them.
    pub(super) dependencies: BTreeMap<ObjectRef, Vec<Dependency>>,
}

impl DeleteGroups {
    /// Groups the deletes of a plan.
    pub(super) fn new<'a>(changes: impl Iterator<Item = &'a Change>) -> Self {
        let deletes: BTreeMap<_, _> =
            changes.filter(|change| change.action == Action::Delete).map(|change| (&change.object, change)).collect();
        let mut groups = Self::default();
        for object in deletes.keys() {
            let root = root(&deletes, object);
            let members = groups.members.entry(root.clone()).or_default();
            if *object != root {
                members.push((*object).clone());
            }
        }
        for (object, change) in &deletes {
            let from = root(&deletes, object);
            let going_too = change.depends_on.iter().filter(|dependency| deletes.contains_key(&dependency.on));
            let lifted = going_too
                .map(|dependency| Dependency { on: root(&deletes, &dependency.on).clone(), ..dependency.clone() });
            let others = lifted.filter(|dependency| dependency.on != *from);
            groups.dependencies.entry(from.clone()).or_default().extend(others);
        }
        groups
    }

    /// What goes with an object that is deleted by a request of its own.
    pub(super) fn members(&self, root: &ObjectRef) -> &[ObjectRef] {
        self.members.get(root).map_or(&[], Vec::as_slice)
    }
}

fn root<'a>(deletes: &BTreeMap<&'a ObjectRef, &'a Change>, object: &'a ObjectRef) -> &'a ObjectRef {
    let mut at = object;
    // A chain is never longer than the plan; the bound guards against a cycle of owners.
    for _ in 0..deletes.len() {
        match deletes.get(at).map(|change| &change.reason) {
            Some(Reason::With { object: next }) => match deletes.get_key_value(next) {
                Some((next, _)) => at = next,
                None => break,
            },
            _ => break,
        }
    }
    at
}
