//! The container of a tool: its own image, or the bridge of a program. The same in pods of its own and beside an agent.

use k8s_openapi::api::core::v1::{
    Container, ContainerPort, EnvVar, Probe, ResourceRequirements, TCPSocketAction, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::{DeploymentSpec, LanguageToolSpec};
use crate::object::names::PORT_NAME;
use crate::render::scope::listed;
use crate::render::workload::{self, FALLBACK_TO_LOGS};

use super::bridge;

/// The name of the container in pods of its own.
pub(super) const NAME: &str = "tool";
/// The variable that tells a tool its port.
const PORT: &str = "PORT";

/// What runs a tool, without mounts.
pub(super) fn container(spec: &LanguageToolSpec, deployment: &DeploymentSpec) -> Container {
    let ready = || if spec.stdio.is_some() { bridge::readiness(spec.port()) } else { listens(spec.port()) };
    Container {
        name: NAME.to_owned(),
        image: spec.stdio.as_ref().map(bridge::image).or_else(|| spec.image.clone()),
        image_pull_policy: deployment.image_pull_policy.map(|policy| policy.as_str().to_owned()),
        command: listed(command(spec, deployment)),
        args: listed(arguments(spec, deployment)),
        env: Some(workload::environment(variables(spec), &deployment.env)),
        env_from: listed(deployment.env_from.clone()),
        ports: Some(vec![port(spec)]),
        resources: Some(deployment.resources.clone().unwrap_or_else(|| resources(spec))),
        startup_probe: Some(deployment.startup_probe.clone().unwrap_or_else(|| starting(ready()))),
        readiness_probe: Some(deployment.readiness_probe.clone().unwrap_or_else(ready)),
        liveness_probe: deployment.liveness_probe.clone(),
        security_context: Some(workload::hardened()),
        termination_message_policy: Some(FALLBACK_TO_LOGS.to_owned()),
        ..Container::default()
    }
}

/// Named for its Service. Beside an agent it has none: the name would be one of the agent's ports, too.
fn port(spec: &LanguageToolSpec) -> ContainerPort {
    ContainerPort {
        name: (!spec.is_sidecar()).then(|| PORT_NAME.to_owned()),
        container_port: spec.port(),
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    }
}

fn command(spec: &LanguageToolSpec, deployment: &DeploymentSpec) -> Vec<String> {
    match (&spec.stdio, deployment.command.as_slice()) {
        (Some(_), []) => bridge::command(),
        (_, written) => written.to_vec(),
    }
}

fn arguments(spec: &LanguageToolSpec, deployment: &DeploymentSpec) -> Vec<String> {
    match (&spec.stdio, deployment.args.as_slice()) {
        (Some(stdio), []) => {
            bridge::arguments(stdio, spec.port(), spec.path()).iter().map(|text| bridge::literal(text)).collect()
        }
        (_, written) => written.to_vec(),
    }
}

fn variables(spec: &LanguageToolSpec) -> Vec<EnvVar> {
    let port = workload::variable(PORT, &spec.port().to_string());
    let caches = spec.stdio.iter().flat_map(|_| bridge::variables());
    caches.map(|(name, value)| workload::variable(name, value)).chain([port]).collect()
}

/// A small server; beside an agent it may be busier, for it has no other.
fn resources(spec: &LanguageToolSpec) -> ResourceRequirements {
    let limits = if spec.is_sidecar() { ("500m", "1Gi") } else { ("200m", "512Mi") };
    workload::amounts(("50m", "128Mi"), limits)
}

/// Nobody but its author knows when a server works: it is ready when it listens.
fn listens(port: i32) -> Probe {
    Probe {
        tcp_socket: Some(TCPSocketAction { port: IntOrString::Int(port), host: None }),
        period_seconds: Some(10),
        failure_threshold: Some(3),
        timeout_seconds: Some(3),
        ..Probe::default()
    }
}

/// Two minutes for a start, in which a program may fetch its packages.
fn starting(ready: Probe) -> Probe {
    Probe { period_seconds: Some(2), failure_threshold: Some(60), ..ready }
}

/// The mounts of the container in pods of its own.
pub(super) fn mounts(deployment: &DeploymentSpec) -> Vec<VolumeMount> {
    workload::mounts(vec![workload::tmp_mount()], &deployment.volume_mounts)
}
