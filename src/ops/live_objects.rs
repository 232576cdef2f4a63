//! What stands around a stack on its target and has a say in who reaches whom: policies, and the Namespaces and
//! Services that they and a user name. One list a kind. What cannot be listed is an error: an answer without it
//! would be wrong.

use std::collections::BTreeSet;

use super::OpsError;
use crate::cluster::{ClusterError, Reader};
use crate::object::{GroupKind, Manifest, ManifestError, labels};
use crate::reach::UNKNOWN_KINDS;
use crate::stack::Stack;

/// Kinds that every target serves.
const ALWAYS: [(&str, &str); 3] = [("", "Namespace"), ("", "Service"), ("networking.k8s.io", "NetworkPolicy")];
/// Kinds of Cilium.
const CILIUM: [(&str, &str); 2] =
    [("cilium.io", "CiliumNetworkPolicy"), ("cilium.io", "CiliumClusterwideNetworkPolicy")];

/// Puts the live objects beside the stack. What the stack describes or carries itself stays as it is written, and
/// policies that an apply of the stack made are left out: the next one keeps them as described, or deletes them.
pub(crate) async fn add_live_objects(reader: &Reader, stack: &mut Stack) -> Result<(), OpsError> {
    let known: BTreeSet<_> = stack.manifests.iter().map(|one| one.reference.clone()).collect();
    for (group, kind) in ALWAYS.into_iter().chain(CILIUM).chain(UNKNOWN_KINDS) {
        let kind = GroupKind::new(group, kind);
        let found = list(reader, &kind, ALWAYS.contains(&(kind.group.as_str(), kind.kind.as_str()))).await?;
        let others = found.into_iter().filter(|one| !known.contains(&one.reference) && !is_own(one, &stack.name));
        stack.manifests.extend(others.collect::<Vec<_>>());
    }
    stack.manifests.sort_by(|a, b| a.reference.cmp(&b.reference));
    Ok(())
}

async fn list(reader: &Reader, kind: &GroupKind, always: bool) -> Result<Vec<Manifest>, OpsError> {
    let resource = match reader.resource(kind, None) {
        Ok(resource) => resource,
        Err(ClusterError::UnknownKind(_)) if !always => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let objects = reader.list(&resource, None, None).await?;
    let manifests = objects.into_iter().map(|object| Manifest::new(object, None, None));
    let manifests: Result<Vec<_>, ManifestError> = manifests.collect();
    Ok(manifests.map_err(|error| ClusterError::Malformed(error.to_string()))?)
}

/// Whether an apply of the stack made it.
fn is_own(manifest: &Manifest, stack: &str) -> bool {
    let label = |key: &str| manifest.object.get("metadata")?.get("labels")?.get(key)?.as_str();
    let policy = !manifest.reference.group.is_empty();
    policy && label(labels::STACK) == Some(stack) && label(labels::MANAGED_BY) == Some(labels::MANAGED_BY_LANGOP)
}
