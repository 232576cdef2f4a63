//! The page of `explain agent`.

use serde::Serialize;

use super::FORMAT_VERSION;
use crate::ops::AgentPage;

/// The page.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct AgentDocument<'a> {
    /// Version of this document.
    pub format_version: &'static str,
    /// The agent.
    pub page: &'a AgentPage,
}

/// The document.
#[must_use]
pub(crate) fn agent(page: &AgentPage) -> AgentDocument<'_> {
    AgentDocument { format_version: FORMAT_VERSION, page }
}
