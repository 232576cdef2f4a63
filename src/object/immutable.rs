//! Fields of built-in kinds that cannot change in place.
//!
//! A 422 alone is no proof of that: its words change between versions. A replacement is offered only when
//! every cause of the refusal lies under one of these paths (Kubernetes API reference, "immutable" fields).

use super::object_ref::ObjectRef;

/// Paths below which the fields of this kind are immutable.
#[must_use]
fn paths(object: &ObjectRef) -> &'static [&'static str] {
    match (object.group.as_str(), object.kind.as_str()) {
        ("apps", "Deployment" | "DaemonSet" | "ReplicaSet") => &["spec.selector"],
        // The server names the whole spec when anything but a handful of fields changes.
        ("apps", "StatefulSet") | ("", "PersistentVolumeClaim" | "PersistentVolume" | "Pod") => &["spec"],
        ("batch", "Job") => &["spec.template", "spec.selector", "spec.completions", "spec.completionMode"],
        ("", "Service") => &["spec.clusterIP", "spec.clusterIPs", "spec.ipFamilies"],
        ("", "Secret" | "ConfigMap") => &["data", "binaryData", "type", "immutable"],
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => &["roleRef"],
        ("storage.k8s.io", "StorageClass") => &["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"],
        ("scheduling.k8s.io", "PriorityClass") => &["value", "preemptionPolicy"],
        ("networking.k8s.io", "IngressClass") => &["spec.controller"],
        _ => &[],
    }
}

/// Whether a change of `field` of this object is refused because the field is immutable.
#[must_use]
pub fn is_immutable(object: &ObjectRef, field: &str) -> bool {
    let under =
        |path: &&str| field.strip_prefix(*path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    paths(object).iter().any(under)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_paths_of_the_kind_count() {
        let deployment = ObjectRef::namespaced("apps", "Deployment", "prod", "gateway");
        assert!(is_immutable(&deployment, "spec.selector"));
        assert!(is_immutable(&deployment, "spec.selector.matchLabels"));
        assert!(!is_immutable(&deployment, "spec.selectors"));
        assert!(!is_immutable(&deployment, "spec.replicas"));
    }
}
