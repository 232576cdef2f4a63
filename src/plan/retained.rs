//! Objects that outlive the description that made them, because of what they hold: the workspace of an agent. Each says
//! so itself, by an annotation on the live object, and belongs to no owner that could take it along. Only the end of its
//! namespace is its own.

use std::collections::BTreeMap;

use super::observed::Observed;
use super::{Action, Change, Problem, Reason, Severity};
use crate::object::{Meta, ObjectRef, labels};

/// Whether the live object is to stay when nobody describes it any more.
#[must_use]
pub(super) fn is_retained(meta: &Meta) -> bool {
    meta.annotations.get(labels::RETAIN).is_some_and(|value| value == "true")
}

/// What was to stay and cannot: deleted with its namespace, and said.
pub(super) fn go_with_namespace(
    changes: &mut BTreeMap<ObjectRef, Change>,
    observed: &BTreeMap<ObjectRef, Observed>,
) -> Vec<Problem> {
    let deleted: Vec<_> =
        changes.values().filter(|change| change.action == Action::Delete).map(|change| change.object.clone()).collect();
    let mut problems = Vec::new();
    for change in changes.values_mut().filter(|change| change.reason == Reason::Kept) {
        let retained = observed.get(&change.object).and_then(Observed::meta).is_some_and(is_retained);
        let namespace = change.object.namespace.as_deref().map(ObjectRef::of_namespace);
        let Some(namespace) = namespace.filter(|namespace| retained && deleted.contains(namespace)) else { continue };
        change.action = Action::Delete;
        let message = format!("it is to be retained, and goes with {namespace}");
        let hint = "keep what it holds first; nothing in a namespace outlives it";
        change.reason = Reason::With { object: namespace };
        let problem = Problem::new(Severity::Warning, "retained", message);
        let (address, source) = (change.address.clone(), change.source.clone());
        problems.push(problem.about(&change.object, Some(address), source).with_hint(hint.to_owned()));
    }
    problems
}
