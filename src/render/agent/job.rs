//! An agent that runs to its end, once.

use k8s_openapi::api::batch::v1::{
    Job, JobSpec, PodFailurePolicy, PodFailurePolicyOnPodConditionsPattern, PodFailurePolicyRule,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::object::{Manifest, labels};
use crate::render::workload::Workload;

use super::Agent;
use super::pod::{Pod, places};

/// Seconds for which a finished run can be looked at, unless the description says otherwise: a day.
const KEPT: i32 = 86_400;

pub(super) fn manifest(agent: &Agent<'_>, workload: &Workload<'_>, pod: &Pod<'_>) -> Manifest {
    // Its template cannot change: a run that is over makes room for the next one.
    let annotations = [(labels::REPLACE.to_owned(), labels::REPLACE_FINISHED.to_owned())].into();
    let job = Job {
        metadata: ObjectMeta { annotations: Some(annotations), ..workload.meta(workload.name()) },
        spec: Some(JobSpec { suspend: agent.execution.suspend, ..spec(agent, workload, pod) }),
        ..Job::default()
    };
    let mut manifest = workload.manifest(&job);
    places(workload, &mut manifest, "/spec/template");
    manifest
}

/// One run of the agent.
pub(super) fn spec(agent: &Agent<'_>, workload: &Workload<'_>, pod: &Pod<'_>) -> JobSpec {
    let execution = &agent.execution;
    JobSpec {
        active_deadline_seconds: execution.active_deadline_seconds,
        // Nobody knows whether a run that failed may be repeated, but for the user.
        backoff_limit: Some(execution.retry_limit.unwrap_or(0)),
        pod_failure_policy: Some(disruptions_are_no_failures()),
        ttl_seconds_after_finished: Some(execution.ttl_seconds_after_finished.unwrap_or(KEPT)),
        template: pod.run_template(workload),
        ..JobSpec::default()
    }
}

/// A pod that makes way, for a drained node or a more important pod, is started again and counts as no failure.
fn disruptions_are_no_failures() -> PodFailurePolicy {
    PodFailurePolicy {
        rules: vec![PodFailurePolicyRule {
            action: "Ignore".to_owned(),
            on_pod_conditions: Some(vec![PodFailurePolicyOnPodConditionsPattern {
                type_: "DisruptionTarget".to_owned(),
                status: Some("True".to_owned()),
            }]),
            ..PodFailurePolicyRule::default()
        }],
    }
}
