//! What a run did: what failed and why, what was not tried, and what is done.

use std::collections::BTreeMap;

use super::changes::{folded, kinds};
use super::escape::{code, prose};
use super::fit::Section;
use super::message::{hint, message};
use crate::apply::{Outcome, Run};
use crate::object::ObjectRef;
use crate::plan::Action;
use crate::report::Report;
use crate::report::human::words::verbs;

/// From top to bottom.
pub(super) fn sections(report: &Report, run: &Run) -> Vec<Section> {
    let failed = |(object, _, outcome): &(ObjectRef, Action, Outcome)| match outcome {
        Outcome::Failed { error, hint, .. } => Some(item(object, error, hint.as_deref())),
        _ => None,
    };
    let stale = |(object, _, outcome): &(ObjectRef, Action, Outcome)| match outcome {
        Outcome::Stale { because } => Some(item(object, because, None)),
        _ => None,
    };
    let mut sections = Vec::new();
    sections.extend(titled(2, "failed", &of(run, failed)));
    sections.extend(titled(3, "not as approved, and left alone", &of(run, stale)));
    sections.extend(skipped(run));
    sections.extend(done(run));
    sections.extend((report.end.code != 0).then(|| left(run)).flatten());
    sections
}

/// The items of some objects: in full, and with the name alone.
type Items<'a> = Vec<(&'a ObjectRef, String)>;

fn of(run: &Run, item: impl Fn(&(ObjectRef, Action, Outcome)) -> Option<String>) -> Items<'_> {
    run.outcomes.iter().filter_map(|outcome| Some((&outcome.0, item(outcome)?))).collect()
}

fn item(object: &ObjectRef, error: &str, next: Option<&str>) -> String {
    message(&format!("- {}: ", code(&object.to_string())), error) + &hint(next)
}

fn titled(weight: u8, words: &str, items: &Items<'_>) -> Option<Section> {
    if items.is_empty() {
        return None;
    }
    let title = format!("\n### {} {words}\n\n", items.len());
    let whole: String = items.iter().map(|(_, item)| item.as_str()).collect();
    let names: Vec<_> = items.iter().map(|(object, _)| format!("- {}\n", code(&object.to_string()))).collect();
    let names = names.concat();
    let counts = format!("{title}{}\n", kinds(items.iter().map(|(object, _)| *object)));
    Some(Section::new(
        weight,
        vec![format!("{title}{whole}"), format!("{title}{}", folded(items.len(), &names)), counts],
    ))
}

/// Objects that were skipped for one reason stand together.
fn skipped(run: &Run) -> Option<Section> {
    let mut reasons: BTreeMap<&str, Vec<&ObjectRef>> = BTreeMap::new();
    for (object, _, outcome) in &run.outcomes {
        if let Outcome::Skipped { because } = outcome {
            reasons.entry(because).or_default().push(object);
        }
    }
    let all: Vec<&ObjectRef> = reasons.values().flatten().copied().collect();
    if all.is_empty() {
        return None;
    }
    let title = format!("\n### {} not tried\n\n", all.len());
    let groups = reasons.iter().map(|(reason, objects)| {
        let names: Vec<_> = objects.iter().map(|object| code(&object.to_string())).collect();
        format!("- {}: {}\n", prose(reason), names.join(", "))
    });
    let whole = format!("{title}{}", groups.collect::<String>());
    Some(Section::new(4, vec![whole, format!("{title}{}\n", kinds(all.into_iter()))]))
}

/// What was done, by action.
fn done(run: &Run) -> Vec<Section> {
    let mut actions: BTreeMap<Action, Items<'_>> = BTreeMap::new();
    for (object, action, outcome) in &run.outcomes {
        if matches!(outcome, Outcome::Applied | Outcome::Deleted | Outcome::Forgotten) {
            actions.entry(*action).or_default().push((object, format!("- {}\n", code(&object.to_string()))));
        }
    }
    actions.iter().filter_map(|(action, items)| titled(6, verbs(*action).1, items)).collect()
}

/// How to go on.
fn left(run: &Run) -> Option<Section> {
    let is_left = |outcome: &Outcome| matches!(outcome, Outcome::Failed { .. } | Outcome::Skipped { .. });
    let count = run.outcomes.iter().filter(|(_, _, outcome)| is_left(outcome)).count();
    let text = format!("\nLeft: {count}. Run it again to go on; what is done stays done.\n");
    (count > 0 || run.interrupted).then(|| Section::new(1, vec![text]))
}
