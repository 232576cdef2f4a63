//! Keys of agents that went and come back with a rollback: a key that was ended since stays ended, as far as the history
//! knows, and else the plan says that it is good again. Of agents that are there, a plan compares epochs itself.

use std::collections::BTreeSet;

use super::choice::Choice;
use crate::object::names::AGENT_SECRET_SUFFIX;
use crate::object::{Manifest, ObjectRef, labels};
use crate::plan::{Notes, Problem, Severity};
use crate::state::{HistoryEntry, KeptObject};

/// What the way back means for keys of agents that are not there now; `recorded` is what the stack owns.
pub(super) fn notes(recorded: &BTreeSet<&ObjectRef>, choice: &Choice) -> Notes {
    let mut notes = Notes::default();
    for (object, agent, epoch) in keys(&choice.entry).filter(|(object, ..)| !recorded.contains(object)) {
        let later = choice.newer.iter().flat_map(keys).filter(|(other, ..)| *other == object);
        match later.map(|(_, _, later)| later).max().filter(|later| *later > epoch) {
            Some(later) => {
                let message = format!(
                    "key of `{agent}` had epoch {later} before the agent was removed, and {epoch} would make a key good \
                     again that was ended"
                );
                let hint = format!("an epoch only rises: describe the agent with `key.epoch = {}`", later + 1);
                notes.problems.push(Problem::new(Severity::Error, "lower-epoch", message).with_hint(hint));
            }
            None => {
                notes.effects.push(format!("key of `{agent}` is good again: it was ended when the agent was removed"));
            }
        }
    }
    notes
}

/// The Secrets with keys of agents in an entry: which, whose, and of which epoch.
fn keys(entry: &HistoryEntry) -> impl Iterator<Item = (&ObjectRef, &str, u64)> {
    entry.objects.iter().filter_map(|kept| {
        let agent = kept.object.name.strip_suffix(AGENT_SECRET_SUFFIX).filter(|_| kept.object.is("", "Secret"))?;
        let manifest: Manifest = KeptObject::manifest(kept);
        Some((&kept.object, agent, manifest.annotation(labels::KEY_EPOCH)?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn entry(epoch: Option<u64>) -> HistoryEntry {
        let kept = epoch.map(|epoch| {
            let metadata = json!({"name": format!("leak{AGENT_SECRET_SUFFIX}"), "namespace": "c",
                "annotations": {labels::KEY_EPOCH: epoch.to_string()}});
            let object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata});
            KeptObject::of(&Manifest::new(object, None, None).unwrap()).unwrap()
        });
        let new = HistoryEntry::new("s", Uuid::nil(), jiff::Timestamp::UNIX_EPOCH);
        HistoryEntry { objects: kept.into_iter().collect(), ..new }
    }

    #[test]
    fn a_key_that_was_ended_is_refused_and_that_of_a_removed_agent_is_said() {
        let choice = |newer: &[Option<u64>]| Choice {
            entry: entry(Some(1)),
            passed: Vec::new(),
            goes_on: false,
            newer: newer.iter().copied().map(entry).collect(),
        };
        let none = BTreeSet::new();
        let refused = notes(&none, &choice(&[None, Some(2)]));
        assert_eq!((refused.problems.len(), refused.effects.len()), (1, 0));
        let said = notes(&none, &choice(&[None, Some(1)]));
        assert_eq!(said.effects, ["key of `leak` is good again: it was ended when the agent was removed"]);
        assert!(said.problems.is_empty());
        let object = entry(Some(1)).objects[0].object.clone();
        let there = notes(&BTreeSet::from([&object]), &choice(&[Some(2)]));
        assert!(there.problems.is_empty() && there.effects.is_empty(), "the plan compares it");
    }
}
