//! Which deletes need a request, and what goes with them. Pure.

use std::collections::BTreeMap;

use crate::object::ObjectRef;
use crate::plan::{Action, Change, Dependency, Reason};

/// Deletes that need a request of their own, each with everything that goes with it.
#[derive(Debug, Default)]
pub(super) struct Roots {
    members: BTreeMap<ObjectRef, Vec<ObjectRef>>,
    /// Dependencies between roots, lifted from those of their members.
    pub(super) dependencies: BTreeMap<ObjectRef, Vec<Dependency>>,
}

impl Roots {
    /// Sorts the deletes of a plan.
    pub(super) fn of<'a>(changes: impl Iterator<Item = &'a Change>) -> Self {
        let deletes: BTreeMap<_, _> =
            changes.filter(|change| change.action == Action::Delete).map(|change| (&change.object, change)).collect();
        let mut roots = Self::default();
        for object in deletes.keys() {
            let root = root(&deletes, object);
            let members = roots.members.entry(root.clone()).or_default();
            if *object != root {
                members.push((*object).clone());
            }
        }
        for (object, change) in &deletes {
            let from = root(&deletes, object);
            let known = change.depends_on.iter().filter(|dependency| deletes.contains_key(&dependency.on));
            let lifted =
                known.map(|dependency| Dependency { on: root(&deletes, &dependency.on).clone(), ..dependency.clone() });
            let lifted: Vec<_> = lifted.filter(|dependency| dependency.on != *from).collect();
            roots.dependencies.entry(from.clone()).or_default().extend(lifted);
        }
        roots
    }

    /// What goes with a root.
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
