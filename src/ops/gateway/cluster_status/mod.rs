//! The status of each `LanguageCluster`, written after every apply where it differs from what is live: a run that was
//! killed before is made up for by the next one, whatever that changes. What it says, [`decide`] and [`capacity`] know.

mod capacity;
mod decide;
mod live;

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _};
use serde_json::{Value, json};

use crate::apply::{Outcome, Run};
use crate::cluster::{Body, ClusterError, Writer};
use crate::object::names::{CLUSTER_KIND, GROUP};
use crate::object::{GroupKind, ObjectRef, labels};
use crate::plan::{Action, Change, Plan};

use decide::{Facts, status};
use live::Live;

/// As many as a run begins with: what the API server can take was found out for the objects alone.
const WRITES_AT_ONCE: usize = 8;

/// What a run wanted of an object, and what came of it.
#[derive(Clone, Copy)]
struct Ended<'a> {
    change: &'a Change,
    outcome: &'a Outcome,
}

impl<'a> Ended<'a> {
    /// Whether the object is on the server.
    fn is_there(&self) -> bool {
        match self.outcome {
            // What is unhealthy was written, and does not get ready.
            Outcome::Applied | Outcome::Unchanged | Outcome::Failed { unhealthy: true, .. } => true,
            Outcome::Failed { deleted: true, .. } => false,
            _ => self.change.action != Action::Create,
        }
    }

    fn is_in(&self, namespace: &str) -> bool {
        self.change.object.namespace.as_deref() == Some(namespace)
    }

    fn belongs_to(&self, cluster: &str) -> bool {
        self.cluster() == Some(cluster)
    }

    /// The cluster that its label names.
    fn cluster(&self) -> Option<&'a str> {
        self.change.desired.get("metadata")?.get("labels")?.get(labels::CLUSTER)?.as_str()
    }
}

/// What ended, by the cluster that it is in or belongs to: each cluster looks at its own alone.
fn by_cluster<'a>(ended: impl Iterator<Item = Ended<'a>>) -> BTreeMap<&'a str, Vec<Ended<'a>>> {
    let mut clusters: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for one in ended {
        let namespace = one.change.object.namespace.as_deref();
        let label = one.cluster().filter(|cluster| namespace != Some(cluster));
        for cluster in namespace.into_iter().chain(label) {
            clusters.entry(cluster).or_default().push(one);
        }
    }
    clusters
}

/// Writes the status of every cluster of the plan, all of which the plan is about, that differs from what is so. Costs three LISTs, whatever the number
/// of clusters; a write for each that differs; and in namespaces whose quota is late ([`Live::usage`]) a LIST of pods or
/// of the kinds that it counts.
///
/// # Errors
/// What is live cannot be read, or a status cannot be written; the other clusters' are all the same.
pub(in crate::ops) async fn write_cluster_status(writer: &Writer, plan: &Plan, run: &Run) -> Result<(), ClusterError> {
    let clusters = wanted(plan).map(|change| &change.object).filter(|object| is_cluster(object));
    // Of a cluster of which something was left alone nothing whole can be said: the next complete run does.
    let clusters: Vec<_> = clusters.filter(|cluster| plan.is_about_all_in(&cluster.name)).collect();
    let kind = GroupKind::new(GROUP, CLUSTER_KIND);
    // Where the kind could not be made, there are no clusters.
    let resource = if clusters.is_empty() { None } else { writer.served(&kind).await? };
    let Some(resource) = resource else { return Ok(()) };
    let live = Live::read(writer, &plan.stack, &clusters).await?;
    let outcomes: BTreeMap<_, _> = run.outcomes.iter().map(|(object, _, outcome)| (object, outcome)).collect();
    let ended = wanted(plan).filter_map(|change| Some(Ended { change, outcome: outcomes.get(&change.object)? }));
    let mut ended = by_cluster(ended);
    // One that could not be made has no status.
    let there = clusters.into_iter().filter_map(|cluster| {
        Some((cluster, live.cluster(cluster)?, ended.remove(cluster.name.as_str()).unwrap_or_default()))
    });
    let there: Vec<_> = there.collect();
    let written = there.into_iter().map(async |(cluster, object, here)| {
        let status = status(&facts(&live, object, here, run).await?);
        if object.get("status") != Some(&status) {
            let body = json!({
                "apiVersion": resource.api.api_version, "kind": CLUSTER_KIND,
                "metadata": {"name": cluster.name}, "status": status,
            });
            writer.apply_status(&resource, &Body::plain(body)).await?;
        }
        Ok(())
    });
    let written: Vec<_> = stream::iter(written).buffered(WRITES_AT_ONCE).collect().await;
    written.into_iter().collect()
}

/// What the plan wants to be there.
fn wanted(plan: &Plan) -> impl Iterator<Item = &Change> {
    plan.changes.iter().filter(|change| !matches!(change.action, Action::Delete | Action::Forget))
}

fn is_cluster(object: &ObjectRef) -> bool {
    object.is(GROUP, CLUSTER_KIND)
}

async fn facts<'a>(
    live: &'a Live<'a>,
    cluster: &'a Value,
    here: Vec<Ended<'a>>,
    run: &Run,
) -> Result<Facts<'a>, ClusterError> {
    let name = cluster.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    let workloads = live.workloads(&here, name).await?;
    let usage = live.usage(name, &workloads, run).await?;
    Ok(Facts {
        cluster,
        gateway: live.gateway(name),
        quota: live.quota(name),
        objects: here.into_iter().filter(|one| one.belongs_to(name)).collect(),
        workloads,
        usage,
        now: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    })
}
