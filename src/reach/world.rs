//! What the description knows of pods and namespaces: its own, and those whose documents stand beside it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::end::{Pod, PodPort};
use super::policy::{self, Section};
use super::selector::Labels;
use crate::api::{AgentPort, DeploymentSpec};
use crate::object::{Manifest, ObjectRef, labels};
use crate::render::{CONTAINER_PORT, Target, render};
use crate::stack::{MemberKey, Stack};

/// A stack on a target, and the policies that stand beside its own.
#[derive(Clone, Debug)]
pub struct World<'a> {
    pub(super) stack: &'a Stack,
    pub(super) target: &'a Target,
    pub(super) policies: Vec<Section>,
    /// Labels of namespaces that are made up.
    pub(super) imagined: BTreeMap<String, Labels>,
}

/// The part that a pod plays in its cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Agent(&'a str),
    Tool(&'a str),
    Gateway,
    Other,
}

impl<'a> World<'a> {
    /// A stack on what is known or taken for granted of the target. Policies that the stack carries along have
    /// their say, but for documents of those that langop itself renders: the rules stand for these.
    #[must_use]
    pub fn new(stack: &'a Stack, target: &'a Target) -> Self {
        let own = rendered(stack, target);
        let beside = stack.manifests.iter().filter(|one| !own.contains(&one.reference));
        Self { stack, target, policies: policy::read(beside, target.cilium), imagined: BTreeMap::new() }
    }
}

/// The objects that the description becomes; none when it carries nothing along.
fn rendered(stack: &Stack, target: &Target) -> BTreeSet<ObjectRef> {
    if stack.manifests.is_empty() {
        return BTreeSet::new();
    }
    let alone = Stack { manifests: Vec::new(), ..stack.clone() };
    render(&alone, target).into_iter().map(|manifest| manifest.reference).collect()
}

impl World<'_> {
    /// The part of a pod, by its labels: policies know no more of it.
    pub(super) fn part<'p>(&self, pod: &'p Pod) -> Part<'p> {
        let label = |key: &str| pod.labels.get(key).map_or("", String::as_str);
        match label(labels::KIND) {
            _ if !self.stack.clusters.contains_key(&pod.namespace) => Part::Other,
            "LanguageAgent" => Part::Agent(label(labels::NAME)),
            "LanguageTool" => Part::Tool(label(labels::NAME)),
            "gateway" => Part::Gateway,
            _ => Part::Other,
        }
    }

    /// Labels of a namespace: of one that nobody describes, its name alone.
    pub(super) fn namespace(&self, name: &str) -> Labels {
        let mut all = Labels::from([("kubernetes.io/metadata.name".to_owned(), name.to_owned())]);
        all.extend(self.imagined.get(name).cloned().unwrap_or_default());
        if self.stack.clusters.contains_key(name) {
            all.extend(pod_labels(name, (name, "LanguageCluster", "namespace")));
            all.insert(labels::STACK.to_owned(), self.stack.name.clone());
        }
        let documents = self.stack.manifests.iter().filter(|one| one.reference.is("", "Namespace"));
        all.extend(documents.filter(|one| one.reference.name == name).flat_map(|one| written(&one.object)));
        all
    }

    pub(super) fn agent(&self, cluster: &str, name: &str) -> Option<Pod> {
        let agent = &self.stack.agents.get(&key(cluster, name))?.spec;
        let mut labels = pod_labels(cluster, (name, "LanguageAgent", "agent"));
        labels.extend(agent.group.iter().map(|group| (labels::GROUP.to_owned(), group.clone())));
        labels.extend(extra(agent.deployment.as_ref()));
        let ports = agent.listening().iter().map(agent_port).collect();
        Some(Pod { shown: format!("agent.{name}"), namespace: cluster.to_owned(), labels, ports })
    }

    pub(super) fn tool(&self, cluster: &str, name: &str) -> Option<Pod> {
        let tool = &self.stack.tools.get(&key(cluster, name))?.spec;
        let mut labels = pod_labels(cluster, (name, "LanguageTool", "tool"));
        labels.extend(extra(tool.deployment.as_ref()));
        let ports = vec![PodPort { name: "mcp".to_owned(), number: tool.port(), protocol: "TCP".to_owned() }];
        Some(Pod { shown: format!("tool.{name}"), namespace: cluster.to_owned(), labels, ports })
    }

    pub(super) fn gateway(&self, cluster: &str) -> Option<Pod> {
        let spec = &self.stack.clusters.get(cluster)?.spec;
        let mut labels = pod_labels(cluster, ("gateway", "gateway", "gateway"));
        labels.extend(extra(spec.gateway.as_ref().and_then(|gateway| gateway.deployment.as_ref())));
        let ports = vec![PodPort { name: "http".to_owned(), number: CONTAINER_PORT, protocol: "TCP".to_owned() }];
        Some(Pod { shown: "gateway".to_owned(), namespace: cluster.to_owned(), labels, ports })
    }

    /// A pod whose document stands beside the description.
    pub(super) fn described(&self, namespace: &str, name: &str) -> Option<Pod> {
        let found = self
            .pods()
            .find(|one| one.reference.namespace.as_deref() == Some(namespace) && one.reference.name == name)?;
        let containers = found.object.pointer("/spec/containers").and_then(Value::as_array);
        let ports = containers.into_iter().flatten().filter_map(|one| one.get("ports")?.as_array());
        Some(Pod {
            shown: format!("pod/{namespace}/{name}"),
            namespace: namespace.to_owned(),
            labels: written(&found.object),
            ports: ports.flatten().filter_map(container_port).collect(),
        })
    }

    /// The pods whose documents stand beside the description.
    pub(super) fn pods(&self) -> impl Iterator<Item = &Manifest> {
        self.stack.manifests.iter().filter(|one| one.reference.is("", "Pod"))
    }
}

fn key(cluster: &str, name: &str) -> MemberKey {
    MemberKey { cluster: cluster.to_owned(), name: name.to_owned() }
}

/// The labels that langop gives to pods, or asks of those that stand for an agent or a tool.
fn pod_labels(cluster: &str, (name, kind, component): (&str, &str, &str)) -> Labels {
    let all = [
        (labels::NAME, name),
        (labels::KIND, kind),
        (labels::CLUSTER, cluster),
        (labels::COMPONENT, component),
        (labels::PART_OF, labels::MANAGED_BY_LANGOP),
        (labels::MANAGED_BY, labels::MANAGED_BY_LANGOP),
    ];
    all.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

fn extra(deployment: Option<&DeploymentSpec>) -> BTreeMap<String, String> {
    deployment.map(|deployment| deployment.pod_labels.clone()).unwrap_or_default()
}

fn agent_port(port: &AgentPort) -> PodPort {
    let protocol = port.protocol.unwrap_or_default().as_str().to_owned();
    PodPort { name: port.name.clone(), number: port.port, protocol }
}

fn container_port(port: &Value) -> Option<PodPort> {
    let number = port.get("containerPort")?.as_i64().and_then(|number| i32::try_from(number).ok())?;
    let text = |key: &str, default: &str| port.get(key).and_then(Value::as_str).unwrap_or(default).to_owned();
    Some(PodPort { name: text("name", ""), number, protocol: text("protocol", "TCP") })
}

fn written(object: &Value) -> Labels {
    let labels = object.pointer("/metadata/labels").and_then(Value::as_object).into_iter().flatten();
    labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}
