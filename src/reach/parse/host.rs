//! The name of a host in a user's words.

use super::error::ReachError;
use crate::reach::end::End;

/// Names of hosts are the same in capitals and with a final dot.
pub(super) fn host(name: &str) -> Result<End, ReachError> {
    let name = name.trim_end_matches('.').to_lowercase();
    let label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if name.split('.').all(label) { Ok(End::Host(name)) } else { Err(ReachError::NotAHost(name)) }
}
