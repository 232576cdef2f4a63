//! The one container of the store: how the server is told what to do, and when it counts as ready. Its configuration
//! goes in by standard input, so that the password is in no file and no list of processes.

use k8s_openapi::api::core::v1::{Container, ContainerPort, ExecAction, Probe, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Amount;

use crate::api::GatewayStore;
use crate::object::Quantity;
use crate::object::names::{GATEWAY_STORE, STORE_PASSWORD, STORE_PORT};
use crate::render::workload::{self, FALLBACK_TO_LOGS, Workload, secret_variable};

use super::claim;

/// The server's image. Counters need nothing that a later line has.
const IMAGE: &str = "docker.io/valkey/valkey:8.1.10";
/// Name of its port.
pub(super) const PORT_NAME: &str = "store";
/// The variable with the password.
const PASSWORD: &str = "STORE_PASSWORD";

/// The container.
pub(super) fn container(workload: &Workload<'_>, store: &GatewayStore) -> Container {
    let resources = store.resources.clone().unwrap_or_else(|| workload::amounts(("50m", "64Mi"), ("500m", "256Mi")));
    Container {
        name: GATEWAY_STORE.to_owned(),
        image: Some(store.image.clone().unwrap_or_else(|| IMAGE.to_owned())),
        image_pull_policy: workload.deployment.image_pull_policy.map(|policy| policy.as_str().to_owned()),
        command: Some(vec!["sh".to_owned(), "-c".to_owned(), server(&resources)]),
        env: Some(vec![secret_variable(PASSWORD, GATEWAY_STORE, STORE_PASSWORD)]),
        ports: Some(vec![ContainerPort {
            name: Some(PORT_NAME.to_owned()),
            container_port: STORE_PORT,
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]),
        startup_probe: Some(Probe { period_seconds: Some(2), failure_threshold: Some(60), ..exec(IS_READY) }),
        readiness_probe: Some(Probe { period_seconds: Some(5), failure_threshold: Some(3), ..exec(IS_READY) }),
        liveness_probe: Some(Probe { period_seconds: Some(15), failure_threshold: Some(6), ..exec(ANSWERS) }),
        resources: Some(resources),
        security_context: Some(workload::hardened()),
        termination_message_policy: Some(FALLBACK_TO_LOGS.to_owned()),
        volume_mounts: Some(vec![claim::mount()]),
        ..Container::default()
    }
}

/// It serves, and has read what it had written.
const IS_READY: &str = "REDISCLI_AUTH=\"$STORE_PASSWORD\" valkey-cli -p 6379 ping | grep -q PONG";
/// It answers anything: while it reads its files, that it does so.
const ANSWERS: &str = "valkey-cli -p 6379 ping";

fn exec(script: &str) -> Probe {
    let command = ["sh", "-c", script].map(str::to_owned).into();
    Probe { exec: Some(ExecAction { command: Some(command) }), timeout_seconds: Some(5), ..Probe::default() }
}

/// How the server is started. Each write is in its file within a second, and of counters that end by themselves those
/// that end first give way when memory is full.
fn server(resources: &ResourceRequirements) -> String {
    let memory = memory(resources)
        .map_or_else(String::new, |bytes| format!("maxmemory {bytes}\nmaxmemory-policy volatile-ttl\n"));
    format!(
        "exec valkey-server - <<END\nport {STORE_PORT}\ndir {}\nrequirepass ${PASSWORD}\nappendonly yes\n\
         appendfsync everysec\nsave \"\"\n{memory}END\n",
        claim::DIRECTORY
    )
}

/// Bytes for data: half of the limit of memory, since the file is written anew by a copy of the process.
fn memory(resources: &ResourceRequirements) -> Option<i128> {
    let Amount(limit) = resources.limits.as_ref()?.get("memory")?;
    limit.parse::<Quantity>().ok().map(|limit| limit.whole() / 2).filter(|bytes| *bytes > 0)
}

#[cfg(test)]
mod tests {
    use crate::render::fixture::{field, rendered};

    fn command(lines: &str) -> String {
        let pointer = "/spec/template/spec/containers/0/command/2";
        let text = format!("[clusters.c.gateway.store]\nimage = 'mine'\n{lines}");
        field(&rendered(&text), "StatefulSet", "gateway-store", pointer).as_str().unwrap().to_owned()
    }

    #[test]
    fn half_of_the_memory_is_for_data() {
        assert!(command("").contains("\nmaxmemory 134217728\n"), "{}", command(""));
        assert!(command("resources.limits = { memory = '1G' }").contains("\nmaxmemory 500000000\n"));
        assert!(!command("resources.limits = { cpu = '1' }").contains("maxmemory"));
    }
}
