//! The body of an apply: the one place where secret values and an object meet.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::ClusterError;
use crate::object::{Amendment, Path, SecretValue, Segment, SharedValue, place};

/// What an apply does about fields that other managers own with other values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ownership {
    /// It fails with a conflict.
    #[default]
    Respect,
    /// It takes them.
    Force,
}

impl Ownership {
    pub(super) fn is_forced(self) -> bool {
        self == Self::Force
    }
}

/// An object to send, and the values of its keys when it is a Secret.
#[derive(Clone, Debug)]
pub struct Body {
    /// The object, without secret values.
    pub object: SharedValue,
    /// Values of `data`.
    pub secret: BTreeMap<String, SecretValue>,
}

impl Body {
    /// A body without secret values.
    #[must_use]
    pub fn plain(object: impl Into<SharedValue>) -> Self {
        Self { object: object.into(), secret: BTreeMap::new() }
    }

    /// Binds the body to one live object: the server answers 409 when its uid is another.
    #[must_use]
    pub fn only_for(mut self, uid: &str) -> Self {
        if let Some(metadata) = self.object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("uid".to_owned(), Value::String(uid.to_owned()));
        }
        self
    }

    /// Binds the body to one version of the live object: the server answers 409 when it moved.
    #[must_use]
    pub fn at_version(mut self, resource_version: &str) -> Self {
        if let Some(metadata) = self.object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("resourceVersion".to_owned(), Value::String(resource_version.to_owned()));
        }
        self
    }

    /// What is sent in the place of what is described.
    #[must_use]
    pub fn amended(mut self, amendments: &[Amendment]) -> Self {
        for amendment in amendments {
            match amendment.value {
                None => self = self.without(&amendment.path),
                Some(_) => amendment.apply(&mut self.object),
            }
        }
        self
    }

    /// The same body without what stands at a place.
    #[must_use]
    pub fn without(mut self, place: &Path) -> Self {
        match place.segments() {
            // Values of a Secret are not in its object.
            [Segment::Key(data), Segment::Key(key)] if data == "data" && !self.secret.is_empty() => {
                self.secret.remove(key);
            }
            _ => place::remove(&mut self.object, place),
        }
        self
    }

    /// The same body in another namespace, for a shadow dry-run.
    #[must_use]
    pub fn in_namespace(mut self, namespace: &str) -> Self {
        if let Some(metadata) = self.object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("namespace".to_owned(), Value::String(namespace.to_owned()));
        }
        self
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>, ClusterError> {
        let malformed = |error: serde_json::Error| ClusterError::Malformed(error.to_string());
        if self.secret.is_empty() {
            return serde_json::to_vec(&self.object).map_err(malformed);
        }
        let mut object = self.object.clone();
        if let Some(fields) = object.as_object_mut() {
            let encode = |(key, value): (&String, &SecretValue)| (key.clone(), STANDARD.encode(value.expose()).into());
            let data: Map<String, Value> = self.secret.iter().map(encode).collect();
            fields.insert("data".to_owned(), Value::Object(data));
        }
        serde_json::to_vec(&object).map_err(malformed)
    }
}
