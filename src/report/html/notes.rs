//! What a plan says beside its changes: what it is not about, what is lost, what happens besides, what stays.

use maud::{Markup, html};

use super::Part;
use super::prose::prose;
use crate::plan::{Action, Incomplete, Plan};

/// Sentences of one list before the rest is only counted.
const MOST: usize = 500;

/// All of that; none when there is nothing of it.
#[must_use]
pub(super) fn part(plan: &Plan) -> Option<Part> {
    let left = plan.left.iter().map(|left| format!("{}: `{}`", left.object, left.fields.join("`, `")));
    let unhealthy = plan.unhealthy.iter().map(|one| format!("{}: {}", one.object, one.reason));
    let lists = [
        ("Not about the whole stack", plan.incomplete.iter().map(incomplete).collect()),
        ("Lost too, though this stack did not make it", lost(plan)),
        ("Effects", plan.effects.clone()),
        ("Moved in the record alone", moved(plan)),
        ("Left as it is", left.collect()),
        ("In sync but not healthy", unhealthy.collect()),
    ];
    let lists: Vec<_> = lists.iter().filter(|(_, sentences)| !sentences.is_empty()).collect();
    let body = html! { @for (title, sentences) in &lists { h3 { (title) } (list(sentences)) } };
    (!lists.is_empty()).then_some(Part { id: "notes", title: "Notes", body })
}

fn list(sentences: &[String]) -> Markup {
    html! {
        ul { @for sentence in sentences.iter().take(MOST) { li { (prose(sentence)) } } }
        @if sentences.len() > MOST { p { (sentences.len() - MOST) " more are not shown." } }
    }
}

fn incomplete(incomplete: &Incomplete) -> String {
    let flags = |flag: &str, all: &[String]| all.iter().map(|one| format!("`{flag} {one}`")).collect::<Vec<_>>();
    let asked = [flags("--target", &incomplete.target), flags("--exclude", &incomplete.exclude)].concat().join(" ");
    format!("objects of the stack that are left alone: {} ({asked})", incomplete.left_alone.len())
}

fn lost(plan: &Plan) -> Vec<String> {
    let counted = plan.unmanaged.iter().filter_map(|(taker, kinds)| {
        let kinds: Vec<_> = kinds.iter().filter(|(_, n)| **n > 0).map(|(kind, n)| format!("{n} × {kind}")).collect();
        (!kinds.is_empty()).then(|| format!("with `{taker}`: {}", kinds.join(", ")))
    });
    let unknown = plan.unknown.iter().map(|(taker, kinds)| {
        let kinds: Vec<_> = kinds.iter().map(|(kind, why)| format!("{kind} ({why})")).collect();
        format!("with `{taker}`: nobody could look for {}", kinds.join(", "))
    });
    counted.chain(unknown).collect()
}

fn moved(plan: &Plan) -> Vec<String> {
    let moved = plan.with_action(Action::NoOp).filter_map(|change| Some((change, change.moved_from.as_ref()?)));
    moved.map(|(change, from)| format!("`{from}` is `{}` now", change.address)).collect()
}
