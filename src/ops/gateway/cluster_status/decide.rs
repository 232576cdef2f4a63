//! What the status of a `LanguageCluster` says. Pure.

use serde_json::{Value, json};

use crate::apply::Outcome;
use crate::object::ObjectRef;
use crate::object::field::{items, text};
use crate::object::names::gateway_url;
use crate::readiness::{self, State};

use super::Ended;
use super::capacity::{Usage, Workload, capacity_status};

/// What the status of one cluster is decided from.
pub(super) struct Facts<'a> {
    /// The live `LanguageCluster`.
    pub cluster: &'a Value,
    /// The live Deployment of its gateway.
    pub gateway: Option<&'a Value>,
    /// Its live quota.
    pub quota: Option<&'a Value>,
    /// Objects of the cluster that the plan wants, and how they ended.
    pub objects: Vec<Ended<'a>>,
    /// What keeps pods in its namespace.
    pub workloads: Vec<Workload<'a>>,
    /// What its quota cannot say.
    pub usage: Usage,
    /// The time, RFC 3339.
    pub now: String,
}

/// The status.
pub(super) fn status(facts: &Facts<'_>) -> Value {
    let name = text(facts.cluster, "/metadata/name").unwrap_or_default();
    let gateway = ready(facts.gateway, "the gateway is not there");
    let policies = written(facts, "NetworkPolicy");
    let capacity = match facts.quota {
        Some(_) => ready(facts.quota, ""),
        None => (State::Current, "no limits are set".to_owned()),
    };
    let all = facts.objects.iter().find_map(failure);
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
    let mut conditions = vec![condition(facts, "Ready", &overall)];
    conditions.extend(parts.iter().map(|(name, part)| condition(facts, name, part)));
    json!({
        "phase": phase,
        "observedGeneration": facts.cluster.pointer("/metadata/generation"),
        "conditions": conditions,
        "gatewayEndpoint": gateway_url(name),
        "gatewayReady": gateway.0 == State::Current,
        "capacity": capacity_status(facts.quota, &there(facts), &facts.workloads, &facts.usage),
        "managedResources": managed(facts),
    })
}

fn ready(object: Option<&Value>, absent: &str) -> (State, String) {
    object.map_or((State::NotFound, absent.to_owned()), |object| {
        let readiness = readiness::assess(object);
        (readiness.state, readiness.reason)
    })
}

fn written(facts: &Facts<'_>, kind: &str) -> (State, String) {
    let mut of_kind = facts.objects.iter().filter(|one| one.change.object.kind == kind);
    let failed = of_kind.find_map(failure);
    failed.map_or((State::Current, "applied".to_owned()), |reason| (State::Failed, reason))
}

fn failure(ended: &Ended<'_>) -> Option<String> {
    let object = &ended.change.object;
    match ended.outcome {
        Outcome::Failed { error, .. } => Some(format!("{object}: {error}")),
        Outcome::Stale { because } => Some(format!("{object}: left alone, {because}")),
        Outcome::Skipped { because } => Some(format!("{object}: skipped, {because}")),
        _ => None,
    }
}

/// A condition keeps the time of its last change (Kubernetes API conventions, "Typical status properties").
fn condition(facts: &Facts<'_>, kind: &str, (state, message): &(State, String)) -> Value {
    let status = if *state == State::Current { "True" } else { "False" };
    let same = |old: &&Value| text(old, "/type") == Some(kind) && text(old, "/status") == Some(status);
    let old = items(facts.cluster, "/status/conditions").iter().find(same);
    let since = old.and_then(|old| old.get("lastTransitionTime")).cloned();
    json!({
        "type": kind, "status": status, "reason": format!("{state:?}"), "message": message,
        "lastTransitionTime": since.unwrap_or_else(|| facts.now.clone().into()),
        "observedGeneration": facts.cluster.pointer("/metadata/generation"),
    })
}

/// Objects of the cluster that are on the server, in an order that does not tell how they came to be.
fn there<'a>(facts: &Facts<'a>) -> Vec<&'a ObjectRef> {
    let objects = facts.objects.iter().filter(|one| one.is_there()).map(|one| &one.change.object);
    let mut objects: Vec<_> = objects.collect();
    objects.sort();
    objects
}

fn managed(facts: &Facts<'_>) -> Vec<Value> {
    there(facts)
        .into_iter()
        .map(|object| {
            let mut entry = json!({"group": object.group, "kind": object.kind, "name": object.name});
            if let (Some(namespace), Some(fields)) = (&object.namespace, entry.as_object_mut()) {
                fields.insert("namespace".to_owned(), namespace.clone().into());
            }
            entry
        })
        .collect()
}
