//! What stands for secret values in a file that others may read: Argon2id over them and the plan's salt. Values can
//! be compared by it; trying weak ones against it is slow, and for a key of a hundred random bits hopeless.

use std::collections::BTreeMap;

use argon2::Argon2;

use crate::object::{SecretValue, hex};

/// Random bytes of one plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Salt(String);

impl Salt {
    /// A new one.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self(hex(&rand::random::<[u8; 16]>()))
    }

    /// That of a saved plan.
    #[must_use]
    pub(crate) fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As it stands in the plan.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stands for the values of one Secret; none when it has none. Costs some 20 MB and some 20 ms.
#[must_use]
pub(crate) fn proof(values: &BTreeMap<String, SecretValue>, salt: &Salt) -> Option<String> {
    if values.is_empty() {
        return None;
    }
    let mut all = Vec::new();
    for (key, value) in values {
        for part in [key.as_bytes(), value.expose()] {
            // With its length before it, no part can pass for the end of another.
            all.extend((part.len() as u64).to_be_bytes());
            all.extend(part);
        }
    }
    let mut proof = [0; 32];
    // Fails for a salt of fewer than eight bytes, which no plan of langop has.
    let made = Argon2::default().hash_password_into(&all, salt.0.as_bytes(), &mut proof);
    all.fill(0);
    made.ok().map(|()| hex(&proof))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_key_and_salt_counts() {
        let secret = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), SecretValue::new(value.into()))]);
        let salt = Salt::new();
        let first = proof(&secret("a", "bc"), &salt);
        assert!(first.is_some());
        assert_eq!(proof(&secret("a", "bc"), &Salt::of(salt.as_str())), first);
        for other in [proof(&secret("a", "bd"), &salt), proof(&secret("ab", "c"), &salt)] {
            assert_ne!(other, first);
        }
        assert_ne!(proof(&secret("a", "bc"), &Salt::new()), first);
        assert_eq!(proof(&BTreeMap::new(), &salt), None);
    }
}
