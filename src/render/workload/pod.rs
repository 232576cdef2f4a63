//! The pods of a workload: what is the same whatever runs in them.

use k8s_openapi::api::apps::v1::{DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::api::core::v1::{
    Container, EmptyDirVolumeSource, PodSpec, TopologySpreadConstraint, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::render::scope::{listed, mapped};

use super::{Workload, hardening, identity, merged};

/// The one writable directory, and the name of its volume.
const TMP: &str = "tmp";
const TMP_PATH: &str = "/tmp";

/// What runs in a pod and what it holds, langop's own.
#[derive(Clone, Default)]
pub(in crate::render) struct Parts {
    /// Containers that run to their end first, before the user's.
    pub init_containers: Vec<Container>,
    /// The containers; the user's init containers get the resources of the first.
    pub containers: Vec<Container>,
    /// The volumes, before the user's.
    pub volumes: Vec<Volume>,
}

/// Metadata of the pods. Langop's labels win: a selector label of another value would orphan the pods.
pub(in crate::render) fn metadata(workload: &Workload<'_>) -> ObjectMeta {
    let annotations = mapped(workload.deployment.pod_annotations.clone());
    let mut labels = workload.deployment.pod_labels.clone();
    labels.extend(workload.role.pod_labels(workload.scope.cluster));
    ObjectMeta { annotations, labels: Some(labels), ..ObjectMeta::default() }
}

/// The pods.
pub(in crate::render) fn spec(workload: &Workload<'_>, parts: Parts) -> PodSpec {
    let deployment = workload.deployment;
    let resources = parts.containers.first().and_then(|first| first.resources.clone());
    let users = hardening::init_containers(&deployment.init_containers, &resources.unwrap_or_default());
    PodSpec {
        service_account_name: Some(identity::account_name(workload).to_owned()),
        automount_service_account_token: identity::mounts_token(workload),
        // Else a Service named `debug` would set `DEBUG_PORT` and its like for the program to read.
        enable_service_links: Some(false),
        security_context: Some(hardening::pod_context(workload.user, deployment.security_context.as_ref())),
        init_containers: listed(parts.init_containers.into_iter().chain(users).collect()),
        containers: parts.containers,
        volumes: Some(merged::volumes(parts.volumes, &deployment.volumes)),
        image_pull_secrets: listed(deployment.image_pull_secrets.clone()),
        node_selector: mapped(deployment.node_selector.clone()),
        affinity: deployment.affinity.clone(),
        tolerations: listed(deployment.tolerations.clone()),
        topology_spread_constraints: listed(spread(workload)),
        priority_class_name: deployment.priority_class_name.clone(),
        ..PodSpec::default()
    }
}

/// The user's constraints; one without a selector counts the workload's own pods.
fn spread(workload: &Workload<'_>) -> Vec<TopologySpreadConstraint> {
    let constraints = workload.deployment.topology_spread_constraints.iter().cloned();
    constraints
        .map(|mut constraint| {
            constraint.label_selector.get_or_insert_with(|| workload.pods());
            constraint
        })
        .collect()
}

/// The volume of the one writable directory.
pub(in crate::render) fn tmp_volume() -> Volume {
    Volume {
        name: TMP.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource { size_limit: Some(Quantity("1Gi".to_owned())), medium: None }),
        ..Volume::default()
    }
}

/// Its mount.
pub(in crate::render) fn tmp_mount() -> VolumeMount {
    VolumeMount { name: TMP.to_owned(), mount_path: TMP_PATH.to_owned(), ..VolumeMount::default() }
}

/// A change never leaves callers without anyone who answers.
pub(in crate::render) fn rolling() -> DeploymentStrategy {
    DeploymentStrategy {
        type_: Some("RollingUpdate".to_owned()),
        rolling_update: Some(RollingUpdateDeployment {
            max_surge: Some(IntOrString::Int(1)),
            max_unavailable: Some(IntOrString::Int(0)),
        }),
    }
}
