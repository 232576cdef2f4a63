//! What moved away from what was applied: what, from which value to which, by whom and since when. Writes nothing.

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::observe::AT_ONCE;
use super::{OpsError, PlanRequest, plan};
use crate::cluster::{ClusterError, Ownership, Reader};
use crate::diff::Diff;
use crate::object::{Address, FieldWriter, Meta, ObjectRef, Source, other_writers};
use crate::plan::{Change, DriftKind, drifted};
use crate::state::{Inventory, Recorded, Records};

/// Everything that is known of the drift of a stack.
#[derive(Debug, Default)]
pub(crate) struct DriftReport {
    /// The stack.
    pub stack: String,
    /// How many objects the record has.
    pub recorded: usize,
    /// Objects that are not as they were applied.
    pub drifted: Vec<DriftedObject>,
    /// Objects whose description is another one than was applied: what moved there is in the plan, among its changes.
    pub described: Vec<ObjectRef>,
    /// Objects of which it could not be found out, and why.
    pub unknown: Vec<(ObjectRef, String)>,
    /// Whether nothing but a lack of rights kept it from being found out.
    pub lacks_rights: bool,
}

/// An object that is not as it was applied.
#[derive(Clone, Debug)]
pub(crate) struct DriftedObject {
    /// The object.
    pub object: ObjectRef,
    /// What the user calls it.
    pub address: Option<Address>,
    /// Where it is described.
    pub source: Option<Source>,
    /// How it is not as it was.
    pub kind: DriftKind,
    /// From what was applied to what is there.
    pub diff: Diff,
    /// For each entry of the difference who wrote it; nobody for what was taken out.
    pub writers: Vec<BTreeSet<FieldWriter>>,
}

/// Finds what moved. The description gives the values that were applied, for the record has their digests alone.
///
/// Costs what a plan does, and one GET for each object that changed.
///
/// # Errors
/// As of a plan.
pub(crate) async fn drift(
    reader: &Reader,
    record: (&Records, Recorded),
    request: PlanRequest,
) -> Result<DriftReport, OpsError> {
    // What others took is drift, and no conflict: nothing is written here.
    let planned = plan(reader, record, PlanRequest { ownership: Ownership::Force, ..request }).await?;
    let inventory = &planned.inventory;
    let mut report = DriftReport {
        stack: planned.plan.stack.clone(),
        recorded: inventory.entries.len(),
        lacks_rights: planned.plan.lacks_rights(),
        ..DriftReport::default()
    };
    let changes = planned.plan.changes.iter().map(|change| (change, recorded(inventory, &change.object)));
    let mut moved = Vec::new();
    for (object, drift) in
        changes.filter_map(|(change, recorded)| Some((&change.object, drifted::of_change(change, recorded)?)))
    {
        moved.extend(sorted(object, drift, &mut report));
    }
    for (object, drift) in planned
        .plan
        .problems
        .iter()
        .filter_map(|problem| drifted::of_problem(problem, |object| recorded(inventory, object).is_some()))
    {
        moved.extend(sorted(object, drift, &mut report));
    }
    let objects = moved.into_iter().map(async |(object, kind, change)| described(reader, object, kind, change).await);
    report.drifted = stream::iter(objects).buffered(AT_ONCE).try_collect().await?;
    report.drifted.sort_by(|a, b| a.object.cmp(&b.object));
    Ok(report)
}

/// The digest of what was applied, of an object that was made.
fn recorded<'a>(inventory: &'a Inventory, object: &ObjectRef) -> Option<&'a str> {
    inventory.entries.get(object).filter(|entry| entry.uid.is_some()).map(|entry| entry.digest.as_str())
}

/// What has to be looked at more closely; what has not goes into the report.
fn sorted<'a>(
    object: &'a ObjectRef,
    drift: drifted::Drift<'a>,
    report: &mut DriftReport,
) -> Option<(&'a ObjectRef, DriftKind, Option<&'a Change>)> {
    match drift {
        drifted::Drift::Drifted(kind, change) => return Some((object, kind, change)),
        drifted::Drift::Described => report.described.push(object.clone()),
        drifted::Drift::Unknown(because) => report.unknown.push((object.clone(), because)),
    }
    None
}

/// The object with what moved in it and by whom. Where this identity may not look, nobody is named.
async fn described(
    reader: &Reader,
    object: &ObjectRef,
    kind: DriftKind,
    change: Option<&Change>,
) -> Result<DriftedObject, OpsError> {
    let mut drifted = DriftedObject {
        object: object.clone(),
        address: change.map(|change| change.address.clone()),
        source: change.and_then(|change| change.source.clone()),
        kind,
        diff: Diff::default(),
        writers: Vec::new(),
    };
    let Some(change) = change.filter(|_| kind == DriftKind::Changed) else { return Ok(drifted) };
    drifted.diff = change.diff.reversed();
    let live = match reader.find(object).await {
        Ok(live) => live.unwrap_or_default(),
        Err(ClusterError::Forbidden(_)) => return Ok(drifted),
        Err(error) => return Err(error.into()),
    };
    let entries =
        Meta::from_object(&object.group, &object.kind, &live).map(|meta| meta.managed_fields).unwrap_or_default();
    let writers = drifted.diff.entries().iter().map(|entry| other_writers(&live, &entries, &entry.path));
    drifted.writers = writers.collect();
    Ok(drifted)
}
