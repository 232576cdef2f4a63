//! How many objects are added, changed and destroyed, counted as Terraform counts: a replacement is one of
//! the first and one of the last.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use crate::apply::{Outcome, Run};
use crate::plan::{Action, Plan};

/// Numbers of objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct Counts {
    /// Made, replacements included.
    pub add: usize,
    /// Changed in place.
    pub change: usize,
    /// Deleted, replacements included.
    pub destroy: usize,
    /// Left alone and out of the inventory.
    pub forget: usize,
    /// Nothing to do.
    pub unchanged: usize,
    /// Tried without success.
    pub failed: usize,
    /// Services that were made and have no address.
    pub no_address: usize,
    /// Not tried.
    pub skipped: usize,
}

impl Counts {
    /// What a plan would do.
    #[must_use]
    pub(crate) fn of_plan(plan: &Plan) -> Self {
        let mut counts = Self::default();
        for change in &plan.changes {
            counts.count(change.action);
        }
        counts
    }

    /// What a run has done.
    #[must_use]
    pub(crate) fn of_run(run: &Run) -> Self {
        let mut counts = Self::default();
        for (object, action, outcome) in &run.outcomes {
            match outcome {
                lacking if lacking.lacks_address(object) => counts.no_address += 1,
                Outcome::Failed { deleted, .. } => {
                    counts.failed += 1;
                    counts.destroy += usize::from(*deleted);
                }
                Outcome::Stale { .. } | Outcome::Skipped { .. } => counts.skipped += 1,
                Outcome::Unchanged => counts.unchanged += 1,
                Outcome::Applied | Outcome::Deleted | Outcome::Forgotten => counts.count(*action),
            }
        }
        counts
    }

    /// `3 to add, 1 to change, 0 to destroy`.
    #[must_use]
    pub(crate) fn planned(&self) -> String {
        let forget = if self.forget > 0 { format!(", {} to forget", self.forget) } else { String::new() };
        format!("{} to add, {} to change, {} to destroy{forget}", self.add, self.change, self.destroy)
    }

    /// `3 added, 1 changed, 0 destroyed`, and what else there is.
    #[must_use]
    pub(crate) fn done(&self) -> String {
        let mut sum = format!("{} added, {} changed, {} destroyed", self.add, self.change, self.destroy);
        let others = [
            (self.forget, "forgotten"),
            (self.failed, "failed"),
            (self.no_address, "without an address"),
            (self.skipped, "skipped"),
        ];
        for (count, word) in others.into_iter().filter(|(count, _)| *count > 0) {
            let _ = write!(sum, ", {count} {word}");
        }
        sum
    }

    fn count(&mut self, action: Action) {
        match action {
            Action::NoOp => self.unchanged += 1,
            Action::Create => self.add += 1,
            Action::Update => self.change += 1,
            Action::Replace => {
                self.add += 1;
                self.destroy += 1;
            }
            Action::Delete => self.destroy += 1,
            Action::Forget => self.forget += 1,
        }
    }
}
