//! Fills in what a manifest cannot know of itself: uids of owners, hashes of Secret versions.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::field::tokens;
use super::hex::hex;
use super::manifest::{DeferredField, DeferredValue, Manifest, Owner};
use super::meta::Meta;
use super::object_ref::ObjectRef;
use super::placeholder::KNOWN_AFTER_APPLY;
use super::shared_value::SharedValue;

/// The version of another object, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectVersion {
    /// It is there, in this version.
    Known {
        /// `metadata.uid`.
        uid: String,
        /// `metadata.resourceVersion`.
        resource_version: String,
    },
    /// It is there and will be changed first: its version is not known, its uid is.
    Changing {
        /// `metadata.uid`.
        uid: String,
    },
    /// It is not there, and nothing will make it.
    Absent,
    /// It will be made or changed first.
    Deferred,
}

impl From<&Meta> for ObjectVersion {
    fn from(meta: &Meta) -> Self {
        Self::Known { uid: meta.uid.clone(), resource_version: meta.resource_version.clone() }
    }
}

/// The object with owner references and deferred values as far as they are `known`.
///
/// An owner that is not known yet is left out: the API server accepts no reference without a uid. A deferred
/// value that is not known yet reads [`KNOWN_AFTER_APPLY`].
#[must_use]
pub fn resolve(manifest: &Manifest, known: impl Fn(&ObjectRef) -> ObjectVersion) -> SharedValue {
    resolve_at(manifest, known, None)
}

/// The same in a run that began at this time; without one, times are not known either.
#[must_use]
pub fn resolve_at(
    manifest: &Manifest,
    known: impl Fn(&ObjectRef) -> ObjectVersion,
    began: Option<Timestamp>,
) -> SharedValue {
    let mut object = manifest.object.clone();
    let owners: Vec<Value> = manifest
        .owners
        .iter()
        .filter_map(|owner| match known(&owner.object) {
            ObjectVersion::Known { uid, .. } | ObjectVersion::Changing { uid } => Some(owner_reference(owner, &uid)),
            ObjectVersion::Absent | ObjectVersion::Deferred => None,
        })
        .collect();
    // Only what is filled in is a document of its own.
    if !owners.is_empty()
        && let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut)
    {
        metadata.insert("ownerReferences".to_owned(), Value::Array(owners));
    }
    for deferred in &manifest.deferred {
        set(&mut object, &deferred.pointer, deferred_value(deferred, manifest, &known, began));
    }
    object
}

fn deferred_value(
    deferred: &DeferredField,
    manifest: &Manifest,
    known: &impl Fn(&ObjectRef) -> ObjectVersion,
    began: Option<Timestamp>,
) -> Value {
    match &deferred.value {
        DeferredValue::VersionHash(secrets) => versions(secrets, &manifest.kept_versions, known),
        DeferredValue::Uid(object) => match known(object) {
            ObjectVersion::Known { uid, .. } | ObjectVersion::Changing { uid } => uid.into(),
            ObjectVersion::Absent | ObjectVersion::Deferred => KNOWN_AFTER_APPLY.into(),
        },
        DeferredValue::PreviousKey { epoch, overlap } => format!("{epoch} until {}", end(began, *overlap)).into(),
    }
}

/// When something ends that begins with a run, in whole seconds.
fn end(began: Option<Timestamp>, seconds: i64) -> String {
    let end = began.and_then(|began| began.checked_add(SignedDuration::from_secs(seconds)).ok());
    let whole = end.and_then(|end| Timestamp::from_second(end.as_second()).ok());
    whole.map_or_else(|| KNOWN_AFTER_APPLY.to_owned(), |end| end.to_string())
}

/// An entry of `metadata.ownerReferences`.
pub(super) fn owner_reference(owner: &Owner, uid: &str) -> Value {
    json!({
        "apiVersion": owner.api_version, "kind": owner.object.kind, "name": owner.object.name,
        "uid": uid, "controller": owner.controller,
    })
}

/// Each Secret with the hash of its uid and resourceVersion, in order: `anthropic=0f3a…, openai=97c1…`, so that it
/// can be told which of them changed. Never of content.
fn versions(
    secrets: &[ObjectRef],
    kept: &BTreeMap<ObjectRef, String>,
    known: &impl Fn(&ObjectRef) -> ObjectVersion,
) -> Value {
    let version = |secret: &ObjectRef| match known(secret) {
        _ if kept.contains_key(secret) => kept[secret].clone(),
        ObjectVersion::Known { uid, resource_version } => version_hash(&uid, &resource_version),
        ObjectVersion::Absent => "absent".to_owned(),
        ObjectVersion::Changing { .. } | ObjectVersion::Deferred => KNOWN_AFTER_APPLY.to_owned(),
    };
    let each = secrets.iter().map(|secret| format!("{}={}", secret.name, version(secret)));
    each.collect::<Vec<_>>().join(", ").into()
}

fn version_hash(uid: &str, resource_version: &str) -> String {
    hex(&Sha256::digest(format!("{uid}:{resource_version}"))[..VERSION_BYTES])
}

/// What such a list says of a Secret in its present version.
#[must_use]
pub fn listed_version(secret: &Meta) -> String {
    version_hash(&secret.uid, &secret.resource_version)
}

/// The version of one Secret in such a list.
#[must_use]
pub fn version_in<'a>(list: &'a str, secret: &ObjectRef) -> Option<&'a str> {
    let mut pairs = list.split(", ").filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| *name == secret.name).map(|(_, version)| version)
}

/// Bytes of a hash of a version: enough to tell apart the versions of one Secret.
const VERSION_BYTES: usize = 4;

/// The Secrets that have another version in the second of two such lists; those that are in one alone do not count.
#[must_use]
pub fn changed_versions<'a>(before: &str, after: &'a str) -> Vec<&'a str> {
    let pairs = |text: &'a str| text.split(", ").filter_map(|pair| pair.split_once('='));
    let before: Vec<_> = before.split(", ").filter_map(|pair| pair.split_once('=')).collect();
    let moved = |(name, version): &(&str, &str)| before.iter().any(|(other, old)| other == name && old != version);
    pairs(after).filter(moved).map(|(name, _)| name).collect()
}

/// Sets the value at a pointer, making the maps on the way.
fn set(object: &mut Value, pointer: &str, value: Value) {
    let mut at = object;
    for key in tokens(pointer) {
        if at.is_null() {
            *at = json!({});
        }
        let Some(fields) = at.as_object_mut() else { return };
        at = fields.entry(key).or_insert(Value::Null);
    }
    *at = value;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::DeferredField;

    fn manifest() -> Manifest {
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "n"}});
        let mut manifest = Manifest::new(object, None, None).unwrap();
        manifest.owners.push(Owner {
            object: ObjectRef::cluster_scoped("langop.io", "LanguageCluster", "n"),
            api_version: "langop.io/v1alpha1".to_owned(),
            controller: true,
        });
        let secret = ObjectRef::namespaced("", "Secret", "n", "s");
        manifest.deferred.push(DeferredField {
            pointer: "/metadata/annotations/langop.io~1credentials-hash".to_owned(),
            value: DeferredValue::VersionHash(vec![secret]),
        });
        manifest
    }

    #[test]
    fn the_version_of_a_secret_that_may_not_be_read_stays() {
        let mut manifest = manifest();
        let secret = ObjectRef::namespaced("", "Secret", "n", "s");
        let version = version_in("other=1, s=0f3a", &secret).unwrap().to_owned();
        manifest.kept_versions.insert(secret, version);
        let object = resolve(&manifest, |_| ObjectVersion::Deferred);
        assert_eq!(object["metadata"]["annotations"]["langop.io/credentials-hash"], "s=0f3a");
    }

    #[test]
    fn what_is_not_known_yet_is_said_or_left_out() {
        let object = resolve(&manifest(), |_| ObjectVersion::Deferred);
        assert_eq!(object["metadata"]["annotations"]["langop.io/credentials-hash"], "s=(known after apply)");
        assert!(object["metadata"].get("ownerReferences").is_none());
    }

    #[test]
    fn the_hash_moves_with_the_version_of_the_secret() {
        let at = |version: &str| {
            let known = ObjectVersion::Known { uid: "u".to_owned(), resource_version: version.to_owned() };
            resolve(&manifest(), move |_| known.clone())
        };
        assert_eq!(at("1"), at("1"));
        assert_ne!(at("1"), at("2"));
        assert_eq!(at("1")["metadata"]["ownerReferences"][0]["uid"], "u");
    }

    #[test]
    fn only_a_secret_that_was_there_before_can_have_changed() {
        let later = format!("a=1, b=3, c={KNOWN_AFTER_APPLY}, e=9");
        assert_eq!(changed_versions("a=1, b=2, c=4, d=5", &later), ["b", "c"]);
        assert!(changed_versions("5e1f", "a=1").is_empty());
    }
}
