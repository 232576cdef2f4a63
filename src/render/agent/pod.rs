//! The pods of an agent: its container, the tools beside it, its files and its workspace. The same for all ways of
//! running.

use k8s_openapi::api::core::v1::{ConfigMapVolumeSource, PodSpec, PodTemplateSpec, Volume};

use crate::api::LanguageAgentSpec;
use crate::object::Manifest;
use crate::render::workload::{self, Parts, Versioned, Workload};

use super::seed::Seed;
use super::tools::Tools;
use super::{Agent, config, container, credentials, environment, key, workspace};

/// What is in the pods of an agent.
pub(super) struct Pod<'a> {
    agent: &'a Agent<'a>,
    config: Versioned,
    seed: Option<Seed>,
    tools: Tools<'a>,
    parts: Parts,
}

impl<'a> Pod<'a> {
    pub(super) fn of_agent(agent: &'a Agent<'a>, workload: &Workload<'_>) -> Self {
        let tools = Tools::of_agent(agent);
        let config = config::file(agent, &tools);
        let seed = Seed::of_agent(agent);
        let environment = environment::variables(agent, &tools);
        let container = container::agent(agent, workload, environment);
        let mut parts = Parts {
            volumes: vec![files(container::CONFIG_VOLUME, &config), workload::tmp_volume()],
            ..Parts::default()
        };
        parts.volumes.extend(workspace::volume(agent));
        if let Some(seed) = &seed {
            parts.init_containers.push(seed.container(agent, container.resources.clone()));
            parts.volumes.push(files(Seed::VOLUME, &seed.files));
        }
        parts.containers.push(container);
        for sidecar in &tools.sidecars {
            parts.init_containers.push(sidecar.container.clone());
            parts.volumes.extend(sidecar.volumes.iter().cloned());
        }
        Self { agent, config, seed, tools, parts }
    }

    /// The files that the pods mount.
    pub(super) fn config_maps(&self, workload: &Workload<'_>) -> impl Iterator<Item = Manifest> {
        let all = std::iter::once(&self.config).chain(self.seed.as_ref().map(|seed| &seed.files));
        all.map(|files| files.config_map(workload))
    }

    /// Pods that run always.
    pub(super) fn template(&self, workload: &Workload<'_>) -> PodTemplateSpec {
        let spec = workload::spec(workload, self.parts.clone());
        PodTemplateSpec { metadata: Some(workload::metadata(workload)), spec: Some(spec) }
    }

    /// Pods that run to their end. Each try is a pod of its own, so that the log of the last one stays.
    pub(super) fn run_template(&self, workload: &Workload<'_>) -> PodTemplateSpec {
        let template = self.template(workload);
        let never = |spec: PodSpec| PodSpec { restart_policy: Some("Never".to_owned()), ..spec };
        PodTemplateSpec { spec: template.spec.map(never), ..template }
    }

    /// Secrets that the environment of langop's containers comes from.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let own = self.agent.secrets.iter().map(String::as_str);
        own.chain(self.tools.secrets()).collect()
    }
}

/// Says where the parts of the template in this place were written.
pub(super) fn places(workload: &Workload<'_>, manifest: &mut Manifest, template: &str) {
    let parts = [("containers", "deployment.resources"), ("initContainers", "deployment.initContainers")];
    workload.places(manifest, parts.map(|(part, path)| (format!("{template}/spec/{part}"), path)));
}

/// All files of a version as one directory.
fn files(volume: &str, files: &Versioned) -> Volume {
    Volume {
        name: volume.to_owned(),
        config_map: Some(ConfigMapVolumeSource { name: files.name(), ..ConfigMapVolumeSource::default() }),
        ..Volume::default()
    }
}

/// Names of the Secrets that an agent's own variables come from.
pub(super) fn own_secrets(name: &str, spec: &LanguageAgentSpec) -> Vec<String> {
    std::iter::once(key::secret_name(name)).chain(credentials::names(name, spec)).collect()
}
