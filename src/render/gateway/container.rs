//! The one container of the gateway: image, arguments, resources, hardening, and how it ends.

use k8s_openapi::api::core::v1::{
    Container, ContainerPort, Lifecycle, LifecycleHandler, ResourceRequirements, SleepAction, VolumeMount,
};

use crate::object::names::{CONTAINER_PORT, GATEWAY, PORT_NAME};
use crate::render::scope::{Scope, listed};
use crate::render::workload::{self, FALLBACK_TO_LOGS, Workload};

use super::config_map::CONFIG;
use super::credentials::{self, Credentials};
use super::{environment, metrics, probes};

/// The proxy's image: the release of the long-term line that the tests run, in the variant made for running as user 65534
/// with a read-only root.
pub(crate) const IMAGE: &str = "ghcr.io/berriai/litellm-non_root:v1.108.7";
/// Where the files of the configuration are mounted.
const CONFIG_DIRECTORY: &str = "/etc/langop";
/// Name of the volume of the configuration.
pub(super) const CONFIG_VOLUME: &str = "config";
/// Name of the volume of key files.
pub(super) const CREDENTIALS_VOLUME: &str = "credentials";

/// Seconds in which Services take a pod off their lists, before it stops to accept calls.
const PRE_STOP: u32 = 10;
/// Seconds for what runs at the end of the drain.
const MARGIN: u32 = 10;
/// Bounds of the drain, in seconds.
const DRAIN: (f64, f64) = (30.0, 3600.0);

/// Seconds that running calls get to finish: as many as the longest call may take.
pub(super) fn drain(scope: &Scope<'_>) -> u32 {
    let longest = scope.models().map(|(_, model)| model.timeout_seconds()).fold(DRAIN.0, f64::max);
    let longest = longest.min(DRAIN.1).ceil();
    // Between its bounds the number is small and whole.
    format!("{longest:.0}").parse().unwrap_or(300)
}

/// Seconds from the end's announcement to the kill.
pub(super) fn grace(drain: u32) -> i64 {
    i64::from(PRE_STOP + drain + MARGIN)
}

pub(super) fn container(gateway: &Workload<'_>, credentials: &Credentials, drain: u32) -> Container {
    let Workload { scope, deployment, .. } = *gateway;
    Container {
        name: GATEWAY.to_owned(),
        image: Some(scope.gateway.image.clone().unwrap_or_else(|| IMAGE.to_owned())),
        image_pull_policy: deployment.image_pull_policy.map(|policy| policy.as_str().to_owned()),
        command: listed(deployment.command.clone()),
        args: Some(arguments(&deployment.args)),
        env: Some(environment::variables(scope, credentials, drain)),
        env_from: listed(deployment.env_from.clone()),
        ports: Some([port()].into_iter().chain(metrics::port(scope)).collect()),
        resources: Some(deployment.resources.clone().unwrap_or_else(resources)),
        startup_probe: Some(deployment.startup_probe.clone().unwrap_or_else(probes::startup)),
        readiness_probe: Some(deployment.readiness_probe.clone().unwrap_or_else(probes::readiness)),
        liveness_probe: Some(deployment.liveness_probe.clone().unwrap_or_else(probes::liveness)),
        lifecycle: Some(pre_stop()),
        security_context: Some(workload::hardened()),
        termination_message_policy: Some(FALLBACK_TO_LOGS.to_owned()),
        volume_mounts: Some(workload::mounts(mounts(credentials), &deployment.volume_mounts)),
        ..Container::default()
    }
}

/// Arguments, not a command: the image's entry point stays.
fn arguments(written: &[String]) -> Vec<String> {
    if !written.is_empty() {
        return written.to_vec();
    }
    let config = format!("{CONFIG_DIRECTORY}/{CONFIG}");
    let port = CONTAINER_PORT.to_string();
    ["--config", &config, "--port", &port].map(str::to_owned).into()
}

fn port() -> ContainerPort {
    ContainerPort {
        name: Some(PORT_NAME.to_owned()),
        container_port: CONTAINER_PORT,
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    }
}

/// Three times what an idle proxy takes in memory, and a CPU to start in five seconds.
fn resources() -> ResourceRequirements {
    workload::amounts(("250m", "512Mi"), ("1", "1Gi"))
}

fn pre_stop() -> Lifecycle {
    Lifecycle {
        pre_stop: Some(LifecycleHandler {
            sleep: Some(SleepAction { seconds: i64::from(PRE_STOP) }),
            ..LifecycleHandler::default()
        }),
        ..Lifecycle::default()
    }
}

fn mounts(credentials: &Credentials) -> Vec<VolumeMount> {
    let read = |path: &str, volume: &str| VolumeMount {
        name: volume.to_owned(),
        mount_path: path.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    };
    let files = credentials.files().map(|_| read(credentials::DIRECTORY, CREDENTIALS_VOLUME));
    [read(CONFIG_DIRECTORY, CONFIG_VOLUME), workload::tmp_mount()].into_iter().chain(files).collect()
}
