//! The port in a user's words.

use super::error::ReachError;
use crate::reach::port::{Number, Port};

/// `443`, `443/UDP`, `http`.
pub(super) fn port(text: &str) -> Result<Port, ReachError> {
    let wrong = || ReachError::NotAPort(text.to_owned());
    let (number, protocol) = text.split_once('/').unwrap_or((text, "TCP"));
    let protocol = protocol.to_uppercase();
    if !["TCP", "UDP", "SCTP"].contains(&protocol.as_str()) {
        return Err(wrong());
    }
    let name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && name.len() <= 63;
    let number = match number.parse::<u16>() {
        Ok(0) => return Err(wrong()),
        Ok(number) => Number::Is(number.into()),
        Err(_) if number.chars().any(|c| c.is_ascii_alphabetic()) && name(number) => Number::Named(number.to_owned()),
        Err(_) => return Err(wrong()),
    };
    Ok(Port { number, protocol })
}
