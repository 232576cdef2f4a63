//! The uids and versions of live objects while applying, for values that only apply can fill in.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::cluster::{ClusterError, Reader};
use crate::object::{DeferredValue, GroupKind, Manifest, Meta, ObjectRef, ObjectVersion, resolve};

/// Versions of live objects, shared by all work of a run.
#[derive(Debug, Default)]
pub(super) struct Versions {
    found: Mutex<BTreeMap<ObjectRef, ObjectVersion>>,
}

impl Versions {
    /// Remembers an object.
    pub(super) fn put(&self, object: &ObjectRef, known: ObjectVersion) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(object.clone(), known);
    }

    /// Remembers an object as the server returned it.
    pub(super) fn put_meta(&self, meta: &Meta) {
        self.put(&meta.reference, meta.into());
    }

    fn get(&self, object: &ObjectRef) -> Option<ObjectVersion> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).get(object).cloned()
    }

    /// The object of a manifest with everything filled in. Secrets of others, and owners that this run did not write, are
    /// looked up, once a run.
    ///
    /// # Errors
    /// `NotFound` for an owner that is not there: without it the object would be nobody's.
    pub(super) async fn resolve(&self, reader: &Reader, manifest: &Manifest) -> Result<Value, ClusterError> {
        let secrets = manifest.deferred.iter().flat_map(|deferred| match &deferred.value {
            DeferredValue::VersionHash(secrets) => secrets,
        });
        for secret in secrets {
            if self.get(secret).is_none() && !manifest.kept_versions.contains_key(secret) {
                let resource = reader.resource(&GroupKind::new("", "Secret"), None)?;
                match reader.metadata(&resource, secret).await? {
                    Some(meta) => self.put_meta(&meta),
                    None => self.put(secret, ObjectVersion::Absent),
                }
            }
        }
        for owner in manifest.owners.iter().map(|owner| &owner.object) {
            if self.get(owner).is_none() {
                let found = reader.metadata(&reader.resource(&owner.group_kind(), None)?, owner).await?;
                let absent = || ClusterError::NotFound(format!("its owner {owner} is not there"));
                self.put_meta(&found.ok_or_else(absent)?);
            }
        }
        Ok(resolve(manifest, |object| self.get(object).unwrap_or(ObjectVersion::Absent)))
    }
}
