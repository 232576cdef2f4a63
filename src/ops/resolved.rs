//! What a stack is when another hand applies it (kubectl, Argo CD, Flux): with what only the target knows filled in, without
//! Secrets, whose values nobody writes down, and without owners, which that hand takes the place of.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::observe::{AT_ONCE, Listed};
use super::{OpsError, agent_keys};
use crate::cluster::{ClusterError, Reader};
use crate::object::field::text;
use crate::object::{DeferredField, KNOWN_AFTER_APPLY, Manifest, ObjectRef, ObjectVersion, resolve};

/// The objects, and what is not among them.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    /// As they are to be applied.
    pub objects: Vec<Value>,
    /// Secrets of the stack, which langop alone makes.
    pub left_out: Vec<ObjectRef>,
    /// Objects with a value that is not known yet.
    pub open: Vec<Open>,
}

/// An object with a value that is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    /// The object.
    pub object: ObjectRef,
    /// What must be there before; none where the value is that of the run which makes it.
    pub named: Option<ObjectRef>,
}

/// Fills in what the manifests leave open. One GET of metadata for each Secret that they name, and for each agent with a
/// last key.
///
/// # Errors
/// The server does not answer. What this identity may not read stays open.
pub(crate) async fn resolved(reader: &Reader, mut manifests: Vec<Manifest>) -> Result<Resolved, OpsError> {
    agent_keys::keep_ends(reader, &Listed::default(), &mut manifests).await?;
    let own: BTreeSet<_> = manifests.iter().filter(|manifest| !manifest.secret.is_empty()).map(reference).collect();
    let versions = versions(reader, &manifests, &own).await?;
    let mut resolved = Resolved::default();
    for mut manifest in manifests {
        if own.contains(&manifest.reference) {
            resolved.left_out.push(manifest.reference);
            continue;
        }
        manifest.owners.clear();
        let object = resolve(&manifest, |other| versions.get(other).cloned().unwrap_or(ObjectVersion::Deferred));
        let mut open = manifest.deferred.iter().filter(|deferred| is_open(&object, deferred));
        if let Some(deferred) = open.next() {
            let mut named = deferred.value.objects().iter();
            let unknown = named.find(|one| versions.get(*one) == Some(&ObjectVersion::Deferred));
            resolved.open.push(Open { object: manifest.reference.clone(), named: unknown.cloned() });
        }
        resolved.objects.push(object.into_value());
    }
    Ok(resolved)
}

/// Whether a value is one that only an apply knows.
fn is_open(object: &Value, deferred: &DeferredField) -> bool {
    text(object, &deferred.pointer).is_some_and(|text| text.contains(KNOWN_AFTER_APPLY))
}

fn reference(manifest: &Manifest) -> ObjectRef {
    manifest.reference.clone()
}

/// The versions of all that is named; those of the stack's own Secrets only once they are there.
async fn versions(
    reader: &Reader,
    manifests: &[Manifest],
    own: &BTreeSet<ObjectRef>,
) -> Result<BTreeMap<ObjectRef, ObjectVersion>, ClusterError> {
    let named: BTreeSet<_> = manifests
        .iter()
        .flat_map(|manifest| &manifest.deferred)
        .flat_map(|deferred| deferred.value.objects())
        .collect();
    let looks = named.into_iter().map(async |object| {
        let resource = reader.resource(&object.group_kind(), None)?;
        let version = match reader.metadata(&resource, object).await {
            Ok(Some(meta)) => ObjectVersion::from(&meta),
            // Nothing of this stack will make it.
            Ok(None) if !own.contains(object) => ObjectVersion::Absent,
            Ok(None) | Err(ClusterError::Forbidden(_)) => ObjectVersion::Deferred,
            Err(error) => return Err(error),
        };
        Ok((object.clone(), version))
    });
    stream::iter(looks).buffer_unordered(AT_ONCE).try_collect().await
}
