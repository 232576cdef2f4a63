//! The key of a stack's digests, in the same place as its record and apart from it.

use super::{Place, Records, Store, Where};
use crate::state::digest_key::{DigestKey, FoundKey};
use crate::state::{Inventory, StateError, key_secret};

impl Records {
    /// The key of the digests in this record. One request, or one file; none for a record of an older langop, which has
    /// it inside.
    ///
    /// # Errors
    /// The place cannot be read. A key that may not be read is no error.
    pub async fn digest_key(&self, inventory: &Inventory) -> Result<FoundKey, StateError> {
        match (&inventory.key_inside, &self.place) {
            (Some(key), _) => Ok(FoundKey::Known(key.clone())),
            (None, Where::Directory(directory)) => directory.read_key(&inventory.stack),
            (None, Where::Cluster(reader)) => key_secret::read(reader, &inventory.stack).await,
        }
    }
}

impl Records {
    /// The key that is kept apart from the record, never one inside. One request, or one file.
    ///
    /// # Errors
    /// The place cannot be read. A key that may not be read is no error.
    pub(in crate::state) async fn kept_key(&self, stack: &str) -> Result<FoundKey, StateError> {
        match &self.place {
            Where::Directory(directory) => directory.read_key(stack),
            Where::Cluster(reader) => key_secret::read(reader, stack).await,
        }
    }
}

impl Store {
    /// The key for digests that are about to be recorded: the one that is kept, or a new one. Never the one inside an old
    /// record, which others may have read. None when this identity may neither read nor keep one: then no digest of
    /// a secret value is recorded. One request, two for the first key of a stack.
    ///
    /// # Errors
    /// The place cannot be read or written, or what stands there is no key.
    pub async fn digest_key_to_record(&self, stack: &str) -> Result<Option<DigestKey>, StateError> {
        let found = match &self.place {
            Place::Directory(directory) => directory.read_key(stack)?,
            Place::Cluster(writer) => key_secret::read(writer, stack).await?,
        };
        match found {
            FoundKey::Known(key) => Ok(Some(key)),
            FoundKey::Hidden(_) => Ok(None),
            FoundKey::Missing => self.create_digest_key(stack).await,
        }
    }

    async fn create_digest_key(&self, stack: &str) -> Result<Option<DigestKey>, StateError> {
        let key = DigestKey::random();
        match &self.place {
            Place::Directory(directory) => {
                self.check().await?;
                directory.create_key(stack, &key)?;
                Ok(Some(key))
            }
            Place::Cluster(writer) => key_secret::create(writer, stack, key).await,
        }
    }

    /// Removes the key of a stack whose record is about to go.
    pub(super) async fn remove_digest_key(&self, stack: &str) -> Result<(), StateError> {
        match &self.place {
            Place::Directory(directory) => {
                self.check().await?;
                directory.remove_key(stack)
            }
            Place::Cluster(writer) => key_secret::remove(writer, stack).await,
        }
    }
}
