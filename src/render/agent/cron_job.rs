//! An agent that runs to its end, again and again.

use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec, JobTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::cron_schedule;
use crate::object::Manifest;
use crate::render::workload::Workload;

use super::pod::{Pod, places};
use super::{Agent, job};

/// The zone of a schedule that names none. Left to itself it is that of the controllers' machine.
const UTC: &str = "Etc/UTC";
/// Runs of either end that are kept to be looked at.
const HISTORY: i32 = 3;

pub(super) fn manifest(agent: &Agent<'_>, workload: &Workload<'_>, pod: &Pod<'_>, schedule: &str) -> Manifest {
    let execution = &agent.execution;
    let cron_job = CronJob {
        metadata: workload.meta(workload.name()),
        spec: CronJobSpec {
            // Whatever no fields say was refused with the description.
            schedule: cron_schedule(schedule).unwrap_or_else(|_| schedule.to_owned()),
            time_zone: Some(execution.timezone.clone().unwrap_or_else(|| UTC.to_owned())),
            concurrency_policy: Some(execution.concurrency_policy.unwrap_or_default().as_str().to_owned()),
            suspend: execution.suspend,
            successful_jobs_history_limit: Some(HISTORY),
            failed_jobs_history_limit: Some(HISTORY),
            job_template: JobTemplateSpec {
                // The labels of its pods: a run is its controller's, and no object of the stack.
                metadata: Some(ObjectMeta {
                    labels: Some(workload.role.pod_labels(workload.scope.cluster)),
                    ..ObjectMeta::default()
                }),
                spec: Some(job::spec(agent, workload, pod)),
            },
            ..CronJobSpec::default()
        },
        ..CronJob::default()
    };
    let mut manifest = workload.manifest(&cron_job);
    places(workload, &mut manifest, "/spec/jobTemplate/spec/template");
    let written = [("/spec/schedule", "execution.schedule"), ("/spec/timeZone", "execution.timezone")];
    workload.places(&mut manifest, written.map(|(pointer, path)| (pointer.to_owned(), path)));
    manifest
}
