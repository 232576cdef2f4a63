//! Saves a plan, and makes a saved one again to hold it against what was approved. The comparing is
//! [`crate::plan::saved`]'s; here are the server, the files and the sources of secret values.

mod file;
mod literal;
mod target;
mod values;

pub(crate) use file::{read, write};
pub(crate) use target::target_id;

use std::collections::BTreeMap;

use jiff::Timestamp;

use self::literal::ManifestFiles;
use self::values::proofs;
use super::observe::Refresh;
use super::{OpsError, PlanRequest, Planned, plan};
use crate::apply::Outcome;
use crate::cluster::{Ownership, Reader};
use crate::object::{Manifest, ObjectRef};
use crate::plan::saved::{Asked, RecordVersion, Refused, Salt, SaveRequest, SavedPlan, SavedPlanError, Verification};
use crate::plan::{Notes, Plan, PlanOptions, Targets};
use crate::state::{Did, Inventory, Recorded, Records, Token};

/// What is saved of a plan that was just made. Asks no server.
///
/// # Errors
/// The plan holds a credential or a value that nobody could read again.
pub(crate) fn save(
    reader: &Reader,
    planned: &Planned,
    options: &PlanOptions,
    include_unmanaged: bool,
) -> Result<SavedPlan, OpsError> {
    let salt = Salt::new();
    let request = SaveRequest {
        plan: &planned.plan,
        manifests: &planned.manifests,
        values: proofs(planned, &salt),
        salt,
        asked: Asked {
            adopt: options.adopt.clone(),
            replace: options.replace.clone(),
            replace_unproven: options.replace_unproven.clone(),
            include_adopted: options.include_adopted.clone(),
            delete_protected: options.delete_protected.clone(),
            crds: options.crds,
            force_conflicts: planned.ownership == Ownership::Force,
            include_unmanaged,
            moved: options.moved.clone(),
            forget: options.forget.clone(),
        },
        target: target_id(reader.session()),
        record: record_version(&planned.inventory, planned.token.as_ref()),
        made_at: Timestamp::now(),
    };
    Ok(request.saved()?)
}

/// A saved plan that was held against the cluster: what is to be applied of it, and what is refused.
#[derive(Debug)]
pub(crate) struct Verified {
    /// What is to be applied; what is refused has its outcome already.
    pub planned: Planned,
    /// What is refused.
    pub refused: Refused,
}

/// Makes a saved plan again, from its own objects and the sources of its values, and holds it against what was
/// approved. Costs what a plan costs ([`plan`]).
///
/// # Errors
/// The plan as a whole is for another record, or something is wrong that is about none of its objects; a value of a
/// Secret cannot be read; or what [`plan`] fails of.
pub(crate) async fn verify(
    reader: &Reader,
    record: (&Records, Recorded),
    saved: &SavedPlan,
) -> Result<Verified, OpsError> {
    let request = PlanRequest {
        stack: saved.stack.clone(),
        manifests: manifests(saved)?,
        options: PlanOptions {
            adopt: saved.asked.adopt.clone(),
            replace: saved.asked.replace.clone(),
            replace_unproven: saved.asked.replace_unproven.clone(),
            include_adopted: saved.asked.include_adopted.clone(),
            delete_protected: saved.asked.delete_protected.clone(),
            destroy: saved.destroy,
            crds: saved.asked.crds,
            targets: targets(saved),
            moved: saved.asked.moved.clone(),
            forget: saved.asked.forget.clone(),
        },
        ownership: if saved.asked.force_conflicts { Ownership::Force } else { Ownership::Respect },
        refresh: Refresh::Changed,
        notes: Notes::default(),
        did: Some(Did::Apply),
    };
    let mut planned = plan(reader, record, request).await?;
    let missing = planned.values.take_missing();
    if !missing.is_empty() {
        return Err(OpsError::MissingValues(missing));
    }
    saved.check_record(record_version(&planned.inventory, planned.token.as_ref()).as_ref())?;
    let verification = Verification {
        saved,
        fresh: &planned.plan,
        values: &proofs(&planned, &Salt::of(&saved.salt)),
        recorded: &recorded(&planned.inventory),
    };
    let (changes, refused) = verification.verify()?;
    planned.plan = Plan { changes, left: planned.plan.left, unhealthy: planned.plan.unhealthy, ..saved.plan() };
    planned.refused = outcomes(&refused);
    Ok(Verified { planned, refused })
}

/// An incomplete plan is about the objects that it has; a complete one about all that there is now.
fn targets(saved: &SavedPlan) -> Targets {
    let Some(incomplete) = saved.incomplete.clone() else { return Targets::All };
    Targets::Saved { objects: saved.objects.iter().map(|saved| saved.change.object.clone()).collect(), incomplete }
}

/// The desired objects of the plan. Values that stand in files of manifests are read from there.
fn manifests(saved: &SavedPlan) -> Result<Vec<Manifest>, OpsError> {
    let mut files = ManifestFiles::default();
    let (mut manifests, mut missing) = (Vec::new(), Vec::new());
    for object in &saved.objects {
        let Some(manifest) = &object.manifest else { continue };
        match files.sources(&object.change.object, &manifest.secret) {
            Ok(sources) => manifests.push(manifest.manifest(&object.change, sources)),
            Err(lacking) => missing.extend(lacking),
        }
    }
    if missing.is_empty() { Ok(manifests) } else { Err(OpsError::MissingValues(missing)) }
}

fn record_version(inventory: &Inventory, token: Option<&Token>) -> Option<RecordVersion> {
    token.map(|_| RecordVersion { lineage: inventory.lineage, serial: inventory.serial })
}

fn recorded(inventory: &Inventory) -> BTreeMap<ObjectRef, String> {
    inventory.entries.iter().filter_map(|(object, entry)| Some((object.clone(), entry.uid.clone()?))).collect()
}

fn outcomes(refused: &Refused) -> BTreeMap<ObjectRef, Outcome> {
    let stale = refused.stale.iter();
    let stale = stale.map(|stale| (stale.object.clone(), Outcome::Stale { because: stale.because.clone() }));
    let dependents = refused.dependents.iter();
    stale
        .chain(dependents.map(|(object, because)| (object.clone(), Outcome::Skipped { because: because.clone() })))
        .collect()
}

impl From<SavedPlanError> for OpsError {
    fn from(error: SavedPlanError) -> Self {
        Self::SavedPlan(Box::new(error))
    }
}
