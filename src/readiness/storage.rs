//! Volumes and their claims. A claim that binds with its first consumer stays pending until a pod comes, so
//! nothing that brings the pod may wait for it: that is the graph's business.

use serde_json::Value;

use super::state::Readiness;
use crate::object::field::text;

pub(super) fn claim(object: &Value) -> Readiness {
    match text(object, "/status/phase") {
        Some("Bound") => Readiness::current("it is bound"),
        Some("Lost") => Readiness::failed("its volume is lost"),
        phase => Readiness::in_progress(format!("it is {}", phase.unwrap_or("Pending"))),
    }
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
