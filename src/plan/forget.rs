//! What is to be let go of and cannot be: what is described all the same, and what would go with what the plan deletes.
//! Pure.

use super::inputs::Inputs;
use super::{Action, Plan, Problem, Reason, Severity};
use crate::object::ObjectRef;

/// An error for each.
#[must_use]
pub(super) fn problems(inputs: &Inputs<'_>, plan: &Plan) -> Vec<Problem> {
    let mut problems = Vec::new();
    for forget in &inputs.options.forget {
        let described = inputs.desired.iter().find(|(object, desired)| forget.has(&desired.address, object));
        problems.extend(described.map(|(object, desired)| {
            let message = format!("`{}` is to be forgotten, and described all the same", forget.address);
            Problem::new(Severity::Error, "forget-described", message)
                .about(object, Some(desired.address.clone()), Some(forget.source.clone()))
                .with_hint("take its description away, or this".to_owned())
        }));
    }
    let is_deleted = |object: &ObjectRef| plan.with_action(Action::Delete).any(|change| change.object == *object);
    let forgotten = plan.with_action(Action::Forget).filter(|change| change.reason == Reason::Forgotten);
    problems.extend(forgotten.filter_map(|change| {
        let namespace = change.object.namespace.as_deref().map(ObjectRef::of_namespace).filter(is_deleted)?;
        let message = format!("it is to stay, and {namespace}, which this plan deletes, would take it along");
        let forget = inputs.options.forget.iter().find(|forget| forget.has(&change.address, &change.object));
        let problem = Problem::new(Severity::Error, "goes-with-namespace", message)
            .about(&change.object, Some(change.address.clone()), forget.map(|forget| forget.source.clone()))
            .with_hint("forget the namespace too, or keep it in the description".to_owned());
        Some(problem)
    }));
    problems
}
