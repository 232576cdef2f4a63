//! What an object is to langop: the labels that say so, and what they say. Knows no stack and no server.

use std::collections::BTreeMap;

use serde_json::Value;

use super::field::text_map;
use super::labels;
use super::names::{
    AGENT_KIND, CLUSTER_KIND, FIELD_MANAGER, GATEWAY, GATEWAY_AUTH, GATEWAY_CONFIG, GATEWAY_STORE, QUOTA, TOOL_KIND,
};
use super::object_ref::ObjectRef;

/// What an object of a cluster is, in its labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role<'a> {
    /// `app.kubernetes.io/name`.
    pub name: &'a str,
    /// `app.kubernetes.io/component`.
    pub component: &'a str,
    /// `langop.io/kind`.
    pub kind: &'a str,
}

impl Role<'static> {
    /// A part of the gateway.
    pub const GATEWAY: Self = Self { name: GATEWAY, component: GATEWAY, kind: GATEWAY };
    /// A part of the store that langop runs for the gateway.
    pub const STORE: Self = Self { name: GATEWAY_STORE, component: GATEWAY_STORE, kind: GATEWAY_STORE };
}

impl<'a> Role<'a> {
    /// The pods of an agent.
    #[must_use]
    pub const fn agent(name: &'a str) -> Self {
        Self { name, component: "agent", kind: AGENT_KIND }
    }

    /// The pods of a tool.
    #[must_use]
    pub const fn tool(name: &'a str) -> Self {
        Self { name, component: "tool", kind: TOOL_KIND }
    }

    /// A part of a cluster that is not its gateway's: `namespace`, `network`, `capacity`.
    #[must_use]
    pub const fn of_cluster(cluster: &'a str, component: &'a str) -> Self {
        Self { name: cluster, component, kind: CLUSTER_KIND }
    }

    /// The labels that select the pods of this role; they never change.
    #[must_use]
    pub fn selector(self, cluster: &str) -> BTreeMap<String, String> {
        label_map([(labels::NAME, clipped(self.name)), (labels::KIND, self.kind), (labels::CLUSTER, cluster)])
    }

    /// The labels of pods. Not the stack: pods are not the stack's own objects, and a stack that is
    /// renamed should not restart them.
    #[must_use]
    pub fn pod_labels(self, cluster: &str) -> BTreeMap<String, String> {
        let mut all = self.selector(cluster);
        all.extend(label_map([
            (labels::COMPONENT, self.component),
            (labels::PART_OF, FIELD_MANAGER),
            (labels::MANAGED_BY, labels::MANAGED_BY_LANGOP),
        ]));
        all
    }

    /// The labels of an object of the stack.
    #[must_use]
    pub fn labels(self, stack: &str, cluster: &str) -> BTreeMap<String, String> {
        let mut all = self.pod_labels(cluster);
        all.extend(label_map([(labels::STACK, stack)]));
        all
    }
}

/// A name as the value of a label: the names of Secrets may be longer than one.
fn clipped(name: &str) -> &str {
    let longest = name.get(..63).unwrap_or(name);
    longest.trim_end_matches(|c: char| !c.is_ascii_alphanumeric())
}

fn label_map<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// A part of a cluster that pods play, or an object stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// The agent of this name.
    Agent(&'a str),
    /// The tool of this name.
    Tool(&'a str),
    /// The gateway.
    Gateway,
    /// The store that langop runs for it.
    Store,
}

/// The part that these labels name; none of any other thing.
#[must_use]
pub fn part(labels: &BTreeMap<String, String>) -> Option<Part<'_>> {
    let name = labels.get(labels::NAME).map_or("", String::as_str);
    match labels.get(labels::KIND)?.as_str() {
        AGENT_KIND => Some(Part::Agent(name)),
        TOOL_KIND => Some(Part::Tool(name)),
        GATEWAY => Some(Part::Gateway),
        GATEWAY_STORE => Some(Part::Store),
        _ => None,
    }
}

/// The cluster whose gateway an object is a part of, by its labels; none when it is a part of none.
#[must_use]
pub fn gateway_cluster(object: &Value) -> Option<String> {
    let mut labels = text_map(object, "/metadata/labels");
    let is_gateway = part(&labels) == Some(Part::Gateway);
    labels.remove(labels::CLUSTER).filter(|_| is_gateway)
}

/// Whether an object is the Deployment of a gateway.
#[must_use]
pub fn is_gateway_deployment(reference: &ObjectRef, object: &Value) -> bool {
    reference.is("apps", "Deployment") && part(&text_map(object, "/metadata/labels")) == Some(Part::Gateway)
}

/// The Deployment of a cluster's gateway.
#[must_use]
pub fn gateway_deployment(cluster: &str) -> ObjectRef {
    ObjectRef::namespaced("apps", "Deployment", cluster, GATEWAY)
}

/// Whether an object is a `ConfigMap` of the files of a cluster's gateway, of whatever version.
#[must_use]
pub fn is_gateway_config(reference: &ObjectRef, object: &Value, cluster: &str) -> bool {
    let labels = text_map(object, "/metadata/labels");
    reference.is("", "ConfigMap")
        && reference.namespace.as_deref() == Some(cluster)
        && labels.get(labels::VERSION_OF).is_some_and(|of| of == GATEWAY_CONFIG)
        && part(&labels) == Some(Part::Gateway)
}

/// The Secret of a cluster's gateway.
#[must_use]
pub fn gateway_auth(cluster: &str) -> ObjectRef {
    ObjectRef::namespaced("", "Secret", cluster, GATEWAY_AUTH)
}

/// The store that langop runs for a cluster's gateway.
#[must_use]
pub fn gateway_store(cluster: &str) -> ObjectRef {
    ObjectRef::namespaced("apps", "StatefulSet", cluster, GATEWAY_STORE)
}

/// The quota of a cluster.
#[must_use]
pub fn quota(cluster: &str) -> ObjectRef {
    ObjectRef::namespaced("", "ResourceQuota", cluster, QUOTA)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_in_labels_reads_back() {
        for (role, expected) in [
            (Role::GATEWAY, Some(Part::Gateway)),
            (Role::STORE, Some(Part::Store)),
            (Role::agent("a"), Some(Part::Agent("a"))),
            (Role::tool("t"), Some(Part::Tool("t"))),
            (Role::of_cluster("c", "network"), None),
        ] {
            assert_eq!(part(&role.labels("s", "c")), expected);
        }
        assert_eq!(part(&BTreeMap::new()), None);
    }

    #[test]
    fn a_gateway_is_known_by_its_labels_not_by_its_name() {
        let labelled = |labels| json!({"metadata": {"name": "gateway", "labels": labels}});
        let gateway = labelled(json!(Role::GATEWAY.labels("s", "prod")));
        assert_eq!(gateway_cluster(&gateway).as_deref(), Some("prod"));
        assert!(is_gateway_deployment(&gateway_deployment("prod"), &gateway));
        assert!(!is_gateway_deployment(&gateway_deployment("prod"), &labelled(json!({}))));
        assert!(!is_gateway_deployment(&gateway_auth("prod"), &gateway));
        assert_eq!(gateway_cluster(&labelled(json!(Role::agent("a").labels("s", "prod")))), None);
    }
}
