//! Volumes and their claims. A claim that binds with its first consumer stays pending until a pod comes, so
//! nothing that brings the pod may wait for it: that is the graph's business.

use serde_json::Value;

use super::condition::Condition;
use super::state::Readiness;
use crate::object::Quantity;
use crate::object::field::text;

pub(super) fn claim(object: &Value) -> Readiness {
    match text(object, "/status/phase") {
        Some("Bound") => growing(object).unwrap_or_else(|| Readiness::current("it is bound")),
        Some("Lost") => Readiness::failed("its volume is lost"),
        phase => Readiness::in_progress(format!("it is {}", phase.unwrap_or("Pending"))),
    }
}

/// How far the growth of a claim is, which says so beside its conditions (Kubernetes, *`PersistentVolumeClaimStatus`*).
const RESIZE: &str = "/status/allocatedResourceStatuses/storage";
/// What a resizer that did not succeed and tries again says.
const ERRORS: [&str; 2] = ["ControllerResizeError", "NodeResizeError"];

/// A bound claim that asks for more than its volume has. Its file system may have to wait for the next pod, which nobody
/// may wait for.
fn growing(object: &Value) -> Option<Readiness> {
    let growth = growth(object)?;
    if let Some(pending) = pending_growth(object) {
        return Some(Readiness::current(pending));
    }
    if matches!(text(object, RESIZE), Some("ControllerResizeInfeasible" | "NodeResizeInfeasible")) {
        return Some(Readiness::failed(format!("{growth}, which its storage cannot give{}", said(object))));
    }
    Some(Readiness::in_progress(growth + &said(object)))
}

fn growth(object: &Value) -> Option<String> {
    let size = |pointer: &str| Quantity::from_json(object.pointer(pointer)?);
    let (has, wanted) = (size("/status/capacity/storage")?, size("/spec/resources/requests/storage")?);
    (has < wanted).then(|| format!("it grows from {has} to {wanted}"))
}

/// A growth that lacks nothing but a pod: the volume is large enough, and its file system is not yet.
pub(super) fn pending_growth(object: &Value) -> Option<String> {
    let waits = Condition::find(object, "FileSystemResizePending").is_some_and(|pending| pending.is_true())
        || text(object, RESIZE) == Some("NodeResizePending");
    let growth = growth(object).filter(|_| waits)?;
    Some(format!("{growth} with its next pod: its file system is resized where one mounts it"))
}

/// What the resizer says of its last try.
fn said(object: &Value) -> String {
    let errors = ERRORS.iter().filter_map(|kind| Condition::find(object, kind)).filter(Condition::is_true);
    errors.map(|error| format!(": {}", error.words())).next().unwrap_or_default()
}

pub(super) fn volume(object: &Value) -> Readiness {
    match text(object, "/status/phase") {
        Some("Available" | "Bound" | "Released") => Readiness::current("it is there"),
        Some("Failed") => {
            let message = text(object, "/status/message").unwrap_or("it has failed");
            Readiness::failed(message)
        }
        phase => Readiness::in_progress(format!("it is {}", phase.unwrap_or("Pending"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::readiness::State::{Current, Failed, InProgress};
    use crate::readiness::table::{Row, check, object};

    #[test]
    fn a_claim_that_grows_is_ready_when_its_volume_has_grown_or_a_pod_is_all_it_lacks() {
        let claim = |has: &str, conditions: &serde_json::Value| {
            let spec = json!({"resources": {"requests": {"storage": "2Gi"}}});
            let status = json!({"phase": "Bound", "capacity": {"storage": has}, "conditions": conditions});
            object("v1", "PersistentVolumeClaim", &spec, &status)
        };
        let pending = json!([{"type": "FileSystemResizePending", "status": "True"}]);
        let waits = "it grows from 1Gi to 2Gi with its next pod: its file system is resized where one mounts it";
        let error = json!([{"type": "ControllerResizeError", "status": "True", "message": "no space"}]);
        let stage = |stage: &str| {
            let mut claim = claim("1Gi", &json!([]));
            claim["status"]["allocatedResourceStatuses"] = json!({"storage": stage});
            claim
        };
        check(&[
            Row(stage("ControllerResizeInProgress"), InProgress, "it grows from 1Gi to 2Gi"),
            Row(stage("NodeResizePending"), Current, waits),
            Row(stage("ControllerResizeInfeasible"), Failed, "it grows from 1Gi to 2Gi, which its storage cannot give"),
            Row(claim("1Gi", &error), InProgress, "it grows from 1Gi to 2Gi: no space"),
            Row(claim("1Gi", &json!([])), InProgress, "it grows from 1Gi to 2Gi"),
            Row(claim("2048Mi", &json!([])), Current, "it is bound"),
            Row(claim("1Gi", &pending), Current, waits),
        ]);
    }

    #[test]
    fn claims_and_volumes() {
        let of = |kind: &str, phase: &str| object("v1", kind, &json!({}), &json!({"phase": phase}));
        check(&[
            Row(of("PersistentVolumeClaim", "Bound"), Current, "it is bound"),
            Row(of("PersistentVolumeClaim", "Lost"), Failed, "its volume is lost"),
            Row(of("PersistentVolumeClaim", "Pending"), InProgress, "it is Pending"),
            Row(object("v1", "PersistentVolumeClaim", &json!({}), &json!({})), InProgress, "it is Pending"),
            Row(of("PersistentVolume", "Available"), Current, "it is there"),
            Row(of("PersistentVolume", "Failed"), Failed, "it has failed"),
            Row(object("v1", "PersistentVolume", &json!({}), &json!({})), InProgress, "it is Pending"),
        ]);
    }
}
