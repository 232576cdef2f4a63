//! Where records and locks live in a cluster: objects `stack-<name>` in one namespace, which is made on the
//! first write and never by a read.

use serde_json::{Value, json};
use uuid::Uuid;

use super::StateError;
use super::epoch;
use super::error::checked;
use crate::cluster::{ClusterError, Reader, Resource, Writer};
use crate::object::field::{escape, text};
use crate::object::names::{SYSTEM_NAMESPACE, record_name};
use crate::object::{GroupKind, ObjectRef, labels};

/// The label that names the stack of a record or lock.
pub(super) const RECORD: &str = "langop.io/record";

/// The label of a record that takes several `ConfigMap`s, or did.
pub(super) const HAS_PARTS: &str = "langop.io/record-has-parts";

/// The kinds and names of what belongs to one stack.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Record,
    /// Of the digests in the record.
    Key,
    Lock,
}

impl Part {
    pub(super) fn object(self, stack: &str) -> Result<ObjectRef, StateError> {
        let name = record_name(checked(stack)?);
        let GroupKind { group, kind } = self.kind();
        Ok(ObjectRef::namespaced(&group, &kind, SYSTEM_NAMESPACE, &name))
    }

    pub(super) fn resource(self, reader: &Reader) -> Result<Resource, ClusterError> {
        reader.resource(&self.kind(), None)
    }

    fn kind(self) -> GroupKind {
        match self {
            Self::Record => GroupKind::new("", "ConfigMap"),
            Self::Key => GroupKind::new("", "Secret"),
            Self::Lock => GroupKind::new("coordination.k8s.io", "Lease"),
        }
    }
}

/// What every one of these objects has. Not the label that makes an object part of a stack: plans list
/// by that one.
pub(super) fn skeleton(stack: &str, resource: &Resource) -> Value {
    json!({
        "apiVersion": resource.api.api_version,
        "kind": resource.api.kind,
        "metadata": {
            "name": record_name(stack),
            "namespace": SYSTEM_NAMESPACE,
            "labels": {labels::MANAGED_BY: labels::MANAGED_BY_LANGOP, RECORD: stack},
        },
    })
}

/// Creates the object, and its namespace before it where that is missing.
pub(super) async fn create(writer: &Writer, resource: &Resource, object: &Value) -> Result<Value, ClusterError> {
    match writer.create(resource, object).await {
        Err(ClusterError::NotFound(_)) => {
            create_namespace(writer).await?;
            writer.create(resource, object).await
        }
        answer => answer,
    }
}

async fn create_namespace(writer: &Writer) -> Result<(), ClusterError> {
    let resource = writer.resource(&GroupKind::new("", "Namespace"), None)?;
    let namespace = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": SYSTEM_NAMESPACE, "labels": {labels::MANAGED_BY: labels::MANAGED_BY_LANGOP}},
    });
    match writer.create(&resource, &namespace).await {
        // Another run was faster.
        Ok(_) | Err(ClusterError::Conflict(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// uid and resourceVersion of a live object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the names of the API")]
pub(super) struct Version {
    pub(super) uid: String,
    pub(super) resource_version: String,
    /// The count of the lock's holders that the record was written under.
    pub(super) count: i64,
    /// The run that wrote it, where it says so.
    pub(super) run: Option<Uuid>,
    /// Whether there may be parts of it in other objects.
    pub(super) has_parts: bool,
}

impl Version {
    pub(super) fn read(object: &Value) -> Result<Self, ClusterError> {
        let required = |pointer: &str| {
            let value = text(object, pointer).map(str::to_owned);
            value.ok_or_else(|| ClusterError::Malformed(format!("an object without {pointer}")))
        };
        Ok(Self {
            uid: required("/metadata/uid")?,
            resource_version: required("/metadata/resourceVersion")?,
            count: epoch::count(object),
            run: epoch::run(object),
            has_parts: text(object, &format!("/metadata/labels/{}", escape(HAS_PARTS))).is_some(),
        })
    }

    /// Has a write of the object succeed only over this version of it.
    pub(super) fn require_in(&self, object: &mut Value) {
        object["metadata"]["uid"] = json!(self.uid);
        object["metadata"]["resourceVersion"] = json!(self.resource_version);
    }
}
