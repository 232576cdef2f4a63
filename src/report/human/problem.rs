//! One diagnostic of a plan: what is wrong, where it was written, what it is about, what to do.

use super::Style;
use super::page::{Ink, Page};
use crate::object::Address;
use crate::plan::{Problem, Severity};

/// The diagnostic as lines of text.
#[must_use]
pub(crate) fn problem(problem: &Problem, style: &Style) -> String {
    let mut page = Page::new(style);
    write(&mut page, problem);
    page.finish()
}

/// Writes the diagnostic as lines of text.
pub(super) fn write(page: &mut Page, problem: &Problem) {
    let (ink, severity) = match problem.severity {
        Severity::Error => (Ink::Error, "error"),
        Severity::Warning => (Ink::Warning, "warning"),
    };
    let mut lines = problem.message.trim_end().split('\n');
    let label = format!("{severity}[{}]", problem.code);
    page.line(0, &[(ink, &label), (Ink::Plain, ": "), (Ink::Strong, lines.next().unwrap_or_default())]);
    for line in lines {
        page.say(2, Ink::Plain, line);
    }
    if let Some(source) = &problem.source {
        page.line(2, &[(Ink::Hunk, "--> "), (Ink::Plain, &source.to_string())]);
    }
    if let Some(about) = about(problem) {
        page.line(2, &[(Ink::Hunk, "on "), (Ink::Plain, &about)]);
    }
    if let Some(hint) = &problem.hint {
        page.paragraph(2, (Ink::Hunk, "hint: "), hint);
    }
}

fn about(problem: &Problem) -> Option<String> {
    match (&problem.object, &problem.address) {
        (Some(object), Some(address)) if *address != Address::object(object) => Some(format!("{object} ({address})")),
        (Some(object), _) => Some(object.to_string()),
        (None, Some(address)) => Some(address.to_string()),
        (None, None) => None,
    }
}
