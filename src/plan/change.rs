//! One object of a plan.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Action, Reason};
use crate::diff::Diff;
use crate::graph::Dependency;
use crate::object::{Address, ObjectRef, SharedValue, Source};

/// How a change is known. Ordered from the strongest to the weakest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "level", content = "because")]
#[non_exhaustive]
pub(crate) enum Confidence {
    /// The API server ran it on the real object.
    Server,
    /// Proved unchanged without reading it: inventory and live metadata agree.
    Recorded,
    /// Its namespace is created by this plan: the API server ran it in another namespace.
    Shadow,
    /// Its CRD is created by this plan, or the identity may not write: checked against the schema at hand.
    Schema,
    /// Not checked, with the reason.
    Unverified(String),
}

/// What must still be true of the live object when the change is applied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Precondition {
    /// uid, absent when the object must not exist.
    pub uid: Option<String>,
    /// generation, for kinds that maintain one.
    pub generation: Option<i64>,
    /// resourceVersion.
    pub resource_version: Option<String>,
    /// Hash of managedFields without subresources ([`crate::object::Meta::fields_hash`]).
    pub fields: Option<String>,
}

/// One object of a plan.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub(crate) struct Change {
    /// The object.
    pub object: ObjectRef,
    /// What the user calls it.
    pub address: Address,
    /// Where the user wrote it.
    pub source: Option<Source>,
    /// What is done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// What differs. For `Create` from nothing, for `Delete` empty.
    pub diff: Diff,
    /// How this is known.
    pub confidence: Confidence,
    /// What it waits for.
    pub depends_on: Vec<Dependency>,
    /// What must still hold at apply.
    pub precondition: Precondition,
    /// Digest of the desired manifest, keyed for secret values. Empty for `Delete` and `Forget`.
    #[serde(skip)]
    pub digest: String,
    /// The desired object without secret values; null for `Delete` and `Forget`.
    #[schemars(with = "Value")]
    pub desired: SharedValue,
    /// What it was called until now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<Address>,
    /// Fields taken from other managers by `--force-conflicts`, as `path (manager)`.
    pub takes: Vec<String>,
}

#[cfg(test)]
impl Change {
    /// A change of this object that says nothing more.
    pub(crate) fn bare(object: ObjectRef, action: Action, reason: Reason) -> Self {
        Self {
            address: Address::object(&object),
            object,
            source: None,
            action,
            reason,
            diff: Diff::default(),
            confidence: Confidence::Server,
            depends_on: Vec::new(),
            precondition: Precondition::default(),
            digest: String::new(),
            desired: SharedValue::default(),
            moved_from: None,
            takes: Vec::new(),
        }
    }
}
