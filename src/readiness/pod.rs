//! A bare pod. Unlike kstatus, a failed pod is failed, and one that no node takes may still find one: a
//! node with a GPU takes minutes to come.

use serde_json::Value;

use super::condition::Condition;
use super::container::{dead_end, failed, statuses, waits_for};
use super::state::Readiness;
use crate::object::field::{flag, text};

pub(super) fn assess(object: &Value) -> Readiness {
    match text(object, "/status/phase") {
        Some("Succeeded") => Readiness::current("it has completed"),
        Some("Failed") => Readiness::failed(failure(object)),
        Some("Running") if Condition::find(object, "Ready").is_some_and(|ready| ready.is_true()) => {
            Readiness::current("it is ready")
        }
        phase => waiting(object, phase.unwrap_or("Pending")),
    }
}

fn failure(object: &Value) -> String {
    let said = [text(object, "/status/reason"), text(object, "/status/message")];
    let said: Vec<&str> = said.into_iter().flatten().collect();
    if !said.is_empty() {
        return said.join(": ");
    }
    let ended = statuses(object).find_map(|status| Some(format!("container {} {}", name(status), failed(status)?)));
    ended.unwrap_or_else(|| "it has failed".to_owned())
}

fn waiting(object: &Value, phase: &str) -> Readiness {
    for status in statuses(object) {
        if let Some(cause) = dead_end(status, &[]) {
            return Readiness::failed(format!("container {}: {cause}", name(status)));
        }
    }
    for status in statuses(object) {
        if let Some(reason) = waits_for(status) {
            return Readiness::in_progress(format!("container {}: {reason}", name(status)));
        }
    }
    if let Some(scheduled) = Condition::find(object, "PodScheduled").filter(Condition::is_false) {
        return Readiness::in_progress(scheduled.words());
    }
    if phase == "Running" {
        return Readiness::in_progress(not_ready(object));
    }
    Readiness::in_progress(format!("it is {phase}"))
}

fn not_ready(object: &Value) -> String {
    let unready = statuses(object)
        .filter(|status| flag(status, "/ready") == Some(false) && status.pointer("/state/running").is_some());
    let unready: Vec<&str> = unready.map(name).collect();
    if unready.is_empty() {
        return "it is running and not ready".to_owned();
    }
    format!("container {} is not ready", unready.join(", "))
}

pub(super) fn name(status: &Value) -> &str {
    text(status, "/name").unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::readiness::State::{Current, Failed, InProgress};
    use crate::readiness::table::{Row, check, object};

    fn pod(status: &Value) -> Value {
        object("v1", "Pod", &json!({}), status)
    }

    fn waits(waiting: &Value, restarts: i64) -> Value {
        pod(&json!({"phase": "Running", "containerStatuses": [{
            "name": "gateway", "restartCount": restarts, "state": {"waiting": waiting},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}},
        }]}))
    }

    #[test]
    fn pods() {
        let crash = json!({"reason": "CrashLoopBackOff", "message": "back-off 40s"});
        let ready = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]});
        let unready = json!({"phase": "Running", "containerStatuses":
            [{"name": "gateway", "ready": false, "state": {"running": {}}}]});
        let no_node = json!({"phase": "Pending", "conditions":
            [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}]});
        let ended = json!({"phase": "Failed", "containerStatuses":
            [{"name": "gateway", "state": {"terminated": {"exitCode": 2, "message": "starts\nno such file\n"}}}]});
        check(&[
            Row(pod(&json!({})), InProgress, "it is Pending"),
            Row(pod(&json!({"phase": "Succeeded"})), Current, "it has completed"),
            Row(pod(&json!({"phase": "Failed"})), Failed, "it has failed"),
            Row(pod(&json!({"phase": "Failed", "reason": "Evicted"})), Failed, "Evicted"),
            Row(pod(&ended), Failed, "container gateway ended with exit 2: no such file"),
            Row(pod(&ready), Current, "it is ready"),
            Row(pod(&unready), InProgress, "container gateway is not ready"),
            Row(pod(&no_node), InProgress, "Unschedulable: 0/3 nodes"),
            Row(waits(&crash, 1), InProgress, "container gateway: CrashLoopBackOff (exit 1) after 1 restart"),
            Row(waits(&crash, 3), Failed, "container gateway: CrashLoopBackOff (exit 1) after 3 restarts"),
            Row(waits(&json!({"reason": "ContainerCreating"}), 0), InProgress, "it is running and not ready"),
        ]);
    }
}
