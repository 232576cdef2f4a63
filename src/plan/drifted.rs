//! What of a plan is drift alone: objects that are not as they were applied although their description is. Pure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decide::TERMINATING;
use super::{Action, Change, Confidence, Problem, Reason};
use crate::object::ObjectRef;

/// How an object is not as it was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub(crate) enum DriftKind {
    /// Fields have other values.
    Changed,
    /// It is not there.
    Deleted,
    /// It is being deleted.
    Terminating,
    /// Another one is there under its name, or it belongs to somebody else now.
    Replaced,
}

/// What is known of an object of the record.
#[derive(Clone, Debug)]
pub(crate) enum Drift<'a> {
    /// It is not as it was applied.
    Drifted(DriftKind, Option<&'a Change>),
    /// Its description is another one than was applied, so that nobody can tell what moved.
    Described,
    /// It could not be found out, and why.
    Unknown(String),
}

/// What a change says of drift; none for an object that is as it was applied, that was not applied yet, or that left the
/// description. `recorded` is the digest of the description that was applied, of an object that was made.
#[must_use]
pub(crate) fn of_change<'a>(change: &'a Change, recorded: Option<&str>) -> Option<Drift<'a>> {
    let is_as_applied = recorded? == change.digest;
    match (change.action, &change.reason) {
        (Action::NoOp, _) => match &change.confidence {
            Confidence::Unverified(because) => Some(Drift::Unknown(because.clone())),
            _ => None,
        },
        (Action::Create, Reason::Absent) => Some(Drift::Drifted(DriftKind::Deleted, Some(change))),
        (Action::Update, Reason::Drifted { .. }) => Some(Drift::Drifted(DriftKind::Changed, Some(change))),
        (Action::Replace, _) if is_as_applied => Some(Drift::Drifted(DriftKind::Changed, Some(change))),
        (Action::Create | Action::Update | Action::Replace, _) => Some(Drift::Described),
        (Action::Delete | Action::Forget, _) => None,
    }
}

/// What a problem says of drift, with the object of the record that it is about; none where it is about something else.
#[must_use]
pub(crate) fn of_problem(
    problem: &Problem,
    is_recorded: impl Fn(&ObjectRef) -> bool,
) -> Option<(&ObjectRef, Drift<'_>)> {
    let object = problem.object.as_ref().filter(|object| problem.is_error() && is_recorded(object))?;
    let drift = match problem.code.as_str() {
        "exists" | "owned-by-other-stack" => Drift::Drifted(DriftKind::Replaced, None),
        TERMINATING => Drift::Drifted(DriftKind::Terminating, None),
        _ => Drift::Unknown(problem.message.clone()),
    };
    Some((object, drift))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Severity;

    fn change(action: Action, reason: Reason) -> Change {
        Change { digest: "one".to_owned(), ..Change::bare(ObjectRef::of_namespace("x"), action, reason) }
    }

    #[test]
    fn what_was_applied_and_moved_is_drift_and_what_is_described_otherwise_is_not() {
        let drifted = Reason::Drifted { managers: Vec::new() };
        let kind = |change: &Change, recorded: Option<&str>| match of_change(change, recorded) {
            Some(Drift::Drifted(kind, _)) => format!("{kind:?}"),
            Some(Drift::Described) => "described".to_owned(),
            Some(Drift::Unknown(because)) => because,
            None => "none".to_owned(),
        };
        let update = change(Action::Update, drifted);
        assert_eq!(kind(&update, Some("one")), "Changed");
        assert_eq!(kind(&change(Action::Update, Reason::Changed), Some("other")), "described");
        assert_eq!(kind(&change(Action::Create, Reason::Absent), Some("other")), "Deleted");
        assert_eq!(kind(&change(Action::Create, Reason::Absent), None), "none");
        assert_eq!(kind(&change(Action::Delete, Reason::Removed), Some("one")), "none");
        let replaced = change(Action::Replace, Reason::Immutable { fields: Vec::new() });
        assert_eq!(
            (kind(&replaced, Some("one")), kind(&replaced, Some("other"))),
            ("Changed".into(), "described".into())
        );
        let hidden =
            Change { confidence: Confidence::Unverified("hidden".into()), ..change(Action::NoOp, Reason::Equal) };
        assert_eq!(
            (kind(&hidden, Some("one")).as_str(), kind(&change(Action::NoOp, Reason::Equal), Some("one")).as_str()),
            ("hidden", "none")
        );
    }

    #[test]
    fn an_error_about_an_object_of_the_record_is_drift_or_unknown() {
        let object = ObjectRef::of_namespace("x");
        let problem = |code: &str| Problem::new(Severity::Error, code, "words".into()).about(&object, None, None);
        let kind = |code: &str, recorded: bool| match of_problem(&problem(code), |_| recorded) {
            Some((_, Drift::Drifted(kind, None))) => format!("{kind:?}"),
            Some((_, Drift::Unknown(because))) => because,
            other => format!("{other:?}"),
        };
        assert_eq!(kind("exists", true), "Replaced");
        assert_eq!(kind("exists", false), "None");
        assert_eq!(kind(TERMINATING, true), "Terminating");
        assert_eq!(kind("refused", true), "words");
    }
}
