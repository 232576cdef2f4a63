//! Whether one object has reached what its spec asks for, and why not. Pure: one object in, one answer out.
//!
//! The rules are those of kstatus (cli-utils, `pkg/kstatus`) with its known traps fixed; each kind family has
//! a file, and the first line of the file says where it departs.

mod condition;
mod container;
mod crd;
mod custom;
mod dead_end;
mod job;
mod namespace;
mod network;
mod pod;
mod progress;
mod quota;
mod storage;
#[cfg(test)]
mod table;
mod workload;

pub use dead_end::{DeadEnd, dead_end};
pub use progress::progress;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::object::field::{names, number, text};
use crate::object::is_custom_group;
use condition::Condition;

/// The state of one object (kstatus' terms).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum State {
    /// It is what its spec asks for.
    Current,
    /// It is on its way.
    InProgress,
    /// It cannot get there by waiting.
    Failed,
    /// It is being deleted.
    Terminating,
    /// It is not there.
    NotFound,
    /// Nobody can say: a custom resource whose controller has said nothing yet, and perhaps never will.
    /// A waiter gives it [`GRACE`] and then takes it for current.
    Unknown,
}

/// How long a waiter lets a custom resource be [`State::Unknown`]: its controller may be slow, or there may
/// be none.
pub const GRACE: std::time::Duration = std::time::Duration::from_secs(10);

/// A state and the reason for it, always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// The state.
    pub state: State,
    /// Why, as a lower-case fragment: "1 of 2 replicas available".
    pub reason: String,
}

impl Readiness {
    /// A state and its reason.
    #[must_use]
    pub fn new(state: State, reason: impl Into<String>) -> Self {
        Self { state, reason: reason.into() }
    }

    /// It is what its spec asks for.
    #[must_use]
    pub fn current(reason: impl Into<String>) -> Self {
        Self::new(State::Current, reason)
    }

    /// It is on its way.
    #[must_use]
    pub fn in_progress(reason: impl Into<String>) -> Self {
        Self::new(State::InProgress, reason)
    }

    /// It cannot get there by waiting.
    #[must_use]
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::new(State::Failed, reason)
    }

    /// Whether there is nothing to wait for.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.state == State::Current
    }
}

/// Judges one live object; null is an object that is not there.
#[must_use]
pub fn assess(object: &Value) -> Readiness {
    if object.is_null() {
        return Readiness::new(State::NotFound, "it is not there");
    }
    if text(object, "/metadata/deletionTimestamp").is_some() {
        return Readiness::new(State::Terminating, terminating(object));
    }
    // An older generation in their status only says that langop has not written it yet.
    let stale = if custom::is_own(group_and_kind(object).0) { None } else { stale(object) };
    stale.or_else(|| standard(object)).unwrap_or_else(|| by_kind(object))
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
    if let Some(stalled) = Condition::of(object, "Stalled").filter(Condition::is_true) {
        return Some(Readiness::failed(stalled.words()));
    }
    let reconciling = Condition::of(object, "Reconciling").filter(Condition::is_true)?;
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
    let version = text(object, "/apiVersion").unwrap_or_default();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    (group, text(object, "/kind").unwrap_or_default())
}
