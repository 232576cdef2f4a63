//! What proves that waiting is in vain, and what only looks like it.

use serde_json::{Value, json};

use super::{DeadEnd, SETTLED};
use crate::readiness::Evidence;

fn pod(name: &str, hash: &str, created: &str, status: &Value) -> Value {
    let set = format!("gateway-{hash}");
    json!({
        "kind": "Pod",
        "metadata": {
            "name": format!("{set}-{name}"), "namespace": "prod", "uid": name,
            "creationTimestamp": created, "labels": {"pod-template-hash": hash},
            "ownerReferences": [{"kind": "ReplicaSet", "name": set, "uid": set, "controller": true}],
        },
        "status": status,
    })
}

/// A Deployment at the revision `hash`, and the `ReplicaSets` of both revisions.
fn rollout(hash: &str) -> (Value, Vec<Value>) {
    let spec = |hash: &str| json!({"template": {"spec": {"containers": [{"image": hash}]}}});
    let set = |hash: &str| {
        json!({"kind": "ReplicaSet", "spec": spec(hash), "metadata": {"uid": format!("gateway-{hash}"),
            "ownerReferences": [{"controller": true, "uid": "gateway"}]}})
    };
    let deployment =
        json!({"kind": "Deployment", "metadata": {"name": "gateway", "uid": "gateway"}, "spec": spec(hash)});
    (deployment, vec![set("a1"), set("b7")])
}

fn dead_end(pods: &[Value], events: &[Value]) -> Option<DeadEnd> {
    dead_end_at("b7", pods, events)
}

fn dead_end_at(hash: &str, pods: &[Value], events: &[Value]) -> Option<DeadEnd> {
    let (object, revisions) = rollout(hash);
    super::dead_end(&Evidence { object: &object, revisions: &revisions, pods, events })
}

fn waiting(reason: &str, message: &str, restarts: i64) -> Value {
    json!({"containerStatuses": [{
        "name": "gateway", "restartCount": restarts,
        "state": {"waiting": {"reason": reason, "message": message}},
        "lastState": if restarts > 0 {
            json!({"terminated": {"exitCode": 137, "reason": "OOMKilled"}})
        } else {
            json!({})
        },
    }]})
}

fn one(status: &Value) -> Value {
    pod("x", "b7", "2026-01-01T00:00:00Z", status)
}

fn event(reason: &str, message: &str, time: &str) -> Value {
    json!({
        "reason": reason, "message": message, "lastTimestamp": time,
        "type": "Warning", "involvedObject": {"kind": "Pod", "name": "gateway-b7-x"},
    })
}

fn verdict(pods: &[Value], events: &[Value]) -> Option<String> {
    dead_end(pods, events).map(|found| found.to_string())
}

#[test]
fn containers_that_will_never_run() {
    let missing = "failed to pull and unpack image \"ghcr.io/a/b:1\": failed to resolve reference: \
        ghcr.io/a/b:1: not found";
    for (reason, message, restarts, cause) in [
        ("InvalidImageName", "bad name", 0, "InvalidImageName: bad name".to_owned()),
        ("ErrImageNeverPull", "not present", 0, "ErrImageNeverPull: not present".to_owned()),
        ("ErrImagePull", missing, 0, format!("ErrImagePull: {missing}")),
        (
            "CreateContainerConfigError",
            "container has runAsNonRoot and image will run as root",
            0,
            "CreateContainerConfigError: container has runAsNonRoot and image will run as root".to_owned(),
        ),
        (
            "CreateContainerConfigError",
            "couldn't find key api-key in Secret prod/anthropic",
            0,
            "CreateContainerConfigError: couldn't find key api-key in Secret prod/anthropic".to_owned(),
        ),
        ("CrashLoopBackOff", "back-off 40s", 4, "CrashLoopBackOff (exit 137, OOMKilled) after 4 restarts".to_owned()),
    ] {
        let expected = format!("Deployment/gateway → Pod/gateway-b7-x → container gateway: {cause}");
        assert_eq!(verdict(&[one(&waiting(reason, message, restarts))], &[]), Some(expected));
    }
}

#[test]
fn containers_that_may_still_run() {
    for (reason, message, restarts) in [
        ("ContainerCreating", "", 0),
        ("CreateContainerConfigError", "secret \"anthropic\" not found", 0),
        ("CreateContainerConfigError", "configmap \"gateway-config\" not found", 0),
        ("CrashLoopBackOff", "back-off 10s", 2),
        ("ImagePullBackOff", "Back-off pulling image \"ghcr.io/a/b:1\"", 0),
        ("ErrImagePull", "dial tcp: lookup ghcr.io: no such host: not found", 0),
        ("ErrImagePull", "unexpected status: 503 Service Unavailable", 0),
        ("ErrImagePull", "pull access denied, repository does not exist or may require authorization", 0),
        ("RunContainerError", "context deadline exceeded", 0),
    ] {
        assert_eq!(verdict(&[one(&waiting(reason, message, restarts))], &[]), None, "{message}");
    }
}

#[test]
fn an_old_kubelet_says_not_found_in_an_event() {
    let pods = [one(&waiting("ImagePullBackOff", "Back-off pulling image \"a:1\"", 0))];
    let failed = event("Failed", "Failed to pull image \"a:1\": manifest unknown", "2026-01-01T00:00:05Z");
    let found = verdict(&pods, std::slice::from_ref(&failed)).unwrap();
    assert!(found.ends_with("ImagePullBackOff: Failed to pull image \"a:1\": manifest unknown"), "{found}");
    let mut other = failed;
    other["involvedObject"]["name"] = json!("someone-else");
    assert_eq!(verdict(&pods, &[other]), None);
}

#[test]
fn only_the_wanted_revision_is_evidence_whichever_pod_is_the_newest() {
    let crash = waiting("CrashLoopBackOff", "", 9);
    let starting = json!({"phase": "Pending"});
    let pods = |good: &Value, bad: &Value| {
        [pod("a", "a1", "2026-01-01T00:00:00Z", good), pod("b", "b7", "2026-01-01T00:05:00.5Z", bad)]
    };
    // A rollout: the old pod may be as broken as it likes.
    assert!(dead_end_at("b7", &pods(&crash, &starting), &[]).is_none());
    assert!(dead_end_at("b7", &pods(&starting, &crash), &[]).is_some());
    // A rollback: the newest pod is what it goes away from, and stays until the old revision serves.
    assert!(dead_end_at("a1", &pods(&starting, &crash), &[]).is_none());
    assert!(dead_end_at("a1", &pods(&crash, &starting), &[]).is_some());
    let mut dying = pods(&starting, &crash)[1].clone();
    dying["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:05:00Z");
    assert_eq!(verdict(&[dying], &[]), None);
}

#[test]
fn pods_that_pod_security_forbids_are_those_of_the_wanted_revision() {
    let (object, mut revisions) = rollout("b7");
    revisions[1]["status"]["conditions"] = json!([{"type": "ReplicaFailure", "status": "True",
        "reason": "FailedCreate", "message": "pods \"gateway-b7-x\" is forbidden: violates PodSecurity \"restricted\""}]);
    let evidence = Evidence { object: &object, revisions: &revisions, pods: &[], events: &[] };
    let found = super::dead_end(&evidence).unwrap();
    assert!(found.patience.is_zero() && found.to_string().starts_with("Deployment/gateway: FailedCreate: "), "{found}");
    // The Deployment repeats what was said of the revision before.
    let (back, _) = rollout("a1");
    assert_eq!(super::dead_end(&Evidence { object: &back, ..evidence }), None);
}

#[test]
fn a_pod_without_a_node_waits_for_a_scale_up() {
    let unschedulable = |extra: Value| {
        let mut status = json!({"phase": "Pending", "conditions": [{
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
            "message": "0/1 nodes are available: 1 Insufficient cpu.",
        }]});
        status.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        one(&status)
    };
    let pods = [unschedulable(json!({}))];
    let found = dead_end(&pods, &[]).unwrap();
    assert_eq!(
        found.to_string(),
        "Deployment/gateway → Pod/gateway-b7-x: Unschedulable: 0/1 nodes are available: 1 Insufficient cpu."
    );
    assert!(found.patience > SETTLED);
    let up = |time: &str| event("TriggeredScaleUp", "pod triggered scale-up", time);
    let no = |time: &str| event("NotTriggerScaleUp", "max limit reached", time);
    let (early, late) = ("2026-01-01T00:01:00Z", "2026-01-01T00:02:00.000001Z");
    assert_eq!(verdict(&pods, &[up(early)]), None);
    assert_eq!(verdict(&pods, &[no(early), up(late)]), None);
    assert!(verdict(&pods, &[up(early), no(late)]).unwrap().ends_with("(max limit reached)"));
    assert_eq!(verdict(&pods, &[event("Nominated", "should schedule on: nodeclaim/x", early)]), None);
    assert_eq!(verdict(&[unschedulable(json!({"nominatedNodeName": "n"}))], &[]), None);
}
