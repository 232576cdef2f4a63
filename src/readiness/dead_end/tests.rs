//! What proves that waiting is in vain, and what only looks like it.

use serde_json::{Value, json};

use super::{SETTLED, dead_end};

fn pod(name: &str, hash: &str, created: &str, status: &Value) -> Value {
    json!({
        "metadata": {
            "name": format!("gateway-{hash}-{name}"), "namespace": "prod", "uid": name,
            "creationTimestamp": created, "labels": {"pod-template-hash": hash},
            "ownerReferences": [{"kind": "ReplicaSet", "name": format!("gateway-{hash}"), "controller": true}],
        },
        "status": status,
    })
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
        "involvedObject": {"kind": "Pod", "name": "gateway-b7-x"},
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
fn only_the_newest_revision_is_evidence() {
    let crash = waiting("CrashLoopBackOff", "", 9);
    let old = pod("a", "a1", "2026-01-01T00:00:00Z", &crash);
    let new = pod("b", "b7", "2026-01-01T00:05:00.5Z", &json!({"phase": "Pending"}));
    assert_eq!(verdict(&[old.clone(), new], &[]), None);
    assert!(verdict(std::slice::from_ref(&old), &[]).is_some());
    let mut dying = old;
    dying["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:05:00Z");
    assert_eq!(verdict(&[dying], &[]), None);
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

#[test]
fn the_waiter_learns_whose_logs_to_read() {
    let found = dead_end(&[one(&waiting("CrashLoopBackOff", "", 4))], &[]).unwrap();
    assert_eq!(found.pod.to_string(), "Pod/gateway-b7-x in prod");
    assert_eq!(found.container.as_deref(), Some("gateway"));
    let never_ran = dead_end(&[one(&waiting("InvalidImageName", "", 0))], &[]).unwrap();
    assert_eq!(never_ran.container, None);
}
