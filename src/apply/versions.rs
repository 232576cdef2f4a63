//! The uids and versions of live objects while applying, for values that only apply can fill in.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::cluster::{ClusterError, Reader};
use crate::object::{Manifest, Meta, ObjectRef, ObjectVersion, SharedValue, resolve_at};

/// Versions of live objects, shared by all work of a run.
#[derive(Debug)]
pub(super) struct Versions {
    /// When the run began: what ends some time after it does so everywhere at the same moment.
    began: Timestamp,
    found: Mutex<BTreeMap<ObjectRef, ObjectVersion>>,
}

impl Default for Versions {
    fn default() -> Self {
        Self { began: Timestamp::now(), found: Mutex::default() }
    }
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
    pub(super) async fn resolve(&self, reader: &Reader, manifest: &Manifest) -> Result<SharedValue, ClusterError> {
        for named in manifest.deferred.iter().flat_map(|deferred| deferred.value.objects()) {
            if self.get(named).is_none() && !manifest.kept_versions.contains_key(named) {
                let resource = reader.resource(&named.group_kind(), None)?;
                match reader.metadata(&resource, named).await? {
                    Some(meta) => self.put_meta(&meta),
                    None => self.put(named, ObjectVersion::Absent),
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
        let known = |object: &ObjectRef| self.get(object).unwrap_or(ObjectVersion::Absent);
        Ok(resolve_at(manifest, known, Some(self.began)))
    }
}
