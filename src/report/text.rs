//! A report as the text that a person reads in a terminal, without colour: for a file beside a command that prints JSON.

use std::fmt::Write as _;

use super::Report;
use super::human::{self, Style};
use crate::object::printable;
use crate::stack::diagnostic::{Finding, Severity};

/// The plan, what came of it, what is wrong with the description, and the error, as far as there are any.
#[must_use]
pub(super) fn text(report: &Report) -> String {
    let style = Style::default();
    let mut parts: Vec<String> = report.findings.iter().map(finding).collect();
    parts.extend(report.problems.iter().map(|problem| human::problem(problem, &style)));
    parts.extend(report.plan.iter().map(|plan| human::plan(plan, &style)));
    if let (Some(plan), Some(run)) = (&report.plan, &report.run) {
        parts.push(human::run(plan, run, &style));
    }
    if let Some(fault) = report.untold_fault() {
        let mut words = format!("error[{}]: {}\n", fault.code, lines(&fault.message));
        if let Some(hint) = &fault.hint {
            let _ = writeln!(words, "hint: {}", lines(hint));
        }
        parts.push(words);
    }
    if parts.is_empty() {
        parts.push(format!("{}\n", super::headline::of(report)));
    }
    parts.join("\n")
}

fn finding(finding: &Finding) -> String {
    let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
    let mut words = format!("{severity}[{}]: {}\n", finding.code, lines(&finding.message));
    if let Some(place) = &finding.place {
        let _ = writeln!(words, "  --> {}:{}:{}", printable(&place.file), place.line, place.column);
    }
    if let Some(hint) = &finding.hint {
        let _ = writeln!(words, "  hint: {}", lines(hint));
    }
    words
}

fn lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{End, sample_reports, samples};

    #[test]
    fn a_report_reads_as_it_does_in_a_terminal() {
        let planned = sample_reports::planned(samples::update_all());
        assert_eq!(text(&planned), human::plan(&samples::update_all(), &Style::default()));
        let done = text(&sample_reports::applied_in_part());
        assert!(done.starts_with(&text(&planned)) && done.contains("\nApply incomplete: 1 added"), "{done}");
        insta::assert_snapshot!("invalid", text(&sample_reports::invalid()));
        insta::assert_snapshot!("unreachable", text(&sample_reports::unreachable()));
        let valid = Report { command: "validate", end: End::default(), ..Report::default() };
        assert_eq!(text(&valid), "Description: valid\n");
    }
}
