//! What the description knows of pods and namespaces: its own, and those whose documents stand beside it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::end::{Pod, PodPort};
use super::policy::{self, Enforcer, Section};
use super::selector::Labels;
use crate::api::{AgentPort, DeploymentSpec};
use crate::object::field::{items, text, text_map};
use crate::object::names::{CONTAINER_PORT, GATEWAY, METRICS_PORT_NAME, PORT_NAME};
use crate::object::role::{Part, Role, part};
use crate::object::{Manifest, ObjectRef, labels};
use crate::render::{Target, render};
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

impl<'a> World<'a> {
    /// A stack on what is known or taken for granted of the target. Policies that the stack carries along have
    /// their say, but for documents of those that langop itself renders: the rules stand for these.
    #[must_use]
    pub fn new(stack: &'a Stack, target: &'a Target) -> Self {
        let own = rendered(stack, target);
        let beside = stack.manifests.iter().filter(|one| !own.contains(&one.reference));
        let by = if target.cilium { Enforcer::Cilium } else { Enforcer::Kubernetes };
        Self { stack, target, policies: policy::read(beside, by), imagined: BTreeMap::new() }
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
    /// The stack.
    #[must_use]
    pub fn stack(&self) -> &Stack {
        self.stack
    }

    /// The part that a pod plays in its cluster, by its labels: policies know no more of it. None of a pod that the
    /// description does not isolate.
    pub(super) fn part<'p>(&self, pod: &'p Pod) -> Option<Part<'p>> {
        let in_a_cluster = self.stack.clusters.contains_key(&pod.namespace);
        part(&pod.labels).filter(|_| in_a_cluster)
    }

    /// Labels of a namespace: of one that nobody describes, its name alone.
    pub(super) fn namespace(&self, name: &str) -> Labels {
        let mut all = Labels::from([("kubernetes.io/metadata.name".to_owned(), name.to_owned())]);
        all.extend(self.imagined.get(name).cloned().unwrap_or_default());
        if self.stack.clusters.contains_key(name) {
            all.extend(Role::of_cluster(name, "namespace").labels(&self.stack.name, name));
        }
        let documents = self.stack.manifests.iter().filter(|one| one.reference.is("", "Namespace"));
        all.extend(
            documents
                .filter(|one| one.reference.name == name)
                .flat_map(|one| text_map(&one.object, "/metadata/labels")),
        );
        all
    }

    pub(super) fn agent(&self, cluster: &str, name: &str) -> Option<Pod> {
        let agent = &self.stack.agents.get(&key(cluster, name))?.spec;
        let mut labels = Role::agent(name).pod_labels(cluster);
        labels.extend(agent.group.iter().map(|group| (labels::GROUP.to_owned(), group.clone())));
        labels.extend(extra(agent.deployment.as_ref()));
        let ports = agent.listening().iter().map(agent_port).collect();
        Some(Pod { shown: format!("agent.{name}"), namespace: cluster.to_owned(), labels, ports })
    }

    /// The pods of a tool; one that langop does not run, or that runs beside agents, has none.
    pub(super) fn tool(&self, cluster: &str, name: &str) -> Option<Pod> {
        let tool = &self.stack.tools.get(&key(cluster, name)).filter(|tool| tool.spec.has_pods())?.spec;
        let mut labels = Role::tool(name).pod_labels(cluster);
        labels.extend(extra(tool.deployment.as_ref()));
        let ports = vec![PodPort { name: PORT_NAME.to_owned(), number: tool.port(), protocol: "TCP".to_owned() }];
        Some(Pod { shown: format!("tool.{name}"), namespace: cluster.to_owned(), labels, ports })
    }

    pub(super) fn gateway(&self, cluster: &str) -> Option<Pod> {
        let spec = &self.stack.clusters.get(cluster)?.spec;
        let mut labels = Role::GATEWAY.pod_labels(cluster);
        labels.extend(extra(spec.gateway.as_ref().and_then(|gateway| gateway.deployment.as_ref())));
        let port = |name: &str, number| PodPort { name: name.to_owned(), number, protocol: "TCP".to_owned() };
        let metrics = spec.gateway.as_ref().and_then(|gateway| gateway.metrics.as_ref());
        let metrics = metrics.map(|metrics| port(METRICS_PORT_NAME, metrics.port()));
        let ports = [port(PORT_NAME, CONTAINER_PORT)].into_iter().chain(metrics).collect();
        Some(Pod { shown: GATEWAY.to_owned(), namespace: cluster.to_owned(), labels, ports })
    }

    /// A pod whose document stands beside the description.
    pub(super) fn described(&self, namespace: &str, name: &str) -> Option<Pod> {
        let found = self
            .pods()
            .find(|one| one.reference.namespace.as_deref() == Some(namespace) && one.reference.name == name)?;
        let ports = items(&found.object, "/spec/containers").iter().flat_map(|one| items(one, "/ports"));
        Some(Pod {
            shown: format!("pod/{namespace}/{name}"),
            namespace: namespace.to_owned(),
            labels: text_map(&found.object, "/metadata/labels"),
            ports: ports.filter_map(container_port).collect(),
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

fn extra(deployment: Option<&DeploymentSpec>) -> BTreeMap<String, String> {
    deployment.map(|deployment| deployment.pod_labels.clone()).unwrap_or_default()
}

fn agent_port(port: &AgentPort) -> PodPort {
    let protocol = port.protocol.unwrap_or_default().as_str().to_owned();
    PodPort { name: port.name.clone(), number: port.port, protocol }
}

fn container_port(port: &Value) -> Option<PodPort> {
    let number = i32::try_from(port.get("containerPort")?.as_i64()?).ok()?;
    let name = text(port, "/name").unwrap_or_default().to_owned();
    Some(PodPort { name, number, protocol: text(port, "/protocol").unwrap_or("TCP").to_owned() })
}
