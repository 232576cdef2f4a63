//! The status of a `LanguageCluster`: decided from what is live, written after an apply.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::apply::{Outcome, Run};
use crate::cluster::{Body, ClusterError, Writer};
use crate::object::field::{items, number, text};
use crate::object::names::{CLUSTER_KIND, GATEWAY, GROUP, gateway_url};
use crate::object::{ObjectRef, Quantity, labels, role};
use crate::plan::{Action, Change, Plan};
use crate::quota;
use crate::readiness::{self, State};

/// What the status of one cluster is decided from.
struct Live<'a> {
    cluster: &'a Value,
    gateway: Option<&'a Value>,
    quota: Option<&'a Value>,
    /// Objects of the cluster that the plan wants, and how they ended.
    objects: Vec<(&'a Change, &'a Outcome)>,
    now: String,
}

/// Writes the status of every cluster of the plan.
pub(in crate::ops) async fn write_cluster_status(writer: &Writer, plan: &Plan, run: &Run) -> Result<(), ClusterError> {
    let outcomes: BTreeMap<_, _> = run.outcomes.iter().map(|(object, _, outcome)| (object, outcome)).collect();
    let desired = plan.changes.iter().filter(|change| !matches!(change.action, Action::Delete | Action::Forget));
    let wanted: Vec<_> = desired.collect();
    for change in wanted.iter().filter(|change| change.object.is(GROUP, CLUSTER_KIND)) {
        let resource = writer.resource(&change.object.group_kind(), None)?;
        // A cluster that could not be made has no status.
        let Some(cluster) = writer.get(&resource, &change.object).await? else { continue };
        let name = change.object.name.as_str();
        let gateway = writer.find(&role::gateway_deployment(name)).await?;
        let quota = writer.find(&role::quota(name)).await?;
        let objects = wanted.iter().filter(|change| belongs(change, name));
        let live = Live {
            cluster: &cluster,
            gateway: gateway.as_ref(),
            quota: quota.as_ref(),
            objects: objects.filter_map(|change| Some((*change, *outcomes.get(&change.object)?))).collect(),
            now: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        };
        let body = json!({
            "apiVersion": resource.api.api_version, "kind": "LanguageCluster",
            "metadata": {"name": name}, "status": status(&live),
        });
        writer.apply_status(&resource, &Body::plain(body)).await?;
    }
    Ok(())
}

fn belongs(change: &Change, cluster: &str) -> bool {
    let label = change.desired.pointer("/metadata/labels").and_then(|labels| labels.get(labels::CLUSTER));
    label.and_then(Value::as_str) == Some(cluster)
}

/// Decides the status. Pure.
fn status(live: &Live<'_>) -> Value {
    let name = text(live.cluster, "/metadata/name").unwrap_or_default();
    let gateway = ready(live.gateway, "the gateway is not there");
    let policies = written(live, "NetworkPolicy");
    let capacity = match live.quota {
        Some(_) => ready(live.quota, ""),
        None => (State::Current, "no limits are set".to_owned()),
    };
    let all = live.objects.iter().find_map(|(change, outcome)| failure(&change.object, outcome));
    let parts = [("GatewayReady", &gateway), ("NetworkPolicyReady", &policies), ("CapacityReady", &capacity)];
    let bad = parts.iter().find(|(_, (state, _))| *state != State::Current);
    let overall = match (&all, bad) {
        (Some(reason), _) => (State::Failed, reason.clone()),
        (None, Some((_, (state, reason)))) => (*state, reason.clone()),
        (None, None) => (State::Current, "everything of the cluster is there and ready".to_owned()),
    };
    let phase = match overall.0 {
        State::Current => "Ready",
        State::Failed => "Failed",
        _ => "Pending",
    };
    let mut conditions = vec![condition(live, "Ready", &overall)];
    conditions.extend(parts.iter().map(|(name, part)| condition(live, name, part)));
    json!({
        "phase": phase,
        "observedGeneration": live.cluster.pointer("/metadata/generation"),
        "conditions": conditions,
        "gatewayEndpoint": gateway_url(name),
        "gatewayReady": gateway.0 == State::Current,
        "capacity": capacity_of(live),
        "managedResources": managed(live),
    })
}

fn ready(object: Option<&Value>, absent: &str) -> (State, String) {
    object.map_or((State::NotFound, absent.to_owned()), |object| {
        let readiness = readiness::assess(object);
        (readiness.state, readiness.reason)
    })
}

fn written(live: &Live<'_>, kind: &str) -> (State, String) {
    let mut of_kind = live.objects.iter().filter(|(change, _)| change.object.kind == kind);
    let failed = of_kind.find_map(|(change, outcome)| failure(&change.object, outcome));
    failed.map_or((State::Current, "applied".to_owned()), |reason| (State::Failed, reason))
}

fn failure(object: &ObjectRef, outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Failed { error, .. } => Some(format!("{object}: {error}")),
        Outcome::Stale { because } => Some(format!("{object}: left alone, {because}")),
        Outcome::Skipped { because } => Some(format!("{object}: skipped, {because}")),
        _ => None,
    }
}

/// A condition keeps the time of its last change (Kubernetes API conventions, "Typical status properties").
fn condition(live: &Live<'_>, kind: &str, (state, message): &(State, String)) -> Value {
    let status = if *state == State::Current { "True" } else { "False" };
    let same = |old: &&Value| text(old, "/type") == Some(kind) && text(old, "/status") == Some(status);
    let old = items(live.cluster, "/status/conditions").iter().find(same);
    let since = old.and_then(|old| old.get("lastTransitionTime")).cloned();
    json!({
        "type": kind, "status": status, "reason": format!("{state:?}"), "message": message,
        "lastTransitionTime": since.unwrap_or_else(|| live.now.clone().into()),
        "observedGeneration": live.cluster.pointer("/metadata/generation"),
    })
}

fn capacity_of(live: &Live<'_>) -> Value {
    let count = |kind: &str| live.objects.iter().filter(|(change, _)| change.object.is(GROUP, kind)).count();
    let mut capacity = Map::new();
    for (field, kind) in [
        ("agentCount", "LanguageAgent"),
        ("modelCount", "LanguageModel"),
        ("toolCount", "LanguageTool"),
        ("personaCount", "LanguagePersona"),
    ] {
        capacity.insert(field.to_owned(), count(kind).into());
    }
    for (field, resource) in [("totalCPULimits", "cpu"), ("totalMemoryLimits", "memory")] {
        if let Some(total) = limits(live, resource) {
            capacity.insert(field.to_owned(), total.to_string().into());
        }
    }
    for part in ["hard", "used"] {
        let amounts = live.quota.and_then(|quota| quota.pointer("/status")?.get(part)?.as_object());
        // Empty is left out: a server-side apply that empties a map leaves null, which the schema refuses.
        if let Some(amounts) = amounts.filter(|amounts| !amounts.is_empty()) {
            capacity.insert(part.to_owned(), Value::Object(amounts.clone()));
        }
    }
    Value::Object(capacity)
}

/// The sum of the limits of all pods that the desired workloads ask for; none when a container has no limit.
fn limits(live: &Live<'_>, resource: &str) -> Option<Quantity> {
    let mut total = Quantity::ZERO;
    for (change, _) in live.objects.iter().filter(|(change, _)| change.object.is("apps", "Deployment")) {
        // Under an autoscaler only the live object says how many pods there are.
        let scaled = live.gateway.filter(|_| change.object.name == GATEWAY);
        let written = |object: &Value| number(object, "/spec/replicas");
        let replicas = written(&change.desired).or_else(|| scaled.and_then(written)).unwrap_or(1);
        total = total + quota::limit_of_pod(&change.desired, resource)?.times(replicas);
    }
    Some(total)
}

fn managed(live: &Live<'_>) -> Vec<Value> {
    let objects = live.objects.iter().map(|(change, _)| &change.object);
    objects
        .map(|object| {
            let mut entry = json!({"group": object.group, "kind": object.kind, "name": object.name});
            if let (Some(namespace), Some(fields)) = (&object.namespace, entry.as_object_mut()) {
                fields.insert("namespace".to_owned(), namespace.clone().into());
            }
            entry
        })
        .collect()
}
