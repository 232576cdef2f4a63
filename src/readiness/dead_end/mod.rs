//! Whether the pods of a workload show that waiting is in vain, and the chain of causes. Pure: pods and
//! events in, a verdict out; the clock and the log lines are the waiter's.

use std::cmp::Reverse;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::condition::Condition;
use super::container::{self, statuses};
use super::pod::name;
use crate::object::ObjectRef;
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
    /// The pod, whose last log lines tell more.
    pub pod: ObjectRef,
    /// The container of it that ran and ended; none when none ever ran.
    pub container: Option<String>,
}

impl fmt::Display for DeadEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.chain.join(" → "), self.cause)
    }
}

/// Judges the pods of one workload with the events about them; pods that are going away, or are of an older
/// revision than the newest pod, are no evidence. None means that waiting may still help.
#[must_use]
pub(crate) fn dead_end(pods: &[Value], events: &[Value]) -> Option<DeadEnd> {
    let newest = pods.iter().max_by_key(|pod| created(pod)).map(revision);
    let mut alive: Vec<&Value> = pods
        .iter()
        .filter(|pod| text(pod, "/metadata/deletionTimestamp").is_none())
        .filter(|pod| Some(revision(pod)) == newest)
        .collect();
    alive.sort_by_key(|pod| text(pod, "/metadata/name"));
    let verdicts = alive.into_iter().filter_map(|pod| {
        let events: Vec<&Value> = events.iter().filter(|event| is_about(event, pod)).collect();
        broken(pod, &events).or_else(|| without_node(pod, &events))
    });
    // The surest first.
    verdicts.min_by_key(|verdict| verdict.patience)
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
        let ran = status.pointer("/lastState/terminated").is_some();
        Some(DeadEnd {
            chain,
            cause,
            patience: SETTLED,
            pod: reference(pod),
            container: ran.then(|| name(status).to_owned()),
        })
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
    let refused = refusal.and_then(message).map(|message| format!(" ({message})"));
    Some(DeadEnd {
        chain: chain(pod),
        cause: format!("{}{}", scheduled.words(), refused.unwrap_or_default()),
        patience: NO_NODE,
        pod: reference(pod),
        container: None,
    })
}

fn last<'a>(events: &[&'a Value], reasons: &[&str]) -> Option<&'a Value> {
    let of = events.iter().filter(|event| text(event, "/reason").is_some_and(|reason| reasons.contains(&reason)));
    of.copied().max_by_key(|event| time(event))
}

/// When an event was last seen, in either of its two formats.
fn time(event: &Value) -> Option<Timestamp> {
    let fields = ["/series/lastObservedTime", "/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"];
    fields.iter().find_map(|field| text(event, field)?.parse().ok())
}

/// `message` in core/v1, `note` in events.k8s.io/v1.
fn message(event: &Value) -> Option<&str> {
    text(event, "/message").or_else(|| text(event, "/note"))
}

fn is_about(event: &Value, pod: &Value) -> bool {
    ["/involvedObject", "/regarding"].iter().any(|object| {
        let same = |field: &str, other: &str| {
            let about = text(event, &format!("{object}/{field}"));
            about.is_some() && about == text(pod, other)
        };
        let is_pod = text(event, &format!("{object}/kind")) == Some("Pod");
        let other_life = text(event, &format!("{object}/uid")).is_some() && !same("uid", "/metadata/uid");
        is_pod && same("name", "/metadata/name") && !other_life
    })
}

fn created(pod: &Value) -> (Option<Timestamp>, Reverse<&str>) {
    let time = text(pod, "/metadata/creationTimestamp").and_then(|time| time.parse().ok());
    (time, Reverse(text(pod, "/metadata/name").unwrap_or_default()))
}

fn revision(pod: &Value) -> Option<&str> {
    text(pod, "/metadata/labels/pod-template-hash").or_else(|| text(pod, "/metadata/labels/controller-revision-hash"))
}

fn reference(pod: &Value) -> ObjectRef {
    ObjectRef::namespaced(
        "",
        "Pod",
        text(pod, "/metadata/namespace").unwrap_or_default(),
        text(pod, "/metadata/name").unwrap_or_default(),
    )
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
