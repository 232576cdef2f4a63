//! Deletions of what a description file holds that was not read: seldom meant.

use super::{Action, Change, Problem, Severity};
use crate::stack::Unread;

/// A warning for each such file.
pub(super) fn problems(changes: &[Change], unread: &[Unread]) -> Vec<Problem> {
    unread.iter().filter_map(|unread| problem(changes, unread)).collect()
}

fn problem(changes: &[Change], unread: &Unread) -> Option<Problem> {
    let deleted = changes.iter().filter(|change| matches!(change.action, Action::Delete | Action::Forget));
    let deleted: Vec<_> = deleted.filter(|change| unread.describes(&change.object, &change.address)).collect();
    let (first, others) = deleted.split_first()?;
    let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
    let what = if first.action == Action::Delete { "deletes" } else { "gives up" };
    let message = format!("the plan {what} {}{more}, which `{}` describes: it was not read", first.object, unread.file);
    let problem = Problem::new(Severity::Warning, "unread-file", message);
    let hint = format!("name `{}` too, if that is to stay", unread.file);
    Some(problem.about(&first.object, Some(first.address.clone()), None).with_hint(hint))
}
