//! A report as test results, one case an object: of a plan what is as described and what waits to be done, of a run what went
//! well, what failed and what was not tried. `quick-junit` writes the XML, escapes, and drops what XML cannot hold.

use std::collections::{BTreeMap, BTreeSet};

use quick_junit::{NonSuccessKind, Report as Document, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::diagnostics::{Diagnostic, Level, diagnostics};
use super::human::words::{reason, verbs};
use super::{Report, headline};
use crate::apply::Outcome;
use crate::object::{ObjectRef, printable};
use crate::plan::{Action, Change};

/// The document.
///
/// # Errors
/// It cannot be written.
pub(super) fn document(report: &Report) -> Result<String, SerializeError> {
    let stack = report.stack_name().map(|stack| format!(" {stack}")).unwrap_or_default();
    let mut suite = TestSuite::new(format!("langop {}{stack}", report.command));
    let all = diagnostics(report);
    let known = Known::new(report, &all);
    let changes = report.plan.iter().flat_map(|plan| &plan.changes);
    suite.add_test_cases(changes.map(|change| known.case(report, change)));
    suite.add_test_cases(all.iter().filter(|diagnostic| !known.says(diagnostic)).map(of_diagnostic));
    if suite.test_cases.is_empty() {
        // A suite without cases is a failure to some readers.
        suite.add_test_case(named(report.command, TestCaseStatus::success(), "langop"));
    }
    suite.set_system_out(headline::of(report));
    let mut document = Document::new("langop");
    if let Some(run) = &report.run {
        document.set_time(run.elapsed);
        suite.set_time(run.elapsed);
    }
    let skipped = suite.test_cases.iter().filter(|case| matches!(case.status, TestCaseStatus::Skipped { .. })).count();
    document.add_test_suite(suite);
    // The schema that Jenkins holds such files against (`junit-10.xsd`) has this attribute for suites alone.
    Ok(document.to_string()?.replacen(&format!(" skipped=\"{skipped}\""), "", 1))
}

/// What is known of each object.
struct Known<'a> {
    planned: BTreeSet<&'a ObjectRef>,
    errors: BTreeMap<&'a ObjectRef, &'a Diagnostic>,
    outcomes: BTreeMap<&'a ObjectRef, &'a Outcome>,
    unhealthy: BTreeMap<&'a ObjectRef, &'a str>,
}

impl<'a> Known<'a> {
    fn new(report: &'a Report, all: &'a [Diagnostic]) -> Self {
        let changes = report.plan.iter().flat_map(|plan| &plan.changes);
        let errors = all.iter().filter(|diagnostic| diagnostic.level == Level::Error);
        let outcomes = report.run.iter().flat_map(|run| &run.outcomes);
        let unhealthy = report.plan.iter().flat_map(|plan| &plan.unhealthy);
        Self {
            planned: changes.map(|change| &change.object).collect(),
            // The first of several counts.
            errors: errors.rev().filter_map(|error| Some((error.object.as_ref()?, error))).collect(),
            outcomes: outcomes.map(|(object, _, outcome)| (object, outcome)).collect(),
            unhealthy: unhealthy.map(|found| (&found.object, found.reason.as_str())).collect(),
        }
    }

    /// Whether the case of an object says it already.
    fn says(&self, diagnostic: &Diagnostic) -> bool {
        diagnostic.object.as_ref().is_some_and(|object| self.planned.contains(object))
    }

    fn case(&self, report: &Report, change: &Change) -> TestCase {
        let status = match (self.errors.get(&change.object), self.outcomes.get(&change.object)) {
            (Some(error), _) => failure(error),
            (None, Some(Outcome::Skipped { because })) => skipped(because),
            (None, Some(_)) => TestCaseStatus::success(),
            (None, None) => self.pending(change),
        };
        let mut case = named(&change.object.to_string(), status, change.address.as_str());
        if let Some(took) = report.took.get(&change.object) {
            case.set_time(*took);
        }
        case
    }

    /// What a plan says of an object that nothing keeps from being applied.
    fn pending(&self, change: &Change) -> TestCaseStatus {
        if let Some(reason) = self.unhealthy.get(&change.object) {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type("unhealthy").set_message(text(reason));
            return status;
        }
        match change.action {
            Action::NoOp => TestCaseStatus::success(),
            action => skipped(&format!("pending: {}, {}", verbs(action).0, reason(&change.reason))),
        }
    }
}

fn skipped(because: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(text(because));
    status
}

fn failure(diagnostic: &Diagnostic) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let first = diagnostic.message.lines().next().unwrap_or_default();
    status.set_type(diagnostic.code.as_str()).set_message(text(first)).set_description(lines(diagnostic));
    status
}

/// A case of its own for what is wrong with no object of the plan.
fn of_diagnostic(diagnostic: &Diagnostic) -> TestCase {
    let place = diagnostic.place.as_ref();
    let at = place.map(|place| format!("{}:{}:{}: ", place.file, place.line, place.column)).unwrap_or_default();
    let object = diagnostic.object.as_ref().map(|object| format!("{object}: ")).unwrap_or_default();
    let name = format!("{at}{object}{}", diagnostic.code);
    let status = if diagnostic.level == Level::Error { failure(diagnostic) } else { TestCaseStatus::success() };
    let mut case = named(&name, status, place.map_or("langop", |place| place.file.as_str()));
    if diagnostic.level == Level::Warning {
        case.set_system_out(lines(diagnostic));
    }
    case
}

/// The whole text, where line breaks are welcome and escape sequences are not.
fn lines(diagnostic: &Diagnostic) -> String {
    diagnostic.with_hint().lines().map(text).collect::<Vec<_>>().join("\n")
}

fn named(name: &str, status: TestCaseStatus, class: &str) -> TestCase {
    let mut case = TestCase::new(text(name), status);
    case.set_classname(text(class));
    case
}

/// Without what XML 1.0 cannot hold (section 2.2): the crate knows control characters alone.
fn text(text: &str) -> String {
    printable(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{sample_reports, samples};

    fn of(report: &Report) -> String {
        let text = super::document(report).unwrap();
        // What the crate reads back is what it was told to write.
        let read = Document::deserialize_from_str(&text).unwrap().to_string().unwrap();
        assert_eq!(read.lines().skip(2).collect::<Vec<_>>(), text.lines().skip(2).collect::<Vec<_>>());
        assert!(!text.lines().nth(1).unwrap().contains("skipped"), "{text}");
        text
    }

    #[test]
    fn test_results_of_whole_reports() {
        insta::assert_snapshot!("update", of(&sample_reports::planned(samples::update_all())));
        insta::assert_snapshot!("conflict", of(&sample_reports::planned(samples::conflict())));
        insta::assert_snapshot!("applied_in_part", of(&sample_reports::applied_in_part()));
        insta::assert_snapshot!("unreachable", of(&sample_reports::unreachable()));
        insta::assert_snapshot!("invalid", of(&sample_reports::invalid()));
        insta::assert_snapshot!("evil", of(&sample_reports::evil()));
    }

    #[test]
    fn what_was_interrupted_does_not_pass() {
        let end = crate::report::End { code: 130, words: "interrupted by Ctrl-C" };
        let text = of(&Report { command: "plan", end, ..Report::default() });
        assert!(text.contains(r#"<failure message="interrupted by Ctrl-C" type="interrupted">"#), "{text}");
    }

    #[test]
    fn what_xml_cannot_hold_is_not_in_it() {
        let fault = sample_reports::unreachable().fault.unwrap();
        let message = "a\u{0}\u{b}\u{1b}[31m\u{fffe}b".to_owned();
        let fault = Some(crate::report::json::FaultDocument { message, ..fault });
        let text = of(&Report { fault, ..sample_reports::unreachable() });
        assert!(!text.contains(['\u{0}', '\u{b}', '\u{1b}', '\u{fffe}']), "{text:?}");
    }
}
