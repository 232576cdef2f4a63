//! What may stand under the name of a credential without being one.

use super::name::{is_reference, plain};
use super::url;

/// What may stand under the name of a credential without being one: nothing, a reference, a switch, a size, a
/// path, the address of a service in the cluster.
pub(super) fn is_harmless(name: &str, text: &str) -> bool {
    let switch = ["true", "false", "yes", "no", "on", "off", "none", "null"];
    text.is_empty()
        || is_reference(text)
        || switch.iter().any(|word| text.eq_ignore_ascii_case(word))
        || is_amount(text) && !plain(name).contains("pass")
        || is_path(text)
        || url::is_internal(text)
}

/// A number or a duration: `4096`, `0.5`, `30s`, `1h30m`.
fn is_amount(text: &str) -> bool {
    let units = ["ns", "us", "ms", "s", "m", "h", "d", "Mi", "Gi", "%"];
    let number = text.trim_start_matches(['-', '+']);
    let short = number.len() <= 10 && number.starts_with(|c: char| c.is_ascii_digit());
    let unit = |part: &str| part.is_empty() || units.contains(&part);
    short && number.split(|c: char| c.is_ascii_digit() || c == '.').all(unit)
}

/// An absolute path, none of whose parts was made by chance.
fn is_path(text: &str) -> bool {
    let mut parts = text.split('/');
    let absolute = parts.next() == Some("") && text.len() > 1;
    absolute && parts.all(|part| part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)))
}
