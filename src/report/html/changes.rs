//! The objects of a plan, by cluster, each with its diff a click away, and the filter above them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use maud::{Markup, html};

use super::Part;
use super::diffs::Diffs;
use super::look::{ACTIONS, Sign, id, outcome, sign};
use super::prose::{code, hint, message, prose};
use crate::apply::Outcome;
use crate::object::names::CLUSTER_KIND;
use crate::object::{Address, ObjectRef};
use crate::plan::{Action, Change, Plan};
use crate::report::human::change::facts;
use crate::report::human::words::{self, elapsed, plural};
use crate::report::{Report, planned};

/// Objects that one says it waits for before the rest is only counted.
const NEEDS: usize = 8;

/// What is known of a change beside itself.
struct Known<'a> {
    plan: &'a Plan,
    places: BTreeMap<&'a ObjectRef, usize>,
    outcomes: BTreeMap<&'a ObjectRef, &'a Outcome>,
    took: &'a BTreeMap<ObjectRef, Duration>,
    diffs: Diffs,
}

/// All changes; none of a plan without objects.
#[must_use]
pub(super) fn part(report: &Report, plan: &Plan) -> Option<Part> {
    let outcomes = report.run.iter().flat_map(|run| &run.outcomes);
    let known = Known {
        plan,
        places: places(plan),
        outcomes: outcomes.map(|(object, _, outcome)| (object, outcome)).collect(),
        took: &report.took,
        diffs: Diffs::of_plan(plan),
    };
    let groups = groups(plan);
    let body = html! {
        (legend(plan))
        (filter(plan))
        @if known.diffs.left_out > 0 {
            p.note { (plural(known.diffs.left_out, "object")) " without details, for which this page has no room." }
        }
        @for (number, (name, places)) in groups.iter().enumerate() {
            section.group id={ "g" (number) } {
                h3 { (heading(plan, *name)) " " span.count { (plural(places.len(), "object")) } }
                @for place in places { @if let Some(change) = plan.changes.get(*place) { (entry(&known, *place, change)) } }
            }
        }
    };
    (!plan.changes.is_empty()).then_some(Part { id: "changes", title: "Changes", body })
}

/// Where each object stands in the plan.
#[must_use]
pub(super) fn places(plan: &Plan) -> BTreeMap<&ObjectRef, usize> {
    plan.changes.iter().enumerate().map(|(place, change)| (&change.object, place)).collect()
}

/// The places of all changes by namespace, in the order in which the page shows them: what has none comes first, but for
/// namespaces and clusters, which stand with what is in them.
#[must_use]
pub(super) fn groups(plan: &Plan) -> BTreeMap<Option<&str>, Vec<usize>> {
    let mut groups: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for (place, change) in plan.changes.iter().enumerate() {
        let object = &change.object;
        let own = (object.is("", "Namespace") || is_cluster(object)).then_some(&*object.name);
        groups.entry(object.namespace.as_deref().or(own)).or_default().push(place);
    }
    groups
}

fn is_cluster(object: &ObjectRef) -> bool {
    object.is_custom() && &*object.kind == CLUSTER_KIND
}

fn heading(plan: &Plan, name: Option<&str>) -> Markup {
    let Some(name) = name else { return html! { "Without a namespace" } };
    let is_cluster = plan.changes.iter().any(|change| is_cluster(&change.object) && &*change.object.name == name);
    html! { (if is_cluster { "Cluster " } else { "Namespace " }) (code(name)) }
}

/// What the tags say.
fn legend(plan: &Plan) -> Markup {
    let tags: BTreeSet<_> = plan.changes.iter().filter_map(words::legend).collect();
    html! { @for (tag, meaning) in tags { p.note { code { (tag.trim_end()) } " " (meaning) } } }
}

/// Useless without the script, which shows it.
fn filter(plan: &Plan) -> Markup {
    let counts = ACTIONS.map(|action| (action, plan.with_action(action).count()));
    let only_unchanged = plan.with_action(Action::NoOp).count() == plan.changes.len();
    html! {
        form #filter role="search" aria-label="Filter the changes" hidden {
            label.search { "Search " input #search type="search" autocomplete="off" spellcheck="false"; }
            fieldset {
                legend { "Actions" }
                @for (action, count) in counts.iter().filter(|(_, count)| *count > 0) {
                    @let Sign { mark, class, word } = sign(*action);
                    label class={ "pick " (class) } {
                        input type="checkbox" value=(class) checked[*action != Action::NoOp || only_unchanged];
                        span.mark aria-hidden="true" { (mark) } " " (word) " " span.count { (count) }
                    }
                }
            }
            button #unfold type="button" { "Open all" }
            button #fold type="button" { "Close all" }
            p #shown role="status" {}
        }
    }
}

fn entry(known: &Known<'_>, place: usize, change: &Change) -> Markup {
    let Sign { mark, class, word } = sign(change.action);
    let ended = known.outcomes.get(&change.object);
    html! {
        details class={ "change " (class) } id=(id(place)) data-action=(class) {
            summary {
                span.mark aria-hidden="true" { (mark) } span.unseen { (word) " " }
                (name(&change.object))
                @if change.address != Address::object(&change.object) { " (" (code(change.address.as_str())) ")" }
                ": " (prose(&planned::why(known.plan, change)))
                @if let Some(ended) = ended {
                    @let (words, class) = outcome(&change.object, change.action, ended);
                    " " span class={ "outcome " (class) } { (words) }
                }
                (brief(change))
            }
            div.body { (ending(ended.copied())) (about(known, change)) (known.diffs.shown(place).unwrap_or_default()) }
        }
    }
}

fn name(object: &ObjectRef) -> Markup {
    let place = object.namespace.as_ref().map(|namespace| format!(" in {namespace}"));
    html! { b { (code(&format!("{}/{}{}", object.kind, object.name, place.unwrap_or_default()))) } }
}

fn brief(change: &Change) -> Markup {
    let facts = if change.action == Action::Create { facts(change) } else { Vec::new() };
    html! { @if !facts.is_empty() { span.facts { (code(&facts.join(", "))) } } }
}

/// Why it did not go well.
fn ending(outcome: Option<&Outcome>) -> Markup {
    html! {
        @match outcome {
            Some(Outcome::Failed { error, hint: next, .. }) => div.wrong { (message(error)) (hint(next.as_deref())) },
            Some(Outcome::Stale { because } | Outcome::Skipped { because }) => div.wrong { (message(because)) },
            _ => {}
        }
    }
}

/// Where it is written, how long it took, and what it waits for.
fn about(known: &Known<'_>, change: &Change) -> Markup {
    let took = known.took.get(&change.object);
    let needs = change.depends_on.iter().filter_map(|edge| Some((known.places.get(&edge.on)?, &edge.on)));
    let needs: Vec<_> = needs.collect();
    html! {
        @if change.source.is_some() || took.is_some() || !needs.is_empty() {
            p.about {
                @if let Some(source) = &change.source { "Written at " (code(&source.to_string())) ". " }
                @if let Some(took) = took { "Took " (elapsed(*took)) ". " }
                @if !needs.is_empty() { "Waits for " }
                @for (at, (place, object)) in needs.iter().take(NEEDS).enumerate() {
                    @if at > 0 { ", " }
                    a href={ "#" (id(**place)) } { (code(&format!("{}/{}", object.kind, object.name))) }
                }
                @if needs.len() > NEEDS { " and " (needs.len() - NEEDS) " more" }
                @if !needs.is_empty() { "." }
            }
        }
    }
}
