//! What is not as it was approved, and what depends on that. Pure.

use std::collections::BTreeMap;

use crate::diff::Diff;
use crate::object::{Address, ObjectRef};
use crate::plan::{Action, Change, Reason};

/// An object whose approved change is refused.
#[derive(Clone, Debug)]
pub(crate) struct Stale {
    /// The object.
    pub object: ObjectRef,
    /// What the user calls it.
    pub address: Address,
    /// Why, a lower-case fragment.
    pub because: String,
    /// What was approved.
    pub approved: (Action, Diff),
    /// What the change would be now, where there would be one.
    pub current: Option<(Action, Diff)>,
}

/// Everything of a saved plan that is not done.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refused {
    /// Objects that are not as they were approved.
    pub stale: Vec<Stale>,
    /// What depends on them, with the reason.
    pub dependents: BTreeMap<ObjectRef, String>,
}

impl Refused {
    /// What is refused together with the stale objects: what needs them, what they are needed by when they go, and
    /// what would take them along.
    #[must_use]
    pub(super) fn with_dependents(stale: Vec<Stale>, changes: &[Change]) -> Self {
        let mut dependents: BTreeMap<ObjectRef, String> = BTreeMap::new();
        let mut open: Vec<ObjectRef> = stale.iter().map(|stale| stale.object.clone()).collect();
        while let Some(refused) = open.pop() {
            let end =
                if dependents.contains_key(&refused) { "which is refused too" } else { "which is not as approved" };
            for (object, why) in held_by(&refused, changes) {
                let is_stale = stale.iter().any(|stale| stale.object == object);
                if !is_stale && !dependents.contains_key(&object) {
                    dependents.insert(object.clone(), format!("{why}, {end}"));
                    open.push(object);
                }
            }
        }
        Self { stale, dependents }
    }
}

/// What cannot be done when nothing is done about `refused`.
fn held_by(refused: &ObjectRef, changes: &[Change]) -> Vec<(ObjectRef, String)> {
    let mut held = Vec::new();
    let goes = |change: &Change| matches!(change.action, Action::Delete | Action::Forget);
    let Some(own) = changes.iter().find(|change| change.object == *refused) else { return held };
    for change in changes.iter().filter(|change| goes(change) == goes(own) && change.object != *refused) {
        if goes(own) {
            if own.depends_on.iter().any(|need| need.on == change.object) {
                held.push((change.object.clone(), format!("is needed by `{refused}`")));
            } else if matches!(&own.reason, Reason::With { object } if *object == change.object) {
                held.push((change.object.clone(), format!("would take `{refused}` along")));
            }
        } else if let Some(need) = change.depends_on.iter().find(|need| need.on == *refused) {
            held.push((change.object.clone(), format!("needs `{refused}` ({})", need.why)));
        }
    }
    held
}
