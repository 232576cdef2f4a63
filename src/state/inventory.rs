//! What a stack owns and what it looked like when it was last applied. Identities and keyed digests, no
//! values. Knows neither where it is kept nor in which format.

use std::collections::BTreeMap;
use std::fmt;

use uuid::Uuid;

use crate::graph::Dependency;
use crate::object::{Address, Lifecycle, ObjectRef, hex};
use crate::readiness::Standing;

/// The record of one stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// Stays the same as long as the record lives; a new record has another.
    pub lineage: Uuid,
    /// Counts the writes. The store moves it.
    pub serial: u64,
    /// The stack.
    pub stack: String,
    /// Keys the digests of secret values.
    pub digest_key: DigestKey,
    /// The langop that wrote it last.
    pub written_by: String,
    /// What the stack owns.
    pub entries: BTreeMap<ObjectRef, Entry>,
}

/// One object of a stack. Everything about the live object is as of the last apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// uid; none when the object was about to be made and nobody confirmed that it was.
    pub uid: Option<String>,
    /// generation, for kinds that maintain one.
    pub generation: Option<i64>,
    /// resourceVersion.
    pub resource_version: Option<String>,
    /// Hash of the managedFields entries that are not about a subresource.
    pub fields: Option<String>,
    /// Digest of the desired manifest, keyed for secret values; empty before the first apply.
    pub digest: String,
    /// What the user calls it.
    pub address: Address,
    /// `apiVersion` it was written in.
    pub api_version: String,
    /// What it waited for; deletions run in the reverse of it.
    pub depends_on: Vec<Dependency>,
    /// How it is kept: adopted namespaces and CRDs survive the stack.
    pub lifecycle: Lifecycle,
    /// Whether it was there before the stack and was taken over: the stack lets go of it and does not delete it.
    pub adopted: bool,
    /// How far it had come.
    pub standing: Standing,
}

/// The random key of a record.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestKey([u8; 32]);

impl Inventory {
    /// The record of a stack that owns nothing yet, with a lineage and a key of its own.
    #[must_use]
    pub fn new(stack: &str) -> Self {
        Self {
            lineage: Uuid::new_v4(),
            serial: 0,
            stack: stack.to_owned(),
            digest_key: DigestKey(rand::random()),
            written_by: env!("CARGO_PKG_VERSION").to_owned(),
            entries: BTreeMap::new(),
        }
    }
}

impl DigestKey {
    /// The key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key as 64 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }

    /// The key from 64 hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut key = [0; 32];
        if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        for (position, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * position..2 * position + 2)?, 16).ok()?;
        }
        Some(Self(key))
    }
}

/// Never the key: with it, values can be tried against the digests.
impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(crate::object::SENSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_read_back_and_do_not_show() {
        let (one, other) = (Inventory::new("x"), Inventory::new("x"));
        assert_ne!(one.digest_key, other.digest_key);
        assert_ne!(one.lineage, other.lineage);
        let hex = one.digest_key.to_hex();
        assert_eq!(DigestKey::from_hex(&hex), Some(one.digest_key.clone()));
        assert!(!format!("{one:?}").contains(&hex));
        for bad in ["", "00", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(DigestKey::from_hex(bad), None);
        }
    }
}
