//! The one container of the gateway: image, arguments, resources, hardening, and how it ends.

use k8s_openapi::api::core::v1::{
    Capabilities, Container, ContainerPort, Lifecycle, LifecycleHandler, ResourceRequirements, SecurityContext,
    SleepAction, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::object::names::{CONTAINER_PORT, GATEWAY, PORT_NAME};
use crate::render::scope::{Scope, listed};

use super::config_map::CONFIG;
use super::credentials::{self, Credentials};
use super::{environment, probes};

/// The proxy's image: the newest patch of the long-term line, in the variant made for running as
/// user 65534 with a read-only root.
const IMAGE: &str = "ghcr.io/berriai/litellm-non_root:v1.108.14";
/// Where the files of the configuration are mounted.
const CONFIG_DIRECTORY: &str = "/etc/langop";
/// Name of the volume of the configuration.
pub(super) const CONFIG_VOLUME: &str = "config";
/// Name of the volume of key files.
pub(super) const CREDENTIALS_VOLUME: &str = "credentials";
/// Name of the volume of the one writable directory.
pub(super) const TMP_VOLUME: &str = "tmp";

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

pub(super) fn container(scope: &Scope<'_>, credentials: &Credentials, drain: u32) -> Container {
    let deployment = &scope.deployment;
    Container {
        name: GATEWAY.to_owned(),
        image: Some(scope.gateway.image.clone().unwrap_or_else(|| IMAGE.to_owned())),
        image_pull_policy: deployment.image_pull_policy.map(|policy| policy.as_str().to_owned()),
        command: listed(deployment.command.clone()),
        args: Some(arguments(&deployment.args)),
        env: Some(environment::variables(scope, credentials, drain)),
        env_from: listed(deployment.env_from.clone()),
        ports: Some(vec![port()]),
        resources: Some(deployment.resources.clone().unwrap_or_else(resources)),
        startup_probe: Some(deployment.startup_probe.clone().unwrap_or_else(probes::startup)),
        readiness_probe: Some(deployment.readiness_probe.clone().unwrap_or_else(probes::readiness)),
        liveness_probe: Some(deployment.liveness_probe.clone().unwrap_or_else(probes::liveness)),
        lifecycle: Some(pre_stop()),
        security_context: Some(hardened()),
        // A crash says why: without it, only the log of a container that is gone does.
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(mounts(credentials, &deployment.volume_mounts)),
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
    let amounts = |cpu: &str, memory: &str| {
        let pairs = [("cpu", cpu), ("memory", memory)];
        pairs.map(|(name, amount)| (name.to_owned(), Quantity(amount.to_owned()))).into()
    };
    ResourceRequirements {
        requests: Some(amounts("250m", "512Mi")),
        limits: Some(amounts("1", "1Gi")),
        ..ResourceRequirements::default()
    }
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

/// What Pod Security `restricted` asks of a container, and a root that cannot be written.
fn hardened() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        read_only_root_filesystem: Some(true),
        capabilities: Some(Capabilities { drop: Some(vec!["ALL".to_owned()]), add: None }),
        ..SecurityContext::default()
    }
}

/// Langop's mounts, then the user's. A mount of the user's at the same path replaces langop's.
fn mounts(credentials: &Credentials, users: &[VolumeMount]) -> Vec<VolumeMount> {
    let files = credentials.files().map(|_| (credentials::DIRECTORY, CREDENTIALS_VOLUME));
    let own = [(CONFIG_DIRECTORY, CONFIG_VOLUME), ("/tmp", TMP_VOLUME)].into_iter().chain(files);
    let own = own.map(|(path, volume)| VolumeMount {
        name: volume.to_owned(),
        mount_path: path.to_owned(),
        read_only: (volume != TMP_VOLUME).then_some(true),
        ..VolumeMount::default()
    });
    let kept = own.filter(|mount| users.iter().all(|user| user.mount_path != mount.mount_path));
    kept.chain(users.iter().cloned()).collect()
}
