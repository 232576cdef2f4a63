//! `plan --json` of several environments: one document with an entry for each.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::FORMAT_VERSION;

/// The plans of several environments.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct EnvironmentsDocument<'a> {
    /// Version of this document.
    pub format_version: &'static str,
    /// How the command ends: the worst of all.
    pub exit_code: u8,
    /// By name.
    pub environments: BTreeMap<&'a str, EnvironmentDocument<'a>>,
}

/// One environment.
#[derive(Debug, Serialize)]
pub(crate) struct EnvironmentDocument<'a> {
    /// How a plan of it alone ends.
    pub exit_code: u8,
    /// The document of its plan; none when there is no plan.
    pub plan: Option<&'a Value>,
    /// Why there is none, or why it does not pass.
    pub error: Option<&'a FaultDocument>,
}

/// An error.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct FaultDocument {
    /// Its stable name.
    pub code: &'static str,
    /// Its words and those of its sources.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
}

/// The document of several environments.
#[must_use]
pub(crate) fn environments<'a>(
    exit_code: u8,
    environments: BTreeMap<&'a str, EnvironmentDocument<'a>>,
) -> EnvironmentsDocument<'a> {
    EnvironmentsDocument { format_version: FORMAT_VERSION, exit_code, environments }
}
