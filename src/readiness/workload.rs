//! Workloads: Deployment, `StatefulSet`, `DaemonSet`, `ReplicaSet`. Unlike kstatus, a progress deadline is a reason to
//! look at the pods and no failure: weights of a model may download for longer.

use serde_json::Value;

use super::condition::Condition;
use super::said::one_line;
use super::state::Readiness;
use crate::object::field::{count, flag, number, text};

pub(super) fn deployment(object: &Value) -> Readiness {
    if let Some(waits) = unseen(object) {
        return waits;
    }
    if flag(object, "/spec/paused") == Some(true) {
        return Readiness::current("it is paused");
    }
    let wanted = number(object, "/spec/replicas").unwrap_or(1);
    let has = |field: &str| count(object, &format!("/status/{field}"));
    let available = has("availableReplicas").min(has("readyReplicas"));
    let waits_for = if has("updatedReplicas") < wanted {
        format!("{} of {wanted} replicas updated", has("updatedReplicas"))
    } else if available < wanted {
        format!("{available} of {wanted} replicas available")
    } else if has("replicas") > has("updatedReplicas").min(wanted) {
        surplus(has("replicas"), has("updatedReplicas").min(wanted), available)
    } else {
        return complete(object, wanted);
    };
    Readiness::in_progress(with_refusal(object, &with_deadline(object, waits_for)))
}

/// More replicas than wanted. The counts of the available ones do not say of which revision they are: as long as some
/// are not, it is the old ones that serve, and they go only when the new ones do.
fn surplus(replicas: i64, wanted: i64, available: i64) -> String {
    let old = replicas - wanted;
    let (replicas_word, are, stay) = if old == 1 { ("replica", "is", "stays") } else { ("replicas", "are", "stay") };
    if available < replicas {
        return format!(
            "{available} of {replicas} replicas available; {old} old {replicas_word} {stay} until the new ones are"
        );
    }
    format!("{old} old {replicas_word} {are} going away")
}

/// Counts agree; the controller must agree too, for counts may be those of the revision before.
fn complete(object: &Value, wanted: i64) -> Readiness {
    let deadline = number(object, "/spec/progressDeadlineSeconds");
    let progressing = Condition::find(object, "Progressing");
    let rolled_out =
        progressing.is_some_and(|condition| condition.is_true() && condition.reason() == "NewReplicaSetAvailable");
    if deadline.is_some_and(|seconds| seconds < i64::from(i32::MAX)) && !rolled_out {
        return Readiness::in_progress(with_deadline(object, "the rollout is not complete".to_owned()));
    }
    if !Condition::find(object, "Available").is_some_and(|condition| condition.is_true()) {
        return Readiness::in_progress("it is not available yet");
    }
    Readiness::current(format!("{wanted} of {wanted} replicas available"))
}

fn with_deadline(object: &Value, reason: String) -> String {
    let exceeded = Condition::find(object, "Progressing")
        .is_some_and(|condition| condition.reason() == "ProgressDeadlineExceeded");
    if exceeded { format!("{reason}, and its progress deadline is over") } else { reason }
}

/// Whether the API server refuses pods of it.
pub(super) fn is_refused(object: &Value) -> bool {
    Condition::find(object, "ReplicaFailure").is_some_and(|failure| failure.is_true())
}

/// Pods that the API server refuses, perhaps those of an older `ReplicaSet`: only the pods that are wanted prove
/// anything ([`super::dead_end`]).
fn with_refusal(object: &Value, waits_for: &str) -> String {
    let failure = Condition::find(object, "ReplicaFailure").filter(Condition::is_true);
    failure.map_or_else(|| waits_for.to_owned(), |failure| format!("{waits_for}: {}", one_line(&failure.words())))
}

/// Its controller has not written a status at all.
fn unseen(object: &Value) -> Option<Readiness> {
    number(object, "/status/observedGeneration")
        .is_none()
        .then(|| Readiness::in_progress("not seen by its controller yet"))
}

pub(super) fn stateful_set(object: &Value) -> Readiness {
    if let Some(waits) = unseen(object) {
        return waits;
    }
    let wanted = number(object, "/spec/replicas").unwrap_or(1);
    let has = |field: &str| count(object, &format!("/status/{field}"));
    // Absent on servers that do not count availability apart from readiness.
    let available = number(object, "/status/availableReplicas").unwrap_or(has("readyReplicas"));
    if available.min(has("readyReplicas")) < wanted {
        let ready = available.min(has("readyReplicas"));
        return Readiness::in_progress(format!("{ready} of {wanted} replicas available"));
    }
    if has("replicas") > wanted {
        return Readiness::in_progress(surplus(has("replicas"), wanted, has("replicas")));
    }
    // With `OnDelete` the user decides when a pod becomes new.
    if text(object, "/spec/updateStrategy/type") != Some("OnDelete") {
        let partition = count(object, "/spec/updateStrategy/rollingUpdate/partition");
        let new = (wanted - partition).max(0);
        let revision = |field: &str| text(object, &format!("/status/{field}"));
        let rolled_out = revision("currentRevision") == revision("updateRevision");
        if !rolled_out && (has("updatedReplicas") < new || partition == 0) {
            let updated = has("updatedReplicas");
            return Readiness::in_progress(format!("{updated} of {new} replicas updated"));
        }
    }
    Readiness::current(format!("{wanted} of {wanted} replicas available"))
}

pub(super) fn daemon_set(object: &Value) -> Readiness {
    if let Some(waits) = unseen(object) {
        return waits;
    }
    let has = |field: &str| count(object, &format!("/status/{field}"));
    let Some(wanted) = number(object, "/status/desiredNumberScheduled") else {
        return Readiness::in_progress("its nodes are not counted yet");
    };
    let on_delete = text(object, "/spec/updateStrategy/type") == Some("OnDelete");
    if !on_delete && has("updatedNumberScheduled") < wanted {
        let updated = has("updatedNumberScheduled");
        return Readiness::in_progress(format!("{updated} of {wanted} nodes updated"));
    }
    let available = has("numberAvailable").min(has("numberReady"));
    if available < wanted {
        return Readiness::in_progress(format!("available on {available} of {wanted} nodes"));
    }
    Readiness::current(format!("available on {wanted} of {wanted} nodes"))
}

pub(super) fn replica_set(object: &Value) -> Readiness {
    let wanted = number(object, "/spec/replicas").unwrap_or(1);
    let has = |field: &str| count(object, &format!("/status/{field}"));
    let available = has("availableReplicas").min(has("readyReplicas"));
    if available < wanted {
        let waits_for = format!("{available} of {wanted} replicas available");
        return Readiness::in_progress(with_refusal(object, &waits_for));
    }
    if has("replicas") > wanted {
        return Readiness::in_progress(surplus(has("replicas"), wanted, has("replicas")));
    }
    Readiness::current(format!("{wanted} of {wanted} replicas available"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::readiness::State::{Current, InProgress};
    use crate::readiness::table::{Row, check, object};

    fn deployment(replicas: i64, status: &Value) -> Value {
        let spec = json!({"replicas": replicas, "progressDeadlineSeconds": 600});
        object("apps/v1", "Deployment", &spec, status)
    }

    fn done(reason: &str) -> Value {
        json!([
            {"type": "Progressing", "status": "True", "reason": reason},
            {"type": "Available", "status": "True"},
        ])
    }

    #[test]
    fn deployments() {
        let counts = |replicas, updated, available| {
            json!({"observedGeneration": 2, "replicas": replicas, "updatedReplicas": updated,
                "readyReplicas": available, "availableReplicas": available,
                "conditions": done("NewReplicaSetAvailable")})
        };
        let with = |mut status: Value, conditions: Value| {
            status["conditions"] = conditions;
            status
        };
        let refused = |message: &str| json!([{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}]);
        let late = json!([{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]);
        check(&[
            Row(deployment(2, &json!({})), InProgress, "not seen by its controller yet"),
            Row(
                deployment(2, &json!({"observedGeneration": 1})),
                InProgress,
                "generation 2 not seen by its controller, which is at 1",
            ),
            Row(deployment(2, &counts(1, 1, 0)), InProgress, "1 of 2 replicas updated"),
            Row(deployment(2, &counts(2, 2, 1)), InProgress, "1 of 2 replicas available"),
            Row(deployment(2, &counts(3, 2, 3)), InProgress, "1 old replica is going away"),
            Row(deployment(2, &counts(4, 2, 4)), InProgress, "2 old replicas are going away"),
            Row(
                deployment(1, &counts(2, 1, 1)),
                InProgress,
                "1 of 2 replicas available; 1 old replica stays until the new ones are",
            ),
            Row(deployment(2, &counts(2, 2, 2)), Current, "2 of 2 replicas available"),
            Row(
                deployment(2, &with(counts(2, 2, 2), done("ReplicaSetUpdated"))),
                InProgress,
                "the rollout is not complete",
            ),
            Row(
                deployment(1, &with(counts(1, 1, 0), late)),
                InProgress,
                "0 of 1 replicas available, and its progress deadline is over",
            ),
            Row(
                deployment(1, &with(counts(0, 0, 0), refused("pods \"x\" is forbidden: exceeded quota: q"))),
                InProgress,
                "0 of 1 replicas updated: FailedCreate: pods \"x\" is forbidden: exceeded quota: q",
            ),
            Row(
                deployment(1, &with(counts(0, 0, 0), refused("violates PodSecurity \"restricted\""))),
                InProgress,
                "0 of 1 replicas updated: FailedCreate: violates PodSecurity \"restricted\"",
            ),
            Row(
                object("apps/v1", "Deployment", &json!({"paused": true}), &json!({"observedGeneration": 2})),
                Current,
                "it is paused",
            ),
        ]);
    }

    #[test]
    fn stateful_sets() {
        let set = |spec: Value, ready: i64, updated: i64, rolled_out: bool| {
            let status = json!({"observedGeneration": 2, "replicas": ready, "readyReplicas": ready,
                "updatedReplicas": updated, "currentRevision": if rolled_out { "b" } else { "a" },
                "updateRevision": "b"});
            object("apps/v1", "StatefulSet", &spec, &status)
        };
        let plain = json!({"replicas": 2});
        let part = json!({"replicas": 2, "updateStrategy": {"rollingUpdate": {"partition": 1}}});
        let manual = json!({"replicas": 2, "updateStrategy": {"type": "OnDelete"}});
        check(&[
            Row(set(plain.clone(), 1, 1, false), InProgress, "1 of 2 replicas available"),
            Row(set(plain.clone(), 2, 1, false), InProgress, "1 of 2 replicas updated"),
            Row(set(plain.clone(), 3, 3, true), InProgress, "1 old replica is going away"),
            Row(set(plain, 2, 2, true), Current, "2 of 2 replicas available"),
            Row(set(part.clone(), 2, 0, false), InProgress, "0 of 1 replicas updated"),
            Row(set(part, 2, 1, false), Current, "2 of 2 replicas available"),
            Row(set(manual.clone(), 2, 0, false), Current, "2 of 2 replicas available"),
            Row(set(manual, 1, 0, false), InProgress, "1 of 2 replicas available"),
        ]);
    }

    #[test]
    fn daemon_sets_and_replica_sets() {
        let daemons = |status: Value| object("apps/v1", "DaemonSet", &json!({}), &status);
        let on_nodes = |updated, ready| {
            daemons(json!({"observedGeneration": 2, "desiredNumberScheduled": 3,
                "updatedNumberScheduled": updated, "numberReady": ready, "numberAvailable": ready}))
        };
        let replicas = |n: i64| {
            let status = json!({"replicas": n, "readyReplicas": n, "availableReplicas": n});
            object("apps/v1", "ReplicaSet", &json!({"replicas": 2}), &status)
        };
        check(&[
            Row(daemons(json!({})), InProgress, "not seen by its controller yet"),
            Row(daemons(json!({"observedGeneration": 2})), InProgress, "its nodes are not counted yet"),
            Row(on_nodes(1, 3), InProgress, "1 of 3 nodes updated"),
            Row(on_nodes(3, 2), InProgress, "available on 2 of 3 nodes"),
            Row(on_nodes(3, 3), Current, "available on 3 of 3 nodes"),
            Row(
                daemons(json!({"observedGeneration": 2, "desiredNumberScheduled": 0})),
                Current,
                "available on 0 of 0 nodes",
            ),
            Row(replicas(1), InProgress, "1 of 2 replicas available"),
            Row(replicas(2), Current, "2 of 2 replicas available"),
            Row(replicas(3), InProgress, "1 old replica is going away"),
        ]);
    }
}
