//! Which objects of a stack a plan is about, when it is not about all: what `--target` names with what it needs, and not
//! what `--exclude` names with what needs that. Pure; knows no server.
//!
//! The law of it: what is kept can be done while all else stays as it is. Nothing is made without what it needs, and
//! nothing is deleted that anything left alone depends on, belongs to or lives in.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::object::{Address, AddressPattern, ObjectRef};

/// What of a stack a command is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Targets {
    /// All of it.
    #[default]
    All,
    /// What these patterns name, without what those name. No target means: all.
    Named {
        /// `--target`.
        target: Vec<AddressPattern>,
        /// `--exclude`.
        exclude: Vec<AddressPattern>,
    },
    /// These objects: what a saved plan is about.
    Saved {
        /// The objects.
        objects: BTreeSet<ObjectRef>,
        /// What the plan said of it.
        incomplete: Incomplete,
    },
}

/// What a plan is about that is not about the whole stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Incomplete {
    /// The patterns of `--target`.
    pub target: Vec<String>,
    /// The patterns of `--exclude`.
    pub exclude: Vec<String>,
    /// Objects that the targets name.
    pub targeted: Vec<ObjectRef>,
    /// Objects that come along, because what is targeted needs them, or cannot go before them.
    pub needed: Vec<ObjectRef>,
    /// Objects that are excluded.
    pub excluded: Vec<ObjectRef>,
    /// Objects that are left alone because of that: they need what is excluded, or it needs them.
    pub dependents: Vec<ObjectRef>,
    /// All objects that are left alone, these among them.
    pub left_alone: Vec<ObjectRef>,
}

/// One object of a stack, desired or only recorded.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// What the user calls it.
    pub address: Address,
    /// Whether nobody desires it any more.
    pub goes: bool,
    /// What it waits for, as it is desired. Nothing of what goes.
    pub needs: BTreeSet<ObjectRef>,
    /// What it depends on as it is: by the record, its owners, its namespace, the CRD of its kind.
    pub stands_on: BTreeSet<ObjectRef>,
}

/// A pattern that names nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unmatched {
    /// The pattern.
    pub pattern: String,
}

/// All objects of a stack, for finding those that a plan is about.
pub(crate) struct Nodes(BTreeMap<ObjectRef, Node>);

impl Nodes {
    /// The objects. What they refer to outside of them counts for nothing.
    pub(crate) fn new(mut nodes: BTreeMap<ObjectRef, Node>) -> Self {
        let known: BTreeSet<_> = nodes.keys().cloned().collect();
        for (object, node) in &mut nodes {
            let inside = |other: &ObjectRef| known.contains(other) && other != object;
            node.needs.retain(inside);
            node.stands_on.retain(inside);
        }
        Self(nodes)
    }

    /// Every address that one of them answers to.
    pub(crate) fn addresses(&self) -> BTreeSet<String> {
        let both =
            |(object, node): (&ObjectRef, &Node)| [node.address.to_string(), Address::object(object).to_string()];
        self.0.iter().flat_map(both).collect()
    }

    /// What a plan is about, and what it says of that.
    ///
    /// # Errors
    /// A pattern names nothing: a slip of the finger must neither leave a target out nor let an excluded object in.
    pub(crate) fn select(
        &self,
        target: &[AddressPattern],
        exclude: &[AddressPattern],
    ) -> Result<(BTreeSet<ObjectRef>, Incomplete), Unmatched> {
        let targeted = self.named(target)?;
        let excluded = self.named(exclude)?;
        let left_out = closure(excluded.clone(), |object| self.held_back(object));
        let wanted = if target.is_empty() {
            self.0.keys().cloned().collect()
        } else {
            // What is needed by a target that is left alone is needed by nobody.
            closure(targeted.difference(&left_out).cloned().collect(), |object| self.along(object))
        };
        let kept: BTreeSet<_> = wanted.difference(&left_out).cloned().collect();
        let texts = |patterns: &[AddressPattern]| patterns.iter().map(|one| one.as_str().to_owned()).collect();
        let needed: Vec<_> = kept.difference(&targeted).filter(|_| !target.is_empty()).cloned().collect();
        let incomplete = Incomplete {
            target: texts(target),
            exclude: texts(exclude),
            targeted: targeted.intersection(&kept).cloned().collect(),
            needed,
            dependents: left_out.difference(&excluded).cloned().collect(),
            excluded: excluded.into_iter().collect(),
            left_alone: self.0.keys().filter(|object| !kept.contains(*object)).cloned().collect(),
        };
        Ok((kept, incomplete))
    }

    fn named(&self, patterns: &[AddressPattern]) -> Result<BTreeSet<ObjectRef>, Unmatched> {
        let mut named = BTreeSet::new();
        for pattern in patterns {
            let mut found = self.0.iter().filter(|(object, node)| pattern.has(&node.address, object)).peekable();
            if found.peek().is_none() {
                return Err(Unmatched { pattern: pattern.as_str().to_owned() });
            }
            named.extend(found.map(|(object, _)| object.clone()));
        }
        Ok(named)
    }

    /// What must be done too if something is done to the object: what it needs; and of what goes, everything that stands
    /// on it.
    fn along(&self, object: &ObjectRef) -> Vec<ObjectRef> {
        match self.0.get(object) {
            None => Vec::new(),
            Some(node) if node.goes => self.standing_on(object),
            Some(node) => node.needs.iter().cloned().collect(),
        }
    }

    fn standing_on(&self, object: &ObjectRef) -> Vec<ObjectRef> {
        let standing = self.0.iter().filter(|(_, other)| other.stands_on.contains(object));
        standing.map(|(other, _)| other.clone()).collect()
    }

    /// What cannot be done if the object is left alone: what needs it, as far as it is to be; and nothing may go that it
    /// stands on.
    fn held_back(&self, object: &ObjectRef) -> Vec<ObjectRef> {
        let Some(node) = self.0.get(object) else { return Vec::new() };
        let dependents = self.0.iter().filter(|(_, other)| !other.goes && other.needs.contains(object));
        let under = node.stands_on.iter().filter(|other| self.0.get(*other).is_some_and(|other| other.goes));
        dependents.map(|(other, _)| other).chain(under).cloned().collect()
    }
}

/// Everything that is reached by single steps.
fn closure(from: BTreeSet<ObjectRef>, step: impl Fn(&ObjectRef) -> Vec<ObjectRef>) -> BTreeSet<ObjectRef> {
    let mut open: Vec<_> = from.iter().cloned().collect();
    let mut reached = from;
    while let Some(object) = open.pop() {
        open.extend(step(&object).into_iter().filter(|next| reached.insert(next.clone())).collect::<Vec<_>>());
    }
    reached
}

#[cfg(test)]
mod tests;
