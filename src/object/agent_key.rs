//! The key that an agent presents to its gateway, and what it says of its epoch. The other side of this is
//! `custom_auth.py`.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::hex::hex;
use super::secret::SecretValue;

/// How every key of an agent begins.
const PREFIX: &str = "sk-langop-";
/// Hexadecimal digits of the MAC in a key.
const DIGITS: usize = 32;

/// Whose key it is, and which of the keys that this agent has had: the id in a key. It is `NAME` in the first epoch and
/// `NAME.EPOCH` in later ones. A name has no dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyId {
    /// Name of the agent.
    pub agent: String,
    /// Number of the key, from 1.
    pub epoch: u64,
}

impl KeyId {
    /// The first key of an agent.
    #[must_use]
    pub fn first(agent: &str) -> Self {
        Self { agent: agent.to_owned(), epoch: 1 }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.epoch {
            0 | 1 => f.write_str(&self.agent),
            epoch => write!(f, "{}.{epoch}", self.agent),
        }
    }
}

/// The key of an agent for the gateway with this HMAC secret: `sk-langop-<id>.<mac>`.
#[must_use]
pub fn agent_key(secret: &SecretValue, id: &KeyId) -> SecretValue {
    let hmac = Hmac::<Sha256>::new_from_slice(secret.expose());
    let bytes = hmac.map(|hmac| hmac.chain_update(id.to_string()).finalize().into_bytes());
    // HMAC takes keys of any length.
    let mac = bytes.map(|bytes| hex(&bytes)).unwrap_or_default();
    SecretValue::new(format!("{PREFIX}{id}.{}", &mac[..DIGITS.min(mac.len())]).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str, agent: &str, epoch: u64) -> String {
        let id = KeyId { agent: agent.to_owned(), epoch };
        String::from_utf8(agent_key(&SecretValue::new(secret.into()), &id).expose().to_vec()).unwrap()
    }

    #[test]
    fn a_key_is_what_the_module_of_the_gateway_expects() {
        // Python: hmac.new(b"secret", b"dev", "sha256").hexdigest()[:32]
        assert_eq!(key("secret", "dev", 1), "sk-langop-dev.a36f04da76b4f28aca6bc654bf3226b3");
    }

    #[test]
    fn another_epoch_and_another_secret_are_another_key() {
        let second = key("secret", "dev", 2);
        assert!(second.starts_with("sk-langop-dev.2."), "{second}");
        assert_ne!(second.rsplit('.').next(), key("secret", "dev", 1).rsplit('.').next());
        assert_ne!(key("secret", "dev", 1), key("another", "dev", 1));
    }
}
