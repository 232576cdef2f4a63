//! The history of a stack: what its last five runs applied, beside the record, which stays small. Run `n` has the place
//! `n mod 5`, so that the newest takes that of the oldest, or another one where that is still the way back. The record counts
//! the runs: an entry that a crash kept from being written leaves a gap, and never stands for another run.

mod entry;
mod object;
mod seal;
mod slot;
mod stored;

use std::cmp::Reverse;

use uuid::Uuid;

pub(crate) use entry::{Did, Ended, HistoryEntry, KeptObject};

use slot::Slot;
use stored::Stored;

use super::store::{Place, Records, Store, Where};
use super::{DigestKey, Inventory, StateError};
use crate::object::names::HISTORY;

/// The largest entry: what one `ConfigMap` holds.
const ROOM: usize = (1 << 20) - 1024;

/// What stands in one place of a history.
#[derive(Debug)]
pub(crate) struct Found {
    /// The run that it is of, as far as it can be read; else the one that it should be of.
    pub run: u64,
    /// The entry, or what is wrong with it.
    pub entry: Result<HistoryEntry, StateError>,
}

/// Whether an entry was kept with its objects.
#[derive(Debug)]
pub(crate) enum Kept {
    /// It was.
    Whole,
    /// It was kept without them, for this reason.
    Withheld(String),
}

/// The place of a run.
fn place(run: u64) -> u64 {
    run % HISTORY
}

/// The runs that may have an entry.
fn runs(newest: u64) -> impl Iterator<Item = u64> {
    (newest.saturating_sub(HISTORY - 1).max(1)..=newest).rev()
}

impl Records {
    /// The history of a record, the newest first. One GET, or one file, for each of the last five runs, and one for the
    /// key that seals them.
    ///
    /// # Errors
    /// A place or the key cannot be read. An entry that is damaged, or not sealed, is an error of its own.
    pub(crate) async fn history(&self, inventory: &Inventory) -> Result<Vec<Found>, StateError> {
        let stack = &inventory.stack;
        // A rollback has its entry before the record has the run.
        let begun = (inventory.runs < HISTORY).then_some(inventory.runs + 1);
        let mut stored = Vec::new();
        for run in begun.into_iter().chain(runs(inventory.runs)) {
            stored.extend(self.stored(stack, place(run)).await?.map(|stored| (run, stored)));
        }
        if stored.is_empty() {
            return Ok(Vec::new());
        }
        let key = self.kept_key(stack).await?;
        let found = stored.into_iter().filter_map(|(run, stored)| {
            let entry = stored.proven(stack, &key);
            // What another record left behind is none of this one.
            let is_own = entry.as_ref().map_or(true, |entry| entry.lineage == inventory.lineage);
            let run = entry.as_ref().map_or(run, |entry| entry.run);
            is_own.then_some(Found { run, entry })
        });
        let mut found: Vec<_> = found.collect();
        found.sort_by_key(|found| Reverse(found.run));
        Ok(found)
    }

    /// The entry of one run of a record if it ended otherwise than `unlike`, none where there is none that langop wrote. One
    /// GET, or one file, where it stands in its usual place and ended so.
    ///
    /// # Errors
    /// A place or the key cannot be read.
    pub(crate) async fn history_entry(
        &self,
        stack: &str,
        (lineage, run): (Uuid, u64),
        unlike: Ended,
    ) -> Result<Option<HistoryEntry>, StateError> {
        for place in std::iter::once(place(run)).chain((0..HISTORY).filter(|other| *other != place(run))) {
            let Some(stored) = self.stored(stack, place).await? else { continue };
            let is_it = |entry: &HistoryEntry| entry.lineage == lineage && entry.run == run;
            let Some(entry) = stored.entry(stack).ok().filter(is_it) else { continue };
            if entry.ended == unlike {
                return Ok(None);
            }
            // Who writes it again seals it.
            let proven = stored.proven(stack, &self.kept_key(stack).await?).ok();
            let proven = proven.filter(|entry| entry.unproven.is_none());
            return Ok(proven.map(|entry| HistoryEntry { place: Some(place), ..entry }));
        }
        Ok(None)
    }

    async fn stored(&self, stack: &str, place: u64) -> Result<Option<Stored>, StateError> {
        match self.place() {
            Where::Directory(directory) => {
                let read = directory.read_history(stack, place)?;
                Ok(read.map(|(name, bytes)| Stored { name, bytes, version: None, is_own: true }))
            }
            Where::Cluster(reader) => object::read(reader, stack, place).await,
        }
    }
}

impl Store {
    /// Keeps an entry in the place of the oldest that is not the way back. One that is too large, or that this identity
    /// cannot seal, is kept without its objects. Three requests, and four more where the oldest is the way back.
    ///
    /// # Errors
    /// It cannot be written, or something of somebody else stands in its place.
    pub(crate) async fn keep(&self, entry: &mut HistoryEntry) -> Result<Kept, StateError> {
        let stack = entry.stack.clone();
        let slot = self.slot(entry).await?;
        entry.place = Some(slot.place);
        let key = self.digest_key_to_record(&stack).await?;
        if key.is_none() {
            entry.withhold("the key that seals it may not be read".to_owned());
        }
        let mut bytes = packed(entry, key.as_ref())?;
        if bytes.len() > ROOM {
            let size = bytes.len() >> 10;
            let limit = ROOM >> 10;
            entry.withhold(format!("its objects take {size} KiB compressed, more than the {limit} KiB of one entry"));
            bytes = packed(entry, key.as_ref())?;
        }
        match self.where_written() {
            Place::Directory(directory) => {
                self.check().await?;
                directory.write_history(&stack, slot.place, &bytes)?;
            }
            Place::Cluster(writer) => {
                object::write(writer, (&stack, slot.place), slot.version.as_deref(), &bytes).await?;
            }
        }
        Ok(entry.withheld.clone().map_or(Kept::Whole, Kept::Withheld))
    }

    /// Where an entry goes.
    async fn slot(&self, entry: &HistoryEntry) -> Result<Slot, StateError> {
        let usual = entry.place.unwrap_or(place(entry.run));
        let there = self.stored(&entry.stack, usual).await?;
        if let Some(stored) = there.as_ref().filter(|stored| !stored.is_own) {
            return Err(StateError::HistoryForeign(stored.name.clone()));
        }
        let slot = |place: u64, stored: Option<Stored>| {
            let read = stored.as_ref().and_then(|stored| stored.entry(&entry.stack).ok());
            let own = read.filter(|read| read.lineage == entry.lineage);
            Slot { place, version: stored.and_then(|stored| stored.version), entry: own }
        };
        let usual = slot(usual, there);
        if usual.is_free_for(entry) {
            return Ok(usual);
        }
        let missing = StateError::HistoryForeign(format!("the history of `{}`", entry.stack));
        let mut slots = vec![usual];
        for place in (0..HISTORY).filter(|place| *place != slots[0].place).collect::<Vec<_>>() {
            let there = self.stored(&entry.stack, place).await?;
            if there.as_ref().is_none_or(|stored| stored.is_own) {
                slots.push(slot(place, there));
            }
        }
        slot::choose(slots, entry).ok_or(missing)
    }

    /// Removes the history of a stack whose record is about to go, or is made anew: whoever stops between the two leaves a
    /// record, which the next run finds. One request for each place, and two where there is an entry.
    ///
    /// # Errors
    /// It cannot be removed.
    pub(crate) async fn remove_history(&self, stack: &str) -> Result<(), StateError> {
        for place in 0..HISTORY {
            match self.where_written() {
                Place::Directory(directory) => {
                    self.check().await?;
                    directory.remove_history(stack, place)?;
                }
                Place::Cluster(writer) => object::remove(writer, stack, place).await?,
            }
        }
        Ok(())
    }
}

fn packed(entry: &HistoryEntry, key: Option<&DigestKey>) -> Result<Vec<u8>, StateError> {
    let packed = entry.pack().map_err(|error| StateError::HistoryCorrupt {
        place: format!("the history of `{}`", entry.stack),
        cause: error.to_string(),
    })?;
    Ok(match key {
        Some(key) => seal::sealed(packed, key),
        None => packed,
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::object::{Manifest, hex};

    fn entry(run: u64, objects: Vec<KeptObject>) -> HistoryEntry {
        HistoryEntry { run, objects, ..HistoryEntry::new("s", Uuid::nil(), Timestamp::UNIX_EPOCH) }
    }

    /// Text that nothing can be compressed from.
    fn noise(bytes: usize) -> String {
        let blocks = (0..=bytes / 64).map(|number| hex(&Sha256::digest(number.to_string())));
        blocks.collect()
    }

    #[tokio::test]
    async fn an_entry_that_is_too_large_is_kept_without_its_objects_and_says_so() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::local(directory.path());
        let map = |text: String| {
            let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"},
                "data": {"a": text}});
            KeptObject::of(&Manifest::new(object, None, None).unwrap()).unwrap()
        };
        let kept = store.keep(&mut entry(1, vec![map(noise(1 << 20))])).await.unwrap();
        assert!(matches!(kept, Kept::Whole), "half a megabyte is left of it");
        let Kept::Withheld(because) = store.keep(&mut entry(2, vec![map(noise(3 << 20))])).await.unwrap() else {
            panic!("it was kept");
        };
        assert!(because.contains("KiB of one entry"), "{because}");
        let inventory = Inventory { runs: 2, lineage: Uuid::nil(), ..Inventory::new("s") };
        let found = store.history(&inventory).await.unwrap();
        let read: Vec<_> = found.iter().map(|found| found.entry.as_ref().unwrap()).collect();
        assert_eq!(read.iter().map(|entry| (entry.run, entry.objects.len())).collect::<Vec<_>>(), [(2, 0), (1, 1)]);
        assert_eq!(read[0].withheld.as_deref(), Some(&*because));
    }

    #[tokio::test]
    async fn an_entry_that_nobody_sealed_with_the_key_of_the_stack_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::local(directory.path());
        let inventory = Inventory { runs: 2, lineage: Uuid::nil(), ..Inventory::new("s") };
        for run in [1, 2] {
            store.keep(&mut entry(run, Vec::new())).await.unwrap();
        }
        let whole = std::fs::read(directory.path().join("s.history-1.gz")).unwrap();
        std::fs::write(directory.path().join("s.history-1.gz"), &whole[..whole.len() - 32]).unwrap();
        let found = store.history(&inventory).await.unwrap();
        let words = |found: &Found| found.entry.as_ref().err().map(ToString::to_string).unwrap_or_default();
        assert!(found[0].entry.is_ok() && words(&found[1]).contains("seal"), "{found:?}");
        // Nor is one made good by being seen ready.
        let again = store.history_entry("s", (Uuid::nil(), 1), Ended::Healthy).await.unwrap();
        assert!(again.is_none());
        assert!(store.history_entry("s", (Uuid::nil(), 2), Ended::Healthy).await.unwrap().is_some());
        std::fs::remove_file(directory.path().join("s.key")).unwrap();
        assert!(store.history(&inventory).await.unwrap().iter().all(|found| found.entry.is_err()));
    }

    #[test]
    fn the_last_five_runs_have_places_of_their_own() {
        assert_eq!(runs(0).collect::<Vec<_>>(), Vec::<u64>::new());
        assert_eq!(runs(2).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(runs(7).collect::<Vec<_>>(), [7, 6, 5, 4, 3]);
        let mut places: Vec<_> = runs(7).map(place).collect();
        places.sort_unstable();
        assert_eq!(places, [0, 1, 2, 3, 4]);
    }
}
