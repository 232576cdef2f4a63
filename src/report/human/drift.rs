//! The page of `langop drift`: each object that moved, what was applied, what is there, and who wrote it when.

use std::collections::BTreeSet;

use super::Style;
use super::page::{Ink, Page};
use super::words::plural;
use crate::diff::{self, Diff, Line, Sign};
use crate::object::FieldWriter;
use crate::ops::{DriftReport, DriftedObject};
use crate::plan::DriftKind;

/// Columns before the fields of an object.
const BODY: usize = 6;

/// The report. Ends with the line `Drift: 2 changed, 1 deleted; 12 objects in the record.`.
#[must_use]
pub(crate) fn drift(report: &DriftReport, style: &Style) -> String {
    let mut page = Page::new(style);
    for drifted in &report.drifted {
        object(&mut page, drifted, style);
        page.gap();
    }
    for (object, because) in &report.unknown {
        page.line(
            2,
            &[
                (Ink::Warning, "? "),
                (Ink::Strong, &object.to_string()),
                (Ink::Plain, ": not known: "),
                (Ink::Plain, because),
            ],
        );
    }
    if !report.described.is_empty() {
        page.gap();
        let count = plural(report.described.len(), "object");
        page.say(
            0,
            Ink::Plain,
            &format!("{count} described otherwise than applied; `langop plan` shows what changes there."),
        );
    }
    page.gap();
    page.say(0, Ink::Strong, &summary(report));
    page.finish()
}

fn object(page: &mut Page, drifted: &DriftedObject, style: &Style) {
    let (ink, sign, words) = words(drifted.kind);
    let address = drifted.address.as_ref().map(ToString::to_string).unwrap_or_default();
    let name = drifted.object.to_string();
    let place = drifted.source.as_ref().map(|source| format!("  {source}")).unwrap_or_default();
    let address = if address.is_empty() { String::new() } else { format!(" ({address})") };
    page.line(
        2,
        &[
            (ink, sign),
            (Ink::Strong, &name),
            (Ink::Faint, &address),
            (Ink::Plain, ": "),
            (Ink::Plain, words),
            (Ink::Faint, &place),
        ],
    );
    for (entry, writers) in
        drifted.diff.entries().iter().zip(drifted.writers.iter().map(Some).chain(std::iter::repeat(None)))
    {
        for line in diff::lines(&Diff::of_one(entry.clone()), style.width.saturating_sub(BODY)) {
            page.say(BODY + if line.nested { 4 } else { 0 }, ink_of(&line), &line.text);
        }
        page.say(BODY + 4, Ink::Faint, &written(writers));
    }
}

/// How an object is not as it was applied.
pub(in crate::report) fn how(kind: DriftKind) -> &'static str {
    words(kind).2
}

fn words(kind: DriftKind) -> (Ink, &'static str, &'static str) {
    match kind {
        DriftKind::Changed => (Ink::Modified, "~ ", "from what was applied to what is there"),
        DriftKind::Deleted => (Ink::Removed, "- ", "it is not there any more"),
        DriftKind::Terminating => (Ink::Removed, "- ", "it is being deleted"),
        DriftKind::Replaced => {
            (Ink::Removed, "! ", "another one is there under its name, or it belongs to somebody else")
        }
    }
}

fn ink_of(line: &Line) -> Ink {
    match line.sign {
        Sign::Added => Ink::Added,
        Sign::Removed => Ink::Removed,
        Sign::Modified => Ink::Modified,
        Sign::Hunk => Ink::Hunk,
        Sign::Context => Ink::Plain,
    }
}

/// Who wrote a field, as far as that can be told.
fn written(writers: Option<&BTreeSet<FieldWriter>>) -> String {
    let Some(writers) = writers else { return "by whom is not known: the object may not be read".to_owned() };
    if writers.is_empty() {
        return "by whom is not recorded: nobody owns it now".to_owned();
    }
    let one = |writer: &FieldWriter| match writer.since.as_str() {
        "" => format!("`{}` ({})", writer.manager, writer.operation),
        since => format!("`{}` ({}), since {since}", writer.manager, writer.operation),
    };
    format!("by {}", writers.iter().map(one).collect::<Vec<_>>().join("; "))
}

fn summary(report: &DriftReport) -> String {
    let count = |kinds: &[DriftKind]| report.drifted.iter().filter(|one| kinds.contains(&one.kind)).count();
    let counts = [
        (count(&[DriftKind::Changed]), "changed"),
        (count(&[DriftKind::Deleted, DriftKind::Terminating]), "deleted"),
        (count(&[DriftKind::Replaced]), "replaced"),
        (report.unknown.len(), "not known"),
    ];
    let counts: Vec<_> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let what = if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
    format!("Drift: {what}; {} in the record.", plural(report.recorded, "object"))
}
