//! The runs of a task: which is the last, and how far it is. Pure.

use serde_json::Value;

use crate::api::AgentPhase;
use crate::object::field::{count, items, owned, text};
use crate::readiness::{self, State};

/// The last run of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LastRun {
    /// Name of its Job.
    pub name: String,
    /// How far it is.
    pub phase: AgentPhase,
    /// When it began, RFC 3339.
    pub started: Option<String>,
    /// When it ended, RFC 3339.
    pub finished: Option<String>,
    /// In words.
    pub reason: String,
}

/// The run that began last.
pub(super) fn last_run<'a>(jobs: impl IntoIterator<Item = &'a Value>) -> Option<LastRun> {
    let last =
        jobs.into_iter().max_by_key(|job| (text(job, "/metadata/creationTimestamp"), text(job, "/metadata/name")))?;
    let readiness = readiness::assess_before_deletion(last);
    Some(LastRun {
        name: owned(last, "/metadata/name").unwrap_or_default(),
        phase: phase(last, readiness.state),
        started: owned(last, "/status/startTime"),
        finished: owned(last, "/status/completionTime").or_else(|| failed_at(last)),
        reason: readiness.reason,
    })
}

fn phase(job: &Value, state: State) -> AgentPhase {
    match state {
        State::Failed => AgentPhase::Failed,
        _ if readiness::completed(job) => AgentPhase::Succeeded,
        State::Current => AgentPhase::Suspended,
        _ if count(job, "/status/active") > 0 => AgentPhase::Running,
        _ => AgentPhase::Pending,
    }
}

/// A Job that failed has no time of completion.
fn failed_at(job: &Value) -> Option<String> {
    let conditions = items(job, "/status/conditions").iter();
    let mut failed =
        conditions.filter(|one| text(one, "/type") == Some("Failed") && text(one, "/status") == Some("True"));
    owned(failed.next()?, "/lastTransitionTime")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_run_is_the_one_that_was_made_last() {
        let job = |name: &str, made: &str, status: Value| json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "creationTimestamp": made}, "status": status});
        let ended = |kind: &str| json!({"startTime": "s", "conditions": [{"type": kind, "status": "True", "lastTransitionTime": "t"}]});
        let of = |status: Value| last_run(&[job("a", "1", json!({})), job("b", "2", status)]).unwrap();
        assert_eq!(
            (of(json!({"active": 1})).name.as_str(), of(json!({"active": 1})).phase),
            ("b", AgentPhase::Running)
        );
        let failed = of(ended("Failed"));
        assert_eq!((failed.phase, failed.finished.as_deref()), (AgentPhase::Failed, Some("t")));
        assert_eq!(of(ended("Complete")).phase, AgentPhase::Succeeded);
        assert_eq!(of(ended("Suspended")).phase, AgentPhase::Suspended);
        assert_eq!(of(json!({})).phase, AgentPhase::Pending);
        assert_eq!(last_run(&[]), None);
    }
}
