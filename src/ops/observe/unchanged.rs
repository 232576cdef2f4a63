//! Whether an object is unchanged, without reading it: the record, the manifest and the live metadata say the same.
//! Pure.

use serde_json::Value;

use crate::object::field::{items, map, text};
use crate::object::{Meta, ObjectRef};
use crate::state::Entry;

/// Whether the live object is what was applied, and what was applied is what is desired.
///
/// All must hold: the digest of the desired manifest is known, and the recorded one; the uid is the recorded one;
/// nobody wrote the object since (generation where the kind maintains one, else resourceVersion or the hash
/// of managedFields); the labels, annotations and owner references that the manifest sets are live.
pub(super) fn is_unchanged(digest: &str, desired: &Value, meta: &Meta, entry: &Entry) -> bool {
    !meta.terminating
        && !digest.is_empty()
        && entry.digest == digest
        && entry.uid.as_deref() == Some(&meta.uid)
        && untouched(meta, entry)
        && metadata_is_live(desired, meta)
}

fn untouched(meta: &Meta, entry: &Entry) -> bool {
    if maintains_generation(&meta.reference) && meta.generation > 0 {
        return entry.generation == Some(meta.generation);
    }
    entry.resource_version.as_deref() == Some(&meta.resource_version)
        || entry.fields.as_deref() == Some(&meta.fields_hash())
}

/// Kinds whose generation moves with every change of the spec. Explicit: many built-in kinds have none, and
/// a kind wrongly in this list would hide changes.
fn maintains_generation(object: &ObjectRef) -> bool {
    match object.group.as_str() {
        "apps" | "batch" => true,
        "networking.k8s.io" => matches!(object.kind.as_str(), "NetworkPolicy" | "Ingress"),
        "policy" => object.kind == "PodDisruptionBudget",
        "apiextensions.k8s.io" => object.kind == "CustomResourceDefinition",
        _ => object.is_custom(),
    }
}

fn metadata_is_live(desired: &Value, meta: &Meta) -> bool {
    let pairs = |pointer: &str| {
        let fields = map(desired, pointer).into_iter().flatten();
        fields.map(|(key, value)| (key, value.as_str().unwrap_or_default()))
    };
    let owners = items(desired, "/metadata/ownerReferences");
    let mut owner_uids = owners.iter().map(|owner| text(owner, "/uid").unwrap_or_default());
    pairs("/metadata/labels").all(|(key, value)| meta.labels.get(key).is_some_and(|live| live == value))
        && pairs("/metadata/annotations")
            .all(|(key, value)| meta.annotations.get(key).is_some_and(|live| live == value))
        && owner_uids.all(|uid| meta.owners.iter().any(|live| live.uid == uid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_kinds_that_maintain_a_generation_are_compared_by_it() {
        let at = |group: &str, kind: &str| maintains_generation(&ObjectRef::namespaced(group, kind, "n", "x"));
        assert!(at("apps", "Deployment") && at("langop.io", "LanguageModel") && at("cilium.io", "CiliumNetworkPolicy"));
        assert!(at("gateway.networking.k8s.io", "HTTPRoute"));
        for (group, kind) in [
            ("", "Secret"),
            ("", "ResourceQuota"),
            ("autoscaling", "HorizontalPodAutoscaler"),
            ("rbac.authorization.k8s.io", "Role"),
            ("networking.k8s.io", "IngressClass"),
            ("storage.k8s.io", "StorageClass"),
        ] {
            assert!(!at(group, kind), "{group} {kind}");
        }
    }
}
