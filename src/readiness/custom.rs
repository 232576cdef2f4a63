//! Custom resources. Unlike kstatus, one whose controller has said nothing is not current at once
//! (helm#32066): it is unknown, and a waiter gives it a grace period.

use serde_json::Value;

use super::condition::Condition;
use super::state::{Readiness, State};
use crate::object::field::number;
use crate::object::names::GROUP;

pub(super) fn assess(object: &Value, group: &str) -> Readiness {
    // The kinds of langop have no controller: langop writes their status itself, after apply.
    if group == GROUP {
        return Readiness::current("it exists");
    }
    // Older generations have been dealt with: an observed one is this one.
    let observed = number(object, "/status/observedGeneration").is_some();
    match Condition::find(object, "Ready") {
        Some(ready) if !ready.is_true() => Readiness::in_progress(ready.words()),
        Some(ready) if observed || speaks_of_this_generation(object, &ready) => Readiness::current("it is ready"),
        Some(_) => Readiness::new(State::Unknown, "it is ready, perhaps of an older generation"),
        None if observed => Readiness::current("seen by its controller"),
        None => Readiness::new(State::Unknown, "its controller has said nothing yet"),
    }
}

/// There has been no other generation, or the condition names this one.
fn speaks_of_this_generation(object: &Value, ready: &Condition<'_>) -> bool {
    let generation = number(object, "/metadata/generation").unwrap_or(1);
    generation <= 1 || ready.observed_generation().is_some_and(|seen| seen >= generation)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::object::is_custom_group as is_custom;
    use crate::readiness::State::{Current, Failed, InProgress, NotFound, Terminating, Unknown};
    use crate::readiness::table::{Row, check, object};

    fn custom(status: &Value) -> Value {
        object("cert-manager.io/v1", "Certificate", &json!({}), status)
    }

    fn ready(status: &str, observed: Option<i64>) -> Value {
        json!({"type": "Ready", "status": status, "reason": "R", "observedGeneration": observed})
    }

    #[test]
    fn custom_resources() {
        let mut first = custom(&json!({"conditions": [{"type": "Ready", "status": "True"}]}));
        first["metadata"]["generation"] = json!(1);
        check(&[
            Row(custom(&json!({})), Unknown, "its controller has said nothing yet"),
            Row(custom(&json!({"phase": "Ok"})), Unknown, "its controller has said nothing yet"),
            Row(custom(&json!({"observedGeneration": 2})), Current, "seen by its controller"),
            Row(custom(&json!({"observedGeneration": "2"})), Current, "seen by its controller"),
            Row(custom(&json!({"observedGeneration": "x"})), Unknown, "its controller has said nothing yet"),
            Row(
                custom(&json!({"observedGeneration": 1})),
                InProgress,
                "generation 2 not seen by its controller, which is at 1",
            ),
            Row(custom(&json!({"conditions": [ready("False", None)]})), InProgress, "R"),
            Row(custom(&json!({"conditions": [ready("True", Some(2))]})), Current, "it is ready"),
            Row(
                custom(&json!({"conditions": [ready("True", Some(1))]})),
                Unknown,
                "its controller has said nothing yet",
            ),
            Row(
                custom(&json!({"conditions": [ready("True", None)]})),
                Unknown,
                "it is ready, perhaps of an older generation",
            ),
            Row(first, Current, "it is ready"),
            Row(object("langop.io/v1alpha1", "LanguageModel", &json!({}), &json!({})), Current, "it exists"),
        ]);
    }

    #[test]
    fn conditions_of_every_kind() {
        let condition = |kind: &str| {
            let conditions = json!([{"type": kind, "status": "True", "reason": "R", "message": "m"}]);
            object("v1", "ConfigMap", &json!({}), &json!({"conditions": conditions}))
        };
        let mut dying = object("v1", "ConfigMap", &json!({}), &json!({}));
        dying["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        dying["metadata"]["finalizers"] = json!(["a.io/b", "c"]);
        check(&[
            Row(Value::Null, NotFound, "it is not there"),
            Row(condition("Reconciling"), InProgress, "R: m"),
            Row(condition("Stalled"), Failed, "R: m"),
            Row(condition("Other"), Current, "it exists"),
            Row(dying, Terminating, "it is being deleted, and waits for finalizer `a.io/b`, `c`"),
        ]);
    }

    #[test]
    fn kubernetes_has_groups_of_its_own() {
        for group in ["", "apps", "networking.k8s.io", "storage.k8s.io"] {
            assert!(!is_custom(group), "{group}");
        }
        for group in ["langop.io", "gateway.networking.k8s.io", "cert-manager.io"] {
            assert!(is_custom(group), "{group}");
        }
    }
}
