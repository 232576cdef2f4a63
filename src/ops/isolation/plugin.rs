//! The network plugin of the target, when it is one that keeps no network policies.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cluster::{ClusterError, Reader};
use crate::object::field::{items, text};
use crate::object::{GroupKind, ObjectRef};
use crate::ops::hidden::Hidden;
use crate::plan::{Problem, Severity};
use crate::stack::Stack;

/// Names of `DaemonSets` that keep policies, beside whatever else there is.
const KEEPING: [&str; 10] = [
    "antrea-agent",
    "calico-node",
    "canal",
    "cilium",
    "kube-network-policies",
    "kube-router",
    "ovnkube-node",
    "romana-agent",
    "weave-net",
    "azure-npm",
];
/// The day on which kindnet began to keep policies, released with kind 0.24 (kind, pull request 3612, issue 842).
const KINDNET_SINCE: &str = "v20240723";

/// The `DaemonSets` of the target by name; none where this identity may not look.
pub(in crate::ops) async fn daemon_sets(reader: &Reader) -> Result<Option<Vec<ObjectRef>>, ClusterError> {
    let served = match reader.served(&GroupKind::new("apps", "DaemonSet")).await {
        Err(ClusterError::Forbidden(_)) => return Ok(None),
        answer => answer?,
    };
    let Some(resource) = served else { return Ok(Some(Vec::new())) };
    match reader.list_metadata(&resource, None, None).await {
        Ok(metas) => Ok(Some(metas.into_iter().map(|meta| meta.reference).collect())),
        Err(ClusterError::Forbidden(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The warning that nobody could look: policies that nothing keeps isolate nothing.
pub(super) fn unread(stack: &Stack) -> Option<Problem> {
    let hidden = Hidden { code: "plugin-unread", verb: "list", resource: "daemonsets.apps in all namespaces" };
    let clusters = stack.clusters.values().map(|cluster| cluster.address.to_string()).collect();
    hidden.warning("whether the network plugin keeps policies, and where names are resolved,", &clusters)
}

/// The warning about a plugin that is known to keep no policies. Silent when nothing is known for sure: one that may not
/// be read, or of another name.
pub(in crate::ops) async fn warning(reader: &Reader, sets: &[ObjectRef]) -> Result<Option<Problem>, ClusterError> {
    if keeping(sets).is_some() {
        return Ok(None);
    }
    for set in sets.iter().filter(|set| is_suspicious(set)) {
        let found = match reader.find(set).await {
            Err(ClusterError::Forbidden(_)) => None,
            answer => answer?,
        };
        // It may have gone, or be hidden: then nothing is known for sure.
        if let Some(plugin) = found.and_then(|found| not_keeping(&set.name, &images(&found))) {
            return Ok(Some(problem(set, plugin)));
        }
    }
    Ok(None)
}

/// What is known to keep policies.
pub(in crate::ops) fn keeping(sets: &[ObjectRef]) -> Option<&ObjectRef> {
    sets.iter().find(|set| KEEPING.contains(&set.name.as_str()))
}

fn is_suspicious(set: &ObjectRef) -> bool {
    let home = set.namespace.as_deref().unwrap_or_default();
    ["kube-system", "kube-flannel"].contains(&home) && (set.name == "kindnet" || set.name.starts_with("kube-flannel"))
}

/// What the plugin is called, when these images keep no policies.
fn not_keeping(name: &str, images: &BTreeSet<String>) -> Option<&'static str> {
    if name != "kindnet" {
        // Flannel keeps them when its chart is installed with `netpol.enabled`, by one more container.
        let keeper = images.iter().any(|image| image.contains("kube-network-policies"));
        return (!keeper).then_some("flannel");
    }
    // Tags are `vYYYYMMDD-commit`: another one says nothing.
    let mut tags = images.iter().filter_map(|image| image.rsplit_once(':')?.1.split('-').next());
    let dated = |tag: &&str| tag.len() == KINDNET_SINCE.len() && tag.starts_with("v20");
    tags.find(dated).is_some_and(|tag| tag < KINDNET_SINCE).then_some("kindnet before kind 0.24")
}

fn images(set: &Value) -> BTreeSet<String> {
    let containers = items(set, "/spec/template/spec/containers").iter();
    containers.filter_map(|container| text(container, "/image")).map(str::to_owned).collect()
}

fn problem(set: &ObjectRef, plugin: &str) -> Problem {
    let message =
        format!("the target's network plugin is {plugin}, which keeps no network policies: nothing is isolated");
    let hint = "install a plugin that does, such as Cilium or Calico; the policies are applied in any case";
    let problem = Problem::new(Severity::Warning, "policies-not-kept", message);
    problem.about(set, None, None).with_hint(hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_to_keep_nothing_is_named() {
        let rows = [
            ("kindnet", "docker.io/kindest/kindnetd:v20240202-8f1494ea", true),
            ("kindnet", "docker.io/kindest/kindnetd:v20240813-c6f155d6", false),
            ("kindnet", "docker.io/kindest/kindnetd:v20250214-acbabc1a", false),
            ("kindnet", "registry.example.com/kindnetd:mine", false),
            ("kindnet", "kindnetd@sha256:0123", false),
            ("kube-flannel-ds", "ghcr.io/flannel-io/flannel:v0.26.1", true),
            ("kube-flannel-ds", "registry.k8s.io/networking/kube-network-policies:v0.7.0", false),
        ];
        for (name, image, silent) in rows {
            assert_eq!(not_keeping(name, &BTreeSet::from([image.to_owned()])).is_some(), silent, "{image}");
        }
    }

    #[test]
    fn only_the_namespaces_of_plugins_are_looked_at() {
        let set = |namespace: &str, name: &str| ObjectRef::namespaced("apps", "DaemonSet", namespace, name);
        assert!(
            is_suspicious(&set("kube-flannel", "kube-flannel-ds")) && is_suspicious(&set("kube-system", "kindnet"))
        );
        assert!(!is_suspicious(&set("web", "kindnet")) && !is_suspicious(&set("kube-system", "node-exporter")));
    }
}
