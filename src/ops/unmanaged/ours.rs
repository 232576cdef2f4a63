//! Whether an object is the stack's. Pure: knows the plan, the record and the object's metadata.

use std::collections::BTreeSet;

use crate::object::{Meta, ObjectRef};
use crate::plan::{Action, Change, Plan};
use crate::state::Inventory;

/// What tells the stack's objects from those of others.
pub(super) struct Ours<'a> {
    stack: &'a str,
    /// uids of what the plan or the record has, but for what the plan lets go of.
    uids: BTreeSet<&'a str>,
    /// uids of what it lets go of.
    forgotten: BTreeSet<&'a str>,
    /// Whose pods are made by something between them.
    deployments: BTreeSet<&'a ObjectRef>,
}

impl<'a> Ours<'a> {
    pub(super) fn new(plan: &'a Plan, inventory: &'a Inventory) -> Self {
        let uid = |change: &'a Change| change.precondition.uid.as_deref();
        let (forgotten, kept): (Vec<_>, Vec<_>) =
            plan.changes.iter().partition(|change| change.action == Action::Forget);
        let forgotten: BTreeSet<_> = forgotten.into_iter().filter_map(uid).collect();
        // What is gone already has its uid in the record alone.
        let recorded = inventory.entries.values().filter(|entry| !entry.adopted);
        let recorded = recorded.filter_map(|entry| entry.uid.as_deref()).filter(|uid| !forgotten.contains(uid));
        let uids = kept.into_iter().filter_map(uid).chain(recorded).collect();
        let made = inventory.entries.iter().filter(|(object, entry)| object.is("apps", "Deployment") && !entry.adopted);
        Self { stack: &plan.stack, uids, forgotten, deployments: made.map(|(object, _)| object).collect() }
    }

    /// Whether the object is the stack's itself. A label alone proves nothing: people and controllers copy labels.
    pub(super) fn has(&self, meta: &Meta) -> bool {
        let uid = meta.uid.as_str();
        let claims = meta.stack() == Some(self.stack) && meta.managed_by_langop();
        self.uids.contains(uid) || claims && !self.forgotten.contains(uid) || self.hangs_on_what_went(meta)
    }

    /// Whether a controller made it from something of the stack, however far that is gone: a namespace that ends deletes
    /// owners before the pods that hang on them.
    fn hangs_on_what_went(&self, meta: &Meta) -> bool {
        let Some(owner) = meta.owners.iter().find(|owner| owner.controller) else { return false };
        self.uids.contains(owner.uid.as_str()) || owner.kind == "ReplicaSet" && self.is_of_deployment(meta, &owner.name)
    }

    /// A `ReplicaSet` is called after its Deployment and the hash of its template, with which it labels its pods
    /// (Kubernetes, *Deployments*, pod-template-hash).
    fn is_of_deployment(&self, pod: &Meta, replica_set: &str) -> bool {
        let Some(hash) = pod.labels.get("pod-template-hash") else { return false };
        let name = replica_set.strip_suffix(hash.as_str()).and_then(|name| name.strip_suffix('-'));
        let namespace = pod.reference.namespace.as_deref().unwrap_or_default();
        name.is_some_and(|name| {
            self.deployments.contains(&ObjectRef::namespaced("apps", "Deployment", namespace, name))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::object::{Address, Lifecycle};
    use crate::state::{Entry, Standing};

    fn meta(owner: &Value, labels: &Value) -> Meta {
        let object = json!({"metadata": {"name": "x", "namespace": "n", "uid": "pod", "labels": labels,
            "ownerReferences": [owner]}});
        Meta::from_object("", "Pod", &object).unwrap()
    }

    fn owner(kind: &str, name: &str, uid: &str) -> Value {
        json!({"kind": kind, "name": name, "uid": uid, "controller": true})
    }

    fn record(adopted: bool) -> Inventory {
        let object = ObjectRef::namespaced("apps", "Deployment", "n", "web");
        let entry = Entry {
            uid: Some("deployment".to_owned()),
            generation: None,
            resource_version: None,
            fields: None,
            digest: String::new(),
            address: Address::object(&object),
            api_version: "apps/v1".to_owned(),
            depends_on: Vec::new(),
            lifecycle: Lifecycle::Managed,
            adopted,
            standing: Standing::Ready,
        };
        let mut inventory = Inventory::new("s");
        inventory.entries.insert(object, entry);
        inventory
    }

    #[test]
    fn pods_are_the_stacks_also_when_what_they_hang_on_is_gone() {
        let (plan, record, adopted) = (Plan::default(), record(false), record(true));
        let ours = Ours::new(&plan, &record);
        let hash = json!({"pod-template-hash": "7d4"});
        let pod = meta(&owner("ReplicaSet", "web-7d4", "gone"), &hash);
        assert!(ours.has(&pod));
        assert!(ours.has(&meta(&owner("Deployment", "web", "deployment"), &json!({}))));
        assert!(!Ours::new(&plan, &adopted).has(&pod));
        for theirs in [
            meta(&owner("ReplicaSet", "other-7d4", "gone"), &hash),
            meta(&owner("ReplicaSet", "web-7d4", "gone"), &json!({})),
            meta(&owner("Deployment", "web", "another"), &json!({})),
            meta(&json!({"kind": "Deployment", "name": "web", "uid": "deployment"}), &json!({})),
        ] {
            assert!(!ours.has(&theirs), "{theirs:?}");
        }
    }
}
