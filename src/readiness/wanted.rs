//! Which pods of a workload are of the revision that its spec asks for. The newest pod says nothing of that: a
//! rollback goes back to a revision whose pods are older than those of the rollout that failed.

use serde_json::Value;

use crate::object::field::{count, flag, items, number, text};

/// The label that the Deployment controller adds to the template of a `ReplicaSet` and to its pods.
const TEMPLATE_HASH: &str = "pod-template-hash";
/// The pointer to the label with the revision of a pod of a `StatefulSet` or a `DaemonSet`.
const REVISION: &str = "/metadata/labels/controller-revision-hash";

/// The pods that the spec of `workload` asks for, by name, those that are going away left out. `revisions` are the
/// `ReplicaSets` of a Deployment, or the `ControllerRevisions` of a `DaemonSet`. None of the pods while the
/// controller has not seen the spec, for then nobody knows which is its revision.
pub(super) fn wanted_pods<'a>(workload: &Value, revisions: &[Value], pods: &'a [Value]) -> Vec<&'a Value> {
    let alive = pods.iter().filter(|pod| text(pod, "/metadata/deletionTimestamp").is_none());
    let mut wanted: Vec<&Value> = alive.filter(|pod| is_wanted(workload, revisions, pod)).collect();
    wanted.sort_by_key(|pod| text(pod, "/metadata/name"));
    wanted
}

/// The pods of another revision that have to become ready before Kubernetes replaces them: a `StatefulSet` in order
/// waits for each pod, also for one that never will be (Kubernetes, *`StatefulSet`*, "Forced rollback").
pub(super) fn blocking_pods<'a>(workload: &Value, pods: &'a [Value]) -> Vec<&'a Value> {
    let in_order = text(workload, "/spec/podManagementPolicy") != Some("Parallel");
    if text(workload, "/kind") != Some("StatefulSet") || !in_order || is_stale(workload) {
        return Vec::new();
    }
    let own = pods.iter().filter(|pod| is_owned(pod, workload) && text(pod, "/metadata/deletionTimestamp").is_none());
    own.filter(|pod| !is_wanted(workload, &[], pod)).collect()
}

/// The `ReplicaSet` with the template of a Deployment; the oldest, as the controller chooses (`FindNewReplicaSet`).
pub(super) fn current_replica_set<'a>(deployment: &Value, sets: &'a [Value]) -> Option<&'a Value> {
    let template = bare_template(deployment);
    let own = sets.iter().filter(|set| is_owned(set, deployment) && bare_template(set) == template);
    own.min_by_key(|set| (text(set, "/metadata/creationTimestamp"), text(set, "/metadata/name")))
}

fn is_wanted(workload: &Value, revisions: &[Value], pod: &Value) -> bool {
    match text(workload, "/kind") {
        Some("Pod") => text(pod, "/metadata/uid") == text(workload, "/metadata/uid"),
        Some("Deployment") => current_replica_set(workload, revisions).is_some_and(|set| is_owned(pod, set)),
        Some("StatefulSet") => {
            is_owned(pod, workload)
                && !is_stale(workload)
                && (keeps_revision(workload, pod) || is_updated(workload, pod))
        }
        Some("DaemonSet") => {
            let newest = || newest_revision(workload, revisions);
            is_owned(pod, workload) && !is_stale(workload) && (on_delete(workload) || text(pod, REVISION) == newest())
        }
        _ => is_owned(pod, workload),
    }
}

fn is_updated(set: &Value, pod: &Value) -> bool {
    text(pod, REVISION) == text(set, "/status/updateRevision")
}

/// Whether a pod of a `StatefulSet` may stay of its revision: the user decides, or its ordinal is below the partition.
fn keeps_revision(set: &Value, pod: &Value) -> bool {
    let ordinal = text(pod, "/metadata/name").and_then(|name| name.rsplit_once('-')?.1.parse::<i64>().ok());
    let partition = count(set, "/spec/updateStrategy/rollingUpdate/partition");
    on_delete(set) || ordinal.is_some_and(|ordinal| ordinal < partition)
}

fn on_delete(workload: &Value) -> bool {
    text(workload, "/spec/updateStrategy/type") == Some("OnDelete")
}

/// The revision of the current template: the controller gives it the highest number, also when it is an old one.
fn newest_revision<'a>(daemons: &Value, revisions: &'a [Value]) -> Option<&'a str> {
    let own = revisions.iter().filter(|revision| is_owned(revision, daemons));
    text(own.max_by_key(|revision| number(revision, "/revision"))?, REVISION)
}

/// Whether the controller has not seen the newest spec.
fn is_stale(workload: &Value) -> bool {
    let observed = number(workload, "/status/observedGeneration");
    observed.is_none() || observed < number(workload, "/metadata/generation")
}

fn is_owned(object: &Value, owner: &Value) -> bool {
    let controller =
        items(object, "/metadata/ownerReferences").iter().find(|one| flag(one, "/controller") == Some(true));
    let uid = controller.and_then(|controller| text(controller, "/uid"));
    uid.is_some() && uid == text(owner, "/metadata/uid")
}

/// The template without the label that is no part of what the user wrote.
fn bare_template(object: &Value) -> Value {
    let mut template = object.pointer("/spec/template").cloned().unwrap_or_default();
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove(TEMPLATE_HASH);
    }
    template
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn owned(kind: &str, name: &str, owner: &str, rest: &Value) -> Value {
        let mut object = json!({"kind": kind, "metadata": {"name": name, "uid": name,
            "ownerReferences": [{"controller": true, "uid": owner}]}});
        object.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        object
    }

    fn pod(name: &str, owner: &str, revision: &str) -> Value {
        let mut pod = owned("Pod", name, owner, &json!({}));
        pod["metadata"]["labels"] = json!({"controller-revision-hash": revision});
        pod
    }

    fn workload(kind: &str, spec: &Value, status: &Value) -> Value {
        json!({"kind": kind, "metadata": {"name": "web", "uid": "web", "generation": 3}, "spec": spec, "status": status})
    }

    fn names(pods: &[&Value]) -> String {
        pods.iter().filter_map(|pod| text(pod, "/metadata/name")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_deployment_wants_the_pods_of_its_template() {
        let template = |image: &str, hash: Option<&str>| {
            let labels = hash.map_or(json!({"app": "web"}), |hash| json!({"app": "web", TEMPLATE_HASH: hash}));
            json!({"template": {"metadata": {"labels": labels}, "spec": {"containers": [{"image": image}]}}})
        };
        let set =
            |name: &str, image: &str| owned("ReplicaSet", name, "web", &json!({"spec": template(image, Some(name))}));
        let sets = [
            set("good", "a"),
            set("bad", "b"),
            owned("ReplicaSet", "other", "x", &json!({"spec": template("a", None)})),
        ];
        let mut dying = pod("dying", "good", "");
        dying["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        let pods =
            [pod("new", "bad", ""), pod("two", "good", ""), pod("one", "good", ""), pod("three", "other", ""), dying];
        // Whatever its controller has seen: the template says it all.
        let wants = |image: &str| {
            names(&wanted_pods(&workload("Deployment", &template(image, None), &json!({})), &sets, &pods))
        };
        assert_eq!(wants("a"), "one two");
        assert_eq!(wants("b"), "new");
        assert_eq!(wants("c"), "");
    }

    #[test]
    fn a_stateful_set_wants_its_update_revision() {
        let pods = [pod("web-0", "web", "old"), pod("web-1", "web", "new"), pod("x-0", "x", "new")];
        let wants = |spec: &Value, observed: i64| {
            let set = workload("StatefulSet", spec, &json!({"observedGeneration": observed, "updateRevision": "new"}));
            (names(&wanted_pods(&set, &[], &pods)), names(&blocking_pods(&set, &pods)))
        };
        let strategy = |strategy: Value| json!({"updateStrategy": strategy});
        let both = |wanted: &str, blocking: &str| (wanted.to_owned(), blocking.to_owned());
        assert_eq!(wants(&json!({}), 3), both("web-1", "web-0"));
        assert_eq!(wants(&json!({"podManagementPolicy": "Parallel"}), 3), both("web-1", ""));
        assert_eq!(wants(&strategy(json!({"type": "OnDelete"})), 3), both("web-0 web-1", ""));
        assert_eq!(wants(&strategy(json!({"rollingUpdate": {"partition": 1}})), 3), both("web-0 web-1", ""));
        assert_eq!(wants(&json!({}), 2), both("", ""));
    }

    #[test]
    fn a_daemon_set_wants_the_revision_with_the_highest_number() {
        let revision = |hash: &str, number: i64| {
            let mut revision = owned("ControllerRevision", hash, "web", &json!({"revision": number}));
            revision["metadata"]["labels"] = json!({"controller-revision-hash": hash});
            revision
        };
        // Rolled back: the first one was given a new number.
        let revisions = [revision("bad", 2), revision("good", 3)];
        let pods = [pod("a", "web", "good"), pod("b", "web", "bad")];
        let seen = json!({"observedGeneration": 3});
        assert_eq!(names(&wanted_pods(&workload("DaemonSet", &json!({}), &seen), &revisions, &pods)), "a");
        let manual = json!({"updateStrategy": {"type": "OnDelete"}});
        assert_eq!(names(&wanted_pods(&workload("DaemonSet", &manual, &seen), &revisions, &pods)), "a b");
        assert_eq!(names(&wanted_pods(&workload("DaemonSet", &json!({}), &json!({})), &revisions, &pods)), "");
    }

    #[test]
    fn others_want_all_their_pods() {
        let pods = [pod("a", "web", ""), pod("web", "x", "")];
        assert_eq!(names(&wanted_pods(&workload("Job", &json!({}), &json!({})), &[], &pods)), "a");
        assert_eq!(names(&wanted_pods(&workload("Pod", &json!({}), &json!({})), &[], &pods)), "web");
    }
}
