//! Signs, classes and words of actions and outcomes: what has a colour has a sign and a word too.

use crate::apply::Outcome;
use crate::object::ObjectRef;
use crate::plan::Action;
use crate::report::human::words::verbs;

/// How an action is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sign {
    pub mark: &'static str,
    /// Its class in the style sheet, and its name for the script.
    pub class: &'static str,
    pub word: &'static str,
}

/// All actions, in the order in which filters list them; the first is what outweighs the others.
pub(super) const ACTIONS: [Action; 6] =
    [Action::Replace, Action::Delete, Action::Update, Action::Create, Action::Forget, Action::NoOp];

/// How an action is shown.
#[must_use]
pub(super) fn sign(action: Action) -> Sign {
    let (mark, class, word) = match action {
        Action::Replace => ("±", "replace", "replace"),
        Action::Delete => ("−", "delete", "delete"),
        Action::Update => ("~", "update", "change"),
        Action::Create => ("+", "create", "create"),
        Action::Forget => ("○", "forget", "forget"),
        Action::NoOp => ("=", "noop", "unchanged"),
    };
    Sign { mark, class, word }
}

/// How it went, and its class.
#[must_use]
pub(super) fn outcome(object: &ObjectRef, action: Action, outcome: &Outcome) -> (&'static str, &'static str) {
    match outcome {
        lacking if lacking.lacks_address(object) => ("without an address", "bad"),
        Outcome::Failed { .. } => ("failed", "bad"),
        Outcome::Stale { .. } => ("not as approved", "bad"),
        Outcome::Skipped { .. } => ("not tried", "bad"),
        Outcome::Unchanged => ("unchanged", "good"),
        Outcome::Applied | Outcome::Deleted | Outcome::Forgotten => (verbs(action).1, "good"),
    }
}

/// The id of a change on the page, by its place in the plan.
#[must_use]
pub(super) fn id(place: usize) -> String {
    format!("o{place}")
}
