//! What a plan would do, one section for each action: in full with folded diffs, with the paths that change, with names, and
//! as numbers of kinds.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::escape::{block, code, html_code, html_prose, prose};
use super::fit::Section;
use super::values::{lines, paths};
use crate::object::{Address, ObjectRef};
use crate::plan::{Action, Change, Plan};
use crate::report::human::change::facts;
use crate::report::human::words::plural;
use crate::report::planned::{diff, why};

/// Objects of a section that stand open; more of them are folded.
const OPEN: usize = 10;

/// Kinds that a count lists before the rest is only counted.
const KINDS: usize = 12;

/// Sections of actions, what destroys first: they are the last to lose anything.
const ACTIONS: [(Action, u8, &str); 5] = [
    (Action::Replace, 4, "to replace"),
    (Action::Delete, 5, "to delete"),
    (Action::Update, 6, "to change"),
    (Action::Create, 7, "to create"),
    (Action::Forget, 8, "to forget"),
];

/// From top to bottom.
pub(super) fn sections(plan: &Plan) -> Vec<Section> {
    let of_action = |(action, weight, words): (Action, u8, &str)| {
        let changes: Vec<_> = plan.with_action(action).collect();
        (!changes.is_empty()).then(|| Section::new(weight, lengths(plan, &changes, words)))
    };
    ACTIONS.into_iter().filter_map(of_action).chain(moved(plan)).chain(notes(plan)).collect()
}

fn lengths(plan: &Plan, changes: &[&Change], words: &str) -> Vec<String> {
    let title = format!("\n### {} {words}\n\n", changes.len());
    let of = |write: &dyn Fn(&Change) -> String| {
        let body: String = changes.iter().map(|change| write(change)).collect();
        format!("{title}{}", folded(changes.len(), &body))
    };
    let objects = changes.iter().map(|change| &change.object);
    vec![
        of(&|change| detailed(plan, change)),
        of(&|change| with_paths(plan, change)),
        of(&|change| format!("- {}\n", code(&change.object.to_string()))),
        format!("{title}{}\n", kinds(objects)),
    ]
}

/// Many objects are folded away, so that what matters is seen without scrolling.
pub(super) fn folded(count: usize, body: &str) -> String {
    if count <= OPEN {
        return body.to_owned();
    }
    format!("<details><summary>{}</summary>\n\n{body}\n</details>\n", plural(count, "object"))
}

/// `12 ConfigMap, 3 Deployment`.
pub(super) fn kinds<'a>(objects: impl Iterator<Item = &'a ObjectRef>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for object in objects {
        *counts.entry(&object.kind).or_default() += 1;
    }
    let mut shown: Vec<_> = counts.iter().take(KINDS).map(|(kind, count)| format!("{count} {}", prose(kind))).collect();
    if counts.len() > KINDS {
        shown.push(format!("{} more kinds", counts.len() - KINDS));
    }
    shown.join(", ")
}

fn detailed(plan: &Plan, change: &Change) -> String {
    let why = why(plan, change);
    let Some(diff) = diff(plan, change) else {
        let mut text = format!("- {}{}: {}\n", code(&change.object.to_string()), address(change, code), prose(&why));
        let facts = if change.action == Action::Create { facts(change) } else { Vec::new() };
        if !facts.is_empty() {
            let _ = writeln!(text, "  {}", code(&facts.join(", ")));
        }
        return text;
    };
    let object = html_code(&change.object.to_string());
    let summary = format!("{object}{}: {}", address(change, html_code), html_prose(&why));
    let body = block("diff", &lines(diff));
    format!("\n<details><summary>{summary}</summary>\n\n{body}\n</details>\n\n")
}

fn with_paths(plan: &Plan, change: &Change) -> String {
    let paths = diff(plan, change).map(paths).unwrap_or_default();
    let paths: Vec<_> = paths.iter().map(|path| code(path)).collect();
    let paths = if paths.is_empty() { String::new() } else { format!(": {}", paths.join(", ")) };
    format!("- {}{paths}\n", code(&change.object.to_string()))
}

fn address(change: &Change, code: impl Fn(&str) -> String) -> String {
    if change.address == Address::object(&change.object) {
        return String::new();
    }
    format!(" ({})", code(change.address.as_str()))
}

/// Objects that need nothing but another name in the record.
fn moved(plan: &Plan) -> Option<Section> {
    let moved = plan.with_action(Action::NoOp).filter_map(|change| Some((change, change.moved_from.as_ref()?)));
    let moved: Vec<_> = moved.map(|(change, from)| format!("`{from}` is `{}` now", change.address)).collect();
    list("Moved in the record alone", &moved)
}

/// What else happens, what stays as it is, and what is not well.
fn notes(plan: &Plan) -> Vec<Section> {
    let left: Vec<_> =
        plan.left.iter().map(|left| format!("{}: `{}`", left.object, left.fields.join("`, `"))).collect();
    let unhealthy: Vec<_> = plan.unhealthy.iter().map(|one| format!("{}: {}", one.object, one.reason)).collect();
    [list("Effects", &plan.effects), list("Left as it is", &left), list("In sync but not healthy", &unhealthy)]
        .into_iter()
        .flatten()
        .collect()
}

/// A titled list of sentences, or how many they are; none when there are none.
pub(super) fn list(title: &str, sentences: &[String]) -> Option<Section> {
    let title = format!("\n### {title}\n\n");
    let all: Vec<_> = sentences.iter().map(|sentence| format!("- {}\n", prose(sentence))).collect();
    let lengths =
        vec![format!("{title}{}", folded(sentences.len(), &all.concat())), format!("{title}{}\n", sentences.len())];
    (!sentences.is_empty()).then(|| Section::new(9, lengths))
}
