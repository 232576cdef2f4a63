//! Changes that come again at every plan: somebody writes a field back as soon as langop has applied it. Told by
//! `metadata.managedFields`, which says who wrote what and when.

use jiff::{SignedDuration, Timestamp};

use super::conflict::{literal, rule};
use super::decide::Verdict;
use super::inputs::{Desired, Owned};
use super::observed::{Claim, Observed};
use super::{Problem, Reason, Severity};
use crate::object::takeover::is_tool;
use crate::object::{Address, FIELD_MANAGER, ManagedFields, Meta, ObjectRef};

/// How soon after an apply a write answers it: controllers are woken by the change.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(60);

/// The warning of a change that is undone as soon as it is made; none where nothing says so.
pub(super) fn warning(
    object: &ObjectRef,
    (desired, owned): (&Desired, Option<&Owned>),
    observed: &Observed,
    verdict: &Verdict,
) -> Option<Problem> {
    let meta = observed.meta()?;
    // A description that changed gives a reason of its own.
    owned.filter(|owned| owned.digest == desired.digest && !desired.digest.is_empty())?;
    let applied = applied_at(meta)?;
    let answered: Vec<_> = moved(meta, verdict).into_iter().filter(|claim| is_answer(claim, applied)).collect();
    let first = answered.first()?;
    let fields: Vec<_> = answered.iter().map(|claim| format!("`{}`", claim.field)).collect();
    let message = format!(
        "`{}` changed {} right after the last apply, and is likely to do so after this one",
        first.manager,
        fields.join(", ")
    );
    let paths: Vec<_> = answered.iter().map(|claim| literal(&claim.field)).collect();
    let manager = format!("manager = {}\nrule = \"yield\"", literal(&first.manager));
    let hint = format!(
        "to leave it what it writes:\n{}\nor to leave the fields to whoever comes:\n[[lifecycle]]\naddress = \"{}\"\n\
         ignoreChanges = [{}]",
        rule(object, &answered, &manager),
        Address::object(object),
        paths.join(", ")
    );
    let problem = Problem::new(Severity::Warning, "perpetual-change", message);
    Some(problem.about(object, Some(desired.address.clone()), desired.source.clone()).with_hint(hint))
}

fn applied_at(meta: &Meta) -> Option<Timestamp> {
    let own = |entry: &&ManagedFields| {
        entry.manager == FIELD_MANAGER && entry.operation == "Apply" && entry.subresource.is_empty()
    };
    meta.managed_fields.iter().filter(own).filter_map(|entry| entry.time.parse().ok()).max()
}

/// The fields that others moved, with who and when.
fn moved(meta: &Meta, verdict: &Verdict) -> Vec<Claim> {
    let mut moved = verdict.takes.clone();
    if let Reason::Drifted { managers } = &verdict.reason {
        let newest = |manager: &String| {
            let entries = meta.managed_fields.iter().filter(|entry| entry.manager == *manager);
            entries.filter(|entry| entry.subresource != "status").map(|entry| entry.time.clone()).max()
        };
        let [manager] = managers.as_slice() else { return moved };
        let since = newest(manager).unwrap_or_default();
        moved.extend(verdict.diff.entries().iter().map(|entry| Claim {
            field: entry.path.to_string(),
            manager: manager.clone(),
            operation: String::new(),
            since: since.clone(),
            live: String::new(),
            described: String::new(),
        }));
        moved.dedup_by(|a, b| a.field == b.field);
    }
    moved
}

/// Whether a write came right after the apply, and not by hand.
fn is_answer(claim: &Claim, applied: Timestamp) -> bool {
    let since = claim.since.parse::<Timestamp>().ok().map(|since| since.duration_since(applied));
    !is_tool(&claim.manager) && since.is_some_and(|since| !since.is_negative() && since <= AT_ONCE)
}
