//! Whether an object in the namespace of a cluster is somebody else's. Only what is proved to be so is: what nothing is known
//! of may be langop's.

use std::collections::{BTreeMap, BTreeSet};

use crate::object::{GroupKind, Meta, ObjectRef, labels};

/// An owner's owner's owner is enough: `CronJob`, Job, pod.
const DEEPEST: usize = 8;

/// What is there.
pub(super) struct Belonging {
    /// The kinds of which all objects are known.
    known: BTreeSet<GroupKind>,
    objects: BTreeMap<ObjectRef, Meta>,
    by_uid: BTreeMap<String, ObjectRef>,
}

impl Belonging {
    pub(super) fn new(lists: impl Iterator<Item = (GroupKind, Vec<Meta>)>) -> Self {
        let mut all = Self { known: BTreeSet::new(), objects: BTreeMap::new(), by_uid: BTreeMap::new() };
        for (kind, metas) in lists {
            all.known.insert(kind);
            all.by_uid.extend(metas.iter().map(|meta| (meta.uid.clone(), meta.reference.clone())));
            all.objects.extend(metas.into_iter().map(|meta| (meta.reference.clone(), meta)));
        }
        all
    }

    /// Whether an object is proved to be neither made by langop nor kept by something that is.
    pub(super) fn is_of_others(&self, object: &ObjectRef) -> bool {
        if !self.known.contains(&object.group_kind()) {
            return false;
        }
        match self.objects.get(object) {
            Some(meta) => self.is_foreign(meta, DEEPEST),
            // It is gone: controllers call what they make by their own name and something behind it.
            None => self.keeper(object).is_some_and(|keeper| self.is_foreign(keeper, DEEPEST)),
        }
    }

    fn is_foreign(&self, meta: &Meta, depth: usize) -> bool {
        if is_marked(meta) || depth == 0 {
            return false;
        }
        meta.owners.iter().all(|owner| {
            let owner = self.by_uid.get(&owner.uid).and_then(|owner| self.objects.get(owner));
            owner.is_some_and(|owner| self.is_foreign(owner, depth - 1))
        })
    }

    /// The object with the longest name that this one's begins with.
    fn keeper(&self, object: &ObjectRef) -> Option<&Meta> {
        let begins = |meta: &&Meta| {
            let rest = object.name.strip_prefix(meta.reference.name.as_str());
            rest.is_some_and(|rest| rest.starts_with('-')) && meta.reference.kind != "Pod"
        };
        self.objects.values().filter(begins).max_by_key(|meta| meta.reference.name.len())
    }
}

fn is_marked(meta: &Meta) -> bool {
    let has = |label: &str| meta.labels.contains_key(label);
    has(labels::STACK)
        || has(labels::CLUSTER)
        || meta.labels.get(labels::MANAGED_BY).is_some_and(|by| by == labels::MANAGED_BY_LANGOP)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn meta(group: &str, kind: &str, name: &str, owner: Option<&str>, label: Option<&str>) -> Meta {
        let mut object = json!({"metadata": {"name": name, "namespace": "prod", "uid": format!("{kind}-{name}"),
            "resourceVersion": "1", "labels": {}}});
        if let Some(uid) = owner {
            object["metadata"]["ownerReferences"] = json!([{"uid": uid, "kind": "x", "name": "x", "controller": true}]);
        }
        if let Some(label) = label {
            object["metadata"]["labels"][label] = json!("x");
        }
        Meta::from_object(group, kind, &object).unwrap()
    }

    #[test]
    fn only_what_is_proved_to_be_of_others_is_left_out() {
        let of = |group: &str, kind: &str, metas: Vec<Meta>| (GroupKind::new(group, kind), metas);
        let belonging = Belonging::new(
            [
                of(
                    "apps",
                    "Deployment",
                    vec![
                        meta("apps", "Deployment", "gateway", None, Some(labels::STACK)),
                        meta("apps", "Deployment", "gateway-theirs", None, None),
                    ],
                ),
                of(
                    "apps",
                    "ReplicaSet",
                    vec![
                        meta("apps", "ReplicaSet", "gateway-1", Some("Deployment-gateway"), None),
                        meta("apps", "ReplicaSet", "gateway-theirs-1", Some("Deployment-gateway-theirs"), None),
                    ],
                ),
                of(
                    "",
                    "Pod",
                    vec![
                        meta("", "Pod", "gateway-1-a", Some("ReplicaSet-gateway-1"), None),
                        meta("", "Pod", "gateway-theirs-1-a", Some("ReplicaSet-gateway-theirs-1"), None),
                        meta("", "Pod", "labelled", None, Some(labels::CLUSTER)),
                        meta("", "Pod", "bare", None, None),
                        meta("", "Pod", "kept", Some("of-a-kind-that-nobody-may-list"), None),
                    ],
                ),
            ]
            .into_iter(),
        );
        let foreign = |kind: &str, name: &str| belonging.is_of_others(&ObjectRef::namespaced("", kind, "prod", name));
        for name in ["gateway-theirs-1-a", "bare", "gateway-theirs-1-gone"] {
            assert!(foreign("Pod", name), "{name}");
        }
        for name in ["gateway-1-a", "labelled", "kept", "gateway-1-gone", "gateway-2-gone", "nobody-knows"] {
            assert!(!foreign("Pod", name), "{name}");
        }
        assert!(!foreign("Secret", "bare"), "of a kind that was not listed");
    }
}
