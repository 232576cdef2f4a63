//! The answer of `explain keys`.

use serde::Serialize;

use super::FORMAT_VERSION;
use crate::ops::KeyExposure;

/// The answer.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct KeysDocument<'a> {
    /// Version of this document.
    pub format_version: &'static str,
    /// Each key, and where it can get to.
    pub keys: &'a [KeyExposure],
}

/// The document.
#[must_use]
pub(crate) fn keys(keys: &[KeyExposure]) -> KeysDocument<'_> {
    KeysDocument { format_version: FORMAT_VERSION, keys }
}
