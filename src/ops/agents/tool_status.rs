//! What the status of a tool says. Pure.

use serde_json::{Map, Value, json};

use super::condition::ready;
use super::state::Running;
use crate::api::LanguageToolSpec;
use crate::object::field::text;
use crate::object::names::tool_url;

/// The status.
pub(super) fn tool_status(tool: &Value, running: &Running, now: &str) -> Value {
    let generation = tool.pointer("/metadata/generation").cloned().unwrap_or_default();
    let mut status = Map::from_iter([
        ("phase".to_owned(), json!(running.phase)),
        ("observedGeneration".to_owned(), generation),
        ("message".to_owned(), json!(running.reason)),
        ("conditions".to_owned(), json!([ready(tool, running, now)])),
    ]);
    status.extend(running.pods.map(|(ready, _)| ("readyReplicas".to_owned(), json!(ready))));
    status.extend(endpoint(tool).map(|endpoint| ("endpoint".to_owned(), json!(endpoint))));
    Value::Object(status)
}

/// Where agents reach it.
fn endpoint(tool: &Value) -> Option<String> {
    let spec: LanguageToolSpec = serde_json::from_value(tool.get("spec")?.clone()).ok()?;
    if let Some(url) = spec.url {
        return Some(url);
    }
    if spec.is_sidecar() {
        return Some(format!("http://localhost:{}{}", spec.port(), spec.path()));
    }
    let (name, namespace) = (text(tool, "/metadata/name")?, text(tool, "/metadata/namespace")?);
    Some(format!("{}{}", tool_url(namespace, name, spec.port()), spec.path()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::AgentPhase;

    #[test]
    fn a_tool_says_where_agents_reach_it_and_how_many_pods_are_ready() {
        let running = |pods| Running {
            phase: AgentPhase::Running,
            reason: "1 of 1 ready".into(),
            pods,
            last_run: None,
            scheduled: None,
        };
        let said = |spec: Value, pods| {
            let tool = json!({"metadata": {"name": "t", "namespace": "n", "generation": 3}, "spec": spec});
            tool_status(&tool, &running(pods), "now")
        };
        let own = said(json!({"image": "t:1", "port": 81}), Some((1, 1)));
        assert_eq!((&own["phase"], &own["readyReplicas"]), (&json!("Running"), &json!(1)));
        assert_eq!(
            (&own["endpoint"], &own["observedGeneration"]),
            (&json!("http://t.n.svc.cluster.local:81/mcp"), &json!(3))
        );
        assert_eq!(own["conditions"][0]["status"], "True");
        let elsewhere = said(json!({"url": "https://mcp.example.com"}), None);
        assert_eq!((&elsewhere["endpoint"], elsewhere.get("readyReplicas")), (&json!("https://mcp.example.com"), None));
        let beside = said(json!({"image": "t:1", "deploymentMode": "sidecar"}), None);
        assert_eq!(beside["endpoint"], "http://localhost:8080/mcp");
    }
}
