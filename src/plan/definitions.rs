//! What is desired may not be of a kind whose CRD goes in the same plan. Pure.

use std::collections::BTreeMap;

use super::{Action, Plan, Problem, Severity};
use crate::object::{GroupKind, ObjectRef};

/// An error for each object that is to stay or to be made and whose CRD the plan deletes. `name` says what the CRD of a
/// kind would be called: `plural.group`.
#[must_use]
pub(crate) fn without_definition(plan: &Plan, name: impl Fn(&GroupKind) -> Option<String>) -> Vec<Problem> {
    let going = plan.with_action(Action::Delete).map(|change| &change.object).filter(|object| object.is_crd());
    let going: BTreeMap<&str, &ObjectRef> = going.map(|crd| (crd.name.as_str(), crd)).collect();
    if going.is_empty() {
        return Vec::new();
    }
    let stays = |action| !matches!(action, Action::Delete | Action::Forget);
    let staying = plan.changes.iter().filter(|change| change.object.is_custom() && stays(change.action));
    let lost = staying.filter_map(|change| {
        let kind = change.object.group_kind();
        Some((change, *going.get(name(&kind)?.as_str())?))
    });
    let problem = |(change, crd): (&super::Change, &ObjectRef)| {
        let kind = &change.object.kind;
        let message = format!("{crd} goes with this plan, and takes every `{kind}` along");
        Problem::new(Severity::Error, "goes-with-crd", message)
            .about(&change.object, Some(change.address.clone()), change.source.clone())
            .with_hint("keep the CRD in the description, or take this object out too".to_owned())
    };
    lost.map(problem).collect()
}
