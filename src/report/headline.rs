//! What a command came to, in one sentence: the headline of every report that has room for one.

use super::human::words::plural;
use super::{Counts, Report};

/// The sentence, without what was already said of the stack.
#[must_use]
pub(super) fn of(report: &Report) -> String {
    format!("{}: {}", title(report, |stack| format!("`{stack}`")), sum(report))
}

/// What was done to which stack.
pub(super) fn title(report: &Report, code: impl Fn(&str) -> String) -> String {
    let (noun, of) = match report.command {
        "apply" => ("Apply", " of"),
        "destroy" => ("Destruction", " of"),
        "rollback" => ("Rollback", " of"),
        "check" => ("Check", " of"),
        "drift" => ("Drift", " of"),
        "validate" => ("Description", " of"),
        _ if report.plan.as_ref().is_some_and(|plan| plan.destroy) => ("Plan to destroy", ""),
        _ => ("Plan", " of"),
    };
    let stack = report.stack_name().map(|stack| format!("{of} stack {}", code(stack)));
    format!("{noun}{}", stack.unwrap_or_default())
}

/// What it came to.
pub(super) fn sum(report: &Report) -> String {
    match (&report.run, &report.plan) {
        (Some(run), _) => format!("{}, {}", end(report), Counts::of_run(run).done()),
        (None, _) if report.fault.is_some() => end(report).to_owned(),
        (None, Some(_)) if report.writes() => format!("nothing was done, {}", end(report)),
        (None, Some(plan)) if plan.errors().next().is_some() => {
            format!("{}; it cannot be applied", Counts::of_plan(plan).planned())
        }
        (None, Some(plan)) if !plan.has_changes() => "nothing to do".to_owned(),
        (None, Some(plan)) => Counts::of_plan(plan).planned(),
        (None, None) if report.command == "validate" && report.end.code == 0 => "valid".to_owned(),
        (None, None) if report.command == "drift" && report.fault.is_none() => match report.problems.len() {
            0 => "nothing moved".to_owned(),
            count => format!("{} not as applied", plural(count, "object")),
        },
        (None, None) if report.command == "check" && report.end.code == 0 => "as described".to_owned(),
        (None, None) => end(report).to_owned(),
    }
}

/// How the run ended, as its exit code says.
fn end(report: &Report) -> &str {
    match report.end.code {
        0 => "complete",
        _ => report.end.words,
    }
}
