//! Whether one object has reached what its spec asks for, and why not. Pure: one object in, one answer out.
//!
//! The rules are those of kstatus (cli-utils, `pkg/kstatus`) with its known traps fixed; each kind family has
//! a file, and the first line of the file says where it departs.

mod condition;
mod container;
mod crd;
mod custom;
mod dead_end;
mod event;
mod evidence;
mod job;
mod namespace;
mod network;
mod pod;
mod progress;
mod quota;
mod said;
mod standing;
mod state;
mod storage;
#[cfg(test)]
mod table;
mod wanted;
mod work;
mod workload;

pub(crate) use dead_end::dead_end;
pub(crate) use event::{message as event_message, time as event_time};
pub(crate) use evidence::Evidence;
pub(crate) use progress::progress;
pub use standing::Standing;
pub(crate) use standing::{completed, goes_when_ended};
pub(crate) use state::{GRACE, Readiness, State};
pub(crate) use work::work;

use serde_json::Value;

use crate::object::field::{names, number, text};
use crate::object::names::GROUP;
use crate::object::{group_of, is_custom_group};
use condition::Condition;

/// Judges one live object; null is an object that is not there.
#[must_use]
pub(crate) fn assess(object: &Value) -> Readiness {
    if object.is_null() {
        return Readiness::new(State::NotFound, "it is not there");
    }
    if text(object, "/metadata/deletionTimestamp").is_some() {
        return Readiness::new(State::Terminating, terminating(object));
    }
    // An older generation in their status only says that langop has not written it yet.
    let stale = if group_and_kind(object).0 == GROUP { None } else { stale(object) };
    stale.or_else(|| standard(object)).unwrap_or_else(|| by_kind(object))
}

/// Whether what stands around an object tells something as soon as it is made: its controller has spoken of it, or speaks
/// nowhere else.
#[must_use]
pub(crate) fn is_telling(object: &Value) -> bool {
    workload::is_refused(object) || group_and_kind(object) == ("", "PersistentVolumeClaim")
}

/// What an object that is ready still lacks, and nobody may wait for.
#[must_use]
pub(crate) fn remains(object: &Value) -> Option<String> {
    (group_and_kind(object) == ("", "PersistentVolumeClaim")).then(|| storage::pending_growth(object)).flatten()
}

/// Judges an object that is being deleted as it was before.
#[must_use]
pub(crate) fn assess_before_deletion(object: &Value) -> Readiness {
    let mut object = object.clone();
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("deletionTimestamp");
    }
    assess(&object)
}

/// What a deletion waits for.
fn terminating(object: &Value) -> String {
    if let Some(reason) = namespace::blocked(object) {
        return reason;
    }
    let finalizers = names(object, "/metadata/finalizers");
    if finalizers.is_empty() {
        return "it is being deleted".to_owned();
    }
    format!("it is being deleted, and waits for finalizer `{}`", finalizers.join("`, `"))
}

/// The controller has not seen the newest spec. An `observedGeneration` that is no number says nothing
/// (kstatus makes it an error that never ends: helm#32615).
fn stale(object: &Value) -> Option<Readiness> {
    let generation = number(object, "/metadata/generation")?;
    let observed = number(object, "/status/observedGeneration")?;
    (observed < generation).then(|| {
        let reason = format!("generation {generation} not seen by its controller, which is at {observed}");
        Readiness::in_progress(reason)
    })
}

/// The conditions that kstatus reserves for every kind.
fn standard(object: &Value) -> Option<Readiness> {
    if let Some(stalled) = Condition::find(object, "Stalled").filter(Condition::is_true) {
        return Some(Readiness::failed(stalled.words()));
    }
    let reconciling = Condition::find(object, "Reconciling").filter(Condition::is_true)?;
    Some(Readiness::in_progress(reconciling.words()))
}

fn by_kind(object: &Value) -> Readiness {
    let (group, kind) = group_and_kind(object);
    match (group, kind) {
        ("apps", "Deployment") => workload::deployment(object),
        ("apps", "StatefulSet") => workload::stateful_set(object),
        ("apps", "DaemonSet") => workload::daemon_set(object),
        ("apps", "ReplicaSet") | ("", "ReplicationController") => workload::replica_set(object),
        ("", "Pod") => pod::assess(object),
        ("batch", "Job") => job::assess(object),
        ("", "PersistentVolumeClaim") => storage::claim(object),
        ("", "PersistentVolume") => storage::volume(object),
        ("", "ResourceQuota") => quota::assess(object),
        ("", "Namespace") => namespace::assess(object),
        ("", "Service") => network::service(object),
        ("cilium.io", "CiliumNetworkPolicy" | "CiliumClusterwideNetworkPolicy") => network::cilium_policy(object),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => crd::definition(object),
        ("apiregistration.k8s.io", "APIService") => crd::api_service(object),
        (group, _) if is_custom_group(group) => custom::assess(object, group),
        _ => Readiness::current("it exists"),
    }
}

fn group_and_kind(object: &Value) -> (&str, &str) {
    let group = group_of(text(object, "/apiVersion").unwrap_or_default());
    (group, text(object, "/kind").unwrap_or_default())
}
