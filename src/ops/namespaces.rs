//! Namespaces that were there before: they are labelled, not owned, and survive the stack.

use super::observe::Listed;
use crate::cluster::{ClusterError, Reader};
use crate::object::{Lifecycle, Manifest, Meta};

/// Takes the owner off every rendered namespace that exists without one. Whether it may be adopted at all,
/// the plan decides.
pub(super) async fn keep_existing(
    reader: &Reader,
    listed: &Listed,
    manifests: &mut [Manifest],
) -> Result<(), ClusterError> {
    for manifest in manifests {
        if !manifest.reference.is("", "Namespace") || manifest.owners.is_empty() {
            continue;
        }
        let existing = if let Some(meta) = listed.get(&manifest.reference) {
            Some(meta.clone())
        } else {
            let resource = reader.resource(&manifest.reference.group_kind(), None)?;
            match reader.metadata(&resource, &manifest.reference).await {
                // Whoever may not read it will hear so from the dry-run.
                Err(ClusterError::Forbidden(_)) => None,
                answer => answer?,
            }
        };
        if existing.is_some_and(|meta| !made_for_a_cluster(&meta)) {
            manifest.owners.clear();
            manifest.lifecycle = Lifecycle::Kept;
        }
    }
    Ok(())
}

fn made_for_a_cluster(meta: &Meta) -> bool {
    meta.owners.iter().any(|owner| owner.kind == "LanguageCluster")
}
