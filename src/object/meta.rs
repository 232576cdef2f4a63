//! What a live object says of itself without its content: identity, versions, labels, owners, managers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::field::{count, flag, items, names, owned_or_empty, text, text_map};
use super::field_set::FieldSet;
use super::hex::hex;
use super::labels;
use super::names::FIELD_MANAGER;
use super::object_ref::ObjectRef;
use super::word::Word;

/// An owner reference of a live object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerRef {
    /// uid of the owner.
    pub uid: String,
    /// Kind of the owner.
    pub kind: String,
    /// Name of the owner.
    pub name: String,
    /// Whether it is the managing controller.
    pub controller: bool,
}

/// One entry of `metadata.managedFields`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedFields {
    /// The manager.
    pub manager: String,
    /// `Apply` or `Update`.
    pub operation: String,
    /// `status`, `scale`, … or empty for the object itself.
    pub subresource: String,
    /// When it last changed a field, RFC 3339.
    pub time: String,
    /// The fields, `FieldsV1`.
    pub fields: FieldSet,
}

/// Metadata of a live object.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// Who it is.
    pub reference: ObjectRef,
    /// `metadata.uid`.
    pub uid: String,
    /// `metadata.generation`; 0 for kinds that do not maintain one.
    pub generation: i64,
    /// `metadata.resourceVersion`.
    pub resource_version: String,
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
    /// Owner references.
    pub owners: Vec<OwnerRef>,
    /// Who manages which fields.
    pub managed_fields: Vec<ManagedFields>,
    /// Names of the finalizers that a deletion waits for.
    pub finalizers: Vec<String>,
    /// Whether it is being deleted.
    pub terminating: bool,
}

impl Meta {
    /// Reads the metadata of an object, or of a `PartialObjectMetadata` of the kind in `reference`.
    /// None when it has no name, which no live object lacks.
    #[must_use]
    pub fn from_object(group: &str, kind: &str, object: &Value) -> Option<Self> {
        let metadata = object.get("metadata")?;
        let name = text(metadata, "/name")?.into();
        let namespace = text(metadata, "/namespace").map(Word::from);
        let reference = ObjectRef { group: group.into(), kind: kind.into(), namespace, name };
        Some(Self {
            reference,
            uid: owned_or_empty(metadata, "/uid"),
            generation: count(metadata, "/generation"),
            resource_version: owned_or_empty(metadata, "/resourceVersion"),
            labels: text_map(metadata, "/labels"),
            annotations: text_map(metadata, "/annotations"),
            owners: items(metadata, "/ownerReferences").iter().map(owner).collect(),
            managed_fields: items(metadata, "/managedFields").iter().map(managed).collect(),
            finalizers: names(metadata, "/finalizers").into_iter().map(str::to_owned).collect(),
            terminating: metadata.get("deletionTimestamp").is_some_and(|time| !time.is_null()),
        })
    }

    /// The stack whose label it carries, if langop manages it.
    #[must_use]
    pub fn stack(&self) -> Option<&str> {
        let ours = self.labels.get(labels::MANAGED_BY).is_some_and(|by| by == labels::MANAGED_BY_LANGOP);
        self.labels.get(labels::STACK).filter(|_| ours).map(String::as_str)
    }

    /// Whether langop manages any field of it. Labels alone prove nothing: controllers copy them.
    #[must_use]
    pub fn managed_by_langop(&self) -> bool {
        self.managed_fields.iter().any(|entry| entry.manager == FIELD_MANAGER)
    }

    /// Whether it has all annotations of an object, with the same values.
    #[must_use]
    pub fn has_annotations_of(&self, object: &Value) -> bool {
        let wanted = text_map(object, "/metadata/annotations");
        wanted.iter().all(|(key, value)| self.annotations.get(key) == Some(value))
    }

    /// A hash that moves when anyone writes a field of the object itself, and stays when only a
    /// subresource such as status is written. Kinds without a generation are compared by it: their
    /// resourceVersion moves with every status update.
    #[must_use]
    pub fn fields_hash(&self) -> String {
        let mut hash = Sha256::new();
        for entry in self.managed_fields.iter().filter(|entry| entry.subresource.is_empty()) {
            for part in [&*entry.manager, &entry.operation, &entry.time, entry.fields.canonical()] {
                hash.update(part.as_bytes());
                hash.update([0]);
            }
        }
        hex(&hash.finalize()[..16])
    }

    /// Managers other than langop that own a field of the object itself, sorted.
    #[must_use]
    pub fn other_managers(&self) -> BTreeSet<String> {
        let own = |entry: &&ManagedFields| entry.subresource.is_empty() && entry.manager != FIELD_MANAGER;
        self.managed_fields.iter().filter(own).map(|entry| entry.manager.clone()).collect()
    }
}

fn owner(value: &Value) -> OwnerRef {
    OwnerRef {
        uid: owned_or_empty(value, "/uid"),
        kind: owned_or_empty(value, "/kind"),
        name: owned_or_empty(value, "/name"),
        controller: flag(value, "/controller").unwrap_or(false),
    }
}

fn managed(value: &Value) -> ManagedFields {
    ManagedFields {
        manager: owned_or_empty(value, "/manager"),
        operation: owned_or_empty(value, "/operation"),
        subresource: owned_or_empty(value, "/subresource"),
        time: owned_or_empty(value, "/time"),
        fields: value.get("fieldsV1").cloned().map(FieldSet::from).unwrap_or_default(),
    }
}
