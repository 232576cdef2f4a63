//! The key that an agent presents to the gateway. The other side of this is `custom_auth.py`.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::object::{SecretValue, hex};

/// How every key of an agent begins.
const PREFIX: &str = "sk-langop-";
/// Hexadecimal digits of the MAC in a key.
const DIGITS: usize = 32;

/// The key of the agent `id` for the gateway with this HMAC secret: `sk-langop-<id>.<mac>`.
#[must_use]
pub(crate) fn agent_key(secret: &SecretValue, id: &str) -> SecretValue {
    let hmac = Hmac::<Sha256>::new_from_slice(secret.expose());
    let bytes = hmac.map(|hmac| hmac.chain_update(id).finalize().into_bytes());
    // HMAC takes keys of any length.
    let mac = bytes.map(|bytes| hex(&bytes)).unwrap_or_default();
    SecretValue::new(format!("{PREFIX}{id}.{}", &mac[..DIGITS.min(mac.len())]).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_what_the_module_of_the_gateway_expects() {
        // Python: hmac.new(b"secret", b"dev", "sha256").hexdigest()[:32]
        let key = agent_key(&SecretValue::new(b"secret".to_vec()), "dev");
        assert_eq!(key.expose(), b"sk-langop-dev.a36f04da76b4f28aca6bc654bf3226b3");
    }
}
