//! The document of a saved plan: versioned JSON with a digest over itself. The digest keeps from accidents, not from
//! malice: whoever can write the file can write the digest.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::error::SavedPlanError;
use super::manifest::SavedManifest;
use crate::object::digest;
use crate::plan::{Change, Incomplete, Left, Plan, Problem, Selection, Succession, Unhealthy};
use crate::stack::{Forget, Moved};

/// The format that is written. A change of what the golden schema says is another one.
pub(crate) const FORMAT: u64 = 2;

/// The key that makes a file a saved plan, with the format as its value.
const MARK: &str = "langopPlan";

/// The key of the digest over everything else.
const DIGEST: &str = "digest";

/// A plan as it was approved, and what it takes to make it again.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SavedPlan {
    /// Format of the file.
    #[serde(rename = "langopPlan")]
    pub(super) format: u64,
    /// SHA-256 over everything else in the file.
    #[serde(default)]
    pub(super) digest: String,
    /// Version of the langop that made it.
    pub langop: String,
    /// When it was made, in UTC.
    #[schemars(with = "String")]
    pub made_at: Timestamp,
    /// Where it was made, and where alone it can be applied.
    pub target: TargetId,
    /// The record that it was made from; none when the stack had none.
    pub record: Option<RecordVersion>,
    /// SHA-256 of everything that was rendered from the description: which description this is a plan of.
    pub description: String,
    /// What the command asked for beyond the description, and what it agreed to.
    pub asked: Asked,
    /// Random bytes that went into what stands for secret values.
    pub salt: String,
    /// The stack.
    pub stack: String,
    /// Whether the stack is taken away.
    pub destroy: bool,
    /// Every object, those with nothing to do included, in the order of dependencies.
    pub objects: Vec<SavedObject>,
    /// Errors and warnings. A plan with errors cannot be applied.
    pub problems: Vec<Problem>,
    /// What else happens, in words.
    pub effects: Vec<String>,
    /// What is lost with what is deleted: namespace, or address of a CRD or an owner → kind → how many.
    pub unmanaged: BTreeMap<String, BTreeMap<String, usize>>,
    /// Names of the first of these, by the same keys.
    pub unmanaged_names: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Fields that are not applied as described.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Left>,
    /// Objects that are as described and were not ready.
    pub unhealthy: Vec<Unhealthy>,
    /// Objects that come in the place of others.
    pub successions: Vec<Succession>,
    /// What may be lost too, because it could not be listed: the same → kind → why.
    pub unknown: BTreeMap<String, BTreeMap<String, String>>,
    /// What it is about, when it is not about the whole stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<Incomplete>,
}

/// One object of a saved plan.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SavedObject {
    /// What is done to it, and what it was then: uid, generation, resourceVersion.
    pub change: Change,
    /// Digest of what the change does: the action, and each field with its value before and after.
    pub effect: String,
    /// What it takes to make the desired object again; none for what goes.
    pub manifest: Option<SavedManifest>,
}

/// Which cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TargetId {
    /// SHA-256 of the server's URL.
    pub server: String,
    /// Context of the kubeconfig; none in a pod. Only shown: another machine calls it otherwise.
    pub context: Option<String>,
    /// uid of the namespace `kube-system`; none when the identity may not read it.
    pub cluster_id: Option<String>,
    /// Who planned, as the server knows them. Only shown: another may apply.
    pub identity: Option<String>,
}

/// Which version of which record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordVersion {
    /// Stays the same as long as the record lives.
    #[schemars(with = "String")]
    pub lineage: Uuid,
    /// Counts its writes.
    pub serial: u64,
}

/// What the command asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Asked {
    /// `--adopt`.
    pub adopt: Selection,
    /// `--replace`.
    pub replace: Selection,
    /// `--replace-unproven`.
    pub replace_unproven: Selection,
    /// `--include-adopted`.
    pub include_adopted: Selection,
    /// `--delete-protected`.
    #[serde(default, skip_serializing_if = "Selection::is_nothing")]
    pub delete_protected: Selection,
    /// Whether CRDs go too.
    pub crds: bool,
    /// `--force-conflicts`.
    pub force_conflicts: bool,
    /// `--include-unmanaged`: what others have in what is deleted may be lost, as far as the plan names it.
    pub include_unmanaged: bool,
    /// What the description says is called otherwise now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<Moved>,
    /// What it says is to be let go of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forget: Vec<Forget>,
}

/// Only what all formats have in common.
#[derive(Deserialize)]
struct Version {
    #[serde(rename = "langopPlan")]
    format: u64,
}

/// Whether a file is a saved plan, whole or damaged: told by its content.
#[must_use]
pub(crate) fn is_saved_plan(text: &str) -> bool {
    let Some(inside) = text.trim_start_matches('\u{feff}').trim_start().strip_prefix('{') else { return false };
    let first = inside.trim_start().strip_prefix('"').and_then(|rest| rest.strip_prefix(MARK));
    // Another program may have written the keys in another order.
    first.is_some_and(|rest| rest.starts_with('"'))
        || text.contains(MARK) && serde_json::from_str::<Version>(text).is_ok()
}

impl SavedPlan {
    /// The format that this langop writes.
    pub(super) const FORMAT: u64 = FORMAT;

    /// The file of the plan.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub(crate) fn sealed(&self) -> Result<String, SavedPlanError> {
        let mut plan = self.clone();
        plan.digest = digest_of(&serde_json::to_value(&plan)?);
        Ok(serde_json::to_string_pretty(&plan)? + "\n")
    }

    /// The plan of a file.
    ///
    /// # Errors
    /// It is damaged, or of another format than this langop reads.
    pub(crate) fn open(text: &str) -> Result<Self, SavedPlanError> {
        let text = text.trim_start_matches('\u{feff}');
        let version: Version = serde_json::from_str(text).map_err(SavedPlanError::Illegible)?;
        match version.format {
            FORMAT => {}
            found if found > FORMAT => return Err(SavedPlanError::NewerFormat { found, known: FORMAT }),
            found => return Err(SavedPlanError::NoSuchFormat { found, known: FORMAT }),
        }
        let document: Value = serde_json::from_str(text).map_err(SavedPlanError::Illegible)?;
        if document.get(DIGEST).and_then(Value::as_str) != Some(&digest_of(&document)) {
            return Err(SavedPlanError::Altered);
        }
        serde_json::from_value(document).map_err(SavedPlanError::Illegible)
    }

    /// The plan as it was shown.
    #[must_use]
    pub(crate) fn plan(&self) -> Plan {
        Plan {
            stack: self.stack.clone(),
            destroy: self.destroy,
            changes: self.objects.iter().map(|object| object.change.clone()).collect(),
            problems: self.problems.clone(),
            effects: self.effects.clone(),
            unmanaged: self.unmanaged.clone(),
            unmanaged_names: self.unmanaged_names.clone(),
            successions: self.successions.clone(),
            left: self.left.clone(),
            unhealthy: self.unhealthy.clone(),
            unknown: self.unknown.clone(),
            incomplete: self.incomplete.clone(),
        }
    }

    /// Problems that forbid applying.
    pub(super) fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.is_error()).count()
    }
}

fn digest_of(document: &Value) -> String {
    let mut document = document.clone();
    if let Some(fields) = document.as_object_mut() {
        fields.remove(DIGEST);
    }
    digest::of_document(&document)
}

#[cfg(test)]
mod tests;
