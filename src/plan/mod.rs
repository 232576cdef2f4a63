//! Desired objects, what was observed and what is owned become a plan. Pure; sends nothing.

mod action;
pub mod capacity;
mod change;
mod compute;
mod decide;
mod drift;
mod effects;
mod inputs;
mod notes;
mod observed;
mod problem;
#[cfg(test)]
mod tests;

pub use crate::graph::{Dependency, Wait};
pub use action::{Action, Reason};
pub use change::{Change, Confidence, Precondition};
pub use compute::{compute, weakest};
pub use inputs::{Desired, Inputs, Owned, PlanOptions, Selection};
pub use notes::Notes;
pub use observed::{Claim, Observed, Preview};
pub use problem::{Problem, Severity};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Ordered changes. The changes alone decide what apply does.
///
/// Laws: the same inputs give the same bytes; planning right after a successful apply gives only
/// [`Action::NoOp`]; a plan with errors cannot be applied.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plan {
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
    /// What else is lost with the namespaces that are deleted: namespace → kind → how many objects.
    pub unmanaged: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Plan {
    /// Changes of an action.
    pub fn with_action(&self, action: Action) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.action == action)
    }

    /// Whether any change would write something.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.changes.iter().any(|change| change.action != Action::NoOp)
    }

    /// Problems that forbid applying.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error)
    }
}
