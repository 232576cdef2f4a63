//! What is wrong, and what was not done: before anything else of a page.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::Part;
use super::changes::places;
use super::look::id;
use super::prose::{code, hint, message, prose};
use crate::apply::Outcome;
use crate::object::{Address, ObjectRef, Source};
use crate::plan::{Problem, Severity};
use crate::report::Report;
use crate::report::json::FaultDocument;
use crate::stack::diagnostic::{Finding, Severity as Weight};

/// Problems before the rest is only counted.
const MOST: usize = 1_000;

/// One thing that is wrong.
struct Item<'a> {
    is_error: bool,
    code: &'a str,
    about: Option<String>,
    object: Option<&'a ObjectRef>,
    place: Option<String>,
    message: &'a str,
    hint: Option<&'a str>,
}

/// All that is wrong; none when nothing is.
#[must_use]
pub(super) fn part(report: &Report) -> Option<Part> {
    let mut items: Vec<Item<'_>> = report.untold_fault().map(of_fault).into_iter().collect();
    items.extend(report.findings.iter().map(of_finding));
    items.extend(report.all_problems().map(of_problem));
    items
        .extend(report.run.iter().flat_map(|run| &run.outcomes).filter_map(|(object, _, end)| of_outcome(object, end)));
    items.sort_by_key(|item| !item.is_error);
    let places = report.plan.as_ref().map(places).unwrap_or_default();
    let title = match report.command {
        "drift" if !report.problems.is_empty() => "What moved",
        _ if items.iter().any(|item| item.is_error) => "What is wrong",
        _ => "Warnings",
    };
    let body = html! {
        ul.problems { @for item in items.iter().take(MOST) { (entry(item, &places)) } }
        @if items.len() > MOST { p { (items.len() - MOST) " more are not shown." } }
    };
    (!items.is_empty()).then_some(Part { id: "problems", title, body })
}

fn entry(item: &Item<'_>, places: &BTreeMap<&ObjectRef, usize>) -> Markup {
    let (class, word) = if item.is_error { ("error", "error") } else { ("warning", "warning") };
    let link = item.object.and_then(|object| places.get(object)).map(|place| format!("#{}", id(*place)));
    html! {
        li class=(class) {
            b.level { (word) "[" (prose(item.code)) "]" }
            @if let Some(about) = &item.about {
                " "
                @if let Some(link) = link { a href=(link) { (code(about)) } } @else { (code(about)) }
            }
            @if let Some(place) = &item.place { " at " (code(place)) }
            ": " (message(item.message)) (hint(item.hint))
        }
    }
}

fn of_fault(fault: &FaultDocument) -> Item<'_> {
    let (message, hint) = (fault.message.as_str(), fault.hint.as_deref());
    Item { is_error: true, code: fault.code, about: None, object: None, place: None, message, hint }
}

fn of_finding(finding: &Finding) -> Item<'_> {
    let place = finding.place.as_ref().map(|place| format!("{}:{}:{}", place.file, place.line, place.column));
    Item {
        is_error: finding.severity == Weight::Error,
        code: finding.code,
        about: None,
        object: None,
        place,
        message: &finding.message,
        hint: finding.hint.as_deref(),
    }
}

fn of_problem(problem: &Problem) -> Item<'_> {
    let address = || problem.address.as_ref().map(Address::to_string);
    Item {
        is_error: problem.severity == Severity::Error,
        code: &problem.code,
        about: problem.object.as_ref().map(ToString::to_string).or_else(address),
        object: problem.object.as_ref(),
        place: problem.source.as_ref().map(Source::to_string),
        message: &problem.message,
        hint: problem.hint.as_deref(),
    }
}

fn of_outcome<'a>(object: &'a ObjectRef, outcome: &'a Outcome) -> Option<Item<'a>> {
    let (code, message, hint) = match outcome {
        Outcome::Failed { error, hint, .. } => ("failed", error, hint.as_deref()),
        Outcome::Stale { because } => ("not-as-approved", because, None),
        Outcome::Skipped { because } => ("not-tried", because, None),
        _ => return None,
    };
    let is_error = !matches!(outcome, Outcome::Skipped { .. });
    Some(Item { is_error, code, about: Some(object.to_string()), object: Some(object), place: None, message, hint })
}
