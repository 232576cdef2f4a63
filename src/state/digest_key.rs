//! The key of a stack's digests of secret values, and what is known of it. Knows not where it is kept.

use std::fmt;

use crate::object::{SENSITIVE, hex};

/// The random key of a stack. It stands apart from the record: who reads that could else try values against the digests.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestKey([u8; 32]);

/// What a look for a key found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundKey {
    /// It may be used.
    Known(DigestKey),
    /// There is none, or nothing that is one: the next apply makes it.
    Missing,
    /// It may not be read, and why.
    Hidden(String),
}

impl FoundKey {
    /// The key, where it is known.
    #[must_use]
    pub fn known(&self) -> Option<&DigestKey> {
        if let Self::Known(key) = self { Some(key) } else { None }
    }
}

impl DigestKey {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(rand::random())
    }

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
        f.write_str(SENSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_read_back_and_do_not_show() {
        let (one, other) = (DigestKey::random(), DigestKey::random());
        assert_ne!(one, other);
        let hex = one.to_hex();
        assert_eq!(DigestKey::from_hex(&hex), Some(one.clone()));
        assert!(!format!("{:?}", FoundKey::Known(one)).contains(&hex));
        for bad in ["", "00", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(DigestKey::from_hex(bad), None);
        }
    }
}
