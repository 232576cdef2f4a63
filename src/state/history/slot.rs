//! Where an entry goes: the place of the oldest, but never that of one that is still the way back. Knows entries, and not
//! where they stand.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Did, Ended, HistoryEntry};
use crate::object::names::HISTORY;

/// A place, and what stands in it.
#[derive(Debug)]
pub(super) struct Slot {
    /// Which.
    pub place: u64,
    /// The resourceVersion of the object that stands there.
    pub version: Option<String>,
    /// The entry; none where there is none that could be read of this record.
    pub entry: Option<HistoryEntry>,
}

impl Slot {
    /// Whether the new entry may go here, whatever stands elsewhere: it is of the same run, or takes nothing away that the
    /// new one does not bring.
    pub(super) fn is_free_for(&self, new: &HistoryEntry) -> bool {
        let Some(old) = &self.entry else { return true };
        let is_oldest = old.run + HISTORY == new.run;
        let is_older_way = (new.is_healthy() || !old.is_healthy()) && seen(old).is_subset(&seen(new));
        old.run == new.run || is_oldest && is_older_way && Some(old.serial) != goal(new)
    }
}

/// The clusters that could go back to an entry by themselves.
fn seen(entry: &HistoryEntry) -> BTreeSet<&str> {
    let ready = entry.ready.iter().filter(|_| entry.withheld.is_none());
    ready.map(String::as_str).collect()
}

/// The serial of what an unfinished rollback goes back to.
fn goal(new: &HistoryEntry) -> Option<u64> {
    match (new.did, new.ended) {
        (Did::Rollback { to, .. }, Ended::Interrupted | Ended::Failed) => Some(to),
        _ => None,
    }
}

/// The place for the new entry.
pub(super) fn choose(slots: Vec<Slot>, new: &HistoryEntry) -> Option<Slot> {
    let entries = || slots.iter().filter_map(|slot| slot.entry.as_ref()).filter(|entry| entry.run != new.run);
    let mut ways = BTreeMap::new();
    for entry in entries() {
        for cluster in seen(entry).difference(&seen(new)) {
            let newest = ways.entry((*cluster).to_owned()).or_insert(entry.run);
            *newest = (*newest).max(entry.run);
        }
    }
    let healthy = entries().filter(|entry| entry.is_healthy() && !new.is_healthy()).map(|entry| entry.run).max();
    // Where more is worth keeping than there are places, what all goes back to is worth most.
    let worth = |entry: &HistoryEntry| match entry {
        entry if entry.run == new.run => 0,
        entry if Some(entry.run) == healthy || Some(entry.serial) == goal(new) => 4,
        entry if ways.values().any(|run| *run == entry.run) => 3,
        _ => 2,
    };
    let costs = |slot: &Slot| slot.entry.as_ref().map_or((1, 0), |entry| (worth(entry), entry.run));
    let costs: Vec<_> = slots.iter().map(costs).collect();
    slots.into_iter().zip(costs).min_by_key(|(_, costs)| *costs).map(|(slot, _)| slot)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn entry(run: u64, ended: Ended, ready: &[&str]) -> HistoryEntry {
        let ready = ready.iter().map(|cluster| (*cluster).to_owned()).collect();
        let new = HistoryEntry::new("s", Uuid::nil(), jiff::Timestamp::UNIX_EPOCH);
        HistoryEntry { run, serial: run * 10, ended, ready, ..new }
    }

    /// Keeps entries one after the other as a store does; the runs that are left.
    fn left(entries: Vec<HistoryEntry>) -> Vec<u64> {
        let mut places = BTreeMap::<u64, HistoryEntry>::new();
        for new in entries {
            let slot = |place| Slot { place, version: None, entry: places.get(&place).cloned() };
            let begun = places.iter().find(|(_, old)| old.run == new.run).map(|(place, _)| *place);
            let usual = slot(begun.unwrap_or(new.run % HISTORY));
            let taken =
                if usual.is_free_for(&new) { Some(usual) } else { choose((0..HISTORY).map(slot).collect(), &new) };
            let place = taken.unwrap().place;
            places.insert(place, new);
        }
        let mut runs: Vec<_> = places.into_values().map(|entry| entry.run).collect();
        runs.sort_unstable();
        runs
    }

    #[test]
    fn failures_never_take_the_place_of_the_last_good_entry() {
        let failed = |run| entry(run, Ended::Failed, &[]);
        let good = entry(1, Ended::Healthy, &[]);
        let all = |last| std::iter::once(good.clone()).chain((2..=last).map(failed)).collect::<Vec<_>>();
        assert_eq!(left(all(5)), [1, 2, 3, 4, 5]);
        assert_eq!(left(all(9)), [1, 6, 7, 8, 9]);
        // A newer good one takes its place at last.
        let mut again = all(9);
        again.extend((10..=14).map(|run| entry(run, Ended::Healthy, &[])));
        assert_eq!(left(again), [10, 11, 12, 13, 14]);
    }

    #[test]
    fn the_last_entry_in_which_each_gateway_was_ready_stays() {
        let mut all = vec![entry(1, Ended::Failed, &["a"]), entry(2, Ended::Failed, &["b"])];
        all.extend((3..=9).map(|run| entry(run, Ended::Failed, &[])));
        assert_eq!(left(all.clone()), [1, 2, 7, 8, 9]);
        all.push(entry(10, Ended::Failed, &["a"]));
        all.push(entry(11, Ended::Failed, &[]));
        assert_eq!(left(all), [2, 8, 9, 10, 11]);
    }

    #[test]
    fn a_rollback_does_not_take_the_place_of_its_goal() {
        let mut all: Vec<_> = (1..=5).map(|run| entry(run, Ended::Healthy, &[])).collect();
        all.push(HistoryEntry { did: Did::Rollback { from: 50, to: 10 }, ..entry(6, Ended::Interrupted, &[]) });
        assert_eq!(left(all.clone()), [1, 3, 4, 5, 6]);
        all.push(HistoryEntry { did: Did::Rollback { from: 50, to: 10 }, ..entry(6, Ended::Healthy, &[]) });
        assert_eq!(left(all), [1, 3, 4, 5, 6], "and ends in the place in which it began");
    }
}
