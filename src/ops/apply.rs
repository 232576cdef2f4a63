//! Carries out a plan that was just made: changes, record, status of the clusters.

use tokio::sync::watch;

use super::{OpsError, Planned, cluster_status};
use crate::apply::{self, ApplyRequest, Event, Job, Outcome, Patience, Run, Stop};
use crate::cluster::Writer;
use crate::plan::{Action, Plan};
use crate::state::Store;

/// How a plan is carried out.
#[derive(Clone, Debug)]
pub struct Manner {
    /// How long waits may take.
    pub patience: Patience,
    /// Objects at once.
    pub parallelism: usize,
    /// How far the run may still go.
    pub stop: watch::Receiver<Stop>,
}

/// Where the gateways of the plan answer: cluster and URL, of those that are ready.
#[must_use]
pub fn endpoints(plan: &Plan, run: &Run) -> Vec<(String, String)> {
    let fine = |change: &&crate::plan::Change| {
        let outcome = run.outcomes.iter().find(|(object, ..)| *object == change.object).map(|(_, _, outcome)| outcome);
        matches!(outcome, Some(Outcome::Applied | Outcome::Unchanged))
    };
    let services =
        plan.changes.iter().filter(|change| change.object.is("", "Service") && change.object.name == "gateway");
    let wanted = services.filter(|change| !change.desired.is_null()).filter(fine);
    wanted
        .filter_map(|change| change.object.namespace.clone())
        .map(|cluster| (cluster.clone(), format!("http://gateway.{cluster}.svc.cluster.local:8000")))
        .collect()
}

/// Carries out a plan. What happened to each object is in the [`Run`]; an error means that there was no run,
/// or that its record or status could not be written.
pub async fn apply(
    writer: &Writer,
    store: &Store,
    planned: Planned,
    manner: Manner,
    report: impl FnMut(Event),
) -> Result<Run, OpsError> {
    let Planned { plan, manifests, mut values, inventory, token, ownership } = planned;
    let needed = values.take_missing();
    if !needed.is_empty() {
        return Err(OpsError::MissingValues(needed));
    }
    let mut manifests: std::collections::BTreeMap<_, _> =
        manifests.into_iter().map(|manifest| (manifest.reference.clone(), manifest)).collect();
    let jobs = plan.changes.iter().map(|change| {
        let object = change.object.clone();
        let manifest = manifests.remove(&object);
        (object.clone(), Job { change: change.clone(), manifest, secret: values.of(&object) })
    });
    let request = ApplyRequest {
        writer,
        store,
        plan: &plan,
        jobs: jobs.collect(),
        inventory,
        token,
        ownership,
        patience: manner.patience,
        parallelism: manner.parallelism,
        stop: manner.stop,
    };
    let run = apply::run(request, report).await?;
    if plan.changes.iter().any(|change| change.action != Action::NoOp) {
        cluster_status::write(writer, &plan, &run).await?;
    }
    Ok(run)
}
