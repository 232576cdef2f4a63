//! Digests: of a manifest, and keyed ones of secret values.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::hex::hex;
use super::manifest::Manifest;
use super::secret::SecretValue;

/// The digest that is recorded for a manifest whose `object` is resolved. Generated values do not count: they
/// are never compared. Empty, which equals no digest, where values count and there is no key.
#[must_use]
pub fn of_manifest(
    manifest: &Manifest,
    object: &Value,
    secret: &BTreeMap<String, SecretValue>,
    key: Option<&[u8]>,
) -> String {
    match key {
        _ if !counts_values(manifest) => digest(object, &BTreeMap::new(), &[]),
        Some(key) => digest(object, secret, key),
        None => String::new(),
    }
}

/// Whether the digest of a manifest depends on secret values, and so on a key.
#[must_use]
pub fn counts_values(manifest: &Manifest) -> bool {
    !manifest.lifecycle.generates() && !manifest.secret.is_empty()
}

/// Digest of a document without secret values. Equal for equal content, whatever the order of map keys.
#[must_use]
pub fn of_document(document: &Value) -> String {
    digest(document, &BTreeMap::new(), b"")
}

/// Digest of a desired object, with its secret values under `key`. Equal for equal content, whatever the
/// order of map keys.
#[must_use]
fn digest(object: &Value, secret: &BTreeMap<String, SecretValue>, key: &[u8]) -> String {
    let mut text = Vec::new();
    canonical(object, &mut text);
    let mut hash = Sha256::new();
    hash.update(&text);
    for (name, value) in secret {
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update(keyed(value, key));
    }
    hex(&hash.finalize())
}

/// HMAC-SHA256 of a secret value. The key is random and per stack, so that nobody can try values against a
/// digest that they saw elsewhere.
fn keyed(value: &SecretValue, key: &[u8]) -> Vec<u8> {
    // A MAC of any key length is defined (RFC 2104); the error type exists for other algorithms.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(value.expose());
    mac.finalize().into_bytes().to_vec()
}

/// The text that is hashed. Maps of JSON are sorted by their keys (`serde_json` without `preserve_order`).
fn canonical(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::Object(fields) => {
            text.push(b'{');
            for (key, value) in fields {
                scalar(key, text);
                text.push(b':');
                canonical(value, text);
                text.push(b',');
            }
            text.push(b'}');
        }
        Value::Array(items) => {
            text.push(b'[');
            for item in items {
                canonical(item, text);
                text.push(b',');
            }
            text.push(b']');
        }
        other => scalar(other, text),
    }
}

/// A text, a number or a word as JSON writes it.
fn scalar(value: &(impl Serialize + ?Sized), text: &mut Vec<u8>) {
    // Writing to memory does not fail, and neither does JSON of what has no keys.
    let _ = serde_json::to_writer(text, value);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::object::Lifecycle;

    fn secret(value: &str) -> BTreeMap<String, SecretValue> {
        BTreeMap::from([("key".to_owned(), SecretValue::new(value.as_bytes().to_vec()))])
    }

    #[test]
    fn order_of_keys_does_not_matter_and_values_do() {
        let (a, b) = (json!({"a": 1, "b": [1, 2]}), json!({"b": [1, 2], "a": 1}));
        assert_eq!(digest(&a, &BTreeMap::new(), b""), digest(&b, &BTreeMap::new(), b""));
        assert_ne!(digest(&a, &BTreeMap::new(), b""), digest(&json!({"a": 1, "b": [2, 1]}), &BTreeMap::new(), b""));
    }

    #[test]
    fn digests_of_records_that_are_kept_stay_what_they_are() {
        let object = json!({"b": [1, 2.5, null, true, {}], "a": {"é\n\"x": "\u{1}<y>", "": -0.0, "n": 1e300}});
        let text = r#"{"a":{"":-0.0,"n":1e+300,"é\n\"x":"\u0001<y>",},"b":[1,2.5,null,true,{},],}"#;
        assert_eq!(of_document(&object), hex(&Sha256::digest(text)));
    }

    #[test]
    fn a_secret_value_counts_under_its_key_only() {
        let object = json!({"kind": "Secret"});
        assert_ne!(digest(&object, &secret("x"), b"k"), digest(&object, &secret("y"), b"k"));
        assert_ne!(digest(&object, &secret("x"), b"k"), digest(&object, &secret("x"), b"l"));
    }

    #[test]
    fn without_a_key_only_what_has_secret_values_has_no_digest() {
        let parsed = |kind: &str| {
            let metadata = json!({"name": "x", "namespace": "n"});
            let object = json!({"apiVersion": "v1", "kind": kind, "metadata": metadata, "data": {"key": "dmFsdWU="}});
            Manifest::new(object, None, None).unwrap()
        };
        let (config, kept) = (parsed("ConfigMap"), parsed("Secret"));
        let made_once = Manifest { lifecycle: Lifecycle::CreateOnce, ..kept.clone() };
        let of = |manifest: &Manifest, key| of_manifest(manifest, &manifest.object, &secret("value"), key);
        assert_eq!(of(&config, None), of(&config, Some(b"k")));
        assert_eq!(of(&made_once, None), of(&made_once, Some(b"k")));
        assert!(of(&kept, None).is_empty() && !of(&kept, Some(b"k")).is_empty());
    }
}
