//! Fields that a plan leaves as they are, once for each object.

use super::page::{Ink, Page};
use crate::object::amend::Because;
use crate::plan::{Left, Plan};

/// Writes which fields are left as they are, and why.
pub(super) fn write(page: &mut Page, plan: &Plan) {
    if plan.left.is_empty() {
        return;
    }
    page.gap();
    page.say(0, Ink::Strong, "Left as they are:");
    for left in &plan.left {
        page.paragraph(2, (Ink::Faint, "= "), &format!("{}: {}", left.object, words(left)));
    }
}

fn words(left: &Left) -> String {
    let listed = |names: &[String]| format!("`{}`", names.join("`, `"));
    let fields = listed(&left.fields);
    let verb = if left.fields.len() == 1 { "is" } else { "are" };
    match (left.because, left.managers.as_slice()) {
        (Because::Scaled, managers) => format!("{fields} {verb} kept by {}", listed(managers)),
        (Because::Yielded, managers) => {
            format!("{fields} {verb} left to {}, as `[[ownership]]` says", listed(managers))
        }
        (Because::Ignored, []) => format!("changes of {fields} are ignored"),
        (Because::Ignored, managers) => format!("changes of {fields} are ignored, by {} too", listed(managers)),
    }
}
