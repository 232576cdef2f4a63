//! How one agent or tool runs, from what keeps or starts its pods. Pure.

use serde_json::Value;

use super::live::{Live, named, of_part};
use super::run::{LastRun, last_run};
use crate::api::AgentPhase;
use crate::object::field::{count, flag, items, number, owned, text};
use crate::object::role::Part;
use crate::readiness::{self, State};

/// One agent or tool, as it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MemberState {
    /// `agent` or `tool`.
    pub noun: &'static str,
    /// Its name.
    pub name: String,
    /// Its group, if it is in one.
    pub group: Option<String>,
    /// Names of its models.
    pub models: Vec<String>,
    /// How far it is.
    pub phase: String,
    /// How often its containers were started again, all pods together.
    pub restarts: i64,
    /// How its last run ended or how far it is, and since when.
    pub last_run: Option<(String, Option<String>)>,
    /// Why it does not run.
    pub reason: Option<String>,
    /// Whether it runs as it should, as far as it is its hour.
    pub healthy: bool,
}

/// How something runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Running {
    pub phase: AgentPhase,
    pub reason: String,
    /// Ready pods, and those that there should be.
    pub pods: Option<(i64, i64)>,
    pub last_run: Option<LastRun>,
    pub scheduled: Option<String>,
}

/// The agents and then the tools of a namespace, each in the order of their names.
pub(in crate::ops) fn member_states(live: &Live) -> Vec<MemberState> {
    let agents = live.agents.iter().map(|agent| member("agent", agent, live));
    agents.chain(live.tools.iter().map(|tool| member("tool", tool, live))).collect()
}

fn member(noun: &'static str, object: &Value, live: &Live) -> MemberState {
    let name = owned(object, "/metadata/name").unwrap_or_default();
    let part = if noun == "agent" { Part::Agent(&name) } else { Part::Tool(&name) };
    let running = running(live, part, object);
    let models = items(object, "/spec/models").iter().filter_map(|model| owned(model, "/name")).collect();
    let is_well = matches!(running.phase, AgentPhase::Running | AgentPhase::Succeeded | AgentPhase::Suspended);
    // What has a schedule and never ran waits for its hour.
    let waits = running.phase == AgentPhase::Pending && running.last_run.is_none();
    let healthy = is_well || waits && named(&live.cron_jobs, &name).is_some();
    let last_run = running.last_run.map(|run| (format!("{:?}", run.phase), run.finished.or(run.started)));
    let restarts = of_part(&live.pods, part)
        .flat_map(|pod| items(pod, "/status/containerStatuses"))
        .map(|one| count(one, "/restartCount"));
    MemberState {
        noun,
        group: owned(object, "/spec/group"),
        models,
        phase: format!("{:?}", running.phase),
        restarts: restarts.sum(),
        last_run,
        reason: (!is_well).then_some(running.reason),
        healthy,
        name,
    }
}

/// How a part runs.
pub(super) fn running(live: &Live, part: Part<'_>, object: &Value) -> Running {
    let name = text(object, "/metadata/name").unwrap_or_default();
    let still =
        |phase, reason: &str| Running { phase, reason: reason.to_owned(), pods: None, last_run: None, scheduled: None };
    if let Some(deployment) = of_part(&live.deployments, part).find(|one| text(one, "/metadata/name") == Some(name)) {
        return service(deployment);
    }
    if let Some(cron_job) = named(&live.cron_jobs, name) {
        return scheduled(cron_job, last_run(of_part(&live.jobs, part)));
    }
    if let Some(run) = last_run(of_part(&live.jobs, part)) {
        return Running { last_run: Some(run.clone()), ..still(run.phase, &run.reason) };
    }
    match (part, text(object, "/spec/execution/mode"), text(object, "/status/lastRunPhase")) {
        // Its Job went with its time to live; what the last status says of it stays true.
        (Part::Agent(_), Some("task"), Some("Succeeded")) => still(AgentPhase::Succeeded, "its last run completed"),
        (Part::Agent(_), Some("task"), Some("Failed")) => still(AgentPhase::Failed, "its last run failed"),
        (Part::Tool(_), ..) if text(object, "/spec/url").is_some() => still(AgentPhase::Running, "it runs elsewhere"),
        (Part::Tool(_), ..) if text(object, "/spec/deploymentMode") == Some("sidecar") => {
            still(AgentPhase::Running, "it runs beside its agents")
        }
        _ => still(AgentPhase::Pending, "nothing runs it yet"),
    }
}

fn service(deployment: &Value) -> Running {
    let readiness = readiness::assess(deployment);
    let wanted = number(deployment, "/spec/replicas").unwrap_or(1);
    let ready = count(deployment, "/status/readyReplicas");
    let phase = match readiness.state {
        State::Current if wanted == 0 => AgentPhase::Suspended,
        State::Current => AgentPhase::Running,
        State::Failed => AgentPhase::Failed,
        _ if ready > 0 => AgentPhase::Degraded,
        _ => AgentPhase::Pending,
    };
    Running { phase, reason: readiness.reason, pods: Some((ready, wanted)), last_run: None, scheduled: None }
}

fn scheduled(cron_job: &Value, last_run: Option<LastRun>) -> Running {
    let suspended = flag(cron_job, "/spec/suspend") == Some(true);
    let (phase, reason) = match &last_run {
        Some(run) if run.phase == AgentPhase::Running => (run.phase, run.reason.clone()),
        _ if suspended => (AgentPhase::Suspended, "it is suspended".to_owned()),
        Some(run) => (run.phase, run.reason.clone()),
        None => (AgentPhase::Pending, "it waits for its first run".to_owned()),
    };
    let scheduled = owned(cron_job, "/status/lastScheduleTime");
    Running { phase, reason, pods: None, last_run, scheduled }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn labelled(kind: &str, api: &str, rest: &Value) -> Value {
        let mut object = json!({"apiVersion": api, "kind": kind, "metadata": {"name": "a", "labels": {
            "langop.io/kind": "LanguageAgent", "app.kubernetes.io/name": "a"}}});
        object.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        object
    }

    fn deployment(replicas: i64, ready: i64) -> Value {
        let status = json!({"observedGeneration": 1, "replicas": replicas, "updatedReplicas": replicas,
            "readyReplicas": ready, "availableReplicas": ready,
            "conditions": [{"type": "Available", "status": if ready < replicas { "False" } else { "True" }}]});
        labelled("Deployment", "apps/v1", &json!({"spec": {"replicas": replicas}, "status": status}))
    }

    #[test]
    fn a_service_is_what_its_deployment_is() {
        for (replicas, ready, phase) in [
            (1, 1, AgentPhase::Running),
            (2, 1, AgentPhase::Degraded),
            (1, 0, AgentPhase::Pending),
            (0, 0, AgentPhase::Suspended),
        ] {
            let running = service(&deployment(replicas, ready));
            assert_eq!((running.phase, running.pods), (phase, Some((ready, replicas))), "{ready} of {replicas}");
        }
    }

    #[test]
    fn a_schedule_is_what_its_last_run_is_and_waits_for_the_first() {
        let cron_job = |suspend: bool| labelled("CronJob", "batch/v1", &json!({"spec": {"suspend": suspend}}));
        let run = |phase| LastRun { name: "r".into(), phase, started: None, finished: None, reason: "r".into() };
        assert_eq!(scheduled(&cron_job(false), None).phase, AgentPhase::Pending);
        assert_eq!(scheduled(&cron_job(true), None).phase, AgentPhase::Suspended);
        assert_eq!(scheduled(&cron_job(true), Some(run(AgentPhase::Running))).phase, AgentPhase::Running);
        assert_eq!(scheduled(&cron_job(false), Some(run(AgentPhase::Failed))).phase, AgentPhase::Failed);
    }

    #[test]
    fn a_row_has_models_group_restarts_and_the_last_run() {
        let spec = json!({"group": "g", "models": [{"name": "m"}], "execution": {"mode": "task"}});
        let pod = labelled(
            "Pod",
            "v1",
            &json!({"status": {"containerStatuses": [{"restartCount": 2}, {"restartCount": 1}]}}),
        );
        let ended =
            json!({"startTime": "s", "completionTime": "t", "conditions": [{"type": "Complete", "status": "True"}]});
        let live = Live {
            agents: vec![labelled("LanguageAgent", "langop.io/v1alpha1", &json!({"spec": spec}))],
            jobs: vec![labelled("Job", "batch/v1", &json!({"status": ended}))],
            pods: vec![pod],
            ..Live::default()
        };
        let [row] = member_states(&live).try_into().unwrap();
        let expected = MemberState {
            noun: "agent",
            name: "a".into(),
            group: Some("g".into()),
            models: vec!["m".into()],
            phase: "Succeeded".into(),
            restarts: 3,
            last_run: Some(("Succeeded".into(), Some("t".into()))),
            reason: None,
            healthy: true,
        };
        assert_eq!(row, expected);
    }

    #[test]
    fn what_waits_for_its_first_hour_is_healthy_and_what_nothing_runs_is_not() {
        let agents = || vec![json!({"metadata": {"name": "a"}, "spec": {}})];
        let cron_jobs = vec![json!({"metadata": {"name": "a"}, "spec": {"suspend": false}})];
        let healthy = |live: &Live| member_states(live)[0].healthy;
        assert!(healthy(&Live { agents: agents(), cron_jobs, ..Live::default() }));
        assert!(!healthy(&Live { agents: agents(), ..Live::default() }));
    }

    #[test]
    fn a_run_that_went_with_its_time_to_live_is_remembered() {
        let agent = |phase: &str| json!({"metadata": {"name": "a"}, "spec": {"execution": {"mode": "task"}}, "status": {"lastRunPhase": phase}});
        let phase = |of: &str| running(&Live::default(), Part::Agent("a"), &agent(of)).phase;
        assert_eq!((phase("Succeeded"), phase("Failed")), (AgentPhase::Succeeded, AgentPhase::Failed));
        assert_eq!(phase("Running"), AgentPhase::Pending);
    }
}
