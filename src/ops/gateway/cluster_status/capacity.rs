//! `status.capacity`: what is in the namespace of a cluster and what is allowed there, once everything has settled. The
//! quota's own count is late: new kinds are counted after half a minute, and pods until they are gone, those that a
//! rollout replaced too. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::object::field::number;
use crate::object::names::{AGENT_KIND, GROUP, MODEL_KIND, PERSONA_KIND, TOOL_KIND};
use crate::object::{ObjectRef, Quantity};
use crate::quota;

/// Before the resource in the keys of limits of pods.
const LIMITS: &str = "limits.";

/// What a quota cannot say.
#[derive(Debug, Default)]
pub(super) struct Usage {
    /// Live pods, where the quota counts others than those that stay.
    pub pods: Option<Vec<Value>>,
    /// Objects by key of the quota, where it has not counted them.
    pub counts: BTreeMap<String, usize>,
}

/// An object that keeps pods.
#[derive(Clone, Copy, Debug)]
pub(super) struct Workload<'a> {
    desired: &'a Value,
    /// How many; none when only the live object says so.
    pub pods: Option<i64>,
}

impl<'a> Workload<'a> {
    /// An object as it is desired; none when it keeps no pods. What ends by itself keeps none.
    pub(super) fn new(object: &ObjectRef, desired: &'a Value) -> Option<Self> {
        let pods = match (object.group.as_str(), object.kind.as_str()) {
            ("", "Pod") => Some(1),
            ("apps", _) | ("", "ReplicationController") => number(desired, "/spec/replicas"),
            _ => return None,
        };
        quota::makes_pods(desired).then_some(Self { desired, pods })
    }

    /// The same with the number of pods that the live object says: an autoscaler's, or one for each node.
    pub(super) fn counted(self, live: Option<&Value>) -> Self {
        let count = |pointer: &str| live.and_then(|live| number(live, pointer));
        let pods = count("/spec/replicas").or_else(|| count("/status/desiredNumberScheduled"));
        Self { pods: Some(pods.unwrap_or(1)), ..self }
    }
}

/// The keys of a quota.
pub(super) fn keys(quota: &Value) -> impl Iterator<Item = &str> {
    let hard = quota.pointer("/spec/hard").and_then(Value::as_object);
    hard.into_iter().flatten().map(|(key, _)| key.as_str())
}

/// Whether the quota has counted what a key limits.
pub(super) fn is_counted(quota: &Value, key: &str) -> bool {
    used(quota, key).is_some()
}

/// Whether a quota counts other pods than those that the workloads keep: those of others, or those that end.
pub(super) fn needs_pods(quota: &Value, workloads: &[Workload<'_>]) -> bool {
    let mut limits = keys(quota).filter_map(|key| Some((key, key.strip_prefix(LIMITS)?)));
    limits.any(|(key, resource)| used(quota, key).and_then(Quantity::from_json) != limits_of(workloads, resource))
}

/// The status of a quota, if there is one, with the objects of the cluster that are there.
pub(super) fn capacity_status(
    quota: Option<&Value>,
    there: &[&ObjectRef],
    workloads: &[Workload<'_>],
    usage: &Usage,
) -> Value {
    let count = |kind: &str| there.iter().filter(|object| object.is(GROUP, kind)).count();
    let mut capacity = Map::new();
    for (field, kind) in [
        ("agentCount", AGENT_KIND),
        ("modelCount", MODEL_KIND),
        ("toolCount", TOOL_KIND),
        ("personaCount", PERSONA_KIND),
    ] {
        capacity.insert(field.to_owned(), count(kind).into());
    }
    for (field, resource) in [("totalCPULimits", "cpu"), ("totalMemoryLimits", "memory")] {
        if let Some(total) = limits_of(workloads, resource) {
            capacity.insert(field.to_owned(), total.to_string().into());
        }
    }
    for (part, amounts) in quota.map(|quota| amounts(quota, usage)).into_iter().flatten() {
        // Empty is left out: a server-side apply that empties a map leaves null, which the schema refuses.
        if !amounts.is_empty() {
            capacity.insert(part.to_owned(), Value::Object(amounts));
        }
    }
    Value::Object(capacity)
}

/// What is allowed, and what is used of it.
fn amounts(quota: &Value, usage: &Usage) -> [(&'static str, Map<String, Value>); 2] {
    let hard = quota.pointer("/spec/hard").and_then(Value::as_object).cloned().unwrap_or_default();
    let used = hard.keys().filter_map(|key| Some((key.clone(), amount(quota, key, usage)?))).collect();
    [("hard", hard), ("used", used)]
}

/// What is used under a key.
fn amount(quota: &Value, key: &str, usage: &Usage) -> Option<Value> {
    if let Some(count) = usage.counts.get(key) {
        return Some(count.to_string().into());
    }
    match (key.strip_prefix(LIMITS), &usage.pods) {
        (Some(resource), Some(pods)) => Some(quota::limits_that_stay(pods, resource).to_string().into()),
        _ => used(quota, key).cloned(),
    }
}

fn used<'a>(quota: &'a Value, key: &str) -> Option<&'a Value> {
    quota.pointer("/status/used")?.get(key)
}

/// The sum of the limits of all pods that workloads keep; none when a container has no limit.
fn limits_of(workloads: &[Workload<'_>], resource: &str) -> Option<Quantity> {
    workloads.iter().try_fold(Quantity::ZERO, |total, workload| {
        Some(total + quota::limit_of_pod(workload.desired, resource)?.times(workload.pods.unwrap_or(1)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn workload(replicas: &Value) -> Value {
        let container = json!({"name": "c", "resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}});
        json!({"spec": {"replicas": replicas, "template": {"spec": {"containers": [container]}}}})
    }

    fn object(group: &str, kind: &str) -> ObjectRef {
        ObjectRef::namespaced(group, kind, "n", "x")
    }

    fn quota(used: &Value) -> Value {
        let hard = json!({"limits.cpu": "4", "count/languagemodels.langop.io": "3"});
        json!({"spec": {"hard": hard}, "status": {"hard": hard, "used": used}})
    }

    fn pod(cpu: &str, more: &Value) -> Value {
        let spec = json!({"containers": [{"name": "c", "resources": {"limits": {"cpu": cpu}}}]});
        crate::object::overlay(&json!({"metadata": {"name": "p"}, "spec": spec}), more)
    }

    #[test]
    fn workloads_of_every_kind_count_as_often_as_they_keep_pods() {
        let (two, scaled) = (workload(&json!(2)), workload(&Value::Null));
        let (pod, job) = (pod("2", &json!({})), json!({"spec": {"template": {"spec": {"containers": []}}}}));
        let web = Workload::new(&object("apps", "Deployment"), &two).unwrap();
        let agent = Workload::new(&object("apps", "DaemonSet"), &scaled).unwrap();
        assert_eq!(agent.pods, None);
        let agent = agent.counted(Some(&json!({"status": {"desiredNumberScheduled": 3}})));
        assert!(Workload::new(&object("batch", "Job"), &job).is_none());
        assert!(Workload::new(&object("", "ConfigMap"), &json!({"data": {}})).is_none());
        assert_eq!(limits_of(&[web, agent], "cpu").unwrap().to_string(), "2500m");
        let alone = Workload::new(&object("", "Pod"), &pod).unwrap();
        assert_eq!(limits_of(&[web, alone], "cpu").unwrap().to_string(), "3");
        assert_eq!(limits_of(&[web, alone], "memory"), None, "the pod has no limit of memory");
    }

    #[test]
    fn pods_are_looked_at_where_the_quota_counts_others_than_the_workloads_keep() {
        let two = workload(&json!(2));
        let workloads = [Workload::new(&object("apps", "Deployment"), &two).unwrap()];
        assert!(!needs_pods(&quota(&json!({"limits.cpu": "1"})), &workloads));
        assert!(!needs_pods(&quota(&json!({"limits.cpu": "1000m"})), &workloads));
        assert!(needs_pods(&quota(&json!({"limits.cpu": "1500m"})), &workloads), "one more in a rollout");
        assert!(needs_pods(&quota(&json!({})), &workloads), "not counted yet");
    }

    #[test]
    fn what_ends_is_not_used_and_what_is_not_counted_is_counted() {
        let quota = quota(&json!({"limits.cpu": "3"}));
        let ending = json!({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}});
        let ended = json!({"status": {"phase": "Succeeded"}});
        let pods = vec![pod("1", &json!({})), pod("1", &ending), pod("1", &ended)];
        let counts = BTreeMap::from([("count/languagemodels.langop.io".to_owned(), 2)]);
        let model = object(GROUP, MODEL_KIND);
        let status = capacity_status(Some(&quota), &[&model], &[], &Usage { pods: Some(pods), counts });
        assert_eq!(status["used"], json!({"limits.cpu": "1", "count/languagemodels.langop.io": "2"}));
        assert_eq!(status["hard"], quota["spec"]["hard"]);
        assert_eq!((&status["modelCount"], &status["agentCount"]), (&json!(1), &json!(0)));
    }

    #[test]
    fn without_a_quota_there_are_numbers_alone() {
        let status = capacity_status(None, &[], &[], &Usage::default());
        assert_eq!((status.get("hard"), status.get("used")), (None, None));
        assert_eq!(status["totalCPULimits"], "0");
    }
}
