//! What the history keeps of a run: the objects as they were rendered, and how it ended. What looks like a credential is
//! not kept, and neither is what is only a part of the stack: nobody could go back to it.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::plan::Rendered;
use crate::apply::{Outcome, Recorded, Run, WaitFor};
use crate::object::credential::credentials_within;
use crate::object::field::text;
use crate::object::names::GROUP;
use crate::object::role::{gateway_deployment, is_gateway_deployment};
use crate::object::{Manifest, first};
use crate::plan::{Action, Plan};
use crate::state::{Did, Ended, HistoryEntry, Inventory, Kept, KeptObject, StateError, Store};

/// How long an entry may take after an interrupted run.
const LAST: Duration = Duration::from_secs(1);

/// Says that a rollback began, before anything of it is done: whoever comes after one that was killed knows where it went.
/// The place where that stands. Three requests for a rollback that changes something, else none.
pub(super) async fn begin(
    store: &Store,
    plan: &Plan,
    inventory: &Inventory,
    rendered: Option<&Rendered>,
) -> Result<Option<u64>, StateError> {
    let changes = plan.changes.iter().any(|change| change.action != Action::NoOp);
    let Some(rendered) = rendered.filter(|rendered| rendered.did != Did::Apply && changes) else {
        return Ok(None);
    };
    let Inventory { lineage, serial, runs, .. } = *inventory;
    let coming = Recorded { lineage, serial: serial + 1, runs: runs + 1, counts: true };
    let mut entry = HistoryEntry { ended: Ended::Interrupted, ..entry(plan, coming, rendered) };
    store.keep(&mut entry).await?;
    Ok(entry.place)
}

/// Keeps what a run applied. Three requests for a run that changed something ([`Store::keep`]); for one that only saw ready
/// what an earlier run had applied, five; else one.
pub(super) async fn keep(
    store: &Store,
    plan: &Plan,
    (run, waits_for): (&Run, WaitFor),
    (rendered, begun): (Option<Rendered>, Option<u64>),
) -> Result<Kept, StateError> {
    let (Some(recorded), Some(rendered)) = (run.recorded, rendered) else { return Ok(Kept::Whole) };
    let ended = ended(run, waits_for);
    if recorded.counts {
        let mut entry = entry(plan, recorded, &rendered);
        entry.place = begun;
        entry.ended = ended;
        entry.ready = ready(run, waits_for);
        entry.rolled_back.clone_from(&run.rolled_back);
        if run.interrupted {
            return tokio::time::timeout(LAST, store.keep(&mut entry)).await.unwrap_or(Err(StateError::Late));
        }
        return store.keep(&mut entry).await;
    }
    if ended == Ended::Healthy && !run.interrupted && plan.incomplete.is_none() {
        confirm(store, &plan.stack, recorded).await?;
    }
    Ok(Kept::Whole)
}

/// What an earlier run applied was seen ready by now.
async fn confirm(store: &Store, stack: &str, recorded: Recorded) -> Result<(), StateError> {
    let newest = store.history_entry(stack, (recorded.lineage, recorded.runs), Ended::Healthy).await?;
    if let Some(mut entry) = newest {
        entry.ended = Ended::Healthy;
        entry.ready = entry.images.keys().cloned().collect();
        store.keep(&mut entry).await?;
    }
    Ok(())
}

fn ended(run: &Run, waits_for: WaitFor) -> Ended {
    let mut outcomes = run.outcomes.iter().map(|(_, _, outcome)| outcome);
    let is_done = |outcome: &Outcome| {
        matches!(outcome, Outcome::Applied | Outcome::Unchanged | Outcome::Deleted | Outcome::Forgotten)
    };
    match (outcomes.all(is_done), waits_for) {
        (false, _) if run.interrupted => Ended::Interrupted,
        (false, _) => Ended::Failed,
        (true, WaitFor::Everything) => Ended::Healthy,
        (true, WaitFor::WhatOthersNeed) => Ended::Unseen,
    }
}

/// The clusters whose gateway was waited for and is ready.
fn ready(run: &Run, waits_for: WaitFor) -> BTreeSet<String> {
    let is_ready = |outcome: &Outcome| matches!(outcome, Outcome::Applied | Outcome::Unchanged);
    let seen = run.outcomes.iter().filter(|(_, _, outcome)| waits_for == WaitFor::Everything && is_ready(outcome));
    let clusters = seen.filter_map(|(object, ..)| {
        let cluster = object.namespace.as_deref()?;
        (*object == gateway_deployment(cluster)).then(|| cluster.to_owned())
    });
    clusters.collect()
}

fn entry(plan: &Plan, recorded: Recorded, rendered: &Rendered) -> HistoryEntry {
    let mut entry = HistoryEntry::new(&plan.stack, recorded.lineage, Timestamp::now());
    (entry.run, entry.serial, entry.did) = (recorded.runs, recorded.serial, rendered.did);
    let gateways = rendered.manifests.iter();
    for gateway in gateways.filter(|manifest| is_gateway_deployment(&manifest.reference, &manifest.object)) {
        let image = text(&gateway.object, "/spec/template/spec/containers/0/image").unwrap_or_default();
        let cluster = gateway.reference.namespace.as_deref().unwrap_or_default();
        entry.images.insert(cluster.to_owned(), image.to_owned());
    }
    let (own, kept): (Vec<_>, Vec<_>) = rendered.manifests.iter().partition(|manifest| is_definition(manifest));
    entry.definitions = !own.is_empty();
    match objects(plan, &kept) {
        Ok(objects) => entry.objects = objects,
        Err(because) => entry.withheld = Some(because),
    }
    entry
}

/// Whether it defines a kind of langop's own.
fn is_definition(manifest: &Manifest) -> bool {
    let group = manifest.reference.name.split_once('.').map(|(_, group)| group);
    manifest.reference.is_crd() && group == Some(GROUP)
}

/// What is kept, or why nothing is.
fn objects(plan: &Plan, manifests: &[&Manifest]) -> Result<Vec<KeptObject>, String> {
    if plan.incomplete.is_some() {
        return Err("only a part of the stack was applied".to_owned());
    }
    let within = |manifest: &&Manifest| {
        let places = credentials_within("", &manifest.object).into_iter();
        places.map(|place| format!("`{place}` of {}", manifest.reference)).collect::<Vec<_>>()
    };
    let credentials: BTreeSet<_> = manifests.iter().flat_map(within).collect();
    if !credentials.is_empty() {
        return Err(format!(
            "a credential stands in {}; a Secret is the place for it",
            first(credentials.iter(), NAMED)
        ));
    }
    let kept = manifests.iter().map(|manifest| KeptObject::of(manifest));
    let kept: Result<Vec<_>, _> = kept.collect();
    kept.map_err(|lost| format!("nobody could make {} again", first(lost.iter(), NAMED)))
}

/// As many names stand in a sentence; of others it says how many there are.
const NAMED: usize = 3;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::object::ObjectRef;

    fn config(value: &str) -> Manifest {
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"},
            "data": {"a": value}});
        Manifest::new(object, None, None).unwrap()
    }

    #[test]
    fn what_holds_a_credential_is_not_kept_and_the_place_is_named() {
        let (plain, token) = (config("plain"), config("sk-ant-api03-7f3a9c51e0d24b6688aa7f3a9c51e0d24b6688aa"));
        assert_eq!(objects(&Plan::default(), &[&plain]).unwrap().len(), 1);
        let because = objects(&Plan::default(), &[&plain, &token]).unwrap_err();
        assert!(because.contains("`data.a` of ConfigMap/c") && !because.contains("7f3a"), "{because}");
    }

    #[test]
    fn of_many_places_three_are_named() {
        let names = |count: usize| first((0..count).map(|number| number.to_string()), NAMED);
        assert_eq!((names(3).as_str(), names(1000).as_str()), ("0, 1, 2", "0, 1, 2 and 997 more"));
    }

    #[test]
    fn a_run_is_healthy_when_all_of_it_was_waited_for_and_ready() {
        let run = |outcome: Outcome| Run {
            outcomes: vec![(ObjectRef::of_namespace("n"), Action::Update, outcome)],
            ..Run::default()
        };
        let skipped = Outcome::Skipped { because: String::new() };
        assert_eq!(ended(&run(Outcome::Applied), WaitFor::Everything), Ended::Healthy);
        assert_eq!(ended(&run(Outcome::Applied), WaitFor::WhatOthersNeed), Ended::Unseen);
        assert_eq!(ended(&run(skipped.clone()), WaitFor::Everything), Ended::Failed);
        let cut_off = Run { interrupted: true, ..run(skipped) };
        assert_eq!(ended(&cut_off, WaitFor::Everything), Ended::Interrupted);
    }
}
