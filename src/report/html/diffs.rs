//! What differs, as lines in which the added and the removed ones are marked as such. Large pages lose what is created
//! before they lose what is changed or goes.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::look::ACTIONS;
use crate::diff::{self, Line, Sign};
use crate::plan::{Action, Change, Plan};
use crate::report::human::change::whole;
use crate::report::planned;

/// Columns before two values stand below each other.
const WIDTH: usize = 100;

/// Lines of one object before the rest is only counted.
const LONG: usize = 400;

/// Bytes of all lines together.
const ROOM: usize = 2_000_000;

/// The lines of each change that has any, by its place in the plan, as far as there is room.
pub(super) struct Diffs {
    lines: BTreeMap<usize, Vec<Line>>,
    /// Changes whose lines had no room.
    pub left_out: usize,
}

impl Diffs {
    /// Of a whole plan.
    #[must_use]
    pub(super) fn of_plan(plan: &Plan) -> Self {
        let mut diffs = Self { lines: BTreeMap::new(), left_out: 0 };
        let mut room = ROOM;
        for action in ACTIONS {
            for (place, change) in plan.changes.iter().enumerate().filter(|(_, change)| change.action == action) {
                let lines = lines(plan, change);
                let size: usize = lines.iter().take(LONG).map(|line| line.text.len() + 1).sum();
                match room.checked_sub(size) {
                    Some(left) if !lines.is_empty() => {
                        room = left;
                        diffs.lines.insert(place, lines);
                    }
                    Some(_) => {}
                    None => diffs.left_out += 1,
                }
            }
        }
        diffs
    }

    /// What is shown of a change.
    #[must_use]
    pub(super) fn shown(&self, place: usize) -> Option<Markup> {
        self.lines.get(&place).map(|lines| block(lines))
    }
}

fn lines(plan: &Plan, change: &Change) -> Vec<Line> {
    match planned::diff(plan, change) {
        Some(diff) => diff::lines(diff, WIDTH),
        None if change.action == Action::Create => whole(change).iter().map(|line| added(line)).collect(),
        None => Vec::new(),
    }
}

fn added(line: &str) -> Line {
    Line { sign: Sign::Added, nested: false, text: format!("+ {line}") }
}

/// Lines of one sign stand together: a mark for each would be most of the page.
fn block(lines: &[Line]) -> Markup {
    let (shown, more) = lines.split_at(lines.len().min(LONG));
    html! {
        pre.diff {
            @for run in shown.chunk_by(|one, next| one.sign == next.sign) {
                @let text = text(run);
                @match run.first().map(|line| line.sign) {
                    Some(Sign::Added) => ins { (text) },
                    Some(Sign::Removed) => del { (text) },
                    Some(Sign::Hunk) => span.hunk { (text) },
                    Some(Sign::Modified) => b { (text) },
                    _ => span { (text) },
                }
            }
            @if !more.is_empty() { span.hunk { "… " (more.len()) " more lines\n" } }
        }
    }
}

fn text(lines: &[Line]) -> String {
    let indented = |line: &Line| format!("{}{}\n", if line.nested { "    " } else { "" }, line.text);
    lines.iter().map(indented).collect()
}
