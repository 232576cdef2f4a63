//! How far an object had come when a run last looked at it, and which objects need not be there any more once they
//! have run to their end. What a record keeps of readiness.

use serde_json::Value;

use super::condition::Condition;
use crate::object::field::{number, text};

/// How far an object had come when a run last looked at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It was ready, or there was nothing to wait for.
    #[default]
    Ready,
    /// It was written, and no run has seen it ready since.
    Waiting,
    /// It ran to its end: a Job that completed, a pod that succeeded. It may be gone by now.
    Completed,
}

impl Standing {
    /// That of an object that is ready.
    pub(crate) fn of_ready(object: &Value) -> Self {
        if completed(object) { Self::Completed } else { Self::Ready }
    }
}

/// Whether an object ran to its end, with success.
#[must_use]
pub(crate) fn completed(object: &Value) -> bool {
    match text(object, "/kind") {
        Some("Job") => Condition::find(object, "Complete").is_some_and(|complete| complete.is_true()),
        Some("Pod") => text(object, "/status/phase") == Some("Succeeded"),
        _ => false,
    }
}

/// Whether an object of this spec is removed once it has ended, by nobody's mistake: a Job with
/// `ttlSecondsAfterFinished` by its controller, a pod that is not restarted by the pod garbage collector.
#[must_use]
pub(crate) fn goes_when_ended(object: &Value) -> bool {
    match text(object, "/kind") {
        Some("Job") => number(object, "/spec/ttlSecondsAfterFinished").is_some(),
        Some("Pod") => matches!(text(object, "/spec/restartPolicy"), Some("Never" | "OnFailure")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_ends_may_go() {
        let job = |spec: Value, kind: &str| json!({"kind": "Job", "spec": spec, "status": {"conditions": [{"type": kind, "status": "True"}]}});
        let pod = |policy: &str, phase: &str| json!({"kind": "Pod", "spec": {"restartPolicy": policy}, "status": {"phase": phase}});
        let ttl = json!({"ttlSecondsAfterFinished": 0});
        for (object, ended, goes) in [
            (job(ttl.clone(), "Complete"), true, true),
            (job(ttl, "Failed"), false, true),
            (job(json!({}), "Complete"), true, false),
            (pod("Never", "Succeeded"), true, true),
            (pod("OnFailure", "Failed"), false, true),
            (pod("Always", "Running"), false, false),
            (json!({"kind": "CronJob", "spec": {"ttlSecondsAfterFinished": 0}}), false, false),
        ] {
            assert_eq!((completed(&object), goes_when_ended(&object)), (ended, goes), "{object}");
        }
    }
}
