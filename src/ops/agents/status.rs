//! The status of each `LanguageAgent` and `LanguageTool`, written after every apply where it differs from what is live.
//! It is what was so then: a run that a schedule begins later is told by `langop status`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::condition::ready;
use super::live::Live;
use super::state::{Running, running};
use super::tool_status::tool_status;
use crate::cluster::{Body, ClusterError, Writer};
use crate::object::field::{items, number, owned, text};
use crate::object::names::{AGENT_KIND, GROUP, TOOL_KIND};
use crate::object::role::Part;
use crate::object::{GroupKind, labels};
use crate::plan::{Action, Plan};

/// Writes the status of every agent and tool of the plan that differs from what is so. Costs six LISTs for each
/// namespace with any, and a write for each that differs.
///
/// # Errors
/// What is live cannot be read, or a status cannot be written; those of the others are all the same.
pub(in crate::ops) async fn write_agent_status(writer: &Writer, plan: &Plan) -> Result<(), ClusterError> {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut result = Ok(());
    for namespace in namespaces(plan) {
        let live = Box::pin(Live::read(writer, namespace)).await?;
        let agents = live.agents.iter().map(|agent| {
            let name = text(agent, "/metadata/name").unwrap_or_default();
            (AGENT_KIND, agent, status(agent, &running(&live, Part::Agent(name), agent), &now))
        });
        let tools = live.tools.iter().map(|tool| {
            let name = text(tool, "/metadata/name").unwrap_or_default();
            (TOOL_KIND, tool, tool_status(tool, &running(&live, Part::Tool(name), tool), &now))
        });
        for (kind, object, status) in agents.chain(tools).filter(|(_, object, _)| is_of(object, &plan.stack)) {
            if object.get("status") != Some(&status) {
                result = result.and(write(writer, kind, object, &status).await);
            }
        }
    }
    result
}

/// The namespaces in which the plan wants agents or tools.
fn namespaces(plan: &Plan) -> BTreeSet<&str> {
    let wanted = plan.changes.iter().filter(|change| !matches!(change.action, Action::Delete | Action::Forget));
    let members = wanted.map(|change| &change.object);
    let members = members.filter(|object| object.is(GROUP, AGENT_KIND) || object.is(GROUP, TOOL_KIND));
    members.filter_map(|object| object.namespace.as_deref()).collect()
}

fn is_of(object: &Value, stack: &str) -> bool {
    text(object, &format!("/metadata/labels/{}", crate::object::field::escape(labels::STACK))) == Some(stack)
}

async fn write(writer: &Writer, kind: &str, object: &Value, status: &Value) -> Result<(), ClusterError> {
    let Some(resource) = writer.served(&GroupKind::new(GROUP, kind)).await? else { return Ok(()) };
    let body = json!({
        "apiVersion": resource.api.api_version, "kind": kind, "status": status,
        "metadata": {"name": object.pointer("/metadata/name"), "namespace": object.pointer("/metadata/namespace")},
    });
    writer.apply_status(&resource, &Body::plain(body)).await.map(|_| ())
}

/// What the status of an agent says. Pure.
fn status(agent: &Value, running: &Running, now: &str) -> Value {
    let generation = agent.pointer("/metadata/generation").cloned().unwrap_or_default();
    let mut status = Map::from_iter([
        ("phase".to_owned(), json!(running.phase)),
        ("observedGeneration".to_owned(), generation),
        ("message".to_owned(), json!(running.reason)),
        ("conditions".to_owned(), json!([ready(agent, running, now)])),
    ]);
    let run = running.last_run.as_ref();
    // A run whose Job is gone is still the last one.
    let before = |field: &str| owned(agent, &format!("/status/{field}"));
    let fields = [
        ("replicas", running.pods.map(|(_, wanted)| json!(wanted))),
        ("readyReplicas", running.pods.map(|(ready, _)| json!(ready))),
        ("endpoint", endpoint(agent, running).map(Value::String)),
        ("lastRunName", run.map(|run| run.name.clone()).or_else(|| before("lastRunName")).map(Value::String)),
        ("lastRunPhase", run.map(|run| json!(run.phase)).or_else(|| before("lastRunPhase").map(Value::String))),
        (
            "lastRunStartedAt",
            run.map_or_else(|| before("lastRunStartedAt"), |run| run.started.clone()).map(Value::String),
        ),
        (
            "lastRunFinishedAt",
            run.map_or_else(|| before("lastRunFinishedAt"), |run| run.finished.clone()).map(Value::String),
        ),
        ("lastScheduledTime", running.scheduled.clone().map(Value::String)),
    ];
    status.extend(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    Value::Object(status)
}

/// Where a service answers, on the first of its ports.
fn endpoint(agent: &Value, running: &Running) -> Option<String> {
    running.pods?;
    let name = text(agent, "/metadata/name")?;
    let namespace = text(agent, "/metadata/namespace")?;
    let port = items(agent, "/spec/ports").first().and_then(|port| number(port, "/port"));
    let port = port.unwrap_or_else(|| crate::api::LanguageAgentSpec::DEFAULT_PORT.into());
    Some(format!("http://{name}.{namespace}.svc.cluster.local:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::AgentPhase;
    use crate::ops::agents::run::LastRun;

    fn said(agent: &Value, running: &Running) -> Value {
        status(agent, running, "now")
    }

    #[test]
    fn a_service_says_where_it_answers_and_a_condition_keeps_its_time() {
        let mut agent = json!({"metadata": {"name": "a", "namespace": "n", "generation": 2}, "spec": {}});
        let running = Running {
            phase: AgentPhase::Running,
            reason: "1 of 1 ready".into(),
            pods: Some((1, 1)),
            last_run: None,
            scheduled: None,
        };
        let first = said(&agent, &running);
        let condition = json!({"type": "Ready", "status": "True", "reason": "Running", "message": "1 of 1 ready",
            "lastTransitionTime": "now", "observedGeneration": 2});
        let expected = json!({"phase": "Running", "observedGeneration": 2, "message": "1 of 1 ready", "replicas": 1,
            "readyReplicas": 1, "endpoint": "http://a.n.svc.cluster.local:8080", "conditions": [condition]});
        assert_eq!(first, expected);
        agent["status"] = first.clone();
        assert_eq!(status(&agent, &running, "later"), first);
    }

    #[test]
    fn a_run_whose_job_is_gone_is_still_the_last_one() {
        let run = LastRun {
            name: "a-1".into(),
            phase: AgentPhase::Succeeded,
            started: Some("s".into()),
            finished: Some("f".into()),
            reason: "it has completed".into(),
        };
        let running = |last_run| Running {
            phase: AgentPhase::Succeeded,
            reason: "it has completed".into(),
            pods: None,
            last_run,
            scheduled: None,
        };
        let mut agent = json!({"metadata": {"name": "a", "namespace": "n", "generation": 1}});
        agent["status"] = said(&agent, &running(Some(run)));
        assert_eq!(agent["status"]["lastRunFinishedAt"], "f");
        assert_eq!(said(&agent, &running(None)), agent["status"]);
    }
}
