//! Keeps the record while applying: a superset of the truth at every moment, written at most once a second.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use uuid::Uuid;

use super::job::{Job, moves_by_itself};
use crate::object::{Lifecycle, Manifest, Meta, ObjectRef};
use crate::plan::{Action, Reason};
use crate::state::{Entry, Inventory, Standing, StateError, Store, Token};

const EVERY: Duration = Duration::from_secs(1);

/// When a record is written that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// When a second has passed since the last time.
    Due,
    /// At once.
    Now,
}

/// The record of a running apply.
pub(super) struct Record<'a> {
    store: &'a Store,
    inventory: Inventory,
    token: Option<Token>,
    written: Instant,
    dirty: bool,
    /// Whether this run has an entry of its own in the history.
    counts: bool,
    /// Whether it was written at all.
    was_written: bool,
}

/// What a record says of the run that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    /// Stays the same as long as the record lives.
    pub lineage: Uuid,
    /// Counts the writes.
    pub serial: u64,
    /// Counts the runs with an entry in the history.
    pub runs: u64,
    /// Whether this run is the last of them.
    pub counts: bool,
}

/// Whether a run that changes something has an entry in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum History {
    /// It has.
    Counts,
    /// It has not: it only goes on with what was applied, or takes everything away.
    Passes,
}

impl<'a> Record<'a> {
    /// Writes old ∪ new: what is about to be made is owned before it exists, so that a crash leaves no orphan.
    pub(super) async fn open(
        store: &'a Store,
        inventory: Inventory,
        token: Option<Token>,
        (jobs, history): (&BTreeMap<ObjectRef, Job>, History),
    ) -> Result<Self, StateError> {
        // A run that will change something puts its name to the record first: who held the lock before, and sleeps, finds
        // another version of it when it wakes.
        let changes = jobs.values().any(|job| job.change.action != Action::NoOp);
        let fenced = changes && store.is_of_earlier_holder(token.as_ref());
        // An older langop left the key of the digests beside them, and did not say where the record was made: the sooner
        // that is mended, the better.
        let dirty = fenced || inventory.key_inside.is_some() || store.can_place(&inventory) && token.is_some();
        let counts = changes && history == History::Counts;
        let mut record = Self { store, inventory, token, written: Instant::now(), dirty, counts, was_written: false };
        // Whatever is written next says so: a change of an object is one of the record. When nothing is, nothing was done.
        record.inventory.runs += u64::from(counts);
        for (object, job) in jobs {
            let Some(manifest) = &job.manifest else { continue };
            let old = record.inventory.entries.get(object);
            // What is made in the place of something adopted is the stack's, from before it is there.
            let made_anew = job.change.action == Action::Create && old.is_some_and(|old| old.adopted);
            if old.is_none() || made_anew {
                record.inventory.entries.insert(object.clone(), intent(job, manifest));
                record.dirty = true;
            }
        }
        record.write(When::Now).await?;
        Ok(record)
    }

    /// An object is as desired: written just now, or found so. What was written is not ready before it is seen so.
    pub(super) fn applied(&mut self, job: &Job, live: Option<&Value>, digest: String) {
        let Some(manifest) = &job.manifest else { return };
        let object = &job.change.object;
        // It is gone, and what was known of it stays.
        if job.change.reason == Reason::Completed {
            return self.stands(object, Standing::Completed, None);
        }
        let meta = live.and_then(|live| Meta::from_object(&object.group, &object.kind, live));
        let precondition = &job.change.precondition;
        let old = self.inventory.entries.get(object);
        let mut entry = Entry { digest, ..intent(job, manifest) };
        entry.adopted |= old.is_some_and(|old| stays_adopted(old, job));
        if job.change.action == Action::NoOp {
            entry.standing = job.standing;
        }
        if let Some(meta) = meta {
            entry.fields = Some(meta.fields_hash());
            entry.uid = Some(meta.uid);
            entry.generation = Some(meta.generation).filter(|generation| *generation > 0);
            entry.resource_version = Some(meta.resource_version);
        } else {
            entry.uid.clone_from(&precondition.uid);
            entry.generation = precondition.generation;
            // That of what runs stays the one at which it was last seen ready, until it is again.
            let seen = old.filter(|old| moves_by_itself(object) && old.uid == precondition.uid);
            let version = seen.map_or(&precondition.resource_version, |old| &old.resource_version);
            entry.resource_version.clone_from(version);
            entry.fields.clone_from(&precondition.fields);
        }
        if old != Some(&entry) {
            self.inventory.entries.insert(object.clone(), entry);
            self.dirty = true;
        }
    }

    /// An object is about to be made that no job is about.
    pub(super) fn owns(&mut self, manifest: &Manifest) {
        self.inventory.entries.entry(manifest.reference.clone()).or_insert_with(|| bare(manifest));
        self.dirty = true;
    }

    /// An object is as an earlier run had it.
    pub(super) fn went_back(&mut self, manifest: &Manifest, live: &Value, digest: String) {
        let object = &manifest.reference;
        let meta = Meta::from_object(&object.group, &object.kind, live);
        let old = self.inventory.entries.get(object);
        let mut entry = Entry { digest, ..bare(manifest) };
        if let Some(old) = old {
            entry.depends_on.clone_from(&old.depends_on);
            entry.adopted = old.adopted;
        }
        if let Some(meta) = meta {
            entry.fields = Some(meta.fields_hash());
            entry.uid = Some(meta.uid);
            entry.generation = Some(meta.generation).filter(|generation| *generation > 0);
            entry.resource_version = Some(meta.resource_version);
        }
        if !moves_by_itself(object) {
            entry.standing = Standing::Ready;
        }
        self.inventory.entries.insert(object.clone(), entry);
        self.dirty = true;
    }

    /// How far an object has come, and the resourceVersion at which that was seen.
    pub(super) fn stands(&mut self, object: &ObjectRef, standing: Standing, version: Option<String>) {
        let Some(entry) = self.inventory.entries.get_mut(object) else { return };
        let version = version.filter(|_| moves_by_itself(object)).or_else(|| entry.resource_version.clone());
        if entry.standing != standing || entry.resource_version != version {
            (entry.standing, entry.resource_version) = (standing, version);
            self.dirty = true;
        }
    }

    /// An object is being deleted, to be made again: what is found under its name from now on was not applied yet.
    pub(super) fn deleted(&mut self, job: &Job) {
        let Some(manifest) = &job.manifest else { return };
        self.inventory.entries.insert(job.change.object.clone(), intent(job, manifest));
        self.dirty = true;
    }

    /// An object is gone, or no longer ours.
    pub(super) fn gone(&mut self, object: &ObjectRef) {
        self.dirty |= self.inventory.entries.remove(object).is_some();
    }

    /// Objects that were never made leave the record: the run ended and knows.
    pub(super) fn never_made(&mut self, object: &ObjectRef, action: Action) {
        let intent = self.inventory.entries.get(object).is_some_and(|entry| entry.uid.is_none());
        if intent && action == Action::Create {
            self.gone(object);
        }
    }

    /// Writes the record if it changed. Given up half-way, it is as if it had not been begun.
    pub(super) async fn write(&mut self, when: When) -> Result<(), StateError> {
        let due = when == When::Now || self.written.elapsed() >= EVERY;
        if self.dirty && due {
            // The token stays until there is a newer one.
            self.token = Some(self.store.write(&mut self.inventory, self.token.clone()).await?);
            self.dirty = false;
            self.was_written = true;
            self.written = Instant::now();
        }
        Ok(())
    }

    /// Writes the record for the last time; an empty one is removed.
    pub(super) async fn close(&mut self) -> Result<(), StateError> {
        if !self.inventory.entries.is_empty() {
            return self.write(When::Now).await;
        }
        match self.token.clone() {
            Some(token) => {
                if self.inventory.runs > 0 {
                    self.store.remove_history(&self.inventory.stack).await?;
                }
                self.store.remove(&self.inventory.stack, token).await
            }
            None => Ok(()),
        }
    }

    /// The record as it is now.
    pub(super) fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// Whether this run has an entry of its own in the history.
    pub(super) fn counts(&self) -> bool {
        self.counts
    }

    /// What the record says of this run, if it was written and is still there.
    pub(super) fn recorded(&self) -> Option<Recorded> {
        let Inventory { lineage, serial, runs, entries, .. } = &self.inventory;
        let recorded = Recorded { lineage: *lineage, serial: *serial, runs: *runs, counts: self.counts };
        (self.was_written && !entries.is_empty()).then_some(recorded)
    }
}

/// The entry of an object that is about to be made and that no job is about.
fn bare(manifest: &Manifest) -> Entry {
    Entry {
        uid: None,
        generation: None,
        resource_version: None,
        fields: None,
        digest: String::new(),
        address: manifest.address.clone(),
        api_version: manifest.api_version.clone(),
        depends_on: Vec::new(),
        lifecycle: manifest.lifecycle,
        adopted: false,
        standing: Standing::Waiting,
    }
}

/// The entry of an object that is about to be made: no digest, because what is found there was not applied yet.
fn intent(job: &Job, manifest: &Manifest) -> Entry {
    Entry {
        depends_on: job.change.depends_on.clone(),
        adopted: job.change.reason == Reason::Adopt || manifest.lifecycle == Lifecycle::Kept,
        ..bare(manifest)
    }
}

/// Whether the object is still the one that was adopted.
fn stays_adopted(old: &Entry, job: &Job) -> bool {
    let uid = &job.change.precondition.uid;
    let is_made = matches!(job.change.action, Action::Create | Action::Replace);
    old.adopted && !is_made && old.uid.as_ref().is_none_or(|old| uid.as_ref().is_none_or(|uid| old == uid))
}
