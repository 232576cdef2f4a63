//! Live pods, and which object made them. Known by names and labels, so that nothing but pods is read.

use serde_json::Value;

use super::limit_range::Defaults;
use super::measure::Measure;
use super::pod::Pod;
use crate::object::field::{items, text};
use crate::object::{ObjectRef, Quantity};

/// A pod that a quota counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running<'a> {
    pod: &'a Value,
    /// Its spec.
    pub(super) spec: &'a Value,
}

/// The pods of these that have not ended: a quota counts no others.
pub(super) fn running(pods: &[Value]) -> Vec<Running<'_>> {
    let ended = |pod: &Value| matches!(text(pod, "/status/phase"), Some("Succeeded" | "Failed"));
    let counted = pods.iter().filter(|pod| !ended(pod));
    counted.filter_map(|pod| Some(Running { pod, spec: pod.get("spec")? })).collect()
}

/// The limits of all of these pods that have not ended and do not end.
#[must_use]
pub(crate) fn limits_that_stay(pods: &[Value], resource: &str) -> Quantity {
    // A pod that is let in has all defaults written into it.
    let (defaults, measure) = (Defaults::default(), Measure::Limits(resource.to_owned()));
    let ends = |pod: &Running<'_>| pod.pod.pointer("/metadata/deletionTimestamp").is_some();
    let staying = running(pods).into_iter().filter(|pod| !ends(pod));
    staying.map(|pod| Pod { spec: pod.spec, defaults: &defaults }.amount(&measure)).sum()
}

impl Running<'_> {
    /// Whether it is this object, or was made by it or for it.
    pub(super) fn is_of(&self, object: &ObjectRef) -> bool {
        let Some((group, kind, owner)) = self.controller() else {
            return object.is("", "Pod") && text(self.pod, "/metadata/name") == Some(object.name.as_str());
        };
        let rest = owner.strip_prefix(object.name.as_str()).and_then(|rest| rest.strip_prefix('-'));
        match object.kind.as_str() {
            "Deployment" => group == object.group && kind == "ReplicaSet" && rest == Some(self.template_hash()),
            "CronJob" => group == object.group && kind == "Job" && rest.is_some_and(is_time),
            _ => object.is(group, kind) && owner == object.name,
        }
    }

    fn controller(&self) -> Option<(&str, &str, &str)> {
        let owner = items(self.pod, "/metadata/ownerReferences")
            .iter()
            .find(|owner| owner.get("controller").and_then(Value::as_bool) == Some(true))?;
        let field = |pointer: &str| text(owner, pointer).unwrap_or_default();
        let group = field("/apiVersion").split_once('/').map_or("", |(group, _)| group);
        Some((group, field("/kind"), field("/name")))
    }

    /// What the Deployment controller puts behind its own name in that of a `ReplicaSet`.
    fn template_hash(&self) -> &str {
        text(self.pod, "/metadata/labels/pod-template-hash").unwrap_or_default()
    }
}

/// What the `CronJob` controller puts behind its own name in that of a Job: minutes since 1970.
fn is_time(suffix: &str) -> bool {
    !suffix.is_empty() && suffix.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(kind: &str, owner: &str, phase: &str) -> Value {
        let api = match kind {
            "Job" => "batch/v1",
            "ReplicationController" => "v1",
            _ => "apps/v1",
        };
        json!({"metadata": {"name": "p", "labels": {"pod-template-hash": "5d4f"}, "ownerReferences": [
            {"apiVersion": api, "kind": kind, "name": owner, "controller": true}]},
            "spec": {}, "status": {"phase": phase}})
    }

    #[test]
    fn a_pod_is_known_by_what_made_it() {
        let object = |group: &str, kind: &str, name: &str| ObjectRef::namespaced(group, kind, "n", name);
        let of = |pod: &Value, object: &ObjectRef| running(std::slice::from_ref(pod))[0].is_of(object);
        let web = pod("ReplicaSet", "web-5d4f", "Running");
        assert!(of(&web, &object("apps", "Deployment", "web")));
        assert!(!of(&web, &object("apps", "Deployment", "we")));
        assert!(!of(&pod("ReplicaSet", "web-two-5d4f", "Running"), &object("apps", "Deployment", "web")));
        assert!(of(&web, &object("apps", "ReplicaSet", "web-5d4f")));
        assert!(of(&pod("Job", "night-29000000", "Pending"), &object("batch", "CronJob", "night")));
        assert!(!of(&pod("Job", "night-shift", "Pending"), &object("batch", "CronJob", "night")));
        assert!(of(&pod("StatefulSet", "db", "Running"), &object("apps", "StatefulSet", "db")));
        let bare = json!({"metadata": {"name": "p"}, "spec": {}});
        assert!(of(&bare, &object("", "Pod", "p")) && !of(&bare, &object("", "Pod", "q")));
        assert!(running(&[pod("Job", "j", "Succeeded"), pod("Job", "j", "Failed")]).is_empty());
    }
}
