//! A report as JSON: what the command prints with `--json`, and beside it the error that it ended with.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    FORMAT_VERSION, FaultDocument, PlanDocument, TargetDocument, ValidationDocument, document, line,
    plan as plan_document,
};
use crate::report::{Report, Target};
use crate::stack::diagnostic::Finding;

/// The last line of a stream that did not end well.
#[derive(Serialize, JsonSchema)]
pub(super) struct ErrorLine<'a> {
    #[schemars(extend("const" = "error"))]
    r#type: &'static str,
    #[serde(flatten)]
    fault: &'a FaultDocument,
}

/// A plan, and why the command failed after it was made.
#[derive(Serialize, JsonSchema)]
pub(super) struct PlanReport<'a> {
    #[serde(flatten)]
    plan: PlanDocument<'a>,
    /// Why the command failed after the plan was made; only in a report.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a FaultDocument>,
}

/// A command that did not get as far as a plan.
#[derive(Serialize, JsonSchema)]
pub(super) struct BareReport<'a> {
    /// Version of this document.
    format_version: &'static str,
    /// The stack, where that is known.
    stack: Option<&'a str>,
    /// How the command ended.
    exit_code: u8,
    /// Mistakes of the description.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    findings: &'a [Finding],
    /// Why the command failed.
    error: Option<&'a FaultDocument>,
}

/// The stream of a run, the document of a plan or of a description, or what there is without either.
///
/// # Errors
/// It cannot be written as JSON.
pub(crate) fn report(report: &Report) -> Result<String, serde_json::Error> {
    let fault = report.fault.as_ref();
    if !report.stream.is_empty() {
        let last = fault.map(|fault| line(&ErrorLine { r#type: "error", fault })).transpose()?;
        return Ok(format!("{}{}", report.stream, last.unwrap_or_default()));
    }
    if let (Some(document), None) = (&report.document, fault) {
        return Ok(document.clone());
    }
    let unknown = Target::default();
    let target = report.target.as_ref().unwrap_or(&unknown);
    match &report.plan {
        Some(plan) => document(&PlanReport { plan: plan_document(plan, TargetDocument::from(target)), error: fault }),
        None if report.command == "validate" && fault.is_none_or(|_| !report.findings.is_empty()) => {
            document(&validation(report))
        }
        None => document(&BareReport {
            format_version: FORMAT_VERSION,
            stack: report.stack_name(),
            exit_code: report.end.code,
            findings: &report.findings,
            error: fault,
        }),
    }
}

fn validation(report: &Report) -> ValidationDocument<'_> {
    ValidationDocument {
        format_version: FORMAT_VERSION,
        valid: report.end.code == 0,
        stack: report.stack_name(),
        findings: report.findings.clone(),
        problems: &report.problems,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::report::{End, sample_reports, samples};

    fn of(report: &Report) -> Value {
        serde_json::from_str(&super::report(report).unwrap()).unwrap()
    }

    #[test]
    fn a_plan_is_the_document_of_the_plan_and_beside_it_the_error() {
        let session = samples::session();
        let planned = Report {
            target: Some((&TargetDocument::from(&session)).into()),
            ..sample_reports::planned(samples::update_all())
        };
        let plan = samples::update_all();
        assert_eq!(super::report(&planned).unwrap(), document(&plan_document(&plan, (&session).into())).unwrap());
        let fault = sample_reports::unreachable().fault;
        let failed = Report { fault, end: End { code: 7, words: "gate" }, ..planned };
        assert_eq!(of(&failed)["error"]["code"], "unreachable");
    }

    #[test]
    fn without_a_plan_there_is_the_error_or_the_document_of_the_description() {
        insta::assert_json_snapshot!("unreachable", of(&sample_reports::unreachable()));
        insta::assert_json_snapshot!("invalid", of(&sample_reports::invalid()));
        let planned = Report { command: "plan", ..sample_reports::invalid() };
        insta::assert_json_snapshot!("invalid_plan", of(&planned));
    }

    #[test]
    fn a_stream_ends_with_the_error() {
        let report = Report { stream: "{}\n".to_owned(), ..sample_reports::unreachable() };
        let text = super::report(&report).unwrap();
        assert!(text.starts_with("{}\n{\"type\":\"error\",\"code\":\"unreachable\""), "{text}");
    }
}
