//! The seal of an entry: who may write `ConfigMap`s beside a record may not have the stack's key, and so can make no entry that
//! anything is gone back to. It stands behind the compressed entry, where whoever only unpacks that does not look.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::state::DigestKey;

/// Bytes of a seal.
const LENGTH: usize = 32;

/// What is sealed is nothing else that this key is for.
const PURPOSE: &[u8] = b"langop history entry 1\0";

/// The entry with its seal.
pub(super) fn sealed(mut packed: Vec<u8>, key: &DigestKey) -> Vec<u8> {
    if let Some(mac) = mac(&packed, key) {
        packed.extend(mac.finalize().into_bytes());
    }
    packed
}

/// Whether it ends with the seal of what stands before.
pub(super) fn is_sealed(bytes: &[u8], key: &DigestKey) -> bool {
    let Some((packed, seal)) = bytes.split_last_chunk::<LENGTH>() else { return false };
    mac(packed, key).is_some_and(|mac| mac.verify_slice(seal).is_ok())
}

fn mac(packed: &[u8], key: &DigestKey) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(PURPOSE);
    mac.update(packed);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_of_the_stack_seals_and_only_what_was_sealed() {
        let (key, other) = (DigestKey::random(), DigestKey::random());
        let whole = sealed(b"entry".to_vec(), &key);
        assert!(is_sealed(&whole, &key) && !is_sealed(&whole, &other) && !is_sealed(b"entry", &key));
        assert!(!is_sealed(&whole[..whole.len() - 1], &key));
        let mut changed = whole;
        changed[0] ^= 1;
        assert!(!is_sealed(&changed, &key));
    }
}
