//! What all work of a run reads. Nothing of it changes while the run goes on but what is known of live objects.

use std::collections::BTreeMap;

use super::deadline::Patience;
use super::job::Job;
use super::silent::SilentKinds;
use super::versions::Versions;
use crate::cluster::{Ownership, Writer};
use crate::object::ObjectRef;
use crate::plan::{Action, Wait};
use crate::state::DigestKey;

/// What all work of a run reads.
pub(super) struct WorkInputs {
    pub(super) writer: Writer,
    pub(super) versions: Versions,
    pub(super) jobs: BTreeMap<ObjectRef, Job>,
    /// Whether fields are taken from other managers.
    pub(super) ownership: Ownership,
    pub(super) patience: Patience,
    pub(super) silent: SilentKinds,
    /// Keys the digests of secret values; none when nobody needs it, or this identity may not have it.
    pub(super) digest_key: Option<DigestKey>,
}

impl WorkInputs {
    /// Whether anything of this run goes on only when the object is ready.
    pub(super) fn is_needed(&self, object: &ObjectRef) -> bool {
        let needs =
            |job: &Job| job.change.depends_on.iter().any(|need| need.on == *object && need.wait != Wait::Exists);
        object.is_crd() || self.jobs.values().any(needs)
    }

    /// Whether this run makes the namespace of the object, so that nobody else can have put anything there.
    pub(super) fn makes_the_namespace_of(&self, object: &ObjectRef) -> bool {
        let namespace = object.namespace.as_deref().map(ObjectRef::of_namespace);
        let job = namespace.and_then(|namespace| self.jobs.get(&namespace));
        job.is_some_and(|job| job.change.action == Action::Create)
    }
}
