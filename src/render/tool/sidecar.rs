//! Tools that run in the pods of an agent: a container that starts before the agent and ends after it, with a directory
//! of its own to write to. Names that share the pod with others begin with the tool's.

use k8s_openapi::api::core::v1::{Container, Volume, VolumeMount};
use sha2::{Digest as _, Sha256};

use crate::api::{DeploymentSpec, LanguageAgentSpec, LanguageToolSpec};
use crate::object::hex;
use crate::render::workload;
use crate::stack::Stack;

use super::container;
use super::used::used;

/// The longest name of a container and of a volume (Kubernetes, *Object Names*, "RFC 1123 Label Names").
const LONGEST: usize = 63;

/// What a tool brings into the pod of an agent.
pub(crate) struct Sidecar {
    /// Its container, one that runs as long as the agent (Kubernetes, *Sidecar Containers*).
    pub container: Container,
    /// Its volumes.
    pub volumes: Vec<Volume>,
    /// Secrets that its variables come from.
    pub secrets: Vec<String>,
}

/// The sidecars of an agent, by the names of the tools. Each mounts `shared`, such as the agent's workspace, too.
pub(crate) fn sidecars(
    stack: &Stack,
    cluster: &str,
    agent: &LanguageAgentSpec,
    shared: Option<&VolumeMount>,
) -> Vec<Sidecar> {
    let used = used(stack, cluster, agent).into_iter();
    let beside = used.filter_map(|one| Some((one.name, &one.tool?.spec))).filter(|(_, spec)| spec.is_sidecar());
    beside.map(|(name, spec)| sidecar(name, spec, shared)).collect()
}

fn sidecar(tool: &str, spec: &LanguageToolSpec, shared: Option<&VolumeMount>) -> Sidecar {
    let deployment = spec.deployment.clone().unwrap_or_default();
    let own = |mount: VolumeMount| VolumeMount { name: name(tool, &mount.name), ..mount };
    let langops = std::iter::once(own(workload::tmp_mount())).chain(shared.cloned()).collect();
    let users: Vec<_> = deployment.volume_mounts.iter().cloned().map(own).collect();
    let container = Container {
        name: name(tool, ""),
        restart_policy: Some("Always".to_owned()),
        volume_mounts: Some(workload::mounts(langops, &users)),
        ..container::container(spec, &deployment)
    };
    Sidecar {
        container,
        volumes: volumes(tool, &deployment),
        secrets: workload::users_secrets(&deployment).map(str::to_owned).collect(),
    }
}

fn volumes(tool: &str, deployment: &DeploymentSpec) -> Vec<Volume> {
    let own = |volume: Volume| Volume { name: name(tool, &volume.name), ..volume };
    let written = deployment.volumes.iter();
    // A volume of the user's of this name is in its place, as in pods of its own.
    let tmp = written.clone().all(|volume| volume.name != workload::tmp_volume().name).then(workload::tmp_volume);
    tmp.into_iter().chain(written.cloned()).map(own).collect()
}

/// The name of a part of a tool in the pod, or of the tool itself; one that would be too long ends in its digest.
fn name(tool: &str, part: &str) -> String {
    let whole = if part.is_empty() { format!("tool-{tool}") } else { format!("tool-{tool}-{part}") };
    if whole.len() <= LONGEST {
        return whole;
    }
    let digest = hex(&Sha256::digest(&whole)[..5]);
    let start = whole.get(..LONGEST - digest.len() - 1).unwrap_or_default();
    format!("{}-{digest}", start.trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_be_too_long_is_cut_and_still_its_own() {
        assert_eq!((name("a", ""), name("a", "tmp")), ("tool-a".to_owned(), "tool-a-tmp".to_owned()));
        let long = |last: char| name(&format!("{}{last}", "a".repeat(62)), "tmp");
        assert!(long('a').len() <= LONGEST && long('a') != long('b'));
    }
}
