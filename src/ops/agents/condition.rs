//! The condition of agents and tools. Pure.

use serde_json::{Value, json};

use super::state::Running;
use crate::api::AgentPhase;
use crate::object::field::{items, owned, text};

/// A condition keeps the time of its last change (Kubernetes API conventions, "Typical status properties").
pub(super) fn ready(agent: &Value, running: &Running, now: &str) -> Value {
    let is_well = matches!(running.phase, AgentPhase::Running | AgentPhase::Succeeded);
    let status = if is_well { "True" } else { "False" };
    let same = |old: &&Value| text(old, "/type") == Some("Ready") && text(old, "/status") == Some(status);
    let old = items(agent, "/status/conditions").iter().find(same);
    let since = old.and_then(|old| owned(old, "/lastTransitionTime")).unwrap_or_else(|| now.to_owned());
    json!({
        "type": "Ready", "status": status, "reason": running.phase, "message": running.reason,
        "lastTransitionTime": since, "observedGeneration": agent.pointer("/metadata/generation"),
    })
}
