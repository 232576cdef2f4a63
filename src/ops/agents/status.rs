//! The status of each `LanguageAgent`, written after every apply where it differs from what is live. It is what was so
//! then: a run that a schedule begins later is told by `langop status`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::live::Live;
use super::state::{Running, running};
use crate::api::AgentPhase;
use crate::cluster::{Body, ClusterError, Writer};
use crate::object::field::{items, number, owned, text};
use crate::object::names::{AGENT_KIND, GROUP};
use crate::object::role::Part;
use crate::object::{GroupKind, labels};
use crate::plan::{Action, Plan};

/// Writes the status of every agent of the plan that differs from what is so. Costs six LISTs for each namespace with
/// agents, and a write for each that differs.
///
/// # Errors
/// What is live cannot be read, or a status cannot be written; the other agents' are all the same.
pub(in crate::ops) async fn write_agent_status(writer: &Writer, plan: &Plan) -> Result<(), ClusterError> {
    let wanted = plan.changes.iter().filter(|change| !matches!(change.action, Action::Delete | Action::Forget));
    let agents: Vec<_> = wanted.map(|change| &change.object).filter(|object| object.is(GROUP, AGENT_KIND)).collect();
    let resource = if agents.is_empty() { None } else { writer.served(&GroupKind::new(GROUP, AGENT_KIND)).await? };
    let Some(resource) = resource else { return Ok(()) };
    let namespaces: BTreeSet<_> = agents.iter().filter_map(|agent| agent.namespace.as_deref()).collect();
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut result = Ok(());
    for namespace in namespaces {
        let live = Live::read(writer, namespace).await?;
        let own = |agent: &&Value| {
            text(agent, &format!("/metadata/labels/{}", crate::object::field::escape(labels::STACK)))
                == Some(&plan.stack)
        };
        for agent in live.agents.iter().filter(own) {
            let name = text(agent, "/metadata/name").unwrap_or_default();
            let status = status(agent, &running(&live, Part::Agent(name), agent), &now);
            if agent.get("status") == Some(&status) {
                continue;
            }
            let body = json!({
                "apiVersion": resource.api.api_version, "kind": AGENT_KIND,
                "metadata": {"name": name, "namespace": namespace}, "status": status,
            });
            result = result.and(writer.apply_status(&resource, &Body::plain(body)).await.map(|_| ()));
        }
    }
    result
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

/// A condition keeps the time of its last change (Kubernetes API conventions, "Typical status properties").
fn ready(agent: &Value, running: &Running, now: &str) -> Value {
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

#[cfg(test)]
mod tests {
    use super::*;
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
