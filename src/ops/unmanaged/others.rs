//! Whose an object is that goes with another one. Pure.

use std::collections::BTreeSet;

use crate::object::Meta;

/// Whether a kind counts: records of what happens, and views of other objects, are nobody's loss.
pub(super) fn counts(group: &str, kind: &str) -> bool {
    !matches!(kind, "Event" | "EndpointSlice" | "Endpoints" | "PodMetrics" | "Lease") && group != "metrics.k8s.io"
}

/// What is neither ours nor made by a controller from something that is, as pods are from a Deployment. What is being
/// deleted already goes whoever deletes what else, and is nobody's loss by this plan.
pub(super) fn others(all: &[Meta], is_ours: impl Fn(&Meta) -> bool) -> Vec<&Meta> {
    let mut ours: BTreeSet<&str> = BTreeSet::new();
    ours.extend(all.iter().filter(|meta| is_ours(meta)).map(|meta| meta.uid.as_str()));
    loop {
        let made_from_ours = all
            .iter()
            .filter(|meta| meta.owners.iter().any(|owner| owner.controller && ours.contains(owner.uid.as_str())));
        let derived: BTreeSet<_> = made_from_ours.map(|meta| meta.uid.as_str()).collect();
        let before = ours.len();
        ours.extend(derived);
        if ours.len() == before {
            break;
        }
    }
    let lost =
        |meta: &&Meta| !ours.contains(meta.uid.as_str()) && !meta.terminating && !comes_with_every_namespace(meta);
    all.iter().filter(lost).collect()
}

fn comes_with_every_namespace(meta: &Meta) -> bool {
    let object = &meta.reference;
    object.is("", "ServiceAccount") && object.name == "default"
        || object.is("", "ConfigMap") && object.name == "kube-root-ca.crt"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn meta(kind: &str, name: &str, uid: &str, owner: Option<(&str, bool)>) -> Meta {
        let owners =
            owner.map(|(uid, controller)| json!([{"uid": uid, "kind": "X", "name": "x", "controller": controller}]));
        let object = json!({"metadata": {"name": name, "namespace": "n", "uid": uid, "ownerReferences": owners}});
        Meta::from_object("", kind, &object).unwrap()
    }

    #[test]
    fn what_controllers_make_from_ours_is_ours_and_the_rest_is_counted() {
        let all = [
            meta("Deployment", "gateway", "1", None),
            meta("ReplicaSet", "gateway-a", "2", Some(("1", true))),
            meta("Pod", "gateway-a-b", "3", Some(("2", true))),
            meta("ConfigMap", "kube-root-ca.crt", "4", None),
            meta("ConfigMap", "theirs", "5", None),
            meta("Pod", "other", "6", None),
            meta("PersistentVolumeClaim", "hung-on", "7", Some(("1", false))),
        ];
        let mut all = all.to_vec();
        all.push(Meta { terminating: true, ..meta("Pod", "going", "8", None) });
        let found = others(&all, |meta| meta.uid == "1");
        let names: Vec<_> = found.iter().map(|meta| meta.reference.name.as_str()).collect();
        assert_eq!(names, ["theirs", "other", "hung-on"]);
    }
}
