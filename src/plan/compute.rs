//! Puts the decisions for all objects together: order, what goes with what, effects.

use std::collections::{BTreeMap, BTreeSet};

use super::decide::{self, Subject, Verdict};
use super::inputs::{Desired, Inputs, Owned};
use super::observed::{Claim, Observed};
use super::refusal::Refusal;
use super::{
    Action, Change, Confidence, Dependency, Plan, Precondition, Problem, Reason, Severity, Wait, budgets, claim,
    effects, forget, keys, limits, moved, perpetual, regions, releases, retained, rotation, undesired,
};
use crate::graph::{Cycle, Graph};
use crate::object::{Address, Meta, ObjectRef, SharedValue, Source};

/// Computes the plan of everything that is desired or owned: one change or one problem for each. Pure and total: what
/// is wrong becomes a problem of the plan, all of them together. Sends nothing.
#[must_use]
pub(crate) fn compute(inputs: &Inputs<'_>) -> Plan {
    let mut plan = Plan { stack: inputs.stack.to_owned(), destroy: inputs.options.destroy, ..Plan::default() };
    let mut changes = BTreeMap::new();
    for (object, desired) in inputs.desired {
        let Some(observed) = inputs.observed.get(object) else { continue };
        if let Some(problem) = claim::refused(object, desired, observed, inputs.options) {
            plan.problems.push(problem);
            continue;
        }
        let owned = inputs.owned.get(object);
        let subject = Subject { stack: inputs.stack, object, desired, owned, options: inputs.options };
        let decided = keys::check_epoch(desired, observed).and_then(|()| decide::desired(&subject, observed));
        match decided {
            Ok(verdict) => {
                plan.problems.extend(rotation::due(object, desired, observed));
                plan.problems.extend(perpetual::warning(object, (desired, owned), observed, &verdict));
                plan.effects.extend(keys::effect(object, desired, observed, &verdict));
                plan.effects.extend(effects::restart(object, inputs.desired, observed, &verdict));
                plan.effects.extend(effects::rerun(object, &desired.object, observed, &verdict));
                let moved_from = owned.and_then(|owned| called_otherwise(object, owned, desired));
                let change = Change { moved_from, ..wanted(object, desired, observed, verdict) };
                changes.insert(object.clone(), change);
            }
            Err(refusal) => plan.problems.push(error(object, &desired.address, desired.source.as_ref(), refusal)),
        }
    }
    let own_uids: BTreeSet<_> = inputs.owned.values().filter_map(|owned| owned.uid.as_deref()).collect();
    for (object, owned) in inputs.owned.iter().filter(|(object, _)| !inputs.desired.contains_key(object)) {
        let Some(observed) = inputs.observed.get(object) else { continue };
        match undesired::decide(object, owned, observed, inputs.options, |uid| own_uids.contains(uid)) {
            Ok((verdict, warning)) => {
                plan.problems.extend(warning.map(|message| warn(object, &owned.address, message)));
                changes.insert(object.clone(), unwanted(object, owned, observed, verdict));
            }
            Err(refusal) => plan.problems.push(error(object, &owned.address, None, refusal)),
        }
    }
    plan.problems.extend(retained::go_with_namespace(&mut changes, inputs.observed));
    mark_carried_along(&mut changes, inputs.observed);
    plan.effects.extend(changes.values().filter_map(|change| keys::end(change, inputs.observed)));
    plan.effects.extend(limits::effects(inputs, &changes));
    plan.effects.extend(budgets::effects(inputs, &changes));
    plan.effects.extend(regions::effects(inputs, &changes));
    plan.effects.extend(releases::effects(inputs));
    plan.problems.extend(left_without_owner(&changes, inputs.observed));
    put_new_quotas_last(&mut changes);
    plan.changes = in_order(changes, &mut plan.problems);
    moved::note(inputs, &mut plan);
    let problems = forget::problems(inputs, &plan);
    plan.problems.extend(problems);
    plan
}

fn wanted(object: &ObjectRef, desired: &Desired, observed: &Observed, verdict: Verdict) -> Change {
    Change {
        object: object.clone(),
        address: desired.address.clone(),
        source: desired.source.clone(),
        action: verdict.action,
        reason: verdict.reason,
        diff: verdict.diff,
        confidence: verdict.confidence,
        depends_on: desired.depends_on.clone(),
        precondition: precondition(observed.meta()),
        digest: desired.digest.clone(),
        desired: desired.object.clone(),
        moved_from: None,
        takes: verdict.takes.iter().map(Claim::taken).collect(),
    }
}

fn unwanted(object: &ObjectRef, owned: &Owned, observed: &Observed, verdict: Verdict) -> Change {
    Change {
        object: object.clone(),
        address: owned.address.clone(),
        source: None,
        action: verdict.action,
        reason: verdict.reason,
        diff: verdict.diff,
        confidence: verdict.confidence,
        depends_on: owned.depends_on.clone(),
        precondition: precondition(observed.meta()),
        digest: String::new(),
        desired: SharedValue::default(),
        moved_from: None,
        takes: Vec::new(),
    }
}

/// What the record calls an object that is called otherwise now. A record that was made anew calls each by its own name.
fn called_otherwise(object: &ObjectRef, owned: &Owned, desired: &Desired) -> Option<Address> {
    let is_other = owned.address != desired.address && owned.address != Address::object(object);
    is_other.then(|| owned.address.clone())
}

fn precondition(meta: Option<&Meta>) -> Precondition {
    meta.map_or_else(Precondition::default, |meta| Precondition {
        uid: Some(meta.uid.clone()),
        generation: Some(meta.generation).filter(|generation| *generation > 0),
        resource_version: Some(meta.resource_version.clone()),
        fields: Some(meta.fields_hash()),
    })
}

/// Deletes of objects whose namespace or owner is deleted too cost no request of their own.
fn mark_carried_along(changes: &mut BTreeMap<ObjectRef, Change>, observed: &BTreeMap<ObjectRef, Observed>) {
    let deleted: Vec<_> =
        changes.values().filter(|change| change.action == Action::Delete).map(|c| c.object.clone()).collect();
    let by_uid: BTreeMap<String, ObjectRef> =
        deleted.iter().filter_map(|object| Some((observed.get(object)?.meta()?.uid.clone(), object.clone()))).collect();
    let deleted: BTreeSet<_> = deleted.into_iter().collect();
    for object in &deleted {
        let namespace =
            object.namespace.as_deref().map(ObjectRef::of_namespace).filter(|namespace| deleted.contains(namespace));
        let owners = observed.get(object).and_then(Observed::meta).into_iter().flat_map(|meta| &meta.owners);
        let owner = owners.filter_map(|owner| by_uid.get(&owner.uid)).find(|owner| *owner != object).cloned();
        if let (Some(with), Some(change)) = (namespace.or(owner), changes.get_mut(object)) {
            change.reason = Reason::With { object: with };
        }
    }
}

/// What stays may not belong to what goes, for good or to be made again: the garbage collector would take it along.
fn left_without_owner(changes: &BTreeMap<ObjectRef, Change>, observed: &BTreeMap<ObjectRef, Observed>) -> Vec<Problem> {
    let going = changes.values().filter(|change| matches!(change.action, Action::Delete | Action::Replace));
    let going: BTreeMap<_, _> =
        going.filter_map(|change| Some((change.precondition.uid.as_deref()?, &change.object))).collect();
    let stays = |change: &&Change| change.action == Action::NoOp || change.reason == Reason::Forgotten;
    let staying = changes.values().filter(stays);
    let lost = staying.filter_map(|change| {
        let owners = &observed.get(&change.object)?.meta()?.owners;
        let owners: Option<Vec<_>> = owners.iter().map(|owner| going.get(owner.uid.as_str())).collect();
        Some((change, **owners?.first()?))
    });
    let problem = |(change, owner): (&Change, &ObjectRef)| {
        let message = format!("it belongs to {owner}, which this plan deletes, and would go with it");
        let hint = "take it out of the description too, or take `metadata.ownerReferences` off it first";
        Problem::new(Severity::Error, "goes-with-owner", message)
            .about(&change.object, Some(change.address.clone()), change.source.clone())
            .with_hint(hint.to_owned())
    };
    lost.map(problem).collect()
}

/// A new quota comes after the custom resources that it counts. Its controller counts nothing of a kind that it has
/// not learned of, which takes half a minute after a CRD is made, and until then the API server refuses what it is
/// to count. A quota that is there already goes first: what it allows may have grown.
fn put_new_quotas_last(changes: &mut BTreeMap<ObjectRef, Change>) {
    let new = |change: &&Change| change.action == Action::Create && change.object.is("", "ResourceQuota");
    let quotas: Vec<_> = changes.values().filter(new).map(|change| change.object.clone()).collect();
    for quota in quotas {
        let mut counted = Vec::new();
        for change in changes.values_mut().filter(|change| change.object.is_custom()) {
            let before = change.depends_on.len();
            change.depends_on.retain(|dependency| dependency.on != quota);
            if change.depends_on.len() < before {
                counted.push(change.object.clone());
            }
        }
        if let Some(quota) = changes.get_mut(&quota) {
            let after = |on| Dependency { on, wait: Wait::Exists, why: "spec.hard".to_owned() };
            quota.depends_on.extend(counted.into_iter().map(after));
        }
    }
}

/// Applies in the order of their dependencies, then deletes in the reverse of it.
fn in_order(changes: BTreeMap<ObjectRef, Change>, problems: &mut Vec<Problem>) -> Vec<Change> {
    let (mut going, mut wanted): (BTreeMap<_, _>, BTreeMap<_, _>) =
        changes.into_iter().partition(|(_, change)| matches!(change.action, Action::Delete | Action::Forget));
    let up = Graph::new(wanted.keys().cloned(), edges(&wanted)).unwrap_or_else(|cycle| {
        problems.push(cyclic(&cycle));
        Graph::breaking_cycles(wanted.keys().cloned(), edges(&wanted))
    });
    let down = Graph::breaking_cycles(going.keys().cloned(), edges(&going));
    let up = up.order().iter().filter_map(|object| wanted.remove(object));
    let mut ordered: Vec<_> = up.collect();
    ordered.extend(down.order().iter().rev().filter_map(|object| going.remove(object)));
    ordered
}

fn edges(changes: &BTreeMap<ObjectRef, Change>) -> BTreeMap<ObjectRef, Vec<Dependency>> {
    changes.iter().map(|(object, change)| (object.clone(), change.depends_on.clone())).collect()
}

fn cyclic(cycle: &Cycle) -> Problem {
    Problem::new(Severity::Error, "cycle", cycle.to_string())
        .with_hint("take one of these references out of the description".to_owned())
}

fn error(object: &ObjectRef, address: &Address, source: Option<&Source>, refusal: Refusal) -> Problem {
    let problem = Problem::new(Severity::Error, refusal.code, refusal.message)
        .about(object, Some(address.clone()), source.cloned())
        .with_conflicts(refusal.conflicts);
    Problem { hint: refusal.hint, ..problem }
}

fn warn(object: &ObjectRef, address: &Address, message: String) -> Problem {
    Problem::new(Severity::Warning, "left-alone", message).about(object, Some(address.clone()), None)
}

/// The weakest confidence of all changes, for `--require`.
#[must_use]
pub(crate) fn weakest(plan: &Plan) -> Option<&Confidence> {
    plan.changes.iter().map(|change| &change.confidence).max()
}
