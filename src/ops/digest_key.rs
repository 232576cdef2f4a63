//! The key of the record's digests, as far as a plan needs it: only where Secrets with values of their own were applied.

use std::collections::BTreeSet;

use super::OpsError;
use crate::object::names::{SYSTEM_NAMESPACE, record_name};
use crate::object::{Manifest, ObjectRef, digest};
use crate::plan::{Confidence, Plan, Problem, Severity};
use crate::state::{FoundKey, Inventory, Records};

/// What is known of the key. One request where a recorded digest may count secret values, else none: whether it does is
/// known when it is known which keys of a Secret stay.
///
/// # Errors
/// The place of the records cannot be read.
pub(super) async fn find(
    records: &Records,
    inventory: &Inventory,
    manifests: &[Manifest],
) -> Result<FoundKey, OpsError> {
    let recorded = |object: &ObjectRef| inventory.entries.get(object).is_some_and(|entry| !entry.digest.is_empty());
    let holds_values = |manifest: &Manifest| manifest.reference.is("", "Secret") && !manifest.lifecycle.generates();
    if manifests.iter().any(|manifest| holds_values(manifest) && recorded(&manifest.reference)) {
        return Ok(records.digest_key(inventory).await?);
    }
    Ok(FoundKey::Missing)
}

/// The warning that values could not be compared, where the API server did not do it either.
pub(super) fn warning(key: &FoundKey, plan: &Plan, manifests: &[Manifest]) -> Option<Problem> {
    let FoundKey::Hidden(because) = key else { return None };
    let with_values = manifests.iter().filter(|manifest| digest::counts_values(manifest));
    let with_values: BTreeSet<_> = with_values.map(|manifest| &manifest.reference).collect();
    let unknown = plan.changes.iter().filter(|change| {
        with_values.contains(&change.object) && matches!(change.confidence, Confidence::Unverified(_))
    });
    let unknown: Vec<_> = unknown.map(|change| change.object.to_string()).collect();
    let message = format!("cannot compare the values of {}: {because}", unknown.join(", "));
    let hint = format!(
        "ask for the permission to get Secret/{} in namespace `{SYSTEM_NAMESPACE}`: its key tells whether values are \
         those that were applied, and not what they are",
        record_name(&plan.stack)
    );
    (!unknown.is_empty()).then(|| Problem::new(Severity::Warning, "values-not-compared", message).with_hint(hint))
}
