//! `plan --json`: one document with every object, those with nothing to do included.

use schemars::JsonSchema;
use serde::Serialize;

use super::{FORMAT_VERSION, TargetDocument};
use crate::diff::Diff;
use crate::object::{Address, ObjectRef, Source};
use crate::plan::{
    Action, Change, Confidence, Dependency, Incomplete, Left, Plan, Problem, Reason, Succession, Unhealthy,
};
use crate::report::Counts;

use std::collections::BTreeMap;

/// A plan.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct PlanDocument<'a> {
    /// Version of this document.
    pub format_version: &'static str,
    /// The stack.
    pub stack: &'a str,
    /// Where it was made, and as whom.
    pub target: TargetDocument<'a>,
    /// Whether the stack is taken away.
    pub destroy: bool,
    /// Whether applying it is allowed and would do anything.
    pub applyable: bool,
    /// Every object, in the order of dependencies.
    pub changes: Vec<ChangeDocument<'a>>,
    /// Errors and warnings.
    pub problems: &'a [Problem],
    /// What else happens.
    pub effects: &'a [String],
    /// Fields that are not applied as described, because others keep them or their changes are ignored.
    pub left: &'a [Left],
    /// Whether it is not about the whole stack.
    pub incomplete: bool,
    /// What it is about then: patterns, objects, and what is left alone.
    pub scope: Option<ScopeDocument<'a>>,
    /// What is lost with what is deleted: namespace, or `Kind/name` of a CRD or an owner → kind → count.
    pub unmanaged: &'a BTreeMap<String, BTreeMap<String, usize>>,
    /// Objects with nothing to do that are not ready, with state and reason.
    pub unhealthy: &'a [Unhealthy],
    /// What may be lost too, because it could not be listed: the same → kind → why.
    pub unknown: &'a BTreeMap<String, BTreeMap<String, String>>,
    /// The sum.
    pub summary: Counts,
}

/// One object of a plan.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct ChangeDocument<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// What the user calls it.
    pub address: &'a Address,
    /// Where the user wrote it.
    pub source: Option<&'a Source>,
    /// What is done.
    pub action: Action,
    /// Why.
    pub reason: ReasonDocument<'a>,
    /// How it is known: `server`, `recorded`, `shadow`, `schema`, `unverified`.
    pub confidence: &'static str,
    /// Why it is unverified.
    pub confidence_reason: Option<&'a str>,
    /// What differs, path by path.
    pub diff: &'a Diff,
    /// The object in whose place it comes; that one is deleted when all else is ready.
    pub succeeds: Option<SuccessionDocument<'a>>,
    /// What it was called until now.
    pub moved_from: Option<&'a Address>,
    /// Fields taken from other managers.
    pub takes: &'a [String],
    /// What it waits for.
    pub depends_on: &'a [Dependency],
}

/// What a plan is about that is not about the whole stack.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct ScopeDocument<'a> {
    /// The patterns of `--target`.
    pub target: &'a [String],
    /// The patterns of `--exclude`.
    pub exclude: &'a [String],
    /// Objects that the targets name.
    pub targeted: &'a [ObjectRef],
    /// Objects that come along.
    pub needed: &'a [ObjectRef],
    /// Objects that are excluded.
    pub excluded: &'a [ObjectRef],
    /// Objects that are left alone because of that.
    pub dependents: &'a [ObjectRef],
    /// All objects that are left alone.
    pub left_alone: &'a [ObjectRef],
}

/// What an object succeeds: one of the same kind whose name, too, ends in the digest of its content.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct SuccessionDocument<'a> {
    /// The old object.
    pub object: &'a ObjectRef,
    /// What differs from its content, path by path, metadata aside.
    pub diff: &'a Diff,
}

/// Why an object gets its action; fields that a reason does not have are null.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct ReasonDocument<'a> {
    /// `absent`, `changed`, `drifted`, …
    pub code: &'static str,
    /// Who changed it, for `drifted`.
    pub managers: Option<&'a [String]>,
    /// Which fields, for `immutable`.
    pub fields: Option<&'a [String]>,
    /// With which object it goes, for `with`.
    pub object: Option<&'a ObjectRef>,
}

/// The document of a plan.
#[must_use]
pub(crate) fn plan<'a>(plan: &'a Plan, target: TargetDocument<'a>) -> PlanDocument<'a> {
    PlanDocument {
        format_version: FORMAT_VERSION,
        stack: &plan.stack,
        target,
        destroy: plan.destroy,
        applyable: plan.has_changes() && plan.errors().next().is_none(),
        changes: plan.changes.iter().map(|one| change(plan, one)).collect(),
        problems: &plan.problems,
        effects: &plan.effects,
        left: &plan.left,
        incomplete: plan.incomplete.is_some(),
        scope: plan.incomplete.as_ref().map(scope),
        unmanaged: &plan.unmanaged,
        unhealthy: &plan.unhealthy,
        unknown: &plan.unknown,
        summary: Counts::of_plan(plan),
    }
}

fn change<'a>(plan: &'a Plan, change: &'a Change) -> ChangeDocument<'a> {
    let (confidence, confidence_reason) = confidence(&change.confidence);
    ChangeDocument {
        object: &change.object,
        address: &change.address,
        source: change.source.as_ref(),
        action: change.action,
        reason: reason(&change.reason),
        confidence,
        confidence_reason,
        diff: &change.diff,
        succeeds: plan.succession(&change.object).filter(|one| one.new == change.object).map(succeeds),
        moved_from: change.moved_from.as_ref(),
        takes: &change.takes,
        depends_on: &change.depends_on,
    }
}

fn scope(incomplete: &Incomplete) -> ScopeDocument<'_> {
    ScopeDocument {
        target: &incomplete.target,
        exclude: &incomplete.exclude,
        targeted: &incomplete.targeted,
        needed: &incomplete.needed,
        excluded: &incomplete.excluded,
        dependents: &incomplete.dependents,
        left_alone: &incomplete.left_alone,
    }
}

fn succeeds(succession: &Succession) -> SuccessionDocument<'_> {
    SuccessionDocument { object: &succession.old, diff: &succession.diff }
}

fn confidence(confidence: &Confidence) -> (&'static str, Option<&str>) {
    match confidence {
        Confidence::Server => ("server", None),
        Confidence::Recorded => ("recorded", None),
        Confidence::Shadow => ("shadow", None),
        Confidence::Schema => ("schema", None),
        Confidence::Unverified(because) => ("unverified", Some(because)),
    }
}

fn reason(reason: &Reason) -> ReasonDocument<'_> {
    let plain = |code| ReasonDocument { code, managers: None, fields: None, object: None };
    match reason {
        Reason::Equal => plain("equal"),
        Reason::Absent => plain("absent"),
        Reason::Changed => plain("changed"),
        Reason::Drifted { managers } => ReasonDocument { managers: Some(managers), ..plain("drifted") },
        Reason::Adopt => plain("adopt"),
        Reason::Immutable { fields } => ReasonDocument { fields: Some(fields), ..plain("immutable") },
        Reason::Removed => plain("removed"),
        Reason::Destroyed => plain("destroyed"),
        Reason::With { object } => ReasonDocument { object: Some(object), ..plain("with") },
        Reason::Completed => plain("completed"),
        Reason::Gone => plain("gone"),
        Reason::Recreated => plain("recreated"),
        Reason::Kept => plain("kept"),
        Reason::Adopted => plain("adopted"),
        Reason::Forgotten => plain("forgotten"),
    }
}

#[cfg(test)]
mod tests {
    use crate::report::samples;

    #[test]
    fn documents_of_whole_plans() {
        let session = samples::session();
        insta::assert_json_snapshot!("update", super::plan(&samples::update_all(), (&session).into()));
        insta::assert_json_snapshot!("conflict", super::plan(&samples::conflict(), (&session).into()));
    }
}
