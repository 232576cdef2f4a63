//! Holds a saved plan against the same plan made anew: object by object, is it still what was approved?
//!
//! | since the plan was made | now |
//! |---|---|
//! | nobody wrote the object, and it is to become the same | applied |
//! | it was written, and the change does the same | applied |
//! | it was written, and the change does something else | refused, with the difference |
//! | it is as it was to become already | nothing to do |
//! | it was deleted, or appeared | refused, unless that was the change |
//! | it was deleted and made again | refused, unless this stack did so |
//! | the values of its Secret are other ones | refused |
//! | it cannot be changed any more, whatever the reason | refused, with the reason |
//! | it would take objects of others along that the plan does not name | refused |

use std::collections::{BTreeMap, BTreeSet};

use super::document::{SavedObject, SavedPlan};
use super::effect;
use super::error::SavedPlanError;
use super::refused::{Refused, Stale};
use crate::object::{Address, ObjectRef, disagreement};
use crate::plan::{Action, Change, Plan, Precondition, Problem, Reason};

const MADE_AGAIN: &str = "it was deleted and made again since the plan was made";

/// A saved plan, and the same plan made anew.
pub(crate) struct Verification<'a> {
    /// What was approved.
    pub saved: &'a SavedPlan,
    /// The same now.
    pub fresh: &'a Plan,
    /// What stands for the values of its Secrets now.
    pub values: &'a BTreeMap<ObjectRef, String>,
    /// uids of the objects that the record says this stack made or changed last.
    pub recorded: &'a BTreeMap<ObjectRef, String>,
}

impl Verification<'_> {
    /// What can be done of what was approved, in its order, and what is refused. The changes have every object of the
    /// plan, the refused ones as they were approved.
    ///
    /// # Errors
    /// Something is wrong that is about no object of the plan, or the record has objects that the plan does not know.
    pub(crate) fn verify(&self) -> Result<(Vec<Change>, Refused), SavedPlanError> {
        self.check_whole()?;
        let now: BTreeMap<_, _> = self.fresh.changes.iter().map(|change| (&change.object, change)).collect();
        let (mut changes, mut stale) = (Vec::new(), Vec::new());
        for saved in &self.saved.objects {
            match self.judge(saved, now.get(&saved.change.object).copied()) {
                Ok(change) => changes.push(change),
                Err(refused) => {
                    stale.push(*refused);
                    changes.push(saved.change.clone());
                }
            }
        }
        let refused = Refused::with_dependents(stale, &changes);
        Ok((changes, refused))
    }

    /// What is about no object of the plan is about all of it.
    fn check_whole(&self) -> Result<(), SavedPlanError> {
        let objects: BTreeSet<_> = self.saved.objects.iter().map(|saved| &saved.change.object).collect();
        let known = |object: &ObjectRef| objects.contains(object);
        let unknown = self.fresh.changes.iter().filter(|change| !known(&change.object));
        let unknown: Vec<_> = unknown.map(|change| change.object.to_string()).collect();
        if !unknown.is_empty() {
            let because = format!("it has objects that the plan does not know: {}", unknown.join(", "));
            return Err(SavedPlanError::OtherRecord { stack: self.saved.stack.clone(), because });
        }
        let about_all = self.fresh.errors().filter(|error| !error.object.as_ref().is_some_and(known));
        let wrong: Vec<_> = about_all.map(words).collect();
        if wrong.is_empty() { Ok(()) } else { Err(SavedPlanError::Impossible(wrong)) }
    }

    fn judge(&self, saved: &SavedObject, now: Option<&Change>) -> Result<Change, Box<Stale>> {
        let then = &saved.change;
        let problem = self.fresh.errors().find(|error| error.object.as_ref() == Some(&then.object));
        let (now, because) = match (now, problem) {
            (now, Some(problem)) => (now, Some(wrong(then, problem))),
            // Neither desired nor in the record any more: this plan, or another one, did it already.
            (None, None) if goes(then.action) => return Ok(done(then)),
            (None, None) => (None, Some("nothing is known of it any more".to_owned())),
            (Some(now), None) => (Some(now), self.difference(saved, now)),
        };
        match (now, because) {
            (Some(now), None) => Ok(Change { desired: then.desired.clone(), ..now.clone() }),
            (now, because) => Err(Box::new(refusal(then, now, because.unwrap_or_default()))),
        }
    }

    /// Why the change is not what was approved any more; none when it is.
    fn difference(&self, saved: &SavedObject, now: &Change) -> Option<String> {
        let then = &saved.change;
        if self.is_made_again(then, now) {
            return Some(MADE_AGAIN.to_owned());
        }
        if let Some(because) = self.other_values(saved, now).or_else(|| self.lost(now)) {
            return Some(because.to_owned());
        }
        let is_as_approved = is_done(then, now)
            || is_untouched(&then.precondition, &now.precondition)
                && then.action == now.action
                && disagreement(&then.desired, &now.desired).is_none()
            || effect::digest_of(now) == saved.effect
            || effect::is_same(then, now);
        (!is_as_approved).then(|| because(then, now))
    }

    fn is_made_again(&self, then: &Change, now: &Change) -> bool {
        match (&then.precondition.uid, &now.precondition.uid) {
            (Some(then), Some(uid)) if then != uid => self.recorded.get(&now.object) != Some(uid),
            _ => false,
        }
    }

    fn other_values(&self, saved: &SavedObject, now: &Change) -> Option<&'static str> {
        let manifest = saved.manifest.as_ref().filter(|manifest| manifest.compares_values())?;
        let is_written = saved.change.action != Action::NoOp || now.action != Action::NoOp;
        match (&manifest.values, self.values.get(&now.object)) {
            (Some(then), Some(now)) if then == now => None,
            (Some(_), _) => Some("its values are not those that the plan was made with"),
            (None, _) if is_written => Some("the plan was made without its values, and nobody approved them"),
            (None, _) => None,
        }
    }

    /// Whether it takes more of others along than was agreed to.
    fn lost(&self, now: &Change) -> Option<&'static str> {
        let key = Address::object(&now.object);
        let keys = [key.as_str(), now.object.name.as_str()];
        // Namespaces stand there by name, others by address.
        let key = if now.object.is("", "Namespace") { keys[1] } else { keys[0] };
        let (lost, unknown) = (self.fresh.unmanaged.get(key), self.fresh.unknown.get(key));
        if lost.is_none() && unknown.is_none() {
            return None;
        }
        if !self.saved.asked.include_unmanaged {
            return Some("it takes objects along that this stack did not make, and the plan has no leave for that");
        }
        let agreed = |kind: &String| self.saved.unmanaged.get(key).and_then(|kinds| kinds.get(kind)).copied();
        let more = lost.into_iter().flatten().any(|(kind, count)| agreed(kind).unwrap_or(0) < *count);
        let known = self.saved.unknown.get(key);
        let hidden =
            unknown.into_iter().flatten().any(|(kind, _)| !known.is_some_and(|known| known.contains_key(kind)));
        (more || hidden).then_some("it takes more objects of others along than when the plan was made")
    }
}

/// What is wrong now, and what came of the object where that is the cause.
fn wrong(then: &Change, problem: &Problem) -> String {
    match (problem.code.as_str(), &then.precondition.uid) {
        ("exists", Some(_)) => MADE_AGAIN.to_owned(),
        ("exists", None) => format!("it appeared since the plan was made: {}", words(problem)),
        _ => words(problem),
    }
}

fn goes(action: Action) -> bool {
    matches!(action, Action::Delete | Action::Forget)
}

/// What left both description and record has nothing left to do.
fn done(then: &Change) -> Change {
    Change { action: Action::Forget, reason: Reason::Gone, precondition: Precondition::default(), ..then.clone() }
}

/// Whether the object has come to what was approved: by a run of this plan that was cut off, or by whoever.
fn is_done(then: &Change, now: &Change) -> bool {
    match now.action {
        Action::NoOp => !goes(then.action),
        Action::Forget => then.action == Action::Delete && now.reason == Reason::Gone,
        _ => false,
    }
}

/// Whether nobody wrote the object: what only its controllers say in its status is not writing.
fn is_untouched(then: &Precondition, now: &Precondition) -> bool {
    let same_content = then.resource_version == now.resource_version || then.fields == now.fields;
    then.uid == now.uid && then.generation == now.generation && same_content
}

fn because(then: &Change, now: &Change) -> String {
    let words = match (&then.precondition.uid, &now.precondition.uid) {
        (Some(_), None) => "it was deleted since the plan was made",
        (None, Some(_)) => "it appeared since the plan was made",
        _ if is_untouched(&then.precondition, &now.precondition) => {
            "what it refers to changed since the plan was made, and with it what would be applied"
        }
        _ => "it changed since the plan was made",
    };
    words.to_owned()
}

fn refusal(then: &Change, now: Option<&Change>, because: String) -> Stale {
    let shown = |change: &Change| (change.action, change.diff.without_credentials());
    let current = now.map(shown).filter(|current| *current != shown(then));
    Stale { object: then.object.clone(), address: then.address.clone(), because, approved: shown(then), current }
}

fn words(problem: &Problem) -> String {
    // Lines to paste follow the first of a hint.
    match problem.hint.as_ref().and_then(|hint| hint.lines().next()) {
        Some(hint) => format!("{} ({hint})", problem.message),
        None => problem.message.clone(),
    }
}

#[cfg(test)]
mod tests;
