//! Namespaces, and what keeps a dying one alive.

use serde_json::Value;

use super::condition::Condition;
use super::state::Readiness;
use crate::object::field::text;

/// Conditions of a namespace that say what blocks its deletion (core/v1 `NamespaceConditionType`), the most
/// telling first.
const BLOCKERS: [&str; 5] = [
    "NamespaceFinalizersRemaining",
    "NamespaceDeletionContentFailure",
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceContentRemaining",
];

pub(super) fn assess(object: &Value) -> Readiness {
    match text(object, "/status/phase") {
        Some("Active") => Readiness::current("it is active"),
        phase => Readiness::in_progress(format!("it is {}", phase.unwrap_or("not active yet"))),
    }
}

/// Why a namespace that is being deleted is still there; none for other kinds, or when it does not say.
pub(super) fn blocked(object: &Value) -> Option<String> {
    if text(object, "/kind") != Some("Namespace") {
        return None;
    }
    let said = BLOCKERS.iter().filter_map(|kind| {
        let condition = Condition::find(object, kind).filter(Condition::is_true)?;
        Some(condition.message().to_owned())
    });
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| format!("it is being deleted: {}", said.join("; ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::readiness::State::{Current, InProgress, Terminating};
    use crate::readiness::table::{Row, check, object};

    #[test]
    fn namespaces() {
        let mut dying = object("v1", "Namespace", &json!({}), &json!({"phase": "Terminating"}));
        dying["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        let mut blocked = dying.clone();
        blocked["status"]["conditions"] = json!([
            {"type": "NamespaceContentRemaining", "status": "True",
             "message": "pods. has 1 resource instances"},
            {"type": "NamespaceFinalizersRemaining", "status": "True",
             "message": "some content has finalizers remaining: a.io/b in 1 resource instances"},
            {"type": "NamespaceDeletionContentFailure", "status": "False", "message": "all deleted"},
        ]);
        check(&[
            Row(object("v1", "Namespace", &json!({}), &json!({})), InProgress, "it is not active yet"),
            Row(object("v1", "Namespace", &json!({}), &json!({"phase": "Active"})), Current, "it is active"),
            Row(dying, Terminating, "it is being deleted"),
            Row(
                blocked,
                Terminating,
                "it is being deleted: some content has finalizers remaining: a.io/b in 1 resource instances; \
                 pods. has 1 resource instances",
            ),
        ]);
    }
}
