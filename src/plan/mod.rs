//! Desired objects, what was observed and what is owned become a plan. Pure; sends nothing.

pub(crate) mod access;
mod action;
mod budgets;
pub(crate) mod capacity;
mod change;
mod claim;
mod compute;
mod conflict;
mod decide;
mod definitions;
mod drift;
pub(crate) mod drifted;
mod effects;
mod forget;
mod inputs;
mod keys;
mod left;
mod limits;
mod loss;
pub(crate) mod moved;
mod notes;
mod observed;
pub(crate) mod peers;
mod perpetual;
mod problem;
mod protection;
mod refusal;
mod regions;
mod releases;
mod retained;
mod rotation;
mod run;
pub(crate) mod saved;
pub(crate) mod succession;
mod target;
#[cfg(test)]
mod tests;
pub(crate) mod tools;
mod undesired;
mod unhealthy;
pub(crate) mod unmatched;
mod unread;

pub(crate) use crate::graph::{Dependency, Wait};
pub(crate) use action::{Action, Reason};
pub(crate) use change::{Change, Confidence, Precondition};
pub(crate) use compute::{compute, weakest};
pub(crate) use decide::{NAMESPACE_TERMINATING, TERMINATING};
pub(crate) use definitions::without_definition;
pub(crate) use drifted::DriftKind;
pub(crate) use inputs::{Desired, Inputs, Owned, PlanOptions, Selection};
pub(crate) use left::Left;
pub(crate) use loss::{Loss, Retention};
pub(crate) use notes::Notes;
pub(crate) use observed::{Claim, Observed, Preview, Proof, taken_field};
pub(crate) use problem::{Problem, Severity};
pub(crate) use releases::{UnsafeImage, unsafe_among, unsafe_images};
pub(crate) use succession::Succession;
pub(crate) use target::{Incomplete, Node, Nodes, Targets};
pub(crate) use unhealthy::Unhealthy;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::object::ObjectRef;
use crate::stack::Unread;

/// Ordered changes. The changes alone decide what apply does.
///
/// Laws: the same inputs give the same bytes; planning right after a successful apply gives only
/// [`Action::NoOp`]; a plan with errors cannot be applied.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub(crate) struct Plan {
    /// The stack.
    pub stack: String,
    /// Whether this plan takes the whole stack away.
    pub destroy: bool,
    /// Changes in the order of their dependencies, ties in the order of [`crate::object::ObjectRef`].
    pub changes: Vec<Change>,
    /// Everything that is wrong, and everything worth a warning.
    pub problems: Vec<Problem>,
    /// What else happens because of these changes: "gateway of cluster `prod` restarts".
    pub effects: Vec<String>,
    /// What else is lost with what is deleted: namespace, or `Kind/name` of a CRD or an owner → kind → how many objects.
    pub unmanaged: BTreeMap<String, BTreeMap<String, usize>>,
    /// Names of the first of these, by the same keys.
    pub unmanaged_names: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Objects that come in the place of others; their creations and deletions are changes like any other.
    pub successions: Vec<Succession>,
    /// Fields that are not applied as described, because others keep them or their changes are ignored.
    pub left: Vec<Left>,
    /// What it is about, when it is not about the whole stack.
    pub incomplete: Option<Incomplete>,
    /// Objects that are as described and not ready, as far as the record says that they never were.
    pub unhealthy: Vec<Unhealthy>,
    /// What may be lost too, because it could not be listed: the same → kind → why.
    pub unknown: BTreeMap<String, BTreeMap<String, String>>,
}

impl Plan {
    /// Warns of what goes although a file describes it that was not read.
    pub(crate) fn warn_of_unread(&mut self, unread: &[Unread]) {
        self.problems.extend(unread::problems(&self.changes, unread));
    }

    /// Changes of an action.
    pub(crate) fn with_action(&self, action: Action) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.action == action)
    }

    /// The succession that an object is a part of.
    pub(crate) fn succession(&self, object: &ObjectRef) -> Option<&Succession> {
        self.successions.iter().find(|succession| succession.old == *object || succession.new == *object)
    }

    /// Whether nothing in this namespace is left alone.
    #[must_use]
    pub(crate) fn is_about_all_in(&self, namespace: &str) -> bool {
        let left_alone = self.incomplete.iter().flat_map(|incomplete| &incomplete.left_alone);
        left_alone.into_iter().all(|object| object.namespace.as_deref() != Some(namespace))
    }

    /// Whether the object is made.
    #[must_use]
    pub(crate) fn creates(&self, object: &ObjectRef) -> bool {
        self.with_action(Action::Create).any(|change| change.object == *object)
    }

    /// Whether any change would write something, be it in the record alone.
    #[must_use]
    pub(crate) fn has_changes(&self) -> bool {
        self.changes.iter().any(|change| change.action != Action::NoOp || change.moved_from.is_some())
    }

    /// What is deleted together with objects of others, or of whoever: namespaces by name, others by address.
    #[must_use]
    pub(crate) fn takes_others(&self) -> BTreeSet<&str> {
        self.unmanaged.keys().chain(self.unknown.keys()).map(String::as_str).collect()
    }

    /// Whether nothing but a lack of rights forbids applying.
    #[must_use]
    pub(crate) fn lacks_rights(&self) -> bool {
        let mut errors = self.errors().peekable();
        errors.peek().is_some() && errors.all(|error| error.code == decide::FORBIDDEN)
    }

    /// Problems that forbid applying.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.is_error())
    }
}
