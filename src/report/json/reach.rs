//! The answers of `explain reach`.

use serde::Serialize;

use super::FORMAT_VERSION;
use crate::reach::Answer;

/// All answers, and whether all of them allow.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct ReachDocument<'a> {
    /// Version of this document.
    pub format_version: &'static str,
    /// Whether every pair of ends is allowed.
    pub allowed: bool,
    /// One for each pair of ends.
    pub answers: &'a [Answer],
}

/// The document.
#[must_use]
pub(crate) fn reach(answers: &[Answer]) -> ReachDocument<'_> {
    let allowed = answers.iter().all(|answer| answer.allowed);
    ReachDocument { format_version: FORMAT_VERSION, allowed, answers }
}
