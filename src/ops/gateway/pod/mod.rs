//! What the gateway's container of a cluster is given in its pod, with the values of Secrets: for running it
//! where there is no pod. Knows the manifests of a stack and no server; what only a cluster knows is left out,
//! and said.

mod expand;
mod source;
#[cfg(test)]
mod tests;
mod volume;

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, EnvFromSource, EnvVar, PodSpec, Volume, VolumeMount};
use serde::Deserialize as _;

use crate::object::pod_template::pod_template;
use crate::object::role::gateway_deployment;
use crate::object::{Manifest, ObjectRef, SecretValue};

use expand::expand;
use source::Sources;

/// How the variables begin that have the paths of key files.
const KEY_FILE: &str = "LANGOP_FILE_";

/// What a process needs to be the gateway of a cluster.
#[derive(Debug, Default)]
pub(crate) struct GatewayPod {
    /// Mounted directories by path, with their files by name. Empty ones are for writing.
    pub directories: BTreeMap<String, BTreeMap<String, SecretValue>>,
    /// The environment.
    pub variables: BTreeMap<String, SecretValue>,
    /// The arguments.
    pub arguments: Vec<String>,
    /// What of the pod cannot be had outside of its cluster.
    pub left_out: Vec<String>,
}

/// A value that the pod needs and the description does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// The variable that it is for; none when it is for several, or for a file.
    pub variable: Option<String>,
    /// `Secret` or `ConfigMap`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its key; none when all of it is meant.
    pub key: Option<String>,
    /// Why, naming the source and never a value.
    pub because: String,
    /// Whether the description names a source for it.
    pub has_source: bool,
}

impl Lack {
    /// The next step for a user.
    #[must_use]
    pub fn hint(&self) -> String {
        let place = match (self.has_source, self.kind) {
            (true, _) => "set it where langop runs".to_owned(),
            (false, "Secret") => format!("give it in `[secrets.{}]` of the description", self.name),
            (false, _) => "add it to the description".to_owned(),
        };
        match &self.variable {
            Some(name) => format!("{place}, or as the environment variable `{name}`"),
            None => place,
        }
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = format!("{}/{}", self.kind, self.name);
        match &self.key {
            Some(key) => write!(f, "no value for key `{key}` of {object}: {}", self.because),
            None => write!(f, "no values of {object}: {}", self.because),
        }
    }
}

/// What a container is given in the pod of a workload, whether it runs beside or before others; none when the manifests
/// have no such container. Secrets are read as by [`gateway_pod`].
///
/// # Errors
/// All values that are not to be had.
pub(crate) async fn container_pod(
    manifests: &[Manifest],
    workload: &ObjectRef,
    name: &str,
    outside: impl Fn(&str) -> Option<SecretValue>,
) -> Option<Result<GatewayPod, Vec<Lack>>> {
    let manifest = manifests.iter().find(|manifest| manifest.reference == *workload)?;
    let pod: PodSpec = serde_json::from_value(pod_template(&manifest.object)?.spec.clone()).ok()?;
    let all = pod.containers.iter().chain(pod.init_containers.iter().flatten());
    let container = all.into_iter().find(|container| container.name == name)?;
    let namespace = workload.namespace.as_deref().unwrap_or_default();
    let sources = Sources::read(manifests, namespace).await;
    let mut reading = Reading { sources, outside: &outside, pod: GatewayPod::default(), lacks: Vec::new() };
    reading.container(&pod, container);
    Some(if reading.lacks.is_empty() { Ok(reading.pod) } else { Err(reading.lacks) })
}

/// The gateway's pod of a cluster; none when the stack has no such cluster. Secrets are read from their
/// sources, and generated ones are made anew. A Secret that the description does not hold may stand in langop's
/// own environment: `outside` is asked with the name that the variable has in the pod.
///
/// # Errors
/// All values that are not to be had.
pub(crate) async fn gateway_pod(
    manifests: &[Manifest],
    cluster: &str,
    outside: impl Fn(&str) -> Option<SecretValue>,
) -> Option<Result<GatewayPod, Vec<Lack>>> {
    let gateway = gateway_deployment(cluster);
    let manifest = manifests.iter().find(|manifest| manifest.reference == gateway)?;
    let deployment = Deployment::deserialize(&*manifest.object).ok()?;
    let pod = deployment.spec?.template.spec?;
    let container = pod.containers.first()?;
    let sources = Sources::read(manifests, cluster).await;
    let mut reading = Reading { sources, outside: &outside, pod: GatewayPod::default(), lacks: Vec::new() };
    reading.container(&pod, container);
    reading.leave_out(&pod, container);
    Some(if reading.lacks.is_empty() { Ok(reading.pod) } else { Err(reading.lacks) })
}

/// Files by name.
type Files = BTreeMap<String, SecretValue>;

struct Reading<'a> {
    sources: Sources<'a>,
    outside: &'a dyn Fn(&str) -> Option<SecretValue>,
    pod: GatewayPod,
    lacks: Vec<Lack>,
}

impl Reading<'_> {
    fn container(&mut self, pod: &PodSpec, container: &Container) {
        for source in container.env_from.iter().flatten() {
            self.all(source);
        }
        for variable in container.env.iter().flatten() {
            self.variable(variable);
        }
        for mount in container.volume_mounts.iter().flatten() {
            let volume = pod.volumes.iter().flatten().find(|volume| volume.name == mount.name);
            self.mount(mount, volume);
        }
        self.arguments(container);
    }

    fn variable(&mut self, variable: &EnvVar) {
        let name = &variable.name;
        let Some(from) = &variable.value_from else {
            let text = variable.value.clone().unwrap_or_default();
            let value = SecretValue::new(expand(&text, &self.pod.variables));
            self.pod.variables.insert(name.clone(), value);
            return;
        };
        let (asked, optional) = match (&from.secret_key_ref, &from.config_map_key_ref) {
            (Some(source), _) => (self.sources.secret_key(&source.name, &source.key), source.optional),
            (None, Some(source)) => (self.sources.config_map_key(&source.name, &source.key), source.optional),
            (None, None) => {
                self.pod.left_out.push(format!("variable `{name}`, which only a pod has"));
                return;
            }
        };
        let value = match asked {
            Ok(value) => value,
            Err(lack) => match (self.outside)(name) {
                Some(value) => value,
                None if optional == Some(true) => return,
                None => return self.lacks.push(Lack { variable: Some(name.clone()), ..lack }),
            },
        };
        self.pod.variables.insert(name.clone(), value);
    }

    fn all(&mut self, from: &EnvFromSource) {
        let (asked, optional) = match (&from.secret_ref, &from.config_map_ref) {
            (Some(source), _) => (self.sources.secret(&source.name), source.optional),
            (None, Some(source)) => (self.sources.config_map(&source.name), source.optional),
            (None, None) => return,
        };
        let prefix = from.prefix.as_deref().unwrap_or_default();
        match asked {
            Ok(values) => {
                self.pod.variables.extend(values.into_iter().map(|(key, value)| (format!("{prefix}{key}"), value)));
            }
            Err(_) if optional == Some(true) => {}
            Err(lack) => self.lacks.push(lack),
        }
    }

    fn mount(&mut self, mount: &VolumeMount, volume: Option<&Volume>) {
        let place = mount.mount_path.trim_end_matches('/').to_owned();
        let whole = mount.sub_path.is_none() && mount.sub_path_expr.is_none();
        let Some(origins) = volume.filter(|_| whole).and_then(volume::origins) else {
            return self.pod.left_out.push(format!("volume `{}` at `{place}`", mount.name));
        };
        let mut files = Files::new();
        for origin in origins {
            match self.sources.files(&origin) {
                Ok(found) => files.extend(found),
                Err(lack) => self.lacks.push(lack),
            }
        }
        self.take_key_files(&place, &mut files);
        self.pod.directories.insert(place, files);
    }

    /// A key file of langop's own is handed over in the variable that has its path in the pod: `LiteLLM` takes
    /// either, and outside of a pod no credential need be written to a file.
    fn take_key_files(&mut self, place: &str, files: &mut Files) {
        for (name, value) in self.pod.variables.iter_mut().filter(|(name, _)| name.starts_with(KEY_FILE)) {
            let path = std::str::from_utf8(value.expose()).unwrap_or_default();
            let Some(file) = path.strip_prefix(place).and_then(|rest| rest.strip_prefix('/')) else { continue };
            if let Some(content) = files.remove(file).or_else(|| (self.outside)(name)) {
                *value = content;
            } else {
                let text = format!("key file `{path}`: the environment variable `{name}` may hold its content");
                self.pod.left_out.push(text);
            }
        }
    }

    fn arguments(&mut self, container: &Container) {
        let expanded = |text: &String| String::from_utf8_lossy(&expand(text, &self.pod.variables)).into_owned();
        self.pod.arguments = container.args.iter().flatten().map(expanded).collect();
    }

    fn leave_out(&mut self, pod: &PodSpec, container: &Container) {
        let mut left_out = Vec::new();
        if container.command.is_some() {
            left_out.push("the command of the image: LiteLLM's own is run".to_owned());
        }
        let before = pod.init_containers.iter().flatten();
        left_out.extend(before.map(|container| format!("init container `{}`", container.name)));
        self.pod.left_out.extend(left_out);
    }
}
