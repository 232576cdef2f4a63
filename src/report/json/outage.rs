//! The answer of `explain outage`.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::ops::Outage;

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct OutageDocument<'a> {
    /// Version of this document.
    pub format_version: &'static str,
    /// Whether nobody's calls are dead.
    pub answered: bool,
    /// What becomes of whose calls.
    pub outage: &'a Outage,
}

/// The document.
#[must_use]
pub(crate) fn outage(outage: &Outage) -> OutageDocument<'_> {
    OutageDocument { format_version: FORMAT_VERSION, answered: !outage.is_deadly(), outage }
}
