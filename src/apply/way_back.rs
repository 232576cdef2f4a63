//! Takes a gateway back to the last configuration in which it was seen ready, where its description asks for that and the
//! new one does not become ready. Kubernetes keeps the old pods during a rollout, but not what they read: without the way
//! back the next pod that starts is a new one.
//!
//! What goes back are the objects that bear the labels of the gateway, and the policies of its pods; Secrets stay, and so
//! does what was told of agents when it ends a key. Nothing goes back after an interruption, or where no pod of the new configuration could be made at
//! all, as by a quota: then the configuration is not the cause.

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::oneshot;

use super::job::Job;
use super::message::Message;
use super::stop::Stop;
use super::wait::{Waited, Waiting};
use super::work_inputs::WorkInputs;
use crate::cluster::{Body, ClusterError, Ownership};
use crate::object::field::{escape, flag, items, number, text};
use crate::object::names::{GATEWAY, GATEWAY_AGENTS};
use crate::object::role::{gateway_cluster, is_gateway_deployment};
use crate::object::{DeferredValue, Manifest, digest, labels};
use crate::plan::{Action, Change, unsafe_among};
use crate::readiness::{Readiness, Standing};
use crate::state::{HistoryEntry, Inventory, KeptObject, StateError};

/// The file of [`GATEWAY_AGENTS`] that says what agents may do.
const AGENTS: &str = "/data/agents.json";

/// Whether the gateway goes back when it does not become ready: its description says so, and what does not become ready is
/// what was written by this run, or by one before and never seen ready.
pub(super) fn is_wanted(job: &Job, was_written: bool) -> bool {
    let asks = |manifest: &Manifest| {
        is_gateway_deployment(&manifest.reference, &manifest.object)
            && manifest.annotation(labels::ROLLBACK) == Some(labels::ROLLBACK_AUTO)
    };
    job.manifest.as_ref().is_some_and(asks) && (was_written || job.standing == Standing::Waiting)
}

/// Where a gateway goes back to.
struct Way {
    serial: u64,
    at: Timestamp,
    image: String,
    deployment: Manifest,
    /// All others.
    beside: Vec<Manifest>,
    /// Whether what was told of agents stays, because it ends a key.
    keeps_agents: bool,
    /// What is known against the image.
    fault: Option<String>,
}

/// Goes back, and says how that ended: words for the failure of the gateway's Deployment.
pub(super) async fn take(inputs: &WorkInputs, job: &Job, tell: &(impl Fn(Message) + Sync)) -> String {
    match find(inputs, job).await {
        Err(because) => format!("not rolled back: {because}"),
        Ok(way) => {
            let to = format!("serial {} of {:.0} ({})", way.serial, way.at, way.image);
            match go(inputs, job, &way, tell).await {
                Ok(()) => {
                    let cluster = job.change.object.namespace.as_deref().unwrap_or_default().to_owned();
                    tell(Message::RolledBack { cluster, serial: way.serial });
                    let kept = "; what it is told of agents stays, because it ends a key";
                    let fault = way.fault.map(|fault| format!("; {fault}")).unwrap_or_default();
                    format!("rolled back to {to}, which serves{}{fault}", if way.keeps_agents { kept } else { "" })
                }
                Err(because) => format!("the way back to {to} failed, too: {because}"),
            }
        }
    }
}

async fn find(inputs: &WorkInputs, job: &Job) -> Result<Way, String> {
    if *inputs.stop.borrow() > Stop::Go {
        return Err("the run was interrupted".to_owned());
    }
    let object = &job.change.object;
    let live = inputs.writer.find(object).await.map_err(|error| error.to_string())?;
    if let Some(because) = live.as_ref().and_then(no_pod_of) {
        return Err(format!(
            "no pod of the new configuration could be made, so that the cause is not in it: {because}"
        ));
    }
    let recorded = &inputs.recorded;
    let history = inputs.store.history(recorded).await.map_err(|error| error.to_string())?;
    let cluster = object.namespace.as_deref().unwrap_or_default();
    let is_older = |run: u64| run < recorded.runs || run == recorded.runs && !inputs.counts;
    let earlier = history.into_iter().filter(|found| is_older(found.run)).map(|found| found.entry);
    way(&last_ready(earlier, cluster)?, cluster, job, inputs)
}

/// The newest entry in which the gateway of a cluster was ready. What a damaged one says is not known: it may be that one.
fn last_ready(
    earlier: impl Iterator<Item = Result<HistoryEntry, StateError>>,
    cluster: &str,
) -> Result<HistoryEntry, String> {
    for entry in earlier {
        let entry = entry.map_err(|damaged| format!("an earlier apply cannot be read: {damaged}"))?;
        if entry.ready.contains(cluster) && entry.withheld.is_none() {
            return match entry.obstacle() {
                Some(because) => Err(format!("serial {}: {because}", entry.serial)),
                None => Ok(entry),
            };
        }
    }
    Err("no earlier apply is kept in which this gateway was seen ready".to_owned())
}

/// What of an entry belongs to the gateway of a cluster, and is not as this run has it.
fn way(entry: &HistoryEntry, cluster: &str, job: &Job, inputs: &WorkInputs) -> Result<Way, String> {
    let manifests: Vec<_> = entry.objects.iter().map(KeptObject::manifest).collect();
    let fault = fault(&manifests, cluster);
    let own = manifests.into_iter().filter(|manifest| {
        !manifest.reference.is("", "Secret")
            && manifest.reference.namespace.as_deref() == Some(cluster)
            && (gateway_cluster(&manifest.object).as_deref() == Some(cluster) || selects_gateway(&manifest.object))
    });
    let (mut deployment, mut beside): (Vec<_>, Vec<_>) =
        own.partition(|manifest| manifest.reference == job.change.object);
    let deployment = deployment.pop().ok_or("it was not there then")?;
    let now = |manifest: &Manifest| inputs.jobs.get(&manifest.reference)?.manifest.as_ref();
    if now(&deployment).is_some_and(|now| now.object == deployment.object) {
        return Err("it runs what it ran when it was last seen ready, so that the cause is not in it".to_owned());
    }
    let ends = |old: &Manifest| {
        &*old.reference.name == GATEWAY_AGENTS
            && now(old)
                .is_some_and(|now| has_last_key(old) || has_last_key(now) || ends_a_key(&old.object, &now.object))
    };
    let keeps_agents = beside.iter().any(ends);
    beside.retain(|old| !ends(old) && now(old).is_none_or(|now| now.object != old.object));
    let image = text(&deployment.object, "/spec/template/spec/containers/0/image").unwrap_or_default().to_owned();
    Ok(Way { serial: entry.serial, at: entry.at, image, deployment, beside, keeps_agents, fault })
}

/// What is known against the image that a gateway had then.
fn fault(manifests: &[Manifest], cluster: &str) -> Option<String> {
    let objects = manifests.iter().map(|manifest| (&manifest.reference, &*manifest.object)).collect();
    let mut faults = unsafe_among(&objects).into_iter();
    faults.find(|fault| fault.cluster == cluster).map(|fault| fault.message)
}

/// Whether it says whom the pods of the gateway may reach, or be reached by.
fn selects_gateway(object: &Value) -> bool {
    let kind = escape(labels::KIND);
    let selected = |selector: &str| {
        text(object, &format!("/spec/{selector}/matchLabels/{kind}")).is_some_and(|kind| kind == GATEWAY)
    };
    selected("podSelector") || selected("endpointSelector")
}

/// Whether it says until when a last key is good, which only a plan knows.
fn has_last_key(manifest: &Manifest) -> bool {
    manifest.deferred.iter().any(|field| matches!(field.value, DeferredValue::PreviousKey { .. }))
}

/// Why no pod of a Deployment can be made, where its controller says so.
fn no_pod_of(live: &Value) -> Option<String> {
    let mut conditions = items(live, "/status/conditions").iter();
    let failed =
        conditions.find(|one| text(one, "/type") == Some("ReplicaFailure") && text(one, "/status") == Some("True"));
    failed.map(|failed| text(failed, "/message").unwrap_or_default().to_owned())
}

/// Whether what is told of agents now ends a key that was good before. An agent that is not there any more has none.
fn ends_a_key(before: &Value, now: &Value) -> bool {
    let read = |object: &Value| text(object, AGENTS).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let (before, now) = (read(before).unwrap_or_default(), read(now).unwrap_or_default());
    let epoch = |agent: &Value| number(agent, "/epoch").unwrap_or(1);
    let blocked = |agent: &Value| flag(agent, "/blocked") == Some(true);
    let agents = before.get("agents").and_then(Value::as_object);
    agents.into_iter().flatten().any(|(name, old)| {
        let agent = now.get("agents").and_then(|agents| agents.get(name));
        agent.is_none_or(|agent| epoch(agent) > epoch(old) || blocked(agent) && !blocked(old))
    })
}

async fn go(inputs: &WorkInputs, job: &Job, way: &Way, tell: &(impl Fn(Message) + Sync)) -> Result<(), String> {
    for manifest in &way.beside {
        write(inputs, manifest, tell).await?;
    }
    let live = write(inputs, &way.deployment, tell).await?;
    let old = Job {
        change: Change { action: Action::Update, ..job.change.clone() },
        manifest: Some(way.deployment.clone()),
        secret: std::collections::BTreeMap::new(),
        standing: Standing::Waiting,
        recorded_version: None,
    };
    let resource = inputs
        .writer
        .resource(&way.deployment.reference.group_kind(), Some(&way.deployment.api_version))
        .map_err(|error| error.to_string())?;
    let waiting = Waiting {
        writer: &inputs.writer,
        looks: &inputs.looks,
        resource: &resource,
        job: &old,
        patience: inputs.patience,
        silent: &inputs.silent,
    };
    let object = &way.deployment.reference;
    let mut say = |readiness: Readiness| {
        let reason = format!("goes back to serial {}: {}", way.serial, readiness.reason);
        tell(Message::Waiting { object: object.clone(), readiness: Readiness { reason, ..readiness } });
    };
    match waiting.until_ready(Some(live), &mut say).await.map_err(|error| error.to_string())? {
        Waited::Ready { standing, version } => {
            tell(Message::Stands { object: object.clone(), standing, version });
            Ok(())
        }
        Waited::NotReady(reason) => Err(reason),
    }
}

/// Writes one object as it was. What is not there any more is the stack's before it is made.
async fn write(inputs: &WorkInputs, manifest: &Manifest, tell: &(impl Fn(Message) + Sync)) -> Result<Value, String> {
    let words = |error: ClusterError| format!("{}: {error}", manifest.reference);
    let writer = &inputs.writer;
    let resource = writer.resource(&manifest.reference.group_kind(), Some(&manifest.api_version)).map_err(words)?;
    let desired = inputs.versions.resolve(writer, manifest).await.map_err(words)?;
    let body = Body::plain(desired.clone());
    let live = writer.metadata(&resource, &manifest.reference).await.map_err(words)?;
    let body = if let Some(live) = live {
        let now = inputs.jobs.get(&manifest.reference).and_then(|job| job.manifest.as_ref());
        body.amended(now.map(|now| now.amendments.as_slice()).unwrap_or_default()).only_for(&live.uid)
    } else {
        let (written, owned) = oneshot::channel();
        tell(Message::Owns { manifest: Box::new(manifest.clone()), written });
        owned.await.map_err(|_| "the record could not be written".to_owned())?;
        body
    };
    let live = writer.apply(&resource, &body, Ownership::Respect).await.map_err(words)?;
    // No Secret goes back, so that nothing of it needs a key.
    let digest = digest::of_manifest(manifest, &desired, &std::collections::BTreeMap::new(), None);
    tell(Message::WentBack { manifest: Box::new(manifest.clone()), live: live.clone(), digest });
    Ok(live)
}

/// What of a record the history is found by.
pub(super) fn recorded(inventory: &Inventory) -> Inventory {
    let Inventory { lineage, runs, stack, .. } = inventory;
    Inventory { lineage: *lineage, runs: *runs, ..Inventory::new(stack) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_ends_a_key_is_not_taken_back() {
        let told = |agents: Value| json!({"data": {"agents.json": json!({"agents": agents}).to_string()}});
        let before = told(json!({"a": {}, "b": {"epoch": 2}}));
        for (now, ends) in [
            (json!({"a": {}, "b": {"epoch": 2}}), false),
            (json!({"a": {"requestsPerMinute": 5}, "b": {"epoch": 2}, "new": {"epoch": 3, "blocked": true}}), false),
            (json!({"a": {"epoch": 2}}), true),
            (json!({"a": {}, "b": {"epoch": 2, "blocked": true}}), true),
            (json!({"a": {}}), true),
        ] {
            assert_eq!(ends_a_key(&before, &told(now.clone())), ends, "{now}");
        }
        assert!(!ends_a_key(&json!({}), &before));
    }

    #[test]
    fn a_damaged_entry_is_not_passed_over() {
        let entry = |serial: u64, ready: &[&str]| {
            let ready = ready.iter().map(|cluster| (*cluster).to_owned()).collect();
            let new = HistoryEntry::new("s", uuid::Uuid::nil(), Timestamp::UNIX_EPOCH);
            Ok(HistoryEntry { serial, ready, ..new })
        };
        let damaged = || Err(StateError::HistoryCorrupt { place: "x".to_owned(), cause: "y".to_owned() });
        let found =
            |all: Vec<Result<HistoryEntry, StateError>>| last_ready(all.into_iter(), "c").map(|entry| entry.serial);
        assert_eq!(found(vec![entry(2, &[]), entry(1, &["c"])]), Ok(1));
        assert_eq!(found(vec![entry(3, &["c"]), damaged(), entry(1, &["c"])]), Ok(3));
        let because = found(vec![damaged(), entry(1, &["c"])]).unwrap_err();
        assert!(because.contains("cannot be read: x is no entry"), "{because}");
    }

    #[test]
    fn a_deployment_whose_pods_cannot_be_made_says_why() {
        let of = |status: &str| {
            let condition = json!({"type": "ReplicaFailure", "status": status, "message": "exceeded quota"});
            no_pod_of(&json!({"status": {"conditions": [condition]}}))
        };
        assert_eq!((of("True").as_deref(), of("False")), (Some("exceeded quota"), None));
    }
}
