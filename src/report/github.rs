//! Annotations of GitHub Actions: workflow commands, a line each. GitHub shows ten of each level for a step, so the rest is
//! counted.

use std::fmt::Write as _;

use super::diagnostics::{Diagnostic, Level, diagnostics};
use super::{Report, headline};
use crate::object::printable;

/// Annotations of one level that GitHub shows for a step.
const SHOWN: usize = 10;

/// The lines: errors, warnings, what is left out, and one notice with the sum.
pub(super) fn annotations(report: &Report) -> String {
    let all = diagnostics(report);
    let mut text = String::new();
    for (level, command, noun) in [(Level::Error, "error", "errors"), (Level::Warning, "warning", "warnings")] {
        let of_level: Vec<_> = all.iter().filter(|diagnostic| diagnostic.level == level).collect();
        for diagnostic in of_level.iter().take(SHOWN) {
            let _ = writeln!(text, "::{command} {}::{}", properties(diagnostic), data(&diagnostic.with_hint()));
        }
        if of_level.len() > SHOWN {
            let _ = writeln!(text, "{} more {noun} are not annotated", of_level.len() - SHOWN);
        }
    }
    let title = property(&format!("langop {}", report.command));
    let _ = writeln!(text, "::notice title={title}::{}", data(&headline::of(report)));
    text
}

fn properties(diagnostic: &Diagnostic) -> String {
    let title = format!("title={}", property(&diagnostic.code));
    let Some(place) = &diagnostic.place else { return title };
    let mut words = format!("file={},line={},col={},", property(&place.file), place.line, place.column);
    // GitHub knows columns of one line only.
    if let Some((line, column)) = place.end.filter(|(line, column)| *line == place.line && *column > place.column) {
        let _ = write!(words, "endLine={line},endColumn={column},");
    }
    words + &title
}

/// The text after the second `::`: a line break in it would end the command (`@actions/core`, `command.ts`).
fn data(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| printable(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// The value of a property, which a comma or a colon would end as well.
fn property(text: &str) -> String {
    printable(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{sample_reports, samples};

    #[test]
    fn annotations_of_whole_reports() {
        let of = |report: &Report| annotations(report);
        insta::assert_snapshot!("conflict", of(&sample_reports::planned(samples::conflict())));
        insta::assert_snapshot!("update", of(&sample_reports::planned(samples::update_all())));
        insta::assert_snapshot!("applied_in_part", of(&sample_reports::applied_in_part()));
        insta::assert_snapshot!("invalid", of(&sample_reports::invalid()));
        insta::assert_snapshot!("evil", of(&sample_reports::evil()));
    }

    #[test]
    fn ten_of_a_level_are_annotated_and_the_rest_counted() {
        let text = annotations(&sample_reports::big());
        assert_eq!(text.lines().filter(|line| line.starts_with("::warning ")).count(), SHOWN);
        assert!(text.contains("\n290 more warnings are not annotated\n"), "{text}");
        assert!(
            text.ends_with(
                "::notice title=langop plan::Plan of stack `big`: 3100 to add, 1700 to change, 300 to destroy\n"
            ),
            "{text}"
        );
    }
}
