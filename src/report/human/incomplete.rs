//! What a plan is about that is not about the whole stack: said before anything else of it.

use super::page::{Ink, Page};
use super::words::plural;
use crate::object::ObjectRef;
use crate::plan::Plan;

/// Objects of one line before the rest is only counted.
const SHOWN: usize = 8;

/// What is targeted and what comes along, what is excluded and what is left alone for that.
pub(super) fn write(page: &mut Page, plan: &Plan) {
    let Some(incomplete) = &plan.incomplete else { return };
    let verb = if incomplete.left_alone.len() == 1 { "is" } else { "are" };
    let left = plural(incomplete.left_alone.len(), "object");
    page.say(0, Ink::Warning, &format!("Incomplete: {left} of the stack {verb} left alone."));
    let parts = [
        ("targeted: ", &incomplete.targeted),
        ("which needs: ", &incomplete.needed),
        ("excluded: ", &incomplete.excluded),
        ("left alone for that: ", &incomplete.dependents),
    ];
    for (label, objects) in parts.into_iter().filter(|(_, objects)| !objects.is_empty()) {
        page.paragraph(2, (Ink::Faint, label), &list(objects));
    }
    page.gap();
}

fn list(objects: &[ObjectRef]) -> String {
    let mut shown: Vec<_> = objects.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = objects.len() - shown.len();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown.join(", ")
}
