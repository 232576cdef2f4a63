//! The key that an agent presents to its gateway. The other side of this is `custom_auth.py`.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::hex::hex;
use super::key_id::KeyId;
use super::secret::SecretValue;

/// How every key of an agent begins.
const PREFIX: &str = "sk-langop-";
/// Hexadecimal digits of the MAC in a key.
const DIGITS: usize = 32;

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
