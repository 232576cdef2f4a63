//! From kinds to the resources that RBAC names, without a server: built-in kinds by Kubernetes' own rule, custom ones by
//! their CRD in the description.

use std::collections::BTreeMap;

use kube::core::{ApiResource, GroupVersionKind};

use super::rule::Resource;
use crate::object::field::text;
use crate::object::{GroupKind, Manifest, is_custom_group};

/// The resources of kinds whose CRD is in the description.
pub(super) struct Kinds(BTreeMap<GroupKind, String>);

impl Kinds {
    pub(super) fn new(manifests: &[Manifest]) -> Self {
        let crds = manifests.iter().filter(|manifest| manifest.reference.is_crd());
        let plural = |manifest: &Manifest| {
            let plural = text(&manifest.object, "/spec/names/plural")?.to_owned();
            Some((GroupKind::defined_by(&manifest.object), plural))
        };
        Self(crds.filter_map(plural).collect())
    }

    /// The resource of a kind.
    pub(super) fn resource(&self, kind: &GroupKind) -> Resource {
        let known = self.0.get(kind).cloned();
        let plural = known.unwrap_or_else(|| {
            ApiResource::from_gvk(&GroupVersionKind {
                group: kind.group.to_string(),
                version: "v1".to_owned(),
                kind: kind.kind.to_string(),
            })
            .plural
        });
        Resource { group: kind.group.to_string(), name: plural }
    }

    /// Whether only a server knows the resource for sure.
    pub(super) fn is_guessed(&self, kind: &GroupKind) -> bool {
        is_custom_group(&kind.group) && !self.0.contains_key(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_are_those_of_the_api() {
        let kinds = Kinds::new(&[]);
        for (group, kind, plural) in [
            ("", "Namespace", "namespaces"),
            ("", "ResourceQuota", "resourcequotas"),
            ("", "Endpoints", "endpoints"),
            ("networking.k8s.io", "NetworkPolicy", "networkpolicies"),
            ("networking.k8s.io", "Ingress", "ingresses"),
            ("storage.k8s.io", "StorageClass", "storageclasses"),
            ("scheduling.k8s.io", "PriorityClass", "priorityclasses"),
            ("policy", "PodDisruptionBudget", "poddisruptionbudgets"),
            ("autoscaling", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
        ] {
            let kind = GroupKind::new(group, kind);
            assert_eq!((kinds.resource(&kind).name.as_str(), kinds.is_guessed(&kind)), (plural, false));
        }
        assert!(kinds.is_guessed(&GroupKind::new("example.com", "Thing")));
    }
}
