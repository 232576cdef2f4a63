//! A whole plan for a person: what changes and why, what else happens, what is wrong, and the sum.

use std::collections::{BTreeMap, BTreeSet};

use super::page::{Ink, Page};
use super::words::{legend, plural};
use super::{Style, change, incomplete, left, problem, unmanaged};
use crate::object::{Address, ObjectRef};
use crate::plan::{Action, Change, Confidence, Plan, Reason, Severity};
use crate::report::Counts;

/// The plan, in the order of its changes; objects with nothing to do are counted and not listed. Ends with
/// the line `Plan: 3 to add, 1 to change, 0 to destroy.`, which scripts may rely on.
#[must_use]
pub(crate) fn plan(plan: &Plan, style: &Style) -> String {
    let mut page = Page::new(style);
    incomplete::write(&mut page, plan);
    if plan.has_changes() {
        let what = if plan.destroy { "Plan to destroy stack" } else { "Plan for stack" };
        page.line(0, &[(Ink::Strong, what), (Ink::Strong, &format!(" `{}`:", plan.stack))]);
        page.gap();
        changes(&mut page, plan, style);
        legends(&mut page, plan);
    }
    moved(&mut page, plan);
    unverified(&mut page, plan);
    completed(&mut page, plan);
    unhealthy(&mut page, plan);
    left::write(&mut page, plan);
    effects(&mut page, plan);
    unmanaged::write(&mut page, plan);
    problems(&mut page, plan);
    summary(&mut page, plan);
    page.finish()
}

fn changes(page: &mut Page, plan: &Plan, style: &Style) {
    let taken_along = Along::new(plan);
    for change in plan.changes.iter().filter(|change| change.action != Action::NoOp) {
        let succession = plan.succession(&change.object);
        // Where the new object is shown, the old one is.
        let is_shown = succession.is_some_and(|one| one.old == change.object && plan.creates(&one.new));
        if is_shown || taken_along.is_below_another(change) {
            continue;
        }
        let tall = succession.is_some() || change::is_tall(change, style);
        if tall {
            page.gap();
        }
        match succession {
            Some(succession) => change::write_succession(page, change, succession, style),
            None => change::write(page, change, style),
        }
        taken_along.write(page, &change.object, 1);
        if tall {
            page.gap();
        }
    }
}

/// Deletions that happen with that of another object, by that object.
struct Along<'a> {
    deleted: BTreeSet<&'a ObjectRef>,
    below: BTreeMap<&'a ObjectRef, Vec<&'a Change>>,
}

impl<'a> Along<'a> {
    fn new(plan: &'a Plan) -> Self {
        let deleted = plan.with_action(Action::Delete).map(|change| &change.object).collect();
        let mut below: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for change in plan.with_action(Action::Delete) {
            if let Reason::With { object } = &change.reason {
                below.entry(object).or_default().push(change);
            }
        }
        for changes in below.values_mut() {
            changes.sort_by_key(|change| &change.object);
        }
        Self { deleted, below }
    }

    fn is_below_another(&self, change: &Change) -> bool {
        match &change.reason {
            Reason::With { object } => {
                change.action == Action::Delete && *object != change.object && self.deleted.contains(object)
            }
            _ => false,
        }
    }

    fn write(&self, page: &mut Page, object: &ObjectRef, depth: usize) {
        // No owner is owned by itself; a plan that says so must not hang its reader.
        if depth > 8 {
            return;
        }
        for change in self.below.get(object).into_iter().flatten() {
            if change.object != *object {
                change::write_with(page, change, depth);
                self.write(page, &change.object, depth + 1);
            }
        }
    }
}

fn legends(page: &mut Page, plan: &Plan) {
    let changed = plan.changes.iter().filter(|change| change.action != Action::NoOp);
    let legends: BTreeSet<_> = changed.filter_map(legend).collect();
    if legends.is_empty() {
        return;
    }
    page.gap();
    for (tag, meaning) in legends {
        page.line(2, &[(Ink::Faint, tag), (Ink::Faint, " "), (Ink::Faint, meaning)]);
    }
}

/// Objects that need nothing but another name in the record.
fn moved(page: &mut Page, plan: &Plan) {
    let quiet = plan.changes.iter().filter(|change| change.action == Action::NoOp);
    let moved: Vec<_> = quiet.filter_map(|change| Some((change, change.moved_from.as_ref()?))).collect();
    if moved.is_empty() {
        return;
    }
    page.gap();
    page.say(0, Ink::Strong, "Moved in the record alone:");
    for (change, from) in moved {
        page.paragraph(2, (Ink::Faint, "→ "), &format!("{}: {}, moved from {from}", change.object, change.address));
    }
}

/// Objects that seem to need nothing, though nobody could look.
fn unverified(page: &mut Page, plan: &Plan) {
    let quiet = plan.changes.iter().filter(|change| change.action == Action::NoOp);
    let mut doubtful = quiet.filter_map(|change| match &change.confidence {
        Confidence::Unverified(because) => Some((change, because)),
        _ => None,
    });
    let Some(first) = doubtful.next() else { return };
    page.gap();
    page.say(0, Ink::Strong, "Not checked:");
    for (change, because) in std::iter::once(first).chain(doubtful) {
        page.paragraph(2, (Ink::Warning, "? "), &format!("{}: {because}", change.object));
    }
}

/// Objects that ran to their end and are gone: neither missing nor to be made.
fn completed(page: &mut Page, plan: &Plan) {
    let done: Vec<_> = plan.changes.iter().filter(|change| change.reason == Reason::Completed).collect();
    if done.is_empty() {
        return;
    }
    page.gap();
    page.say(0, Ink::Strong, "Completed, and removed since:");
    for change in done {
        let again = format!("`--replace={}` runs it again", Address::object(&change.object));
        page.paragraph(2, (Ink::Added, "= "), &format!("{}: {again}", change.object));
    }
}

/// Objects that are as described and not ready.
fn unhealthy(page: &mut Page, plan: &Plan) {
    if plan.unhealthy.is_empty() {
        return;
    }
    page.gap();
    page.say(0, Ink::Strong, "In sync but not healthy:");
    for found in &plan.unhealthy {
        page.paragraph(2, (Ink::Warning, "! "), &format!("{}: {}", found.object, found.reason));
    }
}

fn effects(page: &mut Page, plan: &Plan) {
    if plan.effects.is_empty() {
        return;
    }
    page.gap();
    page.say(0, Ink::Strong, "Effects:");
    for effect in &plan.effects {
        page.paragraph(2, (Ink::Warning, "! "), effect);
    }
}

/// Warnings first, so that errors stand next to the sum.
fn problems(page: &mut Page, plan: &Plan) {
    for severity in [Severity::Warning, Severity::Error] {
        for found in plan.problems.iter().filter(|problem| problem.severity == severity) {
            page.gap();
            problem::write(page, found);
        }
    }
}

fn summary(page: &mut Page, plan: &Plan) {
    page.gap();
    let counts = Counts::of_plan(plan);
    let errors = plan.errors().count();
    if errors == 0 && !plan.has_changes() {
        page.say(0, Ink::Strong, &nothing(plan, counts.unchanged));
        return;
    }
    page.line(0, &[(Ink::Strong, "Plan: "), (Ink::Plain, &counts.planned()), (Ink::Plain, ".")]);
    if errors > 0 {
        let text = format!("This plan cannot be applied: {}.", plural(errors, "error"));
        page.say(0, Ink::Error, &text);
    }
}

fn nothing(plan: &Plan, unchanged: usize) -> String {
    if plan.destroy {
        return format!("Nothing to destroy: stack `{}` has no objects.", plan.stack);
    }
    let verb = if unchanged == 1 { "is" } else { "are" };
    let objects = plural(unchanged, "object");
    match plan.unhealthy.len() {
        0 => format!("Nothing to do: {objects} {verb} as described."),
        count => {
            format!("Nothing to change: {objects} {verb} as described, {count} not healthy. Apply waits for them.")
        }
    }
}

#[cfg(test)]
mod tests;
