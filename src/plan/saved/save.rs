//! From a plan to what is saved of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::json;

use super::document::{Asked, RecordVersion, SavedObject, SavedPlan, TargetId};
use super::effect;
use super::error::SavedPlanError;
use super::manifest::{SavedManifest, SavedSource};
use super::values::Salt;
use crate::object::credential::{credentials_within, is_credential, masked};
use crate::object::{Manifest, ObjectRef, digest};
use crate::plan::{Change, Claim, Plan, Problem, Succession, Unhealthy};

/// Everything that a saved plan is made of.
pub(crate) struct SaveRequest<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its desired objects.
    pub manifests: &'a [Manifest],
    /// What stands for the values of its Secrets, as far as they were at hand.
    pub values: BTreeMap<ObjectRef, String>,
    /// What went into that.
    pub salt: Salt,
    /// What the command asked for.
    pub asked: Asked,
    /// Where it was made.
    pub target: TargetId,
    /// From which record.
    pub record: Option<RecordVersion>,
    /// When.
    pub made_at: Timestamp,
}

impl SaveRequest<'_> {
    /// What is saved.
    ///
    /// # Errors
    /// An object holds a credential, or a Secret a value that nobody could read again.
    pub(crate) fn saved(self) -> Result<SavedPlan, SavedPlanError> {
        let manifests: BTreeMap<_, _> = self.manifests.iter().map(|manifest| (&manifest.reference, manifest)).collect();
        let mut lost = Vec::new();
        let mut objects = Vec::new();
        for change in &self.plan.changes {
            let manifest = manifests
                .get(&change.object)
                .map(|manifest| SavedManifest::of(manifest, self.values.get(&change.object).cloned()));
            match manifest.transpose() {
                Ok(manifest) => objects.push(saved_object(change, manifest)),
                Err(keys) => lost.extend(keys),
            }
        }
        if !lost.is_empty() {
            return Err(SavedPlanError::Unrepeatable(lost));
        }
        let credentials: BTreeSet<_> = objects.iter().flat_map(credentials_of).collect();
        if !credentials.is_empty() {
            return Err(SavedPlanError::Credentials(credentials.into_iter().collect()));
        }
        Ok(SavedPlan {
            format: SavedPlan::FORMAT,
            digest: String::new(),
            langop: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: self.made_at,
            target: self.target,
            record: self.record,
            description: description(&objects),
            asked: self.asked,
            salt: self.salt.as_str().to_owned(),
            stack: self.plan.stack.clone(),
            destroy: self.plan.destroy,
            objects,
            problems: self.plan.problems.iter().map(without_credentials).collect(),
            effects: self.plan.effects.iter().map(|effect| masked(effect).into_owned()).collect(),
            left: self.plan.left.clone(),
            unhealthy: self.plan.unhealthy.iter().map(of_unhealthy).collect(),
            successions: self.plan.successions.iter().map(of_succession).collect(),
            unmanaged: self.plan.unmanaged.clone(),
            unmanaged_names: self.plan.unmanaged_names.clone(),
            unknown: self.plan.unknown.clone(),
            incomplete: self.plan.incomplete.clone(),
        })
    }
}

fn saved_object(change: &Change, manifest: Option<SavedManifest>) -> SavedObject {
    let effect = effect::digest_of(change);
    let change = Change { diff: change.diff.without_credentials(), ..change.clone() };
    SavedObject { change, effect, manifest }
}

/// Where an object, or a command that prints a value, holds a credential.
fn credentials_of(saved: &SavedObject) -> Vec<String> {
    let object = &saved.change.object;
    let within = credentials_within("", &saved.change.desired).into_iter();
    let mut found: Vec<_> = within.map(|path| format!("`{path}` of {object}")).collect();
    let sources = saved.manifest.iter().flat_map(|manifest| &manifest.secret);
    for (key, source) in sources {
        if let SavedSource::Command { argv, .. } = source
            && argv.iter().any(|word| is_credential("", word))
        {
            found.push(format!("the command for `{key}` of {object}"));
        }
    }
    found
}

/// What was rendered, without what only a server knows: owner uids and versions of Secrets.
fn description(objects: &[SavedObject]) -> String {
    let rendered = objects.iter().filter_map(|saved| {
        let manifest = saved.manifest.as_ref()?;
        let mut manifest = manifest.clone();
        manifest.values = None;
        let object = manifest.manifest(&saved.change, BTreeMap::new()).rendered();
        Some(json!({"manifest": manifest, "object": object}))
    });
    digest::of_document(&rendered.collect())
}

fn of_unhealthy(unhealthy: &Unhealthy) -> Unhealthy {
    Unhealthy { reason: masked(&unhealthy.reason).into_owned(), ..unhealthy.clone() }
}

fn of_succession(succession: &Succession) -> Succession {
    Succession { diff: succession.diff.without_credentials(), ..succession.clone() }
}

fn without_credentials(problem: &Problem) -> Problem {
    let words = |text: &String| masked(text).into_owned();
    let conflict =
        |claim: &Claim| Claim { live: words(&claim.live), described: words(&claim.described), ..claim.clone() };
    Problem {
        message: words(&problem.message),
        hint: problem.hint.as_ref().map(words),
        conflicts: problem.conflicts.iter().map(conflict).collect(),
        ..problem.clone()
    }
}
