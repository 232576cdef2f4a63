//! Goes back to what an earlier run applied: which run that is, and the request for a plan of it. From there on it is a
//! plan like any other.

use std::collections::BTreeSet;

use super::{OpsError, PlanRequest};
use crate::cluster::{Ownership, Reader};
use crate::object::{Manifest, SecretSource};
use crate::ops::Refresh;
use crate::plan::{Notes, PlanOptions};
use crate::render;
use crate::state::{Did, Found, HistoryEntry, Inventory, KeptObject};

/// Which run is gone back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The newest before the present one of which everything was seen ready.
    Healthy,
    /// The one with this serial, however it ended.
    Serial(u64),
}

/// The entry that is gone back to. `history` is that of the record, the newest first.
///
/// # Errors
/// There is none, it is damaged, or its objects were not kept.
pub(crate) fn choose(inventory: &Inventory, history: Vec<Found>, goal: Goal) -> Result<HistoryEntry, OpsError> {
    let entry = match goal {
        Goal::Healthy => newest_healthy(inventory, history)?,
        Goal::Serial(serial) => with_serial(inventory, history, serial)?,
    };
    match &entry.withheld {
        Some(because) => Err(no_way_back(inventory, format!("of serial {} nothing was kept: {because}", entry.serial))),
        None => Ok(entry),
    }
}

fn newest_healthy(inventory: &Inventory, history: Vec<Found>) -> Result<HistoryEntry, OpsError> {
    // A run without an entry, as of a crash, is the present one all the same.
    for found in history.into_iter().filter(|found| found.run < inventory.runs) {
        // What a damaged entry says is not known: it is not passed over in silence.
        let entry = found.entry?;
        if entry.is_healthy() {
            return Ok(entry);
        }
    }
    let because = "no earlier apply is kept of which everything was seen ready".to_owned();
    Err(no_way_back(inventory, because))
}

fn with_serial(inventory: &Inventory, history: Vec<Found>, serial: u64) -> Result<HistoryEntry, OpsError> {
    let (mut has, mut damaged) = (Vec::new(), None);
    for found in history {
        match found.entry {
            Ok(entry) if entry.serial == serial => return Ok(entry),
            Ok(entry) => has.push(entry.serial),
            // It may be the one that is meant.
            Err(error) => damaged = Some(error),
        }
    }
    match damaged {
        Some(error) => Err(error.into()),
        None => Err(OpsError::NoSuchSerial { stack: inventory.stack.clone(), serial, has }),
    }
}

fn no_way_back(inventory: &Inventory, because: String) -> OpsError {
    OpsError::NoWayBack { stack: inventory.stack.clone(), because }
}

/// The request for a plan that goes back to an entry. Values of Secrets are the live ones: one GET for each key whose value
/// was the user's.
///
/// # Errors
/// A Secret lacks a key that the entry had, or may not be read.
pub(crate) async fn go_back(
    reader: &Reader,
    inventory: &Inventory,
    entry: &HistoryEntry,
    asked: PlanOptions,
    ownership: Ownership,
) -> Result<PlanRequest, OpsError> {
    let (mut manifests, mut lacking) = (Vec::new(), BTreeSet::new());
    for kept in &entry.objects {
        let mut manifest = kept.manifest();
        lacking.extend(with_live_values(reader, kept, &mut manifest).await?);
        manifests.push(manifest);
    }
    if !lacking.is_empty() {
        return Err(OpsError::LackingKeys(lacking.into_iter().collect()));
    }
    // A definition that is older than objects of its kind would lose fields of theirs.
    if entry.definitions {
        manifests.extend(render::definitions());
    }
    manifests.sort_by(|a, b| a.reference.cmp(&b.reference));
    Ok(PlanRequest {
        stack: entry.stack.clone(),
        manifests,
        options: asked,
        ownership,
        refresh: Refresh::Changed,
        notes: Notes::default(),
        did: Some(Did::Rollback { from: inventory.serial, to: entry.serial }),
    })
}

/// Has the values of a Secret stay as they are; the keys that it lacks.
async fn with_live_values(
    reader: &Reader,
    kept: &KeptObject,
    manifest: &mut Manifest,
) -> Result<Vec<String>, OpsError> {
    let mut lacking = Vec::new();
    for key in &kept.keys {
        match reader.secret_value(&kept.object, key).await? {
            Some(value) => drop(manifest.secret.insert(key.clone(), SecretSource::Kept(value))),
            None => lacking.push(format!("`{key}` of {}", kept.object)),
        }
    }
    Ok(lacking)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::state::{Ended, StateError};

    fn entry(run: u64, ended: Ended) -> HistoryEntry {
        let new = HistoryEntry::new("s", Uuid::nil(), jiff::Timestamp::UNIX_EPOCH);
        HistoryEntry { run, serial: run * 10, ended, ..new }
    }

    fn found(run: u64, ended: Ended) -> Found {
        Found { run, entry: Ok(entry(run, ended)) }
    }

    fn damaged(run: u64) -> Found {
        let (place, cause) = ("x".to_owned(), "y".to_owned());
        Found { run, entry: Err(StateError::HistoryCorrupt { place, cause }) }
    }

    fn chosen(runs: u64, history: Vec<Found>, goal: Goal) -> Result<u64, &'static str> {
        let inventory = Inventory { runs, ..Inventory::new("s") };
        choose(&inventory, history, goal).map(|entry| entry.serial).map_err(|error| error.code())
    }

    #[test]
    fn without_a_serial_it_is_the_newest_healthy_one_before_the_present() {
        let history = || {
            vec![found(5, Ended::Healthy), found(4, Ended::Failed), found(3, Ended::Unseen), found(2, Ended::Healthy)]
        };
        assert_eq!(chosen(5, history(), Goal::Healthy), Ok(20));
        assert_eq!(chosen(6, history(), Goal::Healthy), Ok(50), "the present run has no entry: it was cut off");
        assert_eq!(chosen(1, vec![found(1, Ended::Healthy)], Goal::Healthy), Err("no-way-back"));
        assert_eq!(chosen(0, Vec::new(), Goal::Healthy), Err("no-way-back"));
    }

    #[test]
    fn with_a_serial_it_is_that_one_however_it_ended() {
        let history = || vec![found(5, Ended::Healthy), found(4, Ended::Failed)];
        assert_eq!(chosen(5, history(), Goal::Serial(40)), Ok(40));
        assert_eq!(chosen(5, history(), Goal::Serial(41)), Err("no-such-serial"));
        let withheld = HistoryEntry { withheld: Some("too large".to_owned()), ..entry(3, Ended::Healthy) };
        let withheld = vec![Found { run: 3, entry: Ok(withheld) }];
        assert_eq!(chosen(5, withheld, Goal::Serial(30)), Err("no-way-back"));
    }

    #[test]
    fn a_damaged_entry_is_told_of_where_it_could_be_the_one() {
        assert_eq!(chosen(3, vec![damaged(2), found(1, Ended::Healthy)], Goal::Healthy), Err("history-corrupt"));
        assert_eq!(chosen(3, vec![damaged(3), found(2, Ended::Healthy)], Goal::Healthy), Ok(20), "the present one");
        assert_eq!(chosen(3, vec![damaged(2), found(1, Ended::Healthy)], Goal::Serial(10)), Ok(10));
        assert_eq!(chosen(3, vec![damaged(2), found(1, Ended::Healthy)], Goal::Serial(20)), Err("history-corrupt"));
    }
}
