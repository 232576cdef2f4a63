//! What stands around an object that is being waited for, and what it says of the cause: its own pods, those that
//! block it, and the events. Pure; asks no server and knows no clock.

use serde_json::Value;

use super::condition::Condition;
use super::container::{statuses, waits_for};
use super::event::{events_about, last, last_warning, message, time, words};
use super::pod;
use super::said::one_line;
use super::state::State;
use super::wanted::{blocking_pods, current_replica_set, wanted_pods};
use crate::object::field::text;

/// An object with all that may say why it is not ready. What could not be read is empty: it is no proof of anything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence<'a> {
    /// The object that is waited for, as it is.
    pub object: &'a Value,
    /// The `ReplicaSets` of a Deployment, or the `ControllerRevisions` of a `DaemonSet`.
    pub revisions: &'a [Value],
    /// Pods that its selector matches, or the pod itself.
    pub pods: &'a [Value],
    /// Events of its namespace.
    pub events: &'a [Value],
}

impl<'a> Evidence<'a> {
    /// The pods that the spec asks for, by name.
    pub(super) fn wanted_pods(&self) -> Vec<&'a Value> {
        wanted_pods(self.object, self.revisions, self.pods)
    }

    /// The `ReplicaSet` that makes those pods.
    pub(super) fn replica_set(&self) -> Option<&'a Value> {
        match text(self.object, "/kind") {
            Some("Deployment") => current_replica_set(self.object, self.revisions),
            Some("ReplicaSet") => Some(self.object),
            _ => None,
        }
    }

    /// What it waits for behind its own words: `Pod/web-x: container web: ImagePullBackOff: no such image`.
    #[must_use]
    pub(crate) fn cause(&self) -> Option<String> {
        let is_pod = text(self.object, "/kind") == Some("Pod");
        let causes = self.wanted_pods().into_iter().filter_map(|pod| self.of_pod(pod)).collect::<Vec<_>>();
        let telling = causes.iter().find(|cause| cause.telling).or(causes.first());
        match telling {
            // Its own state is known; only an event tells more.
            Some(cause) if is_pod => cause.event.clone(),
            Some(cause) => Some(cause.to_string()),
            None => self.blocked().or_else(|| self.of_object()),
        }
    }

    /// A claim whose class binds it when a pod comes that uses it (`volumeBindingMode: WaitForFirstConsumer`): as long
    /// as none does there is nothing to wait for, and one that does is waited for itself.
    #[must_use]
    pub(crate) fn waits_for_consumer(&self) -> Option<String> {
        let is_claim = text(self.object, "/kind") == Some("PersistentVolumeClaim");
        let events = if is_claim { events_about(self.object, self.events) } else { Vec::new() };
        let last = events.into_iter().max_by_key(|event| time(event))?;
        (text(last, "/reason") == Some("WaitForFirstConsumer")).then(|| "it is bound when a pod uses it".to_owned())
    }

    fn of_pod(&self, pod: &Value) -> Option<Cause> {
        let readiness = pod::assess(pod);
        if readiness.state == State::Current {
            return None;
        }
        let events = events_about(pod, self.events);
        let waiting = statuses(pod).any(|status| waits_for(status).is_some());
        let telling = waiting || Condition::find(pod, "PodScheduled").is_some_and(|condition| condition.is_false());
        let event = if telling { pull_error(pod, &events) } else { last_warning(pod, &events) };
        let event = event.map(|event| one_line(&event)).filter(|event| !readiness.reason.contains(event.as_str()));
        Some(Cause { pod: name_of(pod).to_owned(), reason: readiness.reason, telling, event })
    }

    /// A pod of the revision before that has to be ready before it is replaced.
    fn blocked(&self) -> Option<String> {
        let cause = blocking_pods(self.object, self.pods).into_iter().find_map(|pod| self.of_pod(pod))?;
        let end = "of the revision before is replaced only when it is ready";
        Some(format!("Pod/{} {end}; delete it if it never will be: {}", cause.pod, cause.reason))
    }

    /// What its controllers say of itself, or of the `ReplicaSet` that makes no pods.
    fn of_object(&self) -> Option<String> {
        let of = |object: &Value| last_warning(object, &events_about(object, self.events));
        let set = self.replica_set().and_then(|set| {
            let failure = Condition::find(set, "ReplicaFailure").filter(Condition::is_true);
            failure.map(|failure| failure.words()).or_else(|| of(set))
        });
        let said = set.or_else(|| match text(self.object, "/kind") {
            // Nobody warns of a claim that is not bound; it is said all the same.
            Some("PersistentVolumeClaim") => {
                let events = events_about(self.object, self.events);
                events.into_iter().max_by_key(|event| time(event)).map(words)
            }
            _ => of(self.object),
        });
        said.map(|said| one_line(&said))
    }
}

/// Why one pod is not ready.
struct Cause {
    pod: String,
    reason: String,
    /// Whether the reason says more than that it is not ready.
    telling: bool,
    /// What an event adds.
    event: Option<String>,
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pod/{}: {}", self.pod, self.reason)?;
        self.event.as_ref().map_or(Ok(()), |event| write!(f, " ({event})"))
    }
}

/// What an old kubelet says only in an event: why an image does not come.
fn pull_error(pod: &Value, events: &[&Value]) -> Option<String> {
    let pulls = statuses(pod)
        .filter_map(|status| text(status, "/state/waiting/reason"))
        .any(|reason| matches!(reason, "ErrImagePull" | "ImagePullBackOff"));
    let failed: Vec<&Value> =
        events.iter().copied().filter(|event| message(event).is_some_and(|m| m.contains("pull image"))).collect();
    pulls.then(|| last(&failed, &["Failed"]).and_then(message).map(str::to_owned))?
}

fn name_of(pod: &Value) -> &str {
    text(pod, "/metadata/name").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, revision: &str, status: &Value) -> Value {
        json!({"kind": "Pod", "status": status, "metadata": {"name": name, "uid": name,
            "labels": {"controller-revision-hash": revision}, "ownerReferences": [{"controller": true, "uid": "set"}]}})
    }

    fn set(spec: &Value) -> Value {
        json!({"kind": "StatefulSet", "spec": spec, "metadata": {"name": "web", "uid": "set", "generation": 1},
            "status": {"observedGeneration": 1, "updateRevision": "new"}})
    }

    fn waiting(reason: &str, message: &str) -> Value {
        let state = json!({"waiting": {"reason": reason, "message": message}});
        json!({"phase": "Pending", "containerStatuses": [{"name": "web", "state": state}]})
    }

    fn event(kind: &str, name: &str, (reason, message): (&str, &str)) -> Value {
        json!({"type": "Warning", "reason": reason, "message": message, "lastTimestamp": "2026-01-01T00:00:00Z",
            "involvedObject": {"kind": kind, "name": name}})
    }

    fn cause(object: &Value, pods: &[Value], events: &[Value]) -> Option<String> {
        Evidence { object, revisions: &[], pods, events }.cause()
    }

    #[test]
    fn the_new_pod_says_what_it_waits_for() {
        let unscheduled = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
            "reason": "Unschedulable", "message": "0/1 nodes are available"}]});
        let running = json!({"phase": "Running", "containerStatuses":
            [{"name": "web", "ready": false, "state": {"running": {}}}]});
        let ended = json!({"phase": "Running", "containerStatuses": [{"name": "web",
            "state": {"terminated": {"exitCode": 3, "message": "starts\nno such file\n"}}}]});
        let mounts = event("Pod", "web-1", ("FailedMount", "configmap \"x\" not found"));
        let probe = event("Pod", "web-1", ("Unhealthy", "Readiness probe failed: 500"));
        let pull = event("Pod", "web-1", ("Failed", "Failed to pull image \"a\": 403 Forbidden"));
        for (status, events, expected) in [
            (waiting("ImagePullBackOff", "not found"), vec![], "container web: ImagePullBackOff: not found"),
            (
                waiting("ImagePullBackOff", "back-off"),
                vec![pull],
                "container web: ImagePullBackOff: back-off (Failed to pull image \"a\": 403 Forbidden)",
            ),
            (unscheduled, vec![], "Unschedulable: 0/1 nodes are available"),
            (json!({"phase": "Pending"}), vec![mounts], "it is Pending (FailedMount: configmap \"x\" not found)"),
            (running, vec![probe], "container web is not ready (Unhealthy: Readiness probe failed: 500)"),
            (ended, vec![], "container web: ended with exit 3: no such file"),
        ] {
            let pods = [pod("web-1", "new", &status), pod("web-0", "new", &json!({"phase": "Pending"}))];
            let events: Vec<_> = events.into_iter().collect();
            let telling = expected.starts_with("it is") || expected.contains("is not ready");
            let pods = if telling { &pods[..1] } else { &pods[..] };
            assert_eq!(cause(&set(&json!({})), pods, &events), Some(format!("Pod/web-1: {expected}")));
        }
    }

    #[test]
    fn an_old_pod_is_named_only_when_it_is_in_the_way() {
        let broken = waiting("ImagePullBackOff", "no such image");
        let pods = [pod("web-0", "old", &broken)];
        assert_eq!(cause(&set(&json!({"podManagementPolicy": "Parallel"})), &pods, &[]), None);
        assert_eq!(
            cause(&set(&json!({})), &pods, &[]).as_deref(),
            Some(
                "Pod/web-0 of the revision before is replaced only when it is ready; delete it if it never will be: \
                 container web: ImagePullBackOff: no such image"
            )
        );
    }

    #[test]
    fn who_makes_no_pods_says_why_and_so_does_a_claim() {
        let quota = event("StatefulSet", "web", ("FailedCreate", "exceeded quota: q"));
        assert_eq!(cause(&set(&json!({})), &[], &[quota]).as_deref(), Some("FailedCreate: exceeded quota: q"));
        let claim = json!({"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "uid": "1"}});
        let said = |reason: &str, message: &str| {
            let mut said = event("PersistentVolumeClaim", "data", (reason, message));
            said["type"] = json!("Normal");
            said
        };
        let binding = said("FailedBinding", "no storage class is set");
        let evidence = |events| Evidence { object: &claim, revisions: &[], pods: &[], events };
        assert_eq!(evidence(std::slice::from_ref(&binding)).waits_for_consumer(), None);
        assert!(evidence(&[said("WaitForFirstConsumer", "waiting")]).waits_for_consumer().is_some());
        assert_eq!(cause(&claim, &[], &[binding]).as_deref(), Some("FailedBinding: no storage class is set"));
    }

    #[test]
    fn a_bare_pod_is_told_of_only_by_events() {
        let bare = pod("web", "", &json!({"phase": "Pending"}));
        let mount = event("Pod", "web", ("FailedMount", "no such volume"));
        assert_eq!(cause(&bare, std::slice::from_ref(&bare), &[]), None);
        assert_eq!(cause(&bare, std::slice::from_ref(&bare), &[mount]).as_deref(), Some("FailedMount: no such volume"));
    }
}
