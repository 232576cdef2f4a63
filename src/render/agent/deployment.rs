//! An agent that runs always.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec as Spec, DeploymentStrategy};

use crate::api::{AccessMode, DeploymentSpec, Execution, LanguageAgentSpec};
use crate::object::Manifest;
use crate::render::workload::{self, Workload};

use super::pod::{Pod, places};
use super::{Agent, group};

/// How an agent runs: what is written, its group among its labels, and no pods while it is suspended.
pub(super) fn settings(spec: &LanguageAgentSpec, execution: &Execution) -> DeploymentSpec {
    let mut settings = spec.deployment.clone().unwrap_or_default();
    settings.pod_labels.extend(group(spec));
    if execution.suspend == Some(true) {
        settings.replicas = Some(0);
        settings.autoscaling = None;
    }
    settings
}

pub(super) fn manifest(agent: &Agent<'_>, workload: &Workload<'_>, pod: &Pod<'_>) -> Manifest {
    let deployment = Deployment {
        metadata: workload.meta(workload.name()),
        spec: Some(Spec {
            replicas: workload::replicas(workload),
            selector: workload.pods(),
            strategy: Some(strategy(agent)),
            template: pod.template(workload),
            ..Spec::default()
        }),
        ..Deployment::default()
    };
    let mut manifest = workload.manifest(&deployment);
    places(workload, &mut manifest, "/spec/template");
    manifest.deferred.push(workload::credentials_hash(workload, pod.secrets()));
    manifest
}

/// One node mounts most volumes: a new pod on another would wait for the old one, which waits for the new one.
fn strategy(agent: &Agent<'_>) -> DeploymentStrategy {
    let one_node =
        |workspace: crate::api::Workspace| workspace.access_mode.unwrap_or_default() == AccessMode::ReadWriteOnce;
    if agent.spec().workspace().is_some_and(one_node) {
        return DeploymentStrategy { type_: Some("Recreate".to_owned()), rolling_update: None };
    }
    workload::rolling()
}
