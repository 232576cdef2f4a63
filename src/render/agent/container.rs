//! The container of an agent's own program.

use k8s_openapi::api::core::v1::{Container, ContainerPort, EnvVar, ResourceRequirements, VolumeMount};

use crate::render::scope::listed;
use crate::render::workload::{self, FALLBACK_TO_LOGS, Workload};

use super::{Agent, workspace};

/// The name of the container.
pub(super) const NAME: &str = "agent";
/// The name of the volume of the agent's configuration.
pub(super) const CONFIG_VOLUME: &str = "config";
/// Where the agent's configuration is mounted, as a directory.
const CONFIG_DIRECTORY: &str = "/etc/agent";

pub(super) fn agent(agent: &Agent<'_>, workload: &Workload<'_>, environment: Vec<EnvVar>) -> Container {
    let deployment = workload.deployment;
    Container {
        name: NAME.to_owned(),
        image: Some(agent.spec().image.clone()),
        image_pull_policy: deployment.image_pull_policy.map(|policy| policy.as_str().to_owned()),
        command: listed(deployment.command.clone()),
        args: listed(deployment.args.clone()),
        env: Some(workload::environment(environment, &deployment.env)),
        env_from: listed(deployment.env_from.clone()),
        ports: listed(ports(agent)),
        resources: Some(deployment.resources.clone().unwrap_or_else(resources)),
        // Nobody but its author knows when an agent works: it is ready when it runs, unless the description says more.
        startup_probe: deployment.startup_probe.clone(),
        readiness_probe: deployment.readiness_probe.clone(),
        liveness_probe: deployment.liveness_probe.clone(),
        security_context: Some(workload::hardened()),
        termination_message_policy: Some(FALLBACK_TO_LOGS.to_owned()),
        volume_mounts: Some(workload::mounts(mounts(agent), &deployment.volume_mounts)),
        ..Container::default()
    }
}

fn ports(agent: &Agent<'_>) -> Vec<ContainerPort> {
    let listening = agent.spec().listening().into_iter();
    let port = listening.map(|port| ContainerPort {
        name: Some(port.name),
        container_port: port.port,
        protocol: Some(port.protocol.unwrap_or_default().as_str().to_owned()),
        ..ContainerPort::default()
    });
    port.collect()
}

/// An interpreter with its libraries, which mostly waits.
fn resources() -> ResourceRequirements {
    workload::amounts(("100m", "256Mi"), ("1", "2Gi"))
}

fn mounts(agent: &Agent<'_>) -> Vec<VolumeMount> {
    let config = VolumeMount {
        name: CONFIG_VOLUME.to_owned(),
        mount_path: CONFIG_DIRECTORY.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    };
    [config, workload::tmp_mount()].into_iter().chain(workspace::mount(agent)).collect()
}
