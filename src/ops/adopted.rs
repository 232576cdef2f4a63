//! Objects that are adopted belong to no other object: with an owner of the stack they would go with it, and they were
//! there before.

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::observe::{AT_ONCE, Listed, Look};
use crate::cluster::{ClusterError, Reader};
use crate::object::{Manifest, Meta, OwnerRef};
use crate::plan::Selection;
use crate::state::Inventory;

/// What tells whether an object is adopted, or about to be.
pub(super) struct Adopting<'a> {
    pub(super) reader: &'a Reader,
    pub(super) listed: &'a Listed,
    pub(super) inventory: &'a Inventory,
    /// Existing objects that may be taken over.
    pub(super) adopt: &'a Selection,
}

impl Adopting<'_> {
    /// Takes the owners off every manifest whose object was there before. One GET of metadata for each object that the
    /// command may adopt, would have an owner, and is not known yet.
    ///
    /// # Errors
    /// Such an object cannot be looked at.
    pub(super) async fn take_owners_off(&self, manifests: &mut [Manifest]) -> Result<(), ClusterError> {
        let owned = manifests.iter_mut().filter(|manifest| !manifest.owners.is_empty());
        let asked = owned.map(async |manifest| {
            if self.was_there(manifest).await? {
                manifest.owners.clear();
            }
            Ok(())
        });
        stream::iter(asked).buffered(AT_ONCE).try_collect().await
    }

    async fn was_there(&self, manifest: &Manifest) -> Result<bool, ClusterError> {
        let object = &manifest.reference;
        let entry = self.inventory.entries.get(object).filter(|entry| entry.adopted);
        match self.listed.look(object) {
            Look::There(meta) => Ok(match entry {
                Some(entry) => entry.uid.as_ref().is_none_or(|uid| *uid == meta.uid),
                None => self.is_adopted_now(manifest, meta),
            }),
            Look::Absent => Ok(false),
            Look::Unseen | Look::Unknown if entry.is_none() && self.adopt.has(&manifest.address, object) => {
                self.exists(manifest).await
            }
            Look::Unseen | Look::Unknown => Ok(entry.is_some()),
        }
    }

    /// Whether this command takes over what another hand made with the labels of the stack. What has an owner of the stack
    /// was made by it, and the record was lost.
    fn is_adopted_now(&self, manifest: &Manifest, live: &Meta) -> bool {
        let is_owner = |owner: &OwnerRef| {
            manifest.owners.iter().any(|known| *known.object.kind == *owner.kind && *known.object.name == *owner.name)
        };
        !self.inventory.entries.contains_key(&manifest.reference)
            && self.adopt.has(&manifest.address, &manifest.reference)
            && !live.owners.iter().any(is_owner)
    }

    async fn exists(&self, manifest: &Manifest) -> Result<bool, ClusterError> {
        let object = &manifest.reference;
        if self.listed.is_without_namespace(object) {
            return Ok(false);
        }
        let Some(resource) = self.reader.served(&object.group_kind()).await? else { return Ok(false) };
        match self.reader.metadata(&resource, object).await {
            Ok(found) => Ok(found.is_some()),
            // Whoever may not look at it will hear so from the dry-run.
            Err(ClusterError::NotFound(_) | ClusterError::Forbidden(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
