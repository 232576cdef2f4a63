//! The answer of `explain access`.

use serde::Serialize;

use super::FORMAT_VERSION;
use crate::ops::ClusterCallers;

/// The answer.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct AccessDocument<'a> {
    /// Version of this document.
    pub format_version: &'static str,
    /// What the callers of each gateway may call.
    pub clusters: &'a [ClusterCallers],
}

/// The document.
#[must_use]
pub(crate) fn access(clusters: &[ClusterCallers]) -> AccessDocument<'_> {
    AccessDocument { format_version: FORMAT_VERSION, clusters }
}
