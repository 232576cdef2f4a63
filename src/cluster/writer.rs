//! Writes to the cluster. Only apply, destroy, the store and the lock hold one.

use std::ops::Deref;

use kube::api::{DeleteParams, PatchParams, PostParams, Preconditions, PropagationPolicy};
use serde_json::Value;

use super::reader::{absent_is_none, built, patch};
use super::wire::about;
use super::{Body, ClusterError, Guard, Ownership, Reader, Resource, redact, shape};
use crate::object::field::{owned, text};
use crate::object::{FIELD_MANAGER, GroupKind, ObjectRef, Word};

/// What happens to the objects that a deleted object owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagation {
    /// The object goes at once, what it owns follows.
    Background,
    /// What it owns goes first.
    Foreground,
}

/// Reads and writes.
#[derive(Clone)]
pub struct Writer {
    reader: Reader,
    /// Asked right before each write.
    guard: Option<Guard>,
}

impl Deref for Writer {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Writer {
    pub(super) fn new(reader: Reader) -> Self {
        Self { reader, guard: None }
    }

    /// The same, with a guard that is asked right before each write.
    #[must_use]
    pub fn guarded(&self, guard: Guard) -> Self {
        Self { guard: Some(guard), ..self.clone() }
    }

    /// Server-side apply; the object as it is now, without secret values.
    pub async fn apply(&self, resource: &Resource, body: &Body, ownership: Ownership) -> Result<Value, ClusterError> {
        let params =
            PatchParams { force: ownership.is_forced(), ..PatchParams::apply(FIELD_MANAGER) }.validation_strict();
        shape::of_kind(&resource.api.kind, self.send_write(patch(resource, body, None, &params)?).await?)
    }

    /// Server-side apply of the status subresource. Forced: langop alone writes the status of its kinds.
    pub async fn apply_status(&self, resource: &Resource, body: &Body) -> Result<Value, ClusterError> {
        let params = PatchParams::apply(FIELD_MANAGER).force().validation_strict();
        shape::of_kind(&resource.api.kind, self.send_write(patch(resource, body, Some("status"), &params)?).await?)
    }

    /// Makes an object that must not exist: 409 when it does.
    pub async fn create(&self, resource: &Resource, object: &Value) -> Result<Value, ClusterError> {
        let namespace = text(object, "/metadata/namespace");
        let request = resource.at(namespace).create(&params(), bytes(object)?);
        shape::of_kind(&resource.api.kind, self.send_write(about(&named(resource, object), built(request)?)).await?)
    }

    /// Replaces an object whose `metadata.resourceVersion` is the one in `object`: 409 when it moved.
    pub async fn replace(&self, resource: &Resource, object: &Value) -> Result<Value, ClusterError> {
        let namespace = text(object, "/metadata/namespace");
        let name = text(object, "/metadata/name").unwrap_or_default();
        let request = resource.at(namespace).replace(name, &params(), bytes(object)?);
        shape::of_kind(&resource.api.kind, self.send_write(about(&named(resource, object), built(request)?)).await?)
    }

    /// Deletes the object with this uid. None when it is gone already; 409 when another stands in its place.
    pub async fn delete(
        &self,
        resource: &Resource,
        object: &ObjectRef,
        uid: &str,
        propagation: Propagation,
    ) -> Result<Option<Value>, ClusterError> {
        let preconditions = Preconditions { uid: Some(uid.to_owned()), resource_version: None };
        self.delete_if(resource, object, preconditions, propagation).await
    }

    /// Deletes the object if it is exactly this version of it. None when it is gone already; 409 when it moved.
    pub async fn delete_version(
        &self,
        resource: &Resource,
        object: &ObjectRef,
        uid: &str,
        resource_version: &str,
    ) -> Result<Option<Value>, ClusterError> {
        let preconditions =
            Preconditions { uid: Some(uid.to_owned()), resource_version: Some(resource_version.to_owned()) };
        self.delete_if(resource, object, preconditions, Propagation::Background).await
    }

    async fn delete_if(
        &self,
        resource: &Resource,
        object: &ObjectRef,
        preconditions: Preconditions,
        propagation: Propagation,
    ) -> Result<Option<Value>, ClusterError> {
        let params = DeleteParams {
            preconditions: Some(preconditions),
            propagation_policy: Some(policy(propagation)),
            ..DeleteParams::default()
        };
        let request = resource.at(object.namespace.as_deref()).delete(&object.name, &params);
        let answer = self.send_write(about(object, built(request)?)).await;
        absent_is_none(answer.and_then(|body| shape::of_deletion(&resource.api.kind, body)))
    }

    pub(super) async fn send_write(&self, mut request: http::Request<Vec<u8>>) -> Result<Value, ClusterError> {
        if let Some(guard) = &self.guard {
            request.extensions_mut().insert(guard.clone());
        }
        let mut answer = self.reader.wire().send(request).await?.body;
        redact::one(&mut answer);
        Ok(answer)
    }
}

fn named(resource: &Resource, object: &Value) -> ObjectRef {
    let GroupKind { group, kind } = resource.group_kind();
    let name = owned(object, "/metadata/name").unwrap_or_default();
    ObjectRef { group, kind, namespace: owned(object, "/metadata/namespace").map(Word::from), name: name.into() }
}

fn policy(propagation: Propagation) -> PropagationPolicy {
    match propagation {
        Propagation::Background => PropagationPolicy::Background,
        Propagation::Foreground => PropagationPolicy::Foreground,
    }
}

fn params() -> PostParams {
    PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() }
}

fn bytes(object: &Value) -> Result<Vec<u8>, ClusterError> {
    serde_json::to_vec(object).map_err(|error| ClusterError::Malformed(error.to_string()))
}
