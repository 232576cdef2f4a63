//! A desired object as people see it: what nobody may see, or can know yet, is masked.

use serde_json::Value;

use super::manifest::Manifest;
use super::placeholder::{KNOWN_AFTER_APPLY, SENSITIVE};
use super::resolve::{ObjectVersion, owner_reference, resolve};

/// The `resolved` object of a manifest as a plan shows it.
#[must_use]
pub fn masked(resolved: &Value, manifest: &Manifest) -> Value {
    let mut object = with_keys(resolved.clone(), manifest);
    let without_owner = !manifest.owners.is_empty() && object.pointer("/metadata/ownerReferences").is_none();
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut).filter(|_| without_owner) {
        let owners = manifest.owners.iter().map(|owner| owner_reference(owner, KNOWN_AFTER_APPLY));
        metadata.insert("ownerReferences".to_owned(), Value::Array(owners.collect()));
    }
    object
}

impl Manifest {
    /// The object without a server: deferred values read [`KNOWN_AFTER_APPLY`], owners are left out.
    #[must_use]
    pub fn rendered(&self) -> Value {
        with_keys(resolve(self, |_| ObjectVersion::Deferred).into_value(), self)
    }
}

fn with_keys(mut object: Value, manifest: &Manifest) -> Value {
    if manifest.secret.is_empty() {
        return object;
    }
    let keys = manifest.secret.keys().map(|key| (key.clone(), SENSITIVE.into()));
    if let Some(fields) = object.as_object_mut() {
        fields.insert("data".to_owned(), Value::Object(keys.collect()));
    }
    object
}
