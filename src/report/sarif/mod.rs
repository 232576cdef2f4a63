//! A report for code scanning: SARIF 2.1.0, as far as GitHub reads it. The worst results come first, since GitHub keeps the
//! first five thousand of a run; what is left out is counted in a notification.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>,
//! <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>

mod document;
mod uri;

use std::collections::BTreeMap;

use serde_json::json as value;

use self::document::{
    Artifact, Driver, Invocation, Location, Log, LogicalLocation, Message, Notification, Physical, Region, Rule, Run,
    SarifResult, Tool,
};
use super::diagnostics::{Diagnostic, Level, Place, diagnostics};
use super::{Report, headline, json};
use crate::object::{Address, digest, printable};

/// Results of one run that GitHub keeps; of more than 25,000 it takes none.
const MOST: usize = 5_000;

/// The document.
///
/// # Errors
/// It cannot be written as JSON.
pub(super) fn document(report: &Report) -> Result<String, serde_json::Error> {
    let all = diagnostics(report);
    let shown = &all[..all.len().min(MOST)];
    let rules: BTreeMap<&str, usize> = shown.iter().map(|diagnostic| (diagnostic.code.as_str(), 0)).collect();
    let rules: BTreeMap<&str, usize> = rules.into_keys().enumerate().map(|(index, code)| (code, index)).collect();
    let fallback = first_file(report, &all);
    let run = Run {
        tool: Tool { driver: driver(rules.keys().copied()) },
        column_kind: "unicodeCodePoints",
        invocations: [invocation(report, all.len() - shown.len())],
        results: shown.iter().map(|diagnostic| result(diagnostic, &rules, fallback.as_deref())).collect(),
    };
    json::document(&Log { schema: document::SCHEMA, version: "2.1.0", runs: [run] })
}

fn driver<'a>(codes: impl Iterator<Item = &'a str>) -> Driver {
    let rule = |code: &str| Rule { id: code.to_owned(), name: code.to_owned(), short_description: Message::of(code) };
    Driver { name: "langop", semantic_version: env!("CARGO_PKG_VERSION"), rules: codes.map(rule).collect() }
}

fn invocation(report: &Report, left_out: usize) -> Invocation {
    let mut notes = vec![Notification { level: "note", message: Message::of(&headline::of(report)) }];
    if left_out > 0 {
        let words = format!("{left_out} results are left out: code scanning keeps {MOST}");
        notes.push(Notification { level: "warning", message: Message::of(&words) });
    }
    Invocation {
        execution_successful: report.fault.is_none(),
        exit_code: report.end.code,
        tool_execution_notifications: notes,
    }
}

fn result(diagnostic: &Diagnostic, rules: &BTreeMap<&str, usize>, fallback: Option<&str>) -> SarifResult {
    let Diagnostic { code, object, .. } = diagnostic;
    let object = object.as_ref().map(Address::object);
    let identity = value!([code, object, if object.is_none() { &diagnostic.message } else { "" }]);
    SarifResult {
        rule_id: code.clone(),
        rule_index: rules.get(code.as_str()).copied().unwrap_or_default(),
        level: if diagnostic.level == Level::Error { "error" } else { "warning" },
        message: Message::of(&diagnostic.with_hint()),
        locations: location(diagnostic, object.as_ref(), fallback).into_iter().collect(),
        partial_fingerprints: BTreeMap::from([("langop/v1", digest::of_document(&identity))]),
    }
}

/// Where it was written. What is written nowhere any more is shown at the top of the description: GitHub takes no result
/// without a file.
fn location(diagnostic: &Diagnostic, object: Option<&Address>, fallback: Option<&str>) -> Option<Location> {
    let logical =
        object.map(|address| LogicalLocation { fully_qualified_name: printable(address.as_str()).into_owned() });
    let physical = match &diagnostic.place {
        Some(place) => Some(Physical { artifact_location: Artifact::of(&place.file), region: Some(region(place)) }),
        None => fallback.map(|file| Physical { artifact_location: Artifact::of(file), region: None }),
    };
    (physical.is_some() || logical.is_some())
        .then(|| Location { physical_location: physical, logical_locations: logical.into_iter().collect() })
}

fn region(place: &Place) -> Region {
    let end = place.end.filter(|end| *end > (place.line, place.column));
    Region {
        start_line: place.line,
        start_column: place.column,
        end_line: end.map(|(line, _)| line),
        end_column: end.map(|(_, column)| column),
    }
}

/// A file of the description.
fn first_file(report: &Report, all: &[Diagnostic]) -> Option<String> {
    let of_diagnostics = all.iter().filter_map(|diagnostic| diagnostic.place.as_ref()).map(|place| place.file.as_str());
    let of_changes = report.plan.iter().flat_map(|plan| &plan.changes).filter_map(|change| change.source.as_ref());
    of_changes.map(|source| &*source.file).chain(of_diagnostics).min().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::report::{sample_reports, samples};

    fn of(report: &Report) -> Value {
        let log: Value = serde_json::from_str(&super::document(report).unwrap()).unwrap();
        let schema = serde_json::from_str(include_str!("../../../tests/schemas/sarif-2.1.0.json")).unwrap();
        let faults: Vec<_> =
            jsonschema::validator_for(&schema).unwrap().iter_errors(&log).map(|e| e.to_string()).collect();
        assert_eq!(faults, [""; 0]);
        log
    }

    #[test]
    fn logs_of_whole_reports_fit_the_schema() {
        insta::assert_json_snapshot!("conflict", of(&sample_reports::planned(samples::conflict())));
        insta::assert_json_snapshot!("update", of(&sample_reports::planned(samples::update_all())));
        insta::assert_json_snapshot!("invalid", of(&sample_reports::invalid()));
        insta::assert_json_snapshot!("evil", of(&sample_reports::evil()));
        of(&sample_reports::applied_in_part());
        of(&sample_reports::unreachable());
        of(&sample_reports::planned(samples::nothing()));
    }

    #[test]
    fn no_more_results_than_github_keeps_and_the_worst_of_them() {
        let mut plan = samples::nothing();
        let warning = samples::conflict().problems.remove(2);
        let numbered = |number: usize| crate::plan::Problem { message: number.to_string(), ..warning.clone() };
        plan.problems = (0..MOST + 7).map(numbered).chain(samples::conflict().problems).collect();
        let log = of(&sample_reports::planned(plan));
        let run = &log["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!((results.len(), results[0]["level"].as_str()), (MOST, Some("error")));
        let note = &run["invocations"][0]["toolExecutionNotifications"][1]["message"]["text"];
        assert_eq!(note, "10 results are left out: code scanning keeps 5000");
    }
}
