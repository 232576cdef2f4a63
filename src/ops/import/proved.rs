//! Leaves out of a live object what the server fills in by itself, as far as dry-runs of a replacement prove it.

use serde_json::Value;

use crate::cluster::{ClusterError, Reader, Resource};
use crate::diff::without_noise;
use crate::import::{Defaults, without};

/// Whether dry-runs told what may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// They did.
    Tried,
    /// This identity may not try a write.
    Forbidden,
}

/// The live object without the fields that the server filled in again in a dry-run. At most two dry-runs; where the server
/// refuses them, the fields stay.
///
/// # Errors
/// The server does not answer.
pub(super) async fn without_defaults(
    reader: &Reader,
    resource: &Resource,
    live: &Value,
) -> Result<(Value, Proof), ClusterError> {
    let mut defaults = Defaults::proposed(live);
    for _ in 0..2 {
        if defaults.is_empty() {
            break;
        }
        let left = without(live, &defaults);
        match reader.dry_run_replace(resource, &left).await {
            Ok(tried) if is_same(live, &tried) => return Ok((left, Proof::Tried)),
            Ok(tried) => defaults = defaults.filled_in(live, &tried),
            Err(ClusterError::Forbidden(_)) => return Ok((live.clone(), Proof::Forbidden)),
            Err(error @ ClusterError::Unreachable { .. }) => return Err(error),
            // It is refused, or somebody writes it just now: what stands is as good, if longer.
            Err(_) => break,
        }
    }
    Ok((live.clone(), Proof::Tried))
}

fn is_same(live: &Value, tried: &Value) -> bool {
    without_noise(live) == without_noise(tried)
}
