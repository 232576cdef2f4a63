//! Whether the pods of a workload show that waiting is in vain, and the chain of causes. Pure: pods and
//! events in, a verdict out; the clock and the log lines are the waiter's.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::condition::Condition;
use super::container::{self, statuses};
use super::event::{events_about, last, message, time};
use super::evidence::Evidence;
use super::pod::name;
use super::said::one_line;
use crate::object::field::{flag, items, text};

/// How long a container must look dead: long enough for a rollout that has just begun to bring its own pods.
const SETTLED: Duration = Duration::from_secs(15);

/// How long a pod must have no node in sight: pods of the revision before may make room, a node may join.
const NO_NODE: Duration = Duration::from_mins(1);

/// A proof that waiting is in vain. Prints as
/// `Deployment/gateway → Pod/gateway-x → container gateway: CrashLoopBackOff (exit 1) after 4 restarts`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct DeadEnd {
    /// From the workload down to what is broken: `Deployment/gateway`, `Pod/gateway-x`, `container gateway`.
    pub chain: Vec<String>,
    /// What is broken, in the words of kubelet or scheduler.
    pub cause: String,
    /// How long the same verdict must stand before a waiter gives up.
    pub patience: Duration,
}

impl fmt::Display for DeadEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.chain.join(" → "), self.cause)
    }
}

/// Judges what stands around one workload: the pods of its wanted revision, and what keeps it from having any. None
/// means that waiting may still help.
#[must_use]
pub(crate) fn dead_end(evidence: &Evidence<'_>) -> Option<DeadEnd> {
    let verdicts = evidence.wanted_pods().into_iter().filter_map(|pod| {
        let events = events_about(pod, evidence.events);
        broken(pod, &events).or_else(|| without_node(pod, &events))
    });
    // The surest first.
    forbidden(evidence).or_else(|| verdicts.min_by_key(|verdict| verdict.patience))
}

/// Pods that Pod Security forbids stay forbidden. The Deployment itself also repeats what was said of an older
/// `ReplicaSet`.
fn forbidden(evidence: &Evidence<'_>) -> Option<DeadEnd> {
    let (workload, set) = (evidence.object, evidence.replica_set()?);
    let failure = Condition::find(set, "ReplicaFailure").filter(Condition::is_true)?;
    failure.message().contains("violates PodSecurity").then(|| DeadEnd {
        chain: vec![format!("{}/{}", field(workload, "/kind"), field(workload, "/metadata/name"))],
        cause: one_line(&failure.words()),
        patience: Duration::ZERO,
    })
}

fn broken(pod: &Value, events: &[&Value]) -> Option<DeadEnd> {
    let pull_errors: Vec<&str> = events
        .iter()
        .filter(|event| text(event, "/reason") == Some("Failed"))
        .filter_map(|event| message(event))
        .filter(|message| message.contains("pull image"))
        .collect();
    statuses(pod).find_map(|status| {
        let cause = container::dead_end(status, &pull_errors)?;
        let mut chain = chain(pod);
        chain.push(format!("container {}", name(status)));
        Some(DeadEnd { chain, cause, patience: SETTLED })
    })
}

/// No node takes the pod, and none is on its way: no autoscaler has promised one, or the last word of the
/// autoscaler is that it will not.
fn without_node(pod: &Value, events: &[&Value]) -> Option<DeadEnd> {
    let scheduled = Condition::find(pod, "PodScheduled").filter(Condition::is_false)?;
    let preempts = text(pod, "/status/nominatedNodeName").is_some();
    if scheduled.reason() != "Unschedulable" || preempts {
        return None;
    }
    // Cluster Autoscaler says `TriggeredScaleUp`, Karpenter `Nominated`.
    let promise = last(events, &["TriggeredScaleUp", "Nominated"]);
    let refusal = last(events, &["NotTriggerScaleUp"]);
    if promise.is_some() && promise.map(time) >= refusal.map(time) {
        return None;
    }
    let refused = refusal.and_then(message).map(|message| format!(" ({})", one_line(message)));
    Some(DeadEnd {
        chain: chain(pod),
        cause: format!("{}{}", scheduled.words(), refused.unwrap_or_default()),
        patience: NO_NODE,
    })
}

fn field<'a>(object: &'a Value, pointer: &str) -> &'a str {
    text(object, pointer).unwrap_or_default()
}

/// The workload and the pod. The `ReplicaSet` between a Deployment and its pods is left out.
fn chain(pod: &Value) -> Vec<String> {
    let owner = items(pod, "/metadata/ownerReferences").iter().find(|owner| flag(owner, "/controller") == Some(true));
    let workload = owner.and_then(|owner| {
        let (kind, name) = (text(owner, "/kind")?, text(owner, "/name")?);
        let hash = text(pod, "/metadata/labels/pod-template-hash").map(|hash| format!("-{hash}"));
        let deployment = hash.and_then(|hash| name.strip_suffix(hash.as_str()));
        Some(match deployment {
            Some(deployment) if kind == "ReplicaSet" => format!("Deployment/{deployment}"),
            _ => format!("{kind}/{name}"),
        })
    });
    let pod = format!("Pod/{}", text(pod, "/metadata/name").unwrap_or_default());
    workload.into_iter().chain([pod]).collect()
}

#[cfg(test)]
mod tests;
