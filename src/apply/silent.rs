//! Custom resources to which nobody writes a status. Waiting for one of a kind is enough.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::object::{GroupKind, ObjectRef};
use crate::plan::Action;

/// Kinds that were waited for in vain, shared by all work of a run.
#[derive(Debug, Default)]
pub(super) struct SilentKinds {
    found: Mutex<BTreeSet<GroupKind>>,
}

impl SilentKinds {
    /// Whether nobody will write a status to an object: to one that was there before this run nobody did, or another of
    /// its kind was waited for in vain.
    pub(super) fn have(&self, object: &ObjectRef, action: Action, live: &Value) -> bool {
        let is_older = !matches!(action, Action::Create | Action::Replace);
        let known = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        has_no_status(live) && (is_older || known.contains(&object.group_kind()))
    }

    /// Notes that an object was waited for in vain; whether that is news of its kind.
    pub(super) fn note(&self, object: &ObjectRef, live: &Value) -> bool {
        let mut known = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        has_no_status(live) && known.insert(object.group_kind())
    }
}

fn has_no_status(object: &Value) -> bool {
    object.get("status").and_then(Value::as_object).is_none_or(serde_json::Map::is_empty)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_of_a_kind_is_waited_for_and_none_that_was_there_before() {
        let of = |kind: &str, name: &str| ObjectRef::namespaced("a.io", kind, "n", name);
        let (mute, spoken) = (json!({"status": {}}), json!({"status": {"phase": "Pending"}}));
        let kinds = SilentKinds::default();
        let silent = |object: &ObjectRef, action: Action, live: &Value| kinds.have(object, action, live);
        assert!(!silent(&of("Widget", "a"), Action::Create, &mute));
        assert!(silent(&of("Widget", "a"), Action::Update, &mute));
        assert!(!silent(&of("Widget", "a"), Action::Update, &spoken));
        assert!(kinds.note(&of("Widget", "a"), &mute) && !kinds.note(&of("Widget", "b"), &mute));
        assert!(silent(&of("Widget", "c"), Action::Create, &mute));
        assert!(
            !silent(&of("Widget", "c"), Action::Create, &spoken) && !silent(&of("Gadget", "c"), Action::Create, &mute)
        );
    }
}
