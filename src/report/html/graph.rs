//! What waits for what, drawn: each object leads to its change. Of many objects, kinds stand for them.

use std::collections::BTreeMap;

use maud::html;

use super::Part;
use super::changes::{groups, places};
use super::look::{ACTIONS, id, sign};
use crate::object::ObjectRef;
use crate::plan::{Action, Plan};
use crate::report::drawing::{Look, Scene, Subject, inline};

/// Most objects that are drawn one by one.
const MOST: usize = 400;

/// The picture; none of a plan without objects.
#[must_use]
pub(super) fn part(plan: &Plan) -> Option<Part> {
    let subjects: Vec<Subject<'_>> = plan
        .changes
        .iter()
        .enumerate()
        .map(|(place, change)| Subject {
            object: &change.object,
            depends_on: &change.depends_on,
            look: look(change.action, Some(format!("#{}", id(place)))),
        })
        .collect();
    let is_small = subjects.len() <= MOST;
    let scene = if is_small { Scene::of_objects(&subjects) } else { kinds(plan, &subjects) };
    let body = html! {
        p {
            "An arrow points at what is waited for: " b { "solid" } " until it is ready, " b { "dotted" } " until it exists. "
            "What stands in a box waits for its namespace."
            @if !is_small { " Objects of a kind stand together, since there are " (subjects.len()) "." }
        }
        p.legend { @for action in ACTIONS.into_iter().filter(|action| plan.with_action(*action).next().is_some()) {
            @let sign = sign(action);
            span class={ "pick " (sign.class) } { span.mark aria-hidden="true" { (sign.mark) } " " (sign.word) } " "
        } }
        div.scroll tabindex="0" role="region" aria-label="Picture of what waits for what" { (inline(&scene)) }
    };
    (!subjects.is_empty()).then_some(Part { id: "graph", title: "What waits for what", body })
}

fn look(action: Action, link: Option<String>) -> Look {
    let sign = sign(action);
    Look { mark: sign.mark, class: sign.class, link }
}

/// A kind looks like the action that outweighs the others of its objects, and leads to where they are listed.
fn kinds(plan: &Plan, subjects: &[Subject<'_>]) -> Scene {
    let places: BTreeMap<&ObjectRef, usize> = places(plan);
    let numbers: BTreeMap<usize, usize> = groups(plan)
        .into_values()
        .enumerate()
        .flat_map(|(number, places)| places.into_iter().map(move |one| (one, number)))
        .collect();
    Scene::of_kinds(subjects, |members| {
        let of = |object| places.get(object).and_then(|place| Some((*place, plan.changes.get(*place)?.action)));
        let found: Vec<(usize, Action)> = members.iter().filter_map(|object| of(*object)).collect();
        let action = ACTIONS.into_iter().find(|action| found.iter().any(|(_, own)| own == action));
        let group = found.first().and_then(|(place, _)| numbers.get(place));
        look(action.unwrap_or(Action::NoOp), group.map(|number| format!("#g{number}")))
    })
}
