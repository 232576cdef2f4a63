//! Goes back to what an earlier run applied: the request for a plan of it. From there on it is a plan like any other.

mod choice;
mod ended_keys;

use std::collections::BTreeSet;

pub(crate) use choice::{Choice, Goal, choose};

use super::{OpsError, PlanRequest};
use crate::cluster::{Ownership, Reader};
use crate::object::{Manifest, SecretSource};
use crate::ops::Refresh;
use crate::plan::PlanOptions;
use crate::render;
use crate::state::{Did, Inventory, KeptObject};

/// The request for a plan that goes back to an entry. Values of Secrets are the live ones: one GET for each key whose value
/// was the user's.
///
/// # Errors
/// A Secret lacks a key that the entry had, or may not be read.
pub(crate) async fn go_back(
    reader: &Reader,
    inventory: &Inventory,
    choice: &Choice,
    asked: PlanOptions,
    ownership: Ownership,
) -> Result<PlanRequest, OpsError> {
    let entry = &choice.entry;
    let (mut manifests, mut lacking) = (Vec::new(), BTreeSet::new());
    for kept in &entry.objects {
        let mut manifest = kept.manifest();
        lacking.extend(with_live_values(reader, kept, &mut manifest).await?);
        manifests.push(manifest);
    }
    if !lacking.is_empty() {
        return Err(OpsError::LackingKeys(lacking.into_iter().collect()));
    }
    // A definition that is older than objects of its kind would lose fields of theirs.
    if entry.definitions {
        manifests.extend(render::definitions());
    }
    manifests.sort_by(|a, b| a.reference.cmp(&b.reference));
    Ok(PlanRequest {
        stack: entry.stack.clone(),
        manifests,
        options: asked,
        ownership,
        refresh: Refresh::Changed,
        notes: ended_keys::notes(&inventory.entries.keys().collect(), choice),
        did: Some(Did::Rollback { from: inventory.serial, to: entry.serial }),
    })
}

/// Has the values of a Secret stay as they are; the keys that it lacks.
async fn with_live_values(
    reader: &Reader,
    kept: &KeptObject,
    manifest: &mut Manifest,
) -> Result<Vec<String>, OpsError> {
    let mut lacking = Vec::new();
    for key in &kept.keys {
        match reader.secret_value(&kept.object, key).await? {
            Some(value) => drop(manifest.secret.insert(key.clone(), SecretSource::Kept(value))),
            None => lacking.push(format!("`{key}` of {}", kept.object)),
        }
    }
    Ok(lacking)
}
