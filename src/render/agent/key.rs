//! Where an agent finds the key that the gateway knows it by.

/// The variable of the key, and the key of its Secret.
pub(in crate::render) const KEY: &str = "MODEL_API_KEY";

/// Name of the Secret of an agent's key.
pub(in crate::render) fn secret_name(agent: &str) -> String {
    format!("{agent}-gateway-key")
}
