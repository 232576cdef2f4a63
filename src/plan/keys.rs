//! What a change means for the keys of agents, in words: which one ends, and that no other does. Knows annotations and
//! specs, no value.

use std::collections::BTreeMap;

use serde_json::Value;

use super::decide::Verdict;
use super::inputs::Desired;
use super::observed::{Observed, Preview};
use super::refusal::Refusal;
use super::{Action, Change, Reason};
use crate::object::field::flag;
use crate::object::names::{AGENT_KIND, AGENT_SECRET_SUFFIX, GROUP};
use crate::object::{Lifecycle, ObjectRef, labels};

const NOBODY_ELSE: &str = "no other agent is affected";

/// An epoch that is lower than that of the key which is there: it would make the keys good again that were ended.
///
/// # Errors
/// When it is so.
pub(super) fn check_epoch(desired: &Desired, observed: &Observed) -> Result<(), Refusal> {
    let (Some(there), Some(wanted)) = (live_epoch(desired, observed), epoch_of(&desired.object)) else { return Ok(()) };
    if wanted >= there {
        return Ok(());
    }
    let message = format!("its key has epoch {there}, and {wanted} would make a key good again that was ended");
    Err(Refusal::new("lower-epoch", &message).hint(&format!("an epoch only rises: `key.epoch = {}`", there + 1)))
}

/// What a change of something desired means for the keys of agents.
pub(super) fn effect(object: &ObjectRef, desired: &Desired, observed: &Observed, verdict: &Verdict) -> Option<String> {
    if verdict.action != Action::Update {
        return None;
    }
    if object.is(GROUP, AGENT_KIND) {
        return blocking(&object.name, observed);
    }
    let agent = agent(object).filter(|_| desired.lifecycle == Lifecycle::Derived)?;
    let (there, wanted) = (live_epoch(desired, observed)?, epoch_of(&desired.object)?);
    if there == wanted {
        return Some(format!("key of `{agent}` is made anew, from the gateway's new secret"));
    }
    let last = desired.object.pointer("/metadata/annotations").and_then(|all| all.get(labels::PREVIOUS_KEY)?.as_str());
    let how = match last.and_then(|last| last.split_once(" until ")) {
        Some((_, end)) => format!("goes on until {end}, beside that of epoch {wanted}"),
        None => format!("ends, and that of epoch {wanted} is its only one"),
    };
    Some(format!("key of `{agent}` of epoch {there} {how}; {NOBODY_ELSE}"))
}

/// What the deletion of something means for them.
pub(super) fn end(change: &Change, observed: &BTreeMap<ObjectRef, Observed>) -> Option<String> {
    let goes_alone = change.action == Action::Delete && !matches!(change.reason, Reason::With { .. });
    let meta = observed.get(&change.object).filter(|_| goes_alone)?.meta()?;
    let agent = agent(&change.object).filter(|_| meta.annotations.contains_key(labels::KEY_EPOCH))?;
    Some(format!("key of `{agent}` ends; {NOBODY_ELSE}"))
}

fn blocking(agent: &str, observed: &Observed) -> Option<String> {
    let Observed::Live { live, next: Preview::Becomes { object: next, .. }, .. } = observed else { return None };
    let blocked = |object: &Value| flag(object, "/spec/blocked") == Some(true);
    match (blocked(live), blocked(next)) {
        (false, true) => Some(format!("key of `{agent}` ends; {NOBODY_ELSE}")),
        (true, false) => Some(format!("key of `{agent}` is good again; {NOBODY_ELSE}")),
        _ => None,
    }
}

/// The agent whose key a Secret holds, by its name.
fn agent(object: &ObjectRef) -> Option<&str> {
    object.name.strip_suffix(AGENT_SECRET_SUFFIX).filter(|_| object.is("", "Secret"))
}

fn epoch_of(object: &Value) -> Option<u64> {
    object.get("metadata")?.get("annotations")?.get(labels::KEY_EPOCH)?.as_str()?.parse().ok()
}

fn live_epoch(desired: &Desired, observed: &Observed) -> Option<u64> {
    let meta = observed.meta().filter(|_| desired.lifecycle == Lifecycle::Derived)?;
    meta.annotations.get(labels::KEY_EPOCH)?.parse().ok()
}
