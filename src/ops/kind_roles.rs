//! The `ClusterRole`s that add the kinds to Kubernetes' own `view`, `edit` and `admin` ([`crate::api::roles`]). They are the
//! cluster's as the CRDs are: they come with a run that brings or upgrades those, go with one that takes them away, are
//! recorded by no stack, and cost nothing where the CRDs stay as they are.

use serde_json::Value;

use crate::api;
use crate::cluster::{Body, ClusterError, Ownership, Propagation, Writer};
use crate::object::field::{owned_or_empty, text};
use crate::object::{GroupKind, Meta, ObjectRef, labels, names};
use crate::plan::{Action, Plan};

const RBAC: &str = "rbac.authorization.k8s.io";

/// What a run does to the roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// The CRDs are made or changed.
    Come,
    /// The CRDs go, and none stays.
    Go,
}

/// What happens to the roles by a plan, in words.
pub(super) fn effect(plan: &Plan) -> Option<String> {
    let roles = "ClusterRoles `langop-view` and `langop-edit`, which add the kinds to `view`, `edit` and `admin`,";
    Some(match fate(plan)? {
        Fate::Come => format!("{roles} come with the CRDs, if this identity may make them"),
        Fate::Go => format!("{roles} go with the CRDs, if this identity may delete them"),
    })
}

/// Makes the roles before the CRDs of a plan, or takes them away before those: a run that ends in between is planned, and
/// does both, again. One look and at most one write for each; nothing where no CRD of langop changes.
///
/// # Errors
/// A role could not be read or written. Kubernetes lets nobody make a role who does not hold what it gives.
pub(super) async fn write(writer: &Writer, plan: &Plan) -> Result<(), ClusterError> {
    let Some(fate) = fate(plan) else { return Ok(()) };
    let changes = api::roles().into_iter().map(async |role| match fate {
        Fate::Come => apply(writer, role).await,
        Fate::Go => delete(writer, &role).await,
    });
    futures::future::join_all(changes).await.into_iter().collect()
}

fn fate(plan: &Plan) -> Option<Fate> {
    let own = |object: &ObjectRef| {
        object.is_crd() && object.name.split_once('.').is_some_and(|(_, group)| group == names::GROUP)
    };
    let actions: Vec<_> =
        plan.changes.iter().filter(|change| own(&change.object)).map(|change| change.action).collect();
    let come = |action: &Action| matches!(action, Action::Create | Action::Update | Action::Replace);
    match actions.as_slice() {
        [] => None,
        all if all.iter().any(come) => Some(Fate::Come),
        all if all.iter().all(|action| *action == Action::Delete) => Some(Fate::Go),
        _ => None,
    }
}

async fn apply(writer: &Writer, role: Value) -> Result<(), ClusterError> {
    let resource = writer.resource(&GroupKind::new(RBAC, "ClusterRole"), None)?;
    let live = writer.get(&resource, &reference(&role)).await?;
    if live.is_some_and(|live| number(&live) > number(&role)) {
        return Ok(());
    }
    writer.apply(&resource, &Body::plain(role), Ownership::Respect).await.map(drop)
}

/// One that somebody else made under its name stays.
async fn delete(writer: &Writer, role: &Value) -> Result<(), ClusterError> {
    let resource = writer.resource(&GroupKind::new(RBAC, "ClusterRole"), None)?;
    let object = reference(role);
    let Some(live) = writer.metadata(&resource, &object).await?.filter(Meta::managed_by_langop) else {
        return Ok(());
    };
    writer.delete(&resource, &object, &live.uid, Propagation::Background).await.map(drop)
}

fn reference(role: &Value) -> ObjectRef {
    ObjectRef::cluster_scoped(RBAC, "ClusterRole", &owned_or_empty(role, "/metadata/name"))
}

/// The number of the schemas that it was made with; nought when it has none.
fn number(role: &Value) -> u64 {
    let annotations = role.pointer("/metadata/annotations");
    let found = annotations.and_then(|all| text(all.get(labels::SCHEMA)?, ""));
    found.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Change, Reason};

    fn plan(actions: &[(&str, Action)]) -> Plan {
        let change = |(name, action): &(&str, Action)| Change::bare(ObjectRef::of_crd(name), *action, Reason::Absent);
        Plan { changes: actions.iter().map(change).collect(), ..Plan::default() }
    }

    #[test]
    fn they_come_with_a_crd_that_changes_and_go_with_the_last() {
        let (one, two) = ("languagemodels.langop.io", "languagetools.langop.io");
        assert_eq!(fate(&plan(&[(one, Action::NoOp), (two, Action::Update)])), Some(Fate::Come));
        assert_eq!(fate(&plan(&[(one, Action::Delete), (two, Action::Delete)])), Some(Fate::Go));
        for stays in [Action::NoOp, Action::Forget] {
            assert_eq!(fate(&plan(&[(one, Action::Delete), (two, stays)])), None);
        }
        assert_eq!(fate(&plan(&[("things.example.com", Action::Create)])), None);
        assert_eq!(effect(&plan(&[])), None);
    }

    #[test]
    fn a_role_says_which_schemas_it_was_made_with() {
        assert!(api::roles().iter().all(|role| number(role) > 0));
        assert_eq!(number(&serde_json::json!({"metadata": {}})), 0);
    }
}
