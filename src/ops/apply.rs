//! Applies a plan that was just made: changes, record, status of the clusters.

use std::time::Duration;

use tokio::sync::watch;

use super::agents::write_agent_status;
use super::gateway::write_cluster_status;
use super::{OpsError, Planned, history, kind_roles};
use crate::apply::{self, ApplyRequest, Event, History, Job, Patience, Run, Stop};
use crate::cluster::{ClusterError, Writer};
use crate::plan::Plan;
use crate::state::{Kept, Standing, StateError, Store};

/// How long the status may take after an interrupted run.
const STATUS: Duration = Duration::from_secs(1);

/// What a command asks for beyond the plan.
#[derive(Clone, Debug)]
pub(crate) struct ApplyOptions {
    /// How long waits may take.
    pub patience: Patience,
    /// Objects at once.
    pub parallelism: usize,
    /// How far the run may still go.
    pub stop: watch::Receiver<Stop>,
}

/// What came of a plan.
#[derive(Debug)]
pub(crate) struct Applied {
    /// What happened to each object.
    pub run: Run,
    /// Whether the clusters' status says what is so. One that could not be written takes nothing from the run.
    pub status: Result<(), ClusterError>,
    /// Whether the roles for the kinds came or went with the CRDs. Those that did not take nothing from the run.
    pub roles: Result<(), ClusterError>,
    /// Whether the history has what was applied. An entry that it lacks takes nothing from the run.
    pub kept: Result<Kept, StateError>,
}

/// Applies a plan: writes what is desired, deletes what is not any more, keeps the record, and writes the status of each
/// cluster where it says something else. What happened to each object is in the [`Run`], whether it failed or not;
/// `report` hears of it meanwhile.
///
/// Costs one request for each object that changes and one more for each look at it until it is ready, a write of the
/// record at the start, each second and at the end, what [`kind_roles::write`] does where CRDs change, three LISTs for the status of clusters, and a write for each that
/// differs. A plan without changes writes at most that.
///
/// # Errors
/// A Secret has a value that cannot be read (nothing was sent then), or the record was changed by another run or cannot
/// be written.
pub(crate) async fn apply(
    writer: &Writer,
    store: &Store,
    planned: Planned,
    options: ApplyOptions,
    report: impl FnMut(Event),
) -> Result<Applied, OpsError> {
    let Planned { plan, manifests, mut values, inventory, token, ownership, refused, rendered, keeps_keys: _ } =
        planned;
    let needed = values.take_missing();
    if !needed.is_empty() {
        return Err(OpsError::MissingValues(needed));
    }
    let mut manifests: std::collections::BTreeMap<_, _> =
        manifests.into_iter().map(|manifest| (manifest.reference.clone(), manifest)).collect();
    let jobs = plan.changes.iter().filter(|change| !refused.contains_key(&change.object)).map(|change| {
        let object = change.object.clone();
        let manifest = manifests.remove(&object);
        let entry = inventory.entries.get(&object);
        let standing = entry.map_or_else(Standing::default, |entry| entry.standing);
        let recorded_version = entry.and_then(|entry| entry.resource_version.clone());
        let secret = values.of_secret(&object);
        (object, Job { change: change.clone(), manifest, secret, standing, recorded_version })
    });
    // Where it cannot be kept, neither can be what the run ends with, which is said then.
    let begun = history::begin(store, &plan, &inventory, rendered.as_ref()).await.ok().flatten();
    let request = ApplyRequest {
        writer,
        store,
        plan: &plan,
        jobs: jobs.collect(),
        inventory,
        token,
        ownership,
        patience: options.patience,
        parallelism: options.parallelism,
        history: if rendered.is_some() { History::Counts } else { History::Passes },
        refused,
        stop: options.stop,
    };
    let roles = kind_roles::write(writer, &plan).await;
    let run = apply::run(request, report).await?;
    let kept = history::keep(store, &plan, (&run, options.patience.waits_for), (rendered, begun)).await;
    let status = write_status(writer, &plan, &run).await;
    Ok(Applied { run, status, roles, kept })
}

/// Writes the status of clusters and agents, as far as the run left right and time for it; the next run writes what is left.
async fn write_status(writer: &Writer, plan: &Plan, run: &Run) -> Result<(), ClusterError> {
    if run.unrecorded.is_some() {
        return Ok(());
    }
    let status = Box::pin(async {
        let clusters = write_cluster_status(writer, plan, run).await;
        clusters.and(Box::pin(write_agent_status(writer, plan)).await)
    });
    if run.interrupted { tokio::time::timeout(STATUS, status).await.unwrap_or(Ok(())) } else { status.await }
}
