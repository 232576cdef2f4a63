//! What is said of a planned change whatever the format: what differs, and why.

use std::fmt::Write as _;

use super::human::words::{reason, tag};
use crate::diff::Diff;
use crate::plan::{Action, Change, Plan};

/// What differs: from what it was, or from the object in whose place it comes.
#[must_use]
pub(super) fn diff<'a>(plan: &'a Plan, change: &'a Change) -> Option<&'a Diff> {
    let succession = plan.succession(&change.object).filter(|one| one.new == change.object);
    match change.action {
        Action::Update | Action::Replace => Some(&change.diff),
        Action::Create => succession.map(|succession| &succession.diff),
        _ => None,
    }
    .filter(|diff| !diff.is_empty())
}

/// Why, how it is known, what it was called, and what is taken from others.
#[must_use]
pub(super) fn why(plan: &Plan, change: &Change) -> String {
    let mut words = reason(&change.reason);
    if let Some(succession) = plan.succession(&change.object).filter(|one| one.new == change.object) {
        let _ = write!(words, ", in the place of `{}`", succession.old.name);
    }
    words.extend(change.moved_from.iter().map(|from| format!(", moved from `{from}`")));
    words.extend(tag(&change.confidence).map(|tag| format!(" {tag}")));
    if !change.takes.is_empty() {
        let _ = write!(words, "; takes `{}`", change.takes.join("`, `"));
    }
    words
}
