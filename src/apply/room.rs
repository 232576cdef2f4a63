//! Deletions that come before creations, for a quota has no room for both. Of langop's own kinds alone: nobody but langop
//! acts on their objects, and a plan of a name that takes the place of another comes to no more of them than before.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::work_inputs::WorkInputs;
use crate::object::names::GROUP;
use crate::object::{GroupKind, ObjectRef, Quantity, Word, role};
use crate::plan::{Action, Change, Plan, Reason};

const PAUSE: Duration = Duration::from_millis(500);

/// A kind of a cluster of which the plan makes more than its quota has room for, and takes some away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Crowded {
    quota: ObjectRef,
    /// `count/languagemodels.langop.io`.
    key: String,
    /// What may be used, so that all that is new is let in.
    most: Quantity,
    going: BTreeSet<ObjectRef>,
}

/// Each such kind. One GET for each cluster and kind of which objects come and go, and a LIST where its quota does not say
/// how many there are; a quota that cannot be read holds nothing up: the API server says itself what it does not let in.
pub(super) async fn crowded(plan: &Plan, inputs: &WorkInputs) -> Vec<Crowded> {
    let mut found = Vec::new();
    for ((namespace, kind), turn) in turns(plan) {
        let quota = role::quota(&namespace);
        let Ok(resource) = inputs.writer.resource(&kind, None) else { continue };
        let Ok(Some(live)) = inputs.writer.find(&quota).await else { continue };
        let next = plan.changes.iter().find(|change| change.object == quota).map(|change| &*change.desired);
        let key = format!("count/{}", resource.qualified());
        let used = match used(&live, &key) {
            Some(used) => used,
            // The plan limits the kind for the first time, or its controller has not counted it yet.
            None => match inputs.writer.list_metadata(&resource, Some(&namespace), None).await {
                Ok(there) => Quantity::units(i64::try_from(there.len()).unwrap_or(i64::MAX)),
                Err(_) => continue,
            },
        };
        found.extend(turn.without_room((&quota, &key), used, next.into_iter().chain([&live])));
    }
    found
}

/// Everything that goes with what goes first.
pub(super) fn going<'a>(plan: &'a Plan, crowded: &[Crowded]) -> Vec<&'a Change> {
    let mut first: BTreeSet<_> = crowded.iter().flat_map(|one| one.going.iter().cloned()).collect();
    loop {
        let with = plan.changes.iter().filter(|change| match &change.reason {
            Reason::With { object } => first.contains(object) && !first.contains(&change.object),
            _ => false,
        });
        let with: Vec<_> = with.map(|change| change.object.clone()).collect();
        if with.is_empty() {
            break;
        }
        first.extend(with);
    }
    plan.changes.iter().filter(|change| first.contains(&change.object)).collect()
}

/// Waits until the quota's controller has counted what is gone, or `patience` is over.
pub(super) async fn wait_counted(inputs: &WorkInputs, one: &Crowded) {
    let begun = Instant::now();
    while begun.elapsed() < inputs.patience.idle {
        match inputs.writer.find(&one.quota).await {
            Ok(Some(live)) if used(&live, &one.key).is_some_and(|used| used > one.most) => {}
            _ => return,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What comes and goes of a kind in a namespace.
#[derive(Debug, Default)]
struct Turn {
    new: i64,
    going: BTreeSet<ObjectRef>,
}

impl Turn {
    /// What goes first, where the quota has no room for all that is new beside it: by what the plan makes of the quota,
    /// else by the live one.
    fn without_room<'a>(
        self,
        (quota, key): (&ObjectRef, &str),
        used: Quantity,
        mut by: impl Iterator<Item = &'a Value>,
    ) -> Option<Crowded> {
        let hard = by.find_map(|quota| Quantity::from_json(quota.pointer("/spec/hard")?.get(key)?))?;
        let new = Quantity::units(self.new);
        (used + new > hard).then(|| Crowded {
            quota: quota.clone(),
            key: key.to_owned(),
            most: hard.less(new),
            going: self.going,
        })
    }
}

fn used(quota: &Value, key: &str) -> Option<Quantity> {
    Quantity::from_json(quota.pointer("/status/used")?.get(key)?)
}

fn turns(plan: &Plan) -> BTreeMap<(Word, GroupKind), Turn> {
    let mut turns: BTreeMap<_, Turn> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| change.object.group == GROUP) {
        let Some(namespace) = change.object.namespace.clone() else { continue };
        let turn = turns.entry((namespace, change.object.group_kind())).or_default();
        match change.action {
            Action::Create => turn.new += 1,
            Action::Delete => drop(turn.going.insert(change.object.clone())),
            _ => {}
        }
    }
    turns.retain(|_, turn| turn.new > 0 && !turn.going.is_empty());
    turns
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(kind: &str, name: &str, action: Action) -> Change {
        let group = if kind == "Service" { "" } else { GROUP };
        Change::bare(ObjectRef::namespaced(group, kind, "c", name), action, Reason::Absent)
    }

    fn plan(changes: Vec<Change>) -> Plan {
        Plan { changes, ..Plan::default() }
    }

    #[test]
    fn only_kinds_of_langop_that_come_and_go_take_turns() {
        let all = plan(vec![
            change("LanguageModel", "new", Action::Create),
            change("LanguageModel", "old", Action::Delete),
            change("LanguageModel", "same", Action::NoOp),
            change("LanguageTool", "new", Action::Create),
            change("LanguagePersona", "old", Action::Delete),
            change("Service", "new", Action::Create),
            change("Service", "old", Action::Delete),
        ]);
        let turns = turns(&all);
        let kinds: Vec<_> = turns.keys().map(|(_, kind)| kind.kind.as_str()).collect();
        assert_eq!(kinds, ["LanguageModel"]);
    }

    #[test]
    fn what_goes_goes_first_only_where_there_is_no_room_for_both() {
        let key = "count/languagemodels.langop.io";
        let quota = |hard: &str| json!({"spec": {"hard": {key: hard}}});
        let without = |new: i64, used: i64, by: &[Value]| {
            let going = BTreeSet::from([ObjectRef::namespaced(GROUP, "LanguageModel", "c", "old")]);
            let found = Turn { new, going }.without_room((&role::quota("c"), key), Quantity::units(used), by.iter());
            found.map(|one| one.most)
        };
        assert_eq!(without(1, 2, &[quota("3")]), None);
        assert_eq!(without(1, 3, &[quota("3")]), Some(Quantity::units(2)));
        assert_eq!(without(2, 3, &[quota("3")]), Some(Quantity::units(1)));
        assert_eq!(without(1, 3, &[quota("4"), quota("3")]), None, "the plan raises it first");
        assert_eq!(without(1, 3, &[json!({"spec": {}})]), None, "nothing is limited");
    }

    #[test]
    fn what_an_object_owns_goes_with_it() {
        let old = change("LanguageAgent", "old", Action::Delete);
        let with = |name: &str, owner: &ObjectRef| {
            let mut change = change("Service", name, Action::Delete);
            change.reason = Reason::With { object: owner.clone() };
            change
        };
        let (owned, apart) = (with("owned", &old.object), with("apart", &ObjectRef::of_namespace("x")));
        let last = with("last", &owned.object);
        let all = plan(vec![apart, last, owned, old.clone()]);
        let one = Crowded {
            quota: role::quota("c"),
            key: String::new(),
            most: Quantity::units(0),
            going: BTreeSet::from([old.object]),
        };
        let names: Vec<_> = going(&all, &[one]).into_iter().map(|change| change.object.name.as_str()).collect();
        assert_eq!(names, ["last", "owned", "old"]);
    }
}
