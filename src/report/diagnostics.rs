//! What a program for code review shows: everything that is wrong or worth a look, each with the place in the description
//! that caused it. One list for SARIF, annotations and `JUnit`.

use super::Report;
use super::human::words;
use crate::apply::Outcome;
use crate::object::{Address, ObjectRef, Source};
use crate::plan::{Action, Change, Plan, Problem, Severity};
use crate::stack::diagnostic::{Finding, Severity as Weight};

/// Exit codes above this are those of signals.
const SIGNALS: u8 = 128;

/// How much a diagnostic weighs, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// It keeps the command from what it was asked for.
    Error,
    /// Look here before saying yes.
    Warning,
}

/// A range in a file of the description; lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub file: String,
    pub line: usize,
    pub column: usize,
    /// Last line, and the column after the last character.
    pub end: Option<(usize, usize)>,
}

/// One thing to look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Diagnostic {
    pub level: Level,
    pub place: Option<Place>,
    /// Stable name.
    pub code: String,
    /// The object it is about.
    pub object: Option<ObjectRef>,
    /// What the user calls it.
    pub address: Option<String>,
    pub message: String,
    pub hint: Option<String>,
}

impl Diagnostic {
    fn new(level: Level, code: &str, message: String) -> Self {
        let code = code.to_owned();
        Self { level, place: None, code, object: None, address: None, message, hint: None }
    }

    /// What it is about and what is wrong, in one line and more.
    pub(super) fn words(&self) -> String {
        match &self.object {
            Some(object) => format!("{object}: {}", self.message),
            None => self.message.clone(),
        }
    }

    /// The same with the next step.
    pub(super) fn with_hint(&self) -> String {
        let hint = self.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        format!("{}{hint}", self.words())
    }
}

/// All of a report: the worst first, then in the order of the files.
pub(super) fn diagnostics(report: &Report) -> Vec<Diagnostic> {
    let mut all: Vec<_> = report.findings.iter().map(of_finding).collect();
    all.extend(report.all_problems().map(of_problem));
    all.extend(report.plan.iter().flat_map(|plan| ended(report, plan)));
    // Nothing is going to happen any more once it did.
    if report.run.is_none() {
        all.extend(report.plan.iter().flat_map(planned));
    }
    all.extend(fault(report));
    all.extend(interrupted(report));
    all.sort();
    all.dedup();
    all
}

fn of_finding(finding: &Finding) -> Diagnostic {
    let level = if finding.severity == Weight::Error { Level::Error } else { Level::Warning };
    let place = finding.place.as_ref().map(|place| Place {
        file: place.file.clone(),
        line: place.line,
        column: place.column,
        end: Some((place.end_line, place.end_column)),
    });
    let hint = finding.hint.clone();
    Diagnostic { place, hint, ..Diagnostic::new(level, finding.code, finding.message.clone()) }
}

fn of_problem(problem: &Problem) -> Diagnostic {
    let level = if problem.severity == Severity::Error { Level::Error } else { Level::Warning };
    Diagnostic {
        place: problem.source.as_ref().map(place),
        object: problem.object.clone(),
        address: problem.address.as_ref().map(ToString::to_string),
        hint: problem.hint.clone(),
        ..Diagnostic::new(level, &problem.code, problem.message.clone())
    }
}

/// What did not end well.
fn ended(report: &Report, plan: &Plan) -> Vec<Diagnostic> {
    let outcomes = report.run.iter().flat_map(|run| &run.outcomes);
    let ended = outcomes.filter_map(|(object, _, outcome)| {
        let (code, message, hint) = match outcome {
            Outcome::Failed { error, hint, unhealthy, .. } => {
                (if *unhealthy { "unhealthy" } else { "failed" }, error, hint.clone())
            }
            Outcome::Stale { because } => ("stale", because, None),
            _ => return None,
        };
        let found = plan.changes.iter().find(|change| change.object == *object);
        let diagnostic = Diagnostic { hint, ..Diagnostic::new(Level::Error, code, message.clone()) };
        Some(about(diagnostic, object, found))
    });
    ended.collect()
}

/// What a plan would take away, and what is not well.
fn planned(plan: &Plan) -> Vec<Diagnostic> {
    let destroys = |change: &&Change| matches!(change.action, Action::Replace | Action::Delete);
    let destroyed = plan.changes.iter().filter(destroys).map(|change| {
        let (code, verb) = match change.action {
            Action::Replace => ("replace", "deleted and made again"),
            _ => ("delete", "deleted"),
        };
        let message = format!("{verb}: {}", words::reason(&change.reason));
        about(Diagnostic::new(Level::Warning, code, message), &change.object, Some(change))
    });
    let unhealthy = plan.unhealthy.iter().map(|unhealthy| {
        let found = plan.changes.iter().find(|change| change.object == unhealthy.object);
        about(Diagnostic::new(Level::Warning, "unhealthy", unhealthy.reason.clone()), &unhealthy.object, found)
    });
    destroyed.chain(unhealthy).chain(lost(plan)).collect()
}

fn lost(plan: &Plan) -> impl Iterator<Item = Diagnostic> {
    plan.unmanaged.iter().filter_map(|(taker, kinds)| {
        let kinds = kinds.iter().filter(|(_, count)| **count > 0);
        let kinds: Vec<_> = kinds.map(|(kind, count)| format!("{count} × {kind}")).collect();
        let message = format!("{taker} takes along what this stack did not make: {}", kinds.join(", "));
        (!kinds.is_empty()).then(|| Diagnostic::new(Level::Warning, "unmanaged-objects", message))
    })
}

fn fault(report: &Report) -> Option<Diagnostic> {
    let fault = report.untold_fault()?;
    let hint = fault.hint.clone();
    Some(Diagnostic { hint, ..Diagnostic::new(Level::Error, fault.code, fault.message.clone()) })
}

/// A signal ended the command, which knows of no other error then.
fn interrupted(report: &Report) -> Option<Diagnostic> {
    let is_signal = report.end.code > SIGNALS && report.fault.is_none();
    is_signal.then(|| Diagnostic::new(Level::Error, "interrupted", report.end.words.to_owned()))
}

fn about(diagnostic: Diagnostic, object: &ObjectRef, change: Option<&Change>) -> Diagnostic {
    Diagnostic {
        place: change.and_then(|change| change.source.as_ref()).map(place),
        object: Some(object.clone()),
        address: change.map(|change| Address::to_string(&change.address)),
        ..diagnostic
    }
}

fn place(source: &Source) -> Place {
    Place { file: source.file.to_string(), line: source.line, column: source.column, end: None }
}
