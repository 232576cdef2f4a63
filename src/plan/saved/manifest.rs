//! What of a manifest a plan does not show, and apply needs: owners, fields known after apply, and where the values of
//! a Secret come from. Never the values.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::object::{
    Address, DeferredField, DeferredValue, KeyId, Lifecycle, Manifest, ObjectRef, ObjectRules, Owner, SecretSource,
    SharedValue,
};
use crate::plan::Change;

/// What it takes to make a desired object again.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SavedManifest {
    /// `apiVersion` it is written in.
    pub api_version: String,
    /// How it is kept.
    lifecycle: SavedLifecycle,
    /// Owner references, uids known after apply.
    owners: Vec<SavedOwner>,
    /// Field managers whose fields become langop's when it is adopted.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    adopts_from: BTreeSet<String>,
    /// Fields known after apply, by JSON pointer.
    deferred: Vec<SavedDeferred>,
    /// Keys of a Secret, and where their values come from.
    pub secret: BTreeMap<String, SavedSource>,
    /// What the description says of it beside its content.
    #[serde(default, skip_serializing_if = "ObjectRules::is_empty")]
    rules: ObjectRules,
    /// What stands for these values: slow to compute, and of no use without them. None when they were not at hand.
    pub values: Option<String>,
}

/// How an object is kept.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum SavedLifecycle {
    Managed,
    CreateOnce,
    Derived,
    Kept,
    Shared,
}

/// An owner reference whose uid apply fills in.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SavedOwner {
    object: ObjectRef,
    api_version: String,
    controller: bool,
}

/// A field that receives a value, one of these.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SavedDeferred {
    pointer: String,
    /// Versions of these Secrets.
    #[serde(default)]
    versions: Vec<ObjectRef>,
    /// The uid of this object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid_of: Option<ObjectRef>,
    /// The epoch of a key that is about to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_key: Option<SavedPreviousKey>,
}

/// A key that ends some time after apply.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SavedPreviousKey {
    epoch: u64,
    /// Seconds.
    overlap: i64,
}

impl From<&DeferredField> for SavedDeferred {
    fn from(field: &DeferredField) -> Self {
        let mut saved = Self { pointer: field.pointer.clone(), versions: Vec::new(), uid_of: None, previous_key: None };
        match &field.value {
            DeferredValue::VersionHash(versions) => saved.versions.clone_from(versions),
            DeferredValue::Uid(object) => saved.uid_of = Some(object.clone()),
            DeferredValue::PreviousKey { epoch, overlap } => {
                saved.previous_key = Some(SavedPreviousKey { epoch: *epoch, overlap: *overlap });
            }
        }
        saved
    }
}

impl From<&SavedDeferred> for DeferredField {
    fn from(saved: &SavedDeferred) -> Self {
        let value = match (&saved.uid_of, &saved.previous_key) {
            (Some(object), _) => DeferredValue::Uid(object.clone()),
            (None, Some(SavedPreviousKey { epoch, overlap })) => {
                DeferredValue::PreviousKey { epoch: *epoch, overlap: *overlap }
            }
            (None, None) => DeferredValue::VersionHash(saved.versions.clone()),
        };
        Self { pointer: saved.pointer.clone(), value }
    }
}

/// Where the value of one key of a Secret comes from. Paths start where langop runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "from", deny_unknown_fields)]
pub(crate) enum SavedSource {
    /// The environment variable of this name.
    Env {
        /// Its name.
        name: String,
    },
    /// The content of this file.
    File {
        /// Its path.
        path: String,
    },
    /// What this command prints.
    Command {
        /// The program and its arguments.
        argv: Vec<String>,
        /// Where it runs.
        directory: String,
        /// How long it may take, in seconds.
        seconds: f64,
    },
    /// The Secret as it stands in this file of manifests.
    Manifest {
        /// Its path.
        file: String,
    },
    /// Random bytes, made by apply.
    Generate {
        /// What the value begins with.
        prefix: String,
        /// How many bytes.
        bytes: usize,
    },
    /// The key of an agent, made by apply from this key of this Secret.
    AgentKey {
        /// The gateway's Secret.
        secret: ObjectRef,
        /// Its key.
        key: String,
        /// Name of the agent.
        agent: String,
        /// Epoch of its key.
        epoch: u64,
    },
}

impl SavedSource {
    /// The source of a value that langop makes by itself; none of all others.
    pub(crate) fn generated(&self) -> Option<SecretSource> {
        match self {
            Self::Generate { prefix, bytes } => {
                Some(SecretSource::Generate { prefix: prefix.clone().into(), bytes: *bytes })
            }
            Self::AgentKey { secret, key, agent, epoch } => {
                let id = KeyId { agent: agent.clone(), epoch: *epoch };
                Some(SecretSource::AgentKey { secret: secret.clone(), key: key.clone(), id })
            }
            _ => None,
        }
    }
}

impl SavedManifest {
    /// What is kept of a manifest; the keys of a Secret that nobody could read again when there are some.
    ///
    /// # Errors
    /// These keys.
    pub(crate) fn of(manifest: &Manifest, values: Option<String>) -> Result<Self, Vec<String>> {
        let mut secret = BTreeMap::new();
        let mut lost = Vec::new();
        for (key, source) in &manifest.secret {
            // Whether it is kept, apply finds out again.
            if matches!(source, SecretSource::Kept(_)) {
                continue;
            }
            match saved_source(source, manifest) {
                Some(source) => drop(secret.insert(key.clone(), source)),
                None => lost.push(format!("`{key}` of {}", manifest.reference)),
            }
        }
        if !lost.is_empty() {
            return Err(lost);
        }
        let owner = |owner: &Owner| SavedOwner {
            object: owner.object.clone(),
            api_version: owner.api_version.clone(),
            controller: owner.controller,
        };
        Ok(Self {
            api_version: manifest.api_version.clone(),
            lifecycle: saved_lifecycle(manifest.lifecycle),
            owners: manifest.owners.iter().map(owner).collect(),
            adopts_from: manifest.adopts_from.clone(),
            deferred: manifest.deferred.iter().map(SavedDeferred::from).collect(),
            secret,
            rules: manifest.rules.clone(),
            values,
        })
    }

    /// Whether its values are compared: generated ones never are.
    pub(crate) fn compares_values(&self) -> bool {
        !self.secret.is_empty() && !lifecycle(self.lifecycle).generates()
    }

    /// The sources of values that langop makes by itself.
    pub(crate) fn generated(&self) -> BTreeMap<String, SecretSource> {
        let own = self.secret.iter().filter_map(|(key, source)| Some((key.clone(), source.generated()?)));
        own.collect()
    }

    /// The manifest of a change again, with these sources of its values.
    #[must_use]
    pub(crate) fn manifest(&self, change: &Change, secret: BTreeMap<String, SecretSource>) -> Manifest {
        let named = (change.object.clone(), change.address.clone());
        Manifest { source: change.source.clone(), ..self.made_again(named, change.desired.clone(), secret) }
    }

    /// The manifest of an object again.
    #[must_use]
    pub(crate) fn made_again(
        &self,
        (reference, address): (ObjectRef, Address),
        mut object: SharedValue,
        secret: BTreeMap<String, SecretSource>,
    ) -> Manifest {
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut)
            && !self.owners.is_empty()
        {
            // They are filled in anew.
            metadata.remove("ownerReferences");
        }
        let owner = |owner: &SavedOwner| Owner {
            object: owner.object.clone(),
            api_version: owner.api_version.clone(),
            controller: owner.controller,
        };
        Manifest {
            secret,
            owners: self.owners.iter().map(owner).collect(),
            adopts_from: self.adopts_from.clone(),
            deferred: self.deferred.iter().map(DeferredField::from).collect(),
            lifecycle: lifecycle(self.lifecycle),
            rules: self.rules.clone(),
            ..Manifest::bare(reference, &self.api_version, object, address)
        }
    }
}

/// None for what stands in no file: it came by standard input, or by a path that is no text.
fn saved_source(source: &SecretSource, manifest: &Manifest) -> Option<SavedSource> {
    let text = |path: &std::path::Path| path.to_str().map(str::to_owned);
    Some(match source {
        SecretSource::Env(name) => SavedSource::Env { name: name.clone() },
        SecretSource::File(path) => SavedSource::File { path: text(path)? },
        SecretSource::Command { argv, directory, timeout } => {
            let (argv, seconds) = (argv.clone(), timeout.as_secs_f64());
            SavedSource::Command { argv, directory: text(directory)?, seconds }
        }
        // A rotation is no plan that is saved.
        SecretSource::Kept(_) | SecretSource::Copy { .. } => return None,
        SecretSource::Literal(_) => {
            let file = manifest.source.as_ref().map(|source| &source.file).filter(|file| **file != "<stdin>")?;
            SavedSource::Manifest { file: file.to_string() }
        }
        SecretSource::Generate { prefix, bytes } => {
            SavedSource::Generate { prefix: prefix.clone().into_owned(), bytes: *bytes }
        }
        SecretSource::AgentKey { secret, key, id: KeyId { agent, epoch } } => {
            SavedSource::AgentKey { secret: secret.clone(), key: key.clone(), agent: agent.clone(), epoch: *epoch }
        }
    })
}

fn saved_lifecycle(lifecycle: Lifecycle) -> SavedLifecycle {
    match lifecycle {
        Lifecycle::Managed => SavedLifecycle::Managed,
        Lifecycle::CreateOnce => SavedLifecycle::CreateOnce,
        Lifecycle::Derived => SavedLifecycle::Derived,
        Lifecycle::Kept => SavedLifecycle::Kept,
        Lifecycle::Shared => SavedLifecycle::Shared,
    }
}

fn lifecycle(lifecycle: SavedLifecycle) -> Lifecycle {
    match lifecycle {
        SavedLifecycle::Managed => Lifecycle::Managed,
        SavedLifecycle::CreateOnce => Lifecycle::CreateOnce,
        SavedLifecycle::Derived => Lifecycle::Derived,
        SavedLifecycle::Kept => Lifecycle::Kept,
        SavedLifecycle::Shared => Lifecycle::Shared,
    }
}
