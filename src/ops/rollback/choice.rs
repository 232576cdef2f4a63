//! Which run a rollback goes back to. Without a serial it never goes forward: a rollback that was cut off is gone on with,
//! and after one that was finished only what is older than its goal is left. Knows entries, and no cluster.

use crate::ops::OpsError;
use crate::state::{Did, Ended, Found, HistoryEntry, Inventory};

/// Which run is gone back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The newest before the present one of which everything was seen ready, and which is not what is there.
    Healthy,
    /// The one with this serial, however it ended.
    Serial(u64),
}

/// What is gone back to.
#[derive(Debug)]
pub(crate) struct Choice {
    /// The entry.
    pub entry: HistoryEntry,
    /// What was passed over on the way to it, and why, in words.
    pub passed: Vec<String>,
    /// Whether a rollback that was not finished is gone on with.
    pub goes_on: bool,
    /// All that is newer, as far as it can be read.
    pub newer: Vec<HistoryEntry>,
}

impl Choice {
    fn of(entry: HistoryEntry) -> Self {
        Self { entry, passed: Vec::new(), goes_on: false, newer: Vec::new() }
    }
}

/// The entry that is gone back to. `history` is that of the record, the newest first.
///
/// # Errors
/// There is none, it is damaged, or its objects were not kept.
pub(crate) fn choose(inventory: &Inventory, history: Vec<Found>, goal: Goal) -> Result<Choice, OpsError> {
    let mut newer: Vec<_> = history.iter().filter_map(|found| found.entry.as_ref().ok().cloned()).collect();
    let mut choice = match goal {
        Goal::Healthy => newest_healthy(inventory, history)?,
        Goal::Serial(serial) => Choice::of(with_serial(inventory, history, serial)?),
    };
    newer.retain(|other| other.run > choice.entry.run);
    choice.newer = newer;
    match choice.entry.obstacle() {
        Some(because) => Err(no_way_back(inventory, words(&choice.entry, because))),
        None => Ok(choice),
    }
}

fn words(entry: &HistoryEntry, because: &str) -> String {
    if entry.withheld.is_some() {
        return format!("of serial {} nothing was kept: {because}", entry.serial);
    }
    format!("serial {}: {because}", entry.serial)
}

fn newest_healthy(inventory: &Inventory, history: Vec<Found>) -> Result<Choice, OpsError> {
    // A run without an entry, as of a crash, is the present one all the same; so is one that the record does not have yet.
    let newest = history.first().map_or(0, |found| found.run).max(inventory.runs);
    let present =
        history.iter().filter_map(|found| found.entry.as_ref().ok()).find(|entry| entry.run == newest).cloned();
    let mut newest_serial = u64::MAX;
    if let Some(HistoryEntry { did: Did::Rollback { to, .. }, ended, .. }) = present {
        if matches!(ended, Ended::Interrupted | Ended::Failed) {
            if let Some(entry) = find(&history, to).filter(|entry| entry.obstacle().is_none()) {
                return Ok(Choice { goes_on: true, ..Choice::of(entry.clone()) });
            }
            newest_serial = to;
        } else {
            newest_serial = origin(&history, to).saturating_sub(1);
        }
    }
    let mut passed = Vec::new();
    for found in history.into_iter().filter(|found| found.run < newest) {
        // What a damaged entry says is not known: it is not passed over in silence.
        let entry = found.entry?;
        if entry.serial > newest_serial {
            continue;
        }
        let is_present = present.as_ref().is_some_and(|present| present.has_objects_of(&entry));
        if entry.is_healthy() && !is_present {
            return Ok(Choice { passed, ..Choice::of(entry) });
        }
        passed.extend(Some(why_not(&entry)).filter(|_| !is_present));
        // What a rollback went away from is not gone back to.
        if let Did::Rollback { to, .. } = entry.did {
            newest_serial = newest_serial.min(to);
        }
    }
    let mut because =
        "no earlier apply is kept of which everything was seen ready, and which is not what is there".to_owned();
    if !passed.is_empty() {
        because = format!("{because}; {}", passed.join("; "));
    }
    Err(no_way_back(inventory, because))
}

fn find(history: &[Found], serial: u64) -> Option<&HistoryEntry> {
    history.iter().filter_map(|found| found.entry.as_ref().ok()).find(|entry| entry.serial == serial)
}

/// The serial of the apply that a rollback to this serial leads to, as far as it is kept.
fn origin(history: &[Found], serial: u64) -> u64 {
    match find(history, serial).map(|entry| entry.did) {
        Some(Did::Rollback { to, .. }) if to < serial => origin(history, to),
        _ => serial,
    }
}

/// Why nothing goes back to an entry by itself.
fn why_not(entry: &HistoryEntry) -> String {
    let because = match (entry.obstacle(), entry.ended) {
        (Some(obstacle), _) => obstacle,
        (None, Ended::Unseen) => "it was not waited for",
        (None, Ended::Interrupted) => "it was interrupted",
        (None, _) => "it failed",
    };
    format!("passes over serial {}: {because}", entry.serial)
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::object::Manifest;
    use crate::state::{KeptObject, StateError};

    fn entry(run: u64, ended: Ended) -> HistoryEntry {
        let object = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"},
            "data": {"run": run.to_string()}});
        let objects = vec![KeptObject::of(&Manifest::new(object, None, None).unwrap()).unwrap()];
        let new = HistoryEntry::new("s", Uuid::nil(), jiff::Timestamp::UNIX_EPOCH);
        HistoryEntry { run, serial: run * 10, ended, objects, ..new }
    }

    /// A rollback from the run before it, with the objects of another one.
    fn back(run: u64, to: u64, ended: Ended) -> Found {
        let did = Did::Rollback { from: (run - 1) * 10, to: to * 10 };
        Found { run, entry: Ok(HistoryEntry { did, objects: entry(to, ended).objects, ..entry(run, ended) }) }
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
        choose(&inventory, history, goal).map(|choice| choice.entry.serial).map_err(|error| error.code())
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

    #[test]
    fn a_rollback_never_goes_forward_again() {
        let (a, b) = (|| found(1, Ended::Healthy), || found(2, Ended::Healthy));
        let chosen = |runs, history| chosen(runs, history, Goal::Healthy);
        for unfinished in [Ended::Interrupted, Ended::Failed] {
            assert_eq!(chosen(3, vec![back(3, 1, unfinished), b(), a()]), Ok(10), "it is gone on with");
            assert_eq!(chosen(2, vec![back(3, 1, unfinished), b(), a()]), Ok(10), "the record does not have it yet");
        }
        assert_eq!(chosen(3, vec![back(3, 1, Ended::Healthy), b(), a()]), Err("no-way-back"));
        assert_eq!(chosen(3, vec![back(3, 2, Ended::Healthy), b(), a()]), Ok(10), "one further");
        // After another apply the rollback is what was good; what it went away from is not.
        let later = |ended| vec![found(4, Ended::Healthy), back(3, 1, ended), b(), a()];
        assert_eq!(chosen(4, later(Ended::Healthy)), Ok(30));
        assert_eq!(chosen(4, later(Ended::Failed)), Ok(10));
        let again = vec![back(5, 3, Ended::Healthy), found(4, Ended::Healthy), back(3, 1, Ended::Healthy), b(), a()];
        assert_eq!(chosen(5, again), Err("no-way-back"));
    }

    #[test]
    fn what_is_there_already_is_passed_over_and_what_else_is_said() {
        let same = HistoryEntry { objects: entry(4, Ended::Healthy).objects, ..entry(3, Ended::Healthy) };
        let withheld = HistoryEntry { withheld: Some("too large".to_owned()), ..entry(2, Ended::Healthy) };
        let kept = |entry: HistoryEntry| Found { run: entry.run, entry: Ok(entry) };
        let history = vec![found(4, Ended::Healthy), kept(same), kept(withheld), found(1, Ended::Healthy)];
        let choice = choose(&Inventory { runs: 4, ..Inventory::new("s") }, history, Goal::Healthy).unwrap();
        assert_eq!((choice.entry.serial, choice.passed), (10, vec!["passes over serial 20: too large".to_owned()]));
    }
}
