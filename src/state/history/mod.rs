//! The history of a stack: what its last five runs applied, beside the record, which stays small. Run `n` has the place
//! `n mod 5`, so that the newest takes that of the oldest in one write. The record counts the runs: an entry that a crash
//! kept from being written leaves a gap, and never stands for another run.

mod entry;
mod object;

use std::cmp::Reverse;

use uuid::Uuid;

pub(crate) use entry::{Did, Ended, HistoryEntry, KeptObject};

use super::store::{Place, Records, Store, Where};
use super::{Inventory, StateError};
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
    /// The history of a record, the newest first. One GET, or one file, for each of the last five runs.
    ///
    /// # Errors
    /// A place cannot be read. An entry that is damaged is an error of its own.
    pub(crate) async fn history(&self, inventory: &Inventory) -> Result<Vec<Found>, StateError> {
        let mut found = Vec::new();
        // A rollback has its entry before the record has the run.
        let begun = (inventory.runs < HISTORY).then_some(inventory.runs + 1);
        for run in begun.into_iter().chain(runs(inventory.runs)) {
            found.extend(self.history_entry(&inventory.stack, (inventory.lineage, run)).await?);
        }
        found.sort_by_key(|found| Reverse(found.run));
        Ok(found)
    }

    /// What stands in the place of one run of a record, none where that is nothing of this record. One GET, or one file.
    ///
    /// # Errors
    /// The place cannot be read.
    pub(crate) async fn history_entry(
        &self,
        stack: &str,
        (lineage, run): (Uuid, u64),
    ) -> Result<Option<Found>, StateError> {
        let bytes = match self.place() {
            Where::Directory(directory) => directory.read_history(stack, place(run))?,
            Where::Cluster(reader) => object::read(reader, stack, place(run)).await?,
        };
        let Some((place, bytes)) = bytes else { return Ok(None) };
        let entry = HistoryEntry::unpack(&bytes, &place, stack);
        // What another record left behind is none of this one.
        let is_own = entry.as_ref().map_or(true, |entry| entry.lineage == lineage);
        let run = entry.as_ref().map_or(run, |entry| entry.run);
        Ok(is_own.then_some(Found { run, entry }))
    }
}

impl Store {
    /// Keeps an entry in the place of the oldest. One that is too large is kept without its objects. One request; two
    /// where something else stands there than the runs before would have left.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) async fn keep(&self, entry: &mut HistoryEntry) -> Result<Kept, StateError> {
        let stack = entry.stack.clone();
        let mut bytes = packed(entry)?;
        if bytes.len() > ROOM {
            entry.objects.clear();
            entry.withheld = Some(format!(
                "its objects take {} KiB compressed, more than the {} KiB of one entry",
                bytes.len() >> 10,
                ROOM >> 10
            ));
            bytes = packed(entry)?;
        }
        match self.where_written() {
            Place::Directory(directory) => {
                self.check().await?;
                directory.write_history(&stack, place(entry.run), &bytes)?;
            }
            Place::Cluster(writer) => object::write(writer, &stack, entry.run, &bytes).await?,
        }
        Ok(entry.withheld.clone().map_or(Kept::Whole, Kept::Withheld))
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

fn packed(entry: &HistoryEntry) -> Result<Vec<u8>, StateError> {
    entry.pack().map_err(|error| StateError::HistoryCorrupt {
        place: format!("the history of `{}`", entry.stack),
        cause: error.to_string(),
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
