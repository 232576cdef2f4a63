//! Fills in what a manifest cannot know of itself: uids of owners, hashes of Secret versions.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{KNOWN_AFTER_APPLY, LateValue, Manifest, ObjectRef, hex};

/// What is known of another object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// It is there, in this version.
    Version {
        /// uid.
        uid: String,
        /// resourceVersion.
        resource_version: String,
    },
    /// It is not there, and nothing will make it.
    Absent,
    /// It will be made or changed first.
    Later,
}

/// The object with owner references and late values as far as they are `known`.
///
/// An owner that is not known yet is left out: the API server accepts no reference without a uid. A late
/// value that is not known yet reads [`KNOWN_AFTER_APPLY`].
#[must_use]
pub fn resolve(manifest: &Manifest, known: impl Fn(&ObjectRef) -> Known) -> Value {
    let mut object = manifest.object.clone();
    let owners: Vec<Value> = manifest
        .owners
        .iter()
        .filter_map(|owner| match known(&owner.object) {
            Known::Version { uid, .. } => Some(json!({
                "apiVersion": owner.api_version, "kind": owner.object.kind, "name": owner.object.name,
                "uid": uid, "controller": owner.controller,
            })),
            Known::Absent | Known::Later => None,
        })
        .collect();
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut).filter(|_| !owners.is_empty()) {
        metadata.insert("ownerReferences".to_owned(), Value::Array(owners));
    }
    for late in &manifest.late {
        let LateValue::VersionHash(secrets) = &late.value;
        set(&mut object, &late.pointer, version_hash(secrets, &known));
    }
    object
}

/// Hash of uid and resourceVersion of each Secret, in order. Never of content.
fn version_hash(secrets: &[ObjectRef], known: &impl Fn(&ObjectRef) -> Known) -> Value {
    let mut hash = Sha256::new();
    for secret in secrets {
        match known(secret) {
            Known::Version { uid, resource_version } => hash.update(format!("{uid}:{resource_version};")),
            Known::Absent => hash.update("absent;"),
            Known::Later => return KNOWN_AFTER_APPLY.into(),
        }
    }
    hex(&hash.finalize()[..8]).into()
}

/// Sets the value at a pointer, making the maps on the way.
fn set(object: &mut Value, pointer: &str, value: Value) {
    let mut at = object;
    let unescape = |part: &str| part.replace("~1", "/").replace("~0", "~");
    let parts: Vec<_> = pointer.split('/').skip(1).map(unescape).collect();
    for part in parts {
        if at.is_null() {
            *at = json!({});
        }
        let Some(fields) = at.as_object_mut() else { return };
        at = fields.entry(part).or_insert(Value::Null);
    }
    *at = value;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{Late, Owner};

    fn manifest() -> Manifest {
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "n"}});
        let mut manifest = Manifest::new(object, None, None).unwrap();
        manifest.owners.push(Owner {
            object: ObjectRef::cluster_scoped("langop.io", "LanguageCluster", "n"),
            api_version: "langop.io/v1alpha1".to_owned(),
            controller: true,
        });
        let secret = ObjectRef::namespaced("", "Secret", "n", "s");
        manifest.late.push(Late {
            pointer: "/metadata/annotations/langop.io~1credentials-hash".to_owned(),
            value: LateValue::VersionHash(vec![secret]),
        });
        manifest
    }

    #[test]
    fn what_is_not_known_yet_is_said_or_left_out() {
        let object = resolve(&manifest(), |_| Known::Later);
        assert_eq!(object["metadata"]["annotations"]["langop.io/credentials-hash"], KNOWN_AFTER_APPLY);
        assert!(object["metadata"].get("ownerReferences").is_none());
    }

    #[test]
    fn the_hash_moves_with_the_version_of_the_secret() {
        let at = |version: &str| {
            let known = Known::Version { uid: "u".to_owned(), resource_version: version.to_owned() };
            resolve(&manifest(), move |_| known.clone())
        };
        assert_eq!(at("1"), at("1"));
        assert_ne!(at("1"), at("2"));
        assert_eq!(at("1")["metadata"]["ownerReferences"][0]["uid"], "u");
    }
}
