//! One object of a plan: its line, and what differs.

use serde_json::Value;

use super::brief::brief;
use super::page::{Ink, Page};
use super::words::{reason, short, sign, tag};
use super::{Detail, Style};
use crate::diff::{self, Delta, Diff, Line, Sign};
use crate::object::{Address, ObjectRef};
use crate::plan::{Action, Change, Reason, Succession};

/// Columns before the fields of an object.
const BODY: usize = 6;

/// Lines of one added or removed value before the rest is only counted.
const LONG: usize = 16;

/// Whether the object takes more than a line or two, and wants air around it.
pub(super) fn is_tall(change: &Change, style: &Style) -> bool {
    match change.action {
        Action::Create => style.detail == Detail::Full,
        Action::Update | Action::Replace => true,
        Action::NoOp | Action::Delete | Action::Forget => false,
    }
}

/// The object, and below it what it becomes.
pub(super) fn write(page: &mut Page, change: &Change, style: &Style) {
    heading(page, change);
    match change.action {
        Action::Create if style.detail == Detail::Full => full(page, change),
        Action::Create => {
            let facts = facts(change);
            if !facts.is_empty() {
                page.say(BODY, Ink::Faint, &facts.join(", "));
            }
        }
        Action::Update | Action::Replace => differences(page, &change.diff, style),
        Action::NoOp | Action::Delete | Action::Forget => {}
    }
    for taken in &change.takes {
        page.line(BODY, &[(Ink::Warning, "! "), (Ink::Plain, "takes "), (Ink::Plain, taken)]);
    }
}

/// An object that comes in the place of another: one line for both, and what differs between them.
pub(super) fn write_succession(page: &mut Page, change: &Change, succession: &Succession, style: &Style) {
    let Succession { old, new, diff, .. } = succession;
    let (ink, mark, why) = match change.action {
        // As in Terraform: made before the old one goes.
        Action::Create => {
            let moved = change.moved_from.as_ref().map(|from| format!("moved from {from}; ")).unwrap_or_default();
            (Ink::Modified, "+/-", format!("{moved}the old one goes when all else is ready"))
        }
        action => (sign(action).0, sign(action).1, reason(&change.reason)),
    };
    let names = ObjectRef { name: format!("{} → {}", old.name, new.name).into(), ..new.clone() };
    let tag = tag(&change.confidence).map(|tag| format!(" {tag}")).unwrap_or_default();
    page.line(
        indent(mark),
        &[
            (ink, mark),
            (Ink::Plain, " "),
            (Ink::Strong, &names.to_string()),
            (Ink::Plain, ": "),
            (Ink::Plain, &why),
            (Ink::Faint, &tag),
        ],
    );
    differences(page, diff, style);
    if change.action == Action::Create && style.detail == Detail::Full {
        full(page, change);
    }
}

/// An object that goes with its namespace or owner, below the line of that.
pub(super) fn write_with(page: &mut Page, change: &Change, depth: usize) {
    let Reason::With { object } = &change.reason else { return };
    let (ink, mark) = sign(change.action);
    let with = format!(" (with {})", short(object));
    page.line(
        2 + 4 * depth,
        &[(ink, mark), (Ink::Plain, " "), (Ink::Plain, &short(&change.object)), (Ink::Faint, &with)],
    );
}

/// Columns before a mark, so that what follows is aligned.
fn indent(mark: &str) -> usize {
    4_usize.saturating_sub(mark.len() + 1)
}

fn heading(page: &mut Page, change: &Change) {
    let (ink, mark) = sign(change.action);
    let is_itself = change.address == Address::object(&change.object);
    let address = match &change.moved_from {
        Some(from) if is_itself => format!(" (moved from {from})"),
        Some(from) => format!(" ({}, moved from {from})", change.address),
        None if is_itself => String::new(),
        None => format!(" ({})", change.address),
    };
    let tag = tag(&change.confidence).map(|tag| format!(" {tag}")).unwrap_or_default();
    page.line(
        indent(mark),
        &[
            (ink, mark),
            (Ink::Plain, " "),
            (Ink::Strong, &change.object.to_string()),
            (Ink::Faint, &address),
            (Ink::Plain, ": "),
            (Ink::Plain, &reason(&change.reason)),
            (Ink::Faint, &tag),
        ],
    );
}

/// The few facts about a new object that a person wants to see before saying yes.
pub(in crate::report) fn facts(change: &Change) -> Vec<String> {
    brief(&change.object, body(change))
}

/// The object that would be: as described, or as the server would make it when no description says. Keys of a
/// Secret are known from the server alone: they leave the description together with their values.
fn body(change: &Change) -> &Value {
    let described = !change.desired.is_null() && !change.object.is("", "Secret");
    match added(&change.diff) {
        Some(object) if !described => object,
        _ => &change.desired,
    }
}

fn added(diff: &Diff) -> Option<&Value> {
    match &diff.entries().first()?.delta {
        Delta::Added { after } => Some(after),
        _ => None,
    }
}

fn full(page: &mut Page, change: &Change) {
    for line in whole(change) {
        page.say(BODY, Ink::Added, &line);
    }
}

/// Every field, as the server would make it when that is known.
pub(in crate::report) fn whole(change: &Change) -> Vec<String> {
    // Through a diff even when there is none: it makes the values of a Secret opaque.
    let described = Diff::between(&Value::Null, &change.desired);
    added(&change.diff).or_else(|| added(&described)).map(diff::block).unwrap_or_default()
}

fn differences(page: &mut Page, diff: &Diff, style: &Style) {
    let lines = diff::lines(diff, style.width.saturating_sub(BODY));
    let mut lines = lines.iter().peekable();
    while let Some(head) = lines.next() {
        write_line(page, BODY, head);
        let mut nested = Vec::new();
        while let Some(line) = lines.next_if(|line| line.nested) {
            nested.push(line);
        }
        // A text diff is short by nature, and its every line matters.
        let cut =
            style.detail == Detail::Brief && matches!(head.sign, Sign::Added | Sign::Removed) && nested.len() > LONG;
        let shown = if cut { LONG - 1 } else { nested.len() };
        for line in &nested[..shown] {
            write_line(page, BODY, line);
        }
        if cut {
            page.say(BODY + 4, Ink::Faint, &format!("… {} more lines", nested.len() - shown));
        }
    }
}

/// A line of a diff; what is nested stands deeper.
pub(super) fn write_line(page: &mut Page, indent: usize, line: &Line) {
    let ink = match line.sign {
        Sign::Added => Ink::Added,
        Sign::Removed => Ink::Removed,
        Sign::Modified => Ink::Modified,
        Sign::Hunk => Ink::Hunk,
        Sign::Context => Ink::Plain,
    };
    page.say(if line.nested { indent + 4 } else { indent }, ink, &line.text);
}
