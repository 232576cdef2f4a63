//! What all work of a run reads. Nothing of it changes while the run goes on but what is known of live objects.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::watch;

use super::deadline::Patience;
use super::job::Job;
use super::looks::Looks;
use super::silent::SilentKinds;
use super::stop::Stop;
use super::versions::Versions;
use super::wait_deleted::Deleting;
use crate::cluster::{Ownership, Writer};
use crate::object::ObjectRef;
use crate::plan::{Action, Wait};
use crate::state::{DigestKey, Inventory, Store};

/// What all work of a run reads.
pub(super) struct WorkInputs {
    pub(super) writer: Writer,
    pub(super) looks: Looks,
    pub(super) versions: Versions,
    pub(super) jobs: BTreeMap<ObjectRef, Job>,
    /// What some job waits for to be more than there; see [`awaited`].
    pub(super) awaited: BTreeSet<ObjectRef>,
    /// Whether fields are taken from other managers.
    pub(super) ownership: Ownership,
    pub(super) patience: Patience,
    pub(super) silent: SilentKinds,
    /// Keys the digests of secret values; none when nobody needs it, or this identity may not have it.
    pub(super) digest_key: Option<DigestKey>,
    /// How far the run may still go.
    pub(super) stop: watch::Receiver<Stop>,
    /// Where the history is, and of which record: without its objects.
    pub(super) store: Store,
    pub(super) recorded: Inventory,
    /// Whether this run is the last that the record counts.
    pub(super) counts: bool,
}

/// What some of the jobs wait for to be more than there. Found once: each of thousands of objects asks.
pub(super) fn awaited(jobs: &BTreeMap<ObjectRef, Job>) -> BTreeSet<ObjectRef> {
    let needs = jobs.values().flat_map(|job| &job.change.depends_on);
    needs.filter(|need| need.wait != Wait::Exists).map(|need| need.on.clone()).collect()
}

impl WorkInputs {
    /// Whether anything of this run goes on only when the object is ready.
    pub(super) fn is_needed(&self, object: &ObjectRef) -> bool {
        object.is_crd() || self.awaited.contains(object)
    }

    /// What a wait for a deletion has.
    pub(super) fn deleting(&self) -> Deleting<'_> {
        Deleting { writer: &self.writer, looks: &self.looks, patience: self.patience }
    }

    /// Whether this run makes the namespace of the object, so that nobody else can have put anything there.
    pub(super) fn makes_the_namespace_of(&self, object: &ObjectRef) -> bool {
        let namespace = object.namespace.as_deref().map(ObjectRef::of_namespace);
        let job = namespace.and_then(|namespace| self.jobs.get(&namespace));
        job.is_some_and(|job| job.change.action == Action::Create)
    }
}
