//! Namespaces that were there before: they are labelled, not owned, and survive the stack.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::observe::{AT_ONCE, Listed};
use crate::cluster::{ClusterError, Reader};
use crate::object::{Lifecycle, Manifest, Meta, ObjectRef};
use crate::plan::Observed;
use crate::state::{Entry, Inventory};

/// Takes the owner off every rendered namespace that exists without one. Whether it may be adopted at all,
/// the plan decides. One GET of metadata for each that was not listed.
pub(super) async fn keep_existing(
    reader: &Reader,
    listed: &Listed,
    manifests: &mut [Manifest],
) -> Result<(), ClusterError> {
    let rendered = manifests.iter_mut().filter(|one| one.reference.is("", "Namespace") && !one.owners.is_empty());
    let asked = rendered.map(async |manifest| {
        if was_there(reader, listed, &manifest.reference).await? {
            manifest.owners.clear();
            manifest.lifecycle = Lifecycle::Kept;
        }
        Ok(())
    });
    stream::iter(asked).buffered(AT_ONCE).try_collect().await
}

/// Whether a namespace exists that was not made for a cluster.
async fn was_there(reader: &Reader, listed: &Listed, namespace: &ObjectRef) -> Result<bool, ClusterError> {
    if let Some(meta) = listed.meta(namespace) {
        return Ok(!made_for_a_cluster(meta));
    }
    let resource = reader.resource(&namespace.group_kind(), None)?;
    match reader.metadata(&resource, namespace).await {
        // Whoever may not read it will hear so from the dry-run.
        Err(ClusterError::Forbidden(_)) => Ok(false),
        answer => Ok(answer?.is_some_and(|meta| !made_for_a_cluster(&meta))),
    }
}

/// Marks every namespace without an owner that exists and that the record does not say this stack made: whoever made
/// it keeps it. Asks nothing, for it was observed.
pub(super) fn keep_adopted(
    manifests: &mut [Manifest],
    observed: &BTreeMap<ObjectRef, Observed>,
    inventory: &Inventory,
) {
    let unowned = manifests.iter_mut().filter(|one| one.reference.is("", "Namespace") && one.owners.is_empty());
    for manifest in unowned {
        let meta = observed.get(&manifest.reference).and_then(Observed::meta);
        if meta.is_some_and(|meta| !made_by_this_stack(meta, inventory.entries.get(&manifest.reference))) {
            manifest.lifecycle = Lifecycle::Kept;
        }
    }
}

/// A record without a uid is that of a run that ended before it heard whether the object was made.
fn made_by_this_stack(meta: &Meta, entry: Option<&Entry>) -> bool {
    entry.is_some_and(|entry| {
        entry.lifecycle != Lifecycle::Kept && entry.uid.as_ref().is_none_or(|uid| *uid == meta.uid)
    })
}

fn made_for_a_cluster(meta: &Meta) -> bool {
    meta.owners.iter().any(|owner| owner.kind == "LanguageCluster")
}
